"""Exits that take their time: resting, walked, in parts; what is more urgent takes over and nothing overshoots."""

from decimal import Decimal

import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.exit_order_check import exit_order_faults, plan_order_faults
from options.order import Order
from options.plan import Algo, ExitOrder, ExitPlan, OrderType, TargetPlan
from options.terms import ParentStatus
from options.values import MINUTE, SECOND, Side
from tests.options.desk import CLOSE, OPEN, Desk, executed, of, one

WALK = ExitOrder(algo=Algo.WALK, every_s=10.0, steps=2)
TARGET = TargetPlan(gain=Decimal("0.3"), share=Decimal("0.5"))


def close(desk: Desk, order: ExitOrder, name: str = "c1", trade: str = "T1") -> list[e.TradeEvent]:
    """A person takes everything out in a way of their own."""
    return desk.decide(
        i.CommandGiven(c.CloseTrade(command_id=name, who="alice", trade_id=trade, order=order))
    )


def walk_together(first: int, second: int) -> tuple[Desk, e.OrderSubmitRequested]:
    """A desk with two trades whose targets have come true at once, and the order that walks out for both."""
    desk = Desk()
    plan = ExitPlan(targets=(TargetPlan(gain=Decimal("0.3")),), target_order=WALK)
    desk.opened(first, exits=plan)
    desk.propose(second, exits=plan, strategy="other")
    desk.accept()
    desk.fill(second)
    return desk, one(e.OrderSubmitRequested, desk.mark(13.0))


def test_an_exit_walks_from_the_mid_to_the_far_side_and_then_goes_to_the_market() -> None:
    """Sold at 10.00, 9.95, 9.90 (bid 9.90), ten seconds each, then at the market; all under one parent order."""
    desk = Desk()
    desk.opened(4)
    sent = one(e.OrderSubmitRequested, close(desk, WALK))
    asked = [sent.limit_price]
    for _ in range(3):
        desk.accept()
        assert one(e.OrderCancelRequested, desk.wait(10)).replaces
        again = one(e.OrderSubmitRequested, desk.cancelled(desk.orders[0]))
        asked.append(again.limit_price)
        assert (again.parent_id, again.qty, again.side) == (sent.parent_id, 4, Side.SELL)
    assert asked == [Decimal("10.00"), Decimal("9.95"), Decimal("9.90"), None]
    assert one(e.ParentOrderHurried, desk.events).reason == "not filled within 30 s"


def test_a_walk_is_taken_up_after_a_restart_and_its_deadline_still_counts() -> None:
    """Started anew after the deadline, the walk goes to the market at once."""
    desk = Desk()
    desk.opened(4)
    close(desk, WALK)
    desk.accept()
    desk.restart()
    desk.wait(31)
    assert one(e.ParentOrderHurried, desk.events).parent_id == "P2"
    assert one(e.OrderSubmitRequested, desk.cancelled(desk.orders[0])).limit_price is None


def test_an_exit_in_parts() -> None:
    """Four contracts in three parts: two, one and the last, a part every ten seconds."""
    desk = Desk()
    desk.opened(4)
    parts = of(e.OrderSubmitRequested, close(desk, ExitOrder(algo=Algo.TWAP, every_s=10.0, steps=3)))
    for _ in range(2):
        desk.fill(desk.order.qty, "10")
        parts += of(e.OrderSubmitRequested, desk.wait(10))
    assert [part.qty for part in parts] == [2, 1, 1]
    assert {part.parent_id for part in parts} == {"P2"}


def test_a_target_that_is_a_limit_rests_at_its_level() -> None:
    """The target at 13.00 sells at 13.00 or better, not at what the bid says."""
    desk = Desk()
    plan = ExitPlan(targets=(TARGET,), target_order=ExitOrder(algo=Algo.LIMIT))
    desk.opened(4, exits=plan)
    sent = one(e.OrderSubmitRequested, desk.mark(13.0))
    assert (sent.order_type, sent.limit_price, sent.qty) == (OrderType.LIMIT, Decimal("13.00"), 2)


def test_i16_a_stop_takes_over_from_a_walking_target() -> None:
    """Two walk out when the stop comes: they go to the market, the other two with them, and never more than four."""
    desk = Desk()
    desk.opened(4, exits=ExitPlan(targets=(TARGET,), stop=Decimal("0.2"), target_order=WALK))
    walking = one(e.OrderSubmitRequested, desk.mark(13.0))
    events = desk.mark(7.9)
    assert one(e.ParentOrderHurried, events).parent_id == walking.parent_id
    assert one(e.OrderCancelRequested, events).order_id == walking.order_id
    at_once = one(e.OrderSubmitRequested, events)
    assert (at_once.qty, at_once.limit_price) == (2, None)
    after = one(e.OrderSubmitRequested, desk.cancelled(desk.book.orders[walking.order_id]))
    assert (after.qty, after.limit_price, after.parent_id) == (2, None, walking.parent_id)
    assert sum(order.pending for order in desk.orders) == 4


def test_i16_a_fill_that_crosses_the_takeover_is_counted() -> None:
    """One of the two walking contracts fills before the cancel is proven: one is left to go to the market."""
    desk = Desk()
    desk.opened(4, exits=ExitPlan(targets=(TARGET,), stop=Decimal("0.2"), target_order=WALK))
    walking = one(e.OrderSubmitRequested, desk.mark(13.0))
    desk.mark(7.9)
    desk.fill(1, "13", order=desk.book.orders[walking.order_id])
    after = one(e.OrderSubmitRequested, desk.cancelled(desk.book.orders[walking.order_id]))
    assert after.qty == 1
    assert sum(order.pending for order in desk.orders) == abs(desk.trade().position.qty)


@pytest.mark.parametrize(
    "way",
    [ExitOrder(algo=Algo.LIMIT), ExitOrder(algo=Algo.TWAP, limit_price=Decimal(13), every_s=1.0, steps=2)],
)
@pytest.mark.parametrize(
    "stop",
    [ExitOrder(algo=Algo.LIMIT, limit_price=Decimal("7.80"), deadline_s=20.0), WALK],
)
def test_i16_what_may_rest_for_good_gives_way_to_what_ends(way: ExitOrder, stop: ExitOrder) -> None:
    """Two rest at their target when a stop comes that is no market order: soon all four are at the market."""
    desk = Desk()
    plan = ExitPlan(targets=(TARGET,), stop=Decimal("0.2"), target_order=way, stop_order=stop)
    desk.opened(4, exits=plan)
    desk.mark(13.0)
    desk.accept()
    desk.wait(2)
    for _ in range(6):
        desk.mark(7.9, after_s=9)
        for order in desk.orders:
            if order.cancel_requested:
                desk.cancelled(order)
            else:
                desk.accept(order)
    desk.wait(1)
    assert {order.limit_price for order in desk.orders} == {None}
    assert sum(order.pending for order in desk.orders) == 4


def test_i16_an_exit_that_must_hurry_beside_a_correction_goes_out_for_what_is_left() -> None:
    """Three are still to leave in parts when two turn out never to have been bought, and all must be out at once."""
    desk = Desk()
    desk.propose(4, exits=ExitPlan(flat_at=desk.at + MINUTE))
    entry = desk.order
    desk.report(executed(entry, 4, "10", "X.01"))
    slowly = ExitOrder(algo=Algo.TWAP, every_s=300.0, steps=4)
    close(desk, slowly)
    desk.fill(1)
    desk.wait(59)
    desk.at += 2 * SECOND
    out = one(e.OrderSubmitRequested, desk.report(executed(entry, 2, "10", "X.02")))
    assert (out.qty, out.limit_price, desk.trade().position.qty) == (1, None, 1)


@pytest.mark.parametrize("way", [WALK, ExitOrder(algo=Algo.LIMIT)])
def test_what_takes_its_time_to_leave_is_still_guarded(way: ExitOrder) -> None:
    """A target takes everything out and rests or walks: the stop is still armed, and hurries the same order."""
    desk = Desk()
    plan = ExitPlan(targets=(TargetPlan(gain=Decimal("0.3")),), stop=Decimal("0.2"), target_order=way)
    desk.opened(4, exits=plan)
    leaving = one(e.OrderSubmitRequested, desk.mark(13.0))
    assert (leaving.qty, [armed.exit_id for armed in desk.trade().armed]) == (4, ["T1-1-stop"])
    desk.restart()
    events = desk.mark(7.9)
    assert one(e.ParentOrderHurried, events).reason == "overtaken: stop T1-1-stop"
    assert desk.trade().armed == ()
    after = one(e.OrderSubmitRequested, desk.cancelled(desk.orders[0]))
    assert (after.qty, after.limit_price, after.parent_id) == (4, None, leaving.parent_id)
    desk.fill(4, "7.8")
    assert desk.trade().trade_status == "Closed"


def test_i16_a_stop_that_walks_fires_once_and_time_can_hurry_it() -> None:
    """The stop walks out; it is not armed again, but the exit by the clock is, and sends the rest to the market."""
    desk = Desk()
    desk.opened(4, exits=ExitPlan(stop=Decimal("0.2"), stop_order=WALK, hold_max_s=25.0))
    desk.mark(7.9)
    assert [armed.exit_id for armed in desk.trade().armed] == ["T1-1-time"]
    desk.accept()
    assert not of(e.ExitTriggered, desk.mark(7.0))
    desk.accept()
    assert of(e.ExitTriggered, desk.wait(25))
    assert len(desk.all(e.ExitTriggered)) == 2
    assert of(e.ParentOrderHurried, desk.events)


def test_what_is_less_urgent_does_not_slow_an_exit_down() -> None:
    """A stop at the market is out; a close that would walk is refused and changes nothing."""
    desk = Desk()
    desk.opened(4, exits=ExitPlan(stop=Decimal("0.2")))
    desk.mark(7.9)
    events = close(desk, WALK)
    assert one(e.CommandRefused, events).reasons == (
        "T1 is Contingent Order Submitted / Filled: it is being closed already",
    )


def test_a_walking_close_can_be_closed_sooner() -> None:
    """Closed again at the market, what walks is asked back and goes to the market."""
    desk = Desk()
    desk.opened(4)
    close(desk, WALK)
    events = close(desk, ExitOrder(), "c2")
    assert one(e.ParentOrderHurried, events).reason == "overtaken: close by alice"
    assert one(e.OrderSubmitRequested, desk.cancelled(desk.orders[0])).limit_price is None


def test_i16_trades_that_walk_together_part_when_one_must_hurry() -> None:
    """Two trades share a walk; one is closed at the market: the walk is asked back, and each goes its own way."""
    desk, walking = walk_together(2, 3)
    assert walking.qty == 5
    close(desk, ExitOrder())
    sent = of(e.OrderSubmitRequested, desk.cancelled(desk.book.orders[walking.order_id]))
    assert sorted((order.qty, order.limit_price is None) for order in sent) == [(2, True), (3, False)]


def test_i8_a_parent_with_several_attempts_ends_with_the_last_of_them() -> None:
    """Two parts rest when one is cancelled: the other is asked back, and nothing else is sent before it is out."""
    desk = Desk()
    desk.opened(4)
    parts = ExitOrder(algo=Algo.TWAP, limit_price=Decimal(11), every_s=10.0, steps=2)
    close(desk, parts)
    desk.accept()
    desk.wait(10)
    first, second = desk.orders
    events = desk.cancelled(first)
    assert one(e.OrderCancelRequested, events).order_id == second.order_id
    assert not of(e.OrderSubmitRequested, events)
    assert not of(e.ParentOrderClosed, events)
    after = desk.cancelled(second)
    assert one(e.ParentOrderClosed, after).status is ParentStatus.CANCELLED
    assert one(e.OrderSubmitRequested, after).qty == 2


def test_a_trade_that_is_out_does_not_turn_its_partners_exit_into_an_entry() -> None:
    """Of a shared walk one trade is out; the other's next step is still an exit, which no halt can stop."""
    desk, walking = walk_together(1, 3)
    desk.report(executed(desk.book.orders[walking.order_id], 2, "13", "E9"))
    assert not desk.trade("T1").position.qty
    desk.decide(i.CommandGiven(c.Halt(command_id="h", who="alice", reason="drill")))
    desk.wait(10)
    again = one(e.OrderSubmitRequested, desk.cancelled(desk.book.orders[walking.order_id]))
    assert (again.qty, again.approval.reducing) == (2, True)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (ExitOrder(algo=Algo.CROSS), "the exit: algo cross is none of market, limit, walk, twap"),
        (
            ExitOrder(limit_price=Decimal(1)),
            "the exit at the market takes no limit and no deadline; use limit, walk or twap",
        ),
        (ExitOrder(algo=Algo.WALK, steps=0), "the exit: steps 0 is not between 1 and 100"),
        (
            ExitOrder(algo=Algo.WALK, every_s=0.0),
            "the exit: every 0.0 is not above 0 and at most 31,536,000 seconds",
        ),
        (
            ExitOrder(algo=Algo.LIMIT, limit_price=Decimal("NaN")),
            "the exit: limit NaN is not above 0 and at most 100,000 dollars",
        ),
        (
            ExitOrder(algo=Algo.LIMIT, deadline_s=-1.0),
            "the exit: deadline -1.0 is not above 0 and at most 31,536,000 seconds",
        ),
    ],
)
def test_an_exit_that_cannot_be_worked_is_refused(order: ExitOrder, said: str) -> None:
    """Each fault is said with what would be right."""
    assert list(exit_order_faults("the exit", order, net=False)) == [said]


def test_a_stop_that_may_never_fill_is_refused() -> None:
    """What protects gets out in the end: a limit needs a time after which it goes to the market."""
    plan = ExitPlan(
        stop_order=ExitOrder(algo=Algo.LIMIT), time_order=ExitOrder(algo=Algo.LIMIT, deadline_s=5.0)
    )
    assert list(plan_order_faults(plan, net=False)) == [
        "the stop's order may never fill at its limit: give it a deadline (limit:by60), to go to the market then"
    ]


def rung_and_trim() -> tuple[Desk, Order, Order]:
    """A rung of two rests at 11.00, and a person has one more taken out at the market: both orders."""
    desk = Desk()
    rung = TargetPlan(gain=Decimal("0.1"), share=Decimal("0.5"))
    desk.opened(4, exits=ExitPlan(targets=(rung,), target_order=ExitOrder(algo=Algo.LIMIT)))
    desk.mark(11.05)
    resting = desk.order
    desk.accept()
    desk.give_command(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=1))
    desk.accept()
    return desk, resting, desk.order


def next_morning(desk: Desk) -> list[tuple[OrderType, int, Decimal | None]]:
    """The next session begins with a price far below: what is sent, as (type, quantity, limit)."""
    opens = OPEN + 24 * 60 * MINUTE
    desk.at = opens
    found = desk.open_day("2015-12-25", opens, opens + 60 * MINUTE) + desk.mark(8.0)
    return [(one.order_type, one.qty, one.limit_price) for one in of(e.OrderSubmitRequested, found)]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_rung_that_rests_keeps_its_limit_over_a_trim_at_the_market_and_the_night(restarted: bool) -> None:
    """The trim is out; the day ends over the rung, which rests at 11.00 again and is not sold at 8.00."""
    desk, resting, trim = rung_and_trim()
    desk.fill(1, "10.95", order=trim)
    desk.at = CLOSE + SECOND
    desk.cancelled(resting)
    if restarted:
        desk.restart()
    assert next_morning(desk) == [(OrderType.LIMIT, 2, Decimal("11.00"))]


@pytest.mark.parametrize("rung_first", [False, True])
def test_what_was_to_go_at_the_market_is_not_kept_for_a_limit_beside_it(rung_first: bool) -> None:
    """Neither is out when the day ends: all three go at the market, whichever end is heard of first."""
    desk, resting, trim = rung_and_trim()
    desk.at = CLOSE + SECOND
    for order in (resting, trim) if rung_first else (trim, resting):
        desk.cancelled(order)
    assert next_morning(desk) == [(OrderType.MARKET, 3, None)]
