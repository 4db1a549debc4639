"""The fact of a correction: the broker has changed its word on an execution that was counted."""

from decimal import Decimal

from options.terms import LegPrice
from options.trade_event import TradeEvent
from options.values import ZERO, Side

# --- corrections ------------------------------------------------------------------------------------------------


class FillCorrected(TradeEvent, frozen=True, kw_only=True):
    """One trade's share of an execution in its newest revision, in place of what was counted; none is left of a bust.

    ``was_qty``, ``was_price`` and ``was_fee`` are what it said before, under the id ``replaces`` (empty: that is not
    known, this revision came first). From here on all is as if it had been said like this at once: ``position`` is the
    signed open quantity after it, ``realized_pnl`` by how much the trade's profit changes, before fees.
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
    was_qty: int
    was_price: Decimal
    was_fee: Decimal
    exec_id: str
    replaces: str
    order_id: str
    parent_id: str
    client_ref: str
    position: int
    realized_pnl: Decimal = ZERO
    legs: tuple[LegPrice, ...] = ()


CORRECTION_EVENTS: tuple[type[TradeEvent], ...] = (FillCorrected,)
