"""What an instrument is worth when its options expire: exact, piecewise linear, and what that bounds.

Everything is a :class:`~decimal.Decimal` per unit of the instrument, in points: times its multiplier it is dollars. A
combo's unit is its legs with their ratios; its points are those of its net price.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from options.contract import Combo, Instrument, Leg, OptionContract, Right, Stock
from options.index_options import settles_at_open
from options.values import ZERO

_Weighted = tuple[Decimal, OptionContract | Stock]
_Moment = tuple[date, bool]


def legs_of(instrument: Instrument) -> tuple[Leg, ...]:
    """The legs of a combo; a single instrument is one leg of itself."""
    return instrument.legs if isinstance(instrument, Combo) else (Leg(instrument=instrument, ratio=1),)


def weight(leg: Leg, multiplier: int) -> Decimal:
    """Points of the whole per point of a leg: 100 shares beside an option of multiplier 100 weigh 1."""
    return Decimal(leg.ratio * leg.instrument.multiplier) / multiplier


def intrinsic(contract: OptionContract, spot: Decimal) -> Decimal:
    """What exercising is worth per share with the underlying at ``spot``; never below zero."""
    gain = spot - contract.strike if contract.right is Right.CALL else contract.strike - spot
    return max(ZERO, gain)


def payoff_at(instrument: Instrument, spot: Decimal) -> Decimal:
    """What one unit is worth with the underlying at ``spot`` and every option at its intrinsic value."""
    return _value(_weighted(instrument), spot)


def payoff_bounds(instrument: Instrument) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that one unit can be worth at expiry; ``None`` for a side without a bound."""
    return _bounds(_weighted(instrument))


def max_loss(instrument: Instrument, direction: int, price: Decimal) -> Decimal | None:
    """The most that a unit entered at ``price`` can lose by holding to expiry, or ``None`` without a bound.

    ``direction`` is +1 for bought, -1 for sold. Legs of several expiries are judged at each expiry on what is then
    still there, every option at its intrinsic value, which an option that is held can be sold for and more. Beyond the
    near expiry of a calendar the bound holds only if what is left is closed with it; a short leg that outlives the
    leg which covers it counts as uncovered.
    """
    worst = ZERO
    for alive in _by_expiry(instrument):
        low, high = _bounds(alive)
        reach = low if direction > 0 else high
        if reach is None:
            return None
        worst = max(worst, (price - reach) * direction)
    return worst


def max_loss_below(instrument: Instrument, direction: int, price: Decimal, spot: Decimal) -> Decimal:
    """The same with the underlying anywhere from nothing to ``spot``: there every loss has a bound."""
    worst = ZERO
    for alive in _by_expiry(instrument):
        for at in (*(knot for knot in _knots(alive) if knot < spot), spot):
            worst = max(worst, (price - _value(alive, at)) * direction)
    return worst


def expiry_count(instrument: Instrument) -> int:
    """At how many moments something of an instrument expires; the opening and the close of a day are two."""
    return len(_moments(_weighted(instrument)))


def max_gain(instrument: Instrument, direction: int, price: Decimal) -> Decimal | None:
    """The most that a unit entered at ``price`` can make with all its options at their intrinsic value, or ``None``."""
    low, high = payoff_bounds(instrument)
    reach = high if direction > 0 else low
    return None if reach is None else (reach - price) * direction


def break_evens(instrument: Instrument, price: Decimal) -> tuple[Decimal, ...]:
    """The underlying's prices at which a unit entered at ``price`` comes out even, lowest first.

    Where it comes out even over a whole stretch, the stretch's ends are given.
    """
    parts = _weighted(instrument)
    knots = _knots(parts)
    gains = [_value(parts, spot) - price for spot in knots]
    found = [spot for spot, gain in zip(knots, gains, strict=True) if gain == 0]
    for at, (low, high) in enumerate(pairwise(gains)):
        if low * high < 0:
            found.append(knots[at] + (knots[at + 1] - knots[at]) * low / (low - high))
    slope = _end_slope(parts)
    if slope * gains[-1] < 0:
        found.append(knots[-1] - gains[-1] / slope)
    return tuple(sorted(found))


def _weighted(instrument: Instrument) -> list[_Weighted]:
    return [(weight(leg, instrument.multiplier), leg.instrument) for leg in legs_of(instrument)]


def _moments(parts: Iterable[_Weighted]) -> list[_Moment]:
    return sorted({_moment(part) for _, part in parts if isinstance(part, OptionContract)})


def _moment(contract: OptionContract) -> _Moment:
    """When a contract expires: on its day, at the close unless it settles at opening prices."""
    return contract.expiry, not settles_at_open(contract)


def _by_expiry(instrument: Instrument) -> Iterable[list[_Weighted]]:
    """What is still there at each expiry, nearest first; all of it where nothing expires."""
    parts = _weighted(instrument)
    moments = _moments(parts)
    if not moments:
        yield parts
    for at in moments:
        yield [(size, part) for size, part in parts if isinstance(part, Stock) or _moment(part) >= at]


def _value(parts: Sequence[_Weighted], spot: Decimal) -> Decimal:
    return sum(
        (size * (spot if isinstance(part, Stock) else intrinsic(part, spot)) for size, part in parts), ZERO
    )


def _knots(parts: Sequence[_Weighted]) -> list[Decimal]:
    """Where the line bends: at zero and at every strike."""
    return sorted({ZERO} | {part.strike for _, part in parts if isinstance(part, OptionContract)})


def _end_slope(parts: Sequence[_Weighted]) -> Decimal:
    """How the value moves above the highest strike."""
    return sum(
        (size for size, part in parts if isinstance(part, Stock) or part.right is Right.CALL),
        ZERO,
    )


def _bounds(parts: Sequence[_Weighted]) -> tuple[Decimal | None, Decimal | None]:
    values = [_value(parts, spot) for spot in _knots(parts)]
    slope = _end_slope(parts)
    return (None if slope < 0 else min(values), None if slope > 0 else max(values))
