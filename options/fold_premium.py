"""What an entry's fill uses up of the day's limit on premium."""

from decimal import ROUND_HALF_EVEN, Decimal

from options.book import Book
from options.combo_quote import is_combo
from options.correction_events import FillCorrected
from options.events import OrderFilled
from options.values import BUY, CENT, ZERO


def premium_used(book: Book, event: OrderFilled | FillCorrected, paid: Decimal) -> Decimal:
    """Dollars that a part of an execution uses up if it enters; ``paid`` is what it cost before fees.

    What was paid for a contract; for a combo or a short, its part of what its order was approved for.
    """
    if event.side is BUY and not is_combo(event.instrument):
        return paid
    order = book.order_of_ref.get(event.client_ref)
    if order is None:
        return ZERO
    return (order.premium * event.qty / order.qty).quantize(CENT, ROUND_HALF_EVEN)
