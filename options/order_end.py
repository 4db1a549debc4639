"""How an order ends by our own doing: it is asked back, and once nothing of it is out its parent order is over."""

from collections.abc import Iterable

from options import events as e
from options.batch import Batch
from options.order import Order, ParentOrder
from options.terms import ParentStatus
from options.trade import Trade


def ask_back(batch: Batch, order: Order, reason: str, *, replaces: bool = False) -> None:
    """Ask for an order to be cancelled; ``replaces``: another takes its place under the same parent order."""
    ids = {"order_id": order.order_id, "client_ref": order.child.client_ref}
    batch.add(e.OrderCancelRequested(batch.ts, batch.cause, **ids, reason=reason, replaces=replaces))


def ask_all_back(batch: Batch, orders: Iterable[Order], reason: str) -> None:
    """Ask for orders to be cancelled, those too that should only have been replaced; none of them twice."""
    for order in orders:
        if not order.cancel_requested or order.replaced:
            ask_back(batch, order, reason)


def close_parent(batch: Batch, parent: ParentOrder, status: ParentStatus, reason: str) -> list[Trade]:
    """A parent order is over; the trades that it served come back, oldest first."""
    batch.add(
        e.ParentOrderClosed(
            batch.ts,
            batch.cause,
            parent_id=parent.parent_id,
            status=status,
            filled=parent.filled,
            reason=reason,
        )
    )
    return [trade for trade in map(batch.book.trade, parent.shares) if trade is not None]
