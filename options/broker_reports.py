"""What the broker says, turned into facts: executions move positions, statuses only end orders."""

from options import events as e
from options.batch import Batch
from options.contract import Combo, parse_key
from options.corrections import book_revision, counted_qty, fees_of
from options.execution_key import execution_key
from options.held_events import OrderReduced
from options.held_report import came_true, take_over
from options.inputs import (
    ExecutionReport,
    OrderAcceptedReport,
    OrderCancelledReport,
    OrderReducedReport,
    OrderRejectedReport,
    OrderReport,
    StopElectedReport,
)
from options.order import LIVE_STATES, Order, OrderState, ParentOrder
from options.order_end import ask_all_back, ask_back, close_parent
from options.plan import Algo
from options.position import Position, outcome_of_fill
from options.resting import live_of
from options.settled_order import was_settled
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
        if order is not None and isinstance(report, OrderAcceptedReport) and _given_up(order):
            accept(batch, order, report.broker_order_id, report.venue)
        return []
    ident = {"order_id": order.order_id, "client_ref": report.client_ref}
    if isinstance(report, OrderAcceptedReport):
        accept(batch, order, report.broker_order_id, report.venue)
        return []
    parent = batch.book.parents.get(order.parent_id)
    if isinstance(report, StopElectedReport):
        return _elected(batch, order, parent)
    if isinstance(report, OrderReducedReport):
        if report.qty < order.qty:
            batch.add(OrderReduced(batch.ts, batch.cause, **ident, qty=report.qty))
        return [] if parent is None else rest_over(batch, parent, ParentStatus.CANCELLED, "")
    if isinstance(report, OrderRejectedReport):
        batch.add(e.OrderRejected(batch.ts, batch.cause, **ident, reason=report.reason))
        take_over(batch, order, f"the broker rejected {order.order_id}: {report.reason}")
        status = ParentStatus.FAILED
    else:
        asked = order.cancel_requested or report.by_group
        unfilled = max(0, order.qty - order.filled)
        batch.add(e.OrderCancelled(batch.ts, batch.cause, **ident, unfilled=unfilled, reason=report.reason))
        if not asked:
            take_over(batch, order, f"the broker cancelled {order.order_id}: {report.reason}")
        status = ParentStatus.CANCELLED
        if order.replaced:
            return []
    if parent is not None and parent.schedule.algo is Algo.REST:
        if not (isinstance(report, OrderCancelledReport) and report.by_group):
            give_up_bracket(batch, order, parent)
        return rest_over(batch, parent, status, report.reason)
    if parent is None or _others_work(batch, parent, f"another ended: {report.reason}"):
        return []
    return close_parent(batch, parent, status, report.reason)


def _elected(batch: Batch, order: Order, parent: ParentOrder | None) -> list[Trade]:
    """The price of a stop that rests was met: its exit is due, though nothing of it has traded yet."""
    if parent is None or order.cancel_requested:
        return []
    came_true(batch, order, parent, 0)
    return [trade for trade in map(batch.book.trade, parent.shares) if trade is not None]


def rest_over(batch: Batch, parent: ParentOrder, status: ParentStatus, reason: str) -> list[Trade]:
    """Close a bracket of which no order is live any more; the trade that it was for comes back."""
    if live_of(batch.book, parent):
        return []
    done = parent.filled >= parent.qty
    return close_parent(batch, parent, ParentStatus.DONE if done else status, "" if done else reason)


def give_up_bracket(batch: Batch, ended: Order, parent: ParentOrder) -> None:
    """The order of a bracket that was taking its contracts out has ended with a rest: no other waits on for its price.

    It is asked back, so that what is due goes out by an order that netting sends.
    """
    met = any(order.elected for order in live_of(batch.book, parent))
    if parent.due and (ended.elected or ended.filled) and not met:
        _others_work(batch, parent, f"{ended.order_id}, which was due, has ended")


def _others_work(batch: Batch, parent: ParentOrder, reason: str) -> bool:
    """Whether other attempts under a parent are still out; they are asked back, and its end waits for theirs."""
    others = live_of(batch.book, parent)
    ask_all_back(batch, others, reason)
    return bool(others)


def accept(batch: Batch, order: Order, broker_order_id: str, venue: str) -> None:
    """The broker has an order: said once, and again when it ends a doubt. One that was given up is asked back."""
    if order.child.accepted and order.state is not OrderState.UNKNOWN:
        return
    given_up = _given_up(order)
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
    if given_up:
        ask_back(batch, order, "it was given up, and has arrived after all")


def _given_up(order: Order) -> bool:
    """Whether an order was believed never to have arrived: another may have gone out in its place."""
    return order.state is OrderState.CANCELLED and bool(order.absent_ts) and not order.child.accepted


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
        if report.exec_id not in batch.book.forgotten_executions:
            _unmatched(batch, report, "no order of ours carries this reference")
        return []
    key = execution_key(report.exec_id)
    counted = order.counted(key.base)
    if report.exec_id == counted:
        return []
    if report.instrument != order.instrument or report.side is not order.side:
        _unmatched(batch, report, f"order {order.order_id} is to {order.side} {order.instrument}")
        return []
    if counted is None and was_settled(order, report.exec_id):
        _unmatched(batch, report, f"what became of order {order.order_id} was settled by hand")
        return []
    parent = batch.book.parent(order.parent_id)
    trades = None if parent is None else _served(batch, parent)
    if parent is None or trades is None:
        if counted is not None and key.revision < execution_key(counted).revision:
            return []  # an earlier word, and a later one was counted
        _unmatched(batch, report, f"what order {order.order_id} was for is over too long to be kept")
        return []
    if counted is not None or not report.qty:
        return _revised(batch, order, parent, trades, report)
    accept(batch, order, report.broker_order_id, report.venue)
    if order.filled + report.qty > order.qty:
        _halt(batch, f"order {order.order_id} for {order.qty} has filled {order.filled + report.qty}")
    came_true(batch, order, parent, report.qty)
    touched = _book_execution(batch, order, parent, report)
    if parent.parent_id in batch.book.parents and parent.schedule.algo is Algo.REST:
        rest_over(batch, parent, ParentStatus.CANCELLED, "")
    elif parent.parent_id in batch.book.parents and parent.filled >= parent.qty:
        served = close_parent(batch, parent, ParentStatus.DONE, "")
        # Another that it served may have been out before: only now does nothing work for it any more.
        known = {trade.trade_id for trade in touched}
        touched += [trade for trade in served if trade.trade_id not in known]
    return touched


def _served(batch: Batch, parent: ParentOrder) -> list[Trade] | None:
    """The trades that a parent order serves, oldest first; ``None`` where one of them is not kept any more."""
    found = [batch.book.trade(trade_id) for trade_id in parent.shares]
    return None if None in found else [trade for trade in found if trade is not None]


def _book_execution(batch: Batch, order: Order, parent: ParentOrder, report: ExecutionReport) -> list[Trade]:
    """Divide a new execution among the trades that its parent order serves."""
    touched: list[Trade] = []
    parts = parent.allocate(report.qty)
    for (trade_id, qty), fee in zip(parts, fees_of(report.fee, parts), strict=True):
        trade = batch.book.trade(trade_id)
        assert trade is not None, f"parent {parent.parent_id} serves {trade_id}, which was never opened"
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
    return touched


def _revised(
    batch: Batch, order: Order, parent: ParentOrder, trades: list[Trade], report: ExecutionReport
) -> list[Trade]:
    """Another revision of an execution that was counted, or the end of one that was never heard of."""
    key = execution_key(report.exec_id)
    counted = order.counted(key.base)
    had = counted_qty(trades, report.exec_id)
    reason = f"execution {key.base} was corrected"
    touched: list[Trade] = []
    if counted is None or key.revision > execution_key(counted).revision:
        filled = order.filled - had + report.qty
        if filled > order.qty and report.qty > had:
            _halt(batch, f"order {order.order_id} for {order.qty} has filled {filled}")
        touched = book_revision(batch, order, parent, trades, report)
    if parent.parent_id not in batch.book.parents:
        return touched
    if parent.filled >= parent.qty:
        return [*touched, *rest_over(batch, parent, ParentStatus.DONE, "")]
    # An earlier revision that comes late says as much: the quantity was another when the order traded.
    if report.qty == had or _others_work(batch, parent, reason):
        return touched
    return [*touched, *close_parent(batch, parent, ParentStatus.CANCELLED, reason)]


def _position_for(batch: Batch, trade: Trade) -> Position:
    """The position that a fill moves: a new one if the trade was over, so that every position has one life."""
    if trade.trade_id in batch.book.trades:
        return trade.position
    return Position(position_id=f"{trade.trade_id}-{trade.incarnation + 1}")


def _execution_fault(report: ExecutionReport) -> str:
    """Why what the broker calls an execution cannot be one, or nothing.

    Only a combo's net price can be below zero; only a revision can leave nothing of an execution.
    """
    bust = report.qty == 0 and execution_key(report.exec_id).revision > 1
    if report.qty <= 0 and not bust:
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
