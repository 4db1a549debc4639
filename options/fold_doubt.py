"""How doubt and halts change the book: unproven orders, a broker that is not heard, positions that differ."""

from collections.abc import Callable
from typing import Any

from options import events as e
from options.book import Book
from options.fold_trades import try_again
from options.order import OrderState

RECONCILE = "reconcile"


def _order_unknown(book: Book, event: e.OrderUnknown) -> None:
    order = book.order_of_ref[event.client_ref]
    order.state = OrderState.UNKNOWN
    if event.absent:
        order.absent_ts = min(order.absent_ts or event.ts, event.ts)
    order.asks |= event.asks


def _broker_lost(book: Book, _event: e.BrokerLost) -> None:
    book.broker_lost = True


def _broker_reconciled(book: Book, _event: e.BrokerReconciled) -> None:
    book.broker_lost = False


def _position_compared(book: Book, event: e.PositionCompared) -> None:
    if event.ours == event.theirs:
        book.accepted_differences.pop(event.instrument, None)
    difference = event.theirs - event.ours - book.accepted_differences.get(event.instrument, 0)
    if difference:
        book.disagreements[event.instrument] = difference
    else:
        book.disagreements.pop(event.instrument, None)


def _fill_unmatched(book: Book, event: e.FillUnmatched) -> None:
    book.unmatched.add(event.exec_id)
    book.halt_reason = book.halt_reason or event.reason


def _halted(book: Book, event: e.TradingHalted) -> None:
    # What was found at the broker names what stood before as well, so that one answer covers both.
    if event.source == RECONCILE or not book.halt_reason:
        book.halt_reason = event.reason


def _resumed(book: Book, _event: e.TradingResumed) -> None:
    """The halt is answered, and with it every difference that it named: a person has accepted it."""
    book.halt_reason, book.risk.rejections = "", 0
    for trade in book.trades.values():
        try_again(trade)
    for instrument, difference in book.disagreements.items():
        accepted = book.accepted_differences.get(instrument, 0) + difference
        book.accepted_differences[instrument] = accepted
    book.disagreements.clear()


HANDLERS: dict[type[e.TradeEvent], Callable[[Book, Any], None]] = {
    e.OrderUnknown: _order_unknown,
    e.BrokerLost: _broker_lost,
    e.BrokerReconciled: _broker_reconciled,
    e.PositionCompared: _position_compared,
    e.FillUnmatched: _fill_unmatched,
    e.TradingHalted: _halted,
    e.TradingResumed: _resumed,
}
