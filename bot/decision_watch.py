"""Watches that deciding on an input comes to an end: no loop in the core may leave every exit of the house unwatched.

The timer counts the processor time that this process uses itself, so neither a machine that sleeps nor one that is busy
with others ends anything. It ticks on while nothing is decided, and costs a decision two assignments. The core is
interrupted where it is, as an input at which deciding fails: nothing but the interpreter runs in there.
"""

import signal
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

DECIDING_S = 10.0
"""Seconds of this process's own time; deciding is interrupted between one and two of these after it began."""


class DecisionStalled(Exception):
    """Deciding on an input does not come to its end."""


class DecisionWatch:
    """Watches from where it is entered to where it is left, in the main thread; no other can be interrupted."""

    def __init__(self) -> None:
        self._deciding = False
        self._begun = 0
        self._at_last_tick = 0
        self._limit_s = DECIDING_S

    def begin(self) -> None:
        """An input is decided on from here."""
        self._begun += 1
        self._deciding = True

    def end(self) -> None:
        """It is decided on."""
        self._deciding = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGVTALRM, self._tick)
            signal.setitimer(signal.ITIMER_VIRTUAL, self._limit_s, self._limit_s)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, self._before)

    def _tick(self, _number: int, frame: FrameType | None) -> None:
        stalled = self._deciding and self._begun == self._at_last_tick
        self._at_last_tick = self._begun
        if stalled:
            at = "" if frame is None else f" ({Path(frame.f_code.co_filename).name}, line {frame.f_lineno})"
            raise DecisionStalled(f"no end within {self._limit_s:g} s{at}")
