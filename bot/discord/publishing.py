"""How to publish: what every part of the notifier is told."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.discord.edit_room import EditRoom
from bot.discord.pictures import Charting
from options.events import TradeEvent

_BACKOFF_S = (0.5, 60.0)
_LOOK_AGAIN_S = (60.0, 900.0)


class NotifierOff(Exception):
    """Discord cannot be used as it is set up; the sentence says what to change."""


class Listener(Protocol):
    """Who hears what the cards without delay are made of."""

    def hear(self, seq: int, event: TradeEvent, changed: Sequence[str]) -> None:
        """An event was taken into the cards, and changed those of these positions."""

    def caught_up(self) -> None:
        """All that was in the ledger at the start was heard."""


async def _nothing_known(_channel_id: int) -> str:
    return ""


@dataclass
class Publishing:
    """How to publish: the ledger's mark, the pace of marks, who is told of trouble, and how far the ledger is safe.

    ``live`` is true for a day that is now: times are shown relative to the reader's clock too, and delays are measured
    by the clock instead of by the newest event. ``backoff_s`` is the first and the longest pause after a failure,
    ``look_again_s`` that before a channel which was closed to us is looked at again. ``fault_of`` says what keeps us
    from showing cards in a channel, or nothing.
    """

    ledger: str
    say: Callable[[str], None]
    durable_offset: Callable[[], int | None] = lambda: None
    mark_every_s: float = 15.0
    live: bool = False
    backoff_s: tuple[float, float] = _BACKOFF_S
    look_again_s: tuple[float, float] = _LOOK_AGAIN_S
    fault_of: Callable[[int], Awaitable[str]] = _nothing_known
    charting: Charting | None = None
    """Who draws the charts on the messages; ``None``: there are none."""
    listeners: tuple[Listener, ...] = ()
    edits: EditRoom = field(default_factory=EditRoom)
    """What the limits leave to marks; the client tells it, see :meth:`EditRoom.trace`."""


def backoff_s(bounds_s: tuple[float, float], failures: int) -> float:
    """The pause after so many failures in a row, within the first and the longest one."""
    first_s, longest_s = bounds_s
    return min(first_s * 2.0 ** min(failures, 16), longest_s)
