"""Orders, from the commitment to each execution."""

from decimal import Decimal

from options.plan import OrderType, TimeInForce
from options.terms import Approval, Effect, LegPrice, ParentStatus, Schedule, Share
from options.trade_event import TradeEvent
from options.values import ZERO, Side


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
    ``asks``: the broker contradicts itself; if it does not say more, only a person can settle it.
    """

    order_id: str
    client_ref: str
    reason: str
    absent: bool = False
    asks: bool = False


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
