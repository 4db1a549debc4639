"""What the broker says, turned into facts: executions move positions, statuses only end orders."""

from decimal import ROUND_DOWN

from options import events as e
from options.batch import Batch
from options.contract import Combo, parse_key
from options.inputs import (
    ExecutionReport,
    OrderAcceptedReport,
    OrderRejectedReport,
    OrderReport,
)
from options.order import LIVE_STATES, Order, OrderState, ParentOrder
from options.position import Position, outcome_of_fill
from options.terms import ParentStatus
from options.trade import Trade


def book_report(batch: Batch, report: OrderReport) -> list[Trade]:
    """Record one report; the trades that it touched come back, oldest first.

    A report that says nothing new (a doubled execution, an end that is known) records nothing.
    """
    order = batch.book.order_of_ref.get(report.client_ref)
    if isinstance(report, ExecutionReport):
        return _executed(batch, order, report)
    if order is None or order.state not in LIVE_STATES:
        return []
    ident = {"order_id": order.order_id, "client_ref": report.client_ref}
    if isinstance(report, OrderAcceptedReport):
        accept(batch, order, report.broker_order_id, report.venue)
        return []
    if isinstance(report, OrderRejectedReport):
        batch.add(e.OrderRejected(batch.ts, batch.cause, **ident, reason=report.reason))
        status = ParentStatus.FAILED
    else:
        unfilled = order.qty - order.filled
        batch.add(e.OrderCancelled(batch.ts, batch.cause, **ident, unfilled=unfilled, reason=report.reason))
        status = ParentStatus.CANCELLED
        if order.replaced:
            return []
    parent = batch.book.parents.get(order.parent_id)
    if parent is None or _others_work(batch, parent, report.reason):
        return []
    return close_parent(batch, parent, status, report.reason)


def _others_work(batch: Batch, parent: ParentOrder, reason: str) -> bool:
    """Whether other attempts under a parent are still out; they are asked back, and its end waits for theirs."""
    others = [batch.book.orders[one] for one in parent.order_ids if one in batch.book.orders]
    for order in others:
        if not order.cancel_requested or order.replaced:
            batch.add(
                e.OrderCancelRequested(
                    batch.ts,
                    batch.cause,
                    order_id=order.order_id,
                    client_ref=order.child.client_ref,
                    reason=f"another ended: {reason}",
                )
            )
    return bool(others)


def accept(batch: Batch, order: Order, broker_order_id: str, venue: str) -> None:
    """The broker has an order: said once, and again when it ends a doubt."""
    if order.child.accepted and order.state is not OrderState.UNKNOWN:
        return
    batch.add(
        e.OrderAccepted(
            batch.ts,
            batch.cause,
            order_id=order.order_id,
            client_ref=order.child.client_ref,
            broker_order_id=broker_order_id,
            venue=venue,
        )
    )


def close_parent(batch: Batch, parent: ParentOrder, status: ParentStatus, reason: str) -> list[Trade]:
    """A parent order is over; the trades that it served come back, oldest first."""
    batch.add(
        e.ParentOrderClosed(
            batch.ts,
            batch.cause,
            parent_id=parent.parent_id,
            status=status,
            filled=parent.filled,
            reason=reason,
        )
    )
    return [trade for trade in map(batch.book.trade, parent.shares) if trade is not None]


def close_trade(batch: Batch, trade: Trade) -> None:
    """The last contract is out: what the trade came to, as its fills add up."""
    position = trade.position
    batch.add(
        e.TradeClosed(
            batch.ts,
            batch.cause,
            trade_id=trade.trade_id,
            position_id=position.position_id,
            strategy=trade.strategy,
            instrument=trade.instrument,
            close_kind=trade.target_kind,
            qty=position.qty_traded // 2,
            realized_pnl=position.realized,
            fees=position.fees,
            cash=position.cash,
        )
    )


def _executed(batch: Batch, order: Order | None, report: ExecutionReport) -> list[Trade]:
    fault = _execution_fault(report)
    if fault:
        _unmatched(batch, report, fault)
        return []
    if order is None:
        _unmatched(batch, report, "no order of ours carries this reference")
        return []
    if report.exec_id in order.exec_ids:
        return []
    if report.instrument != order.instrument or report.side is not order.side:
        _unmatched(batch, report, f"order {order.order_id} is to {order.side} {order.instrument}")
        return []
    accept(batch, order, report.broker_order_id, report.venue)
    parent = batch.book.parent(order.parent_id)
    assert parent is not None, f"order {order.order_id} outlived its parent"
    if order.filled + report.qty > order.qty:
        _halt(batch, f"order {order.order_id} for {order.qty} has filled {order.filled + report.qty}")
    touched: list[Trade] = []
    fee_left = report.fee
    parts = parent.allocate(report.qty)
    for number, (trade_id, qty) in enumerate(parts, start=1):
        trade = batch.book.trade(trade_id)
        assert trade is not None, f"parent {parent.parent_id} serves {trade_id}, which was never opened"
        fee = (
            fee_left
            if number == len(parts)
            else (report.fee * qty / report.qty).quantize(report.fee, ROUND_DOWN)
        )
        fee_left -= fee
        position = _position_for(batch, trade)
        outcome = outcome_of_fill(position, report.side, qty, report.price, trade.multiplier)
        batch.add(
            e.OrderFilled(
                batch.ts,
                batch.cause,
                trade_id=trade_id,
                position_id=position.position_id,
                strategy=trade.strategy,
                instrument=report.instrument,
                side=report.side,
                qty=qty,
                price=report.price,
                fee=fee,
                multiplier=trade.multiplier,
                exec_id=report.exec_id,
                order_id=order.order_id,
                parent_id=order.parent_id,
                client_ref=report.client_ref,
                effect=outcome.effect,
                position=outcome.qty,
                realized_pnl=outcome.realized,
                legs=report.legs,
            )
        )
        touched.append(trade)
    if parent.parent_id in batch.book.parents and parent.filled >= parent.qty:
        close_parent(batch, parent, ParentStatus.DONE, "")
    return touched


def _position_for(batch: Batch, trade: Trade) -> Position:
    """The position that a fill moves: a new one if the trade was over, so that every position has one life."""
    if trade.trade_id in batch.book.trades:
        return trade.position
    return Position(position_id=f"{trade.trade_id}-{trade.incarnation + 1}")


def _execution_fault(report: ExecutionReport) -> str:
    """Why what the broker calls an execution cannot be one, or nothing. Only a combo's net price can be below zero."""
    if report.qty <= 0:
        return f"{report.qty} contracts is no quantity"
    if not report.price.is_finite() or not report.fee.is_finite():
        return f"price {report.price}, fee {report.fee}: not a number"
    if report.price < 0 and not isinstance(parse_key(report.instrument), Combo):
        return f"price {report.price} is below zero"
    return ""


def _unmatched(batch: Batch, report: ExecutionReport, reason: str) -> None:
    if report.exec_id in batch.book.unmatched:
        return
    batch.add(
        e.FillUnmatched(
            batch.ts,
            batch.cause,
            instrument=report.instrument,
            side=report.side,
            qty=report.qty,
            price=report.price,
            exec_id=report.exec_id,
            client_ref=report.client_ref,
            reason=f"execution {report.exec_id}: {reason}",
        )
    )


def _halt(batch: Batch, reason: str) -> None:
    batch.add(e.TradingHalted(batch.ts, batch.cause, reason=reason, source="engine"))
