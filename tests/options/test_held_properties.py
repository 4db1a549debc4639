"""Whatever happens while exits rest at the broker, the laws of orders, positions, money and exits hold."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.options.held_machine import HeldMachine

SHORT = settings(max_examples=120, stateful_step_count=50, derandomize=False)
# Everything that must really have happened in a run, or the run has proved nothing about it.
KINDS = (
    "triggered at the broker", "stop elected", "filled while we were down", "ratcheted", "taken over for now",
    "duplicate", "order lost", "restart", "trade closed", "held inactive", "modify by hand",
)  # fmt: skip
LONG_ONLY = (
    "resting exit filled", "resting exit filled in part", "taken over", "lost", "connection lost", "reordered",
    "rejected", "day ended", "close by hand", "late fill", "trim by hand", "corrected", "busted",
)  # fmt: skip


@pytest.mark.proof
def test_i6_i8_i11_and_i16_hold_with_exits_at_the_broker(
    proof_is_long: bool, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Partial fills, late and doubled reports, rejects, nights and restarts break no law, and all of it happened."""
    HeldMachine.happened.clear()
    HeldMachine.steps.clear()
    machine = HeldMachine if proof_is_long else seed(20151224)(HeldMachine)
    run_state_machine_as_test(machine, settings=settings() if proof_is_long else SHORT)
    happened, kinds = HeldMachine.happened, (*KINDS, *(LONG_ONLY if proof_is_long else ()))
    with capsys.disabled() if proof_is_long else nullcontext():
        print(f"\n{HeldMachine.steps['inputs']:,} inputs, {HeldMachine.steps['events']:,} events")
        for kind in kinds:
            record_property(kind, happened[kind])
            print(f"  {kind:<28} {happened[kind]:>9,}")
    assert [kind for kind in kinds if not happened[kind]] == []
