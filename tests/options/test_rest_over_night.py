"""Exits at the broker over night: what must not trade at the open is asked back at once, the rest protects."""

from decimal import Decimal

import msgspec
import pytest

from options import commands as c
from options import events as e
from options.lifecycle import HELD_FILLED
from options.plan import ExitPlan, Held
from options.values import MINUTE
from tests.options.desk import CLOSE, OPEN, Desk, of
from tests.options.held_desk import AT_BROKER, bracketed, guarded, rests, shapes

LADDER = bracketed(("0.5", "0.5"), ("1.0", "0.25"))
HOLD = c.ModifyTrade(command_id="hold", who="ann", trade_id="T1", hold=True)
TRIM = c.TrimTrade(command_id="trim", who="ann", trade_id="T1", qty=1)
CLOSING = c.CloseTrade(command_id="close", who="ann", trade_id="T1")
EXERCISED = c.RecordAssignment(command_id="a", who="ann", trade_id="T1", qty=1, underlying=Decimal(755))
HOURS = [CLOSE, CLOSE + 60 * MINUTE, OPEN + 24 * 60 * MINUTE - MINUTE]


def at_night(exits: ExitPlan = LADDER, at: int = CLOSE + 60 * MINUTE) -> Desk:
    """Four are held, their exits rest at the broker, and the market is shut."""
    desk, _ = guarded(4, exits)
    desk.at = at
    return desk


def modified(desk: Desk, exits: ExitPlan) -> list[e.OrderCancelRequested]:
    """What is asked back when the exits are exchanged for others."""
    command = c.ModifyTrade(command_id="m", who="ann", trade_id="T1", exits=exits)
    return of(e.OrderCancelRequested, desk.give_command(command))


def at_the_open(desk: Desk) -> list[e.TradeEvent]:
    """Everything that was asked back is out, and the next session begins."""
    for order in [one for one in desk.orders if one.cancel_requested]:
        desk.cancelled(order)
    desk.at = OPEN + 24 * 60 * MINUTE
    found = desk.open_day("2015-12-25", desk.at, desk.at + 60 * MINUTE)
    return [*found, *desk.mark(10.0)]


@pytest.mark.parametrize("at", HOURS)
@pytest.mark.parametrize("exits", [LADDER, AT_BROKER])
def test_a_hold_takes_what_rests_out_of_the_market_at_any_hour(exits: ExitPlan, at: int) -> None:
    """Inactive means that nothing of it trades: the cancels stand in the hold's batch, nothing is laid at the open."""
    desk = at_night(exits, at)
    resting = rests(desk)
    asked = of(e.OrderCancelRequested, desk.give_command(HOLD))
    assert {one.client_ref for one in asked} == {order.child.client_ref for order in resting}
    assert {one.reason for one in asked} == {"held inactive"}
    assert not of(e.OrderSubmitRequested, at_the_open(desk))
    assert (desk.status(), desk.orders) == (HELD_FILLED, [])


def test_a_hold_while_a_trim_waits_for_the_open_takes_everything_back() -> None:
    """That one of four is to leave does not keep the others' exits at the broker."""
    desk = at_night()
    assert not of(e.OrderCancelRequested, desk.give_command(TRIM))
    assert len(of(e.OrderCancelRequested, desk.give_command(HOLD))) == 5


def test_a_hold_is_heard_after_a_restart() -> None:
    """The process ends between the hold and its cancels: the first input at night sends them."""
    desk, _ = guarded(4, LADDER)
    desk.at = CLOSE + 60 * MINUTE
    held = [one for one in desk.give_command(HOLD) if not isinstance(one, e.OrderCancelRequested)]
    cut = len(desk.events) - len(held) - 5
    desk.events[cut:] = held
    desk.restart()
    assert len(of(e.OrderCancelRequested, desk.wait(1))) == 5


def test_woken_before_the_open_it_rests_again_with_the_open() -> None:
    """Held and activated in one night: at the open all of the plan is at the broker again, and nothing before."""
    desk = at_night()
    was = shapes(rests(desk))
    desk.give_command(HOLD)
    for order in list(desk.orders):
        desk.cancelled(order)
    woken = desk.give_command(c.ActivateTrade(command_id="wake", who="ann", trade_id="T1"))
    assert not of(e.OrderSubmitRequested, woken)
    at_the_open(desk)
    assert shapes(rests(desk)) == was


@pytest.mark.parametrize("exits", [LADDER, AT_BROKER])
def test_no_more_rests_over_night_than_is_held(exits: ExitPlan) -> None:
    """One of four is exercised: what rests for it is asked back at once, and the rest is guarded anew at the open."""
    desk = at_night(exits)
    assert of(e.OrderCancelRequested, desk.give_command(EXERCISED))
    assert sum(parent.qty for parent in desk.book.parents.values() if _rests(desk, parent.order_ids)) <= 3
    at_the_open(desk)
    assert sum(qty for kind, qty, *_ in shapes(rests(desk)) if kind == "stop") == 3


def _rests(desk: Desk, order_ids: tuple[str, ...]) -> bool:
    return any(one in desk.book.orders and not desk.book.orders[one].cancel_requested for one in order_ids)


def test_exits_that_the_engine_takes_over_leave_the_broker_at_once() -> None:
    """At night the plan says that the engine holds them: nothing there may trade any more."""
    desk = at_night()
    engine = msgspec.structs.replace(LADDER, held=Held.ENGINE)
    assert len(modified(desk, engine)) == 5
    assert not of(e.OrderSubmitRequested, at_the_open(desk))


def test_a_target_that_is_given_up_leaves_alone() -> None:
    """Only the stop is to rest: the targets are asked back, the stops stay, and nothing is laid anew at the open."""
    desk = at_night()
    engine = tuple(msgspec.structs.replace(target, held=Held.ENGINE) for target in LADDER.targets)
    asked = modified(desk, msgspec.structs.replace(LADDER, targets=engine))
    assert len(asked) == 2
    assert not of(e.OrderSubmitRequested, at_the_open(desk))
    assert shapes(rests(desk)) == [("stop", 2, "7.00", ""), ("stop", 1, "7.00", ""), ("stop", 1, "7.00", "")]


def test_a_stop_that_moves_protects_at_its_old_price_until_the_open() -> None:
    """Nothing could take its place before: the position is never without it while the program is down."""
    desk = at_night(AT_BROKER)
    assert not modified(desk, msgspec.structs.replace(AT_BROKER, stop=Decimal("0.2")))
    opened = at_the_open(desk)
    assert [one.reason for one in of(e.OrderCancelRequested, opened)] == ["the stop moves from 7.00 to 8.00"]


@pytest.mark.parametrize("command", [TRIM, CLOSING])
def test_what_protects_stays_beside_an_exit_that_waits_for_the_open(command: c.Command) -> None:
    """Both want out: should the program not be there at the open, the stop still is."""
    desk = at_night()
    assert not of(e.OrderCancelRequested, desk.give_command(command))
    assert of(e.OrderCancelRequested, at_the_open(desk))
