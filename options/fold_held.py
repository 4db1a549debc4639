"""How exits that the broker holds change the book; a part of :func:`options.fold.apply`."""

from collections.abc import Callable
from typing import Any

from options.book import Book
from options.events import ExitTriggered, TradeEvent
from options.fold_orders import finish
from options.fold_trades import without
from options.held_events import ExitsTakenOver, OrderReduced
from options.order import Order, OrderState, ParentOrder
from options.plan import OrderType
from options.resting import live_of
from options.trade import Trade
from options.values import SECOND, from_iso, to_iso


def became_due(book: Book, trade: Trade, event: ExitTriggered) -> None:
    """An exit came true at the broker: its bracket is on its way out, and so is each whose stop was met as well."""
    order = book.order_of_ref[event.client_ref]
    parent = book.parent(order.parent_id)
    assert parent is not None, f"{event.exit_id} rested under {order.parent_id}, which was never opened"
    _make_due(parent, order, trade, event.ts)
    for parent_id in trade.resting_ids:
        parent = book.parents[parent_id]
        met = [
            other for other in live_of(book, parent) if order.parent_id != parent_id and _met(order, other)
        ]
        for other in met:
            _make_due(parent, other, trade, event.ts)
        if met or order.parent_id == parent_id:
            trade.resting_ids = without(trade.resting_ids, parent_id)
            trade.parent_ids += (parent_id,)


def _make_due(parent: ParentOrder, order: Order, trade: Trade, ts: str) -> None:
    parent.due = True
    order.elected = order.stop_price is not None
    parent.hurried = order.order_type is OrderType.STOP
    after = trade.exits.stop_order.deadline_s
    if order.order_type is OrderType.STOP_LIMIT and after is not None:
        parent.deadline = to_iso(from_iso(ts) + round(after * SECOND))


def _met(order: Order, other: Order) -> bool:
    """Whether the price that met one stop has met another too."""
    if order.stop_price is None or other.stop_price is None:
        return False
    return (other.stop_price - order.stop_price) * order.side.sign <= 0


def _reduced(book: Book, event: OrderReduced) -> None:
    order = book.order_of_ref[event.client_ref]
    order.qty = event.qty
    if order.filled >= order.qty:
        finish(book, order, OrderState.FILLED)


def _taken_over(book: Book, event: ExitsTakenOver) -> None:
    trade = book.trades.get(event.trade_id)
    if trade is not None and not event.for_now:
        trade.taken_over |= set(event.exit_ids)


HANDLERS: dict[type[TradeEvent], Callable[[Book, Any], None]] = {
    OrderReduced: _reduced,
    ExitsTakenOver: _taken_over,
}
