"""The market of a combo, made from the markets of its legs.

Selling the combo sells what its positive ratios hold at their bids and buys back the others at their asks; buying it is
the other way round. A net price below zero is a credit. A side exists only where every leg quotes the side it needs,
in the size it needs.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple, Protocol

from options.contract import Combo, parse_key
from options.payoff import weight
from options.values import ZERO, Micros, price_from_float


class TwoSided(Protocol):
    """What is read of a leg's quote."""

    @property
    def ts(self) -> Micros:
        """When it last changed."""

    @property
    def bid(self) -> float | None:
        """What a seller gets."""

    @property
    def ask(self) -> float | None:
        """What a buyer pays."""

    @property
    def bid_size(self) -> int:
        """How many can be sold."""

    @property
    def ask_size(self) -> int:
        """How many can be bought."""


class NetSides(NamedTuple):
    """Both sides of a combo. ``ts`` is the oldest leg's: the whole is as fresh as its stalest part.

    ``gross`` is the sum of the legs' mids whatever their sign, ``None`` unless every leg has both sides: what a spread
    of the whole is measured against, for the net price itself may be zero.
    """

    ts: Micros
    bid: float | None
    ask: float | None
    bid_size: int
    ask_size: int
    gross: float | None


def is_combo(key: str) -> bool:
    """True for the key of a combo."""
    return "*" in key


def net_sides(combo: Combo, quotes: Mapping[str, TwoSided]) -> NetSides | None:
    """The net market of a combo, or ``None`` while a leg was never quoted. Sums are exact before they become floats."""
    legs = [(leg, quotes.get(leg.instrument.key)) for leg in combo.legs]
    bid: Decimal | None = ZERO
    ask: Decimal | None = ZERO
    gross: Decimal | None = ZERO
    bid_sizes, ask_sizes, times = [], [], []
    for leg, quote in legs:
        if quote is None:
            return None
        times.append(quote.ts)
        size = weight(leg, combo.multiplier)
        sell, buy = (quote.bid, quote.ask) if size > 0 else (quote.ask, quote.bid)
        sells, buys = (quote.bid_size, quote.ask_size) if size > 0 else (quote.ask_size, quote.bid_size)
        bid = _plus(bid, size, sell)
        ask = _plus(ask, size, buy)
        gross = _plus(_plus(gross, abs(size) / 2, sell), abs(size) / 2, buy)
        bid_sizes.append(sells // abs(leg.ratio))
        ask_sizes.append(buys // abs(leg.ratio))
    return NetSides(min(times), _float(bid), _float(ask), min(bid_sizes), min(ask_sizes), _float(gross))


def _plus(total: Decimal | None, size: Decimal, price: float | None) -> Decimal | None:
    return None if total is None or price is None else total + size * price_from_float(price)


def _float(price: Decimal | None) -> float | None:
    return None if price is None else float(price)


class ComboIndex:
    """The combos that are followed, by their legs. Empty, it costs nothing."""

    __slots__ = ("_by_leg", "combos")

    def __init__(self) -> None:
        self.combos: dict[str, Combo] = {}
        self._by_leg: dict[str, dict[str, Combo]] = {}

    def add(self, key: str) -> Combo:
        """Follow the combo of this key.

        :raises ContractError: it is no combo's key.
        """
        combo = parse_key(key)
        assert isinstance(combo, Combo), f"{key!r} is no combo"
        self.combos[key] = combo
        for leg in combo.legs:
            self._by_leg.setdefault(leg.instrument.key, {})[key] = combo
        return combo

    def discard(self, key: str) -> None:
        """Follow a combo no longer. Doing it twice is allowed."""
        combo = self.combos.pop(key, None)
        for leg in () if combo is None else combo.legs:
            on_leg = self._by_leg[leg.instrument.key]
            del on_leg[key]
            if not on_leg:
                del self._by_leg[leg.instrument.key]

    def touched(self, keys: Iterable[str]) -> dict[str, Combo]:
        """The combos that have a leg among these, in a fixed order."""
        found: dict[str, Combo] = {}
        for key in keys:
            found |= self._by_leg.get(key, {})
        return found
