"""What every broker does for us, whoever it is."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Protocol

import msgspec

from options.inputs import BrokerReport
from options.order import Order
from options.plan import OrderType, TimeInForce
from options.quote import Quote
from options.values import Micros, Side


class OrderTicket(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the broker is told of an order. ``client_ref`` is ours for life; prices are dollars per unit.

    What one order of an ``oca_group`` trades the broker takes from the others, and cancels what has nothing left.
    """

    client_ref: str
    instrument: str
    side: Side
    qty: int
    order_type: OrderType
    tif: TimeInForce
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    oca_group: str = ""


class Broker(Protocol):
    """A broker as the runner knows it. It answers through :meth:`drain`, never by a return value."""

    name: str
    account: str

    def submit(self, ticket: OrderTicket, at: Micros) -> None:
        """Send an order whose request is durable."""

    def cancel(self, client_ref: str, at: Micros) -> None:
        """Ask for an order to be taken back; it may fill first. A reference that is not live changes nothing."""

    def recover(self, orders: Iterable[Order], at: Micros) -> None:
        """After a start: look for every order that the ledger has as live, and end with a snapshot."""

    def snapshot(self, at: Micros) -> None:
        """Ask for all that the broker has of ours: :meth:`drain` gives a :class:`~options.inputs.BrokerSnapshot`."""

    def drain(self) -> tuple[BrokerReport, ...]:
        """Everything that the broker has said since the last call, in its order."""


class QuotedBroker(Broker, Protocol):
    """A broker that fills on the quotes that we know: it is told of changes and of the session's end."""

    def on_quotes(self, at: Micros, changes: Sequence[tuple[str, Quote]] | None = None, /) -> None:
        """Quotes have changed: these and no others since the last call; without ``changes`` any may have."""

    def on_close(self) -> None:
        """The session is over."""
