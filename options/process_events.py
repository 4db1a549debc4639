"""What the process says about itself, and the day that it trades."""

from options.trade_event import TradeEvent


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
    """A trading day began; the limits per day start anew. ``open`` and ``close`` are ISO 8601 UTC.

    ``own_time``: the day is recorded or simulated, and its time is not the clock's.
    """

    day: str
    feed: str
    open: str
    close: str
    own_time: bool = False
