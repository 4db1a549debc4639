"""What an input costs does not grow with the trades that are open, counted in what the interpreter does for it."""

import sys
from collections.abc import Iterator
from statistics import median
from types import FrameType
from typing import Any

import pytest

from tests.benchmarks import bench_open_trades
from tests.benchmarks.bench_open_trades import KINDS, FullBook, Times

FEW, MANY, LIVES = 3, 90, 3
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
    """The benchmark of open trades, with operations for seconds."""
    counted, before = Operations(), sys.gettrace()
    monkeypatch.setattr(bench_open_trades, "perf_counter", counted.so_far)
    yield counted
    sys.settrace(before)


def lived(size: int, operations: Operations, *, shared: bool) -> Times:
    """The operations of every kind of input in a book of that size."""
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
    """From a signal to the end of its trade, thirty times as many others beside it make no input much dearer."""
    few, many = (lived(size, operations, shared=shared) for size in (FEW, MANY))
    grown = {kind: (median(few[kind]), median(many[kind])) for kind in KINDS}
    assert all(before > 0 for before, _ in grown.values())
    assert {kind: both for kind, both in grown.items() if both[1] > ALLOWED * both[0]} == {}
