"""Discord's ids and times, made from the clock seam."""

from datetime import UTC, datetime

from bot.clock import Clock
from options.values import Micros

DISCORD_EPOCH_MS = 1_420_070_400_000
_TIME_SHIFT = 22


class Snowflakes:
    """Ids that carry their time and never repeat; the same clock readings give the same ids."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """A new id, greater than every one before."""
        since_epoch_ms = max(self._clock.now() // 1_000 - DISCORD_EPOCH_MS, 1)
        self._last = max(since_epoch_ms << _TIME_SHIFT, self._last + 1)
        return self._last


def iso_time(at: Micros) -> str:
    """A time as Discord writes it, e.g. ``2026-03-11T14:30:00.000000+00:00``."""
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat(timespec="microseconds")
