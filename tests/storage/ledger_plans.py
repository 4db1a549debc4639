"""Ledgers made of a plan: batches of events that tests write, harm and open again."""

from collections.abc import Sequence
from pathlib import Path

from options.events import TradeEvent
from storage.ledger import Ledger
from tests.storage.event_strategies import LATER, halt, mark

PLAN: list[list[TradeEvent]] = [
    [mark(1)],
    [mark(2), halt("a"), mark(3)],
    [mark(4)],
    [halt("b"), halt("c")],
    [mark(5), mark(6)],
]


class Folded:
    """A sink that keeps every event under its number."""

    def __init__(self) -> None:
        self.events: dict[int, TradeEvent] = {}

    def __call__(self, first_seq: int, events: Sequence[TradeEvent]) -> None:
        for seq, event in enumerate(events, first_seq):
            assert seq not in self.events
            self.events[seq] = event


def write_plan(path: Path, plan: Sequence[Sequence[TradeEvent]]) -> None:
    """A ledger of these batches."""
    ledger = Ledger.open(path, now_ts=LATER)
    for batch in plan:
        ledger.write(batch)
    ledger.sync()
    ledger.close()


def opened(path: Path) -> tuple[Ledger, dict[int, TradeEvent]]:
    """The ledger, closed again, and what its opening gave."""
    folded = Folded()
    ledger = Ledger.open(path, now_ts=LATER, sink=folded)
    ledger.close()
    return ledger, folded.events


def numbered(plan: Sequence[Sequence[TradeEvent]]) -> dict[int, TradeEvent]:
    """Every event of these batches under its number."""
    return dict(enumerate((event for batch in plan for event in batch), 1))
