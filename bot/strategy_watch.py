"""Watches that a strategy answers: one that loops for ever must not leave the positions of the house unguarded.

There are two steps. First the strategy is interrupted where it is: :class:`NoAnswer` is raised in its place, and
becomes its answer as any other failure does. Code that cannot be interrupted, because it never comes back to the
interpreter or swallows whatever is raised, is ended with the process a little later, by a thread that needs nothing of
the interpreter. What it was at is in a note by then, from which the next start knows whom not to ask about that signal
again.
"""

import faulthandler
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Protocol

from options.input_events import StrategyStalled
from options.order_manager import OptionsOrderManager
from options.shown_text import REASON_CHARACTERS, WORD_CHARACTERS, printable
from storage.ledger import Ledger
from storage.stall_note import StallNote

GRACE_S = 3.0
"""How long after it was interrupted a strategy that still goes on ends the process."""
_AGAIN_S = 1.0
_ASKER = "strategy_fault.py"
_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>[0-9]+)')
_INTERRUPT = re.compile(r'strategy_watch\.py", line [0-9]+ in _interrupt\n')


class NoAnswer(BaseException):
    """A strategy gave no answer in time; no ``Exception``, so that one which survives errors does not survive it."""


class Watch(Protocol):
    """What looks after a strategy while it is asked."""

    def over(self, strategy: str, signal_id: str) -> AbstractContextManager[None]:
        """Watch while the strategy is asked about a signal.

        :raises NoAnswer: it took too long.
        """


class _Unwatched:
    """A watch that does not look: for strategies that are trusted."""

    def over(self, strategy: str, signal_id: str) -> AbstractContextManager[None]:
        """Nothing."""
        del strategy, signal_id
        return nullcontext()


UNWATCHED: Watch = _Unwatched()


class StrategyWatch:
    """Gives each strategy ``limit_s`` seconds for an answer; ``note`` is where it stands whom the process waits for.

    Strategies can be interrupted in the main thread alone. In another the process is ended.
    """

    def __init__(self, note: StallNote, limit_s: float) -> None:
        self._note = note
        self._limit_s = limit_s
        self._watching = False
        self._where = ""

    @contextmanager
    def over(self, strategy: str, signal_id: str) -> Iterator[None]:
        """Watch while a strategy is asked about a signal.

        :raises NoAnswer: it took too long, which it may also have hidden.
        """
        self._where = ""
        self._note.begin(strategy, signal_id, self._limit_s)
        faulthandler.dump_traceback_later(self._limit_s + GRACE_S, exit=True, file=self._note.descriptor)
        try:
            with self._interrupting():
                yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            self._note.clear()
        if self._where:
            raise NoAnswer(self._where)

    @contextmanager
    def _interrupting(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, self._interrupt)
        try:
            try:
                self._watching = True
                signal.setitimer(signal.ITIMER_REAL, self._limit_s, _AGAIN_S)
                yield
            finally:
                self._watching = False
        finally:  # reached also when the interrupt comes at the very end
            self._watching = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _interrupt(self, _number: int, frame: FrameType | None) -> None:
        if not self._watching:
            return
        at = "" if frame is None else f" ({Path(frame.f_code.co_filename).name}, line {frame.f_lineno})"
        self._where = f"no answer within {self._limit_s:g} s{at}"
        raise NoAnswer(self._where)


def take_up(note: StallNote, ledger: Ledger, manager: OptionsOrderManager) -> None:
    """Put into the ledger over whom the process before was ended: the strategy is not asked about that signal again.

    A note beside a ledger that is empty is another ledger's, and says nothing.
    """
    stall = note.left
    if stall is None or not ledger.last_ts:
        note.clear()
        return
    where = f"no answer within {stall.limit_s:g} s{_innermost(stall.stack)}, and it could not be interrupted"
    event = StrategyStalled(
        ledger.last_ts,
        signal_id=printable(stall.signal_id, WORD_CHARACTERS * 2),
        strategy=printable(stall.strategy, WORD_CHARACTERS),
        where=printable(where, REASON_CHARACTERS),
    )
    ledger.write([event])
    ledger.sync()
    manager.note(event)
    note.clear()


def _innermost(stack: str) -> str:
    """Where the thread that asked was when the process was ended: its first line in a dump of all threads.

    An interrupt comes as often as the end does, so the process may be ended in the interrupt: that is not the place.
    """
    for thread in stack.split("\n\n"):
        if _ASKER in thread and (found := _FRAME.search(_INTERRUPT.split(thread)[-1])) is not None:
            return f" ({Path(found['file']).name}, line {found['line']})"
    return ""
