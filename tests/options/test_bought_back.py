"""What an exit sold too much of is bought back: that is a way out, whatever stands against entries."""

from options import commands as c
from options import events as e
from options import inputs as i
from options.lifecycle import CLOSED
from options.plan import ExitPlan
from tests.options.desk import Desk, executed, of, one


def sold_too_far() -> Desk:
    """A close for two has sold three: one is short, trading is halted, and one is being bought back."""
    desk = Desk()
    desk.opened(2, exits=ExitPlan())
    desk.out("T1")
    desk.report(executed(desk.order, 3, "10", "X1"))
    assert desk.trade().position.qty == -1
    (back,) = desk.orders
    assert (back.side, back.qty) == ("BUY", 1)
    return desk


def test_a_halt_does_not_ask_back_what_buys_back() -> None:
    """It adds nothing: it goes on, and the trade ends with it."""
    desk = sold_too_far()
    desk.give_command(c.Resume(command_id="c1", who="ann", answers=desk.book.halt_reason))
    found = desk.give_command(c.Halt(command_id="c2", who="ann", reason="look first"))
    assert of(e.IntentDecided, found) == []
    assert of(e.OrderCancelRequested, found) == []
    desk.fill(1)
    assert desk.status() == CLOSED


def test_what_buys_back_is_tried_for_as_long_as_it_takes() -> None:
    """Lost on its way three times: like every exit it is sent a fourth time, also while trading is halted."""
    desk = sold_too_far()
    for _ in range(3):
        back = desk.order
        seen = len(desk.events)
        for _ in range(2):
            desk.wait(31)
            desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=()))
        desk.wait(1)
        assert desk.order.order_id != back.order_id
        assert one(e.OrderSubmitRequested, desk.events[seen:]).qty == 1
    assert desk.trade().target == 0
