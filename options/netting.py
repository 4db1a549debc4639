"""From desired positions to what must be sent: requirement = target - position - in flight, per instrument."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from options.book import Book
from options.events import Share
from options.order import Order, OrderState
from options.plan import OrderType, TimeInForce
from options.trade import Trade
from options.values import Side


class Need(Enum):
    """What a trade's requirement asks for now."""

    NOTHING = "met, or on its way"
    SEND = "send the rest"
    CANCEL = "take working orders back first"
    WAIT = "an order is in doubt: its like is blocked"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one trade needs: signed contracts to send, or the working orders to take back."""

    need: Need
    qty: int = 0
    orders: tuple[Order, ...] = ()


@dataclass(slots=True)
class OrderGroup:
    """Requirements that one parent order can meet together: same side, same way of meeting the market."""

    side: Side
    order_type: OrderType
    limit_price: Decimal | None
    tif: TimeInForce
    reducing: bool
    trades: list[Trade] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)

    @property
    def qty(self) -> int:
        """Contracts of the parent order."""
        return sum(share.qty for share in self.shares)


def requirement(book: Book, trade: Trade) -> Requirement:
    """What must change for a trade to hold its target.

    What is in flight counts as held, so no burst of intents overshoots. An order that works against the requirement is
    cancelled before anything else is sent: fills decide, and then the rest is netted again.
    """
    if not trade.target_kind:
        return Requirement(Need.NOTHING)
    need = trade.target - trade.position.qty
    if not trade.parent_ids:
        return Requirement(Need.SEND, _to_flat_at_most(trade, need, 0)) if need else Requirement(Need.NOTHING)
    in_flight = book.in_flight(trade)
    if need == in_flight:
        return Requirement(Need.NOTHING)
    working = tuple(
        book.orders[order_id]
        for parent in book.working_parents(trade)
        for order_id in parent.order_ids
        if order_id in book.orders
    )
    if any(order.state is OrderState.UNKNOWN for order in working):
        return Requirement(Need.WAIT)
    if in_flight and ((need > 0) != (in_flight > 0) or abs(need) < abs(in_flight)):
        return Requirement(
            Need.CANCEL, orders=tuple(order for order in working if not order.cancel_requested)
        )
    more = _to_flat_at_most(trade, need - in_flight, in_flight)
    return Requirement(Need.SEND, more) if more else Requirement(Need.NOTHING)


def _to_flat_at_most(trade: Trade, qty: int, in_flight: int) -> int:
    """What leads through flat to the other side stops at flat; the rest is netted once that is proven."""
    held = trade.position.qty
    if held > 0:
        return max(qty, -held - in_flight)
    return min(qty, -held - in_flight) if held < 0 else qty


def add_to_groups(groups: dict[tuple[object, ...], OrderGroup], trade: Trade, qty: int) -> None:
    """Put a trade's requirement (signed) with those that the same parent order can meet."""
    side = Side.BUY if qty > 0 else Side.SELL
    reducing = trade.position.qty * side.sign < 0
    plan = trade.entry
    if reducing:
        key: tuple[object, ...] = (side, OrderType.MARKET, None, TimeInForce.DAY, True)
    else:
        key = (side, plan.order_type, plan.limit_price, plan.tif, False)
    group = groups.get(key)
    if group is None:
        if reducing:
            group = OrderGroup(side, OrderType.MARKET, None, TimeInForce.DAY, reducing=True)
        else:
            group = OrderGroup(side, plan.order_type, plan.limit_price, plan.tif, reducing=False)
        groups[key] = group
    group.trades.append(trade)
    group.shares.append(Share(trade_id=trade.trade_id, qty=abs(qty)))
