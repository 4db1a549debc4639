"""Whatever signals, marks and a bad broker do, the laws of orders, positions, money and exits hold."""

from collections.abc import Callable

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.options.trading_laws import FAULTS
from tests.options.trading_machine import TradingMachine

SHORT = settings(max_examples=200, stateful_step_count=50, derandomize=False)


@pytest.mark.proof
def test_i4_i5_i6_i8_i9_i11_i13_i15_i16_i17_i23_i24_hold_through_random_days(
    proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """Random signals, marks, clocks, restarts and broker reports break no law, and every fault really happened."""
    TradingMachine.happened.clear()
    machine = TradingMachine if proof_is_long else seed(20151224)(TradingMachine)
    run_state_machine_as_test(machine, settings=settings() if proof_is_long else SHORT)
    for fault in FAULTS:
        record_property(fault, TradingMachine.happened[fault])
        print(f"{fault}: {TradingMachine.happened[fault]}")
    assert [fault for fault in FAULTS if not TradingMachine.happened[fault]] == []
