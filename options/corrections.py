"""Corrections: the broker changes its word on an execution that was counted, or takes it back altogether (a bust).

The newest revision counts, whenever it comes. Where it changes a quantity, what still works beside it is asked back:
how much of that is left at the broker is not known any more. What is taken from an entry is not bought again; what
turns out to be held after an exit, or to be sold too far, is taken out, or bought back, by netting.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from msgspec.structs import replace

from options.batch import Batch
from options.correction_events import FillCorrected
from options.execution_key import execution_base
from options.inputs import ExecutionReport
from options.order import Order, ParentOrder
from options.rebooking import booked_as, fill_number, rebooked, revised_fill
from options.steering import Aiming
from options.terms import ADDS
from options.trade import Trade
from options.values import ZERO

CORRECTED = "corrected"


class Correcting(Aiming, Protocol):
    """What the consequences of a correction may move: the order manager, as seen from here."""

    def settle(self, batch: Batch, trade: Trade) -> None:
        """Bring a trade in line after its fills."""


def fees_of(fee: Decimal, parts: Sequence[tuple[str, int]]) -> list[Decimal]:
    """An execution's fee, divided as its contracts are; the last part takes what rounding leaves."""
    total = sum(qty for _, qty in parts)
    fees = [(fee * qty / total).quantize(fee, ROUND_DOWN) for _, qty in parts[:-1]]
    return [*fees, fee - sum(fees, ZERO)] if parts else []


def counted_qty(trades: Sequence[Trade], exec_id: str) -> int:
    """Contracts that are booked of an execution, in whatever revision."""
    parts = (booked_as(trade, exec_id) for trade in trades)
    return sum(part.qty for part in parts if part is not None)


def book_revision(
    batch: Batch, order: Order, parent: ParentOrder, trades: Sequence[Trade], report: ExecutionReport
) -> list[Trade]:
    """Put a revision in the place of what was counted of its execution; the trades that it touches come back.

    It is divided by the rule for executions among the trades of its order; what other executions brought stays with
    who has it.
    """
    had = {trade.trade_id: booked_as(trade, report.exec_id) for trade in trades}
    qty_of = {trade_id: 0 if part is None else part.qty for trade_id, part in had.items()}
    allocated = {one: parent.allocated.get(one, 0) - qty_of[one] for one in parent.shares}
    parts = replace(parent, allocated=allocated).allocate(report.qty) if report.qty else []
    fees = dict(zip((one for one, _ in parts), fees_of(report.fee, parts), strict=True))
    shares = dict(parts)
    touched = [trade for trade in trades if trade.trade_id in shares or had[trade.trade_id] is not None]
    touched = touched or [trades[0]]  # a bust of what was never heard of: that it is over is written down
    if not parts:
        fees[touched[0].trade_id] = report.fee
    replaces = order.counted(execution_base(report.exec_id)) or ""
    for trade in touched:
        qty, fee = shares.get(trade.trade_id, 0), fees.get(trade.trade_id, ZERO)
        _book_part(batch, order, trade, report, replaces, qty, fee)
    return touched


def _book_part(
    batch: Batch, order: Order, trade: Trade, report: ExecutionReport, replaces: str, qty: int, fee: Decimal
) -> None:
    was = booked_as(trade, report.exec_id)
    told = FillCorrected(
        batch.ts,
        batch.cause,
        trade_id=trade.trade_id,
        position_id=trade.position.position_id,
        strategy=trade.strategy,
        instrument=report.instrument,
        side=report.side,
        qty=qty,
        price=report.price,
        fee=fee,
        multiplier=trade.multiplier,
        was_qty=0 if was is None else was.qty,
        was_price=report.price if was is None else was.price,
        was_fee=ZERO if was is None else was.fee,
        exec_id=report.exec_id,
        replaces=replaces,
        order_id=order.order_id,
        parent_id=order.parent_id,
        client_ref=report.client_ref,
        position=trade.position.qty,
        legs=report.legs,
    )
    parent = batch.book.parent(order.parent_id)
    served = tuple(parent.shares) if parent else ()
    number = was.number if was else fill_number(batch.book, served, report.exec_id)
    found = rebooked(trade, revised_fill(was, told, number, ZERO))
    fresh = found.fresh
    batch.add(replace(told, position_id=fresh.position_id, position=fresh.qty, realized_pnl=found.realized))


def follow_corrections(manager: Correcting, batch: Batch) -> None:
    """After the broker has spoken: what a correction took from a trade is not bought again."""
    corrected = {
        event.trade_id: event.exec_id
        for event in batch.events
        if isinstance(event, FillCorrected) and event.qty != event.was_qty
    }
    for trade_id, exec_id in corrected.items():
        trade = batch.book.trades.get(trade_id)
        if trade is None or not trade.target_kind:
            continue
        held = max(0, trade.position.qty * trade.direction)
        coming = held + (_coming_in(batch, trade) if trade.target_kind in ADDS else 0)
        if trade.target * trade.direction > coming:
            kind = trade.target_kind if coming > held else CORRECTED
            reason = f"execution {exec_id} was corrected"
            manager.aim(batch, trade, coming * trade.direction, kind, reason, "broker", urgency=0.0)
            manager.settle(batch, trade)


def _coming_in(batch: Batch, trade: Trade) -> int:
    """Contracts that what works for a trade may still open or add."""
    entering = [one for one in batch.book.working_parents(trade) if one.side is trade.entry_side]
    return sum(abs(parent.in_flight(trade.trade_id)) for parent in entering)
