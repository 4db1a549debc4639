"""What every quote feed is: a day's session and chain, and slices of quotes in the order they became known."""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from options.chain import Chain
from options.quote import Quote
from options.session import Session
from options.values import Micros


class MarketSlice(msgspec.Struct, frozen=True, gc=False):
    """Everything that became known at ``ts`` (microseconds UTC): new quotes by instrument key, in key order."""

    ts: Micros
    changes: list[tuple[str, Quote]]


class MarketFeed(Protocol):
    """One session of quotes that can be gone through from the start any number of times, always the same."""

    @property
    def name(self) -> str:
        """The feed's name as the ledger shows it, e.g. ``goog_20151224``."""

    @property
    def own_time(self) -> bool:
        """Whether its time is its own, as that of what was recorded or is simulated, and not the clock's."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """The underlyings; each is quoted under its symbol."""

    @property
    def session(self) -> Session:
        """The session that the quotes belong to."""

    @property
    def chain(self) -> Chain:
        """The listed contracts with their open interest."""

    def slices(self) -> Iterator[MarketSlice]:
        """The slices in order of time, each later than the one before."""
