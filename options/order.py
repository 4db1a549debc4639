"""Orders: the commitment (parent), the attempt (order) and what the broker saw of it (child)."""

from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

import msgspec

from options.execution_key import execution_base
from options.plan import OrderType, TimeInForce
from options.terms import ParentStatus, Schedule
from options.values import CENT, ZERO, Side


class OrderState(StrEnum):
    """The life of one execution attempt."""

    NEW = "NEW"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"


NEW, PARTIAL, FILLED, UNKNOWN = OrderState.NEW, OrderState.PARTIAL, OrderState.FILLED, OrderState.UNKNOWN
LIVE_STATES = frozenset({NEW, PARTIAL, UNKNOWN})


class ChildOrder(msgspec.Struct, gc=False):
    """What the broker saw of an order: our reference for it, its own id and venue once it has answered."""

    client_ref: str
    broker_order_id: str = ""
    venue: str = ""

    @property
    def accepted(self) -> bool:
        """True once the broker has said that it has the order."""
        return bool(self.broker_order_id)


class Order(msgspec.Struct, gc=False):
    """One execution attempt under a parent.

    ``premium`` is what it was approved for in dollars; ``executions`` are the ids of those that were counted, each in
    its newest revision; ``absent_ts`` is when a complete look at the broker first found no trace of it. ``opens``: it
    is no exit; ``premium_of`` is then what the day counts of its premium as on its way, by strategy. ``wanted_price``
    is the limit that its schedule wanted, before any was capped. ``asks``: only a person can settle the doubt about it,
    unless the broker says more.

    One that rests as an exit has its ``exit_id`` and its ``oca_group`` at the broker, which takes from ``qty`` what
    another of the group trades; ``elected``: the price of its stop was met.
    """

    order_id: str
    parent_id: str
    instrument: str
    side: Side
    qty: int
    order_type: OrderType
    tif: TimeInForce
    limit_price: Decimal | None
    stop_price: Decimal | None
    submitted_ts: str
    child: ChildOrder
    premium: Decimal
    filled: int = 0
    state: OrderState = OrderState.NEW
    cancel_requested: bool = False
    replaced: bool = False
    absent_ts: str = ""
    last_fill_ts: str = ""
    fees: Decimal = ZERO
    opens: bool = False
    wanted_price: Decimal | None = None
    exit_id: str = ""
    oca_group: str = ""
    elected: bool = False
    premium_of: tuple[tuple[str, Decimal], ...] = ()
    executions: tuple[str, ...] = ()
    asks: bool = False

    @property
    def pending(self) -> int:
        """What may still fill: nothing once the order is over."""
        return self.qty - self.filled if self.state in LIVE_STATES else 0

    @property
    def premium_left(self) -> Decimal:
        """Dollars of its premium that belong to what may still fill; what filled counts as what it cost."""
        left = max(0, self.pending)
        if left == self.qty:
            return self.premium
        return (self.premium * left / self.qty).quantize(CENT, ROUND_HALF_EVEN)

    def count(self, exec_id: str) -> None:
        """Remember that an execution was counted, in the place of what was counted of it before."""
        if self.executions:
            base = execution_base(exec_id)
            others = [one for one in self.executions if execution_base(one) != base]
            self.executions = (*others, exec_id)
        else:
            self.executions = (exec_id,)

    def counted(self, base: str) -> str | None:
        """The newest id under which an execution was counted; ``base`` names it in all its revisions."""
        return next((one for one in self.executions if execution_base(one) == base), None)


class ParentOrder(msgspec.Struct, gc=False):
    """The commitment to meet a requirement; stable through cancel and replace of the orders under it.

    ``shares`` and ``allocated`` are contracts by trade id. One that rests at the broker is a ``bracket`` of a trade's
    exits, and ``due`` once one of them is.
    """

    parent_id: str
    instrument: str
    side: Side
    qty: int
    shares: dict[str, int]
    allocated: dict[str, int]
    schedule: Schedule
    opened_ts: str
    deadline: str = ""
    hurried: bool = False
    bracket: str = ""
    due: bool = False
    status: ParentStatus = ParentStatus.WORKING
    order_ids: tuple[str, ...] = ()

    @property
    def filled(self) -> int:
        """Contracts that its orders, or the house, have filled."""
        return sum(self.allocated.values())

    def in_flight(self, trade_id: str) -> int:
        """Signed contracts that may still fill for a trade."""
        left = self.shares.get(trade_id, 0) - self.allocated.get(trade_id, 0)
        return left * self.side.sign if self.status is ParentStatus.WORKING else 0

    def allocate(self, qty: int) -> list[tuple[str, int]]:
        """Divide an execution among the trades: pro rata to what each still wants, largest remainder, then oldest.

        The parts add up to ``qty``; what nobody wants any more goes to the oldest trade.
        """
        wanted = [
            (trade_id, max(0, share - self.allocated.get(trade_id, 0)))
            for trade_id, share in self.shares.items()
        ]
        if len(wanted) == 1:
            return [(wanted[0][0], qty)]
        total = sum(want for _, want in wanted)
        if qty >= total:
            parts = [want for _, want in wanted]
            parts[0] += qty - total
        else:
            parts = [qty * want // total for _, want in wanted]
            by_remainder = sorted(range(len(wanted)), key=lambda i: (-(qty * wanted[i][1] % total), i))
            for i in by_remainder[: qty - sum(parts)]:
                parts[i] += 1
        return [(trade_id, part) for (trade_id, _), part in zip(wanted, parts, strict=True) if part]
