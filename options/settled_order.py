"""Orders in doubt of which the broker cannot tell any more: a person who has looked there says what became of one.

What they say is taken for what the broker would have said, so all that follows from it follows. An execution that the
broker tells of after that belongs to what was settled, and is not booked a second time.
"""

from options import inputs as i
from options.book import Book
from options.combo_quote import is_combo
from options.commands import SettleOrder
from options.number_check import LEVEL_MAX, number_fault, whole_text
from options.order import Order, OrderState
from options.shown_text import WORD_CHARACTERS, printable
from options.values import ZERO


def by_hand(order: Order) -> str:
    """The id of the one execution that a person may tell of."""
    return f"{order.order_id} by hand"


def trade_served(book: Book, order_id: str) -> str:
    """The trade that an order in the market is for, the first where it serves several; empty if there is none."""
    order = book.orders.get(order_id)
    parent = None if order is None else book.parent(order.parent_id)
    return "" if parent is None else next(iter(parent.shares))


def settle_faults(book: Book, command: SettleOrder) -> list[str]:
    """Why what a person says of an order cannot be written down; empty if it can."""
    order = book.orders.get(command.order_id)
    if order is None:
        shown = printable(command.order_id, WORD_CHARACTERS)
        return [f"{shown!r} is no order that is in the market; only one that is in doubt can be settled"]
    if book.broker_lost:
        return [f"the broker is away: it is asked about {order.order_id} as soon as it is back"]
    if order.state is not OrderState.UNKNOWN:
        return [f"{order.order_id} is {order.state.value}, not in doubt: the broker answers for it"]
    lowest = -float(LEVEL_MAX) if is_combo(order.instrument) else 0
    faults = list(number_fault("price", command.price, lowest, LEVEL_MAX, "dollars"))
    faults += number_fault("fee", command.fee or None, 0, LEVEL_MAX, "dollars")
    if not order.filled <= command.filled <= order.qty:
        booked = f"{order.filled}, which are booked," if order.filled else "0"
        faults.append(
            f"{whole_text(command.filled)} filled is not between {booked} and {order.qty}, which were ordered"
        )
    elif command.filled == order.filled and (command.price is not None or command.fee):
        faults.append(f"all {order.filled} are booked: there is nothing more to give a price or a fee for")
    elif command.filled > order.filled and command.price is None:
        faults.append(f"give the price of the {command.filled - order.filled} that are not booked yet")
    return faults


def told_by_hand(order: Order, command: SettleOrder) -> tuple[i.BrokerReport, ...]:
    """What a person says, as the broker would have said it: what filled, and that the rest is over."""
    ref, unbooked = order.child.client_ref, command.filled - order.filled
    said: list[i.BrokerReport] = []
    if unbooked:
        said.append(
            i.ExecutionReport(
                client_ref=ref,
                exec_id=by_hand(order),
                broker_order_id=order.child.broker_order_id,
                venue=order.child.venue,
                instrument=order.instrument,
                side=order.side,
                qty=unbooked,
                price=command.price or ZERO,
                fee=command.fee,
            )
        )
    if command.filled < order.qty:
        said.append(i.OrderCancelledReport(client_ref=ref, reason=f"settled by {command.who}"))
    return tuple(said)


def was_settled(order: Order, exec_id: str) -> bool:
    """Whether a person has told of what an order filled, so that another execution of it is none of its own."""
    return by_hand(order) in order.executions and exec_id != by_hand(order)
