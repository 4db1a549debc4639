"""What a trade's tree is made of: orders, contingent orders, fills, and the whole."""

from dataclasses import dataclass, field
from decimal import Decimal

from options.lifecycle import ContingentStatus
from options.outlook import Outlook
from options.plan import EntryPlan, ExitPlan
from options.terms import ArmedExit, ParentStatus, Schedule
from options.values import Side

HERE = "here"
THERE = "at the broker"
PAST = frozenset({ContingentStatus.FILLED, ContingentStatus.CANCELLED})


@dataclass(slots=True, kw_only=True)
class OrderBranch:
    """One attempt: ``state`` in the order's own words; without ``limit_price`` and ``stop_price`` at the market."""

    order_id: str
    qty: int
    limit_price: Decimal | None
    sent: str
    stop_price: Decimal | None = None
    exit_id: str = ""
    state: str = "NEW"
    at_broker: bool = False
    filled: int = 0


@dataclass(slots=True, kw_only=True)
class ParentBranch:
    """A parent order that serves the trade with ``share`` of its ``qty``; ``by`` is who or what wanted it."""

    parent_id: str
    side: Side
    qty: int
    share: int
    opens: bool
    schedule: Schedule
    opened: str
    bracket: str = ""
    status: ParentStatus = ParentStatus.WORKING
    filled: int = 0
    reason: str = ""
    by: str = ""
    orders: list[OrderBranch] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ExitBranch:
    """A contingent order: its group, its status beside the trade's, where it is held, and the entry it belongs to.

    ``parent_id`` is the parent order that it led to, ``entry_id`` the one that brought in what it guards; ``resting``
    are its orders at the broker.
    """

    exit_id: str
    armed: ArmedExit
    oca_group: str
    status: ContingentStatus
    held: str = HERE
    parent_id: str = ""
    entry_id: str = ""
    resting: list[OrderBranch] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class FillBranch:
    """An execution's part that is this trade's, in its newest revision; ``was_…`` is what was told first."""

    ts: str
    side: Side
    qty: int
    price: Decimal
    fee: Decimal
    effect: str
    order_id: str
    parent_id: str
    realized: Decimal
    exec_id: str = ""
    was_qty: int | None = None
    was_price: Decimal | None = None


@dataclass(slots=True, kw_only=True)
class TradeTree:
    """A trade as the ledger has it. Money in dollars; ``realized`` is before ``fees``, ``qty`` is signed.

    ``best`` is the best mark that was recorded of what is held; ``ended`` is why nothing came of it.
    ``outlook`` is what holding to expiry can come to: what is held at its average, else the plan at its limit.
    """

    trade_id: str
    strategy: str
    instrument: str
    direction: int
    qty_planned: int
    order_status: str
    trade_status: str
    source: str
    reason: str
    entry: EntryPlan
    exit_plan: ExitPlan
    qty: int
    average: Decimal | None
    mark: float | None
    open_pnl: float | None
    best: float | None
    outlook: Outlook | None
    realized: Decimal
    fees: Decimal
    held_reason: str
    put_off: str
    unguarded: str
    ended: str
    as_of: str
    parents: list[ParentBranch]
    exits: list[ExitBranch]
    fills: list[FillBranch]
