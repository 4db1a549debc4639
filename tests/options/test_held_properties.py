"""Whatever happens while exits rest at the broker, the laws of orders, positions, money and exits hold."""

from collections.abc import Callable

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.options.held_machine import HeldMachine
from tests.options.trading_laws import record_steps

SHORT = settings(max_examples=120, stateful_step_count=50, derandomize=False)
# Everything that must really have happened in a run, or the run has proved nothing about it.
KINDS = (
    "triggered at the broker", "stop elected", "filled while we were down", "ratcheted", "taken over for now",
    "duplicate", "order lost", "restart", "trade closed", "held inactive", "modify by hand",
)  # fmt: skip
LONG_ONLY = (
    "resting exit filled", "resting exit filled in part", "taken over", "lost", "connection lost", "reordered",
    "rejected", "day ended", "close by hand", "late fill", "trim by hand", "corrected", "busted",
    "filled across a cancel", "filled while not connected", "reduced by its group", "contracts expired", "roll by hand",
    "resting exit rejected", "resting exit cancelled", "all let go",
    "settled by hand", "told after it was settled",
)  # fmt: skip


@pytest.mark.proof
def test_i6_i8_i11_and_i16_hold_with_exits_at_the_broker(
    proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """Partial fills, late and doubled reports, rejects, nights and restarts break no law, and all of it happened."""
    HeldMachine.happened.clear()
    HeldMachine.steps.clear()
    HeldMachine.to_the_end = proof_is_long
    machine = HeldMachine if proof_is_long else seed(20151224)(HeldMachine)
    run_state_machine_as_test(machine, settings=settings() if proof_is_long else SHORT)
    happened, kinds = HeldMachine.happened, (*KINDS, *(LONG_ONLY if proof_is_long else ()))
    record_steps(HeldMachine, record_property)
    for kind in kinds:
        record_property(kind, happened[kind])
    assert [kind for kind in kinds if not happened[kind]] == []
