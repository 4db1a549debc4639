"""What a day leaves behind: nothing of an order that was good for the day."""

from typing import Protocol

from options.batch import Batch
from options.execution_desk import ExecutionDesk
from options.order import ParentOrder
from options.plan import TimeInForce
from options.terms import ParentStatus
from options.trade import Trade
from options.values import from_iso


class Closing(Protocol):
    """What the end of a day may move: the order manager, as seen from here."""

    desk: ExecutionDesk

    def settle(self, batch: Batch, trade: Trade) -> None:
        """Bring a trade in line after its fills or the end of one of its orders."""


def end_of_day(manager: Closing, batch: Batch) -> None:
    """Nothing is sent after the close; a day order of which nothing is in the market ends with its day."""
    book = batch.book
    if not book.day.close or batch.at < from_iso(book.day.close):
        return
    for parent in list(book.parents.values()):
        in_market = any(order_id in book.orders for order_id in parent.order_ids)
        if parent.schedule.tif is TimeInForce.DAY and not in_market:
            _end_parent(manager, batch, parent)


def _end_parent(manager: Closing, batch: Batch, parent: ParentOrder) -> None:
    manager.desk.end(batch, parent, ParentStatus.CANCELLED, "the day is over")
    for trade_id in parent.shares:
        trade = batch.book.trades.get(trade_id)
        if trade is not None:
            manager.settle(batch, trade)
