"""An order that several trades enter by ends for all of them, also where only one of them has given it up."""

from options.book import Book
from options.terms import ADDS, ENTRY_ENDED, ParentStatus
from options.trade import Trade


def given_up_by_another(book: Book, trade: Trade) -> bool:
    """Whether the order that worked for a trade last was asked back because of another trade that it served."""
    last = book.last_finished(trade)
    if last is None or last.status is not ParentStatus.CANCELLED:
        return False
    others = [(one, book.trade(one)) for one in last.shares if one != trade.trade_id]
    return any(
        other is None or other.target_kind not in (*ADDS, ENTRY_ENDED)
        for one, other in others
        if last.allocated.get(one, 0) < last.shares[one]
    )
