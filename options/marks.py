"""The marks of positions between what the ledger records of them."""

from dataclasses import dataclass

from options.quote import Quote, QuoteCache, QuoteLimits
from options.trade import Trade
from options.values import Micros, from_iso


@dataclass(slots=True)
class Marks:
    """The marks of a position since it opened, and when they were last written down."""

    mark: float
    high: float
    low: float
    recorded_at: Micros
    recorded: float

    def see(self, mark: float) -> None:
        """Take in a new mark."""
        self.mark = mark
        if mark > self.high:
            self.high = mark
        if mark < self.low:
            self.low = mark


def marks_of(trade: Trade, mark: float) -> Marks:
    """The marks of a position as the ledger has them, or beginning with ``mark``."""
    position = trade.position
    high = mark if position.high is None else position.high
    low = mark if position.low is None else position.low
    recorded = 0.0 if position.mark is None else position.mark
    return Marks(mark, high, low, from_iso(position.marked_ts) if position.marked_ts else 0, recorded)


def mark_fault(quotes: QuoteCache, limits: QuoteLimits, key: str, at: Micros) -> str | None:
    """Why nothing may be decided on the mark of an instrument now, or ``None``."""
    fault = quotes.fault(key, at, limits)
    if fault is not None:
        return fault
    quote = quotes.quotes[key]
    mid = quote.mid
    if mid is None or quote.bid is None or quote.ask is None:
        return "one-sided quote"
    scale = quotes.scale(key, mid)
    if scale <= 0 or (quote.ask - quote.bid) / scale > limits.spread_max:
        return "quote too wide"
    return None


def mid_of(quote: Quote) -> float:
    """The mid of a healthy quote to a hundredth of a cent: a mark reads as a price, not as a float's last bits."""
    mid = quote.mid
    assert mid is not None, "a healthy quote has both sides"
    return round(mid, 4)
