"""What an entry puts at risk, in dollars: the premium of what is bought, the worst case of what is short options."""

from decimal import Decimal

import msgspec

from options.contract import Combo, Instrument, OptionContract
from options.payoff import max_loss, payoff_at
from options.quote import QuoteCache
from options.values import ZERO, Side, price_from_float

_DOUBLED = 2


class Exposure(msgspec.Struct, frozen=True, gc=False):
    """Dollars that an entry counts as. ``at_expiry`` says that they are a worst case, not a premium.

    ``uncovered_usd`` is what it loses if the underlying doubles, given only where its loss has no bound.
    """

    usd: Decimal
    at_expiry: bool = False
    uncovered_usd: Decimal | None = None

    @property
    def text(self) -> str:
        """What is counted, in words."""
        return f"a loss of ${self.usd:,.2f} at expiry" if self.at_expiry else f"premium ${self.usd:,.2f}"


def has_short_options(instrument: Instrument, direction: int) -> bool:
    """Whether holding an instrument in a direction (+1, -1) means being short of some option."""
    if isinstance(instrument, OptionContract):
        return direction < 0
    return isinstance(instrument, Combo) and any(
        isinstance(leg.instrument, OptionContract) and leg.ratio * direction < 0 for leg in instrument.legs
    )


def short_exposure(
    quotes: QuoteCache, instrument: Instrument, side: Side, qty: int, premium: Decimal
) -> Exposure | None:
    """What ``qty`` with short options in it puts at risk, entered for ``premium`` dollars (a credit: below zero).

    It is the most that the whole can lose at expiry. Without a bound it counts with its premium, and with what it loses
    at twice the underlying's price; ``None`` while the underlying has none.
    """
    dollars = qty * instrument.multiplier
    price = premium / dollars
    loss = max_loss(instrument, side.sign, price)
    if loss is not None:
        return Exposure(loss * dollars, at_expiry=True)
    underlying = quotes.get(instrument.symbol)
    spot = None if underlying is None else underlying.mark
    if spot is None:
        return None
    doubled = payoff_at(instrument, price_from_float(spot) * _DOUBLED)
    return Exposure(abs(premium), uncovered_usd=max(ZERO, (price - doubled) * side.sign) * dollars)
