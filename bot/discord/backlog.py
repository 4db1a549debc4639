"""What a channel has yet to be told, and in which order: closings, then trade events, then marks at their pace."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

OLD_MARKS_EVERY_S = 20.0
"""Discord lets only a few hour-old messages of a channel be edited; most of that is kept for trade events."""


class Urgency(IntEnum):
    """How much a change matters; the smaller goes first."""

    CLOSING = 0
    TRADE = 1
    MARK = 2


def _never(_position_id: str) -> bool:
    return False


@dataclass(slots=True)
class News:
    """A position's message is behind the ledger: since which event, and how urgent the newest truth is."""

    urgency: Urgency
    first_seq: int


class Backlog:
    """One entry a position, however much has happened to it: only the newest truth is shown. Times in seconds."""

    def __init__(self, mark_every_s: float) -> None:
        self._mark_every_s = mark_every_s
        self._waiting: dict[str, News] = {}
        self._mark_due_s: dict[str, float] = {}
        self._old_due_s = 0.0

    def __len__(self) -> int:
        """How many messages are behind."""
        return len(self._waiting)

    def note(self, position_id: str, news: News) -> None:
        """A position has changed, or its news could not be shown and waits again."""
        waiting = self._waiting.get(position_id)
        if waiting is None:
            self._waiting[position_id] = news
            return
        waiting.urgency = min(waiting.urgency, news.urgency)
        waiting.first_seq = min(waiting.first_seq, news.first_seq)

    def drop(self, position_id: str) -> None:
        """Nothing more is to be shown of a position for now."""
        self._waiting.pop(position_id, None)

    def take(
        self,
        now_s: float,
        is_old: Callable[[str], bool],
        *,
        marks_from_s: float = 0.0,
        held: Callable[[str], bool] = _never,
        hurry: bool = False,
    ) -> tuple[str, News] | None:
        """The next position to show, taken out; ``None`` if none is due.

        No mark is due before ``marks_from_s``, and nothing of a position that is ``held``. In a ``hurry`` marks do not
        wait.
        """
        marks_wait = marks_from_s > now_s and not hurry
        best: str | None = None
        for position_id, news in self._waiting.items():
            if best is not None and news.urgency >= self._waiting[best].urgency:
                continue
            if (news.urgency is Urgency.MARK and marks_wait) or held(position_id):
                continue
            if news.urgency is not Urgency.MARK or hurry or self._due_s(position_id, is_old) <= now_s:
                best = position_id
                if news.urgency is Urgency.CLOSING:
                    break
        return None if best is None else (best, self._waiting.pop(best))

    def shown(self, position_id: str, now_s: float, *, old: bool) -> None:
        """A message was brought up to date: its next mark waits."""
        self._mark_due_s[position_id] = now_s + self._mark_every_s
        if old:
            self._old_due_s = now_s + OLD_MARKS_EVERY_S

    def wait_s(
        self,
        now_s: float,
        is_old: Callable[[str], bool],
        *,
        marks_from_s: float = 0.0,
        held: Callable[[str], bool] = _never,
    ) -> float | None:
        """Seconds until something is due; ``None`` while nothing waits but what is ``held``."""
        free = [one for one in self._waiting.items() if not held(one[0])]
        if not free:
            return None
        if any(news.urgency is not Urgency.MARK for _, news in free):
            return 0.0
        due_s = min(self._due_s(position_id, is_old) for position_id, _ in free)
        return max(due_s - now_s, marks_from_s - now_s, 0.0)

    def _due_s(self, position_id: str, is_old: Callable[[str], bool]) -> float:
        due_s = self._mark_due_s.get(position_id, 0.0)
        return max(due_s, self._old_due_s) if is_old(position_id) else due_s
