"""Which marks of an instrument may be decided on."""

from options.quote import Quote, QuoteCache, QuoteLimits
from options.values import Micros


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
