"""An exit that wants two marks in a row, over a restart: as if nothing had happened, or safe."""

from decimal import Decimal

import pytest

from options import events as e
from options.batch import Batch
from options.inputs import ClockTicked
from options.plan import Basis, ExitPlan, TargetPlan
from options.quote import Quote
from options.values import SECOND
from tests.options.desk import KEY, Desk, of, one

PLAN = ExitPlan(stop=Decimal("0.2"), targets=(TargetPlan(gain=Decimal("0.5")),), basis=Basis.TWO_MARKS)


def back_from_the_dead(desk: Desk, *marks: float) -> None:
    """The process dies and comes back; its feed says again what it had said since the last event."""
    passed = [(desk.at - (len(marks) - number) * SECOND, mark) for number, mark in enumerate(marks, start=1)]
    desk.restart()
    manager = desk.manager
    for at, mark in passed:
        manager.catch_up(at, [(KEY, Quote(ts=at, bid=mark - 0.1, ask=mark + 0.1))])
    manager.recover(desk.at)


@pytest.mark.parametrize("beyond", [7.9, 15.1])
def test_the_second_mark_after_a_restart_is_the_second(beyond: float) -> None:
    """The first mark beyond the level came before the crash, led to no event, and counts when the feed repeats it."""
    desk = Desk()
    desk.opened(2, exits=PLAN)
    assert not of(e.ExitTriggered, desk.mark(beyond, after_s=5))
    back_from_the_dead(desk, 10.0, beyond)
    assert one(e.ExitTriggered, desk.mark(beyond)).qty == 2


@pytest.mark.parametrize("marks", [(7.9, 8.1), ()])
def test_without_a_mark_that_counts_two_fresh_ones_are_wanted(marks: tuple[float, ...]) -> None:
    """A mark that turned back, or a feed that cannot say again what it said: the exit waits for two, and then goes."""
    desk = Desk()
    desk.opened(2, exits=PLAN)
    desk.mark(7.9, after_s=5)
    back_from_the_dead(desk, *marks)
    assert not of(e.ExitTriggered, desk.mark(7.9))
    assert one(e.ExitTriggered, desk.mark(7.9)).kind == "stop"


def test_what_leads_to_nothing_between_two_marks_takes_neither_away() -> None:
    """Time that passes and a fill's doubled report arm the same exits again; the first mark still counts."""
    desk = Desk()
    desk.opened(2, exits=PLAN)
    assert not of(e.ExitTriggered, desk.mark(7.9))
    desk.at += SECOND
    desk.decide(ClockTicked())
    desk.manager.settle(Batch(desk.book, desk.at, "test"), desk.trade())
    assert one(e.ExitTriggered, desk.mark(7.9)).qty == 2
