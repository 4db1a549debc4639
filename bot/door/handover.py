"""Work that other threads want done by the thread that trades: it is done between two inputs, as the door's is.

Discord has a thread of its own. What it wants of the running day, a command or a look at the state, is put here as a
function; the trading thread calls it with the day, and what it returns comes back as a future.
"""

import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

WAITING_MAX = 64
_KNOCKS = 4096

_Day = TypeVar("_Day")
_Found = TypeVar("_Found")


class DeskClosed(Exception):
    """Nobody trades any more, or not yet: the text says what that means for who asked."""


class DeskBusy(Exception):
    """More waits to be done than may wait."""


@dataclass(frozen=True, slots=True)
class _Work(Generic[_Day]):
    """``do`` keeps what comes of it in a future, ``refuse`` puts an error there."""

    do: Callable[[_Day], None]
    refuse: Callable[[str], None]


class Handover(Generic[_Day]):
    """Asked from any thread, served by the one that trades. ``fileno`` is ready to be read while something waits.

    What fails while it is done fails in the trading thread, as everything else there; who asked hears that it failed.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[_Work[_Day]] = deque()
        self._day: _Day | None = None
        self._closed = False
        self._heard, self._knock = socket.socketpair()
        self._heard.setblocking(False)
        self._knock.setblocking(False)

    def fileno(self) -> int:
        """What a selector waits for."""
        return self._heard.fileno()

    def open(self, day: _Day) -> None:
        """From now on :meth:`serve` does what waits, with this day."""
        self._day = day

    def ask(self, work: Callable[[_Day], _Found]) -> "Future[_Found]":
        """Have something done by the trading thread; cancelling the future before it began takes it back.

        The future's errors: :class:`DeskClosed`, :class:`DeskBusy`.
        """
        future: Future[_Found] = Future()

        def do(day: _Day) -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work(day))
            finally:
                if not future.done():
                    future.set_exception(DeskClosed("it failed while it was done, and trading stops"))

        def refuse(why: str) -> None:
            if future.set_running_or_notify_cancel():
                future.set_exception(DeskClosed(why))

        with self._lock:
            if self._closed:
                refuse("nothing is traded at the moment: the day is over")
            elif len(self._waiting) >= WAITING_MAX:
                future.set_exception(DeskBusy(f"{WAITING_MAX} things wait to be done already; try again"))
            else:
                self._waiting.append(_Work(do, refuse))
                if len(self._waiting) == 1:
                    self._knock.send(b"!")
        return future

    def serve(self) -> None:
        """Do everything that waits; called by the trading thread between two inputs."""
        if not self._waiting or self._day is None:
            return
        with self._lock:
            work = list(self._waiting)
            self._waiting.clear()
            self._heard.recv(_KNOCKS)
        for index, one in enumerate(work):
            done = False
            try:
                one.do(self._day)
                done = True
            finally:
                if not done:
                    for other in work[index + 1 :]:
                        other.refuse("trading has stopped before it was done")

    def close(self) -> None:
        """Refuse what waits and what still comes. Closing twice is allowed."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            work = list(self._waiting)
            self._waiting.clear()
            self._heard.close()
            self._knock.close()
        for one in work:
            one.refuse("nothing is traded at the moment: the day is over")
