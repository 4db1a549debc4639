"""The ledger as a channel may know it: all that is durable, or only what is older than the channel's delay."""

from collections import deque
from collections.abc import Callable, Iterator

from bot.card_book import CardBook
from options.events import TradeEvent
from options.values import SECOND, Micros, to_iso
from storage.ledger_reader import Batch
from storage.ledger_tail import LedgerTail

RELEASE_ALL: Micros = 1 << 62
"""A moment that every event is older than."""


class Stage:
    """Folds a ledger by a tail of its own, event by event, and no event that is younger than the delay.

    What is held back stays in the file: one block of the tail at most is in memory.

    :param durable_offset: how far the ledger is safe.
    """

    def __init__(
        self, tail: LedgerTail, delay_s: float, durable_offset: Callable[[], int | None] = lambda: None
    ) -> None:
        self.delay_s = delay_s
        self.cards = CardBook()
        self.seq = 0
        """The last event that was taken in."""
        self.newest_ts = ""
        """When that was, ISO 8601 UTC."""
        self.changed: dict[str, int] = {}
        """Each position's last event."""
        self.holding = False
        """True while something is held back for the delay."""
        self._tail = tail
        self._durable_offset = durable_offset
        self._waiting: deque[Batch] = deque()

    def poll(self, now: Micros) -> Iterator[tuple[int, TradeEvent, tuple[str, ...]]]:
        """What is new and old enough: each event with its number and the positions that it changed.

        It is at most about a quarter of a megabyte of the ledger: call again until nothing comes.

        :raises StorageError: the ledger failed or is damaged.
        """
        if not self._waiting:
            self._waiting.extend(self._tail.poll(self._durable_offset()))
        limit = None if now == RELEASE_ALL or not self.delay_s else to_iso(now - int(self.delay_s * SECOND))
        while self._waiting:
            batch = self._waiting[0]
            self.holding = limit is not None and max(event.ts for event in batch.events) > limit
            if self.holding:
                return
            self._waiting.popleft()
            for seq, event in enumerate(batch.events, batch.first_seq):
                yield seq, event, self._take(seq, event)

    def forget(self, position_id: str) -> None:
        """Let go of a position whose last card was shown."""
        self.cards.forget(position_id)
        self.changed.pop(position_id, None)

    def close(self) -> None:
        """Give the ledger back."""
        self._tail.close()

    def _take(self, seq: int, event: TradeEvent) -> tuple[str, ...]:
        self.seq, self.newest_ts = seq, event.ts
        changed = self.cards.fold(event)
        for position_id in changed:
            self.changed[position_id] = seq
        return changed
