"""How the paper broker fills a combo: every leg at its own far side, or none of it."""

from dataclasses import dataclass
from decimal import Decimal

from options.contract import Combo, OptionContract
from options.execution.fill_models import FillRules
from options.payoff import weight
from options.quote import QuoteCache
from options.terms import LegPrice
from options.values import ZERO, Side


@dataclass(frozen=True, slots=True)
class ComboFill:
    """One execution of a whole combo: its net price, what its legs traded at, and the fee in dollars."""

    price: Decimal
    legs: tuple[LegPrice, ...]
    fee: Decimal


def combo_fill(
    combo: Combo, side: Side, qty: int, quotes: QuoteCache, rules: FillRules, limit: Decimal | None = None
) -> ComboFill | None:
    """All of ``qty`` at once, or ``None`` where a leg has no such side or not the size.

    Slippage is each leg's own and never carries the net price past ``limit``. Commissions are those of all option
    contracts together at the dearest leg's premium; shares are charged by their own schedule.
    """
    plain = _legs(combo, side, qty, quotes, rules, slip=False)
    if plain is None or not _within(_net(combo, plain), side, limit):
        return None
    legs = _legs(combo, side, qty, quotes, rules, slip=True)
    if legs is None or not _within(_net(combo, legs), side, limit):
        legs = plain
    return ComboFill(_net(combo, legs), legs, _fee(combo, qty, legs, rules))


def _within(price: Decimal, side: Side, limit: Decimal | None) -> bool:
    return limit is None or (limit - price) * side.sign >= 0


def _legs(
    combo: Combo, side: Side, qty: int, quotes: QuoteCache, rules: FillRules, *, slip: bool
) -> tuple[LegPrice, ...] | None:
    found = []
    for leg in combo.legs:
        quote = quotes.get(leg.instrument.key)
        leg_side = side if leg.ratio > 0 else (Side.SELL if side is Side.BUY else Side.BUY)
        if quote is None or (quote.ask if leg_side is Side.BUY else quote.bid) is None:
            return None
        wanted = qty * abs(leg.ratio)
        filled = rules.fill.fill(leg_side, wanted, quote)
        if filled is None or filled[0] < wanted:
            return None
        price = filled[1]
        if slip:
            price = rules.slippage_of(leg.instrument).price(leg_side, price)
        found.append(LegPrice(instrument=leg.instrument.key, ratio=leg.ratio, price=price))
    return tuple(found)


def _net(combo: Combo, legs: tuple[LegPrice, ...]) -> Decimal:
    sizes = (weight(leg, combo.multiplier) for leg in combo.legs)
    return sum((size * leg.price for size, leg in zip(sizes, legs, strict=True)), ZERO)


def _fee(combo: Combo, qty: int, legs: tuple[LegPrice, ...], rules: FillRules) -> Decimal:
    fee, contracts, dearest = ZERO, 0, ZERO
    for leg, traded in zip(combo.legs, legs, strict=True):
        if isinstance(leg.instrument, OptionContract):
            contracts += qty * abs(leg.ratio)
            dearest = max(dearest, traded.price)
        else:
            fee += rules.stock_fee.fee(qty * abs(leg.ratio), traded.price, 0, ZERO)
    return fee + (rules.fee.fee(contracts, dearest, 0, ZERO) if contracts else ZERO)
