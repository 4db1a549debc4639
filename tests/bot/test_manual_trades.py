"""The manual's page on trades: its commands and its markets are run, and each line of its tables must come true."""

import re
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import DayRun, run_day
from bot.clock import SystemClock
from bot.feeds.recorded import RecordedFeed
from bot.settings import Settings
from bot.signals.file import read_signals
from bot.trading_day import Ending
from options import commands as c
from options import events as e
from options.contract import OptionContract, parse_key
from options.execution.fill_models import QUOTE_RULES, FillRules, realistic_rules
from options.terms import ArmedExit, ExitKind
from options.trade import Trade
from options.values import SECOND, to_iso
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from storage.verify import Verdict, verify
from tests.bot.command_room import CLOSE, OPEN, CommandRoom, callboard
from tests.bot.manual_trades import Row, day_of, dollars, example, meant
from tests.bot.staged_day import StagedAccount, new_york

STEADY = {"time", "bid", "bid size", "ask", "ask size"}


def shown(armed: ArmedExit) -> str:
    """An exit as the tables write it."""
    return f"{armed.qty} at {armed.level}"


def state(trade: Trade) -> Row:
    """What a table may say about a trade."""
    average = trade.position.average(trade.multiplier)
    found = {
        "held": str(trade.position.qty),
        "average": "" if average is None else f"{average:.2f}",
        "profit taken": f"{trade.position.realized:,.2f}",
        "fees": f"{trade.position.fees:.2f}",
        "stop": "",
    }
    names = {ExitKind.TARGET: "target", ExitKind.SCALE_IN: "addition"}
    for armed in trade.armed:
        if armed.kind is ExitKind.STOP:
            found["stop"] = shown(armed)
        elif armed.kind is not ExitKind.FLAT:  # before it expires, which the tables leave out
            found[f"{names[armed.kind]} {armed.exit_id.rpartition('-')[2]}"] = shown(armed)
    return found


@pytest.mark.parametrize(
    ("title", "rules"),
    [
        ("A ladder with partial fills", realistic_rules()),
        ("A scale-in that moves the stop", QUOTE_RULES),
    ],
)
def test_each_line_of_a_trade_comes_true_with_its_quote(tmp_path: Path, title: str, rules: FillRules) -> None:
    """The command as it stands there, the quotes line by line: held, average, exits, profit and fees are as written."""
    told = example(title)
    (command,) = told.commands
    with CommandRoom(tmp_path, rules) as room:
        for number, row in enumerate(told.tables["time"]):
            after_s = (new_york(day_of("24 December", 2015), row["time"]) - room.at) // SECOND
            sizes = int(row["bid size"]), int(row["ask size"])
            room.quote(float(row["bid"]), float(row["ask"]), after_s=after_s, sizes=sizes)
            if number == 0:
                done = callboard(tmp_path, *command)
                assert done.exit_code == 0, done.output
            trade = room.book.trade("T1")
            assert trade is not None
            found = state(trade)
            written = {name: value for name, value in row.items() if name not in STEADY}
            assert {name: found.get(name, "") for name in written} == written, row["time"]
            assert {name for name, value in found.items() if value} <= set(written), row["time"]
        over = room.book.trade("T1")
        assert over is not None
        assert str(over.trade_status) == "Closed"
        assert OPEN < room.at < CLOSE
    last = told.tables["time"][-1]
    net = dollars(last["profit taken"]) - dollars(last["fees"])
    assert room.book.totals.cash == net
    assert f"{net:,.2f}." in told.text or not over.position.fees
    assert verify(tmp_path / LEDGER_PATH).verdict is Verdict.SOUND


def test_the_trailing_stop_over_night_comes_out_as_written(tmp_path: Path, shared_data: Path) -> None:
    """Two recorded days: best mark and stop at each time of the table, and what the ten contracts made."""
    told = example("A trailing stop over night")
    (command,) = told.commands
    began = re.search(
        r"^> (\d+ \w+), (\d\d:\d\d:\d\d): .* quoted ([\d.]+) / ([\d.]+)\.$", told.text, re.MULTILINE
    )
    assert began is not None
    account = StagedAccount(tmp_path)
    first: dict[str, Sequence[c.Command]] = {began[2]: meant(command)}
    days: tuple[tuple[str, dict[str, Sequence[c.Command]]], ...] = (
        ("twx_20140605", first),
        ("twx_20140606", {}),
    )
    for name, said in days:
        with closing(RecordedFeed(shared_data / "quotes", name)) as feed:
            assert account.run(feed, said) is Ending.DAY_ENDED
    assert account.proof().verdict is Verdict.SOUND
    events = account.events()
    (triggered,) = [event for event in events if isinstance(event, e.ExitTriggered)]
    bought, sold = [event for event in events if isinstance(event, e.OrderFilled)]
    *before, last = told.tables["day"]
    for row in before:
        at = to_iso(new_york(day_of(row["day"], 2014), row["time"]))
        marked = [event for event in events if isinstance(event, e.PositionMarked) and event.ts <= at][-1]
        best = dollars(row["best mid"])
        assert Decimal(str(round(marked.high, 4))) == best, row
        assert best - dollars(row["stop"]) == Decimal("0.40"), row
        if marked.ts == at:
            assert (marked.bid, marked.ask) == (float(row["bid"]), float(row["ask"])), row
    assert triggered.ts == to_iso(new_york(day_of(last["day"], 2014), last["time"]))
    assert (triggered.bid, triggered.ask) == (float(last["bid"]), float(last["ask"]))
    assert triggered.level is not None
    assert triggered.mark is not None
    assert abs(triggered.level - float(last["stop"])) < 1e-9
    assert triggered.mark <= triggered.level
    figures = {row["figure"]: dollars(row["dollars"]) for row in told.tables["figure"]}
    assert (bought.price, bought.price) == (figures["paid per share"], dollars(began[4]))
    assert (sold.price, sold.realized_pnl) == (figures["sold at per share"], figures["profit"])
    assert sold.price == dollars(last["bid"])


def test_the_reversal_comes_out_as_written(tmp_path: Path, shared_data: Path) -> None:
    """The three signals as they stand there, on the recorded day: who sells what when, at which price, for how much."""
    told = example("A reversal")
    signals = tmp_path / "signals.jsonl"
    signals.write_text(told.json, encoding="utf-8")
    with closing(RecordedFeed(shared_data / "quotes", "goog_20151224")) as feed:
        day = DayRun(feed, read_signals(signals).items, tmp_path, Settings(), "quote")
        ending, _ = run_day(day, Console(quiet=True), SystemClock(), lambda: False)
    assert ending is Ending.DAY_ENDED
    path = tmp_path / LEDGER_PATH
    assert verify(path).verdict is Verdict.SOUND
    fills = [event for batch in read(path) for event in batch.events if isinstance(event, e.OrderFilled)]
    rows = told.tables["time"]
    assert len(fills) == len(rows)
    for fill, row in zip(fills, rows, strict=True):
        contract = parse_key(fill.instrument)
        assert isinstance(contract, OptionContract)
        kind = {"C": "calls", "P": "puts"}[contract.right]
        assert row["what"] == f"{fill.side.value.lower()} {fill.qty} {kind}"
        at = to_iso(new_york(day_of("24 December", 2015), row["time"]))
        written = (row["trade"], at, dollars(row["price"]), int(row["left"]), dollars(row["profit"]))
        assert (fill.trade_id, fill.ts, fill.price, fill.position, fill.realized_pnl) == written
        bid, ask = row["quoted"].split(" / ")
        assert row["price"] == (ask if row["what"].startswith("buy") else bid)
    result = sum((fill.realized_pnl for fill in fills), Decimal(0))
    assert f"{result:,.2f}." in told.text
