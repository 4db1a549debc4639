"""The option chain of the simulated market: what is listed, how much is open, and what each series is worth.

Theoretical prices have a smile and a skew (options below the spot are dearer, far ones on both sides too) and a term
structure; a call and a put of one strike are priced together, so that put-call parity holds. The spread is wider
away from the money and, by share, for cheap options. Quotes lie on the exchange's tick grid.
"""

from datetime import date, timedelta
from decimal import Decimal
from math import exp, log, sqrt
from random import Random

import msgspec

from bot.feeds.simulated_path import SimulatedUnderlying
from bot.sessions import last_session
from options.contract import OptionContract, Right
from options.pricing import YEAR, price
from options.session import Session
from options.values import Micros

RATE = 0.04
_WEEKS = 4
_MONTHS = 3
_FRIDAY = 4
_WIDEST = 0.25
_DEVIATIONS = 3.0
_STRIKES_MIN = 5
_COARSE_FROM = 300

_SKEW, _SMILE, _LEVERAGE, _LONG_RUN = 0.05, 0.015, 1.2, 0.9
_FAR = 3.5
_YEARS_MIN = 1e-6


class SimulatedExpiry(msgspec.Struct, frozen=True):
    """One expiry of one underlying: its close in microseconds UTC, and where its volatility starts at the open."""

    day: date
    close: Micros
    volatility: float
    monthly: bool


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What every strike of an expiry shares at one moment."""

    spot: float
    years: float
    forward: float
    discount: float
    volatility: float
    deviation: float


def expiries(underlying: SimulatedUnderlying, session: Session) -> list[SimulatedExpiry]:
    """The next four weeklies and three monthlies; a Friday without a session moves to the one before it."""
    friday = session.day + timedelta(days=(_FRIDAY - session.day.weekday()) % 7)
    fridays = [friday + timedelta(weeks=week) for week in range(5 * (_MONTHS + 1))]
    thirds = [day for day in fridays if 15 <= day.day <= 21][:_MONTHS]
    listed = []
    for friday in sorted({*fridays[:_WEEKS], *thirds}):
        last = last_session(friday)
        if last.day < session.day:
            continue
        months = (friday - session.day).days / 30
        volatility = underlying.volatility * (_LONG_RUN + (1 - _LONG_RUN) * exp(-months) * 2)
        listed.append(SimulatedExpiry(last.day, last.close, volatility, friday in thirds))
    return listed


def strikes(underlying: SimulatedUnderlying, expiry: SimulatedExpiry, opening: Micros) -> list[Decimal]:
    """The strikes of an expiry, on its grid: as far as three standard deviations or a quarter from the spot."""
    years = (expiry.close - opening) / YEAR
    reach = min(_WIDEST, _DEVIATIONS * expiry.volatility * sqrt(years)) * underlying.spot
    grid = underlying.strike_step * (2 if reach > 15 * underlying.strike_step else 1)
    count = max(_STRIKES_MIN, int(reach / grid))
    middle = round(underlying.spot / grid)
    return [Decimal(str(grid * n)) for n in range(max(1, middle - count), middle + count + 1)]


def open_interest(
    underlying: SimulatedUnderlying, expiry: SimulatedExpiry, contract: OptionContract, draw: Random
) -> int:
    """Contracts open: most in monthlies, near the money, at round strikes; puts below the spot, calls above."""
    away = float(contract.strike) / underlying.spot - 1
    weight = exp(-((away / 0.08) ** 2)) + 0.04
    weight *= 3.0 if expiry.monthly else 1.0
    weight *= 2.5 if not contract.strike % 10 else 1.0
    weight *= 1.5 if (away > 0) == (contract.right is Right.CALL) else 0.7
    return int(900 * weight * draw.lognormvariate(0, 0.6))


def terms(underlying: SimulatedUnderlying, expiry: SimulatedExpiry, spot: float, now: Micros) -> Terms:
    """What the strikes of an expiry share now. Volatility rises when the share falls below its opening price."""
    years = max(_YEARS_MIN, (expiry.close - now) / YEAR)
    discount = exp(-RATE * years)
    volatility = expiry.volatility * min(1.6, max(0.6, 1 - _LEVERAGE * log(spot / underlying.spot)))
    return Terms(spot, years, spot / discount, discount, volatility, volatility * sqrt(years))


def worth(now: Terms, strike: float, richness: float) -> tuple[float, float, float]:
    """Call and put worth in dollars, and how many standard deviations the strike lies from the forward.

    ``richness`` is the strike's own factor on volatility. The option out of the money is priced, the other follows
    from parity.
    """
    away = log(strike / now.forward) / now.deviation
    bounded = max(-_FAR, min(_FAR, away))
    volatility = now.volatility * (1 - _SKEW * bounded + _SMILE * bounded * bounded) * richness
    parity = now.spot - strike * now.discount
    if away >= 0:
        call = price(Right.CALL, now.spot, strike, now.years, RATE, volatility)
        return call, call - parity, bounded
    put = price(Right.PUT, now.spot, strike, now.years, RATE, volatility)
    return put + parity, put, bounded


def quoted_cents(value: float, away: float, spot: float, penny_ticks: bool) -> tuple[int, int]:
    """Bid and ask around a worth, in whole cents on the tick grid; a bid of 0 means none is shown.

    :param value: the worth in dollars. :param away: standard deviations from the money.
    :param penny_ticks: 0.01 below $3 and 0.05 from there, otherwise 0.05 and 0.10.
    """
    fine, coarse = (1, 5) if penny_ticks else (5, 10)
    half = fine / 2 + 100 * (0.01 * value / (1 + value / 5) + 0.00012 * spot * abs(away))
    bid, ask = int(max(0.0, 100 * value - half)), int(100 * value + half) + 1
    bid -= bid % (fine if bid < _COARSE_FROM else coarse)
    ask += -ask % (fine if ask <= _COARSE_FROM else coarse)
    return bid, ask
