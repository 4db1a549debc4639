"""How long an entry may take to fill, and what becomes of it then."""

from decimal import Decimal

import pytest

from options import events as e
from options import lifecycle as lc
from options.plan import Algo, EntryPlan, Unfilled
from options.plan_check import plan_faults
from tests.options.desk import NO_EXITS, Desk, of, one


def walked(unfilled: Unfilled, give_up_after_s: float | None = None) -> Desk:
    """A walk of two steps, one every five seconds, that meets nobody."""
    desk = Desk()
    plan = EntryPlan(algo=Algo.WALK, every_s=5, steps=2, unfilled=unfilled, give_up_after_s=give_up_after_s)
    desk.propose(2, entry=plan)
    desk.accept()
    for _ in range(2):
        desk.wait(5)
        desk.cancelled()
        desk.accept()
    assert desk.order.limit_price == Decimal("10.10")
    return desk


def test_a_walk_that_is_to_go_to_the_market_goes_one_step_after_its_last() -> None:
    """At 5 and 10 seconds it is at its next prices, and at 15 at none: no time has to be given for that."""
    desk = walked(Unfilled.MARKET)
    assert not of(e.ParentOrderHurried, desk.wait(4))
    assert of(e.OrderCancelRequested, desk.wait(1))
    assert one(e.OrderSubmitRequested, desk.cancelled()).limit_price is None


def test_a_time_that_is_given_counts_instead() -> None:
    """A minute is a minute, whatever the steps take."""
    desk = walked(Unfilled.MARKET, 60)
    assert not of(e.OrderCancelRequested, desk.wait(49))
    assert of(e.OrderCancelRequested, desk.wait(1))


def test_a_walk_that_is_not_to_go_there_rests_at_its_bound() -> None:
    """Without a time it is good for as long as its time in force says."""
    desk = walked(Unfilled.CANCEL)
    assert not of(e.OrderCancelRequested, desk.wait(3_600))
    assert desk.status() == lc.ENTERING


@pytest.mark.parametrize(("seconds", "faults"), [(None, 1), (60.0, 0)])
def test_a_limit_must_say_when_it_goes_to_the_market(seconds: float | None, faults: int) -> None:
    """It has no steps, so without a time it would never go: refused, with what is missing."""
    plan = EntryPlan(
        algo=Algo.LIMIT, limit_price=Decimal(9), unfilled=Unfilled.MARKET, give_up_after_s=seconds
    )
    found = plan_faults(1, 1, plan, NO_EXITS, None)
    assert len(found) == faults
    assert all("give-up" in fault for fault in found)
