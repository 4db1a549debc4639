"""From a plan and what was filled to the exits that guard it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.contingent import exits_of, rung_quantities
from options.plan import ExitPlan, TargetPlan
from options.terms import ArmedExit, ExitKind
from options.trade import Trade
from options.values import MINUTE, from_iso
from tests.options.desk import OPEN, Desk, ladder

HALVES = ladder(("0.3", "0.5"), ("0.6", "0.5"), stop="0.3")


def held(exits: ExitPlan, qty: int = 4, direction: int = 1) -> Trade:
    """A trade that holds so many at 10.00."""
    return Desk().opened(qty, exits=exits, direction=direction)


def by_name(trade: Trade, water: float | None = None) -> dict[str, ArmedExit]:
    """The exits of a trade by the end of their ids."""
    prefix = f"{trade.position.position_id}-"
    return {armed.exit_id.removeprefix(prefix): armed for armed in exits_of(trade, water)}


@pytest.mark.parametrize(
    ("direction", "stop", "first", "second"), [(1, "7.00", "13.00", "16.00"), (-1, "13.00", "7.00", "4.00")]
)
def test_levels_lie_on_the_right_side(direction: int, stop: str, first: str, second: str) -> None:
    """Long: stop below, targets above. Short: the other way round. All measured from the average."""
    exits = by_name(held(HALVES, direction=direction))
    levels = [exits[name].level for name in ("stop", "target-1", "target-2")]
    assert levels == [Decimal(stop), Decimal(first), Decimal(second)]


def test_levels_follow_the_exact_average() -> None:
    """1 at 10.00 and 2 at 10.10 average 10.0666…; 30% below is 7.05 to the cent."""
    desk = Desk()
    desk.propose(3, exits=ladder(stop="0.3"))
    desk.fill(1, "10.00")
    desk.fill(2, "10.10")
    assert by_name(desk.trade())["stop"].level == Decimal("7.05")


@pytest.mark.parametrize(
    ("shares", "qty", "parts"),
    [
        (["0.5", "0.5"], 4, [2, 2]),
        (["0.5", "0.5"], 5, [2, 2]),
        (["0.5", "0.5"], 3, [2, 1]),
        (["0.5", "0.5"], 1, [1, 0]),
        (["0.3", "0.3", "0.4"], 10, [3, 3, 4]),
        (["0.3", "0.3", "0.4"], 2, [1, 1, 0]),
        (["0.1", "0.9"], 1, [1, 0]),
        (["0.25"], 3, [1]),
        (["1"], 7, [7]),
        ([], 7, []),
    ],
)
def test_a_ladder_shares_odd_quantities(shares: list[str], qty: int, parts: list[int]) -> None:
    """Each rung takes its share of the plan, at least one, nearest first, and never more than there is."""
    assert rung_quantities([Decimal(share) for share in shares], qty, qty) == parts


rungs = st.lists(st.integers(1, 100).map(lambda percent: Decimal(percent) / 100), max_size=6)


@given(rungs, st.integers(0, 50), st.integers(1, 50))
def test_i16_a_ladder_never_sells_more_than_is_left(shares: list[Decimal], left: int, planned: int) -> None:
    """Whatever the shares, the rungs together take at most what is left, and none takes less than nothing."""
    parts = rung_quantities(shares, left, planned)
    assert len(parts) == len(shares)
    assert all(part >= 0 for part in parts)
    assert sum(parts) <= left


def test_a_part_of_the_entry_is_guarded_at_once() -> None:
    """One of four filled: stop and first target are for that one, and rungs without a contract are left out."""
    desk = Desk()
    desk.propose(4, exits=HALVES)
    desk.fill(1)
    exits = by_name(desk.trade())
    assert {name: armed.qty for name, armed in exits.items()} == {"stop": 1, "target-1": 1}


def test_a_rung_that_fired_is_not_armed_again() -> None:
    """What fired in this position is left out; the others share what is left."""
    trade = held(HALVES)
    trade.fired |= {"T1-1-target-1"}
    trade.position.qty = 2
    trade.position.cost = Decimal(2000)
    exits = by_name(trade)
    assert {name: armed.qty for name, armed in exits.items()} == {"stop": 2, "target-2": 2}


def test_nothing_guards_what_is_not_to_be_held() -> None:
    """Flat, or on the way out: no exits."""
    trade = held(HALVES)
    trade.target = 0
    assert exits_of(trade, None) == ()
    flat = held(HALVES)
    flat.position.qty = 0
    assert exits_of(flat, None) == ()


def test_a_trailing_stop_starts_at_the_best_mark_or_the_average() -> None:
    """The water is the best mark so far; without one it is the average."""
    trade = held(ladder(trail="0.2"))
    assert by_name(trade, 12.5)["trail"].water == 12.5
    armed = by_name(trade)["trail"]
    assert (armed.water, armed.trail, armed.qty, armed.kind) == (10.0, Decimal("0.2"), 4, ExitKind.TRAILING)


def test_exits_by_the_clock_are_for_all_that_is_left() -> None:
    """The holding time runs from the first fill; flat_at is the moment itself."""
    plan = ExitPlan(hold_max_s=90.0, flat_at=OPEN + 60 * MINUTE)
    trade = held(plan)
    exits = by_name(trade)
    assert from_iso(exits["time"].at) == from_iso(trade.position.opened_ts) + 90_000_000
    assert from_iso(exits["flat"].at) == OPEN + 60 * MINUTE
    assert {armed.qty for armed in exits.values()} == {4}


def test_a_plan_without_exits_arms_none() -> None:
    """Every part of a plan may be left out."""
    assert exits_of(held(ExitPlan(targets=(TargetPlan(gain=Decimal(1)),))), None) != ()
    assert exits_of(held(ExitPlan()), None) == ()
