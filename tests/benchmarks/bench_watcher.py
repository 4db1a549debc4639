"""How many marks a second the watcher takes, with how many exits resting and what the marks do to them.

The exits are a third each stops, targets and trailing stops (half by amount, half by percent, over many waters). They
rest on one contract or are dealt out over 1,000. The marks either cross nothing, or one in a hundred fires an exit
(falling and rising triggers by turns, the fired ones armed again between the timed runs), or every one is a new high
of its contract.

The bare limit is the same loop over the same marks with a dictionary lookup and two float comparisons instead of the
watcher. Both take turns, run by run; each figure is the median of its runs. The garbage collector stays on.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from time import perf_counter

from options.contract import parse_occ
from options.position_watcher import ExitKind, PositionWatcher, WatchedExit
from tests.benchmarks.result import Result

FLOOR = 1_000_000.0
LOSS_ALLOWED = 20.0
RESTING = (0, 1_000, 10_000, 100_000)
CONTRACTS = (1, 1_000)
BARE_NAME = "a lookup and two comparisons a mark"
WATER = 200.0  # above every target, so that a firing target is no new high
Mark = tuple[str, float]


def key_of(contract: int) -> str:
    """A contract's key, as a feed and a book have it."""
    return parse_occ(f"GOOG  151224C{contract + 1:08d}").key


@dataclass
class Bench:
    """A watcher with its exits, and by contract what would fire next: falling triggers and rising ones."""

    resting: int
    contracts: int
    fresh_water: bool
    watcher: PositionWatcher = field(default_factory=PositionWatcher)
    falling: list[list[WatchedExit]] = field(default_factory=list)
    rising: list[list[WatchedExit]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Arm the exits."""
        self.falling = [[] for _ in range(self.contracts)]
        self.rising = [[] for _ in range(self.contracts)]
        for number in range(self.resting):
            contract, depth = number % self.contracts, number // self.contracts
            watched = self.exit_at(contract, depth, (depth + contract) % 3)
            self.watcher.arm(watched)
            side = self.rising if watched.kind is ExitKind.TARGET else self.falling
            side[contract].append(watched)

    def exit_at(self, contract: int, depth: int, turn: int) -> WatchedExit:
        """The exit of this depth, each further from the price than the one before."""
        exit_id, key = f"{contract}/{depth}", key_of(contract)
        away = depth * 1e-4
        if turn == 0:
            return WatchedExit(exit_id=exit_id, key=key, kind=ExitKind.STOP, long=True, level=60.0 - away)
        if turn == 1:
            level = 1e6 + away if self.fresh_water else 140.0 + away
            return WatchedExit(exit_id=exit_id, key=key, kind=ExitKind.TARGET, long=True, level=level)
        water = (100.0 if self.fresh_water else WATER) + away
        trail = (
            {"trail_amount": water - 60.0 + away}
            if depth % 2
            else {"trail_percent": 1 - (60.0 - away) / water}
        )
        return WatchedExit(exit_id=exit_id, key=key, kind=ExitKind.TRAILING, long=True, water=water, **trail)

    def quiet(self, marks: int) -> list[Mark]:
        """Marks that cross nothing, contract after contract."""
        return [
            (key, 99.0 + (number % 211) / 100) for number, key in zip(range(marks), self.keys(), strict=False)
        ]

    def climbing(self, marks: int) -> list[Mark]:
        """Marks that are each the highest their contract has seen."""
        step = 400.0 / marks
        return [
            (key, 100.0 + number * step)
            for number, key in zip(range(1, marks + 1), self.keys(), strict=False)
        ]

    def firing(self, marks: int) -> tuple[list[Mark], list[WatchedExit]]:
        """Quiet marks, one in a hundred of which fires an exit, and the exits that will have fired."""
        run = self.quiet(marks)
        fired: list[WatchedExit] = []
        next_falling, next_rising = [0] * self.contracts, [0] * self.contracts
        for place, number in zip(range(50, marks, 100), count(), strict=False):
            contract = number % self.contracts
            sides = [(self.falling, next_falling), (self.rising, next_rising)]
            for side, upcoming in sides if (number // self.contracts + number) % 2 else reversed(sides):
                if upcoming[contract] < len(side[contract]):
                    watched = side[contract][upcoming[contract]]
                    upcoming[contract] += 1
                    run[place] = (watched.key, self.watcher.trigger_of(watched.exit_id))
                    fired.append(watched)
                    break
        return run, fired

    def keys(self) -> Iterator[str]:
        """Every contract in turn, for ever; one string object for each, as a feed's table would hold."""
        keys = [key_of(contract) for contract in range(self.contracts)]
        while True:
            yield from keys


def by_mark(watcher: PositionWatcher, marks: Sequence[Mark]) -> tuple[float, int]:
    """Seconds for a loop that hands over mark after mark, and how many exits were due."""
    due = 0
    on_mark = watcher.on_mark
    started = perf_counter()
    for key, price in marks:
        for _ in on_mark(key, price):
            due += 1
    return perf_counter() - started, due


def by_scan(watcher: PositionWatcher, marks: Sequence[Mark]) -> tuple[float, int]:
    """Seconds for handing over all marks at once, and how many exits were due."""
    started = perf_counter()
    due = watcher.scan(marks)
    return perf_counter() - started, len(due)


def bare(bounds: dict[str, tuple[float, float]], marks: Sequence[Mark]) -> float:
    """Seconds for a lookup and two comparisons a mark."""
    outside = 0
    started = perf_counter()
    for key, price in marks:
        low, high = bounds[key]
        if not low < price <= high:
            outside += 1
    seconds = perf_counter() - started
    assert outside == 0
    return seconds


@dataclass
class Case:
    """One line of the table: what rests where and what the marks do, measured in several runs."""

    resting: int
    contracts: int
    pattern: str
    take: Callable[[PositionWatcher, Sequence[Mark]], tuple[float, int]]
    marks: int
    rates: list[float] = field(default_factory=list)
    bare_rates: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the figure is of."""
        spread = "one contract" if self.contracts == 1 else f"{self.contracts:,} contracts"
        how = "" if self.take is by_mark else ", handed over in runs"
        return f"watcher: {self.resting:,} exits on {spread}, {self.pattern}{how}"

    def measure(self, repetitions: int) -> Result:
        """Run watcher and bare loop by turns."""
        bounds = {key_of(contract): (0.0, 1e9) for contract in range(self.contracts)}
        bench = Bench(self.resting, self.contracts, fresh_water=self.pattern == "every mark a new high")
        for _ in range(repetitions):
            if self.pattern == "1% firing":
                marks, seconds = self.fire(bench)
            else:
                climbing = self.pattern == "every mark a new high"
                if climbing and self.rates:
                    bench = Bench(self.resting, self.contracts, fresh_water=True)
                marks = bench.climbing(self.marks) if climbing else bench.quiet(self.marks)
                seconds, due = self.take(bench.watcher, marks)
                assert due == 0
            self.rates.append(self.marks / seconds)
            self.bare_rates.append(len(marks) / bare(bounds, marks))
        return Result(
            name=self.name,
            figure=median(self.rates),
            unit="marks/s",
            floor=FLOOR,
            bare=median(self.bare_rates),
            bare_name=BARE_NAME,
            note=f"slowest of {repetitions} runs {min(self.rates):,.0f}",
        )

    def fire(self, bench: Bench) -> tuple[list[Mark], float]:
        """Slices of marks, 1% of them firing, with the fired exits armed again between the slices, untimed."""
        # A slice fires a tenth of what rests at most, so that the number resting stays what the case says.
        slice_marks = min(self.marks, 10 * self.resting)
        seconds = 0.0
        marks: list[Mark] = []
        for _ in range(self.marks // slice_marks):
            marks, expected = bench.firing(slice_marks)
            assert len(expected) == slice_marks // 100
            spent, due = self.take(bench.watcher, marks)
            assert due == len(expected), f"{due} exits fired where {len(expected)} were to"
            seconds += spent
            for watched in expected:
                bench.watcher.arm(watched)
        return marks, seconds


def lost(repetitions: int, marks: int, contracts: int) -> Result:
    """The share of speed lost from no exit to 10,000, nothing firing, the two measured by turns."""
    nothing, many = Bench(0, contracts, fresh_water=False), Bench(10_000, contracts, fresh_water=False)
    run = nothing.quiet(marks)
    losses = []
    for _ in range(repetitions):
        without, _ = by_mark(nothing.watcher, run)
        with_many, _ = by_mark(many.watcher, run)
        losses.append(100 * (1 - without / with_many))
    spread = "one contract" if contracts == 1 else f"{contracts:,} contracts"
    return Result(
        name=f"watcher: speed lost from 0 to 10,000 exits on {spread}",
        figure=median(losses),
        unit="%",
        floor=LOSS_ALLOWED,
        higher_is_better=False,
        note=f"worst of {repetitions} pairs {max(losses):.1f} %",
    )


@dataclass
class Rule:
    """What a loop over rules asks at every mark."""

    watched: WatchedExit
    water: float

    def due(self, price: float) -> bool:
        """Follow the mark and say whether it triggers."""
        watched = self.watched
        if watched.level is not None:
            return price <= watched.level if watched.kind is ExitKind.STOP else price >= watched.level
        self.water = max(self.water, price)
        if watched.trail_amount is not None:
            return price <= self.water - watched.trail_amount
        return price <= self.water * (1.0 - (watched.trail_percent or 0.0))


def naive(marks: int) -> Result:
    """The contrast: a loop over 1,000 rules at every mark."""
    bench = Bench(1_000, 1, fresh_water=False)
    rules = [Rule(watched, watched.water or 0.0) for watched in bench.falling[0] + bench.rising[0]]
    run = bench.quiet(marks)
    seconds, _ = by_mark(bench.watcher, run)
    started = perf_counter()
    due = sum(1 for _, price in run for rule in rules if rule.due(price))
    spent = perf_counter() - started
    assert due == 0
    return Result(
        name="for contrast: a loop over 1,000 rules, none firing",
        figure=marks / spent,
        unit="marks/s",
        bare=marks / seconds,
        bare_name="the watcher on the same marks",
    )


def cases(marks: int) -> Iterator[Case]:
    """Every combination that has to keep the floor, then some of them handed over in runs."""
    for contracts in CONTRACTS:
        for resting in RESTING:
            for pattern in ("none firing", "1% firing", "every mark a new high"):
                if resting or pattern != "1% firing":
                    yield Case(resting, contracts, pattern, by_mark, marks)
    for pattern in ("none firing", "1% firing", "every mark a new high"):
        yield Case(10_000, 1_000, pattern, by_scan, marks)


def run(quick: bool) -> list[Result]:
    """Marks a second in every case, the loss from 0 to 10,000 exits, and the naive loop for contrast."""
    marks, repetitions = (100_000, 3) if quick else (500_000, 5)
    results = [case.measure(repetitions) for case in cases(marks)]
    results += [lost(2 * repetitions + 1, marks, contracts) for contracts in CONTRACTS]
    return [*results, naive(marks // 250)]
