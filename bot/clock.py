"""The seam to real time: the only place of the shell that reads a clock or waits."""

import time
from typing import Protocol

from options.values import Micros


class Clock(Protocol):
    """Real time, or a stand-in for it."""

    def now(self) -> Micros:
        """The time, in microseconds UTC."""

    def monotonic_s(self) -> float:
        """Seconds that only go forward, for waiting and pacing."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> Micros:
        """The wall clock, in microseconds UTC."""
        return time.time_ns() // 1_000

    def monotonic_s(self) -> float:
        """The monotonic clock, in seconds."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep; a signal handler may run meanwhile."""
        time.sleep(seconds)
