"""The broker as a whole: executions of nobody's orders, a lost connection, positions compared."""

from decimal import Decimal

from options.trade_event import TradeEvent
from options.values import Side


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
