"""The explanation of an order: who asked, how it was netted, how it was worked, who got what."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.event_text import numbered
from bot.explain import explain_parent
from bot.why import story_of
from options import events as e
from options.plan import Algo
from options.terms import Effect, ParentStatus, Schedule, Share
from options.values import Side
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from tests.bot.command_room import CommandRoom, callboard
from tests.bot.whole_trade import KEY, TradeScript, at, flat, opened

CONTRACT = "GOOG 2015-12-31 750 C"


def test_an_entry_of_one_trade_is_explained() -> None:
    """Two fills of one order: asked for by whom and why, each with its price, the average in the end."""
    story = explain_parent(flat(opened(TradeScript())), "P1.1")
    assert story == [
        "P1.1 at 10:12:33 ET: buy 4 GOOG 31 Dec 2015 $750 call, at the market.",
        "",
        "Why",
        "  10:12:33  T1 (follow1) should hold +4, wanted by desk: Alice as entry: entry of T1",
        "",
        "How it was netted",
        "  T1: target +4 less +0 held is +4, 4 of it in this order",
        "",
        "How it was worked",
        "  10:12:33  O1.1: 4 at the market",
        "  10:12:34  O1.1: at PAPER",
        "  10:12:35  O1.1: 3 filled at 9.80 for T1",
        "  10:12:40  O1.1: 1 filled at 9.90 for T1",
        "  10:12:40  over: DONE with 4 filled",
        "",
        "Who got what",
        "  T1: 4 of 4 at 9.825, fees $2.60",
    ]


def test_a_story_of_another_day_says_its_date() -> None:
    """A time without a date is of the ledger's last day; one of an earlier day has its date."""
    later = e.ProcessStopped(ts="2015-12-28T14:30:00.000000Z", reason="")
    events = [*flat(opened(TradeScript())), (99, later)]
    story = explain_parent(events, "P1.1")
    assert story[0].startswith("P1.1 at 24 Dec 2015 10:12:33 ET: ")
    assert story[3].startswith("  24 Dec 2015 10:12:33  T1 ")
    assert "  24 Dec 2015 10:12:34  O1.1: at PAPER" in story
    assert story_of(events, "T1")[1].startswith("24 Dec 2015 10:12:33  ")


def test_an_order_that_never_was_has_no_story() -> None:
    """An unknown name gives nothing to tell."""
    assert explain_parent(flat(opened(TradeScript())), "P99") == []


def fills_of(parent_id: str, ts: str) -> list[e.OrderFilled]:
    """Two contracts for one trade, one for another."""
    return [
        e.OrderFilled(
            ts=ts,
            trade_id=f"T{n}",
            position_id=f"T{n}-1",
            strategy=f"s{n}",
            instrument=KEY,
            side=Side.BUY,
            qty=qty,
            price=Decimal("9.90"),
            fee=Decimal(0),
            multiplier=100,
            exec_id=f"E{n}",
            order_id="O1",
            parent_id=parent_id,
            client_ref="C1",
            effect=Effect.OPEN,
            position=qty,
        )
        for n, qty in ((1, 2), (2, 1))
    ]


def shared(parent_id: str, ts: str) -> list[e.TradeEvent]:
    """One order for two trades, three and one, filled in two parts; two more were crossed at its moment."""
    intents = [
        e.IntentDecided(
            ts=ts,
            trade_id=f"T{n}",
            strategy=f"s{n}",
            instrument=KEY,
            target=target,
            urgency=0.5,
            kind=kind,
            reason=kind,
            source="ann",
        )
        for n, target, kind in ((1, 5, "entry"), (2, 1, "entry"), (3, 0, "admin"))
    ]
    crosses = [
        e.ParentOrderOpened(
            ts=ts,
            parent_id=f"X{side}",
            instrument=KEY,
            side=side,
            qty=2,
            schedule=Schedule(algo=Algo.CROSS),
            urgency=0.5,
            shares=(Share(trade_id=trade_id, qty=2),),
        )
        for side, trade_id in ((Side.BUY, "T1"), (Side.SELL, "T3"))
    ]
    walk = Schedule(
        algo=Algo.WALK,
        limit_price=Decimal("9.80"),
        limit_bound=Decimal("10.00"),
        every_s=15,
        steps=2,
    )
    parent = e.ParentOrderOpened(
        ts=ts,
        parent_id=parent_id,
        instrument=KEY,
        side=Side.BUY,
        qty=4,
        schedule=walk,
        urgency=0.5,
        shares=(Share(trade_id="T1", qty=3), Share(trade_id="T2", qty=1)),
    )
    over = e.ParentOrderClosed(
        ts=ts, parent_id=parent_id, status=ParentStatus.CANCELLED, filled=3, reason="the day is over"
    )
    return [*intents, *crosses, parent, *fills_of(parent_id, ts), over]


def test_shares_and_crosses_are_told() -> None:
    """Who asked for how much, what crossed in the house, and who got which part of the fills."""
    story = explain_parent(list(enumerate(shared("P9", at("10:00:00")), 1)), "P9")
    assert story[0].endswith("walked from 9.80 to 10.00 in 2 steps, one every 15 s.")
    assert (
        "  T1: target +5 less +0 held is +5, 3 of it in this order; 2 of it crossed or on its way elsewhere"
        in story
    )
    assert "  One order serves 2 trades: 3 + 1 = 4" in story
    assert "  Crossed inside the house at the mid in XBUY: T1 2 bought; that never left the house" in story
    assert "  10:00:00  over: CANCELLED with 3 filled, the day is over" in story
    assert "  T1: 2 of 3 at 9.90" in story
    assert "  T2: 1 of 1 at 9.90" in story


def test_every_order_of_a_room_can_be_explained(tmp_path: Path) -> None:
    """A walk that is repriced tells each attempt; the command says the same as the function."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.60, 10.00)
        words = ["--algo", "walk", "--every", "30", "--steps", "2", "--strategy", "slow", "--activate"]
        assert callboard(tmp_path, "trade", "new", CONTRACT, "2", *words, "--as", "ann").exit_code == 0
        room.quote(9.61, 10.00, after_s=30)
        room.quote(9.60, 10.00, after_s=30)
        assert callboard(tmp_path, "close", "T1", "--as", "ann").exit_code == 0
    events = list(numbered(read(tmp_path / LEDGER_PATH)))
    parents = [event.parent_id for _, event in events if isinstance(event, e.ParentOrderOpened)]
    assert parents == ["P1", "P2"]
    told = "\n".join(explain_parent(events, "P1"))
    assert told.count("asked back, next step of walk") == 2
    assert "O1: 2 at 9.80" in told
    assert "T1: 2 of 2 at 10.00" in told
    assert "wanted by ann: close by ann" in "\n".join(explain_parent(events, "P2"))
    assert callboard(tmp_path, "explain", "P1").output == told + "\n"
    assert callboard(tmp_path, "explain", "P7").exit_code == 2


@pytest.mark.parametrize("parent_id", ["", "P", "\x1b"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, parent_id: str) -> None:
    """One sentence, exit code 2."""
    assert callboard(tmp_path, "trade", "new", CONTRACT, "2").exit_code == 0
    assert callboard(tmp_path, "explain", parent_id).exit_code == 2
