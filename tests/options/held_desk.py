"""A desk with a position whose exits rest at the broker."""

from decimal import Decimal
from typing import Any

import msgspec

from options.order import Order
from options.plan import ExitPlan, Held, TargetPlan
from options.trade import Trade
from tests.options.desk import Desk, accepted

AT_BROKER = ExitPlan(stop=Decimal("0.3"), held=Held.BROKER)


def bracketed(*rungs: tuple[str, str], **plan: object) -> ExitPlan:
    """A stop at 30% and targets of (gain, share), all at the broker."""
    targets = tuple(TargetPlan(gain=Decimal(gain), share=Decimal(share)) for gain, share in rungs)
    return msgspec.structs.replace(AT_BROKER, targets=targets, **plan)


def rests(desk: Desk) -> list[Order]:
    """The orders that rest for the trade and are not asked back, oldest first."""
    trade = desk.trade()
    parents = [desk.book.parents[one] for one in trade.resting_ids]
    orders = [
        desk.book.orders[one] for parent in parents for one in parent.order_ids if one in desk.book.orders
    ]
    return [order for order in orders if not order.cancel_requested]


def guarded(qty: int = 4, exits: ExitPlan = AT_BROKER, **wish: Any) -> tuple[Desk, Trade]:
    """A desk with a position whose resting exits the broker has accepted."""
    desk = Desk()
    trade = desk.opened(qty, exits=exits, **wish)
    desk.report(*[accepted(order) for order in rests(desk)])
    return desk, trade


def shapes(orders: list[Order]) -> list[tuple[str, int, str, str]]:
    """What rests, as (type, quantity, stop, limit)."""
    return [(o.order_type.value, o.qty, str(o.stop_price or ""), str(o.limit_price or "")) for o in orders]
