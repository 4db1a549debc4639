"""The events that one input leads to, applied to the book as they are decided."""

from options.book import Book
from options.events import TradeEvent
from options.fold import COMMAND, HANDLERS
from options.values import Micros, to_iso


class Batch:
    """One input's record in the making.

    Each event is folded into the book as it is added, so the next decision sees it; nothing of it may leave the
    process before the whole batch is durable.
    """

    __slots__ = ("at", "book", "cause", "events", "ts")

    def __init__(self, book: Book, at: Micros, cause: str) -> None:
        self.book = book
        self.at = at
        self.ts = to_iso(at)
        self.cause = cause
        self.events: list[TradeEvent] = []

    def add(self, event: TradeEvent) -> None:
        """Record an event and fold it, as :func:`options.fold.apply` does; what all events share waits for the end."""
        self.events.append(event)
        self.book.totals.events += 1
        HANDLERS[type(event)](self.book, event)

    def end(self) -> list[TradeEvent]:
        """The events of the input, all of them: the book knows now how far it has come."""
        if self.events:
            book = self.book
            book.last_ts = self.ts
            if self.cause and not self.cause.startswith(COMMAND):
                book.last_cause = self.cause
        return self.events
