"""How each event changes the book. ``apply`` is the only writer of a :class:`~options.book.Book`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from options import events as e
from options import fold_doubt
from options.book import CLOSED_TRADES_KEPT, FINISHED_ORDERS_KEPT, Book, Day
from options.lifecycle import ENTERING, EXITING, WORKING, Step, TradeStatus, advance
from options.order import ChildOrder, Order, OrderState, ParentOrder
from options.position import Position, outcome_of_fill
from options.terms import Effect
from options.trade import Trade
from options.values import Side


def apply(book: Book, event: e.TradeEvent) -> None:
    """Fold one event into the book.

    :raises TransitionError: the event asks for a step that the life cycle does not hold: the ledger is not ours.
    :raises KeyError: the event speaks of a trade or an order that no event before it opened.
    """
    book.totals.events += 1
    if type(event) not in _REPAIRS:
        book.last_ts = event.ts
    if event.cause:
        book.last_cause = event.cause
    handler = _HANDLERS.get(type(event))
    if handler is not None:
        handler(book, event)


def _started(book: Book, event: e.ProcessStarted) -> None:
    book.account = event.account
    book.settings_hash = event.settings_hash
    book.broker_lost = False


def _session_opened(book: Book, event: e.SessionOpened) -> None:
    if book.day.day != event.day or book.day.feed != event.feed:
        before = replace(book.totals)
        book.day = Day(
            day=event.day, feed=event.feed, open=event.open, close=event.close, totals_before=before
        )
        book.refused_at.clear()
        book.signals_of_day.clear()


def _stopped(book: Book, event: e.ProcessStopped) -> None:
    book.day.ended = event.day_ended


def _signal_accepted(book: Book, event: e.SignalAccepted) -> None:
    book.signal_ids.add(event.signal_id)
    book.signals_of_day.add(event.signal_id)
    book.undecided[event.signal_id] = event
    book.totals.signals_accepted += 1


def _signal_refused(book: Book, event: e.SignalRefused) -> None:
    book.refused_at.add(event.where)
    book.totals.signals_refused += 1


def _signal_decided(book: Book, event: e.SignalDecided) -> None:
    book.undecided.pop(event.signal_id, None)
    if event.outcome == "ignored":
        book.totals.signals_ignored += 1
    else:
        book.totals.signals_used += 1


def _trade_saved(book: Book, event: e.TradeSaved) -> None:
    trade = Trade(
        trade_id=event.trade_id,
        strategy=event.strategy,
        instrument=event.instrument,
        symbol=event.symbol,
        direction=event.direction,
        qty=event.qty,
        multiplier=event.multiplier,
        entry=event.entry,
        exits=event.exits,
        source=event.source,
        reason=event.reason,
        saved_ts=event.ts,
        position=Position(position_id=f"{event.trade_id}-1"),
    )
    book.trade_count += 1
    _index(book, trade)
    if event.entry.after:
        book.waiting_for.setdefault(event.entry.after, []).append(trade.trade_id)


def _index(book: Book, trade: Trade) -> None:
    book.trades[trade.trade_id] = trade
    book.by_instrument.setdefault(trade.instrument, {})[trade.trade_id] = trade
    book.by_idea.setdefault((trade.strategy, trade.symbol), {})[trade.trade_id] = trade


def _retire(book: Book, trade: Trade) -> None:
    """Take a trade that is over out of the working set; the oldest kept one makes room."""
    del book.trades[trade.trade_id]
    book.trades_on -= bool(trade.entry_sent_ts)
    for index, key in (
        (book.by_instrument, trade.instrument),
        (book.by_idea, (trade.strategy, trade.symbol)),
    ):
        members = index[key]  # type: ignore[index] # two indexes, two kinds of key
        del members[trade.trade_id]
        if not members:
            del index[key]  # type: ignore[arg-type]
    trade.armed = ()
    trade.fired.clear()
    book.closed_trades[trade.trade_id] = trade
    book.closed_trade_ids.append(trade.trade_id)
    if len(book.closed_trade_ids) > CLOSED_TRADES_KEPT:
        book.closed_trades.pop(book.closed_trade_ids.popleft(), None)
    if trade.entry.after in book.waiting_for:
        waiting = book.waiting_for[trade.entry.after]
        if trade.trade_id in waiting:
            waiting.remove(trade.trade_id)


def _trade_activated(book: Book, event: e.TradeActivated) -> None:
    trade = book.trades[event.trade_id]
    trade.status = advance(trade.status, Step.ACTIVATED)
    if not trade.position.qty:
        trade.target, trade.target_kind = 0, ""


def _trade_modified(book: Book, event: e.TradeModified) -> None:
    trade = book.trades[event.trade_id]
    trade.qty, trade.entry, trade.exits = event.qty, event.entry, event.exits


def _trade_held(book: Book, event: e.TradeHeld) -> None:
    trade = book.trades[event.trade_id]
    trade.status = advance(trade.status, Step.HELD)
    if trade.trade_status is TradeStatus.NONE:
        # Should an execution arrive after all, nothing of it is wanted.
        trade.target, trade.target_kind = 0, "held"
    trade.armed = ()


def _command_taken(book: Book, event: e.CommandTaken | e.CommandRefused) -> None:
    book.command_ids.add(event.command_id)


def _trade_cancelled(book: Book, event: e.TradeCancelled) -> None:
    trade = book.trades[event.trade_id]
    trade.status = advance(trade.status, Step.CANCELLED)
    _retire(book, trade)


def _trade_rejected(book: Book, event: e.TradeRejected) -> None:
    trade = book.trades[event.trade_id]
    trade.status = advance(trade.status, Step.ENTRY_REJECTED)
    _retire(book, trade)


def _intent(book: Book, event: e.IntentDecided) -> None:
    trade = book.trades[event.trade_id]
    trade.target = event.target
    trade.target_kind = event.kind
    trade.target_reason = event.reason


def _parent_opened(book: Book, event: e.ParentOrderOpened) -> None:
    parent = ParentOrder(
        parent_id=event.parent_id,
        instrument=event.instrument,
        side=event.side,
        qty=event.qty,
        shares={share.trade_id: share.qty for share in event.shares},
        allocated={},
        schedule=event.schedule,
        opened_ts=event.ts,
    )
    book.parent_count += 1
    book.parents[event.parent_id] = parent
    for trade_id in parent.shares:
        book.trades[trade_id].parent_ids.append(event.parent_id)


def _parent_closed(book: Book, event: e.ParentOrderClosed) -> None:
    parent = book.parents.pop(event.parent_id)
    parent.status = event.status
    book.finished_parents[event.parent_id] = parent
    for trade_id in parent.shares:
        trade = book.trade(trade_id)
        if trade is None or event.parent_id not in trade.parent_ids:
            continue
        trade.parent_ids.remove(event.parent_id)
        if parent.side is trade.entry_side:
            if parent.allocated.get(trade_id) and trade.trade_status is TradeStatus.FILLED:
                trade.status = advance(trade.status, Step.ENTRY_DONE)
                trade.entry_done = True
        elif trade.status == EXITING and trade.position.qty:
            trade.status = advance(trade.status, Step.EXIT_ENDED)


def _submit_requested(book: Book, event: e.OrderSubmitRequested) -> None:
    order = Order(
        order_id=event.order_id,
        parent_id=event.parent_id,
        instrument=event.instrument,
        side=event.side,
        qty=event.qty,
        order_type=event.order_type,
        tif=event.tif,
        limit_price=event.limit_price,
        stop_price=event.stop_price,
        submitted_ts=event.ts,
        child=ChildOrder(client_ref=event.client_ref),
        premium=event.approval.premium,
    )
    book.day.premium_in_flight += order.premium
    book.order_count += 1
    book.orders[event.order_id] = order
    book.order_of_ref[event.client_ref] = order
    parent = book.parents[event.parent_id]
    parent.order_ids.append(event.order_id)
    for trade_id in parent.shares:
        trade = book.trades[trade_id]
        if parent.side is trade.entry_side:
            book.trades_on += trade.status == WORKING
            trade.status = advance(trade.status, Step.ENTRY_SENT)
            trade.entry_sent_ts = trade.entry_sent_ts or event.ts
        else:
            trade.status = advance(trade.status, Step.EXIT_SENT)


def _order_accepted(book: Book, event: e.OrderAccepted) -> None:
    order = book.order_of_ref[event.client_ref]
    order.child.broker_order_id = event.broker_order_id
    order.child.venue = event.venue
    if order.state is OrderState.UNKNOWN:
        order.state = OrderState.PARTIAL if order.filled else OrderState.NEW
        order.absent_ts = ""
    parent = book.parent(order.parent_id)
    for trade_id in parent.shares if parent else ():
        trade = book.trades.get(trade_id)
        if trade is not None and trade.status == EXITING and order.side is not trade.entry_side:
            trade.status = advance(trade.status, Step.EXIT_ACCEPTED)


def _finish(book: Book, order: Order, state: OrderState) -> None:
    """An order is over; it stays findable by its reference while it is among the newest."""
    order.state = state
    if book.orders.pop(order.order_id, None) is None:
        return
    if order.submitted_ts >= book.day.open:
        book.day.premium_in_flight -= order.premium
    book.finished_refs.append(order.child.client_ref)
    if len(book.finished_refs) > FINISHED_ORDERS_KEPT:
        oldest = book.order_of_ref.pop(book.finished_refs.popleft())
        book.finished_parents.pop(oldest.parent_id, None)


def _order_rejected(book: Book, event: e.OrderRejected) -> None:
    order = book.order_of_ref[event.client_ref]
    _finish(book, order, OrderState.REJECTED)
    for trade_id in book.parents[order.parent_id].shares:
        book.trades[trade_id].rejections += 1


def _cancel_requested(book: Book, event: e.OrderCancelRequested) -> None:
    order = book.order_of_ref[event.client_ref]
    order.cancel_requested = True
    order.replaced = event.replaces


def _hurried(book: Book, event: e.ParentOrderHurried) -> None:
    book.parents[event.parent_id].hurried = True


def _order_cancelled(book: Book, event: e.OrderCancelled) -> None:
    _finish(book, book.order_of_ref[event.client_ref], OrderState.CANCELLED)


def _order_abandoned(book: Book, event: e.OrderAbandoned) -> None:
    order = book.order_of_ref[event.client_ref]
    _finish(book, order, OrderState.CANCELLED)
    parent = book.parent(order.parent_id)
    for trade_id in parent.shares if parent else ():
        trade = book.trades.get(trade_id)
        # An exit is tried again for as long as it takes; an entry that never arrives is given up at last.
        if trade is not None and order.side is trade.entry_side:
            trade.rejections += 1


def _order_filled(book: Book, event: e.OrderFilled) -> None:
    if event.client_ref:  # a cross inside the house has no order
        order = book.order_of_ref[event.client_ref]
        order.exec_ids.add(event.exec_id)
        order.filled += event.qty
        order.fees += event.fee
        order.last_fill_ts = event.ts
        if order.filled >= order.qty:
            _finish(book, order, OrderState.FILLED)
        elif order.state is OrderState.NEW:
            order.state = OrderState.PARTIAL
    parent = book.parent(event.parent_id)
    assert parent is not None, f"execution {event.exec_id} outlived its parent {event.parent_id}"
    parent.filled += event.qty
    parent.allocated[event.trade_id] = parent.allocated.get(event.trade_id, 0) + event.qty
    _fill_trade(book, event)


def _fill_trade(book: Book, event: e.OrderFilled) -> None:
    trade = book.trade(event.trade_id)
    assert trade is not None, f"execution {event.exec_id} for {event.trade_id}, which was never opened"
    if trade.position.position_id != event.position_id:
        trade.position = Position(position_id=event.position_id)
        trade.incarnation += 1
    position = trade.position
    outcome = outcome_of_fill(position, event.side, event.qty, event.price, event.multiplier)
    cash = event.price * event.qty * event.multiplier * -event.side.sign - event.fee
    position.qty, position.cost = outcome.qty, outcome.cost
    position.qty_traded += event.qty
    if outcome.effect in (Effect.OPEN, Effect.ADD):
        position.entered += event.qty
        if position.first_price is None:
            position.first_price = event.price
    position.realized += outcome.realized
    position.fees += event.fee
    position.cash += cash
    position.opened_ts = position.opened_ts or event.ts
    trade.rejections = 0
    entering = event.side is trade.entry_side
    day, totals = book.day, book.totals
    if trade.trade_status is not TradeStatus.FILLED and trade.status != ENTERING:
        _revive(book, trade)
    elif entering:
        totals.trades_opened += trade.status == ENTERING
        trade.status = advance(trade.status, Step.ENTRY_FILLED)
    if entering and event.side is Side.BUY:
        day.premium_bought += event.price * event.qty * event.multiplier
    totals.fills += 1
    totals.contracts += event.qty
    totals.realized += outcome.realized
    totals.fees += event.fee
    totals.cash += cash


def _revive(book: Book, trade: Trade) -> None:
    """An execution came after the trade was believed over: the risk is on, so it is open again."""
    trade.status = advance(trade.status, Step.LATE_FILL)
    if trade.trade_id not in book.trades:
        book.closed_trades.pop(trade.trade_id)
        book.closed_trade_ids.remove(trade.trade_id)
        book.trades_on += 1
        _index(book, trade)


def _trade_closed(book: Book, event: e.TradeClosed) -> None:
    trade = book.trades[event.trade_id]
    trade.status = advance(trade.status, Step.CANCELLED if event.close_kind == "cancel" else Step.CLOSED)
    book.totals.trades_closed += 1
    book.totals.trades_won += event.realized_pnl > event.fees
    _retire(book, trade)
    book.waiting_for.pop(event.trade_id, None)


def _exits_armed(book: Book, event: e.ExitsArmed) -> None:
    trade = book.trades[event.trade_id]
    trade.armed = event.exits
    trade.armed_ts = event.ts


def _exit_triggered(book: Book, event: e.ExitTriggered) -> None:
    trade = book.trades[event.trade_id]
    trade.fired.add(event.exit_id)
    trade.armed = tuple(armed for armed in trade.armed if armed.exit_id != event.exit_id)
    trade.held_reason = ""


def _exit_held(book: Book, event: e.ExitHeld) -> None:
    book.trades[event.trade_id].held_reason = event.reason


def _marked(book: Book, event: e.PositionMarked) -> None:
    trade = book.trades[event.trade_id]
    position = trade.position
    position.mark, position.high, position.low = event.mark, event.high, event.low
    position.marked_ts = event.ts
    trade.held_reason = ""


# Dated by the line that they put right, which may be one that counts for nothing: no input has come that far.
_REPAIRS = frozenset({e.LedgerRepaired, e.BatchVoided})

_HANDLERS: dict[type[e.TradeEvent], Callable[[Book, Any], None]] = {
    e.ProcessStarted: _started,
    e.ProcessStopped: _stopped,
    e.SessionOpened: _session_opened,
    e.SignalAccepted: _signal_accepted,
    e.SignalRefused: _signal_refused,
    e.SignalDecided: _signal_decided,
    e.TradeSaved: _trade_saved,
    e.TradeActivated: _trade_activated,
    e.TradeCancelled: _trade_cancelled,
    e.TradeModified: _trade_modified,
    e.TradeHeld: _trade_held,
    e.CommandTaken: _command_taken,
    e.CommandRefused: _command_taken,
    e.TradeRejected: _trade_rejected,
    e.IntentDecided: _intent,
    e.ParentOrderOpened: _parent_opened,
    e.ParentOrderClosed: _parent_closed,
    e.ParentOrderHurried: _hurried,
    e.OrderSubmitRequested: _submit_requested,
    e.OrderAccepted: _order_accepted,
    e.OrderRejected: _order_rejected,
    e.OrderCancelRequested: _cancel_requested,
    e.OrderCancelled: _order_cancelled,
    e.OrderFilled: _order_filled,
    e.TradeClosed: _trade_closed,
    e.ExitsArmed: _exits_armed,
    e.ExitTriggered: _exit_triggered,
    e.ExitHeld: _exit_held,
    e.PositionMarked: _marked,
    **fold_doubt.HANDLERS,
    e.OrderAbandoned: _order_abandoned,
}
