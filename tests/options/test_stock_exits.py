"""Shares are guarded as contracts are, long and short: ladders, trailing stops that start late, additions, restarts."""

from decimal import Decimal

import pytest

from options import events as e
from options.plan import ExitPlan, ScaleInPlan, TargetPlan
from options.terms import ExitKind
from tests.options.desk import Desk, of, one

SHARE = "GOOG"
LADDER = ExitPlan(
    targets=(
        TargetPlan(gain=Decimal("0.1"), share=Decimal("0.5")),
        TargetPlan(gain=Decimal("0.2"), share=Decimal("0.5")),
    ),
    stop=Decimal("0.05"),
    break_even_after=1,
)


def held(direction: int, exits: ExitPlan, qty: int = 6) -> Desk:
    """So many shares at 100.00, long or short."""
    desk = Desk()
    desk.quote(99.9, 100.1, key=SHARE)
    desk.opened(qty, "100", key=SHARE, direction=direction, exits=exits)
    return desk


def levels(desk: Desk) -> dict[str, tuple[int, object]]:
    """Quantity and level of what is armed, by the end of its id."""
    return {armed.exit_id.removeprefix("T1-1-"): (armed.qty, armed.level) for armed in desk.trade().armed}


@pytest.mark.parametrize(("direction", "stop", "first", "second"), [(1, 95, 110, 120), (-1, 105, 90, 80)])
def test_a_ladder_in_shares_moves_its_stop_to_the_entry(
    direction: int, stop: int, first: int, second: int
) -> None:
    """Half is out at the first target; the stop of the other half then lies at 100.00, after a restart too."""
    desk = held(direction, LADDER)
    assert levels(desk) == {"stop": (6, stop), "target-1": (3, first), "target-2": (3, second)}
    assert one(e.OrderSubmitRequested, desk.mark(first, key=SHARE)).qty == 3
    desk.accept()
    desk.fill(3, str(first))
    assert levels(desk) == {"stop": (3, 100), "target-2": (3, second)}
    desk.restart()
    assert not of(e.ExitTriggered, desk.mark(100 + direction, key=SHARE))
    fired = one(e.ExitTriggered, desk.mark(100, key=SHARE))
    assert (fired.kind, fired.qty, fired.level) == (ExitKind.STOP, 3, 100.0)


@pytest.mark.parametrize("direction", [1, -1])
def test_a_trailing_stop_in_shares_starts_at_its_gain_and_survives_a_restart(direction: int) -> None:
    """Off until 10% was gained; from the best price of 120 (80) on it trails by 5 dollars, restarted or not."""
    desk = held(direction, ExitPlan(trail_amount=Decimal(5), trail_after=Decimal("0.1")))
    assert not of(e.OrderSubmitRequested, desk.mark(100 - 9 * direction, key=SHARE))
    assert one(e.ExitTriggered, desk.mark(100 + 10 * direction, key=SHARE)).kind is ExitKind.TRAIL_ON
    desk.mark(100 + 20 * direction, key=SHARE, after_s=61)
    desk.restart()
    assert not of(e.ExitTriggered, desk.mark(100 + 15.5 * direction, key=SHARE))
    fired = one(e.ExitTriggered, desk.mark(100 + 15 * direction, key=SHARE))
    assert (fired.kind, fired.level) == (ExitKind.TRAILING, 100.0 + 15 * direction)


@pytest.mark.parametrize("direction", [1, -1])
def test_additions_at_several_triggers_enlarge_stop_and_targets(direction: int) -> None:
    """One in profit, then one at a loss: each time stop and target are for the new total, from the new average."""
    exits = ExitPlan(
        targets=(TargetPlan(gain=Decimal("0.3")),),
        stop=Decimal("0.2"),
        scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=2), ScaleInPlan(gain=Decimal("-0.1"), qty=4)),
        average_down=True,
    )
    desk = held(direction, exits, qty=2)
    up, down = 100 + 10 * direction, 100 - 10 * direction
    assert one(e.OrderSubmitRequested, desk.mark(up, key=SHARE)).qty == 2
    desk.accept()
    desk.fill(2, str(up))
    middle = Decimal(100 + 5 * direction)
    found = levels(desk)
    assert found["stop"] == (4, middle * (1 - Decimal("0.2") * direction))
    assert found["target-1"] == (4, middle * (1 + Decimal("0.3") * direction))
    desk.restart()
    assert one(e.OrderSubmitRequested, desk.mark(down, key=SHARE)).qty == 4
    desk.accept()
    desk.fill(4, str(down))
    average = (middle * 4 + down * 4) / 8
    found = levels(desk)
    assert found["stop"][0] == found["target-1"][0] == 8
    assert found["stop"][1] == average * (1 - Decimal("0.2") * direction)
    assert not [name for name in found if name.startswith("scale")]
