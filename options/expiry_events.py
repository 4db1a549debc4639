"""The facts of an expiry.

A position whose options expire is closed by an :class:`~options.events.OrderFilled` without an order (its ``exec_id``
begins with ``expiry-``). Before it stands what became of each leg, after it what was left: new trades, each with a
fill of its own. The closing price is the sum of the legs' prices, and whatever is carried on opens at the very price at
which it left, so that the cash of both together is what the exchange moves: the strike.
"""

from decimal import Decimal
from enum import StrEnum

from options.trade_event import TradeEvent


class Settlement(StrEnum):
    """What became of a leg."""

    WORTHLESS = "worthless"
    EXERCISED = "exercised"
    ASSIGNED = "assigned"
    CASH = "settled in cash"
    CARRIED = "carried on"


# --- expiry -----------------------------------------------------------------------------------------------------


class LegSettled(TradeEvent, frozen=True, kw_only=True):
    """What became of one leg of a position whose options expire.

    ``qty`` is the signed number of contracts or shares that were held of ``instrument``; ``price`` is what each was
    closed at, per share: an option's worth at ``underlying``, the price of the underlying that settles it. What does
    not expire is carried on in a trade of its own.
    """

    trade_id: str
    position_id: str
    instrument: str
    qty: int
    outcome: Settlement
    price: Decimal
    underlying: Decimal


class PositionDelivered(TradeEvent, frozen=True, kw_only=True):
    """A new trade holds what an expiry left: shares from exercise or assignment, or a leg that goes on.

    ``from_trade`` is the trade that ended; ``qty`` is signed. A fill at ``price`` follows.
    """

    trade_id: str
    from_trade: str
    instrument: str
    qty: int
    price: Decimal


EXPIRY_EVENTS: tuple[type[TradeEvent], ...] = (LegSettled, PositionDelivered)
