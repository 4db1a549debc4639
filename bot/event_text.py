"""Events in plain words: one line each, for people who watch the bot or read its ledger."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bot.card_text import (
    clip,
    contract_words,
    count_text,
    dollars_text,
    new_york_clock,
    new_york_moment,
    price_text,
    safe_text,
)
from bot.close_words import close_words
from bot.moment_words import in_new_york
from options import events as e
from options import expiry_events as x
from options import held_events as h
from options.correction_events import FillCorrected
from options.input_events import InputFailed, InputSetAside, StrategyStalled
from options.plan import Held
from options.silence_events import MarksFellSilent, MarksReturned
from options.terms import ArmedExit, Effect, ExitKind
from options.values import Side

LINE_MAX = 400
_NAME_MAX = 60
_REASON_MAX = 200
_BY_CLOCK = frozenset({ExitKind.TIME, ExitKind.FLAT})


def numbered(batches: Iterable[tuple[int, Sequence[e.TradeEvent]]]) -> Iterator[tuple[int, e.TradeEvent]]:
    """Each event of some batches (first number, events) with its own number in the ledger."""
    for first_seq, batch in batches:
        yield from enumerate(batch, first_seq)


def describe(event: e.TradeEvent) -> str:
    """What happened, in one line of at most 400 characters without markup.

    For example ``T3 bought 2 GOOG 31 Dec 2015 $750 call at 9.80``.
    """
    return clip(_WORDS[type(event)](event), LINE_MAX)


def _why(reason: str) -> str:
    """A reason after what it explains; nothing where none was given."""
    return f": {safe_text(in_new_york(reason), _REASON_MAX)}" if reason.strip() else ""


def _reasons(reasons: tuple[str, ...]) -> str:
    return _why("; ".join(reasons))


def _name(text: str) -> str:
    return safe_text(text, _NAME_MAX)


def _fell_silent(event: MarksFellSilent) -> str:
    since = new_york_clock(event.since)
    return f"{_name(event.trade_id)} stops are blind, no marks since {since} ET{_why(event.reason)}"


def _whose(event: e.IntentRefused) -> str:
    """The trade, or of a proposal that was none yet, whose it is and in what."""
    if event.trade_id:
        return _name(event.trade_id)
    what = f" in {contract_words(event.instrument)}" if event.instrument else ""
    return f"{_name(event.strategy)}: a new trade{what}"


def _count(qty: int, instrument: str) -> str:
    return f"{qty} {contract_words(instrument)}"


def _started(event: e.ProcessStarted) -> str:
    return f"Callboard {_name(event.version)} started: {_name(event.broker)} broker, quotes from {_name(event.feed)}"


def _recovered(event: e.RecoveryCompleted) -> str:
    doubt = f", {count_text(event.orders_in_doubt, 'order')} in doubt" if event.orders_in_doubt else ""
    events, trades = count_text(event.through_seq, "event"), count_text(event.open_trades, "open trade")
    return f"State rebuilt from {events}: {trades}{doubt}"


def _voided(event: e.BatchVoided) -> str:
    return f"Events {event.from_seq} to {event.to_seq} were cut short by a crash and count for nothing"


def _session(event: e.SessionOpened) -> str:
    hours = f"{new_york_clock(event.open)[:5]} to {new_york_clock(event.close)[:5]} ET"
    return f"Trading day {_name(event.day)}, {hours}, quotes from {_name(event.feed)}"


def _signal(event: e.SignalAccepted) -> str:
    price = f" at {price_text(event.price)}" if event.price is not None else ""
    sure = f"{event.confidence:.0%}"
    return (
        f"Signal {_name(event.action)} {_name(event.symbol)}{price} from {_name(event.source)} ({sure} sure)"
    )


def _signal_refused(event: e.SignalRefused) -> str:
    which = f"Signal {_name(event.signal_id)}" if event.signal_id else "Signal"
    return f"{which} at {_name(event.where)} refused{_reasons(event.reasons)}"


def _signal_decided(event: e.SignalDecided) -> str:
    trade = f" as {_name(event.trade_id)}" if event.trade_id else ""
    made = f"{_name(event.outcome)}{trade} by {_name(event.strategy)}"
    return f"Signal {_name(event.signal_id)} {made}{_why(event.reason)}"


def _saved(event: e.TradeSaved) -> str:
    side = "long" if event.direction > 0 else "short"
    return f"{_name(event.trade_id)} drafted: {side} {_count(event.qty, event.instrument)} for {_name(event.source)}"


def _intent(event: e.IntentDecided) -> str:
    what = "be out of" if not event.target else f"hold {event.target:+d}"
    return f"{_name(event.trade_id)} should {what} {contract_words(event.instrument)}{_why(event.reason)}"


def _closed(event: e.TradeClosed) -> str:
    net = event.realized_pnl - event.fees
    fees = f" after {dollars_text(event.fees, signed=False)} fees" if event.fees else ""
    return (
        f"{_name(event.trade_id)} closed by {close_words(event.close_kind, _NAME_MAX)}: {dollars_text(net)}{fees}"
        f" on {_count(event.qty, event.instrument)}"
    )


def _parent(event: e.ParentOrderOpened) -> str:
    trades = ", ".join(share.trade_id for share in event.shares)
    what = f"{event.side.value.lower()} {_count(event.qty, event.instrument)}"
    if event.bracket:
        return f"{_name(event.parent_id)} to rest at the broker for {_name(trades)}: {what} at a stop or a target"
    return f"{_name(event.parent_id)} to {what} for {_name(trades)}"


def _parent_closed(event: e.ParentOrderClosed) -> str:
    return f"{_name(event.parent_id)} {event.status.value.lower()} with {event.filled} filled{_why(event.reason)}"


def _submit(event: e.OrderSubmitRequested) -> str:
    at = f" at {price_text(event.limit_price)}" if event.limit_price is not None else ""
    stop = f" from {price_text(event.stop_price)}" if event.stop_price is not None else ""
    what = f"{event.side.value.lower()} {_count(event.qty, event.instrument)}"
    return f"{_name(event.order_id)} sent: {event.order_type} {what}{stop}{at}"


def _accepted(event: e.OrderAccepted) -> str:
    return f"{_name(event.order_id)} is at {_name(event.venue)} as {_name(event.broker_order_id)}"


def _order(what: str) -> Callable[[Any], str]:
    return lambda event: f"{_name(event.order_id)} {what}{_why(event.reason)}"


def _cancelled(event: e.OrderCancelled) -> str:
    return f"{_name(event.order_id)} cancelled with {event.unfilled} unfilled{_why(event.reason)}"


def _filled(event: e.OrderFilled) -> str:
    did = "bought" if event.side is Side.BUY else "sold"
    left = "" if event.effect in {Effect.OPEN, Effect.CLOSE} else f", {abs(event.position)} held"
    result = f", {dollars_text(event.realized_pnl)}" if event.effect in {Effect.TRIM, Effect.CLOSE} else ""
    at = f"at {price_text(event.price)}"
    return f"{_name(event.trade_id)} {did} {_count(event.qty, event.instrument)} {at}{left}{result}"


def _corrected(event: FillCorrected) -> str:
    side = "buy" if event.side is Side.BUY else "sale"
    what = f"{_name(event.trade_id)}: the {side} of {_count(event.was_qty, event.instrument)}"
    told = f"{what} at {price_text(event.was_price)}"
    change = f", {dollars_text(event.realized_pnl)}" if event.realized_pnl else ""
    if not event.qty:
        return f"{told} was busted{change}; {abs(event.position)} held"
    now = f"{event.qty} at {price_text(event.price)}"
    fee = f", fee {dollars_text(event.fee, signed=False)}" if event.fee != event.was_fee else ""
    return f"{told} was corrected to {now}{fee}{change}; {abs(event.position)} held"


def _unmatched(event: e.FillUnmatched) -> str:
    what = f"{event.side.value.lower()} {_count(event.qty, event.instrument)} at {price_text(event.price)}"
    return f"Execution {_name(event.exec_id)} is not ours, trading halts: {what}{_why(event.reason)}"


def _armed(event: e.ExitsArmed) -> str:
    exits = ", ".join(_exit(armed, event.ts) for armed in event.exits) or "none"
    return f"{_name(event.trade_id)} exits for {event.qty}: {exits}"


def _exit(armed: ArmedExit, now: str) -> str:
    return _exit_level(armed, now) + (" at the broker" if armed.held is Held.BROKER else "")


def _exit_level(armed: ArmedExit, now: str) -> str:
    if armed.trail is not None:
        return f"{armed.kind} {float(armed.trail):.1%}"
    if armed.trail_amount is not None:
        return f"{armed.kind} ${price_text(armed.trail_amount)}"
    return f"{armed.kind} {new_york_moment(armed.at, now) if armed.at else price_text(armed.level)}"


def _triggered(event: e.ExitTriggered) -> str:
    at = f" at {price_text(event.level)}" if event.level is not None else ""
    mark = f", the mark is {price_text(event.mark)}" if event.mark is not None else ""
    there = " at the broker" if event.client_ref else ""
    due = "exit by the clock" if event.kind in _BY_CLOCK else close_words(event.kind, _NAME_MAX)
    return f"{_name(event.trade_id)} {due}{at} triggered{there} for {event.qty}{mark}"


def _marked(event: e.PositionMarked) -> str:
    sides = (
        ""
        if event.bid is None and event.ask is None
        else f" ({price_text(event.bid)} / {price_text(event.ask)})"
    )
    return f"{_name(event.trade_id)} is worth {price_text(event.mark)}{sides}"


def _resumed(event: e.TradingResumed) -> str:
    return f"Trading goes on, by {_name(event.source)}{_why(event.answers)}"


def _taken(event: e.CommandTaken) -> str:
    about = f" {_name(event.trade_id)}" if event.trade_id else ""
    return f"{_name(event.who)}: {_name(event.verb)}{about}"


def _command_refused(event: e.CommandRefused) -> str:
    about = f" {_name(event.trade_id)}" if event.trade_id else ""
    return f"{_name(event.who)}: {_name(event.verb)}{about} refused{_reasons(event.reasons)}"


def _unknown(event: e.OrderUnknown) -> str:
    seen = ", looked for once" if event.absent else ""
    asks = "; if nothing more is heard of it, look there and settle it by hand" if event.asks else ""
    return f"{_name(event.order_id)} is in doubt{seen}{_why(event.reason)}{asks}"


def _reconciled(event: e.BrokerReconciled) -> str:
    doubt = f", {count_text(event.orders_in_doubt, 'order')} in doubt" if event.orders_in_doubt else ""
    return f"The broker is heard again and everything was compared{doubt}"


def _compared(event: e.PositionCompared) -> str:
    agree = "the same as" if event.ours == event.theirs else f"the broker has {event.theirs:+d}, unlike"
    return f"{contract_words(event.instrument)}: {agree} ours, {event.ours:+d}"


def _halted(event: e.TradingHalted) -> str:
    return f"Entries stop, exits go on, by {_name(event.source)}{_why(event.reason)}"


def _assigned(event: x.ContractsAssigned) -> str:
    word = "Exercised" if event.qty > 0 else "Assigned"
    at = "" if event.underlying is None else f", the underlying at {price_text(event.underlying)}"
    what = _count(abs(event.qty), event.instrument)
    return f"{word} before expiry: {what}, told by {_name(event.source)}{at}"


def _leg_settled(event: x.LegSettled) -> str:
    what = f"{event.qty:+d} {contract_words(event.instrument)} {event.outcome}"
    return f"{_name(event.trade_id)}: {what} at {price_text(event.price)}, settled by {price_text(event.underlying)}"


def _delivered(event: x.PositionDelivered) -> str:
    what = f"{event.qty:+d} {contract_words(event.instrument)} at {price_text(event.price)}"
    left_by = _name(event.from_trade)
    return f"{_name(event.trade_id)} holds {what}, left by {left_by}: no stop and no target, they ended with {left_by}"


def _taken_over(event: h.ExitsTakenOver) -> str:
    exits = ", ".join(event.exit_ids)
    until = " until that is found" if event.for_now else ""
    who = f"{_name(event.trade_id)} is guarded here and not at the broker"
    return f"{who}{until}, by {_name(exits)}{_why(event.reason)}"


_WORDS: dict[type[e.TradeEvent], Callable[[Any], str]] = {
    e.ProcessStarted: _started,
    e.RecoveryCompleted: _recovered,
    e.ProcessStopped: lambda event: f"Stopped in good order{_why(event.reason)}",
    e.LedgerRepaired: lambda event: (
        f"Ledger repaired: {count_text(event.cut_bytes, 'byte')} of an unfinished last line cut off"
    ),
    e.BatchVoided: _voided,
    e.SessionOpened: _session,
    e.SignalAccepted: _signal,
    e.SignalRefused: _signal_refused,
    e.SignalDecided: _signal_decided,
    e.TradeSaved: _saved,
    e.TradeActivated: lambda event: f"{_name(event.trade_id)} is active",
    e.TradeCancelled: lambda event: f"{_name(event.trade_id)} cancelled{_why(event.reason)}",
    e.TradeRejected: lambda event: f"{_name(event.trade_id)} rejected{_reasons(event.reasons)}",
    e.IntentDecided: _intent,
    e.TradeClosed: _closed,
    e.ParentOrderOpened: _parent,
    e.ParentOrderClosed: _parent_closed,
    e.OrderSubmitRequested: _submit,
    e.OrderAccepted: _accepted,
    e.OrderRejected: _order("rejected by the broker"),
    e.OrderCancelRequested: _order("to be cancelled"),
    e.OrderCancelled: _cancelled,
    e.OrderUnknown: _unknown,
    e.BrokerLost: lambda event: f"The broker is not heard, nothing is sent{_why(event.reason)}",
    e.BrokerReconciled: _reconciled,
    e.PositionCompared: _compared,
    e.OrderAbandoned: _order("never arrived"),
    e.OrderFilled: _filled,
    FillCorrected: _corrected,
    e.FillUnmatched: _unmatched,
    e.ExitsArmed: _armed,
    e.ExitTriggered: _triggered,
    e.EntryPutOff: lambda event: f"{_name(event.trade_id)} waits to go in{_why(event.reason)}",
    e.ExitHeld: lambda event: f"{_name(event.trade_id)} exits held{_why(event.reason)}",
    MarksFellSilent: _fell_silent,
    MarksReturned: lambda event: f"{_name(event.trade_id)} is heard of again: its stops see",
    InputFailed: lambda event: f"{_name(event.given)} could not be decided on{_why(event.error)}",
    InputSetAside: lambda event: f"{_name(event.given)} failed again and is set aside{_why(event.error)}",
    StrategyStalled: lambda event: (
        f"{_name(event.strategy)} stalled at signal {_name(event.signal_id)}{_why(event.where)}"
    ),
    e.PositionMarked: _marked,
    e.IntentRefused: lambda event: f"{_whose(event)} may not trade{_reasons(event.reasons)}",
    e.TradingHalted: _halted,
    e.TradingResumed: _resumed,
    e.CommandTaken: _taken,
    e.CommandRefused: _command_refused,
    e.TradeModified: lambda event: f"{_name(event.trade_id)} has new plans, by {_name(event.who)}",
    e.TradeHeld: lambda event: f"{_name(event.trade_id)} is held inactive, by {_name(event.who)}",
    e.ParentOrderHurried: lambda event: f"{_name(event.parent_id)} goes to the market{_why(event.reason)}",
    h.OrderReduced: lambda event: (
        f"{_name(event.order_id)} is for {event.qty} now: another of its group has traded"
    ),
    h.ExitsTakenOver: _taken_over,
    x.ContractsAssigned: _assigned,
    x.LegSettled: _leg_settled,
    x.PositionDelivered: _delivered,
}
assert set(_WORDS) == set(e.EVENT_TYPES), "every event has its words"
