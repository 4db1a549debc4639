"""What a position can come to: the most it can lose and make at expiry, where it comes out even, its greeks now."""

from decimal import Decimal

import msgspec

from options.contract import Instrument, OptionContract
from options.net_greeks import net_greeks
from options.payoff import break_evens, expiry_count, legs_of, max_gain, max_loss
from options.pricing import Greeks, greeks, implied_volatility, years_to_expiry
from options.quote import QuoteCache
from options.session import Session
from options.values import CENT, Micros

_RATE = 0.01


class Outlook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Dollars of a whole position before fees; ``None`` is a loss or a gain without a bound.

    ``break_evens`` are prices of the underlying, lowest first. With several expiries (``expiries``) what is left after
    the first has no certain worth: the loss is that of a whole that is closed by then, the gain is not known.
    ``greeks`` are those of the whole position in dollars, where the quotes of all legs and of the underlying give them.
    """

    loss_max: Decimal | None
    gain_max: Decimal | None = None
    break_evens: tuple[Decimal, ...] = ()
    expiries: int = 1
    greeks: Greeks | None = None


def outlook(instrument: Instrument, qty: int, price: Decimal, now: Greeks | None = None) -> Outlook | None:
    """The outlook of ``qty`` (signed) entered at ``price`` per unit; ``None`` where nothing is held or nothing expires.

    ``now`` are the greeks of one point of the instrument's price, as :func:`greeks_now` gives them.
    """
    expiries = expiry_count(instrument)
    if not expiries or not qty:
        return None
    direction, dollars = (1 if qty > 0 else -1), abs(qty) * instrument.multiplier
    loss = max_loss(instrument, direction, price)
    gain = max_gain(instrument, direction, price) if expiries == 1 else None
    return Outlook(
        loss_max=None if loss is None else loss * dollars,
        gain_max=None if gain is None else gain * dollars,
        break_evens=tuple(one.quantize(CENT) for one in break_evens(instrument, price))
        if expiries == 1
        else (),
        expiries=expiries,
        greeks=None if now is None else _times(now, direction * dollars),
    )


def greeks_now(quotes: QuoteCache, instrument: Instrument, at: Micros, session: Session) -> Greeks | None:
    """The greeks of one point of an instrument's price at ``at`` in ``session``, by the mids of its legs.

    ``None`` where a leg is not quoted on both sides, its price has no volatility behind it, or the underlying has none.
    """
    underlying = quotes.get(instrument.symbol)
    spot = None if underlying is None else underlying.mark
    if spot is None or spot <= 0:
        return None
    of_leg: dict[str, Greeks] = {}
    for leg in legs_of(instrument):
        contract = leg.instrument
        if not isinstance(contract, OptionContract):
            continue
        quote = quotes.get(contract.key)
        mid = None if quote is None else quote.mid
        if mid is None:
            return None
        strike, years = float(contract.strike), years_to_expiry(at, contract.expiry, session)
        volatility = implied_volatility(contract.right, mid, spot, strike, years, _RATE)
        if volatility is None:
            return None
        of_leg[contract.key] = greeks(contract.right, spot, strike, years, _RATE, volatility)
    return net_greeks(instrument, of_leg)


def _times(one: Greeks, dollars: int) -> Greeks:
    return Greeks(one.delta * dollars, one.gamma * dollars, one.vega * dollars, one.theta * dollars)
