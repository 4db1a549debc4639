"""The facts of a silence: a position of which no mark is heard, so that its exits by price cannot come true."""

from options.trade_event import TradeEvent

# --- silence ----------------------------------------------------------------------------------------------------


class MarksFellSilent(TradeEvent, frozen=True, kw_only=True):
    """Nothing that can be judged by has been heard of a position's instrument since ``since`` (ISO 8601 UTC).

    Said once, when the silence has lasted too long. Exits by price are blind and nothing is added until it ends; the
    price is what it was, and no exit is due by that. Exits by the clock go on.
    """

    trade_id: str
    position_id: str
    since: str
    reason: str


class MarksReturned(TradeEvent, frozen=True, kw_only=True):
    """A position's instrument is heard of again; it had been silent since ``since`` (ISO 8601 UTC)."""

    trade_id: str
    position_id: str
    since: str


SILENCE_EVENTS: tuple[type[TradeEvent], ...] = (MarksFellSilent, MarksReturned)
