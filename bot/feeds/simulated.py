"""A simulated trading day: one or two shares and their option chains, the same for the same seed.

It is there to show the program at work and to try it out. It says nothing about what a strategy earns.
"""

from collections.abc import Iterator
from math import lcm
from random import Random

from bot.feeds.market import MarketSlice
from bot.feeds.simulated_chain import (
    SimulatedExpiry,
    Terms,
    expiries,
    open_interest,
    quoted_cents,
    strikes,
    terms,
    worth,
)
from bot.feeds.simulated_path import SimulatedUnderlying, momentum_signals, walk
from options.chain import Chain
from options.contract import OptionContract, Right
from options.quote import Quote
from options.session import Session
from options.values import SECOND, Micros

ACME = SimulatedUnderlying(symbol="ACME", spot=182.40, volatility=0.38)
ZORB = SimulatedUnderlying(symbol="ZORB", spot=64.10, volatility=0.55, strike_step=1.0, penny_ticks=False)

# Series are quoted anew after 10 to 80 seconds: the ones near the money and near expiry most often. A share that
# moves by more than _ALARM in one step has its whole chain quoted anew, and so has the close.
_PACES_S = (10, 20, 40, 80)
_ALARM = 0.003
_TRADED = 0.03
_STOCK_SPREAD = 0.00015


class _Strike:
    """A call and a put of one strike, with what is shown of them now."""

    __slots__ = ("expiry", "keys", "richness", "shown", "strike", "underlying")

    def __init__(
        self, underlying: int, expiry: int, pair: tuple[OptionContract, OptionContract], richness: float
    ) -> None:
        self.underlying = underlying
        self.expiry = expiry
        self.keys = (pair[0].key, pair[1].key)
        self.strike = float(pair[0].strike)
        self.richness = richness
        self.shown: list[tuple[int, int, float | None]] = [(-1, -1, None), (-1, -1, None)]


class SimulatedFeed:
    """One simulated session: a slice every ``step_s`` seconds from the open to the close, both included.

    A slice holds every share's quote and the options whose quote changed. The first holds the whole chain.

    :raises ValueError: no underlyings, two with one symbol, or a step that is not 1 to 60 whole seconds.
    """

    def __init__(
        self,
        session: Session,
        seed: int = 1,
        underlyings: tuple[SimulatedUnderlying, ...] = (ACME, ZORB),
        step_s: int = 5,
    ) -> None:
        if not underlyings or len({underlying.symbol for underlying in underlyings}) < len(underlyings):
            raise ValueError(
                "a simulated market needs at least one underlying, each with a symbol of its own"
            )
        if not 1 <= step_s <= 60:
            raise ValueError(f"step_s is {step_s}: expected 1 to 60 whole seconds")
        self.own_time = True
        self.name = f"simulated_{session.day:%Y%m%d}_{seed}"
        self.session = session
        self.seed = seed
        self.symbols: tuple[str, ...] = tuple(sorted(underlying.symbol for underlying in underlyings))
        self._underlyings = sorted(underlyings, key=lambda underlying: underlying.symbol)
        self._step: Micros = step_s * SECOND
        self._paths = [walk(underlying, session, self._step, seed) for underlying in self._underlyings]
        self._expiries: list[tuple[int, SimulatedExpiry]] = []
        self._pairs: list[tuple[int, int, tuple[OptionContract, OptionContract]]] = []
        self.chain = Chain(self._list_contracts())

    def slices(self) -> Iterator[MarketSlice]:
        """The day from its open; every call gives the same."""
        draw = Random(f"{self.seed}/quotes")
        ladder = [_Strike(*place, 1 + draw.gauss(0, 0.006)) for place in self._pairs]
        due = self._rounds(ladder)
        last = len(self._paths[0]) - 1
        for number in range(last + 1):
            now = self.session.open + number * self._step
            alarmed = any(abs(path[number] / path[max(0, number - 1)] - 1) > _ALARM for path in self._paths)
            looked_at = ladder if alarmed or number in (0, last) else due[number % len(due)]
            changes = self._option_changes(looked_at, number, now, draw)
            changes += [self._share_change(place, number, now, draw) for place in range(len(self._paths))]
            changes.sort()
            yield MarketSlice(now, changes)

    def signals(self) -> list[dict[str, str | float]]:
        """The day's signals on all underlyings in order of time, as they would stand in a signal file."""
        found = [
            signal
            for underlying, path in zip(self._underlyings, self._paths, strict=True)
            for signal in momentum_signals(underlying, self.session, self._step, path)
        ]
        return sorted(found, key=lambda signal: (str(signal["ts"]), str(signal["id"])))

    def _list_contracts(self) -> Iterator[tuple[OptionContract, int]]:
        for place, underlying in enumerate(self._underlyings):
            draw = Random(f"{self.seed}/{underlying.symbol}/listing")
            for expiry in expiries(underlying, self.session):
                self._expiries.append((place, expiry))
                for strike in strikes(underlying, expiry, self.session.open):
                    call, put = (
                        OptionContract(root=underlying.symbol, expiry=expiry.day, right=right, strike=strike)
                        for right in (Right.CALL, Right.PUT)
                    )
                    self._pairs.append((place, len(self._expiries) - 1, (call, put)))
                    yield call, open_interest(underlying, expiry, call, draw)
                    yield put, open_interest(underlying, expiry, put, draw)

    def _rounds(self, ladder: list[_Strike]) -> list[list[_Strike]]:
        """Which strikes are looked at in each step of a cycle."""
        paces = [max(1, pace_s * SECOND // self._step) for pace_s in _PACES_S]
        rounds: list[list[_Strike]] = [[] for _ in range(lcm(*paces))]
        for number, strike in enumerate(ladder):
            opening = self._terms(strike.expiry, 0, self.session.open)
            _, _, away = worth(opening, strike.strike, strike.richness)
            nearest = next(
                index for index, (place, _) in enumerate(self._expiries) if place == strike.underlying
            )
            pace = paces[min(len(paces) - 1, int(abs(away)) + (strike.expiry - nearest) // 2)]
            for step in range(number % pace, len(rounds), pace):
                rounds[step].append(strike)
        return rounds

    def _option_changes(
        self, looked_at: list[_Strike], number: int, now: Micros, draw: Random
    ) -> list[tuple[str, Quote]]:
        changes = []
        shared = [self._terms(expiry, number, now) for expiry in range(len(self._expiries))]
        for strike in looked_at:
            at = shared[strike.expiry]
            call, put, away = worth(at, strike.strike, strike.richness)
            penny_ticks = self._underlyings[strike.underlying].penny_ticks
            for side, value in enumerate((call, put)):
                bid, ask = quoted_cents(value, away, at.spot, penny_ticks)
                old_bid, old_ask, last = strike.shown[side]
                if bid == old_bid and ask == old_ask:
                    continue
                chance = draw.random()
                if chance < _TRADED and bid:
                    last = (ask if chance < _TRADED / 2 else bid) / 100
                strike.shown[side] = (bid, ask, last)
                near = 4 - int(abs(away))
                bid_size = 1 + int(draw.random() * 20 * near) if bid else 0
                ask_size = 1 + int(draw.random() * 20 * near)
                quote = Quote(now, bid / 100 if bid else None, ask / 100, last, bid_size, ask_size)
                changes.append((strike.keys[side], quote))
        return changes

    def _share_change(self, place: int, number: int, now: Micros, draw: Random) -> tuple[str, Quote]:
        spot = self._paths[place][number]
        half = max(0.005, spot * _STOCK_SPREAD)
        bid, ask = int((spot - half) * 100), int((spot + half) * 100) + 1
        last = (ask if draw.random() < 0.5 else bid) / 100
        sizes = 100 * (1 + int(draw.random() * 12)), 100 * (1 + int(draw.random() * 12))
        return self.symbols[place], Quote(now, bid / 100, ask / 100, last, *sizes)

    def _terms(self, expiry: int, number: int, now: Micros) -> Terms:
        place, listed = self._expiries[expiry]
        return terms(self._underlyings[place], listed, self._paths[place][number], now)
