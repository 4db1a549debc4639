"""The greeks of a whole combo: the sum of its legs'."""

from collections.abc import Mapping

from options.contract import Instrument, Stock
from options.payoff import legs_of, weight
from options.pricing import Greeks

_SHARE = Greeks(delta=1.0, gamma=0.0, vega=0.0, theta=0.0)


def net_greeks(instrument: Instrument, of_leg: Mapping[str, Greeks]) -> Greeks:
    """How one point of an instrument's net price moves; times its multiplier it is dollars.

    ``of_leg`` gives the greeks of each option leg per share, by key; a share has a delta of 1 and nothing else.

    :raises KeyError: an option leg has none.
    """
    delta = gamma = vega = theta = 0.0
    for leg in legs_of(instrument):
        size = float(weight(leg, instrument.multiplier))
        own = _SHARE if isinstance(leg.instrument, Stock) else of_leg[leg.instrument.key]
        delta += size * own.delta
        gamma += size * own.gamma
        vega += size * own.vega
        theta += size * own.theta
    return Greeks(delta, gamma, vega, theta)
