"""What an entry puts at risk, in dollars: the premium of what is bought, the worst case of what has something sold."""

from decimal import Decimal

import msgspec

from options.contract import Combo, Instrument, OptionContract
from options.payoff import max_loss, max_loss_below
from options.quote import QuoteCache
from options.values import Side, price_from_float

_DOUBLED = 2


class Exposure(msgspec.Struct, frozen=True, gc=False):
    """Dollars that an entry counts as. ``at_expiry`` says that they are a worst case, not a premium.

    ``uncovered_usd`` is given only where its loss has no bound: the most that it loses until the underlying doubles.
    """

    usd: Decimal
    at_expiry: bool = False
    uncovered_usd: Decimal | None = None

    @property
    def text(self) -> str:
        """What is counted, in words."""
        return f"a loss of ${self.usd:,.2f} at expiry" if self.at_expiry else f"premium ${self.usd:,.2f}"


def has_shorts(instrument: Instrument, direction: int) -> bool:
    """Whether holding an instrument in a direction (+1, -1) means being short of an option, or of a leg of a combo."""
    if isinstance(instrument, OptionContract):
        return direction < 0
    return isinstance(instrument, Combo) and any(leg.ratio * direction < 0 for leg in instrument.legs)


def loss_at_expiry(instrument: Instrument, side: Side, qty: int, price: Decimal) -> Decimal | None:
    """The most dollars that ``qty`` entered at ``price`` can lose by holding to expiry; ``None`` without a bound."""
    loss = max_loss(instrument, side.sign, price)
    return None if loss is None else loss * (qty * instrument.multiplier)


def short_exposure(
    quotes: QuoteCache, instrument: Instrument, side: Side, qty: int, premium: Decimal
) -> Exposure | None:
    """What ``qty`` with something sold in it puts at risk, entered for ``premium`` dollars (a credit: below zero).

    It is the most that the whole can lose at expiry. Without a bound it counts with its premium, and with the most that
    it loses up to twice the underlying's price; ``None`` while the underlying has none.
    """
    dollars = qty * instrument.multiplier
    price = premium / dollars
    loss = loss_at_expiry(instrument, side, qty, price)
    if loss is not None:
        return Exposure(loss, at_expiry=True)
    underlying = quotes.get(instrument.symbol)
    spot = None if underlying is None else underlying.mark
    if spot is None:
        return None
    worst = max_loss_below(instrument, side.sign, price, price_from_float(spot) * _DOUBLED)
    return Exposure(abs(premium), uncovered_usd=worst * dollars)
