"""What rests at the broker to protect a position, read from the book.

A bracket is a parent order with its one or two orders, of which no more than the bracket's quantity can trade. It is no
requirement, so netting does not count it as in flight; but whatever is sent besides leaves room for it, so that all
that could close a position never exceeds it.
"""

from options.book import Book
from options.order import Order, OrderState, ParentOrder
from options.plan import Held
from options.terms import ArmedExit, ExitKind
from options.trade import Trade

PROTECTIVE = (ExitKind.STOP, ExitKind.TRAILING)


def resting_parents(book: Book, trade: Trade) -> list[ParentOrder]:
    """The brackets that rest for a trade, none of whose exits is due, oldest first."""
    return [book.parents[parent_id] for parent_id in trade.resting_ids]


def live_of(book: Book, parent: ParentOrder) -> list[Order]:
    """The orders under a parent that may still trade."""
    return [book.orders[one] for one in parent.order_ids if one in book.orders]


def could_trade(book: Book, parent: ParentOrder) -> int:
    """Contracts that a bracket may still trade, or has traded unheard: by the other, what was taken from an order."""
    return max(0, parent.qty - parent.filled) if live_of(book, parent) else 0


def resting_qty(book: Book, trade: Trade) -> int:
    """Contracts of a trade that may leave by what rests at the broker."""
    return sum(could_trade(book, parent) for parent in resting_parents(book, trade))


def leaving_qty(book: Book, trade: Trade) -> int:
    """Contracts of a trade that are on their way out by what works for it."""
    held = trade.position.qty
    parts = [
        abs(parent.in_flight(trade.trade_id))
        for parent in book.working_parents(trade)
        if parent.side.sign * held < 0
    ]
    return sum(parts)


def room_out(book: Book, parent: ParentOrder, trades: list[Trade]) -> int:
    """Contracts that may leave by an exit's own orders, those in the market with them.

    That is all of it, but where a bust or an assignment has left less since it began.
    """
    return sum(
        min(abs(parent.in_flight(trade.trade_id)), _room_beside(book, trade, parent)) for trade in trades
    )


def _room_beside(book: Book, trade: Trade, parent: ParentOrder) -> int:
    """Contracts that a trade holds beyond what is to stay, or rests, less what orders of others could take out."""
    held, target = trade.position.qty, trade.target
    room = abs(held) - max(abs(target) if held * target > 0 else 0, resting_qty(book, trade))
    for other in book.working_parents(trade):
        if other is not parent and other.side is parent.side:
            pending = sum(order.pending for order in live_of(book, other))
            room -= min(abs(other.in_flight(trade.trade_id)), pending)
    return max(0, room)


def at_broker(book: Book, trade: Trade, armed: ArmedExit) -> bool:
    """Whether the broker holds a contingent order by a proven order: then nobody else may make it due."""
    if armed.held is not Held.BROKER:
        return False
    return any(
        order.child.accepted
        and not order.cancel_requested
        and order.state is not OrderState.UNKNOWN
        and stands_for(order, armed)
        for parent in resting_parents(book, trade)
        for order in live_of(book, parent)
    )


def stands_for(order: Order, armed: ArmedExit) -> bool:
    """Whether a resting order is a contingent order's; one stop order is the stop's and the trailing stop's."""
    if armed.kind in PROTECTIVE:
        return order.stop_price is not None
    return order.exit_id == armed.exit_id
