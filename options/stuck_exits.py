"""Positions that the broker does not let out: what it takes back or refuses is sent again so often, and no oftener.

After that trading halts, and the way out is tried again when somebody has acted (closed it once more, resumed), or with
the next day.
"""

from options.book import Book
from options.trade import Trade

EXIT_REJECTIONS_MAX = 3


def is_stuck(trade: Trade) -> bool:
    """Whether something of a trade should be out, and is not sent any more."""
    held, target = trade.position.qty, trade.target
    return (abs(held) > abs(target) or held * target < 0) and trade.rejections >= EXIT_REJECTIONS_MAX


def cannot_get_out(book: Book) -> list[Trade]:
    """The trades that are stuck, oldest first."""
    return [trade for trade in book.open_trades() if is_stuck(trade)]


def stuck_words(trade: Trade) -> str:
    """What the broker did, in words."""
    return f"the broker refused or took back {trade.rejections} orders in a row"
