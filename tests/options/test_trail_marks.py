"""What a trailing stop has seen, with a restart and without one: all of the session's marks, and no others."""

from decimal import Decimal

import pytest

from options import events as e
from options.inputs import BrokerLostReport, BrokerReported, BrokerSnapshot
from options.plan import ExitPlan
from options.values import DAY, MINUTE, SECOND
from tests.options.desk import CLOSE, KEY, OPEN, Desk, one

TRAIL = ExitPlan(trail_amount=Decimal(2))


def trailed() -> Desk:
    """Two bought at 10.00, and a stop two dollars below the best mark."""
    desk = Desk()
    desk.opened(2, exits=TRAIL)
    desk.mark(10.0)
    return desk


def next_day(desk: Desk) -> None:
    """The next session opens."""
    desk.at = OPEN + DAY
    desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(("late", "best"), [(0, 15.0), (SECOND, 10.0), (30 * MINUTE, 10.0), (DAY // 2, 10.0)])
def test_the_closing_bell_counts_and_what_comes_after_it_does_not(
    restarted: bool, late: int, best: float
) -> None:
    """A mark of 15.00 at the bell is the best; a second or a night later it is nobody's price."""
    desk = trailed()
    desk.at = CLOSE + late - SECOND
    desk.mark(15.0)
    desk.wait(1)
    if restarted:
        desk.restart()
    next_day(desk)
    found = desk.mark(best - 1.9)
    assert not [one for one in found if isinstance(one, e.ExitTriggered)]
    assert one(e.ExitTriggered, desk.mark(best - 2.1)).level == best - 2


def test_what_was_best_while_the_broker_was_not_heard_counts() -> None:
    """The market goes to 14.00 while the connection is gone: 11.90 afterwards is below the stop."""
    desk = trailed()
    desk.decide(BrokerReported((BrokerLostReport(reason="gone"),)))
    desk.mark(14.0)
    desk.mark(13.0)
    found = BrokerSnapshot(
        complete=True, asked_at=desk.at, open_orders=(), executions=(), completed=(), positions={KEY: 2}
    )
    desk.report(found)
    assert one(e.ExitTriggered, desk.mark(11.9)).level == 12.0
