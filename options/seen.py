"""What a person saw of a state before they said yes: a mark that the same state has and a changed one has not.

Marks of prices are left out of it: they move all the time, and a yes to a preview is meant for what is held and works.
"""

from hashlib import blake2b

import msgspec

from options import commands as c
from options.book import Book
from options.close_all import concerned
from options.trade import Trade

_DIGITS = 8


def state_mark(book: Book, command: c.Command) -> str:
    """The mark of all that a command is about, as it stands; empty for one that is about no open trade."""
    if isinstance(command, c.CloseAll):
        trades = concerned(book, command.strategy)
    else:
        trade = book.trades.get(getattr(command, "trade_id", ""))
        trades = [] if trade is None else [trade]
    if not trades:
        return ""
    text = msgspec.json.encode([_facts(book, trade) for trade in trades])
    return blake2b(text, digest_size=_DIGITS).hexdigest()


def seen_faults(book: Book, command: c.Command) -> list[str]:
    """Why a yes to what was seen does not count any more; empty if it does, or nothing was seen before."""
    if not command.seen or command.seen == state_mark(book, command):
        return []
    what = getattr(command, "trade_id", "") or "what it is about"
    return [f"{what} has changed since it was shown; look again, and decide on what there is now"]


def _facts(book: Book, trade: Trade) -> tuple[object, ...]:
    position = trade.position
    exits = [(one.exit_id, one.kind, one.qty, one.level) for one in trade.armed]
    return (
        trade.trade_id,
        trade.order_status,
        trade.trade_status,
        position.position_id,
        position.qty,
        trade.target,
        book.in_flight(trade),
        trade.parent_ids,
        trade.qty,
        trade.entry,
        trade.exits,
        exits,
    )
