"""Entries that are in the market, called back: by a halt, or once the day has lost as much as it may."""

from collections.abc import Iterable
from typing import Protocol

from options.batch import Batch
from options.book import Book
from options.entry_counts import loss_faults
from options.risk_limits import RiskLimits
from options.steering import Aiming
from options.trade import Trade


class Recalling(Aiming, Protocol):
    """What calls entries back where a limit says so: the order manager, as seen from here."""

    limits: RiskLimits


def stop_entries(manager: Aiming, batch: Batch, kind: str, reason: str, who: str) -> None:
    """Nothing that opens or adds stays in the market; what is held keeps its exits."""
    for trade in _entering(batch.book):
        manager.aim(batch, trade, trade.position.qty, kind, reason, who, urgency=1.0)


def stop_at_loss(manager: Recalling, batch: Batch) -> None:
    """Call back the entries for which too much is lost today: asked in every input that may have booked a loss."""
    book, limits = batch.book, manager.limits
    if not is_too_much_lost(book, limits):
        return
    for trade in _entering(book):
        for reason in loss_faults(book, limits, trade.strategy):
            manager.aim(batch, trade, trade.position.qty, "refused", reason, "risk", urgency=1.0)
            break


def is_too_much_lost(book: Book, limits: RiskLimits) -> bool:
    """Whether a loss has reached its limit, of the whole day or of one strategy's; no order is looked at for it."""
    names: Iterable[str] = ("", *limits.strategies)
    return any(any(loss_faults(book, limits, name)) for name in names)


def _entering(book: Book) -> list[Trade]:
    """The trades for which something is on its way in and still wanted."""
    found: dict[str, Trade] = {}
    for parent in book.parents.values():
        for trade_id in parent.shares:
            trade = book.trades.get(trade_id)
            if trade is None or not trade.enters(parent.side):
                continue
            if trade.target != trade.position.qty and book.in_flight(trade) * trade.direction > 0:
                found[trade_id] = trade
    return list(found.values())
