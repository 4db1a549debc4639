"""Closing every trade at once: what is held goes out, what is on its way in comes back, what waits is cancelled."""

from options import commands as c
from options.batch import Batch
from options.book import Book
from options.lifecycle import TradeStatus
from options.shown_text import WORD_CHARACTERS, printable
from options.steering import Steering
from options.terms import ExitKind
from options.trade import Trade


def concerned(book: Book, strategy: str | None) -> list[Trade]:
    """The trades that closing everything would end, oldest first.

    Those that hold something, work, or wait to enter, and are not on their way out already. Drafts and what is held
    inactive without a position are no risk and stay.
    """
    return [
        trade
        for trade in book.open_trades()
        if strategy in (None, trade.strategy)
        and (trade.position.qty or trade.trade_status is TradeStatus.PENDING)
        and not _leaving(trade)
    ]


def close_all_faults(book: Book, command: c.CloseAll) -> list[str]:
    """Why there is nothing to close; empty if there is something."""
    if concerned(book, command.strategy):
        return []
    if command.strategy is None:
        return ["no trade is open that is not being closed already"]
    shown = printable(command.strategy, WORD_CHARACTERS)
    return [f"no trade of the strategy {shown!r} is open that is not being closed already"]


def close_all(manager: Steering, batch: Batch, command: c.CloseAll) -> None:
    """Newest first, so that nothing that waits for another goes in because that one ends."""
    for trade in reversed(concerned(batch.book, command.strategy)):
        reason = f"close-all by {command.who}"
        if trade.position.qty or trade.parent_ids:
            manager.aim(batch, trade, 0, ExitKind.ADMIN, reason, command.who, urgency=1.0)
        else:
            manager.drop(batch, trade, reason)


def _leaving(trade: Trade) -> bool:
    """Whether nothing should be held any more, and everything for that has been asked."""
    return bool(trade.target_kind) and trade.target == 0
