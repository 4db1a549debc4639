"""The one table of a trade's life: every row happens, and nothing else may."""

import itertools

import pytest

from options import lifecycle as lc
from options.lifecycle import TRANSITIONS, OrderStatus, Status, Step, TradeStatus, TransitionError, advance
from tests.options.life_scenarios import SCENARIOS, rows_taken

STATUSES: list[Status] = list(itertools.product(OrderStatus, TradeStatus))
NAMED = {
    value
    for name, value in vars(lc).items()
    if isinstance(value, tuple) and len(value) == 2 and name.isupper() and isinstance(value[0], OrderStatus)
}
# Steps of commands that edit, hold or draft a trade: no input asks for them so far. A row that an input has come to
# reach must leave this list, which the test below sees to.
BY_COMMAND = {
    (status, step)
    for status, step in TRANSITIONS
    if step is Step.HELD
    or status in {lc.HELD_FILLED, lc.HELD_PENDING}
    or (step is Step.ACTIVATED and status != lc.DRAFT)
    or (status, step)
    in {
        (lc.DRAFT, Step.CANCELLED),
        (lc.WORKING, Step.LATE_FILL),
        (lc.FLATTENED, Step.LATE_FILL),
        (lc.EXITING, Step.CANCELLED),
        (lc.GUARDED, Step.CANCELLED),
        (lc.ENTERING_FILLED, Step.CANCELLED),
    }
}


# Rows for which the engine is too careful or not yet able: it reprices no entry, adds to no position, and takes an
# entry back before an exit goes out, so that a fill is always preceded by its order's acceptance.
UNREACHED = {
    (lc.ENTERING, Step.ENTRY_SENT),
    (lc.ENTERING_FILLED, Step.ENTRY_SENT),
    (lc.ENTERING_FILLED, Step.EXIT_SENT),
    (lc.ENTERING_FILLED, Step.CLOSED),
    (lc.EXITING, Step.ENTRY_DONE),
    (lc.EXITING, Step.CLOSED),
    (lc.GUARDED, Step.ENTRY_DONE),
    (lc.GUARDED, Step.EXIT_ACCEPTED),
    (lc.GUARDED, Step.EXIT_ENDED),
}


def test_every_row_is_reached_by_real_inputs() -> None:
    """Between them the scenarios walk through every row that an input can lead to."""
    reached = set().union(*(rows_taken(scenario) for scenario in SCENARIOS))
    missing = set(TRANSITIONS) - reached - BY_COMMAND - UNREACHED
    assert {f"{status[0]} / {status[1]} {step}" for status, step in missing} == set()
    assert reached & (BY_COMMAND | UNREACHED) == set()
    assert reached <= set(TRANSITIONS)


@pytest.mark.parametrize("step", list(Step))
def test_every_pair_that_is_not_in_the_table_is_refused(step: Step) -> None:
    """The full cross product of statuses and steps: a row leads where it says, anything else raises."""
    for status in STATUSES:
        if (status, step) in TRANSITIONS:
            assert advance(status, step) == TRANSITIONS[status, step]
        else:
            with pytest.raises(TransitionError, match="cannot be"):
                advance(status, step)


def test_every_status_of_the_table_is_named_and_can_be_come_to() -> None:
    """No row starts or ends in a status without a name, and every status but the first is led to."""
    ends = set(TRANSITIONS.values())
    assert {status for status, _ in TRANSITIONS} | ends <= NAMED
    assert NAMED - ends == {lc.DRAFT}


def test_a_trade_that_is_over_comes_back_by_a_late_fill_or_by_hand_only() -> None:
    """Closed, cancelled, rejected: no other step leaves them."""
    over = {lc.CLOSED, lc.CANCELLED, lc.FLATTENED, lc.REJECTED}
    steps = {step for status, step in TRANSITIONS if status in over}
    assert steps == {Step.LATE_FILL, Step.ACTIVATED}


def test_statuses_are_shown_with_exactly_these_words() -> None:
    """Traders know the words; changing one is changing what they read."""
    assert [str(status) for status in OrderStatus] == [
        "Draft",
        "Working",
        "Entry Order Submitted",
        "Contingent Order Submitted",
        "Contingent Order Working",
        "Inactive",
        "Cancelled",
        "Rejected",
    ]
    assert [str(status) for status in TradeStatus] == ["\u2013", "Pending", "Filled", "Closed"]
    assert [str(status) for status in lc.ContingentStatus] == [
        "Pending",
        "Ready",
        "Contingent Order Submitted",
        "Contingent Order Working",
        "Filled",
        "Cancelled",
    ]
