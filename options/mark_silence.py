"""Silence about what is held: noticed once when it has lasted too long, and once when it ends.

A feed of changes is silent about a quiet contract, and that is no silence: one begins when nothing at all was heard for
``feed_silence_s``, or when a contract's own quote is older than ``stale_after_s``. By then nothing is decided on it.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from options.batch import Batch
from options.book import Book
from options.quote import Quote, QuoteCache, QuoteLimits
from options.silence_events import MarksFellSilent, MarksReturned
from options.trade import Trade
from options.values import SECOND, Micros, to_iso


class MarkSilence:
    """Knows by when each instrument that is held must be heard of. Rebuilt from the book by :meth:`begin`.

    What an input costs here does not grow with what is held, nor with what is silent: each instrument is looked at when
    its time is over, and again when it may have ended.
    """

    def __init__(self, book: Book, quotes: QuoteCache, limits: QuoteLimits) -> None:
        self._book = book
        self._quotes = quotes
        self._limits = limits
        self._began: Micros = 0
        self._due: list[tuple[Micros, str]] = []
        self._watched: set[str] = set()
        self._silent: dict[str, None] = {}
        self._fell: dict[str, None] = {}
        self._looked: tuple[Micros, Micros] | None = None

    @property
    def next_due(self) -> Micros | None:
        """When the clock should be looked at for the next silence, if nothing is heard before; a lower bound."""
        return self._due[0][0] if self._due else None

    def begin(self, at: Micros) -> None:
        """After a start: what was silent still is, and what was never quoted yet has its time from now on."""
        self._began = at
        held = {trade.instrument: None for trade in self._book.trades.values() if trade.position.qty}
        blind = {trade.instrument: None for trade in self._book.trades.values() if trade.blind_since}
        self._silent, self._watched = blind, held.keys() - blind.keys()
        self._fell, self._looked = {}, None
        self._due = [(self._last_moment(key) + 1, key) for key in held if key not in blind]
        heapify(self._due)

    def watch(self, key: str) -> None:
        """An instrument is held from now on. One that is known already, or silent, is looked at again."""
        if key in self._watched:
            return
        self._watched.add(key)
        heappush(self._due, (self._last_moment(key) + 1, key))

    def notice(self, batch: Batch) -> None:
        """Say of what is held that nothing was heard of it for too long; of each position once."""
        while self._due and self._due[0][0] <= batch.at and self._book.day.is_open(batch.at):
            _, key = heappop(self._due)
            if key not in self._book.risk.held:
                self._watched.discard(key)
                continue
            last = self._last_moment(key)
            if last >= batch.at:
                heappush(self._due, (last + 1, key))
                continue
            self._silent[key] = self._fell[key] = None
            self._watched.discard(key)
            for trade in self._held(key):
                if not trade.blind_since:
                    self._fell_silent(batch, trade)

    def heard(self, batch: Batch, changes: Sequence[tuple[str, Quote]]) -> None:
        """The market has moved: say of each silent instrument that can be judged by again that it is back."""
        if not self._silent:
            return
        for key in self._may_be_back(batch, changes):
            if key not in self._silent or self._last_moment(key) < batch.at or key not in self._quotes.quotes:
                continue
            del self._silent[key]
            for trade in self._book.by_instrument.get(key, {}).values():
                if trade.blind_since:
                    ids = {"trade_id": trade.trade_id, "position_id": trade.position.position_id}
                    batch.add(MarksReturned(batch.ts, batch.cause, **ids, since=trade.blind_since))
            if self._held(key):
                self.watch(key)

    def _may_be_back(self, batch: Batch, changes: Sequence[tuple[str, Quote]]) -> list[str]:
        """What fell silent since the last word, and what is quoted now: for all else nothing but age has changed.

        All that is silent with the first word of a day, which gives everybody their time again, and where the clock was
        set back.
        """
        opens, before = self._book.day.opens_at, self._looked
        fell, self._fell, self._looked = self._fell, {}, (opens, batch.at)
        if before is None or before[0] != opens or batch.at < before[1]:
            return list(self._silent)
        return [*fell, *(key for key, _ in changes)]

    def _held(self, key: str) -> list[Trade]:
        return [trade for trade in self._book.by_instrument.get(key, {}).values() if trade.position.qty]

    def _fell_silent(self, batch: Batch, trade: Trade) -> None:
        quote = self._quotes.quotes.get(trade.instrument)
        feed = self._feed_heard()
        if batch.at - feed > round(self._limits.feed_silence_s * SECOND):
            since, reason = feed, "the feed is silent"
        elif quote is None:
            since, reason = feed, "it was not quoted yet"
        else:
            since, reason = quote.ts, "its quote is stale"
        ids = {"trade_id": trade.trade_id, "position_id": trade.position.position_id}
        batch.add(MarksFellSilent(batch.ts, batch.cause, **ids, since=to_iso(since), reason=reason))

    def _feed_heard(self) -> Micros:
        """When the feed last said anything, as far as it could in the session."""
        return max(self._quotes.feed_ts or self._began, self._book.day.opens_at)

    def _last_moment(self, key: str) -> Micros:
        """Until when what is known of an instrument may be judged by; over night nobody has to say anything."""
        wait = round(self._limits.feed_silence_s * SECOND)
        quote = self._quotes.quotes.get(key)
        heard = self._feed_heard() + wait
        if quote is None:
            return max(self._began, self._book.day.opens_at) + wait
        stale = quote.ts + round(self._limits.stale_after_s * SECOND)
        return min(heard, max(stale, self._book.day.opens_at + wait))
