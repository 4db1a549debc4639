"""Additions that became due while what was on its way out is asked back: they come once that is proven to be out."""

from options.book import Book
from options.trade import Trade


def still_to_add(book: Book, trade: Trade) -> bool:
    """Whether what has ended was on its way out, and an addition that had to wait for it is sent now."""
    last = book.last_finished(trade)
    waited = trade.addition_due and last is not None and last.side is not trade.entry_side
    return waited and abs(trade.position.qty) >= trade.position.entered


def end_words(trade: Trade) -> str:
    """Why no more is wanted than is held, once what worked for a trade is over."""
    if trade.addition_due and abs(trade.position.qty) < trade.position.entered:
        return "nothing is added any more: an exit that was asked back has filled"
    return "the entry ended with a rest"
