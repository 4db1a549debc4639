"""The trades whose requirement is to be looked at, by what they are in: together, and no others beside them.

What a trade needs follows from the trade and from its own orders. So it is asked for after something of it has changed,
and that costs the same however many others there are on the instrument.
"""

from collections.abc import Iterable

from options.batch import Batch
from options.book import Book
from options.events import OrderUnknown
from options.trade import Trade

NetQueue = dict[str, dict[str, None]]
"""The ids of trades by instrument, both in the order in which they came up."""


def enqueue(queue: NetQueue, trade: Trade) -> None:
    """Look at a trade when netting comes to its instrument."""
    queue.setdefault(trade.instrument, {})[trade.trade_id] = None


def enqueue_all(queue: NetQueue, trades: Iterable[Trade]) -> None:
    """Look at each of these."""
    for trade in trades:
        enqueue(queue, trade)


def enqueue_doubted(queue: NetQueue, batch: Batch) -> None:
    """Look at each trade of which an order has just come into doubt: what is held may leave beside an entry."""
    for event in batch.events:
        if type(event) is OrderUnknown:
            parent = batch.book.parents.get(batch.book.order_of_ref[event.client_ref].parent_id)
            shares = () if parent is None else parent.shares
            enqueue_all(queue, batch.book.oldest_first(shares))


def every_trade(book: Book) -> NetQueue:
    """All that is open, as after a start."""
    return {key: dict.fromkeys(trades) for key, trades in book.by_instrument.items()}


def joined(first: NetQueue, then: NetQueue) -> NetQueue:
    """Both queues, the instruments of the first one before the others."""
    return {key: first.get(key, {}) | then.get(key, {}) for key in (*first, *then)}


def next_in(queue: NetQueue, book: Book) -> tuple[str, list[Trade]]:
    """Take the next instrument out of a queue that is not empty: its key, and those that are open, oldest first."""
    key = next(iter(queue))
    return key, book.oldest_first(queue.pop(key))
