"""Theoretical prices, implied volatilities and greeks of European options on shares without dividends.

Black-Scholes by QuantLib's Black-76 formulas on the forward. Everything is a float and per share: spot, strike and
price in dollars, time in years of 365 days, rate (continuously compounded) and volatility as fractions a year.
American exercise is worth more than this says only for puts deep in the money and around dividends.
"""

from datetime import date
from math import exp, isfinite, sqrt

import msgspec
import QuantLib

from options.contract import Right
from options.session import Session
from options.values import DAY, MINUTE, Micros

YEAR: Micros = 365 * DAY
_REGULAR_SESSION: Micros = 390 * MINUTE
_SATURDAY = 5
_KIND = {Right.CALL: QuantLib.Option.Call, Right.PUT: QuantLib.Option.Put}
_NO_GUESS = QuantLib.nullDouble()
_ACCURACY = 1e-9
_ITERATIONS = 100
_PERCENT = 0.01
_NO_DEVIATION = 1e-12


class PricingError(ValueError):
    """A model was asked about terms that no option has; the text says which."""


class Greeks(msgspec.Struct, frozen=True, gc=False):
    """How a theoretical price moves, per share.

    ``delta``: dollars per dollar of the underlying. ``gamma``: delta per dollar. ``vega``: dollars per percentage
    point of volatility. ``theta``: dollars per calendar day that passes.
    """

    delta: float
    gamma: float
    vega: float
    theta: float


def price(right: Right, spot: float, strike: float, years: float, rate: float, volatility: float) -> float:
    """The theoretical price; at expiry or without volatility, what exercising is worth on the forward.

    :raises PricingError: a spot or strike that is not above zero, or a negative time or volatility.
    """
    _check(spot, strike, years, volatility)
    forward, discount = _forward(spot, years, rate)
    return float(QuantLib.blackFormula(_KIND[right], strike, forward, volatility * sqrt(years), discount))


def implied_volatility(
    right: Right, option_price: float, spot: float, strike: float, years: float, rate: float
) -> float | None:
    """The volatility at which the theoretical price is ``option_price``, or ``None`` where there is none.

    There is none at expiry, at or below the discounted intrinsic value, and at or above the most an option can be
    worth (a call: the share; a put: the discounted strike).

    :raises PricingError: a spot or strike that is not above zero, or a negative time.
    """
    _check(spot, strike, years, 0.0)
    forward, discount = _forward(spot, years, rate)
    call = right is Right.CALL
    intrinsic = max(0.0, (forward - strike) if call else (strike - forward)) * discount
    most = (forward if call else strike) * discount
    if years == 0 or not isfinite(option_price) or not intrinsic < option_price < most:
        return None
    try:
        deviation = QuantLib.blackFormulaImpliedStdDev(
            _KIND[right], strike, forward, option_price, discount, 0.0, _NO_GUESS, _ACCURACY, _ITERATIONS
        )
    except RuntimeError:
        # QuantLib gives up where the price hardly depends on volatility; any number would be noise.
        return None
    return float(deviation) / sqrt(years) if deviation > 0 else None


def delta(right: Right, spot: float, strike: float, years: float, rate: float, volatility: float) -> float:
    """Dollars that the theoretical price moves per dollar of the underlying: 0 to 1 for calls, -1 to 0 for puts.

    :raises PricingError: as :func:`price`.
    """
    _check(spot, strike, years, volatility)
    forward, discount = _forward(spot, years, rate)
    deviation = volatility * sqrt(years)
    if deviation < _NO_DEVIATION:
        return _settled_delta(right, forward, strike)
    return _bounded(right, _calculator(right, strike, forward, deviation, discount).delta(spot))


def greeks(right: Right, spot: float, strike: float, years: float, rate: float, volatility: float) -> Greeks:
    """Delta, gamma, vega and theta; at expiry or without volatility all but delta are zero.

    :raises PricingError: as :func:`price`.
    """
    _check(spot, strike, years, volatility)
    forward, discount = _forward(spot, years, rate)
    deviation = volatility * sqrt(years)
    if deviation < _NO_DEVIATION:
        return Greeks(_settled_delta(right, forward, strike), 0.0, 0.0, 0.0)
    calculator = _calculator(right, strike, forward, deviation, discount)
    return Greeks(
        _bounded(right, calculator.delta(spot)),
        float(calculator.gamma(spot)),
        float(calculator.vega(years)) * _PERCENT,
        float(calculator.theta(spot, years)) * DAY / YEAR,
    )


def years_to_expiry(now: Micros, expiry: date, session: Session) -> float:
    """Years of 365 days from ``now`` to the close of a contract's last day; 0 once that has passed.

    The running session's own close counts on its day (early closes matter to what expires then). Later days are
    taken as regular ones, seen from this session's open: a change of the clock puts that out by an hour. Series
    that expire on a Saturday, as monthlies did until 2015, trade last on the Friday.
    """
    days = (expiry - session.day).days - (expiry.weekday() == _SATURDAY)
    close = session.close if days == 0 else session.open + _REGULAR_SESSION + days * DAY
    return max(0, close - now) / YEAR


def _calculator(
    right: Right, strike: float, forward: float, deviation: float, discount: float
) -> QuantLib.BlackCalculator:
    return QuantLib.BlackCalculator(
        QuantLib.PlainVanillaPayoff(_KIND[right], strike), forward, deviation, discount
    )


def _bounded(right: Right, slope: float) -> float:
    """Rounding leaves the delta of a far option a hair outside the range it lies in."""
    return min(1.0, max(0.0, slope)) if right is Right.CALL else max(-1.0, min(0.0, slope))


def _settled_delta(right: Right, forward: float, strike: float) -> float:
    """The delta once nothing is left to chance. QuantLib answers 1 here for a put that is out of the money."""
    call = 0.5 if forward == strike else float(forward > strike)
    return call if right is Right.CALL else call - 1


def _forward(spot: float, years: float, rate: float) -> tuple[float, float]:
    discount = exp(-rate * years)
    return spot / discount, discount


def _check(spot: float, strike: float, years: float, volatility: float) -> None:
    if not (0 < spot < float("inf") and 0 < strike < float("inf")):
        raise PricingError(f"spot {spot} and strike {strike} must both be above zero")
    if not (0 <= years < float("inf") and 0 <= volatility < float("inf")):
        raise PricingError(f"time {years} and volatility {volatility} must not be negative")
