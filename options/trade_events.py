"""Trades and what they should hold, from saved to closed."""

from decimal import Decimal

from options.plan import AT_MARKET, EntryPlan, ExitOrder, ExitPlan
from options.trade_event import TradeEvent


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


class EntryPutOff(TradeEvent, frozen=True, kw_only=True):
    """It is the turn of a trade that comes after another, and it cannot go in yet. Said once for each reason."""

    trade_id: str
    reason: str


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
