"""What no broker can hold for a plan."""

import msgspec
import pytest

from options.plan import Algo, EntryPlan, ExitOrder, ExitPlan, Held
from options.plan_check import plan_faults
from tests.options.held_desk import AT_BROKER, bracketed


@pytest.mark.parametrize(
    ("exits", "said"),
    [
        (
            msgspec.structs.replace(AT_BROKER, stop_order=ExitOrder(algo=Algo.WALK)),
            "cannot be worked as walk",
        ),
        (
            msgspec.structs.replace(AT_BROKER, stop_order=ExitOrder(algo=Algo.LIMIT, deadline_s=5)),
            "needs the limit's price",
        ),
        (bracketed(("0.3", "1"), target_order=ExitOrder(algo=Algo.TWAP)), "leave the targets' order out"),
        (ExitPlan(stop_held=Held.BROKER), "there is no stop"),
        (ExitPlan(trail_held=Held.BROKER), "there is no trailing stop"),
    ],
)
def test_what_no_broker_can_hold_is_refused(exits: ExitPlan, said: str) -> None:
    """The reason says what would be right."""
    assert any(said in fault for fault in plan_faults(4, 1, EntryPlan(), exits, None))


def test_a_combo_is_held_by_the_engine_alone() -> None:
    """The refusal says so."""
    faults = plan_faults(4, 1, EntryPlan(), AT_BROKER, None, net=True)
    assert any("held by the engine" in fault for fault in faults)
