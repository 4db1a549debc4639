"""What an entry's fill uses up of the limits on premium, and what of that is still held."""

from decimal import ROUND_HALF_EVEN, Decimal

from options.book import Book
from options.combo_quote import is_combo
from options.contract import parse_key
from options.correction_events import FillCorrected
from options.events import OrderFilled
from options.exposure import has_shorts, loss_at_expiry
from options.position import Position
from options.values import BUY, CENT, ZERO


def premium_used(book: Book, event: OrderFilled | FillCorrected, paid: Decimal) -> Decimal:
    """Dollars that a part of an execution uses up if it enters; ``paid`` is what it cost before fees.

    What was paid for a contract; for a combo or a short, its part of what its order was approved for. What crossed
    inside the house had no order: it counts as one at that price would have.
    """
    if event.side is BUY and not is_combo(event.instrument):
        return paid
    if not event.client_ref:
        return _crossed(event, paid)
    order = book.order_of_ref.get(event.client_ref)
    if order is None:
        return ZERO
    return (order.premium * event.qty / order.qty).quantize(CENT, ROUND_HALF_EVEN)


def _crossed(event: OrderFilled | FillCorrected, paid: Decimal) -> Decimal:
    """Dollars that an entry counts as which crossed at a price: as the risk has it of an order for the same."""
    instrument = parse_key(event.instrument)
    if not has_shorts(instrument, event.side.sign):
        return abs(paid)
    loss = loss_at_expiry(instrument, event.side, event.qty, event.price)
    return abs(paid) if loss is None else loss


def premium_held(position: Position) -> Decimal:
    """Dollars that what is still held counted as when it was entered; what was taken out counts no more."""
    if not position.qty or not position.entered:
        return ZERO
    entered = sum((fill.premium for fill in position.fills), ZERO)
    return (entered * min(abs(position.qty), position.entered) / position.entered).quantize(
        CENT, ROUND_HALF_EVEN
    )
