"""An event loop whose time passes at once where nothing happens: hours of limits, pauses and outages in seconds.

All that takes part must run on this one loop: then whatever is under way shows at the sockets before time is skipped.
Work costs next to no time, so what is measured is waiting, and the same in every run. A wait ends a millisecond late,
as real ones do: who waits for the very microsecond at which a limit ends comes too early as often as not.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from bot.clock import SystemClock
from options.values import Micros

T = TypeVar("T")
_LATE_S = 0.001
_STEP_S = 0.000_001
"""What a round of the loop takes. With nothing, a wait for less than a clock can tell would never end."""


class _Selector(selectors.DefaultSelector):
    """Waits for sockets as ever, but lets the loop's time pass instead of waiting for it."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What has happened at the sockets."""
        self.loop.skip(_STEP_S)
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        found = super().select(0) or super().select(0)
        if not found:
            self.loop.skip(timeout + _LATE_S)
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. Its time begins at an arbitrary moment and passes only where everything waits."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self._passed_s = 1_000.0
        super().__init__(selector)

    def time(self) -> float:
        """Seconds."""
        return self._passed_s

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._passed_s += seconds


class VirtualClock(SystemClock):
    """The loop's time as a clock: real time at its making, and from then on as the loop says."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        assert isinstance(loop, VirtualLoop), "the clock is made where time is virtual"
        self._loop = loop
        self._ahead: Micros = super().now() - int(loop.time() * 1_000_000)

    def now(self) -> Micros:
        """The time, in microseconds UTC."""
        return int(self._loop.time() * 1_000_000) + self._ahead

    def monotonic_s(self) -> float:
        """The loop's own time."""
        return self._loop.time()

    def skip(self, seconds: float) -> None:
        """Let time pass at once: what waited for a moment in between is late for it."""
        self._loop.skip(seconds)


async def pass_time(seconds: float) -> None:
    """Let virtual time pass for all that waits, one thing after the other."""
    assert isinstance(asyncio.get_running_loop(), VirtualLoop), "real time is not for waiting"
    await asyncio.sleep(seconds)


def in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
