"""Whatever signals, people, marks and a bad broker do, the laws of orders, positions, money and exits hold.

One run of random days is held against every law at every step; each law has its test here, which says how often.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.options.ending_machine import EndingMachine
from tests.options.trading_laws import record_steps

pytestmark = pytest.mark.xdist_group("days")

SHORT = settings(max_examples=150, stateful_step_count=50, derandomize=False)
SETTLED = (
    "execution forgotten", "settled by hand", "settled as it stood", "settle refused", "told after it was settled",
    "corrected after it was settled",
)  # fmt: skip
# Everything that must really have happened in a run, or the run has proved nothing about it.
BROKER_FAULTS = (
    "partial", "late fill", "duplicate", "reordered", "batched", "rejected", "lost", "cancelled", "overfill",
    "order lost", "ambiguous answer", "connection lost", "fill beside an end", "stranger's fill",
    "stuck", "order in doubt", "look", "incomplete look", "corrected", "busted", "corrected when over",
    "assigned", *SETTLED,
)  # fmt: skip
MARKET_FAULTS = ("unhealthy mark", "mark after the close", "silence", "clock jump", "day ended", "restart")
ENDS = (
    "roll by hand", "close-all by hand", "hurried", "overtaken", "contracts expired", "leg settled",
    "settled at expiry", "position delivered",
)  # fmt: skip
LIVES = (
    "exit triggered", "exit held", "trade closed", "reversal", "scaled in", "repriced", "in parts", "given up",
    "crossed in house", "netted together", "combo filled", "refused by risk", "halt",
)  # fmt: skip
COMMANDS = (
    "new by hand", "activate by hand", "modify by hand", "cancel by hand", "trim by hand", "close by hand",
    "stop by hand", "target by hand", "trail by hand", "halt by hand", "resume by hand", "command refused",
    "command twice", "held inactive", "activated again",
)  # fmt: skip
# Without these a short run has proved nothing either.
IN_EVERY_RUN = (
    "partial", "late fill", "duplicate", "reordered", "batched", "rejected", "lost", "corrected", "cancelled",
    "connection lost", "order in doubt", "stuck", "unhealthy mark", "mark after the close", "restart", "exit triggered",
    "halt by hand", "crossed in house",
)  # fmt: skip
RARE = ("order abandoned", "positions differ", "trailing started")
AT_BROKER = (
    "trades held: broker", "resting exit filled", "triggered at the broker", "stop elected", "taken over for now",
    "handed to the broker", "handed to the engine", "filled while we were down",
)  # fmt: skip
LONG_ONLY = (
    "resting exit filled in part", "ratcheted", "taken over", "resting exit rejected", "resting exit cancelled",
)  # fmt: skip

MISSING_MAX = 9  # so many of the seldom ones may not have happened in a short run
EVERY = (*BROKER_FAULTS, *MARKET_FAULTS, *LIVES, *ENDS, *COMMANDS, *RARE, *AT_BROKER)


class Days(NamedTuple):
    """Random days: how often each law was checked in them, and what happened how often."""

    checked: Counter[str]
    happened: Counter[str]


@pytest.fixture(scope="module")
def days(proof_is_long: bool) -> Days:
    """Random days, run once."""
    for counts in (EndingMachine.happened, EndingMachine.steps, EndingMachine.checked):
        counts.clear()
    machine = EndingMachine if proof_is_long else seed(20151224)(EndingMachine)
    run_state_machine_as_test(machine, settings=settings() if proof_is_long else SHORT)
    return Days(Counter(EndingMachine.checked), Counter(EndingMachine.happened))


@pytest.mark.proof
def test_i4_to_i17_i23_and_i24_hold_while_every_fault_happens(
    days: Days, proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """Signals, commands, marks, clocks, restarts and broker reports break no law, and every fault really happened."""
    record_steps(EndingMachine, record_property)
    for law, count in sorted(days.checked.items(), key=lambda one: int(one[0][1:])):
        record_property(f"{law} checked", count)
    kinds = (*EVERY, *(LONG_ONLY if proof_is_long else ()))
    for kind in kinds:
        record_property(kind, days.happened[kind])
    assert [kind for kind in IN_EVERY_RUN if not days.happened[kind]] == []
    missing = [kind for kind in kinds if not days.happened[kind]]
    assert missing == [] if proof_is_long else len(missing) <= MISSING_MAX, missing


@pytest.mark.proof
def test_i4_the_events_alone_give_the_book_back(days: Days) -> None:
    """Folded one by one, and in two pieces cut anywhere, the events are the desk's book."""
    assert days.checked["I4"] > 100


@pytest.mark.proof
def test_i5_the_same_book_and_input_decide_the_same(days: Days) -> None:
    """A copy of the desk decides every input as the desk does, and remembers the same."""
    assert days.checked["I5"] > 100


@pytest.mark.proof
def test_i6_a_reference_is_sent_once(days: Days) -> None:
    """No two orders are ever sent under one reference, across restarts and losses."""
    assert days.checked["I6"] > 100


@pytest.mark.proof
def test_i7_no_order_is_at_the_broker_that_was_not_written_down(days: Days) -> None:
    """What the broker has is what was durable before it was sent."""
    assert days.checked["I7"] > 100


@pytest.mark.proof
def test_i8_attempts_stay_within_their_commitment(days: Days) -> None:
    """Filled, working and doubtful quantity of a parent's orders never exceeds the parent's."""
    assert days.checked["I8"] > 100


@pytest.mark.proof
def test_i9_a_trade_changes_by_the_rows_of_its_table(days: Days) -> None:
    """Every change of a trade's two statuses is a row of the table."""
    assert days.checked["I9"] > 100


@pytest.mark.proof
def test_i10_doubt_is_exposure_and_blocks_its_like(days: Days) -> None:
    """What is in doubt counts as if it will fill, and nothing of its kind is sent beside it."""
    assert days.checked["I10"] > 100


@pytest.mark.proof
def test_i11_a_position_is_the_sum_of_its_fills(days: Days) -> None:
    """Positions are what the delivered executions add up to, expiries and corrections included."""
    assert days.checked["I11"] > 100


@pytest.mark.proof
def test_i12_the_order_of_reports_does_not_matter(days: Days) -> None:
    """Doubled, late, batched and reordered executions count once, in their newest revision."""
    assert days.checked["I12"] > 100


@pytest.mark.proof
def test_i13_more_than_was_ordered_halts(days: Days) -> None:
    """An order that filled more than it asked for stops trading until a person resumes."""
    assert days.checked["I13"] > 100


@pytest.mark.proof
def test_i14_positions_agree_or_are_said_to_differ(days: Days) -> None:
    """After each complete look ours are the broker's positions, or the difference is said and trading halts."""
    assert days.checked["I14"] > 10


@pytest.mark.proof
def test_i15_money_is_exact(days: Days) -> None:
    """Cash and fees are the naive sums; a flat position's profit is its cash."""
    assert days.checked["I15"] > 100


@pytest.mark.proof
def test_i16_what_goes_out_is_what_is_held(days: Days) -> None:
    """Nothing closes more than is held or turns it round, a rule fires once, what is held is guarded."""
    assert days.checked["I16"] > 100


@pytest.mark.proof
def test_i17_nothing_is_judged_on_an_unhealthy_mark(days: Days) -> None:
    """Each trigger by price stands on a fresh quote with both sides, at its level."""
    assert days.checked["I17"] > 3


@pytest.mark.proof
def test_i23_nothing_is_entered_while_halted(days: Days) -> None:
    """A halt asks entries back, and only exits are sent until it is answered."""
    assert days.checked["I23"] > 2


@pytest.mark.proof
def test_i24_every_order_carries_its_approval(days: Days) -> None:
    """Each order has the limits that it was held against, and the counters are what counting gives."""
    assert days.checked["I24"] > 100
