"""The gate that entries go through: what a limit stands against is refused, and its trade brought in line."""

from collections.abc import Sequence
from typing import Protocol

from options.batch import Batch
from options.book import Book
from options.entry_counts import Passed, loss_faults
from options.entry_delay import put_off
from options.entry_moment import gone_past
from options.entry_recall import is_too_much_lost, stop_at_loss, stop_entries
from options.events import OrderRejected, TradingHalted
from options.house_cross import Wanted
from options.intake import refuse_intent
from options.lifecycle import TradeStatus
from options.order import ParentOrder
from options.quote import QuoteCache
from options.risk import entry_faults
from options.risk_limits import RiskLimits
from options.steering import Aiming
from options.stuck_exits import EXIT_REJECTIONS_MAX
from options.trade import Trade


class Gated(Aiming, Protocol):
    """What the gate may move: the order manager, as seen from here."""

    book: Book
    quotes: QuoteCache
    limits: RiskLimits

    def reject(self, batch: Batch, trade: Trade, reasons: tuple[str, ...]) -> None:
        """A trade of which nothing has filled and nothing is on its way may not enter."""


def may_send(manager: Gated, batch: Batch, trade: Trade, qty: int, passed: Passed | None) -> bool:
    """Hold an entry against the limits; exits always go, until the broker has refused them too often.

    One that is put off stays as it is, and is asked again with the next input.
    """
    position = trade.position.qty
    if position and (position > 0) != (qty > 0):
        return trade.rejections < EXIT_REJECTIONS_MAX
    if position and trade.rejections >= EXIT_REJECTIONS_MAX:
        return False
    book = manager.book
    faults = entry_faults(book, trade, batch.at, manager.quotes, manager.limits, qty=abs(qty), passed=passed)
    if put_off(batch, trade, abs(qty), faults, manager.quotes, manager.limits):
        return False
    faults += gone_past(trade, manager.quotes)
    if not faults:
        return True
    reasons = tuple(faults)
    refuse_intent(batch, trade.trade_id, trade.strategy, trade.instrument, reasons)
    if trade.trade_status is TradeStatus.FILLED or trade.parent_ids:
        coming = book.in_flight(trade)
        # What is on its way in still has the time of its plan.
        kind = trade.target_kind if coming else "refused"
        manager.aim(batch, trade, position + coming, kind, reasons[0], "risk", urgency=0.0)
    else:
        manager.reject(batch, trade, reasons)
    return False


def refuse_rest(manager: Gated, batch: Batch, parent: ParentOrder, reasons: Sequence[str]) -> None:
    """A part of an entry may not go out: its trades keep what they hold, and the rest is given up."""
    for trade_id in parent.shares:
        trade = manager.book.trades.get(trade_id)
        if trade is not None and parent.side is trade.entry_side:
            refuse_intent(batch, trade_id, trade.strategy, trade.instrument, tuple(reasons))
            manager.aim(batch, trade, trade.position.qty, "refused", reasons[0], "risk", urgency=0.0)


def stop_where_due(manager: Gated, batch: Batch, *, halted_before: bool) -> None:
    """After the broker has spoken: halt if it refuses order after order; call entries back if too much is lost.

    What it said may have led to a halt by itself (positions that differ, an execution of nobody's): then as well.
    """
    book, limits = manager.book, manager.limits
    if book.halt_reason and not halted_before:
        stop_entries(manager, batch, "halt", f"halted: {book.halt_reason}", "risk")
    if book.risk.rejections >= limits.rejections_max and not book.halt_reason:
        last = next((one.reason for one in reversed(batch.events) if isinstance(one, OrderRejected)), "")
        said = f"; the last time it said: {last}" if last else ""
        reason = f"the broker refused {book.risk.rejections} orders in a row{said}"
        batch.add(TradingHalted(batch.ts, batch.cause, reason=reason, source="engine"))
        stop_entries(manager, batch, "halt", f"halted: {reason}", "risk")
    else:
        stop_at_loss(manager, batch)


def left_after_cross(manager: Gated, batch: Batch, rest: Wanted) -> Wanted:
    """What still goes to the market after contracts have crossed: what was lost by that may have reached a limit.

    Those for which it has are asked once more, and what is on its way in for them already is called back.
    """
    book, limits = manager.book, manager.limits
    if not is_too_much_lost(book, limits):
        return rest
    left = [
        (trade, qty)
        for trade, qty in rest
        if not any(loss_faults(book, limits, trade.strategy)) or may_send(manager, batch, trade, qty, None)
    ]
    stop_at_loss(manager, batch)
    return left
