"""Every fact that the ledger can hold.

A :class:`TradeEvent` is frozen and self-contained: folding the events in order gives the state back, with no
strategy code and no marks. On disk each is one JSON line; ``type`` is the class name, decimals are JSON numbers that
read back exactly, fields that hold their default are left out. Each subject has a module of its own, all are
gathered here, and ``docs/ledger.md``, which is made from them, lists every type and field.

Fields shared by many types: ``trade_id`` (``T7``), ``position_id`` (``T7-1``: the first position of trade 7),
``parent_id`` (``P9``), ``order_id`` (``O12``), ``client_ref`` (what the broker is told to call the order),
``instrument`` (a key, see :mod:`options.contract`), ``source`` (the signal, person or rule that wanted it).
"""

from options.broker_events import BrokerLost, BrokerReconciled, FillUnmatched, PositionCompared
from options.correction_events import CORRECTION_EVENTS
from options.exit_events import ExitHeld, ExitsArmed, ExitTriggered, PositionMarked
from options.expiry_events import EXPIRY_EVENTS
from options.held_events import HELD_EVENTS
from options.input_events import INPUT_EVENTS
from options.order_events import (
    OrderAbandoned,
    OrderAccepted,
    OrderCancelled,
    OrderCancelRequested,
    OrderFilled,
    OrderRejected,
    OrderSubmitRequested,
    OrderUnknown,
    ParentOrderClosed,
    ParentOrderHurried,
    ParentOrderOpened,
)
from options.process_events import (
    BatchVoided,
    LedgerRepaired,
    ProcessStarted,
    ProcessStopped,
    RecoveryCompleted,
    SessionOpened,
)
from options.risk_events import IntentRefused, TradingHalted, TradingResumed
from options.signal_events import CommandRefused, CommandTaken, SignalAccepted, SignalDecided, SignalRefused
from options.silence_events import SILENCE_EVENTS
from options.trade_event import TradeEvent
from options.trade_events import (
    EntryPutOff,
    IntentDecided,
    TradeActivated,
    TradeCancelled,
    TradeClosed,
    TradeHeld,
    TradeModified,
    TradeRejected,
    TradeSaved,
)

__all__ = [
    "EVENT_TYPES",
    "BatchVoided",
    "BrokerLost",
    "BrokerReconciled",
    "CommandRefused",
    "CommandTaken",
    "EntryPutOff",
    "ExitHeld",
    "ExitTriggered",
    "ExitsArmed",
    "FillUnmatched",
    "IntentDecided",
    "IntentRefused",
    "LedgerRepaired",
    "OrderAbandoned",
    "OrderAccepted",
    "OrderCancelRequested",
    "OrderCancelled",
    "OrderFilled",
    "OrderRejected",
    "OrderSubmitRequested",
    "OrderUnknown",
    "ParentOrderClosed",
    "ParentOrderHurried",
    "ParentOrderOpened",
    "PositionCompared",
    "PositionMarked",
    "ProcessStarted",
    "ProcessStopped",
    "RecoveryCompleted",
    "SessionOpened",
    "SignalAccepted",
    "SignalDecided",
    "SignalRefused",
    "TradeActivated",
    "TradeCancelled",
    "TradeClosed",
    "TradeEvent",
    "TradeHeld",
    "TradeModified",
    "TradeRejected",
    "TradeSaved",
    "TradingHalted",
    "TradingResumed",
]

EVENT_TYPES: tuple[type[TradeEvent], ...] = (
    ProcessStarted,
    RecoveryCompleted,
    ProcessStopped,
    LedgerRepaired,
    BatchVoided,
    SessionOpened,
    SignalAccepted,
    SignalRefused,
    SignalDecided,
    CommandTaken,
    CommandRefused,
    TradeSaved,
    TradeActivated,
    TradeModified,
    TradeHeld,
    TradeCancelled,
    TradeRejected,
    IntentDecided,
    EntryPutOff,
    TradeClosed,
    ParentOrderOpened,
    ParentOrderHurried,
    ParentOrderClosed,
    OrderSubmitRequested,
    OrderAccepted,
    OrderRejected,
    OrderCancelRequested,
    OrderCancelled,
    OrderUnknown,
    OrderAbandoned,
    OrderFilled,
    FillUnmatched,
    BrokerLost,
    BrokerReconciled,
    PositionCompared,
    ExitsArmed,
    ExitTriggered,
    ExitHeld,
    PositionMarked,
    IntentRefused,
    TradingHalted,
    TradingResumed,
    *CORRECTION_EVENTS,
    *EXPIRY_EVENTS,
    *HELD_EVENTS,
    *INPUT_EVENTS,
    *SILENCE_EVENTS,
)
"""What every event is."""
