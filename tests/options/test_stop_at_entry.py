"""A stop that the ladder has moved to the entry, and a person who wants it elsewhere."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from options import commands as c
from options.plan import ExitPlan
from options.terms import ExitKind
from tests.options.desk import Desk, ladder

PLAN = replace(ladder(("0.2", "0.5"), ("0.5", "0.5")), stop_level=Decimal(8), break_even_after=1)
SHORT = replace(PLAN, stop_level=Decimal(12))
LIMIT = {1: Decimal("12.1"), -1: Decimal("7.9")}


def at_entry(direction: int, exits: ExitPlan) -> Desk:
    """A trade at 10 of which the first target has taken half out."""
    desk = Desk()
    desk.opened(4, direction=direction, exits=exits)
    desk.mark(float(LIMIT[direction]))
    desk.fill(2, str(LIMIT[direction]))
    assert stop(desk) == Decimal("10.00")
    return desk


def stop(desk: Desk) -> Decimal | None:
    """Where the stop stands."""
    (found,) = [armed.level for armed in desk.trade().armed if armed.kind is ExitKind.STOP]
    return found


@pytest.mark.parametrize(
    ("direction", "exits", "levels"), [(1, PLAN, ("9", "11", "8")), (-1, SHORT, ("11", "9", "12"))]
)
def test_a_stop_stands_where_a_person_puts_it_after_the_ladder_has_moved_it(
    direction: int, exits: ExitPlan, levels: tuple[str, ...]
) -> None:
    """Further away than the entry too, and where it was at first: what is taken is done, by any of both commands."""
    desk = at_entry(direction, exits)
    for number, level in enumerate(levels):
        said = c.SetStop(command_id=f"stop {number}", who="ann", trade_id="T1", level=Decimal(level))
        desk.give_command(said)
        assert stop(desk) == Decimal(level)
    desk = at_entry(direction, exits)
    moved = replace(desk.trade().exits, stop_level=Decimal(levels[0]))
    desk.give_command(c.ModifyTrade(command_id="modify", who="ann", trade_id="T1", exits=moved))
    assert stop(desk) == Decimal(levels[0])


def test_a_stop_at_the_entry_stays_there_when_something_else_is_changed() -> None:
    """A trailing stop is added, and nobody has said anything about the stop."""
    desk = at_entry(1, PLAN)
    more = replace(desk.trade().exits, trail_amount=Decimal(5))
    desk.give_command(c.ModifyTrade(command_id="modify", who="ann", trade_id="T1", exits=more))
    assert stop(desk) == Decimal("10.00")


def test_a_stop_that_is_moved_before_its_target_is_still_moved_by_that() -> None:
    """The ladder has earned nothing yet: its first target moves the stop of then to the entry."""
    desk = Desk()
    desk.opened(4, exits=PLAN)
    desk.give_command(c.SetStop(command_id="stop", who="ann", trade_id="T1", level=Decimal(7)))
    assert stop(desk) == Decimal(7)
    desk.mark(12.1)
    assert stop(desk) == Decimal("10.00")
