"""One input in, the events that follow out: a trade from its signal to its end, and what a bad broker does to it."""

from decimal import Decimal

import msgspec
import pytest

from options import events as e
from options import inputs as i
from options import lifecycle as lc
from options.execution_desk import client_ref
from options.intent import Outcome
from options.plan import EntryPlan
from options.signal import Action, Signal
from options.terms import Effect, ExitKind
from options.values import DAY, SECOND, Side
from tests.options.desk import (
    CLOSE,
    KEY,
    OPEN,
    PUT_KEY,
    Desk,
    cash_of,
    executed,
    ladder,
    leave,
    of,
    one,
    signed_sum,
)  # fmt: skip

STOP = ladder(("0.5", "0.5"), stop="0.2")


def kinds(events: list[e.TradeEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_signal_becomes_an_order() -> None:
    """Accepted, saved, activated, decided, committed to, written down for sending: in this order, in one input each."""
    desk = Desk()
    assert kinds(desk.propose(2)) == [
        "SignalAccepted",
        "TradeSaved",
        "TradeActivated",
        "IntentDecided",
        "SignalDecided",
        "ParentOrderOpened",
        "OrderSubmitRequested",
    ]
    assert desk.status() == lc.ENTERING
    assert (desk.order.qty, desk.order.side, desk.order.instrument) == (2, Side.BUY, KEY)


def test_a_whole_life_adds_up() -> None:
    """Bought at 10.00, half sold at 15.00 and half at 8.00 with fees: 600 dollars less 4.00; nothing is left."""
    desk = Desk()
    desk.propose(4, exits=STOP)
    desk.accept()
    desk.fill(4, "10.00", fee="2.00")
    assert desk.status() == lc.GUARDED
    desk.mark(15.0)
    assert desk.status() == lc.EXITING
    desk.accept()
    desk.fill(2, "15.00", fee="1.00")
    desk.mark(8.0)
    events = desk.fill(2, "8.00", fee="1.00")
    closed = one(e.TradeClosed, events)
    assert (closed.qty, closed.realized_pnl, closed.fees, closed.cash) == (
        4,
        Decimal(600),
        Decimal(4),
        Decimal(596),
    )
    assert desk.status() == lc.CLOSED
    book = desk.book
    assert not book.trades
    assert not book.orders
    assert not book.parents
    assert not book.by_instrument
    assert (book.trades_on, book.totals.trades_closed, book.totals.trades_won) == (0, 1, 1)
    fills = desk.all(e.OrderFilled)
    assert (signed_sum(fills), cash_of(fills)) == (0, closed.cash)
    assert [fill.effect for fill in fills] == [Effect.OPEN, Effect.TRIM, Effect.CLOSE]


def test_a_reversal_enters_only_when_the_close_is_proven() -> None:
    """The second trade waits through the sending, the acceptance and the first part of the close."""
    desk = Desk()
    desk.opened(4)
    reversal = (leave("T1", 0, ExitKind.REVERSAL),)
    desk.propose(2, key=PUT_KEY, entry=EntryPlan(after="T1"), intents=reversal)
    desk.accept()
    assert desk.status("T2") == lc.WORKING
    desk.fill(3)
    desk.wait(5)
    desk.mark(9.0)
    assert desk.status("T2") == lc.WORKING
    assert not desk.trade("T2").parent_ids
    events = desk.fill(1)
    assert kinds(events)[-4:] == ["TradeClosed", "IntentDecided", "ParentOrderOpened", "OrderSubmitRequested"]
    assert desk.status("T2") == lc.ENTERING


def test_a_reversal_of_an_unfilled_entry_waits_for_its_cancel() -> None:
    """The entry is taken back, its end is proven, then the other side is entered."""
    desk = Desk()
    desk.propose(4)
    reversal = (leave("T1", 0, ExitKind.REVERSAL),)
    events = desk.propose(2, key=PUT_KEY, entry=EntryPlan(after="T1"), intents=reversal)
    assert of(e.OrderCancelRequested, events)
    assert not of(e.OrderSubmitRequested, events)
    assert one(e.OrderSubmitRequested, desk.cancelled(desk.orders[0])).instrument == PUT_KEY
    assert desk.status() == lc.CANCELLED


def test_an_ignored_signal_changes_nothing_but_the_count() -> None:
    """That it was ignored is written down, and no order follows."""
    desk = Desk()
    desk.opened(4)
    events = desk.answer(Outcome.IGNORED)
    assert kinds(events) == ["SignalAccepted", "SignalDecided"]
    assert desk.book.totals.signals_ignored == 1


def test_a_proposal_beyond_the_limits_is_refused_with_every_reason() -> None:
    """No trade is made of it, and the reasons stand with the decision."""
    desk = Desk()
    decided = one(e.SignalDecided, desk.propose(51))
    assert decided.outcome == "refused"
    assert "quantity 51" in decided.reason
    assert "premium" in decided.reason
    assert not desk.book.trades


def test_an_entry_that_does_not_fill_in_time_is_given_up() -> None:
    """After its time it is taken back, and the trade is cancelled once that is proven."""
    desk = Desk()
    desk.propose(2, entry=EntryPlan(give_up_after_s=30.0))
    desk.accept()
    assert not desk.wait(29)
    events = desk.wait(1)
    assert kinds(events) == ["IntentDecided", "OrderCancelRequested"]
    assert desk.status() == lc.ENTERING
    desk.cancelled(desk.orders[0])
    assert desk.status() == lc.CANCELLED


def test_what_filled_before_giving_up_is_kept_and_guarded() -> None:
    """One of four filled: the rest is given up, and the stop is for one."""
    desk = Desk()
    desk.propose(4, entry=EntryPlan(give_up_after_s=30.0), exits=STOP)
    desk.fill(1)
    desk.wait(30)
    desk.cancelled(desk.orders[0])
    trade = desk.trade()
    assert (trade.status, trade.position.qty, trade.target) == (lc.GUARDED, 1, 1)
    assert trade.armed[0].qty == 1
    assert not desk.orders


def test_a_partial_entry_is_stopped_whole() -> None:
    """The stop fires on two of four: the entry is taken back first, and then everything that filled is sold."""
    desk = Desk()
    desk.propose(4, exits=STOP)
    entry = desk.order
    desk.fill(2)
    assert kinds(desk.mark(8.0))[-1] == "OrderCancelRequested"
    desk.fill(1, order=entry)
    sent = one(e.OrderSubmitRequested, desk.cancelled(entry))
    assert (sent.side, sent.qty) == (Side.SELL, 3)
    assert one(e.TradeClosed, desk.fill(3, "8")).qty == 3


def test_a_rejected_entry_ends_the_trade() -> None:
    """The broker's no is the end of it; nothing is tried again."""
    desk = Desk()
    desk.propose(2)
    events = desk.reject(reason="margin")
    assert one(e.OrderRejected, events).reason == "margin"
    assert desk.status() == lc.REJECTED
    assert not of(e.OrderSubmitRequested, desk.wait(60))


def test_an_exit_that_is_rejected_three_times_halts() -> None:
    """It is tried again twice; then trading halts, loudly, instead of knocking on for ever."""
    desk = Desk()
    desk.opened(2)
    desk.out("T1")
    assert of(e.OrderSubmitRequested, desk.reject())
    assert of(e.OrderSubmitRequested, desk.reject())
    events = desk.reject()
    assert "cannot get out" in one(e.TradingHalted, events).reason
    assert not of(e.OrderSubmitRequested, events)
    assert desk.trade().position.qty == 2
    assert not of(e.OrderSubmitRequested, desk.wait(60))


@pytest.mark.parametrize("kind", ["entry", "exit"])
def test_a_late_fill_on_a_trade_that_is_over_opens_a_new_position(kind: str) -> None:
    """An execution after the end is booked under a new position id, and the trade is on again."""
    desk = Desk()
    desk.propose(2, exits=STOP)
    entry = desk.order
    if kind == "entry":
        desk.cancelled(entry)
        events = desk.fill(2, order=entry)
        assert {armed.exit_id for armed in desk.trade().armed} == {"T1-2-stop", "T1-2-target-1"}
    else:
        desk.fill(2)
        desk.out("T1")
        leaving = desk.order
        desk.fill(2)
        assert desk.status() == lc.CLOSED
        events = desk.fill(1, order=leaving)
        assert of(e.TradingHalted, events)
        back = one(e.OrderSubmitRequested, events)
        assert (back.side, back.qty) == (Side.BUY, 1)
        desk.fill(1)
        assert desk.status() == lc.CLOSED
    assert one(e.OrderFilled, events).position_id == "T1-2"
    assert desk.trade().incarnation == 2


def test_i11_a_doubled_execution_counts_once() -> None:
    """The same execution id again changes nothing, in the same report or much later."""
    desk = Desk()
    desk.propose(4)
    report = executed(desk.order, 2, "10", "E1")
    assert len(of(e.OrderFilled, desk.report(report, report))) == 1
    assert desk.report(report) == []
    desk.report(executed(desk.order, 2, "10", "E2"))
    assert desk.report(report) == []
    assert desk.trade().position.qty == 4


def test_i13_an_overfill_halts_and_is_booked() -> None:
    """More than was ordered: what the broker did is in the book, and no entry follows it."""
    desk = Desk()
    desk.propose(2)
    events = desk.fill(3)
    assert one(e.TradingHalted, events).reason == "order O1 for 2 has filled 3"
    assert desk.trade().position.qty == 3
    assert one(e.SignalDecided, desk.propose(1)).outcome == "refused"


@pytest.mark.parametrize("wrong", ["reference", "side", "instrument"])
def test_an_execution_that_is_not_ours_halts(wrong: str) -> None:
    """An unknown reference, the other side or another contract: written down whole, booked nowhere, halted."""
    desk = Desk()
    desk.propose(2)
    report = executed(desk.order, 2, "10", "E1")
    if wrong == "reference":
        report = msgspec.structs.replace(report, client_ref="who")
    elif wrong == "side":
        report = msgspec.structs.replace(report, side=Side.SELL)
    else:
        report = msgspec.structs.replace(report, instrument=PUT_KEY)
    unmatched = one(e.FillUnmatched, desk.report(report))
    assert desk.book.halt_reason == unmatched.reason
    assert desk.trade().position.qty == 0


def test_i23_a_halt_survives_a_restart() -> None:
    """What was halted before is halted after."""
    desk = Desk()
    desk.propose(2)
    desk.fill(3)
    desk.restart()
    assert one(e.SignalDecided, desk.propose(1)).outcome == "refused"


def test_a_day_order_that_the_close_cancels_ends_its_trade() -> None:
    """The broker cancels it after the bell; the trade is over, and nothing is sent into the night."""
    desk = Desk()
    desk.propose(2)
    desk.at = CLOSE
    events = desk.cancelled(reason="the day is over")
    assert desk.status() == lc.CANCELLED
    assert not of(e.OrderSubmitRequested, events)


def test_an_exit_that_the_close_cancels_is_sent_at_the_next_open() -> None:
    """The wish to be out outlives the night: the first input of the next session sends it."""
    desk = Desk()
    desk.opened(2)
    desk.at = CLOSE - SECOND
    desk.out("T1")
    desk.at = CLOSE
    assert not of(e.OrderSubmitRequested, desk.cancelled())
    desk.at = OPEN + DAY
    assert one(e.OrderSubmitRequested, desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)).qty == 2


def test_nothing_is_sent_outside_the_session() -> None:
    """A stop cannot fire before the open; it does on the first mark after."""
    desk = Desk()
    desk.opened(2, exits=STOP)
    desk.at = CLOSE + SECOND
    assert not of(e.OrderSubmitRequested, desk.out("T1"))


def test_a_session_is_opened_once() -> None:
    """The same day again is no new day: its limits go on."""
    desk = Desk()
    assert desk.open_day() == []


def test_unreadable_signals_are_written_down() -> None:
    """Where it stood, why it was refused, how it began."""
    desk = Desk()
    refused = one(e.SignalRefused, desk.decide(i.SignalUnreadable("file:3", ("no", "never"), "s9", "{")))
    assert (refused.where, refused.reasons, refused.signal_id, refused.excerpt) == (
        "file:3",
        ("no", "never"),
        "s9",
        "{",
    )
    assert desk.book.refused_at == {"file:3": ""}


def test_a_stale_signal_is_refused_with_its_reason() -> None:
    """Well formed and too old: refused as an event, and no strategy is asked."""
    desk = Desk()
    signal = Signal(
        signal_id="old",
        ts=desk.at - 400 * SECOND,
        source="t",
        symbol="GOOG",
        action=Action.BUY,
        confidence=1.0,
    )
    refused = one(e.SignalRefused, desk.decide(i.SignalArrived(signal, "file:1")))
    assert "old" in refused.reasons[0]


def test_i6_references_differ_by_what_they_are_for() -> None:
    """Twenty characters, the same for the same order, another for any other."""
    first = client_ref("PAPER", "O1", "P1", "t")
    assert len(first) == 20
    assert first == client_ref("PAPER", "O1", "P1", "t")
    others = {
        client_ref(*words)
        for words in [("X", "O1", "P1", "t"), ("PAPER", "O2", "P1", "t"), ("PAPER", "O1", "P2", "t")]
    }
    assert len(others | {first}) == 4
