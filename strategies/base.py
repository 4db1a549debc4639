"""What a strategy is, and all that it gets to see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from options.book import Book
from options.chain import Chain
from options.intent import Decision
from options.quote import QuoteCache, QuoteLimits
from options.session import Session
from options.signal import Signal
from options.values import Micros


@dataclass(frozen=True, slots=True)
class MarketView:
    """The world at one moment, to look at and not to change.

    ``session`` is the day that is on; ``last_session`` gives the last session in which a contract with that expiry
    date trades.
    """

    now: Micros
    book: Book
    quotes: QuoteCache
    quote_limits: QuoteLimits
    chain: Chain
    session: Session
    last_session: Callable[[date], Session]


class Strategy(Protocol):
    """Turns signals into desired positions. It never sees an order and keeps nothing that the book does not hold."""

    name: str

    def on_signal(self, view: MarketView, signal: Signal) -> Decision:
        """What to make of a signal that was accepted; the same view and signal give the same decision."""
