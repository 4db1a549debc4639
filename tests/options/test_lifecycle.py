"""The one table of a trade's life: every row happens, and nothing else may."""

import itertools

import pytest

from options import lifecycle as lc
from options.lifecycle import TRANSITIONS, OrderStatus, Status, Step, TradeStatus, TransitionError, advance
from tests.options.life_by_hand import BY_HAND
from tests.options.life_scenarios import SCENARIOS, rows_taken

STATUSES: list[Status] = list(itertools.product(OrderStatus, TradeStatus))
NAMED = {
    value
    for name, value in vars(lc).items()
    if isinstance(value, tuple) and len(value) == 2 and name.isupper() and isinstance(value[0], OrderStatus)
}


def test_every_row_is_reached_by_real_inputs() -> None:
    """Between them the scenarios walk through the whole table."""
    reached = set().union(*(rows_taken(scenario) for scenario in (*SCENARIOS, *BY_HAND)))
    missing = set(TRANSITIONS) - reached
    assert {f"{status[0]} / {status[1]} {step}" for status, step in missing} == set()
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
