"""What an entry puts at risk, in dollars: the premium of what is bought, the worst case of what is short options."""

from dataclasses import dataclass
from decimal import Decimal

from options.contract import Instrument, OptionContract
from options.payoff import legs_of, max_loss, payoff_at
from options.quote import QuoteCache
from options.values import ZERO, Side, price_from_float

_DOUBLED = 2


@dataclass(frozen=True, slots=True)
class Exposure:
    """Dollars that an entry counts as. ``bounded`` is false where the loss has none and ``usd`` is a stressed one."""

    usd: Decimal
    has_short: bool = False
    bounded: bool = True


def has_short_options(instrument: Instrument, direction: int) -> bool:
    """Whether holding an instrument in a direction (+1, -1) means being short of some option."""
    return any(
        isinstance(leg.instrument, OptionContract) and leg.ratio * direction < 0
        for leg in legs_of(instrument)
    )


def exposure_of(quotes: QuoteCache, instrument: Instrument, side: Side, qty: int) -> Exposure | None:
    """What ``qty`` puts at risk at the quoted far side, or ``None`` if that side is not quoted.

    With short options it is the most that the whole can lose at expiry. A loss without a bound is taken at twice the
    underlying's price; it is ``None`` too while the underlying has none.
    """
    quote = quotes.get(instrument.key)
    far = None if quote is None else (quote.ask if side is Side.BUY else quote.bid)
    if far is None:
        return None
    price, dollars = price_from_float(far), qty * instrument.multiplier
    if not has_short_options(instrument, side.sign):
        return Exposure(price * dollars)
    loss = max_loss(instrument, side.sign, price)
    if loss is not None:
        return Exposure(loss * dollars, has_short=True)
    underlying = quotes.get(instrument.symbol)
    spot = None if underlying is None else underlying.mark
    if spot is None:
        return None
    doubled = payoff_at(instrument, price_from_float(spot) * _DOUBLED)
    return Exposure(max(ZERO, (price - doubled) * side.sign) * dollars, has_short=True, bounded=False)
