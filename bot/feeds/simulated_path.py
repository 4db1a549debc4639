"""The underlyings of the simulated market: how their prices move, and signals read off those prices.

Prices follow Merton's jump diffusion: a random walk with jumps, livelier near the open and the close, and with a
drift that turns now and then. All underlyings share a part of their shocks. The seed decides everything.
"""

from math import exp, log, sqrt
from random import Random

import msgspec

from bot.sessions import NEW_YORK
from options.session import Session
from options.values import MINUTE, SECOND, Micros, datetime_of

TRADING_DAYS = 252
_TREND_MINUTES = 45
_MOMENTUM_MINUTES = 10
_ENTER_AT = 1.25
_LEAVE_AT = 0.1
_PAUSE_MINUTES = 25
_HOLD_MINUTES = 30
_LAST_MINUTES = 25
_LATENCY: Micros = 2 * SECOND


class SimulatedUnderlying(msgspec.Struct, frozen=True, kw_only=True):
    """One simulated share and how its options are listed.

    ``spot`` in dollars at the open; ``volatility`` a year; ``trend`` is how far its drift would carry it in a
    session, in standard deviations of a day; ``jump_size`` is the standard deviation of a jump's logarithm;
    ``strike_step`` in dollars; ``penny_ticks``: options tick 0.01 below $3 and 0.05 above, otherwise 0.05 and 0.10.
    """

    symbol: str
    spot: float
    volatility: float
    trend: float = 1.5
    jumps_per_day: float = 2.0
    jump_size: float = 0.006
    market_share: float = 0.5
    strike_step: float = 2.5
    penny_ticks: bool = True

    @property
    def day_deviation(self) -> float:
        """The standard deviation of a day's return, without jumps."""
        return self.volatility / sqrt(TRADING_DAYS)


def walk(underlying: SimulatedUnderlying, session: Session, step: Micros, seed: int) -> list[float]:
    """The price at the open and after every step until the close."""
    market = Random(f"{seed}/market")
    own = Random(f"{seed}/{underlying.symbol}/path")
    steps = (session.close - session.open) // step
    deviation = underlying.day_deviation / sqrt(steps)
    jump_chance = underlying.jumps_per_day / steps
    share, rest = underlying.market_share, sqrt(1 - underlying.market_share**2)
    turns_every = _TREND_MINUTES * MINUTE // step
    drift = 0.0
    prices = [underlying.spot]
    for number in range(steps):
        if number % turns_every == 0:
            drift = own.uniform(-1, 1) * underlying.trend * underlying.day_deviation / steps
        # A smile over the day: the variance is 1.6 times the usual at both ends and 0.7 times in the middle.
        activity = sqrt(0.7 + 0.9 * (2 * number / steps - 1) ** 2)
        shock = share * market.gauss(0, 1) + rest * own.gauss(0, 1)
        jump = own.gauss(0, underlying.jump_size) if own.random() < jump_chance else 0.0
        prices.append(prices[-1] * exp(drift + deviation * activity * shock + jump))
    return prices


def momentum_signals(
    underlying: SimulatedUnderlying, session: Session, step: Micros, prices: list[float]
) -> list[dict[str, str | float]]:
    """Signals of a plain ten-minute momentum rule, each using only prices up to two seconds before it.

    A strong move calls for its direction (BUY or SHORT), again if it goes on; a move that has died down after half
    an hour calls for the way out (SELL after a BUY, CLOSE after a SHORT).
    """
    each_minute = max(1, MINUTE // step)
    lookback = _MOMENTUM_MINUTES * each_minute
    usual = underlying.day_deviation * sqrt(lookback / (len(prices) - 1))
    signals: list[dict[str, str | float]] = []
    direction, last_at = "", -_PAUSE_MINUTES * each_minute
    for now in range(lookback, len(prices) - _LAST_MINUTES * each_minute, each_minute):
        strength = log(prices[now] / prices[now - lookback]) / usual
        quiet = now - last_at
        action = ""
        if abs(strength) >= _ENTER_AT and quiet >= _PAUSE_MINUTES * each_minute:
            action = direction = "BUY" if strength > 0 else "SHORT"
        elif direction and quiet >= _HOLD_MINUTES * each_minute:
            fading = strength if direction == "BUY" else -strength
            if fading < _LEAVE_AT:
                action, direction = ("SELL" if direction == "BUY" else "CLOSE"), ""
        if not action:
            continue
        last_at = now
        at = session.open + now * step + _LATENCY
        signals.append(
            {
                "id": f"{underlying.symbol}-{session.day:%Y%m%d}-{len(signals) + 1:03d}",
                "ts": datetime_of(at).astimezone(NEW_YORK).isoformat(),
                "source": f"momentum{_MOMENTUM_MINUTES}",
                "symbol": underlying.symbol,
                "action": action,
                "confidence": round(min(0.95, 0.55 + 0.1 * abs(strength)), 2),
                "price": round(prices[now], 2),
            }
        )
    return signals
