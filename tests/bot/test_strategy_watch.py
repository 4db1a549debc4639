"""The watch over strategies: what it interrupts, and what it makes of the note that a process has left."""

import signal
from contextlib import suppress
from pathlib import Path

import pytest

from bot.app import fold_into
from bot.strategy_watch import NoAnswer, StrategyWatch, take_up
from options.book import Book
from options.events import ProcessStopped
from options.order_manager import OptionsOrderManager
from options.quote import QuoteCache
from options.risk import RiskLimits
from storage.ledger import Ledger
from storage.stall_note import STALL_NAME, Stall, StallNote

TS = "2026-03-11T13:30:00.000000Z"
LEFT = b'{"strategy":"slow","signal_id":"S1","limit_s":2.0}\n'
STACK = b"""Timeout (0:00:05)!
Thread 0x1 (most recent call first):
  File "/x/threading.py", line 9 in wait

Thread 0x2 (most recent call first):
  File "/x/slow.py", line 7 in weigh
  File "/x/strategy_fault.py", line 44 in of
"""
INTERRUPT = b"""  File "/x/pathlib.py", line 71 in __fspath__
  File "/x/strategy_watch.py", line 110 in _interrupt
"""
IN_THE_INTERRUPT = STACK.replace(b'  File "/x/slow.py"', INTERRUPT + b'  File "/x/slow.py"')


def spin() -> None:
    """Never come back."""
    while True:
        pass


def test_an_answer_in_time_leaves_nothing_behind(tmp_path: Path) -> None:
    """No timer, no handler of its own, an empty note."""
    before = signal.getsignal(signal.SIGALRM)
    note = StallNote(tmp_path)
    with StrategyWatch(note, 60).over("quick", "S1"):
        assert (tmp_path / STALL_NAME).read_bytes().startswith(b'{"strategy":"quick","signal_id":"S1"')
    assert (tmp_path / STALL_NAME).read_bytes() == b""
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
    note.close()


def test_a_strategy_that_hides_its_interruption_has_not_answered(tmp_path: Path) -> None:
    """What it gives after that is not taken: it counts as no answer, and where it was is said."""
    note, answered = StallNote(tmp_path), list[str]()

    def ask() -> None:
        with StrategyWatch(note, 0.1).over("hiding", "S1"):
            with suppress(NoAnswer):
                spin()
            answered.append("late")

    with pytest.raises(NoAnswer, match=r"no answer within 0.1 s \(test_strategy_watch.py, line"):
        ask()
    assert answered == ["late"]
    note.close()


def test_what_is_raised_meanwhile_passes_through(tmp_path: Path) -> None:
    """An error of the strategy is its own, and the watch is over."""
    note = StallNote(tmp_path)
    with pytest.raises(ZeroDivisionError), StrategyWatch(note, 60).over("failing", "S1"):
        raise ZeroDivisionError
    assert (tmp_path / STALL_NAME).read_bytes() == b""
    note.close()


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (b"", None),
        (LEFT, None),
        (LEFT + STACK, Stall("slow", "S1", 2.0, STACK.decode())),
        (b"notes of somebody\nelse", None),
    ],
)
def test_a_note_speaks_only_where_a_process_was_ended_over_it(
    tmp_path: Path, left: bytes, expected: Stall | None
) -> None:
    """A line alone is what any kill leaves; another file names nobody."""
    (tmp_path / STALL_NAME).write_bytes(left)
    note = StallNote(tmp_path)
    assert note.left == expected
    note.close()


@pytest.mark.parametrize("stack", [STACK, IN_THE_INTERRUPT])
@pytest.mark.parametrize("empty", [True, False])
def test_a_note_is_taken_into_its_own_ledger_once(tmp_path: Path, empty: bool, stack: bytes) -> None:
    """Who stalled where is in the ledger before the note is cleared; beside an empty ledger it says nothing.

    The place is the strategy's also where the process was ended while it was being interrupted.
    """
    (tmp_path / STALL_NAME).write_bytes(LEFT + stack)
    book = Book()
    ledger = Ledger.open(tmp_path / "ledger.jsonl", now_ts=TS, sink=fold_into(book))
    manager = OptionsOrderManager(book, QuoteCache(), RiskLimits())
    if not empty:
        ledger.write([ProcessStopped(TS, reason="test")])
    for _ in range(2):
        note = StallNote(tmp_path)
        take_up(note, ledger, manager)
        note.close()
    where = "no answer within 2 s (slow.py, line 7), and it could not be interrupted"
    assert book.stalled == ({} if empty else {("slow", "S1"): where})
    assert ledger.last_seq == (0 if empty else 2)
    assert (tmp_path / STALL_NAME).read_bytes() == b""
    ledger.close()
    again = Book()
    Ledger.open(tmp_path / "ledger.jsonl", now_ts=TS, sink=fold_into(again)).close()
    assert again.stalled == book.stalled
