"""A position that is held inactive: its exits sleep, all but the one that takes it out before it expires."""

from decimal import Decimal

import msgspec
import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.contingent import exits_of
from options.fold import apply
from options.lifecycle import CLOSED, HELD_FILLED
from options.order import ParentOrder
from options.plan import Algo, ExitOrder, ExitPlan, Held, TargetPlan
from options.terms import ExitKind
from options.values import MINUTE, Micros, to_iso
from tests.options.desk import CLOSE, KEY, OPEN, Desk, executed, fold, of, one

CUT_OFF: Micros = CLOSE - 10 * MINUTE
PLAN = ExitPlan(
    stop=Decimal("0.2"),
    targets=(TargetPlan(gain=Decimal("0.5")),),
    hold_max_s=60.0,
    flat_before_expiry=CUT_OFF,
)
HOLD = c.ModifyTrade(command_id="hold", who="ann", trade_id="T1", hold=True)
WAKE = c.ActivateTrade(command_id="wake", who="ann", trade_id="T1")


def asleep(exits: ExitPlan = PLAN) -> Desk:
    """A position whose exits a person has put to sleep."""
    desk = Desk()
    desk.opened(4, exits=exits)
    desk.give_command(HOLD)
    assert desk.status() == HELD_FILLED
    return desk


def until(desk: Desk, at: Micros) -> list[e.TradeEvent]:
    """Time passes up to a moment."""
    return desk.wait((at - desk.at) / 1_000_000)


def parent(desk: Desk) -> ParentOrder:
    """The one parent order that works."""
    (found,) = desk.book.parents.values()
    return found


def test_it_is_out_before_it_expires_and_by_nothing_else() -> None:
    """Neither the stop nor the time limit of a minute sells it; ten minutes before its last close all is sold."""
    desk = asleep()
    (guard,) = desk.trade().armed
    assert (guard.kind, guard.qty, guard.at) == (ExitKind.FLAT, 4, to_iso(CUT_OFF))
    desk.mark(1.0)
    desk.mark(30.0)
    desk.wait(600)
    assert not of(e.ExitTriggered, until(desk, CUT_OFF - 1_000_000))
    desk.mark(10.0, after_s=0)
    found = until(desk, CUT_OFF)
    assert one(e.ExitTriggered, found).exit_id == "T1-1-expiry"
    assert one(e.OrderSubmitRequested, found).qty == 4
    desk.fill(4)
    assert desk.trade().position.qty == 0
    assert desk.trade().target_kind == ExitKind.FLAT


def test_nothing_stays_armed_where_the_plan_holds_it_through_its_expiry() -> None:
    """That is a person's word for being assigned; asleep or not, nothing sells it."""
    desk = asleep(msgspec.structs.replace(PLAN, flat_before_expiry=None, hold_through_expiry=True))
    assert not desk.trade().armed
    assert not of(e.ExitTriggered, until(desk, CLOSE - 1))


def test_it_survives_a_restart_and_comes_at_once_when_its_moment_was_slept_through() -> None:
    """The process is down over the cut-off: the first input after it sells."""
    desk = asleep()
    desk.at = CUT_OFF + MINUTE
    desk.restart()
    assert of(e.OrderSubmitRequested, desk.mark(10.0))[0].qty == 4


def test_activated_again_every_exit_is_armed_and_the_guard_is_part_of_the_plan() -> None:
    """One exit before the expiry, not two."""
    desk = asleep()
    desk.give_command(WAKE)
    kinds = [armed.kind for armed in desk.trade().armed]
    assert kinds == [ExitKind.STOP, ExitKind.TARGET, ExitKind.TIME, ExitKind.FLAT]


def test_a_plan_that_is_edited_while_it_sleeps_moves_its_guard() -> None:
    """New exits do not wake the trade; the moment before the expiry is the new plan's at once."""
    desk = asleep()
    sooner = msgspec.structs.replace(PLAN, flat_before_expiry=CUT_OFF - 5 * MINUTE)
    desk.give_command(c.ModifyTrade(command_id="m", who="ann", trade_id="T1", exits=sooner))
    assert desk.status() == HELD_FILLED
    assert [armed.at for armed in desk.trade().armed] == [to_iso(CUT_OFF - 5 * MINUTE)]
    never = msgspec.structs.replace(PLAN, flat_before_expiry=None, hold_through_expiry=True)
    desk.give_command(c.ModifyTrade(command_id="n", who="ann", trade_id="T1", exits=never))
    assert not desk.trade().armed


@pytest.mark.parametrize("held", [Held.ENGINE, Held.BROKER])
def test_what_rests_at_the_broker_is_asked_back_and_the_guard_stays_here(held: Held) -> None:
    """Inactive means unprotected, there as here, but for the clock, which only the engine has."""
    desk = Desk()
    desk.opened(4, exits=msgspec.structs.replace(PLAN, held=held))
    for order in list(desk.orders):
        desk.accept(order)
    desk.give_command(HOLD)
    for order in list(desk.orders):
        desk.cancelled(order)
    assert not desk.orders
    assert of(e.OrderSubmitRequested, until(desk, CUT_OFF))[0].qty == 4


def test_a_trim_wakes_what_is_left() -> None:
    """An exit is under way, so the trade is no longer inactive: the whole plan guards the rest."""
    desk = asleep()
    desk.give_command(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=1))
    desk.fill(1)
    assert {armed.kind: armed.qty for armed in desk.trade().armed} == {
        ExitKind.STOP: 3,
        ExitKind.TARGET: 3,
        ExitKind.TIME: 3,
        ExitKind.FLAT: 3,
    }


def test_a_patient_close_that_is_put_to_sleep_still_goes_to_the_market_before_the_expiry() -> None:
    """A close that rests at a price too high, then held: at the cut-off it is hurried."""
    desk = Desk()
    desk.opened(4, exits=PLAN)
    resting = ExitOrder(algo=Algo.LIMIT, limit_price=Decimal(50))
    desk.give_command(c.CloseTrade(command_id="c", who="ann", trade_id="T1", order=resting))
    desk.accept()
    desk.give_command(HOLD)
    assert [armed.exit_id for armed in desk.trade().armed] == ["T1-1-expiry"]
    until(desk, CUT_OFF)
    assert parent(desk).hurried
    assert exits_of(desk.trade(), None) == ()


@pytest.mark.parametrize(
    ("order", "algo"),
    [
        (ExitOrder(algo=Algo.WALK, every_s=15.0, steps=4), Algo.WALK),  # 75 s of 600
        (ExitOrder(algo=Algo.WALK, every_s=60.0, steps=4), Algo.WALK),  # 300 s: half of what is left
        (ExitOrder(algo=Algo.WALK, every_s=70.0, steps=4), Algo.MARKET),
        (ExitOrder(algo=Algo.TWAP, every_s=100.0, steps=10), Algo.MARKET),
        (ExitOrder(algo=Algo.LIMIT, limit_price=Decimal(11), deadline_s=3_600.0), Algo.MARKET),
        (ExitOrder(algo=Algo.LIMIT, limit_price=Decimal(11), deadline_s=120.0), Algo.LIMIT),
    ],
)
def test_the_guard_takes_no_longer_than_half_of_what_is_left_of_the_session(
    order: ExitOrder, algo: Algo
) -> None:
    """As the plan works its timed exits, where that is done well before the bell; else at the market."""
    desk = Desk()
    desk.opened(4, exits=ExitPlan(flat_before_expiry=CUT_OFF, time_order=order))
    until(desk, CUT_OFF - 1_000_000)
    desk.mark(10.0, after_s=0.5)
    until(desk, CUT_OFF)
    assert parent(desk).schedule.algo is algo


def test_an_earlier_time_to_be_flat_that_waits_for_its_price_is_hurried_by_the_guard() -> None:
    """Out at a limit from half an hour before, for up to an hour: the cut-off does not wait for that."""
    patient = ExitOrder(algo=Algo.LIMIT, limit_price=Decimal(50), deadline_s=3_600.0)
    early = CUT_OFF - 20 * MINUTE
    desk = Desk()
    desk.opened(4, exits=ExitPlan(flat_at=early, flat_before_expiry=CUT_OFF, time_order=patient))
    until(desk, early)
    desk.accept()
    assert parent(desk).schedule.algo is Algo.LIMIT
    assert [armed.exit_id for armed in desk.trade().armed] == ["T1-1-expiry"]
    until(desk, CUT_OFF - 1_000_000)
    assert not parent(desk).hurried
    until(desk, CUT_OFF)
    assert parent(desk).hurried


def test_wanting_some_of_it_back_after_the_cut_off_does_not_end_the_guard() -> None:
    """The guard has fired and its order waits for a doubt: whoever then wants one to stay does not have it assigned."""
    trade = asleep().trade()
    trade.fired, trade.target = trade.fired | {"T1-1-expiry"}, 1
    (guard,) = exits_of(trade, None)
    assert (guard.exit_id, guard.qty, guard.at) == ("T1-1-expiry", 4, to_iso(CUT_OFF))
    trade.target = 0
    assert exits_of(trade, None) == (), "it is on its way out, once"


def test_a_trade_that_was_sold_out_in_its_sleep_and_goes_in_again_counts_once() -> None:
    """What rested for it has sold more than was asked, and all: it is in the market again once it is sent."""
    desk = asleep()
    assert desk.book.trades_on == 1
    desk.trade().position.qty = 0
    apply(desk.book, e.TradeActivated(desk.book.last_ts, trade_id="T1"))
    assert (desk.trade().entry_sent_ts, desk.book.trades_on) == ("", 0)


def trimmed_in_its_sleep() -> Desk:
    """Three of four are being taken out at a price too high when the trade is put to sleep: one should stay."""
    desk = Desk()
    desk.opened(4, exits=ExitPlan(stop=Decimal("0.2")))
    patient = ExitOrder(algo=Algo.LIMIT, limit_price=Decimal(50))
    desk.give_command(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=3, order=patient))
    desk.accept()
    desk.give_command(HOLD)
    assert (desk.status(), desk.trade().target) == (HELD_FILLED, 1)
    return desk


@pytest.mark.parametrize("lost", [True, False])
def test_a_trade_that_is_sold_out_in_its_sleep_is_over_and_cannot_be_woken(lost: bool) -> None:
    """The trim for three sells all four, while nothing can be sent: over night, or with the broker lost.

    It is over at once, with what it came to; whoever activates it is refused, and nothing is ever bought again.
    """
    desk = trimmed_in_its_sleep()
    if lost:
        desk.report(i.BrokerLostReport(reason="gone"))
    else:
        desk.at = CLOSE + MINUTE
    assert one(e.TradeClosed, desk.fill(4)).qty == 4
    assert desk.status() == CLOSED
    desk.give_command(c.Resume(command_id="r", who="ann", answers=desk.book.halt_reason))
    assert of(e.CommandRefused, desk.give_command(WAKE))
    if lost:
        desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(), positions={}))
        desk.wait(1)
    desk.at = OPEN + 24 * 60 * MINUTE
    desk.open_day("2015-12-25", desk.at, desk.at + 60 * MINUTE)
    desk.mark(10.0)
    assert desk.orders == []


def test_contracts_that_are_all_gone_in_its_sleep_end_the_trade_with_its_last_order() -> None:
    """Two of four are exercised and two sold by the trim, over night: nothing is held, so nothing is kept open."""
    desk = trimmed_in_its_sleep()
    trim = desk.order
    desk.at = CLOSE + MINUTE
    desk.report(
        i.AssignmentReport(assignment_id="A", instrument=KEY, qty=2, exercised=True, underlying=Decimal(800))
    )
    desk.report(executed(trim, 2, "50", "X1"))
    desk.cancelled(trim)
    assert (desk.status(), desk.trade().position.qty) == (CLOSED, 0)


def test_what_walks_out_when_it_is_held_goes_on_and_wakes_nothing() -> None:
    """A trim is on its way by steps: each next one leaves the trade asleep, and shown so, until a person wakes it."""
    desk = Desk()
    desk.opened(4, exits=PLAN)
    walk = ExitOrder(algo=Algo.WALK, every_s=10.0)
    desk.give_command(c.TrimTrade(command_id="trim", who="ann", trade_id="T1", qty=2, order=walk))
    desk.accept()
    desk.give_command(HOLD)
    desk.wait(10)
    desk.cancelled()
    desk.accept()
    assert (desk.order.qty, desk.status()) == (2, HELD_FILLED)
    desk.fill(2, "9.95")
    assert (desk.trade().position.qty, desk.status()) == (2, HELD_FILLED)
    assert [armed.kind for armed in desk.trade().armed] == [ExitKind.FLAT]
    assert fold(desk.events) == desk.book
