"""Options at a cent: levels below the smallest price are exact, and what no price can meet is not watched."""

from decimal import Decimal

import pytest

from options import events as e
from options import inputs as i
from options.plan import ExitPlan, Held, ScaleInPlan, TargetPlan
from options.terms import ExitKind
from tests.options.desk import KEY, Desk, accepted, executed, of
from tests.options.held_desk import rests

HALF = Decimal("0.5")


def bought_at_a_cent(exits: ExitPlan, direction: int = 1) -> Desk:
    """A desk with two of an option that cost a cent."""
    desk = Desk()
    desk.quote(0.01, 0.02, after_s=1)
    desk.propose(2, exits=exits, direction=direction)
    desk.accept()
    desk.fill(2, "0.01")
    return desk


@pytest.mark.parametrize("held", Held)
def test_half_of_a_cent_is_a_stop_of_the_engine(held: Held) -> None:
    """It is not rounded to nothing; no broker has an order at such a price, so none is sent there."""
    desk = bought_at_a_cent(ExitPlan(stop=HALF, held=held))
    assert [one.level for one in desk.trade().armed] == [Decimal("0.005")]
    assert rests(desk) == []
    desk.restart()
    assert desk.trade().position.qty == 2


def test_a_target_below_a_cent_rests_nowhere() -> None:
    """Sold at a cent, to be bought back at half of that: the engine watches for it."""
    target = TargetPlan(gain=HALF, share=Decimal(1))
    desk = bought_at_a_cent(ExitPlan(targets=(target,), held=Held.BROKER), direction=-1)
    assert [one.level for one in desk.trade().armed] == [Decimal("0.005")]
    assert rests(desk) == []


def test_an_addition_at_half_of_a_cent_is_watched() -> None:
    """Doubling down has a level above nothing as well."""
    desk = bought_at_a_cent(ExitPlan(scale_ins=(ScaleInPlan(gain=-HALF, qty=1),), average_down=True))
    assert [(one.kind, one.level) for one in desk.trade().armed] == [(ExitKind.SCALE_IN, Decimal("0.005"))]


def test_what_came_for_nothing_on_the_wrong_side_is_bought_back_without_a_stop() -> None:
    """Four were told, two of them exercised for nothing, and one had been bought: short one at an average of zero."""
    desk = Desk()
    desk.propose(4, exits=ExitPlan(stop=HALF))
    entry = desk.order
    desk.report(accepted(entry), executed(entry, 4, "10", "X.01"))
    desk.report(
        i.AssignmentReport(assignment_id="A", instrument=KEY, qty=2, exercised=True, underlying=Decimal(700))
    )
    desk.report(executed(entry, 1, "10", "X.02"))
    assert desk.trade().position.qty == -1
    assert desk.trade().armed == ()
    assert [(one.side, one.qty) for one in of(e.OrderSubmitRequested, desk.events[-3:])] == [("BUY", 1)]
