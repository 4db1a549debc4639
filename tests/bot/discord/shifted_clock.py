"""Real time that a test can move on by minutes and hours at once."""

from bot.clock import SystemClock
from options.values import Micros


class ShiftedClock(SystemClock):
    """The machine's clock, ahead by what was added."""

    def __init__(self) -> None:
        self._ahead: Micros = 0

    def now(self) -> Micros:
        """The time, in microseconds UTC."""
        return super().now() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move on at once."""
        self._ahead += int(seconds * 1_000_000)
