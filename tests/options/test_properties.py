"""Whatever signals, people, marks and a bad broker do, the laws of orders, positions, money and exits hold."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.options.life_machine import LifeMachine

SHORT = settings(max_examples=350, stateful_step_count=50, derandomize=False)
# Everything that must really have happened in a run, or the run has proved nothing about it.
BROKER_FAULTS = (
    "partial", "late fill", "duplicate", "reordered", "batched", "rejected", "lost", "cancelled", "overfill",
    "order lost", "ambiguous answer", "connection lost", "fill beside an end", "stranger's fill",
    "order in doubt", "look", "incomplete look", "corrected", "busted", "corrected when over",
    "assigned",
)  # fmt: skip
MARKET_FAULTS = ("unhealthy mark", "silence", "clock jump", "day ended", "restart")
LIVES = (
    "exit triggered", "exit held", "trade closed", "reversal", "scaled in", "repriced", "in parts", "given up",
    "crossed in house", "netted together", "combo filled", "refused by risk", "halt",
)  # fmt: skip
COMMANDS = (
    "new by hand", "activate by hand", "modify by hand", "cancel by hand", "trim by hand", "close by hand",
    "stop by hand", "target by hand", "trail by hand", "halt by hand", "resume by hand", "command refused",
    "command twice", "held inactive", "activated again",
)  # fmt: skip
LONG_ONLY = ("order abandoned", "positions differ", "trailing started")


def report(kinds: tuple[str, ...], note: Callable[[str, object], None]) -> list[str]:
    """Say how much was tried and what happened how often; the names of what never did."""
    steps, happened = LifeMachine.steps, LifeMachine.happened
    print(f"\n{steps['days']:,} examples tried: {steps['inputs']:,} inputs, {steps['events']:,} events")
    for kind in kinds:
        note(kind, happened[kind])
        print(f"  {kind:<20} {happened[kind]:>9,}")
    return [kind for kind in kinds if not happened[kind]]


@pytest.mark.proof
def test_i4_to_i17_i23_and_i24_hold_through_random_days(
    proof_is_long: bool, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Signals, commands, marks, clocks, restarts and broker reports break no law, and every fault really happened."""
    LifeMachine.happened.clear()
    LifeMachine.steps.clear()
    machine = LifeMachine if proof_is_long else seed(20151224)(LifeMachine)
    kinds = (*BROKER_FAULTS, *MARKET_FAULTS, *LIVES, *COMMANDS, *(LONG_ONLY if proof_is_long else ()))
    run_state_machine_as_test(machine, settings=settings() if proof_is_long else SHORT)
    with capsys.disabled() if proof_is_long else nullcontext():
        missing = report(kinds, record_property)
    assert missing == []
