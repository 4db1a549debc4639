"""Trades that wait to get in: for a price, a moment, a spread; and orders that wait for their next step."""

from heapq import heappop, heappush

from options.batch import Batch
from options.book import Book
from options.entry_time import waits
from options.marks import mark_fault
from options.plan import EntryCondition, Watch
from options.position_watcher import ExitKind as WatchKind
from options.position_watcher import PositionWatcher, WatchedExit
from options.quote import Quote, QuoteCache, QuoteLimits
from options.terms import ExitKind
from options.trade import Trade
from options.values import SECOND, Micros, from_iso


class EntryWatch:
    """Knows which trades wait and for what. What it holds is rebuilt from the book by :meth:`rearm`."""

    def __init__(self, book: Book, quotes: QuoteCache, limits: QuoteLimits) -> None:
        self._book = book
        self._quotes = quotes
        self._limits = limits
        self._watcher = PositionWatcher()
        self._keys: dict[str, dict[str, None]] = {}
        self._timers: list[tuple[Micros, str]] = []

    def rearm(self) -> None:
        """Take up every trade that waits, and every entry with a time limit: after a start, and only then."""
        for trade in self._book.trades.values():
            if waits(trade) and not self.blocked(trade):
                self.wait(trade)
            self.limit_time(trade)

    def blocked(self, trade: Trade) -> bool:
        """Whether another trade must be closed before this one may go in."""
        return trade.entry.after is not None and trade.entry.after in self._book.trades

    def wait(self, trade: Trade) -> bool:
        """Watch for a trade's condition; false if it has none and may go in at once."""
        condition = trade.entry.condition
        if condition is None:
            return False
        self._limit_by_plan(trade)
        if condition.at is not None:
            heappush(self._timers, (condition.at, trade.trade_id))
            return True
        key = trade.symbol if condition.watch is Watch.UNDERLYING else trade.instrument
        self._keys.setdefault(key, {})[trade.trade_id] = None
        if trade.trade_id not in self._watcher:
            self._watch(trade.trade_id, key, condition)
        return True

    def _watch(self, trade_id: str, key: str, condition: EntryCondition) -> None:
        """Rest a condition where what meets it is found without asking the others: by its price, or by its spread."""
        kind, level = WatchKind.STOP, condition.spread_max
        if condition.level is None:
            key = _spread_lane(key)
        else:
            kind, level = WatchKind.TARGET if condition.above else WatchKind.STOP, float(condition.level)
        self._watcher.arm(WatchedExit(exit_id=trade_id, key=key, kind=kind, long=True, level=level))

    def limit_time(self, trade: Trade, batch: Batch | None = None) -> None:
        """Look at an entry again when its time is over, if its plan gives it one. ``batch`` has just sent it."""
        wait_s, sent = trade.entry.fill_within_s, trade.entry_sent_ts
        adding = trade.target_kind == ExitKind.SCALE_IN
        if trade.put_off and (batch is None or batch.ts == trade.put_off_ts):
            self._limit_by_plan(trade)
        if not sent or (trade.entry_done and not adding):
            return
        self._limit_by_plan(trade)
        if wait_s is None:
            return
        since = batch.at if batch is not None and (adding or batch.ts == sent) else from_iso(sent)
        if adding and batch is None:
            since = from_iso(self._book.entry_opened_ts(trade) or sent)
        heappush(self._timers, (since + round(wait_s * SECOND), trade.trade_id))

    def _limit_by_plan(self, trade: Trade) -> None:
        """Look again when nothing of it may be held any more: what has not come in by then had better stay out."""
        if trade.exits.out_by is not None:
            heappush(self._timers, (trade.exits.out_by, trade.trade_id))

    def forget(self, trade: Trade) -> None:
        """A trade went in, or is over: nothing is waited for any more."""
        for key in (trade.symbol, trade.instrument):
            if key in self._keys and self._keys[key].pop(trade.trade_id, "") is None and not self._keys[key]:
                del self._keys[key]
        if trade.trade_id in self._watcher:
            self._watcher.disarm(trade.trade_id)

    def on_market(self, at: Micros, changes: list[tuple[str, Quote]]) -> list[Trade]:
        """The trades whose condition the market has met, on quotes that can be trusted."""
        met: list[Trade] = []
        if not self._keys:
            return met
        for key, quote in changes:
            if key not in self._keys or self._fault(key, quote, at) is not None:
                continue
            mark, spread = quote.mark, _spread_of(quote)
            ids = list(self._watcher.on_mark(key, mark)) if mark is not None and mark > 0 else []
            if spread is not None:
                ids += self._watcher.on_mark(_spread_lane(key), spread)
            found = [self._book.trades[trade_id] for trade_id in ids if trade_id in self._book.trades]
            # Who comes after a trade that is open again waits for its end, and for its condition anew.
            met += [trade for trade in found if waits(trade) and not self.blocked(trade)]
        return met

    def _fault(self, key: str, quote: Quote, at: Micros) -> str | None:
        """Why no entry may be let in by this quote, or ``None``: the same as for an exit.

        What is only watched and nobody trades may have a last price and no sides, as an index has.
        """
        printed = quote.bid is None and quote.ask is None
        if printed and all(self._book.trades[one].instrument != key for one in self._keys[key]):
            return self._quotes.fault(key, at, self._limits)
        return mark_fault(self._quotes, self._limits, key, at)

    def timers_due(self, at: Micros) -> list[Trade]:
        """The trades to look at again: a moment of theirs has come, or one that was theirs before they were changed."""
        due: dict[str, Trade] = {}
        while self._timers and self._timers[0][0] <= at:
            trade = self._book.trades.get(heappop(self._timers)[1])
            if trade is not None:
                due[trade.trade_id] = trade
        return list(due.values())

    def has_come(self, trade: Trade, at: Micros) -> bool:
        """Whether the moment that a trade waits for has come: its own of now, and nothing else is waited for."""
        condition = trade.entry.condition
        moment = None if condition is None else condition.at
        return waits(trade) and moment is not None and moment <= at and not self.blocked(trade)


def _spread_lane(key: str) -> str:
    return f"{key}|spread"


def _spread_of(quote: Quote) -> float | None:
    """The quoted spread as a fraction of the mid, or ``None`` where there is none."""
    mid = quote.mid
    if mid is None or mid <= 0 or quote.ask is None or quote.bid is None:
        return None
    return (quote.ask - quote.bid) / mid
