"""24 December 2015, closed at 13:00, as recorded: whoever opened it, it is out at 12:50, all of it and no more."""

import json
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.app import DayRun, run_day
from bot.clock import SystemClock
from bot.expiry_guard import guarded
from bot.feeds.recorded import RecordedFeed
from bot.settings import Settings
from bot.signals.file import read_signals
from options import events as e
from options.book import Book
from options.commands import Command, TrimTrade
from options.risk import RiskLimits
from options.terms import ExitKind
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import records
from storage.verify import Verdict, verify
from strategies.exit_rules import ExitSettings
from strategies.follow_signal import FollowSignalSettings
from strategies.selection import SelectionSettings
from tests.bot.staged_day import StagedAccount, enter, new_york

HALF_DAY = date(2015, 12, 24)
CUT_OFF = "2015-12-24T17:50:00.000000Z"
CALL = "GOOG  151224C00745000"
TRIM = TrimTrade(command_id="t", who="alice", trade_id="T1", fraction=Decimal("0.5"))
# Nothing but the last day takes it out.
LASTING = Settings(
    follow_signal=FollowSignalSettings(
        selection=SelectionSettings(
            days_to_expiry=0,
            days_to_expiry_min=0,
            days_to_expiry_max=1,
            spread_max=0.5,
            delta_min=0.05,
            delta_max=0.95,
        ),
        exits=ExitSettings(targets=(), stop=None, trail=None),
    )
)


def signal(number: int, clock: str, action: str) -> dict[str, Any]:
    """A signal of the morning."""
    return {
        "id": f"s{number}",
        "ts": f"2015-12-24T{clock}-05:00",
        "source": "desk",
        "symbol": "GOOG",
        "action": action,
        "confidence": 0.9,
    }


def run(folder: Path, quotes: Path, *signals: dict[str, Any]) -> list[e.TradeEvent]:
    """The day with signals for the strategy; every event of it."""
    path = folder / "signals.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in signals), encoding="utf-8")
    with closing(RecordedFeed(quotes, "goog_20151224")) as feed:
        day = DayRun(feed, read_signals(path).items, folder, LASTING, "quote")
        run_day(day, Console(quiet=True), SystemClock(), lambda: False)
    assert verify(folder / LEDGER_PATH).verdict is Verdict.SOUND
    return [record.event for record, _ in records(folder / LEDGER_PATH)]


def out_of(events: list[e.TradeEvent], trade_id: str) -> list[tuple[str, str, int]]:
    """How a trade was left: when, by what, and what was left of it after each fill that took something out."""
    kind = [one.kind for one in events if isinstance(one, e.ExitTriggered) and one.trade_id == trade_id]
    return [
        (one.ts, str(kind[-1]) if kind else "", one.position)
        for one in events
        if isinstance(one, e.OrderFilled) and one.trade_id == trade_id and one.effect in ("trim", "close")
    ]


def test_f10_what_a_strategy_opened_and_what_a_reversal_opened_are_out_at_12_50(
    tmp_path: Path, shared_data: Path
) -> None:
    """Calls of the day at 10:05, turned into puts at 11:00: the puts are sold ten minutes before the bell."""
    events = run(
        tmp_path, shared_data / "quotes", signal(1, "10:05:00", "BUY"), signal(2, "11:00:00", "SHORT")
    )
    saved = [one for one in events if isinstance(one, e.TradeSaved)]
    assert [one.instrument[:13] for one in saved] == ["GOOG  151224C", "GOOG  151224P"]
    assert {one.exits.flat_before_expiry for one in saved} == {new_york(HALF_DAY, "12:50")}
    assert saved[1].entry.after == "T1"
    assert out_of(events, "T2") == [(CUT_OFF, ExitKind.FLAT, 0)]


def test_f10_what_a_strategy_opened_alone_is_out_at_12_50(tmp_path: Path, shared_data: Path) -> None:
    """No other signal comes."""
    events = run(tmp_path, shared_data / "quotes", signal(1, "10:05:00", "BUY"))
    assert out_of(events, "T1") == [(CUT_OFF, ExitKind.FLAT, 0)]


def by_hand(qty: int) -> list[Command]:
    """A person's trade in a call that expires that day, with the moment that the door writes into it."""
    return [guarded(command, Book(), 10) for command in enter(1, CALL, qty=qty)]


@pytest.mark.parametrize("qty", [5, 3])
def test_f10_what_a_person_opened_is_out_at_12_50_whatever_odd_part_of_it_is_left(
    tmp_path: Path, shared_data: Path, qty: int
) -> None:
    """Five or three at 12:00, a half trimmed at 12:10 (two each, halves go to the even number): the rest is sold."""
    account = StagedAccount(tmp_path, RiskLimits())
    with closing(RecordedFeed(shared_data / "quotes", "goog_20151224")) as feed:
        account.run(feed, {"12:00:30": by_hand(qty), "12:10:30": [TRIM]})
    left = qty - 2
    found = out_of(account.events(), "T1")
    assert [position for _, _, position in found] == [left, 0]
    assert found[-1] == (CUT_OFF, ExitKind.FLAT, 0)
    assert account.proof().verdict is Verdict.SOUND
