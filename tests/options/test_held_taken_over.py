"""Exits that should rest at the broker and do not, or trade there too late: guarded here, booked, nothing twice."""

from decimal import Decimal

from options import commands as c
from options import events as e
from options import inputs as i
from options.held_events import ExitsTakenOver
from options.lifecycle import CLOSED
from options.order import OrderState
from options.resting import resting_qty
from options.values import DAY, Side
from tests.options.desk import CLOSE, KEY, OPEN, Desk, accepted, cancelled, executed, of, one
from tests.options.held_desk import AT_BROKER, bracketed, guarded, rests


def test_a_fill_that_crosses_the_cancel_of_a_close_is_booked_and_the_rest_is_sent() -> None:
    """The stop trades one while it is asked back: three are left to be sold."""
    desk, trade = guarded()
    (stop,) = rests(desk)
    desk.out("T1")
    found = desk.report(executed(stop, 1, "6.90", "X1"), cancelled(stop))
    assert one(e.OrderSubmitRequested, found).qty == 3
    assert trade.position.qty == 3


def test_a_rejected_copy_is_taken_over_and_not_sent_again() -> None:
    """The broker will not have the stop: that is said, the engine guards, and nobody asks again."""
    desk = Desk()
    desk.opened(4, exits=AT_BROKER)
    found = desk.reject(rests(desk)[0], "no stops here")
    over = one(ExitsTakenOver, found)
    assert (over.exit_ids, over.for_now) == (("T1-1-stop",), False)
    assert "no stops here" in over.reason
    assert of(e.OrderSubmitRequested, desk.wait(60)) == []
    found = desk.mark(6.5)
    assert one(e.OrderSubmitRequested, found).qty == 4


def test_what_was_taken_over_for_a_day_rests_again_with_the_next() -> None:
    """The broker is asked again with the session, and not with the first mark that goes further than all before."""
    desk = Desk()
    desk.opened(4, exits=AT_BROKER)
    desk.reject(rests(desk)[0], "no stops here")
    desk.at = OPEN + DAY
    sent = one(e.OrderSubmitRequested, desk.open_day("2015-12-28", OPEN + DAY, CLOSE + DAY))
    assert (sent.qty, sent.stop_price) == (4, Decimal("7.00"))


def test_a_copy_that_somebody_cancelled_is_taken_over() -> None:
    """A cancel that nobody here asked for leaves the engine in charge; a new plan may try again."""
    desk, _ = guarded()
    found = desk.report(cancelled(rests(desk)[0], "by hand elsewhere"))
    assert "by hand elsewhere" in one(ExitsTakenOver, found).reason
    assert of(e.OrderSubmitRequested, found) == []
    command = c.SetStop(command_id="c1", who="ann", trade_id="T1", level=Decimal("7.50"))
    assert one(e.OrderSubmitRequested, desk.give_command(command)).stop_price == Decimal("7.50")


def test_a_copy_in_doubt_is_guarded_here_and_nothing_is_sent_beside_it() -> None:
    """UNKNOWN is exposure: the exit is due here, the copy is asked back, and the order waits for proof."""
    desk, _ = guarded()
    (stop,) = rests(desk)
    found = desk.report(i.OrderInDoubtReport(client_ref=stop.child.client_ref, reason="no answer"))
    assert one(ExitsTakenOver, found).for_now
    found = desk.mark(6.5)
    assert one(e.ExitTriggered, found).client_ref == ""
    assert one(e.OrderCancelRequested, found).order_id == stop.order_id
    assert of(e.OrderSubmitRequested, found) == []
    assert stop.state is OrderState.UNKNOWN
    assert one(e.OrderSubmitRequested, desk.report(cancelled(stop))).qty == 4


def test_a_doubt_that_ends_well_gives_the_exit_back_to_the_broker() -> None:
    """Found again at the broker, it is the broker's to trigger."""
    desk, _ = guarded()
    (stop,) = rests(desk)
    desk.report(i.OrderInDoubtReport(client_ref=stop.child.client_ref, reason="no answer"))
    desk.report(accepted(stop))
    assert of(e.ExitTriggered, desk.mark(6.5)) == []


def test_a_late_fill_of_a_replaced_stop_takes_the_position_out_and_is_not_bought_back() -> None:
    """The broker said cancelled, then that it traded: the stop was met, so all of it goes."""
    desk, trade = guarded()
    (stop,) = rests(desk)
    desk.give_command(c.ModifyTrade(command_id="c1", who="ann", trade_id="T1", exits=bracketed(("0.9", "1"))))
    desk.report(cancelled(stop))
    new = rests(desk)
    desk.report(*[accepted(order) for order in new])
    found = desk.report(executed(stop, 1, "6.90", "X9"))
    assert (trade.position.qty, trade.target) == (3, 3)
    assert all(sent.side is Side.SELL for sent in of(e.OrderSubmitRequested, found))
    assert {one.client_ref for one in of(e.OrderCancelRequested, found)} == {
        order.child.client_ref for order in new
    }


def test_what_is_over_closed_is_bought_back() -> None:
    """Two orders of a group trade in full because the broker's group failed: the surplus is bought back."""
    desk, trade = guarded(2, bracketed(("0.3", "1")))
    stop, target = rests(desk)
    found = desk.report(executed(target, 2, "13.00", "X1"), executed(stop, 2, "6.90", "X2"))
    assert trade.position.qty == -2
    bought = one(e.OrderSubmitRequested, found)
    assert (bought.side, bought.qty) == (Side.BUY, 2)
    desk.accept()
    desk.fill(2)
    assert trade.position.qty == 0
    assert trade.status == CLOSED


def test_a_trade_is_over_only_when_nothing_of_it_rests() -> None:
    """Flat by an engine's exit while a cancel is unproven: it ends with the proof."""
    desk, trade = guarded(4, bracketed(("0.3", "0.5")))
    orders = rests(desk)
    desk.out("T1")
    desk.report(cancelled(orders[0]), cancelled(orders[1]))
    desk.accept()
    desk.fill(2)
    assert (trade.position.qty, resting_qty(desk.book, trade)) == (2, 2)
    found = desk.report(executed(orders[2], 2, "6.90", "X1"))
    assert one(e.TradeClosed, found).qty == 4


def met_and_gone() -> tuple[Desk, list[e.TradeEvent]]:
    """A stop with a target in its group is met at the broker, and then the broker will not have it."""
    desk, _ = guarded(2, bracketed(("0.3", "1")))
    stop, _ = rests(desk)
    desk.report(i.StopElectedReport(client_ref=stop.child.client_ref))
    return desk, desk.reject(stop, "no margin")


def test_a_stop_that_was_met_and_is_refused_leaves_nobody_waiting_for_the_target() -> None:
    """All should go, and what is left there waits for a better price: asked back, and sold at once when it is out."""
    desk, found = met_and_gone()
    target = desk.order
    assert one(e.OrderCancelRequested, found).order_id == target.order_id
    assert target.limit_price == Decimal("13.00")
    sent = one(e.OrderSubmitRequested, desk.cancelled(target))
    assert (sent.qty, sent.limit_price, sent.stop_price) == (2, None, None)


def test_what_the_target_trades_while_it_is_asked_back_is_not_sold_again() -> None:
    """One of two goes at the better price after all: the other one is sold."""
    desk, _ = met_and_gone()
    target = desk.order
    assert (
        one(e.OrderSubmitRequested, desk.report(executed(target, 1, "13", "X1"), cancelled(target))).qty == 1
    )


def test_a_met_stop_that_never_was_there_leaves_nobody_waiting_for_the_target() -> None:
    """Two looks do not show it: the target is asked back as after a refusal."""
    desk, trade = guarded(2, bracketed(("0.3", "1")))
    stop, target = rests(desk)
    desk.report(i.StopElectedReport(client_ref=stop.child.client_ref))
    there = (i.OpenOrder(client_ref=target.child.client_ref, broker_order_id="B-2", venue="TEST"),)
    for _ in range(2):
        desk.wait(31)
        desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=there, positions={KEY: 2}))
    assert {asked.order_id for asked in desk.all(e.OrderCancelRequested)} == {target.order_id}
    assert trade.position.qty == 2


def test_a_target_that_trades_in_part_and_is_refused_the_rest_goes_out_from_here() -> None:
    """The stop beside it is asked back, and the rest is offered at the target's price."""
    desk, _ = guarded(2, bracketed(("0.3", "1")))
    stop, target = rests(desk)
    desk.report(
        executed(target, 1, "13.00", "X1"), i.OrderReducedReport(client_ref=stop.child.client_ref, qty=1)
    )
    found = desk.cancelled(target, "taken out by hand")
    assert one(e.OrderCancelRequested, found).order_id == stop.order_id
    sent = one(e.OrderSubmitRequested, desk.cancelled(stop))
    assert (sent.qty, sent.limit_price) == (1, Decimal("13.00"))
