"""How the events of orders change the book; a part of :func:`options.fold.apply`."""

from collections.abc import Callable
from typing import Any

from options import events as e
from options.book import FINISHED_ORDERS_KEPT, Book
from options.fold_risk import note_entry, note_finished, note_submitted, note_trade
from options.fold_trades import without
from options.lifecycle import EXITING, HELD_FILLED, Step, TradeStatus, advance
from options.order import NEW, PARTIAL, UNKNOWN, ChildOrder, Order, OrderState, ParentOrder
from options.plan import Algo, ExitOrder
from options.trade import Trade
from options.values import ZERO, Side

REST, CROSS, LIMIT, ON = Algo.REST, Algo.CROSS, Algo.LIMIT, TradeStatus.FILLED
ENTRY_SENT, ENTRY_DONE, EXIT_SENT = Step.ENTRY_SENT, Step.ENTRY_DONE, Step.EXIT_SENT
EXIT_ACCEPTED = Step.EXIT_ACCEPTED


def _parent_opened(book: Book, event: e.ParentOrderOpened) -> None:
    parent_id, algo = event.parent_id, event.schedule.algo
    shares: dict[str, int] = {}
    parent = ParentOrder(  # by place: by name takes six times as long
        parent_id,
        event.instrument,
        event.side,
        event.qty,
        shares,
        {},
        event.schedule,
        event.ts,
        event.deadline,
        False,
        event.bracket,
    )
    book.parent_count += 1
    book.parents[parent_id] = parent
    for share in event.shares:
        trade = book.trades[share.trade_id]
        shares[trade.trade_id] = share.qty
        if algo is REST:
            trade.resting_ids += (parent_id,)
            continue
        trade.parent_ids += (parent_id,)
        if algo is CROSS:  # there is no order to send: the parent is its own attempt
            _sent(book, trade, parent, event.ts)
        if trade.enters(event.side):
            trade.addition_due, trade.put_off = False, ""
            note_entry(book, trade, share.qty, parent.opened_ts)


def _sent(book: Book, trade: Trade, parent: ParentOrder, ts: str) -> None:
    if not trade.enters(parent.side):
        # The next step of what was on its way out when it was held inactive does not wake it.
        if trade.status != HELD_FILLED or len(parent.order_ids) < 2:
            trade.status = advance(trade.status, EXIT_SENT)
        return
    if not trade.entry_sent_ts:
        book.trades_on += 1
        note_trade(book, trade.strategy)
        trade.entry_sent_ts = ts
    trade.status = advance(trade.status, ENTRY_SENT)


def _parent_closed(book: Book, event: e.ParentOrderClosed) -> None:
    parent = book.parents.pop(event.parent_id)
    parent_id = parent.parent_id
    parent.status = event.status
    book.finished_parents[parent_id] = parent
    for trade_id in parent.shares:
        trade = book.trades.get(trade_id) or book.closed_trades.get(trade_id)
        if trade is None:
            continue
        if parent_id in trade.resting_ids:
            trade.resting_ids = without(trade.resting_ids, parent_id)
        if parent_id not in trade.parent_ids:
            continue
        trade.parent_ids = without(trade.parent_ids, parent_id)
        status = trade.status
        if parent.side is trade.entry_side and (status != EXITING or trade.enters(parent.side)):
            if status[1] is ON and not _works_on(book, trade, parent.side):
                trade.status = advance(status, ENTRY_DONE)
                crossed = parent.schedule.algo is CROSS
                trade.entry_done = not crossed or trade.position.qty == trade.target
        elif status == EXITING and trade.position.qty:
            trade.status = advance(status, Step.EXIT_ENDED)
        if parent.schedule.algo is LIMIT:
            _keep_limit(parent, trade)
        if trade.status == EXITING and trade.target and not (trade.position.qty or trade.parent_ids):
            # Bought back inside the house what was sold too far: the rest of its entry is bought next.
            trade.status = advance(EXITING, Step.EXIT_ENDED)


def _keep_limit(parent: ParentOrder, trade: Trade) -> None:
    """What is still to leave of a trade keeps its limit, if it is all there is: what went beside it is out by now."""
    held, target = trade.position.qty, trade.target
    left = parent.shares[trade.trade_id] - parent.allocated.get(trade.trade_id, 0)
    if parent.side.sign * held < 0 < held * target and 0 < left == abs(held - target) and not parent.hurried:
        limit, deadline_s = parent.schedule.limit_price, parent.schedule.deadline_s
        trade.exit_order = ExitOrder(algo=LIMIT, limit_price=limit, deadline_s=deadline_s)


def _works_on(book: Book, trade: Trade, side: Side) -> bool:
    """Whether another order of that side still works for the trade."""
    return any(book.parents[one].side is side for one in trade.parent_ids)


def _submit_requested(book: Book, event: e.OrderSubmitRequested) -> None:
    order_id, client_ref, parent = event.order_id, event.client_ref, book.parents[event.parent_id]
    order = Order(  # by place: by name takes six times as long
        order_id,
        parent.parent_id,
        parent.instrument,
        event.side,
        event.qty,
        event.order_type,
        event.tif,
        event.limit_price,
        event.stop_price,
        parent.opened_ts if parent.opened_ts == event.ts else event.ts,  # what is equal is kept once
        ChildOrder(client_ref),
        event.approval.premium or ZERO,
    )
    if event.exit_id:
        order.exit_id, order.oca_group = event.exit_id, event.oca_group
    book.order_count += 1
    book.orders[order_id] = order
    book.order_of_ref[client_ref] = order
    parent.order_ids += (order_id,)
    note_submitted(book, event, order, parent)
    for trade_id in () if event.exit_id else parent.shares:
        _sent(book, book.trades[trade_id], parent, order.submitted_ts)


def _order_accepted(book: Book, event: e.OrderAccepted) -> None:
    order = book.order_of_ref[event.client_ref]
    child = order.child
    child.broker_order_id, child.venue = event.broker_order_id, event.venue
    if order.state is UNKNOWN:
        order.state = PARTIAL if order.filled else NEW
        order.absent_ts, order.asks = "", False
    if order.exit_id:
        return
    parent = book.parents.get(order.parent_id) or book.finished_parents.get(order.parent_id)
    for trade_id in parent.shares if parent else ():
        trade = book.trades.get(trade_id)
        if trade is not None and trade.status == EXITING and not trade.enters(order.side):
            trade.status = advance(trade.status, EXIT_ACCEPTED)


def finish(book: Book, order: Order, state: OrderState) -> None:
    """An order is over; it stays findable by its reference while it is among the newest."""
    order.state = state
    if book.orders.pop(order.order_id, None) is None:
        return
    if order.opens:
        note_finished(book, order)
    finished = book.finished_refs
    finished.append(order.child.client_ref)
    if len(finished) > FINISHED_ORDERS_KEPT:
        _forget(book, book.order_of_ref.pop(finished.popleft()))


def _forget(book: Book, order: Order) -> None:
    """An order is kept no more, and with the last of its parent's orders the parent is not either."""
    book.forgotten_executions.update(order.executions)
    parent = book.finished_parents.get(order.parent_id)
    if parent is not None and parent.order_ids[-1] == order.order_id:
        del book.finished_parents[order.parent_id]


def _order_rejected(book: Book, event: e.OrderRejected) -> None:
    order = book.order_of_ref[event.client_ref]
    finish(book, order, OrderState.REJECTED)
    book.risk.rejections += 1
    parent = None if order.exit_id else book.parent(order.parent_id)  # what could not rest is guarded by us
    for trade_id in parent.shares if parent else ():
        if trade_id in book.trades:
            book.trades[trade_id].rejections += 1


def _cancel_requested(book: Book, event: e.OrderCancelRequested) -> None:
    order = book.order_of_ref[event.client_ref]
    order.cancel_requested = True
    order.replaced = event.replaces


def _hurried(book: Book, event: e.ParentOrderHurried) -> None:
    book.parents[event.parent_id].hurried = True


def _order_cancelled(book: Book, event: e.OrderCancelled) -> None:
    order = book.order_of_ref[event.client_ref]
    finish(book, order, OrderState.CANCELLED)
    book.risk.rejections = 0
    parent = None if order.exit_id or order.cancel_requested else book.parent(order.parent_id)
    if parent is None or not book.day.open <= event.ts < book.day.close:
        return
    # Nobody asked for it back, and its day is not over: it was refused as if the broker had said no.
    for trade_id in parent.shares:
        trade = book.trades.get(trade_id)
        if trade is not None and not trade.enters(order.side):
            trade.rejections += 1


def _order_abandoned(book: Book, event: e.OrderAbandoned) -> None:
    order = book.order_of_ref[event.client_ref]
    finish(book, order, OrderState.CANCELLED)
    parent = book.parent(order.parent_id)
    for trade_id in parent.shares if parent else ():
        trade = book.trades.get(trade_id)
        # An exit is tried again for as long as it takes; an entry that never arrives is given up at last.
        if trade is not None and trade.enters(order.side):
            trade.rejections += 1


ORDER_HANDLERS: dict[type[e.TradeEvent], Callable[[Book, Any], None]] = {
    e.ParentOrderOpened: _parent_opened,
    e.ParentOrderClosed: _parent_closed,
    e.ParentOrderHurried: _hurried,
    e.OrderSubmitRequested: _submit_requested,
    e.OrderAccepted: _order_accepted,
    e.OrderRejected: _order_rejected,
    e.OrderCancelRequested: _cancel_requested,
    e.OrderCancelled: _order_cancelled,
    e.OrderAbandoned: _order_abandoned,
}
