"""Whether a strategy's wish can be taken at all: the trade is there and can hold something, on that side."""

from collections.abc import Iterator

from options.book import Book
from options.intent import Intent
from options.lifecycle import TradeStatus
from options.risk_limits import QTY_CEILING
from options.shown_text import WORD_CHARACTERS, printable
from options.trade import Trade


def intent_faults(book: Book, intent: Intent) -> list[str]:
    """Everything that stands against an intent before any limit is asked; empty if nothing does."""
    name = printable(intent.trade_id, WORD_CHARACTERS)
    return [f"{name}: {fault}" for fault in _faults(book, intent)]


def _faults(book: Book, intent: Intent) -> Iterator[str]:
    trade = book.trades.get(intent.trade_id)
    if trade is None:
        over = book.trade(intent.trade_id)
        yield "there is no such trade" if over is None else f"it is over ({_status(over)})"
        return
    if intent.target * trade.direction < 0:
        side = "long" if trade.direction > 0 else "short"
        yield f"{intent.target} is on the other side of a {side} trade"
    if trade.trade_status is TradeStatus.NONE:
        yield f"it is {_status(trade)}: activate it first"
    if intent.target and trade.trade_status is TradeStatus.PENDING and not trade.parent_ids:
        yield "it still waits to enter; until then it can only be given up"
    held = trade.position.qty * trade.direction
    if intent.target and held <= 0 and trade.trade_status is TradeStatus.FILLED:
        left = "the other side of what it wants is held" if held else "nothing of it is held any more"
        yield f"{left}; it can only be closed"
    if abs(intent.target) > QTY_CEILING:
        yield f"a target of {intent.target} is beyond {QTY_CEILING}"
    if not 0 <= intent.urgency <= 1:
        yield f"urgency {intent.urgency:g} is not between 0 and 1"


def _status(trade: Trade) -> str:
    return f"{trade.order_status} / {trade.trade_status}"
