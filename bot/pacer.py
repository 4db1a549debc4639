"""How fast a day goes by."""

from collections.abc import Callable

from bot.clock import Clock
from options.session import Session
from options.values import SECOND, Micros


class Pacer:
    """Holds a replay to ``speed`` times real time within the session; ``None`` lets it run as fast as it can.

    ``wait`` lets seconds pass; by default the clock does.
    """

    def __init__(
        self,
        clock: Clock,
        speed: float | None,
        session: Session,
        wait: Callable[[float], None] | None = None,
    ) -> None:
        self._clock = clock
        self._wait = wait or clock.wait
        self._speed = speed
        self._session = session
        self._began: tuple[Micros, float] | None = None

    def pace(self, at: Micros) -> None:
        """Wait until the moment ``at`` of the day is due."""
        if self._speed is None or not self._session.is_open(at):
            return
        now_s = self._clock.monotonic_s()
        if self._began is None:
            self._began = (at, now_s)
        began_at, began_s = self._began
        due_s = began_s + (at - began_at) / SECOND / self._speed
        if due_s > now_s:
            self._wait(due_s - now_s)
