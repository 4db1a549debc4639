"""Opposite wishes for one contract met inside the house: at the mid of a healthy quote, nobody through a limit.

Nothing leaves the house and nothing is paid for it. A plan that wants a price or better does not cross at a worse one;
it goes to the market as it would alone.
"""

from decimal import ROUND_HALF_EVEN, Decimal

from options.marks import mark_fault, mid_of
from options.netting import schedule_for
from options.quote import Quote, QuoteCache, QuoteLimits
from options.trade import Trade
from options.values import CENT, Micros, price_from_float

Wanted = list[tuple[Trade, int]]
"""Trades with what each needs, in signed contracts."""


def cross_price(quotes: QuoteCache, limits: QuoteLimits, key: str, at: Micros) -> Decimal | None:
    """What contracts change hands at inside the house now; ``None`` where the quote is not to be trusted."""
    if mark_fault(quotes, limits, key, at) is not None:
        return None
    return price_from_float(mid_of(quotes.quotes[key]))


def crossed_at(wanted: Wanted, price: Decimal, quote: Quote | None) -> tuple[Wanted, Wanted]:
    """Match opposite requirements, oldest first.

    Both lists are signed: what crosses (adds up to zero), and what is left for the market.
    """
    buys = [qty for trade, qty in wanted if qty > 0 and _willing(trade, qty, price, quote)]
    sells = [qty for trade, qty in wanted if qty < 0 and _willing(trade, qty, price, quote)] if buys else []
    meet = min(sum(buys), -sum(sells))
    left = {1: meet, -1: meet}
    crossed: Wanted = []
    rest: Wanted = []
    for trade, qty in wanted:
        sign = 1 if qty > 0 else -1
        part = min(abs(qty), left[sign])
        if part and not _willing(trade, qty, price, quote):
            part = 0
        left[sign] -= part
        if part:
            crossed.append((trade, part * sign))
        if abs(qty) > part:
            rest.append((trade, qty - part * sign))
    return crossed, rest


def _willing(trade: Trade, qty: int, price: Decimal, quote: Quote | None) -> bool:
    """Whether a trade's plan lets ``qty`` (signed) go at a price: a walk goes as far as its bound."""
    schedule = schedule_for(trade, qty, quote)
    limit = schedule.limit_price if schedule.limit_bound is None else schedule.limit_bound
    if limit is None or limit == price.quantize(CENT, ROUND_HALF_EVEN):  # one that is the mid, to the cent
        return True
    return price <= limit if qty > 0 else price >= limit
