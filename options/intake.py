"""What comes in before anything is decided on: a trading day, and signals, taken or refused."""

from options import events as e
from options.batch import Batch
from options.book import Day
from options.inputs import SessionBegan, SignalArrived, SignalUnreadable
from options.lifecycle import WORKING
from options.plan import TimeInForce
from options.quote import QuoteCache
from options.risk import RiskLimits, signal_faults
from options.steering import Steering
from options.stuck_exits import cannot_get_out
from options.trade import Trade
from options.values import Micros, to_iso


def open_session(manager: Steering, batch: Batch, given: SessionBegan) -> None:
    """Open a day, once. An entry for a day that is over has missed its chance, and no order outlives its day."""
    if (given.day, given.feed) == (batch.book.day.day, batch.book.day.feed):
        return
    over = batch.book.day.close
    for trade in batch.book.open_trades():
        if trade.status == WORKING and not trade.parent_ids and _missed(batch.book.day, trade, given.open):
            manager.drop(batch, trade, "its day ended before it could enter")
    stuck = cannot_get_out(batch.book)
    opened = {"day": given.day, "feed": given.feed, "open": to_iso(given.open), "close": to_iso(given.close)}
    batch.add(e.SessionOpened(batch.ts, batch.cause, **opened, own_time=given.own_time))
    for trade in stuck:
        manager.settle(batch, trade)
    if over and over <= opened["open"]:
        _end_orders(manager, batch, over)


def _end_orders(manager: Steering, batch: Batch, over: str) -> None:
    """See to orders for a day that was over at a moment, of whose end nothing was heard, as the program was down.

    What was to come in stays out. What was to go out is asked back, and sent anew once that is proven.
    """
    reason = "its day ended before all of it was in"
    for trade in batch.book.open_trades():
        is_late = trade.entry.tif is TimeInForce.DAY and trade.entry_sent_ts
        if is_late and abs(trade.position.qty) < abs(trade.target):
            manager.aim(batch, trade, trade.position.qty, "give up", reason, "plan", urgency=1.0)
    manager.end_day(batch, over)


def _missed(before: Day, trade: Trade, opens: Micros) -> bool:
    """Whether the day that an entry was good for is over.

    That is the day of the time that it names, else the one that it was activated in, or before: what is activated after
    a close is for the next session.
    """
    if trade.entry.tif is not TimeInForce.DAY:
        return False
    condition = trade.entry.condition
    if condition is not None and condition.at is not None:
        return condition.at < opens
    return bool(before.close) and trade.activated_ts < before.close


def take_signal(batch: Batch, given: SignalArrived, quotes: QuoteCache, limits: RiskLimits) -> bool:
    """Accept a signal, or refuse it with every reason there is; whether it was accepted."""
    signal = given.signal
    reasons = signal_faults(batch.book, signal, batch.at, quotes, limits)
    if reasons:
        refuse_signal(batch, SignalUnreadable(given.where, tuple(reasons), signal.signal_id, line=given.line))
        return False
    batch.add(
        e.SignalAccepted(
            batch.ts,
            batch.cause,
            signal_id=signal.signal_id,
            signal_ts=to_iso(signal.ts),
            source=signal.source,
            symbol=signal.symbol,
            action=signal.action,
            confidence=signal.confidence,
            price=signal.price,
            contract=signal.contract,
        )
    )
    return True


def refuse_signal(batch: Batch, given: SignalUnreadable) -> None:
    """Record that something sent as a signal changed nothing, and why."""
    batch.add(
        e.SignalRefused(
            batch.ts,
            batch.cause,
            where=given.where,
            reasons=given.reasons,
            signal_id=given.signal_id,
            excerpt=given.excerpt,
            line=given.line,
        )
    )


def refuse_intent(
    batch: Batch, trade_id: str, strategy: str, instrument: str, reasons: tuple[str, ...]
) -> None:
    """Record that a wish will not become an order, and why."""
    batch.add(
        e.IntentRefused(
            batch.ts,
            batch.cause,
            trade_id=trade_id,
            strategy=strategy,
            instrument=instrument,
            reasons=reasons,
        )
    )
