"""Exits and marks of what is held."""

from options.terms import ArmedExit, ExitKind
from options.trade_event import TradeEvent


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
