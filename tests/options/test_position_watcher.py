"""The watcher against a plain list of rules, and what it refuses, forgets and keeps small."""

from collections.abc import Sequence
from itertools import pairwise
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.position_watcher import ExitKind, PositionWatcher, WatchedExit
from options.price_index import DEAD_ALLOWED, Ladder
from tests.options.naive_watcher import NaiveWatcher, Rule

KEYS = ("AAA", "BBB")
GRID = st.integers(1, 24).map(lambda step: step * 0.25)
Step = tuple[Any, ...]


def stop(exit_id: str, level: float, *, long: bool = True, key: str = "AAA") -> WatchedExit:
    return WatchedExit(exit_id=exit_id, key=key, kind=ExitKind.STOP, long=long, level=level)


def target(exit_id: str, level: float, *, long: bool = True, key: str = "AAA") -> WatchedExit:
    return WatchedExit(exit_id=exit_id, key=key, kind=ExitKind.TARGET, long=long, level=level)


def trail(exit_id: str, water: float, amount: float, *, long: bool = True) -> WatchedExit:
    return WatchedExit(
        exit_id=exit_id, key="AAA", kind=ExitKind.TRAILING, long=long, water=water, trail_amount=amount
    )


def trail_percent(exit_id: str, water: float, percent: float, *, long: bool = True) -> WatchedExit:
    return WatchedExit(
        exit_id=exit_id, key="AAA", kind=ExitKind.TRAILING, long=long, water=water, trail_percent=percent
    )


def armed_with(*exits: WatchedExit) -> PositionWatcher:
    watcher = PositionWatcher()
    for watched in exits:
        watcher.arm(watched)
    return watcher


def levels() -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda kind, level: {"kind": kind, "level": level},
        st.sampled_from([ExitKind.STOP, ExitKind.TARGET]),
        GRID,
    )


def trails() -> st.SearchStrategy[dict[str, Any]]:
    distance = st.one_of(
        st.builds(lambda amount: {"trail_amount": amount}, st.one_of(GRID, st.just(1e-300))),
        st.builds(lambda percent: {"trail_percent": percent}, st.sampled_from([0.1, 0.25, 0.5, 0.75, 1e-20])),
    )
    return st.builds(lambda water, by: {"kind": ExitKind.TRAILING, "water": water, **by}, GRID, distance)


def arming(fields: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just("arm"), st.sampled_from(KEYS), st.booleans(), fields)


def steps() -> st.SearchStrategy[list[Step]]:
    """What may happen to a watcher that starts with some exits; disarming picks among the armed by a number."""
    disarm = st.tuples(st.just("disarm"), st.integers(0, 1000))
    mark = st.tuples(st.just("mark"), st.sampled_from(KEYS), GRID)
    way = st.sampled_from([0.25, -0.25])
    climb = st.tuples(st.just("climb"), st.sampled_from(KEYS), GRID, way, st.integers(2, 6))
    at_first = st.lists(
        st.one_of(arming(levels()), arming(trails()), arming(trails())), min_size=6, max_size=30
    )
    later = st.one_of(arming(levels()), arming(trails()), arming(trails()), disarm, mark, climb)
    return st.builds(lambda first, then: [*first, *then], at_first, st.lists(later, min_size=15, max_size=60))


def ladders(watcher: PositionWatcher) -> list[Ladder]:
    return [ladder for lane in watcher._lanes.values() for ladder in (lane.long, lane.short)]


def check_index(watcher: PositionWatcher) -> None:
    """The index's own books: its count of the dead is right and bounded, waters fall, no rest trigger is missed."""
    for ladder in ladders(watcher):
        waters = [group.water for group in ladder.groups]
        assert all(higher > lower for higher, lower in pairwise(waters))
        living_groups = [group for group in ladder.groups if group.live]
        waiting = [group for _, ticket, group in ladder.queue if group.ticket == ticket]
        assert {id(group) for group in waiting} >= {
            id(group) for group in living_groups if group is not ladder.top
        }
        assert ladder.slots() == ladder.live + ladder.dead + len(living_groups) + len(waiting)
        assert ladder.dead <= ladder.live + DEAD_ALLOWED


def play(history: Sequence[Step]) -> tuple[PositionWatcher, list[str], list[tuple[str, float, list[str]]]]:
    """Run the watcher beside the naive model and hold each answer against it; returns it, armed ids and marks."""
    watcher, naive = PositionWatcher(), NaiveWatcher()
    armed: list[str] = []
    marks: list[tuple[str, float, list[str]]] = []

    def mark(key: str, price: float) -> None:
        due = list(watcher.on_mark(key, price))
        assert due == naive.on_mark(key, price)
        marks.append((key, price, due))

    for step in history:
        if step[0] == "arm":
            watched = WatchedExit(exit_id=f"x{len(armed)}", key=step[1], long=step[2], **step[3])
            armed.append(watched.exit_id)
            watcher.arm(watched)
            naive.rules[watched.exit_id] = Rule(watched)
        elif step[0] == "disarm" and naive.rules:
            exit_id = list(naive.rules)[step[1] % len(naive.rules)]
            watcher.disarm(exit_id)
            del naive.rules[exit_id]
        elif step[0] == "mark":
            mark(step[1], step[2])
        elif step[0] == "climb":
            for count in range(step[4]):
                mark(step[1], max(0.0, step[2] + count * step[3]))
        assert len(watcher) == len(naive.rules)
        for exit_id, rule in naive.rules.items():
            assert exit_id in watcher
            assert watcher.trigger_of(exit_id) == rule.trigger()
            assert rule.water is None or watcher.water_of(exit_id) == rule.water
        for key in KEYS:
            assert list(watcher.armed(key)) == [
                i for i, rule in naive.rules.items() if rule.watched.key == key
            ]
        check_index(watcher)
    return watcher, armed, marks


@given(steps())
def test_i16_a_rule_fires_at_most_once_and_exactly_when_the_naive_rule_does(history: list[Step]) -> None:
    """Over any arming, disarming and marks, every exit is due when a plain rule says so, in order, and only once."""
    watcher, armed, marks = play(history)
    fired = [exit_id for _, _, due in marks for exit_id in due]
    assert len(fired) == len(set(fired))
    assert set(fired) <= set(armed)
    assert not any(exit_id in watcher for exit_id in fired)


@given(
    st.lists(st.tuples(st.booleans(), st.one_of(levels(), trails())), max_size=40),
    st.lists(GRID, max_size=40),
)
def test_i16_a_scan_of_marks_fires_what_mark_after_mark_fires(
    exits: list[tuple[bool, dict[str, Any]]], prices: list[float]
) -> None:
    """Marks handed over as one run give the same exits in the same order as the same marks one by one."""
    plan = [
        WatchedExit(exit_id=f"x{number}", key=KEYS[number % 2], long=long, **fields)
        for number, (long, fields) in enumerate(exits)
    ]
    marks = [(KEYS[number // 2 % 2], price) for number, price in enumerate(prices)]
    one_by_one, at_once = armed_with(*plan), armed_with(*plan)
    assert at_once.scan(marks) == [exit_id for mark in marks for exit_id in one_by_one.on_mark(*mark)]


@given(st.lists(st.tuples(st.booleans(), trails()), min_size=150, max_size=200), st.lists(GRID, max_size=30))
def test_i16_many_trails_over_many_waters_fire_as_naive_rules_do(
    exits: list[tuple[bool, dict[str, Any]]], prices: list[float]
) -> None:
    """Groups that merge, large into small and small into large, lose no exit, and rebuilding them does not either."""
    history: list[Step] = [("arm", "AAA", long, fields) for long, fields in exits]
    history += [("disarm", number * 7) for number in range(100)]
    play(history + [("mark", "AAA", price) for price in prices])


@pytest.mark.parametrize("sizes", [(40, 40), (40, 3), (3, 40)])
def test_i16_large_groups_that_merge_keep_every_exit_in_order(sizes: tuple[int, int]) -> None:
    """A new high over two crowded waters makes one group: each exit follows it, and each fires once, nearest first."""
    low, high = sizes
    watcher = armed_with(
        *(trail(f"low {number}", 10.0, 9.0 - number / 8) for number in range(low)),
        *(trail(f"high {number}", 11.0, 8.9 - number / 8) for number in range(high)),
    )
    watcher.disarm("low 1")
    watcher.disarm("high 1")
    assert watcher.on_mark("AAA", 12.0) == ()
    armed = watcher.armed("AAA")
    assert {watcher.water_of(exit_id) for exit_id in armed} == {12.0}
    expected = sorted(armed, key=watcher.trigger_of, reverse=True)
    fired = [exit_id for step in range(100) for exit_id in watcher.on_mark("AAA", 12.0 - step / 9)]
    assert fired == expected
    assert len(watcher) == 0


@pytest.mark.parametrize("long", [True, False])
def test_stop_and_target_fire_at_their_level_and_not_before(long: bool) -> None:
    """A price equal to the level is enough, the next price short of it is not, on either side."""
    worse, better = (4.0, 6.0) if long else (6.0, 4.0)
    watcher = armed_with(stop("S", worse, long=long), target("T", better, long=long))
    near_worse, near_better = (4.01, 5.99) if long else (5.99, 4.01)
    assert watcher.on_mark("AAA", near_worse) == ()
    assert watcher.on_mark("AAA", near_better) == ()
    assert list(watcher.on_mark("AAA", worse)) == ["S"]
    assert list(watcher.on_mark("AAA", better)) == ["T"]
    assert len(watcher) == 0


def test_another_instruments_marks_wake_nothing() -> None:
    """An exit listens to its own instrument only."""
    watcher = armed_with(stop("S", 4.0))
    assert watcher.on_mark("BBB", 1.0) == ()
    assert "S" in watcher


def test_a_trail_follows_the_high_and_fires_on_the_way_back() -> None:
    """The water rises with new highs, stays on falls, and the trigger keeps its distance from it."""
    watcher = armed_with(trail("A", 5.0, 1.0), trail_percent("P", 5.0, 0.5))
    assert watcher.on_mark("AAA", 8.0) == ()
    assert watcher.on_mark("AAA", 7.5) == ()
    assert (watcher.water_of("A"), watcher.trigger_of("A")) == (8.0, 7.0)
    assert (watcher.water_of("P"), watcher.trigger_of("P")) == (8.0, 4.0)
    assert list(watcher.on_mark("AAA", 7.0)) == ["A"]
    assert list(watcher.on_mark("AAA", 3.0)) == ["P"]


def test_a_shorts_trail_follows_the_low_and_fires_on_the_way_up() -> None:
    """For a short position the water is the low and the trigger lies above it."""
    watcher = armed_with(trail("A", 5.0, 1.0, long=False), trail_percent("P", 5.0, 0.5, long=False))
    assert watcher.on_mark("AAA", 2.0) == ()
    assert (watcher.water_of("A"), watcher.trigger_of("A")) == (2.0, 3.0)
    assert (watcher.water_of("P"), watcher.trigger_of("P")) == (2.0, 3.0)
    assert list(watcher.on_mark("AAA", 3.0)) == ["A", "P"]


def test_a_mark_that_is_a_new_high_and_at_a_target_fires_the_target_alone() -> None:
    """A trail, even one too tight for a float to show, never fires on the mark that sets its high."""
    watcher = armed_with(trail("tight", 5.0, 1e-300), trail("wide", 5.0, 1.0), target("T", 9.0))
    assert list(watcher.on_mark("AAA", 9.0)) == ["T"]
    assert watcher.water_of("tight") == watcher.trigger_of("tight") == 9.0
    assert watcher.on_mark("AAA", 9.0) == ()
    assert list(watcher.on_mark("AAA", 8.75)) == ["tight"]


def test_exits_due_together_come_in_the_promised_order() -> None:
    """Stops and trails before targets, then what the price met first, then what was armed first."""
    watcher = armed_with(
        target("short target low", 3.0, long=False),
        target("short target high", 4.0, long=False),
        stop("second at 4", 4.0),
        stop("at 3", 3.0),
        trail("trail at 3.5", 5.0, 1.5),
        stop("third at 4", 4.0),
    )
    assert list(watcher.on_mark("AAA", 2.0)) == [
        "second at 4",
        "third at 4",
        "trail at 3.5",
        "at 3",
        "short target high",
        "short target low",
    ]


def test_exits_due_together_on_the_way_up_come_lowest_first() -> None:
    """A rising price meets the lowest trigger first."""
    watcher = armed_with(target("T7", 7.0), target("T6", 6.0), stop("S6.5", 6.5, long=False))
    assert list(watcher.on_mark("AAA", 8.0)) == ["S6.5", "T6", "T7"]


def test_an_exit_already_passed_when_armed_is_due_at_the_next_mark() -> None:
    """Arming late loses nothing: the next mark fires a stop above the market."""
    watcher = armed_with(stop("S", 9.0))
    assert list(watcher.on_mark("AAA", 5.0)) == ["S"]


def test_an_id_can_be_armed_again_after_it_fired_or_was_disarmed() -> None:
    """A fired or disarmed exit is forgotten entirely."""
    watcher = armed_with(stop("S", 4.0))
    watcher.on_mark("AAA", 4.0)
    watcher.arm(stop("S", 3.0))
    watcher.disarm("S")
    watcher.arm(stop("S", 2.0))
    assert watcher.on_mark("AAA", 3.0) == ()
    assert list(watcher.on_mark("AAA", 2.0)) == ["S"]


def test_a_disarmed_exit_does_not_fire() -> None:
    """After disarming, the price may go anywhere."""
    watcher = armed_with(stop("S", 4.0), target("T", 6.0), trail("A", 5.0, 1.0))
    for exit_id in ("S", "T", "A"):
        watcher.disarm(exit_id)
    assert [watcher.on_mark("AAA", price) for price in (9.0, 1.0)] == [(), ()]
    assert watcher.armed("AAA") == ()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"kind": ExitKind.STOP}, "a stop needs a level"),
        ({"kind": ExitKind.TARGET, "level": 0.0}, "a price above 0"),
        ({"kind": ExitKind.STOP, "level": -1.0}, "a price above 0"),
        ({"kind": ExitKind.STOP, "level": nan}, "a price above 0"),
        ({"kind": ExitKind.TARGET, "level": inf}, "a price above 0"),
        ({"kind": ExitKind.STOP, "level": 4.0, "water": 5.0}, "a level only"),
        ({"kind": ExitKind.TARGET, "level": 4.0, "trail_amount": 5.0}, "a level only"),
        ({"kind": ExitKind.TRAILING, "level": 4.0, "water": 5.0, "trail_amount": 1.0}, "has no level"),
        ({"kind": ExitKind.TRAILING, "water": 5.0}, "exactly one"),
        ({"kind": ExitKind.TRAILING, "water": 5.0, "trail_amount": 1.0, "trail_percent": 0.1}, "exactly one"),
        ({"kind": ExitKind.TRAILING, "water": 5.0, "trail_amount": 0.0}, "dollars above 0"),
        ({"kind": ExitKind.TRAILING, "water": 5.0, "trail_amount": nan}, "dollars above 0"),
        ({"kind": ExitKind.TRAILING, "water": 5.0, "trail_percent": 1.0}, "between 0 and 1"),
        ({"kind": ExitKind.TRAILING, "water": 5.0, "trail_percent": 25.0}, "between 0 and 1"),
        ({"kind": ExitKind.TRAILING, "trail_percent": 0.25}, "needs its water"),
        ({"kind": ExitKind.TRAILING, "water": inf, "trail_percent": 0.25}, "must be a price"),
        ({"kind": ExitKind.TRAILING, "water": -5.0, "trail_percent": 0.25}, "must be a price"),
    ],
)
def test_fields_that_do_not_fit_are_refused(fields: dict[str, Any], why: str) -> None:
    """An exit that could never mean what its sender meant is refused with its id and the reason; nothing is armed."""
    watcher = PositionWatcher()
    with pytest.raises(ValueError, match=f"'X'.*{why}"):
        watcher.arm(WatchedExit(exit_id="X", key="AAA", long=True, **fields))
    assert len(watcher) == 0
    assert watcher.slots() == 0


def test_an_id_that_is_armed_is_refused() -> None:
    """Two exits of one id cannot be told apart, so the second is refused and the first stays."""
    watcher = armed_with(stop("S", 4.0))
    with pytest.raises(ValueError, match="'S' is armed already"):
        watcher.arm(stop("S", 3.0, key="BBB"))
    assert watcher.trigger_of("S") == 4.0


def test_unknown_ids_are_named_in_the_error() -> None:
    """Asking about, or disarming, an exit that is not armed says which one."""
    watcher = armed_with(stop("S", 4.0))
    for ask in (watcher.disarm, watcher.trigger_of, watcher.water_of):
        with pytest.raises(KeyError, match="no exit 'gone' is armed"):
            ask("gone")
    with pytest.raises(ValueError, match="'S' is no trailing exit"):
        watcher.water_of("S")


@pytest.mark.parametrize("price", [nan, inf, -1.0])
def test_a_price_that_is_no_price_fires_nothing(price: float) -> None:
    """NaN, infinity and a negative price trip an assertion where they would cross an exit, and every exit stays."""
    watcher = armed_with(stop("S", 4.0), target("T", 6.0), trail("A", 5.0, 1.0))
    with pytest.raises(AssertionError, match="must be finite and not negative"):
        watcher.on_mark("AAA", price)
    assert watcher.armed("AAA") == ("S", "T", "A")
    assert watcher.water_of("A") == 5.0


@pytest.mark.parametrize("resting", [0, 300])
def test_memory_stays_bounded_over_a_hundred_thousand_cycles(resting: int) -> None:
    """Arming and disarming for ever leaves the index no larger than its living exits call for."""
    watcher = armed_with(*(trail(f"r{number}", 5.0 + number, 4.0) for number in range(resting)))
    largest = 0
    for cycle in range(100_000):
        exit_id = f"x{cycle}"
        if cycle % 3 == 0:
            watcher.arm(stop(exit_id, 1.0 + cycle % 7))
        elif cycle % 3 == 1:
            watcher.arm(target(exit_id, 1000.0 + cycle % 7, long=False))
        else:
            watcher.arm(trail(exit_id, 400.0 + cycle, 3.0, long=cycle % 2 == 0))
        watcher.disarm(exit_id)
        if cycle % 1000 == 0:
            largest = max(largest, watcher.slots())
    assert len(watcher) == resting
    # A living exit holds up to three slots (its own, its group's, its place in the queue), then as many dead.
    assert largest <= 4 * (resting + 1) + 2 * DEAD_ALLOWED + 8
    check_index(watcher)


def test_an_instrument_without_exits_left_is_forgotten() -> None:
    """Contracts expire by the thousand: the last exit of one takes its whole lane with it."""
    watcher = PositionWatcher()
    for number in range(1000):
        watcher.arm(stop("S", 4.0, key=f"contract {number}"))
        watcher.on_mark(f"contract {number}", 3.0)
    assert watcher.slots() == 0
    assert not ladders(watcher)
