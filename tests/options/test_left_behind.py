"""What is asked back in part only: what ended at once makes room, and is sent for without waiting for the rest."""

from decimal import Decimal

import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.plan import Algo, ExitOrder, ExitPlan, Held, TargetPlan
from options.values import Side
from tests.options.desk import Desk, accepted, cancelled, executed, of, one

PARTS = ExitOrder(algo=Algo.TWAP, every_s=20.0, steps=2)
WALK = ExitOrder(algo=Algo.WALK, every_s=20.0, steps=2)


def leaving_slowly() -> Desk:
    """Of eight, two were sold by the first part of a trim, two wait for its second part, and four walk out."""
    desk = Desk()
    desk.mark(5.0)
    desk.opened(8, "5")
    desk.give_command(c.TrimTrade(command_id="c1", who="ann", trade_id="T1", qty=4, order=PARTS))
    desk.accept()
    desk.fill(2, "4.9")
    desk.give_command(c.CloseTrade(command_id="c2", who="ann", trade_id="T1", order=WALK))
    desk.accept()
    assert [parent.in_flight("T1") for parent in desk.book.parents.values()] == [-2, -4]
    return desk


@pytest.mark.parametrize("walked", [0, 4])
def test_i8_what_ended_at_once_is_sent_for_as_soon_as_the_broker_is_heard(walked: int) -> None:
    """One is to be kept, said before the broker is heard: the trim's rest is over, so one more has to be sold."""
    desk = leaving_slowly()
    desk.restart()
    walking = desk.order
    found = desk.out("T1", target=1)
    assert one(e.ParentOrderClosed, found).filled == 2
    assert one(e.OrderCancelRequested, found).order_id == walking.order_id
    rests = i.OpenOrder(
        client_ref=walking.child.client_ref, broker_order_id=accepted(walking).broker_order_id, venue="TEST"
    )
    desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(rests,)))
    desk.mark(5.0)
    sent = desk.order
    desk.accept(sent)
    assert (sent.side, sent.qty) == (Side.SELL, 1)
    if walked:
        desk.fill(walked, "4.9", order=walking)
    else:
        assert one(e.OrderSubmitRequested, desk.cancelled(walking)).qty == 4
    for order in desk.orders:
        desk.fill(order.qty, "4.9", order=order)
    assert (desk.trade().position.qty, desk.orders) == (1, [])
    assert not of(e.TradingHalted, desk.events)


def test_i16_what_the_broker_took_from_an_order_has_left_by_the_other() -> None:
    """A bracket is asked back; one order is made smaller, as the other traded unheard: nothing replaces it."""
    desk = Desk()
    target = TargetPlan(level=Decimal(12))
    desk.opened(4, exits=ExitPlan(stop_level=Decimal(8), targets=(target,), held=Held.BROKER))
    for order in desk.orders:
        desk.accept(order)
    stop, limit = desk.orders
    desk.out("T1", target=1)
    assert stop.cancel_requested
    assert limit.cancel_requested
    assert desk.report(cancelled(limit)) != []
    found = desk.report(i.OrderReducedReport(client_ref=stop.child.client_ref, qty=3))
    assert not of(e.OrderSubmitRequested, found + desk.out("T1"))
    desk.report(executed(limit, 1, "12", "X1.01"))
    assert one(e.OrderSubmitRequested, desk.cancelled(stop)).qty == 3
