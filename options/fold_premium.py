"""What an entry's fill uses up of the limits on premium, and what of that is still held."""

from decimal import ROUND_HALF_EVEN, Decimal

from options.book import Book
from options.combo_quote import is_combo
from options.correction_events import FillCorrected
from options.events import OrderFilled
from options.position import Position
from options.values import BUY, CENT, ZERO


def premium_used(book: Book, event: OrderFilled | FillCorrected, paid: Decimal) -> Decimal:
    """Dollars that a part of an execution uses up if it enters; ``paid`` is what it cost before fees.

    What was paid for a contract; for a combo or a short, its part of what its order was approved for. What crossed
    inside the house had no order: it counts with the money that changed hands.
    """
    if event.side is BUY and not is_combo(event.instrument):
        return paid
    if not event.client_ref:
        return abs(paid)
    order = book.order_of_ref.get(event.client_ref)
    if order is None:
        return ZERO
    return (order.premium * event.qty / order.qty).quantize(CENT, ROUND_HALF_EVEN)


def premium_held(position: Position) -> Decimal:
    """Dollars that what is still held counted as when it was entered; what was taken out counts no more."""
    if not position.qty or not position.entered:
        return ZERO
    entered = sum((fill.premium for fill in position.fills), ZERO)
    return (entered * min(abs(position.qty), position.entered) / position.entered).quantize(
        CENT, ROUND_HALF_EVEN
    )
