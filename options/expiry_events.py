"""The facts of an expiry, and of assignment or exercise before it.

What of a position ends so is closed by an :class:`~options.events.OrderFilled` without an order (its ``exec_id`` begins
with ``expiry-`` or ``assigned-``). Before it stands what became of each leg, after it what was left: new trades, each
with a fill of its own. The closing price is the sum of the legs' prices, and whatever is carried on opens at the very
price at which it left, so that the cash of both together is what the exchange moves: the strike.
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


# --- expiry and assignment --------------------------------------------------------------------------------------


class ContractsAssigned(TradeEvent, frozen=True, kw_only=True):
    """Contracts were assigned or exercised before they expire; what it does to each trade follows in the same batch.

    ``qty`` is signed as they were held: below zero for short ones, which were assigned. A ``report_id`` counts once;
    ``source`` is the broker or who recorded it; ``underlying`` is the price of the underlying where one was told.
    """

    report_id: str
    instrument: str
    qty: int
    source: str
    underlying: Decimal | None = None


class LegSettled(TradeEvent, frozen=True, kw_only=True):
    """What became of one leg of a position, or of some of its units, whose options expire, or were assigned before.

    ``qty`` is the signed number of contracts or shares that were held of ``instrument``; ``price`` is what each was
    closed at, per share: an option's worth at ``underlying``, the price of the underlying that settles it. What does
    not end is carried on in a trade of its own.
    """

    trade_id: str
    position_id: str
    instrument: str
    qty: int
    outcome: Settlement
    price: Decimal
    underlying: Decimal


class PositionDelivered(TradeEvent, frozen=True, kw_only=True):
    """A new trade holds what the end of options left: shares from exercise or assignment, or a leg that goes on.

    ``from_trade`` is the trade that they left; ``qty`` is signed. A fill at ``price`` follows. That
    trade's exits by price ended with it; those by the clock go on, and a leg is out before its own expiry.
    """

    trade_id: str
    from_trade: str
    instrument: str
    qty: int
    price: Decimal


EXPIRY_EVENTS: tuple[type[TradeEvent], ...] = (ContractsAssigned, LegSettled, PositionDelivered)
