"""The notifier: a reader of the ledger that keeps every position's card true wherever cards are shown.

It is driven by levels, not by edges: what counts is that the newest card is shown, not that each change was. A burst
of events becomes one card, closings go first, and the cursor moves only after the sink took the cards. A crash
between the two shows a card again, which changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from bot.card import Card, card_of
from bot.card_book import CardBook
from bot.event_text import numbered
from options.events import TradeEvent

READER = "cards"


class CardSink(Protocol):
    """Where cards are shown."""

    def show(self, position_id: str, card: Card, closed: bool) -> None:
        """Show the newest card of a position in place of the one before; after ``closed`` there is no other."""


class CursorStore(Protocol):
    """What remembers how far each reader has come."""

    def get(self, reader: str) -> int:
        """The number of the last event that a reader is done with, 0 for a new one."""

    def set(self, reader: str, seq: int) -> None:
        """Remember it, durably."""


class Notifier:
    """Hands the newest card of each changed position to a sink.

    The whole ledger must be taken in, from its first event, for the cards to be true; what is not past the cursor is
    folded and not shown. ``reader`` names the cursor: each place where cards are shown has its own.
    """

    def __init__(self, cards: CardBook, sink: CardSink, cursors: CursorStore, reader: str = READER) -> None:
        self.cards = cards
        self._sink = sink
        self._cursors = cursors
        self._reader = reader
        self._cursor = cursors.get(reader)
        self._seq = 0
        self._changed: dict[str, None] = {}
        self._shown: dict[str, Card] = {}

    @property
    def behind(self) -> int:
        """How many positions have changed since their card was shown."""
        return len(self._changed)

    def take(self, seq: int, event: TradeEvent) -> None:
        """Take one event in; nothing is shown before :meth:`flush`.

        :raises TransitionError, KeyError: as :func:`options.fold.apply`.
        """
        assert seq > self._seq, f"event {seq} came after event {self._seq}"
        self._seq = seq
        for position_id in self.cards.fold(event):
            if seq > self._cursor:
                self._changed[position_id] = None
            elif self.cards.is_closed(position_id):
                self.cards.forget(position_id)

    def flush(self) -> int:
        """Show what has changed, closings first, then move the cursor; how many cards were shown.

        If the sink fails, the cursor stays and nothing is forgotten: the next call shows what is missing.
        """
        order = sorted(self._changed, key=lambda position_id: not self.cards.is_closed(position_id))
        shown = 0
        for position_id in order:
            card = card_of(self.cards.view(position_id))
            if card != self._shown.get(position_id):
                self._sink.show(position_id, card, self.cards.is_closed(position_id))
                self._shown[position_id] = card
                shown += 1
        if self._seq > self._cursor:
            self._cursors.set(self._reader, self._seq)
            self._cursor = self._seq
        for position_id in order:
            if self.cards.is_closed(position_id):
                self.cards.forget(position_id)
                del self._shown[position_id]
        self._changed.clear()
        return shown

    def read(self, batches: Iterable[tuple[int, Sequence[TradeEvent]]]) -> int:
        """Take whole batches in (first number, events), then :meth:`flush`; how many cards were shown."""
        for seq, event in numbered(batches):
            self.take(seq, event)
        return self.flush()
