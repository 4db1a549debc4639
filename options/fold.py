"""How each event changes the book. ``apply`` is the only writer of a :class:`~options.book.Book`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from options import events as e
from options import fold_doubt, fold_held, fold_input
from options.book import Book, Day
from options.fold_expiry import EXPIRY_HANDLERS
from options.fold_fills import FILL_HANDLERS
from options.fold_orders import ORDER_HANDLERS
from options.fold_risk import note_carried
from options.fold_trades import NONE, await_no_more, await_other, index, reopen, retire, try_again
from options.lifecycle import WORKING, Step, TradeStatus, advance
from options.position import Position
from options.silence_events import MarksFellSilent, MarksReturned
from options.terms import ENTRY, ExitKind
from options.trade import Trade
from options.values import BUY, SELL, from_iso

ACTIVATED, CLOSED, SCALE_IN = Step.ACTIVATED, Step.CLOSED, ExitKind.SCALE_IN
COMMAND = "command "
"""How the cause of a person's command begins."""


def apply(book: Book, event: e.TradeEvent) -> None:
    """Fold one event into the book.

    :raises TransitionError: the event asks for a step that the life cycle does not hold: the ledger is not ours.
    :raises KeyError: the event speaks of a trade or an order that no event before it opened.
    """
    book.totals.events += 1
    if type(event) not in _REPAIRS:
        book.last_ts = event.ts
    if event.cause and not event.cause.startswith(COMMAND):  # which comes at any time
        book.last_cause = event.cause
    HANDLERS[type(event)](book, event)


def apply_all(book: Book, events: Sequence[e.TradeEvent]) -> None:
    """Fold a run of events, as :func:`apply` each in turn, without its bookkeeping for each.

    :raises TransitionError, KeyError: as :func:`apply`.
    """
    for event in events:
        HANDLERS[type(event)](book, event)
    book.totals.events += len(events)
    for last in reversed(events):
        if type(last) not in _REPAIRS:
            book.last_ts = last.ts
            break
    for last in reversed(events):
        if last.cause and not last.cause.startswith(COMMAND):
            book.last_cause = last.cause
            break


def _started(book: Book, event: e.ProcessStarted) -> None:
    book.account = event.account
    book.settings_hash = event.settings_hash
    book.broker_lost = False


def _session_opened(book: Book, event: e.SessionOpened) -> None:
    if book.day.day != event.day or book.day.feed != event.feed:
        before = replace(book.totals, events=0)
        book.day = Day(
            day=event.day,
            feed=event.feed,
            open=event.open,
            close=event.close,
            opens_at=from_iso(event.open),
            closes_at=from_iso(event.close),
            own_time=event.own_time,
            totals_before=before,
        )
        note_carried(book)
        for trade in book.trades.values():
            trade.taken_over = NONE
            try_again(trade)
        book.forgotten_executions.clear()
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
    book.refused_at[event.where] = event.line
    book.totals.signals_refused += 1


def _signal_decided(book: Book, event: e.SignalDecided) -> None:
    book.undecided.pop(event.signal_id, None)
    if event.outcome == "ignored":
        book.totals.signals_ignored += 1
    else:
        book.totals.signals_used += 1


def _trade_saved(book: Book, event: e.TradeSaved) -> None:
    trade = Trade(  # by place: by name takes six times as long
        event.trade_id,
        event.strategy,
        event.instrument,
        event.symbol,
        event.direction,
        event.qty,
        event.multiplier,
        event.entry,
        event.exits,
        event.source,
        event.reason,
        event.ts,
        Position(f"{event.trade_id}-1"),
        BUY if event.direction > 0 else SELL,
    )
    book.trade_count += 1
    index(book, trade)
    await_other(book, trade)


def _trade_activated(book: Book, event: e.TradeActivated) -> None:
    trade = book.trades.get(event.trade_id)
    if trade is None:
        trade = reopen(book, book.closed_trades[event.trade_id])  # it left the count when it was over
    elif not trade.position.qty:
        book.trades_on -= bool(trade.entry_sent_ts)
    trade.status = advance(trade.status, ACTIVATED)
    trade.activated_ts = event.ts
    if not trade.position.qty:
        trade.target, trade.target_kind = 0, ""
        trade.rejections, trade.entry_sent_ts, trade.entry_done = 0, "", False
        trade.additions = 0


def _trade_modified(book: Book, event: e.TradeModified) -> None:
    trade = book.trades[event.trade_id]
    await_no_more(book, trade)
    trade.fired = trade.fired_after(event.exits)
    # What was to be sent is not what is wanted now.
    if trade.status == WORKING and trade.target_kind == ENTRY:
        trade.target, trade.target_kind = 0, ""
    trade.qty, trade.entry, trade.exits = event.qty, event.entry, event.exits
    trade.modified_ts, trade.put_off = event.ts, ""
    trade.taken_over = NONE
    await_other(book, trade)


def _trade_held(book: Book, event: e.TradeHeld) -> None:
    trade = book.trades[event.trade_id]
    trade.status = advance(trade.status, Step.HELD)
    if trade.trade_status is TradeStatus.NONE:
        # Should an execution arrive after all, nothing of it is wanted.
        trade.target, trade.target_kind = 0, "held"
        book.trades_on -= bool(trade.entry_sent_ts)
        trade.entry_sent_ts = ""
    trade.armed, trade.put_off = (), ""


def _command_taken(book: Book, event: e.CommandTaken | e.CommandRefused) -> None:
    book.command_ids.add(event.command_id)


def _trade_cancelled(book: Book, event: e.TradeCancelled) -> None:
    trade = book.trades[event.trade_id]
    trade.status = advance(trade.status, Step.CANCELLED)
    retire(book, trade)


def _trade_rejected(book: Book, event: e.TradeRejected) -> None:
    trade = book.trades[event.trade_id]
    trade.status = advance(trade.status, Step.ENTRY_REJECTED)
    retire(book, trade)


def _intent(book: Book, event: e.IntentDecided) -> None:
    trade = book.trades[event.trade_id]
    if abs(event.target) < abs(trade.position.qty):
        try_again(trade)
    trade.addition_due = event.kind == SCALE_IN and abs(event.target) > abs(trade.target)
    trade.additions += trade.addition_due
    trade.target = event.target
    trade.target_kind = event.kind
    trade.put_off = ""
    trade.target_reason = event.reason
    trade.exit_order = event.exit_order


def _put_off(book: Book, event: e.EntryPutOff) -> None:
    trade = book.trades[event.trade_id]
    trade.put_off, trade.put_off_ts = event.reason, event.ts


def _trade_closed(book: Book, event: e.TradeClosed) -> None:
    trade = book.trades[event.trade_id]
    trade.status = advance(trade.status, Step.CANCELLED if event.close_kind == "cancel" else CLOSED)
    book.totals.trades_closed += 1
    book.totals.trades_won += event.realized_pnl > event.fees
    retire(book, trade)


def _exits_armed(book: Book, event: e.ExitsArmed) -> None:
    trade = book.trades[event.trade_id]
    trade.armed = event.exits
    trade.armed_ts = event.ts


def _exit_triggered(book: Book, event: e.ExitTriggered) -> None:
    trade = book.trades[event.trade_id]
    trade.fired |= {event.exit_id}
    trade.armed = tuple(armed for armed in trade.armed if armed.exit_id != event.exit_id)
    trade.held_reason = ""
    if event.client_ref:
        fold_held.became_due(book, trade, event)


def _exit_held(book: Book, event: e.ExitHeld) -> None:
    book.trades[event.trade_id].held_reason = event.reason


def _fell_silent(book: Book, event: MarksFellSilent) -> None:
    book.trades[event.trade_id].blind_since = event.since


def _returned(book: Book, event: MarksReturned) -> None:
    book.trades[event.trade_id].blind_since = ""


def _marked(book: Book, event: e.PositionMarked) -> None:
    trade = book.trades[event.trade_id]
    position = trade.position
    position.mark, position.high, position.low = event.mark, event.high, event.low
    position.marked_ts = event.ts
    trade.held_reason = ""


# Dated by the line that they put right, which may be one that counts for nothing: no input has come that far.
_REPAIRS = frozenset({e.LedgerRepaired, e.BatchVoided})


def _nothing(_book: Book, _event: e.TradeEvent) -> None:
    """What the event says is for people to read."""


HANDLERS: dict[type[e.TradeEvent], Callable[[Book, Any], None]] = {
    **dict.fromkeys(e.EVENT_TYPES, _nothing),
    **ORDER_HANDLERS,
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
    e.EntryPutOff: _put_off,
    e.TradeClosed: _trade_closed,
    e.ExitsArmed: _exits_armed,
    e.ExitTriggered: _exit_triggered,
    e.ExitHeld: _exit_held,
    e.PositionMarked: _marked,
    MarksFellSilent: _fell_silent,
    MarksReturned: _returned,
    **EXPIRY_HANDLERS,
    **FILL_HANDLERS,
    **fold_doubt.HANDLERS,
    **fold_held.HANDLERS,
    **fold_input.HANDLERS,
}
