"""Quotes as the core sees them: the newest two sides and last of an instrument, and whether to trust them."""

from collections.abc import Iterable
from sys import float_info

import msgspec

from options.combo_quote import ComboIndex, is_combo, net_sides
from options.contract import Combo
from options.values import SECOND, Micros

# No price lies beyond the largest float: this also refuses NaN, which compares with nothing, and the infinities.
_BEYOND = float_info.max


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
    """The newest quote of every instrument, by key, and when the feed last spoke.

    A combo is quoted by its legs: from the first time that it is asked for, its net quote is kept under its own key
    and moves with them, until :meth:`release`. ``missing`` is what is said of what was never quoted.
    """

    __slots__ = ("_combos", "_gross", "feed_ts", "missing", "quotes")

    def __init__(self, missing: str = "no quote") -> None:
        self.quotes: dict[str, Quote] = {}
        self.missing = missing
        self.feed_ts: Micros = 0
        self._combos = ComboIndex()
        self._gross: dict[str, float | None] = {}

    def get(self, key: str) -> Quote | None:
        """The newest quote of an instrument, or ``None`` if it was never quoted."""
        quote = self.quotes.get(key)
        if quote is None and is_combo(key) and key not in self._combos.combos:
            quote = self._net(key, self._combos.add(key))
        return quote

    def copy(self) -> "QuoteCache":
        """A cache of its own with the same quotes; combos are worked out anew where they are asked for."""
        other = QuoteCache(self.missing)
        other.quotes = {key: quote for key, quote in self.quotes.items() if not is_combo(key)}
        other.feed_ts = self.feed_ts
        return other

    def follow(self, keys: Iterable[str]) -> None:
        """Keep the quotes of the combos among these from now on."""
        for key in keys:
            if is_combo(key):
                self.get(key)

    def release(self, key: str) -> None:
        """Nobody holds or works a combo any more. Any other instrument, or a second time, changes nothing."""
        if key in self._combos.combos:
            self._combos.discard(key)
            self._gross.pop(key, None)
            self.quotes.pop(key, None)

    def update(self, ts: Micros, changes: "list[tuple[str, Quote]]") -> "list[tuple[str, Quote]]":
        """Take in what the feed said at ``ts``; an empty list still proves that the feed is alive.

        The changes come back, and after them those of every combo that has a leg among them.
        """
        self.feed_ts = max(self.feed_ts, ts)
        self.quotes.update(changes)
        if not self._combos.combos:
            return changes
        moved = self._combos.touched(key for key, _ in changes)
        net = [(key, self._net(key, combo)) for key, combo in moved.items()]
        return [*changes, *((key, quote) for key, quote in net if quote is not None)]

    def _net(self, key: str, combo: Combo) -> Quote | None:
        sides = net_sides(combo, self.quotes)
        if sides is None:
            return None
        self._gross[key] = sides.gross
        quote = Quote(sides.ts, sides.bid, sides.ask, None, sides.bid_size, sides.ask_size)
        self.quotes[key] = quote
        return quote

    def scale(self, key: str, mid: float) -> float:
        """What a spread around ``mid`` is measured against: the mid, for a combo the mids of its legs together."""
        return (self._gross.get(key) or mid) if is_combo(key) else mid

    def fault(self, key: str, now: Micros, limits: QuoteLimits) -> str | None:
        """Why the quote of ``key`` must not be decided on at ``now``, or ``None`` if it is healthy."""
        quote = self.quotes.get(key) or self.get(key)
        combo = self._combos.combos.get(key)
        if combo is not None:
            for leg in combo.legs:
                of_leg = self.fault(leg.instrument.key, now, limits)
                if of_leg is not None:
                    return f"{leg.instrument.plain}: {of_leg}"
        if quote is None:
            return self.missing
        bid, ask, last = quote.bid, quote.ask, quote.last
        if bid is not None and ask is not None and bid > ask:
            return f"crossed quote, bid {bid} above ask {ask}"
        silence_s = (now - self.feed_ts) / SECOND
        if silence_s > limits.feed_silence_s:
            return f"the feed has been silent for {silence_s:.0f} s"
        age_s = (now - quote.ts) / SECOND
        if age_s > limits.stale_after_s:
            return f"stale quote, {age_s:.0f} s old"
        lowest = 0.0 if combo is None else -_BEYOND
        if (
            (bid is None or lowest <= bid <= _BEYOND)
            and (ask is None or lowest <= ask <= _BEYOND)
            and (last is None or lowest <= last <= _BEYOND)
        ):
            return None
        return "a price that is no price"
