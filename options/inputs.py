"""Everything that can reach the core. Each input is decided on once and leaves its events in the ledger."""

from decimal import Decimal

import msgspec

from options.commands import Command
from options.intent import Decision
from options.quote import Quote
from options.signal import Signal
from options.terms import LegPrice
from options.values import Micros, Side


class SessionBegan(msgspec.Struct, frozen=True):
    """A trading day begins; ``open`` and ``close`` are microseconds UTC. ``own_time``: it does not go by the clock."""

    day: str
    feed: str
    open: Micros
    close: Micros
    own_time: bool = False


class SignalArrived(msgspec.Struct, frozen=True, gc=False):
    """A well-formed signal; ``where`` is its file and line or its channel, ``line`` a digest of what stood there."""

    signal: Signal
    where: str
    line: str = ""


class SignalUnreadable(msgspec.Struct, frozen=True):
    """Something that was sent as a signal and is none, with every reason."""

    where: str
    reasons: tuple[str, ...]
    signal_id: str = ""
    excerpt: str = ""
    line: str = ""


class SignalAnswered(msgspec.Struct, frozen=True, gc=False):
    """A strategy's decision on a signal that was accepted."""

    signal_id: str
    decision: Decision


class MarketMoved(msgspec.Struct, frozen=True, gc=False):
    """Everything that became known of the market at one moment, by instrument key."""

    changes: list[tuple[str, Quote]]


class ClockTicked(msgspec.Struct, frozen=True):
    """Time passed; what is due by the clock is looked at."""


class ExpiryReached(msgspec.Struct, frozen=True):
    """Contracts are settled: their keys, and the price of each underlying that settles them, where one is known."""

    contracts: tuple[str, ...]
    underlyings: tuple[tuple[str, Decimal], ...]


class OrderAcceptedReport(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """The broker has an order."""

    client_ref: str
    broker_order_id: str
    venue: str


class OrderRejectedReport(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """The broker will not have an order."""

    client_ref: str
    reason: str


class OrderCancelledReport(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """The broker proved that the rest of an order will not trade; ``by_group``: another of its group has traded."""

    client_ref: str
    reason: str
    by_group: bool = False


class ExecutionReport(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """The broker traded for us. ``fee`` is in dollars for this execution; a combo lists what its legs traded at."""

    client_ref: str
    exec_id: str
    broker_order_id: str
    venue: str
    instrument: str
    side: Side
    qty: int
    price: Decimal
    fee: Decimal
    legs: tuple[LegPrice, ...] = ()


class OrderReducedReport(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """The broker made an order smaller, as another of its group traded: it is for ``qty`` contracts in all now."""

    client_ref: str
    qty: int


class StopElectedReport(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """The price of a stop order was met: from now on it trades as any other order does."""

    client_ref: str


class AssignmentReport(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The broker has taken contracts away: short ones that were assigned, or long ones that were ``exercised``.

    ``instrument`` is the option's key, ``qty`` contracts above zero; an ``assignment_id`` counts once. ``underlying``
    is the price of the underlying then, where the broker tells it: it divides the profit between option and shares.
    """

    assignment_id: str
    instrument: str
    qty: int
    exercised: bool = False
    underlying: Decimal | None = None


class CommandGiven(msgspec.Struct, frozen=True, gc=False):
    """A person steers: see :mod:`options.commands`."""

    command: Command


class OrderInDoubtReport(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The broker's answer about an order proves nothing, neither that it has it nor that it has not."""

    client_ref: str
    reason: str


class BrokerLostReport(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The broker cannot be heard any more: what it did with our orders since then is not known."""

    reason: str


class OpenOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that rests at the broker."""

    client_ref: str
    broker_order_id: str
    venue: str


class CompletedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is over at the broker; ``filled`` contracts of it traded."""

    client_ref: str
    rejected: bool
    filled: int
    reason: str


class BrokerSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Everything that the broker has of ours, as it stood at one moment after ``asked_at`` (microseconds UTC).

    Only a ``complete`` one proves that something is absent. ``positions`` are signed contracts by instrument key;
    ``None`` where the broker keeps none of its own.
    """

    complete: bool
    asked_at: Micros
    open_orders: tuple[OpenOrder, ...]
    executions: tuple[ExecutionReport, ...] = ()
    completed: tuple[CompletedOrder, ...] = ()
    positions: dict[str, int] | None = None


OrderReport = (
    OrderAcceptedReport
    | OrderRejectedReport
    | OrderCancelledReport
    | OrderReducedReport
    | StopElectedReport
    | ExecutionReport
)
BrokerReport = OrderReport | OrderInDoubtReport | BrokerLostReport | BrokerSnapshot | AssignmentReport


class BrokerReported(msgspec.Struct, frozen=True, gc=False):
    """What the broker said since it was last heard, in its order."""

    reports: tuple[BrokerReport, ...]


Input = (
    SessionBegan
    | SignalArrived
    | SignalUnreadable
    | SignalAnswered
    | MarketMoved
    | ClockTicked
    | ExpiryReached
    | CommandGiven
    | BrokerReported
    | CommandGiven
)
