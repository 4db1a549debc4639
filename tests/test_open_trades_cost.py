"""What an input costs does not grow with the trades that are open, counted in what the interpreter does for it.

One that is about many trades, as an execution that is divided among them, costs so much for each.
"""

import sys
from collections.abc import Iterator
from statistics import fmean
from types import FrameType
from typing import Any

import pytest

from options.inputs import ClockTicked
from options.silence_events import MarksFellSilent
from options.values import MINUTE
from tests.benchmarks import bench_netting, bench_open_trades
from tests.benchmarks.bench_netting import Crowd
from tests.benchmarks.bench_open_trades import KINDS, FullBook, Times

FEW, MANY, LIVES = 1, 90, 7
ALLOWED = 1.25
"""Ordered indexes take a step or two more in a longer list; a look at each trade would take many times as much."""


class Operations:
    """Counts what the interpreter does, in the place of a clock."""

    def __init__(self) -> None:
        self.count = 0

    def trace(self, frame: FrameType, event: str, _arg: object) -> Any:
        """One more, of every frame."""
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        self.count += event == "opcode"
        return self.trace

    def so_far(self) -> float:
        """As a clock has it."""
        return float(self.count)


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> Iterator[Operations]:
    """The benchmarks of open trades and of netting, with operations for seconds."""
    counted, before = Operations(), sys.gettrace()
    for measured in (bench_open_trades, bench_netting):
        monkeypatch.setattr(measured, "perf_counter", counted.so_far)
    yield counted
    sys.settrace(before)


def lived(size: int, operations: Operations, *, shared: bool) -> Times:
    """The operations of every kind of input in a book of that size; every life has its own price, then they repeat."""
    full = FullBook(size, shared=shared)
    full.live({kind: [] for kind in KINDS})
    found: Times = {kind: [] for kind in KINDS}
    sys.settrace(operations.trace)
    for _ in range(LIVES):
        full.live(found)
    sys.settrace(None)
    return found


@pytest.mark.parametrize("shared", [True, False], ids=["on one contract", "on a contract each"])
def test_what_an_input_costs_does_not_grow_with_the_open_trades(operations: Operations, shared: bool) -> None:
    """From a signal to the end of its trade, ninety trades instead of one alone make no input much dearer."""
    few, many = (lived(size, operations, shared=shared) for size in (FEW, MANY))
    grown = {kind: (fmean(few[kind]), fmean(many[kind])) for kind in KINDS}
    assert all(before > 0 for before, _ in grown.values())
    assert {kind: both for kind, both in grown.items() if both[1] > ALLOWED * both[0]} == {}


def marked_beside_silent(size: int, operations: Operations) -> float:
    """The operations of a mark that nobody holds, while all that is held has not been quoted for too long."""
    full = FullBook(size + 1, shared=False)
    full.at += 240 * MINUTE
    fell = full.decide("clock", ClockTicked())
    assert sum(isinstance(event, MarksFellSilent) for event in fell) == size
    assert not full.quote(full.unheld, 3.0), "none of them is back"
    taken: list[float] = []
    sys.settrace(operations.trace)
    assert not full.quote(full.unheld, 3.1, taken)
    sys.settrace(None)
    return taken[0]


def test_what_a_mark_costs_does_not_grow_with_what_is_silent(operations: Operations) -> None:
    """Ninety contracts that were not quoted for hours are not looked at when another one is."""
    few, many = (marked_beside_silent(size, operations) for size in (FEW, MANY))
    assert 0 < many <= ALLOWED * few


@pytest.mark.parametrize("mixed", [False, True], ids=["into one order", "inside the house"])
def test_what_netting_and_filling_cost_a_trade_does_not_grow_with_the_trades(
    operations: Operations, mixed: bool
) -> None:
    """An intent, and a trade's part of an execution, cost as much among 240 trades as among thirty."""
    cost = {}
    for size in (30, 240):
        crowd = Crowd(size, 3, mixed=mixed)
        crowd.aim_all(2)
        sys.settrace(operations.trace)
        netted, filled = crowd.aim_all(1)
        sys.settrace(None)
        cost[size] = netted / size, filled / size
    (netted, filled), (netted_many, filled_many) = cost.values()
    assert 0 < netted_many <= ALLOWED * netted
    assert 0 < filled_many <= ALLOWED * filled
