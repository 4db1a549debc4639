"""Every fact that the ledger can hold.

A :class:`TradeEvent` is frozen and self-contained: folding the events in order gives the state back, with no
strategy code and no marks. On disk each is one JSON line; ``type`` is the class name, decimals are JSON numbers that
read back exactly, fields that hold their default are left out. ``docs/ledger.md`` lists every type and field and is
made from this module.

Fields shared by many types: ``trade_id`` (``T7``), ``position_id`` (``T7-1``: the first position of trade 7),
``parent_id`` (``P9``), ``order_id`` (``O12``), ``client_ref`` (what the broker is told to call the order),
``instrument`` (a key, see :mod:`options.contract`), ``source`` (the signal, person or rule that wanted it).
"""

from decimal import Decimal

from options import trade_event
from options.correction_events import CORRECTION_EVENTS
from options.expiry_events import EXPIRY_EVENTS
from options.held_events import HELD_EVENTS
from options.input_events import INPUT_EVENTS
from options.plan import AT_MARKET, EntryPlan, ExitOrder, ExitPlan, OrderType, TimeInForce
from options.silence_events import SILENCE_EVENTS
from options.terms import Approval, ArmedExit, Effect, ExitKind, LegPrice, ParentStatus, Schedule, Share
from options.values import ZERO, Side

TradeEvent = trade_event.TradeEvent


# --- the process ------------------------------------------------------------------------------------------------


class ProcessStarted(TradeEvent, frozen=True, kw_only=True):
    """A runner took the ledger. ``settings_hash`` tells whether its settings are those of the run before."""

    version: str
    account: str
    broker: str
    feed: str
    settings_hash: str


class RecoveryCompleted(TradeEvent, frozen=True, kw_only=True):
    """The state was rebuilt: ``through_seq`` is the last event that was folded."""

    through_seq: int
    open_trades: int
    orders_in_doubt: int = 0


class ProcessStopped(TradeEvent, frozen=True, kw_only=True):
    """A runner left in good order; ``day_ended`` tells that its day had nothing left to come."""

    reason: str
    day_ended: bool = False


class LedgerRepaired(TradeEvent, frozen=True, kw_only=True):
    """An unfinished last line, ``cut_bytes`` long, was cut off on opening; ``cut_text`` is how it began."""

    cut_bytes: int
    cut_text: str


class BatchVoided(TradeEvent, frozen=True, kw_only=True):
    """The lines from ``from_seq`` to ``to_seq`` count for nothing: a crash cut their input's record short.

    None of their effects had left the process, so the input is taken again as if it were new.
    """

    from_seq: int
    to_seq: int


class SessionOpened(TradeEvent, frozen=True, kw_only=True):
    """A trading day began; the limits per day start anew. ``open`` and ``close`` are ISO 8601 UTC."""

    day: str
    feed: str
    open: str
    close: str


# --- signals ----------------------------------------------------------------------------------------------------


class SignalAccepted(TradeEvent, frozen=True, kw_only=True):
    """A signal is well formed, fresh and new; what is made of it follows as :class:`SignalDecided`."""

    signal_id: str
    signal_ts: str
    source: str
    symbol: str
    action: str
    confidence: float
    price: Decimal | None = None
    contract: str | None = None


class SignalRefused(TradeEvent, frozen=True, kw_only=True):
    """A signal that changed nothing, with every reason; ``where`` is its file and line or its channel."""

    where: str
    reasons: tuple[str, ...]
    signal_id: str = ""
    excerpt: str = ""


class SignalDecided(TradeEvent, frozen=True, kw_only=True):
    """What a strategy made of an accepted signal: see :class:`~options.intent.Outcome`."""

    signal_id: str
    strategy: str
    outcome: str
    reason: str
    trade_id: str = ""


# --- commands ---------------------------------------------------------------------------------------------------


class CommandTaken(TradeEvent, frozen=True, kw_only=True):
    """A person's command passed every check; what follows from it stands in the same batch. An id is taken once."""

    command_id: str
    who: str
    verb: str
    trade_id: str = ""
    text: str = ""


class CommandRefused(TradeEvent, frozen=True, kw_only=True):
    """A person's command changed nothing; every reason is listed."""

    command_id: str
    who: str
    verb: str
    reasons: tuple[str, ...]
    trade_id: str = ""
    text: str = ""


# --- trades and intents -----------------------------------------------------------------------------------------


class TradeSaved(TradeEvent, frozen=True, kw_only=True):
    """A trade was written down as a draft. ``direction`` is +1 to hold the instrument long, -1 short."""

    trade_id: str
    strategy: str
    instrument: str
    symbol: str
    direction: int
    qty: int
    multiplier: int
    entry: EntryPlan
    exits: ExitPlan
    source: str
    reason: str


class TradeActivated(TradeEvent, frozen=True, kw_only=True):
    """A draft passed its checks and waits for its entry condition."""

    trade_id: str


class TradeModified(TradeEvent, frozen=True, kw_only=True):
    """A trade's plans were exchanged in one piece, after the new ones had passed every check."""

    trade_id: str
    qty: int
    entry: EntryPlan
    exits: ExitPlan
    who: str


class TradeHeld(TradeEvent, frozen=True, kw_only=True):
    """A trade was taken out of the market and waits to be activated again.

    Of one that is filled no stop and no target is armed any more, only what takes it out before it expires.
    """

    trade_id: str
    who: str


class TradeCancelled(TradeEvent, frozen=True, kw_only=True):
    """A trade ended before anything filled, or was flattened by hand."""

    trade_id: str
    reason: str


class TradeRejected(TradeEvent, frozen=True, kw_only=True):
    """The entry was refused by risk or by the broker; every reason is listed."""

    trade_id: str
    reasons: tuple[str, ...]


class IntentDecided(TradeEvent, frozen=True, kw_only=True):
    """A trade should hold ``target`` of its instrument, signed. The newest intent of a trade counts.

    ``exit_order`` is how what has to leave for it is worked.
    """

    trade_id: str
    strategy: str
    instrument: str
    target: int
    urgency: float
    kind: str
    reason: str
    source: str
    exit_order: ExitOrder = AT_MARKET


class TradeClosed(TradeEvent, frozen=True, kw_only=True):
    """The last of ``qty`` contracts is out. ``realized_pnl`` is before ``fees``; ``cash`` is all in minus all out."""

    trade_id: str
    position_id: str
    strategy: str
    instrument: str
    close_kind: str
    qty: int
    realized_pnl: Decimal
    fees: Decimal
    cash: Decimal


# --- orders -----------------------------------------------------------------------------------------------------


class ParentOrderOpened(TradeEvent, frozen=True, kw_only=True):
    """The commitment to meet a requirement; never sent itself. ``schedule`` says how it is worked.

    At ``deadline`` (ISO 8601 UTC) what is left of it goes to the market. One that rests at the broker names its
    ``bracket``: the target that its contracts are for, or what no target takes.
    """

    parent_id: str
    instrument: str
    side: Side
    qty: int
    schedule: Schedule
    urgency: float
    shares: tuple[Share, ...]
    deadline: str = ""
    bracket: str = ""


class ParentOrderHurried(TradeEvent, frozen=True, kw_only=True):
    """What is left of a parent order goes to the market: its time, or its steps, are over."""

    parent_id: str
    reason: str


class ParentOrderClosed(TradeEvent, frozen=True, kw_only=True):
    """A parent order is over; ``filled`` of it came true."""

    parent_id: str
    status: ParentStatus
    filled: int
    reason: str = ""


class OrderSubmitRequested(TradeEvent, frozen=True, kw_only=True):
    """An execution attempt is about to be sent: durable before the broker hears of it.

    One that rests as the exit ``exit_id`` shares its ``oca_group`` with those that its contracts may leave by as well.
    """

    order_id: str
    parent_id: str
    client_ref: str
    instrument: str
    side: Side
    qty: int
    order_type: OrderType
    tif: TimeInForce
    approval: Approval
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    exit_id: str = ""
    oca_group: str = ""


class OrderAccepted(TradeEvent, frozen=True, kw_only=True):
    """The broker has the order."""

    order_id: str
    client_ref: str
    broker_order_id: str
    venue: str


class OrderRejected(TradeEvent, frozen=True, kw_only=True):
    """The broker will not have the order."""

    order_id: str
    client_ref: str
    reason: str


class OrderCancelRequested(TradeEvent, frozen=True, kw_only=True):
    """We want the order out of the market; it may still fill. ``replaces``: another attempt follows when it is out."""

    order_id: str
    client_ref: str
    reason: str
    replaces: bool = False


class OrderCancelled(TradeEvent, frozen=True, kw_only=True):
    """The broker confirmed that ``unfilled`` will not trade any more."""

    order_id: str
    client_ref: str
    unfilled: int
    reason: str


class OrderUnknown(TradeEvent, frozen=True, kw_only=True):
    """The fate of an order is not proven; it counts as exposure and blocks its like until it is.

    ``absent``: a complete look at the broker found no trace of it. A second one, far enough from it, will decide.
    """

    order_id: str
    client_ref: str
    reason: str
    absent: bool = False


class OrderAbandoned(TradeEvent, frozen=True, kw_only=True):
    """Complete looks at the broker, far enough apart, found no trace of an order in doubt: it never arrived."""

    order_id: str
    client_ref: str
    reason: str


class OrderFilled(TradeEvent, frozen=True, kw_only=True):
    """One trade's share of an execution; an execution id counts once per trade.

    ``position`` is the signed open quantity after it. ``realized_pnl`` is for what it closed, before fees. The price of
    a combo is its net price, below zero for a credit; ``legs`` are what its legs traded at.
    """

    trade_id: str
    position_id: str
    strategy: str
    instrument: str
    side: Side
    qty: int
    price: Decimal
    fee: Decimal
    multiplier: int
    exec_id: str
    order_id: str
    parent_id: str
    client_ref: str
    effect: Effect
    position: int
    realized_pnl: Decimal = ZERO
    legs: tuple[LegPrice, ...] = ()


class FillUnmatched(TradeEvent, frozen=True, kw_only=True):
    """An execution that belongs to no order of ours: trading halts until a person has looked."""

    instrument: str
    side: Side
    qty: int
    price: Decimal
    exec_id: str
    client_ref: str
    reason: str


class BrokerLost(TradeEvent, frozen=True, kw_only=True):
    """The broker cannot be heard; nothing is sent until everything of ours has been compared with what it has."""

    reason: str


class BrokerReconciled(TradeEvent, frozen=True, kw_only=True):
    """The broker is heard again and all that it has of ours is booked; ``orders_in_doubt`` are not settled by that."""

    orders_in_doubt: int = 0


class PositionCompared(TradeEvent, frozen=True, kw_only=True):
    """What we and what the broker hold of a contract (signed) begins to differ, differs otherwise, or agrees again.

    A combo counts with its legs.
    """

    instrument: str
    ours: int
    theirs: int


# --- exits and marks --------------------------------------------------------------------------------------------


class ExitsArmed(TradeEvent, frozen=True, kw_only=True):
    """The exits that guard a position from now on, in place of those before; ``qty`` is what they guard."""

    trade_id: str
    position_id: str
    oca_group: str
    qty: int
    exits: tuple[ArmedExit, ...]


class ExitTriggered(TradeEvent, frozen=True, kw_only=True):
    """An exit's condition came true: on a healthy mark, or at the broker, where ``client_ref`` rested for it."""

    trade_id: str
    position_id: str
    exit_id: str
    kind: ExitKind
    qty: int
    level: float | None = None
    mark: float | None = None
    bid: float | None = None
    ask: float | None = None
    client_ref: str = ""


class ExitHeld(TradeEvent, frozen=True, kw_only=True):
    """A position's exits cannot be judged: the quote is not to be trusted. Said once until it changes."""

    trade_id: str
    position_id: str
    reason: str


class PositionMarked(TradeEvent, frozen=True, kw_only=True):
    """What a position was worth, at a set pace; ``high`` and ``low`` are the best and worst mark since it opened."""

    trade_id: str
    position_id: str
    mark: float
    high: float
    low: float
    bid: float | None = None
    ask: float | None = None


# --- risk -------------------------------------------------------------------------------------------------------


class IntentRefused(TradeEvent, frozen=True, kw_only=True):
    """An intent does not become an order: a limit stands against it, or it speaks of a trade that cannot hold that.

    Every reason is listed. ``trade_id`` is empty where a strategy's new trade was refused as it is, ``instrument``
    where none is known.
    """

    trade_id: str
    strategy: str
    instrument: str
    reasons: tuple[str, ...]


class TradingHalted(TradeEvent, frozen=True, kw_only=True):
    """Entries stop; exits go on."""

    reason: str
    source: str


class TradingResumed(TradeEvent, frozen=True, kw_only=True):
    """Entries may go on; ``answers`` is the halt's reason, as the person who resumed repeated it."""

    answers: str
    source: str


_IN_CATALOGUES = (*CORRECTION_EVENTS, *EXPIRY_EVENTS, *HELD_EVENTS, *SILENCE_EVENTS, *INPUT_EVENTS)

EVENT_TYPES: tuple[type[TradeEvent], ...] = (
    *(kind for kind in TradeEvent.__subclasses__() if kind not in _IN_CATALOGUES),
    *_IN_CATALOGUES,
)
"""What every event is."""
