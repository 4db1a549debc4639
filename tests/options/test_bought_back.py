"""What an exit sold too much of is bought back: that is a way out, whatever stands against entries."""

from decimal import Decimal

from msgspec.structs import replace

from options import commands as c
from options import events as e
from options import inputs as i
from options.lifecycle import CLOSED
from options.plan import ExitPlan, Held, ScaleInPlan
from tests.options.desk import Desk, executed, ladder, limit, of, one


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


def short_of_a_trim() -> Desk:
    """A trim to two of four has sold seven: three are short, and are being bought back."""
    desk = Desk()
    ladder_of_two = ladder(("0.1", "0.25"), ("0.2", "0.25"), stop="0.3")
    desk.opened(4, exits=replace(ladder_of_two, scale_ins=(ScaleInPlan(gain=Decimal("0.05"), qty=1),)))
    desk.out("T1", 2)
    desk.report(executed(desk.order, 7, "10", "X1"))
    desk.accept()
    assert (desk.trade().position.qty, desk.trade().target) == (-3, 2)
    return desk


def test_i16_an_exit_of_what_was_sold_too_far_leaves_nothing_of_it() -> None:
    """A rung that is met on the other side takes out all of that, and none of it is meant to stay."""
    desk = short_of_a_trim()
    found = desk.mark(8.9)
    assert one(e.ExitTriggered, found).kind == "target"
    assert one(e.IntentDecided, found).target == 0
    assert of(e.OrderCancelRequested, found) == []
    desk.fill(3)
    assert desk.status() == CLOSED


def test_i16_what_was_sold_too_far_cannot_be_trimmed_and_can_be_closed() -> None:
    """A trim would keep a part of the wrong side; a close lets the wish for two go."""
    desk = short_of_a_trim()
    (refused,) = desk.give_command(c.TrimTrade(command_id="c1", who="ann", trade_id="T1", qty=1))
    assert isinstance(refused, e.CommandRefused)
    desk.give_command(c.CloseTrade(command_id="c2", who="ann", trade_id="T1"))
    desk.fill(3)
    assert desk.status() == CLOSED


def test_i16_nothing_is_added_to_what_was_sold_too_far() -> None:
    """Five of four are short once more is sold than was ever bought: no addition guards that side."""
    desk = Desk()
    desk.opened(4, exits=ExitPlan(scale_ins=(ScaleInPlan(gain=Decimal("0.05"), qty=1),)))
    desk.out("T1", 2)
    desk.report(executed(desk.order, 9, "10", "X1"))
    assert desk.trade().position.qty == -5
    assert desk.trade().armed == ()


def test_i16_an_entry_that_works_beside_a_short_position_sells_nothing() -> None:
    """An entry is busted and its stop fills at the broker: two are short, four on their way in, which is enough."""
    desk = Desk()
    desk.propose(4, entry=limit("10"), exits=ExitPlan(stop=Decimal("0.3"), held=Held.BROKER))
    entry = desk.order
    desk.report(executed(entry, 2, "10", "E9.01"))
    stop = desk.order
    desk.report(executed(entry, 0, "10", "E9.02"))
    assert of(e.OrderSubmitRequested, desk.report(executed(stop, 2, "7", "S1"))) == []
    assert desk.trade().position.qty == -2
    back = one(e.OrderSubmitRequested, desk.cancelled(entry))
    assert (back.side, back.qty) == ("BUY", 2)
    desk.fill(2)
    assert desk.status() == CLOSED
