"""Quotes as the core sees them: the newest two sides and last of an instrument, and whether to trust them."""

from math import inf

import msgspec

from options.values import SECOND, Micros


class Quote(msgspec.Struct, frozen=True, gc=False):
    """What is known of one instrument's market at ``ts``.

    ``ts`` is when the newest change became known (microseconds UTC). Prices are floats in dollars, ``None`` where
    a side is not quoted; sizes are in contracts (or shares). Never NaN: feeds turn the broker's -1, 0 and NaN
    into ``None``.
    """

    ts: Micros
    bid: float | None = None
    ask: float | None = None
    last: float | None = None
    bid_size: int = 0
    ask_size: int = 0

    @property
    def mid(self) -> float | None:
        """Half way between the sides, or ``None`` unless both are quoted."""
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2

    @property
    def mark(self) -> float | None:
        """The price a position is valued at: mid, else last, else the one side there is."""
        mid = self.mid
        if mid is not None:
            return mid
        return self.last if self.last is not None else (self.bid if self.bid is not None else self.ask)

    @property
    def crossed(self) -> bool:
        """True if the bid is above the ask: nobody could have traded on it."""
        return self.bid is not None and self.ask is not None and self.bid > self.ask


class QuoteLimits(msgspec.Struct, frozen=True, kw_only=True):
    """When a quote is too old or too odd to decide on.

    ``stale_after_s``: seconds since the contract's own last change. ``feed_silence_s``: seconds since the feed
    said anything at all; a feed of changes is silent about a quiet contract, never about everything.
    ``spread_max``: spread over mid above which a mark is too wide to judge an exit by.
    """

    stale_after_s: float = 3 * 3600.0
    feed_silence_s: float = 120.0
    spread_max: float = 1.0


class QuoteCache:
    """The newest quote of every instrument, by key, and when the feed last spoke."""

    __slots__ = ("feed_ts", "quotes")

    def __init__(self) -> None:
        self.quotes: dict[str, Quote] = {}
        self.feed_ts: Micros = 0

    def get(self, key: str) -> Quote | None:
        """The newest quote of an instrument, or ``None`` if it was never quoted."""
        return self.quotes.get(key)

    def update(self, ts: Micros, changes: "list[tuple[str, Quote]]") -> None:
        """Take in what the feed said at ``ts``; an empty list still proves that the feed is alive."""
        self.feed_ts = max(self.feed_ts, ts)
        self.quotes.update(changes)

    def fault(self, key: str, now: Micros, limits: QuoteLimits) -> str | None:
        """Why the quote of ``key`` must not be decided on at ``now``, or ``None`` if it is healthy."""
        quote = self.quotes.get(key)
        if quote is None:
            return "no quote"
        if quote.crossed:
            return f"crossed quote, bid {quote.bid} above ask {quote.ask}"
        silence_s = (now - self.feed_ts) / SECOND
        if silence_s > limits.feed_silence_s:
            return f"the feed has been silent for {silence_s:.0f} s"
        age_s = (now - quote.ts) / SECOND
        if age_s > limits.stale_after_s:
            return f"stale quote, {age_s:.0f} s old"
        for price in (quote.bid, quote.ask, quote.last):
            if price is not None and not 0 <= price < inf:
                return "a price that is no price"
        return None
