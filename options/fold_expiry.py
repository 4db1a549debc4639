"""How the facts of an expiry change the book, beside the fills that they come with."""

from options.book import Book
from options.expiry_events import PositionDelivered


def position_delivered(book: Book, event: PositionDelivered) -> None:
    """The trade is on without an order of its own: the fill that follows finds it waiting and opens its position."""
    trade = book.trades[event.trade_id]
    trade.target, trade.target_kind = event.qty, "delivered"
    trade.target_reason = f"from {event.from_trade}"
    trade.entry_sent_ts = event.ts
    trade.entry_done = True
    book.trades_on += 1
