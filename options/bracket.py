"""Which orders should rest at the broker for a trade: its contingent orders, cut into brackets.

Each target has a bracket of its own with the contracts that it takes out, and what no target takes has one more. In
every bracket rests the one stop that would be met first, beside the target if the broker holds that too. So all orders
of a group have the same size, and what one of them trades makes the other smaller by as much.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal

import msgspec

from options.cents import to_cents
from options.plan import Algo, Held, OrderType
from options.resting import PROTECTIVE
from options.terms import ArmedExit, ExitKind
from options.trade import Trade
from options.values import CENT, Side, price_from_float

LevelOf = Callable[[Trade, ArmedExit], float | None]


class Leg(msgspec.Struct, frozen=True):
    """One order of a bracket."""

    exit_id: str
    order_type: OrderType
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trailing: bool = False


class Bracket(msgspec.Struct, frozen=True):
    """Orders of ``qty`` contracts each, of which ``qty`` can trade in all."""

    name: str
    qty: int
    legs: tuple[Leg, ...]


def brackets_of(trade: Trade, qty: int, level_of: LevelOf) -> list[Bracket]:
    """The brackets that should rest for at most ``qty`` contracts of a trade, the first target's first.

    No broker has an order at less than a cent.
    """
    held = [one for one in trade.armed if one.held is Held.BROKER and one.exit_id not in trade.taken_over]
    if not held or qty <= 0:
        return []
    guard, left = _guard(trade, held, level_of), qty
    found: list[Bracket] = []
    for rung in trade.armed:
        if rung.kind is ExitKind.TARGET and left:
            level = rung.level if rung in held else None
            legs = () if level is None or level < CENT else (_target(rung, level, exit_side(trade)),)
            found.append(Bracket(rung.exit_id, min(rung.qty, left), guard + legs))
            left -= found[-1].qty
    if left:
        found.append(Bracket(f"{trade.position.position_id}-rest", left, guard))
    return [bracket for bracket in found if bracket.legs]


def exit_side(trade: Trade) -> Side:
    """The side that takes a position out."""
    return Side.SELL if trade.position.qty > 0 else Side.BUY


def _target(rung: ArmedExit, level: Decimal, side: Side) -> Leg:
    return Leg(rung.exit_id, OrderType.LIMIT, limit_price=to_cents(level, side, net=False))


def _guard(trade: Trade, held: list[ArmedExit], level_of: LevelOf) -> tuple[Leg, ...]:
    """The stop order that would be met first; none where the broker holds no stop, or its price is below a cent."""
    order = trade.exits.stop_order
    side, limit = exit_side(trade), order.limit_price if order.algo is Algo.LIMIT else None
    stops: list[tuple[Decimal, ArmedExit]] = []
    for armed in held:
        level = level_of(trade, armed) if armed.kind in PROTECTIVE else None
        if level is not None and level >= float(CENT):
            price = price_from_float(round(level, 4)).quantize(CENT, ROUND_HALF_EVEN)
            stops.append((price * side.sign, armed))
    if not stops:
        return ()
    signed, armed = min(stops, key=lambda one: one[0])
    kind = OrderType.STOP if limit is None else OrderType.STOP_LIMIT
    limit = None if limit is None else to_cents(limit, side, net=False)
    return (Leg(armed.exit_id, kind, limit, abs(signed), armed.kind is ExitKind.TRAILING),)
