"""The price collar: how far through the market the limit of an entry may be."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from options.contract import Combo, Instrument
from options.plan import EntryPlan
from options.quote import QuoteCache
from options.risk_limits import RiskLimits
from options.values import CENT, Side, price_from_float


def collar_price(
    quotes: QuoteCache, instrument: Instrument, side: Side, limits: RiskLimits
) -> Decimal | None:
    """The worst limit that an entry may have now: so far above the ask, or below the bid; ``None`` without one.

    The room is a part of the mid, for a combo of the mids of its legs together.
    """
    quote = quotes.get(instrument.key)
    far = None if quote is None else (quote.ask if side is Side.BUY else quote.bid)
    if quote is None or far is None:
        return None
    mid = far if quote.mid is None else quote.mid
    scale = price_from_float(abs(quotes.scale(instrument.key, mid)))
    room = max(scale * limits.collar, limits.collar_min) * side.sign
    # Towards the market, so that rounding never gives more room than there is.
    price = (price_from_float(far) + room).quantize(CENT, ROUND_FLOOR if side is Side.BUY else ROUND_CEILING)
    return price if isinstance(instrument, Combo) else max(price, CENT)


def collar_faults(
    quotes: QuoteCache, instrument: Instrument, side: Side, plan: EntryPlan, limits: RiskLimits
) -> list[str]:
    """Which limits of an entry lie beyond the collar; none where they would be capped."""
    prices = {"entry limit": plan.limit_price, "entry bound": plan.limit_bound}
    if limits.collar_caps or prices == {"entry limit": None, "entry bound": None}:
        return []
    worst = collar_price(quotes, instrument, side, limits)
    return [
        beyond_words(name, price, side, worst)
        for name, price in prices.items()
        if price is not None and worst is not None and is_beyond(price, side, worst)
    ]


def is_beyond(price: Decimal, side: Side, worst: Decimal) -> bool:
    """Whether a limit is further through the market than the worst that is allowed."""
    return (price - worst) * side.sign > 0


def beyond_words(name: str, price: Decimal, side: Side, worst: Decimal) -> str:
    """Why a limit is refused, with what would be right."""
    far = "at most" if side is Side.BUY else "at least"
    return f"{name} {price} is too far through the market: {far} {worst} now"
