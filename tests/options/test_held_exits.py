"""Exits that rest at the broker: laid with the first fill, due there, and changed one at a time."""

from decimal import Decimal

import msgspec
import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.held_events import ExitsTakenOver, OrderReduced
from options.lifecycle import CLOSED, GUARDED
from options.order import Order
from options.plan import Algo, ExitOrder, ExitPlan, Held, OrderType, TargetPlan, TimeInForce
from options.resting import leaving_qty, resting_qty
from options.terms import ExitKind, ParentStatus
from options.values import SECOND, Side
from tests.options.desk import CLOSE, Desk, accepted, cancelled, executed, of, one
from tests.options.held_desk import AT_BROKER, bracketed, guarded, rests, shapes


def test_a_stop_goes_to_the_broker_with_the_first_fill_and_is_not_in_flight() -> None:
    """The stop rests there until cancelled, for all that is held, and netting does not count it."""
    desk, trade = guarded()
    (stop,) = rests(desk)
    assert shapes([stop]) == [("stop", 4, "7.00", "")]
    assert (stop.tif, stop.side, stop.oca_group) == (TimeInForce.GTC, Side.SELL, "")
    assert (desk.book.in_flight(trade), resting_qty(desk.book, trade)) == (0, 4)
    assert trade.status == GUARDED


def test_each_target_has_a_group_with_its_part_of_the_stop() -> None:
    """Two targets of a half and what no target takes: orders of one group have one size."""
    desk, _ = guarded(4, bracketed(("0.3", "0.5"), ("0.6", "0.25")))
    orders = rests(desk)
    assert shapes(orders) == [
        ("stop", 2, "7.00", ""), ("limit", 2, "", "13.00"),
        ("stop", 1, "7.00", ""), ("limit", 1, "", "16.00"),
        ("stop", 1, "7.00", ""),
    ]  # fmt: skip
    assert orders[0].oca_group == orders[1].oca_group != orders[2].oca_group == orders[3].oca_group
    assert orders[4].oca_group == ""


def test_a_mark_through_the_stop_triggers_nothing_here_while_the_copy_rests() -> None:
    """The engine leaves to the broker what the broker holds."""
    desk, _ = guarded()
    assert of(e.ExitTriggered, desk.mark(6.5)) == []
    assert of(e.ExitTriggered, desk.mark(6.4)) == []


def test_a_fill_of_the_resting_stop_reads_like_an_exit_of_the_engine() -> None:
    """Triggered, decided, filled, closed: nothing else is sent, and nothing of the trade is left."""
    desk, trade = guarded()
    (stop,) = rests(desk)
    found = desk.report(executed(stop, 4, "6.90", "X1"))
    due = one(e.ExitTriggered, found)
    assert (due.kind, due.exit_id, due.client_ref) == (ExitKind.STOP, "T1-1-stop", stop.child.client_ref)
    assert (one(e.IntentDecided, found).target, one(e.OrderFilled, found).position) == (0, 0)
    assert one(e.ParentOrderClosed, found).status is ParentStatus.DONE
    assert one(e.TradeClosed, found).close_kind == "stop"
    assert of(e.OrderSubmitRequested, found) == []
    assert trade.status == CLOSED
    assert (trade.resting_ids, trade.parent_ids) == ((), ())


def test_a_part_of_the_stop_makes_all_of_it_due_and_nothing_is_sent_twice() -> None:
    """What the broker still works is on its way out; the engine sends nothing beside it."""
    desk, trade = guarded()
    (stop,) = rests(desk)
    found = desk.report(executed(stop, 1, "6.90", "X1"))
    assert not of(e.OrderSubmitRequested, found)
    assert not of(e.OrderCancelRequested, found)
    assert (leaving_qty(desk.book, trade), resting_qty(desk.book, trade)) == (3, 0)
    found = desk.report(executed(stop, 3, "6.80", "X2"))
    assert one(e.TradeClosed, found).qty == 4


def test_a_target_that_fills_leaves_the_others_resting() -> None:
    """Its own stop is taken away by the broker; the rest of the position keeps its bracket."""
    desk, trade = guarded(4, bracketed(("0.3", "0.5"), ("0.6", "0.5")))
    stop, target, *others = rests(desk)
    gone = i.OrderCancelledReport(client_ref=stop.child.client_ref, reason="group", by_group=True)
    found = desk.report(executed(target, 2, "13.00", "X1"), gone)
    assert one(e.ExitTriggered, found).exit_id == "T1-1-target-1"
    assert (trade.position.qty, trade.target) == (2, 2)
    assert rests(desk) == others
    assert not of(ExitsTakenOver, found)
    assert not of(e.OrderCancelRequested, found)


def test_a_sibling_shrinks_with_a_partial_fill_and_then_takes_the_rest() -> None:
    """One of two trades at the target, the other at the stop: the group's two contracts leave once."""
    desk, trade = guarded(2, bracketed(("0.3", "1")))
    stop, target = rests(desk)
    smaller = i.OrderReducedReport(client_ref=stop.child.client_ref, qty=1)
    found = desk.report(executed(target, 1, "13.00", "X1"), smaller)
    assert one(OrderReduced, found).qty == 1
    assert stop.pending == 1
    assert (trade.position.qty, leaving_qty(desk.book, trade)) == (1, 1)
    gone = i.OrderCancelledReport(client_ref=target.child.client_ref, reason="group", by_group=True)
    found = desk.report(executed(stop, 1, "6.90", "X2"), gone)
    assert one(e.TradeClosed, found).qty == 2
    assert desk.orders == []


def test_a_close_asks_the_stop_back_first_and_sends_when_it_is_proven_out() -> None:
    """Never two live: the market order goes out with the proof of the cancel, for what is still held."""
    desk, _ = guarded()
    (stop,) = rests(desk)
    found = desk.give_command(c.CloseTrade(command_id="c1", who="ann", trade_id="T1"))
    assert one(e.OrderCancelRequested, found).client_ref == stop.child.client_ref
    assert of(e.OrderSubmitRequested, found) == []
    found = desk.report(cancelled(stop))
    sent = one(e.OrderSubmitRequested, found)
    assert (sent.qty, sent.order_type, sent.exit_id) == (4, OrderType.MARKET, "")
    desk.accept()
    assert one(e.TradeClosed, desk.fill(4)).close_kind == "admin"


def test_a_trim_shrinks_what_rests_before_it_is_sent_and_lays_it_anew() -> None:
    """Four rest; one is to leave: asked back, one sent, three laid, all within the position."""
    desk, trade = guarded()
    (stop,) = rests(desk)
    found = desk.give_command(c.TrimTrade(command_id="c1", who="ann", trade_id="T1", qty=1))
    assert (len(of(e.OrderCancelRequested, found)), of(e.OrderSubmitRequested, found)) == (1, [])
    sent = of(e.OrderSubmitRequested, desk.report(cancelled(stop)))
    assert [(one.qty, one.order_type) for one in sent] == [(1, OrderType.MARKET), (3, OrderType.STOP)]
    assert leaving_qty(desk.book, trade) + resting_qty(desk.book, trade) == 4


def test_a_target_that_the_engine_holds_calls_back_its_own_bracket_alone() -> None:
    """Stops at the broker, targets here: what is due leaves the others resting."""
    exits = ExitPlan(
        stop=Decimal("0.3"),
        stop_held=Held.BROKER,
        targets=(TargetPlan(gain=Decimal("0.3"), share=Decimal("0.5")),),
    )
    desk, _ = guarded(4, exits)
    first, rest = rests(desk)
    found = desk.mark(13.2)
    assert one(e.ExitTriggered, found).kind is ExitKind.TARGET
    assert one(e.OrderCancelRequested, found).order_id == first.order_id
    assert one(e.OrderSubmitRequested, desk.report(cancelled(first))).qty == 2
    assert rests(desk) == [rest]


def test_a_modified_stop_moves_at_once_and_never_twice() -> None:
    """Asked back in the same batch; the new one goes out under its own reference with the proof."""
    desk, _ = guarded()
    (stop,) = rests(desk)
    command = c.SetStop(command_id="c1", who="ann", trade_id="T1", level=Decimal("7.01"))
    found = desk.give_command(command)
    assert "from 7.00 to 7.01" in one(e.OrderCancelRequested, found).reason
    assert of(e.OrderSubmitRequested, found) == []
    sent = one(e.OrderSubmitRequested, desk.report(cancelled(stop)))
    assert (sent.stop_price, sent.qty) == (Decimal("7.01"), 4)
    assert sent.client_ref != stop.child.client_ref


def test_between_a_cancel_and_its_successor_the_engine_guards() -> None:
    """The old stop is asked back and the price falls through the new one: due here, sent with the proof."""
    desk, _ = guarded()
    (stop,) = rests(desk)
    desk.give_command(c.SetStop(command_id="c1", who="ann", trade_id="T1", level=Decimal(8)))
    found = desk.mark(7.9)
    assert one(e.ExitTriggered, found).client_ref == ""
    assert of(e.OrderSubmitRequested, found) == []
    sent = one(e.OrderSubmitRequested, desk.report(cancelled(stop)))
    assert (sent.qty, sent.order_type) == (4, OrderType.MARKET)


def test_a_trailing_stop_ratchets_by_a_step_and_not_more_often_than_set() -> None:
    """Two percent of its price, fifteen seconds after it was laid, and never looser."""
    desk, _ = guarded(2, ExitPlan(trail=Decimal("0.25"), held=Held.BROKER))
    (stop,) = rests(desk)
    assert stop.stop_price == Decimal("7.50")
    assert of(e.OrderCancelRequested, desk.mark(12.0)) == []
    assert of(e.OrderCancelRequested, desk.mark(11.9, after_s=13)) == []
    found = desk.mark(11.9, after_s=2)
    assert "from 7.50 to 9.00" in one(e.OrderCancelRequested, found).reason
    assert one(e.PositionMarked, found).high == 12.0
    sent = one(e.OrderSubmitRequested, desk.report(cancelled(stop)))
    assert sent.stop_price == Decimal("9.00")
    desk.accept()
    assert of(e.OrderCancelRequested, desk.mark(12.1, after_s=60)) == []
    assert of(e.OrderCancelRequested, desk.mark(9.5, after_s=60)) == []


def test_a_ratchet_that_had_to_wait_happens_by_the_clock() -> None:
    """No further mark is needed once the seconds are over."""
    desk, _ = guarded(2, ExitPlan(trail=Decimal("0.25"), held=Held.BROKER))
    desk.mark(12.0)
    assert len(of(e.OrderCancelRequested, desk.wait(15))) == 1


def test_more_of_the_entry_is_laid_after_the_pause_and_guarded_before() -> None:
    """One of four fills and is protected at once; the other three wait for the pause."""
    desk = Desk()
    desk.propose(4, exits=AT_BROKER)
    entry = desk.order
    desk.accept(entry)
    desk.fill(1, order=entry)
    (stop,) = rests(desk)
    desk.accept(stop)
    found = desk.fill(3, order=entry)
    assert of(e.OrderCancelRequested, found) == []
    found = desk.wait(15)
    assert one(e.OrderCancelRequested, found).reason == "4 instead of 1 contracts"
    assert one(e.OrderSubmitRequested, desk.report(cancelled(stop))).qty == 4


def test_a_held_trade_leaves_nothing_at_the_broker() -> None:
    """Inactive means unprotected, there as here."""
    desk, _ = guarded()
    found = desk.give_command(c.ModifyTrade(command_id="c1", who="ann", trade_id="T1", hold=True))
    assert len(of(e.OrderCancelRequested, found)) == 1


@pytest.mark.parametrize("restarted", [False, True])
def test_a_stop_limit_that_was_met_goes_to_the_market_when_its_time_is_over(restarted: bool) -> None:
    """Elected, not filled at its limit, asked back, sent at the market: one after the other, over a restart too."""
    order = ExitOrder(algo=Algo.LIMIT, limit_price=Decimal("6.80"), deadline_s=30)
    exits = msgspec.structs.replace(AT_BROKER, stop_order=order)
    desk, _ = guarded(4, exits)
    (stop,) = rests(desk)
    assert shapes([stop]) == [("stop limit", 4, "7.00", "6.80")]
    found = desk.report(i.StopElectedReport(client_ref=stop.child.client_ref))
    assert one(e.ExitTriggered, found).client_ref == stop.child.client_ref
    if restarted:
        desk.restart()
        stop = desk.order
    assert of(e.OrderCancelRequested, desk.wait(29)) == []
    assert len(of(e.OrderCancelRequested, desk.wait(1))) == 1
    sent = one(e.OrderSubmitRequested, desk.report(cancelled(stop)))
    assert (sent.order_type, sent.qty, sent.exit_id) == (OrderType.MARKET, 4, "")


def test_a_short_position_is_guarded_from_above() -> None:
    """A buy stop above and a buy limit below."""
    desk, _ = guarded(2, bracketed(("0.3", "1")), direction=-1)
    assert [(o.side, o.stop_price, o.limit_price) for o in rests(desk)] == [
        (Side.BUY, Decimal("13.00"), None),
        (Side.BUY, None, Decimal("7.00")),
    ]


def test_over_night_nothing_is_asked_back_and_a_restart_knows_what_rests() -> None:
    """Day orders end with the day, these do not; the next process neither sends nor cancels anything."""
    desk, _ = guarded(2, ExitPlan(trail=Decimal("0.25"), held=Held.BROKER))
    desk.mark(12.0, after_s=20)
    stop = rests(desk)[0] if rests(desk) else None
    assert stop is None
    old = next(order for order in desk.orders if order.cancel_requested)
    desk.report(cancelled(old))
    desk.accept()
    (stop,) = rests(desk)
    assert stop.stop_price == Decimal("9.00")
    desk.restart()
    assert of(e.OrderSubmitRequested, desk.wait(1)) == []
    assert of(e.OrderCancelRequested, desk.wait(60)) == []
    (again,) = rests(desk)
    assert (again.stop_price, again.child.client_ref) == (stop.stop_price, stop.child.client_ref)


def test_a_cancel_waits_for_what_still_rests() -> None:
    """Flat already, with a sibling left at the broker: asked to be cancelled, the trade ends with the proof."""
    desk, trade = guarded(2, bracketed(("0.3", "1")))
    stop, target = rests(desk)
    desk.give_command(c.ModifyTrade(command_id="c1", who="ann", trade_id="T1", hold=True))
    desk.report(executed(stop, 2, "6.90", "X1"))
    assert (
        of(e.TradeClosed, desk.give_command(c.CancelTrade(command_id="c2", who="ann", trade_id="T1"))) == []
    )
    assert one(e.TradeClosed, desk.report(cancelled(target))).close_kind == "cancel"
    assert (trade.resting_ids, desk.orders) == ((), [])


def test_what_left_while_held_cannot_be_activated_before_all_of_it_is_out() -> None:
    """Held by hand, and the stop traded nevertheless: its target is still there, so the trade waits for that."""
    desk, trade = guarded(2, bracketed(("0.3", "1")))
    stop, target = rests(desk)
    desk.give_command(c.ModifyTrade(command_id="c1", who="ann", trade_id="T1", hold=True))
    desk.report(executed(stop, 2, "6.90", "X1"))
    refused = one(
        e.CommandRefused, desk.give_command(c.ActivateTrade(command_id="c2", who="ann", trade_id="T1"))
    )
    assert any("not out of the market" in reason for reason in refused.reasons)
    desk.report(cancelled(target))
    assert trade.trade_id not in desk.book.trades
    assert desk.book.trades_on == 0


def half_in() -> tuple[Desk, Order, Order]:
    """A desk that holds two of four, its entry order that still works, and the stop that rests for the two."""
    desk = Desk()
    desk.propose(4, exits=AT_BROKER)
    entry = desk.order
    desk.report(executed(entry, 2, "10", "E1"))
    (stop,) = rests(desk)
    desk.report(accepted(stop))
    return desk, entry, stop


def met_there(desk: Desk, entry: Order, stop: Order) -> None:
    """The stop is met at the broker: the entry is asked back, and two are on their way out."""
    desk.report(i.StopElectedReport(client_ref=stop.child.client_ref))
    assert entry.cancel_requested
    assert [(order.side, order.qty) for order in desk.orders if order is not entry] == [("SELL", 2)]


def test_i16_a_stop_met_at_the_broker_asks_the_rest_of_the_entry_back() -> None:
    """Two of four are in when their stop is met there: the entry is asked back, and no more is sold than is held."""
    desk, entry, stop = half_in()
    met_there(desk, entry, stop)
    desk.report(executed(entry, 1, "10", "E2"), cancelled(entry), executed(stop, 2, "6.90", "E3"))
    (rest,) = desk.orders
    assert (rest.side, rest.qty) == ("SELL", 1)
    desk.fill(1, "6.90", order=rest)
    assert desk.status() == CLOSED


def test_a_stop_met_there_asks_the_entry_back_at_any_hour() -> None:
    """Out of hours nothing is sold, but what may still be bought is asked back at once."""
    desk, entry, stop = half_in()
    desk.at = CLOSE + SECOND
    met_there(desk, entry, stop)
