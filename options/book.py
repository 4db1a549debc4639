"""The state: everything that the ledger's events add up to.

A :class:`Book` is changed by :func:`options.fold.apply` alone, and it is the same for the same events. What is over
leaves the working set: a bounded number of closed trades and finished orders is kept so that a late execution finds
its trade, and only totals remain of the rest. ``forgotten_executions`` are the day's executions of orders that are kept
no more: a broker that lists its whole day again tells nothing new with them.
``trades_on`` counts the trades that are in the market or on their way there; ``fill_count`` every fill that was booked.
``failed_inputs`` are the inputs at which deciding failed, each with what was raised; ``set_aside`` those that are not
decided on any more. ``stalled`` says where a strategy (first) was at a signal (second) to which it gave no answer.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from options.events import SignalAccepted
from options.order import Order, ParentOrder
from options.risk_counts import DayCounts, RiskCounts
from options.terms import ParentStatus
from options.trade import Trade
from options.values import ZERO, Micros

# What is kept is also what every recovery drags through the processor's cache: 100 and 400 made it 9% quicker, four
# times as much 15% slower. A correction whose trade is gone halts trading, so a busy day has to fit in with room.
CLOSED_TRADES_KEPT = 250
FINISHED_ORDERS_KEPT = 1_000


@dataclass(slots=True)
class Totals:
    """Sums over everything that was ever folded."""

    events: int = 0
    signals_accepted: int = 0
    signals_refused: int = 0
    signals_used: int = 0
    signals_ignored: int = 0
    trades_opened: int = 0
    trades_closed: int = 0
    trades_won: int = 0
    fills: int = 0
    contracts: int = 0
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    cash: Decimal = ZERO


@dataclass(slots=True)
class Day:
    """The trading day that is on: its session (ISO 8601 UTC) and what has been used of the limits per day.

    ``totals_before`` are the book's sums (but for ``events``) as they stood when the day began; ``opens_at`` and
    ``closes_at`` are ``open`` and ``close`` in microseconds. ``own_time``: the day does not go by the clock.
    """

    day: str = ""
    feed: str = ""
    open: str = ""
    close: str = ""
    opens_at: Micros = 0
    closes_at: Micros = 0
    own_time: bool = False
    ended: bool = False
    counts: DayCounts = field(default_factory=DayCounts)
    totals_before: Totals = field(default_factory=Totals)

    def is_open(self, at: Micros) -> bool:
        """Whether orders can be sent at ``at``: a session was opened, and it is within its hours."""
        return self.opens_at <= at < self.closes_at

    def is_heard(self, at: Micros) -> bool:
        """Whether a mark of ``at`` is one of the session, that of the closing bell included."""
        return self.opens_at <= at <= self.closes_at

    def made(self, totals: Totals) -> Decimal:
        """Dollars that the day has made so far: realized, less fees; below zero for a loss."""
        before = self.totals_before
        return totals.realized - before.realized - totals.fees + before.fees

    @property
    def premium_bought(self) -> Decimal:
        """Dollars of premium that the day's entries have paid."""
        return sum((one.premium_bought for one in self.counts.by_strategy.values()), ZERO)

    @property
    def premium_in_flight(self) -> Decimal:
        """Dollars of premium that the orders on their way may use."""
        return sum((one.premium_in_flight for one in self.counts.by_strategy.values()), ZERO)

    @property
    def premium_used(self) -> Decimal:
        """Dollars of premium that count against the limit per day: bought, or on its way."""
        return self.counts.premium_used


@dataclass(slots=True)
class Book:
    """The working set, by id. Dictionaries keep the order of arrival, which is the order of the ledger."""

    trades: dict[str, Trade] = field(default_factory=dict)
    parents: dict[str, ParentOrder] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    by_instrument: dict[str, dict[str, Trade]] = field(default_factory=dict)
    by_idea: dict[tuple[str, str], dict[str, Trade]] = field(default_factory=dict)
    waiting_for: dict[str, list[str]] = field(default_factory=dict)
    closed_trades: dict[str, Trade] = field(default_factory=dict)
    finished_parents: dict[str, ParentOrder] = field(default_factory=dict)
    order_of_ref: dict[str, Order] = field(default_factory=dict)
    finished_refs: deque[str] = field(default_factory=deque)
    forgotten_executions: set[str] = field(default_factory=set)
    signal_ids: set[str] = field(default_factory=set)
    signals_of_day: set[str] = field(default_factory=set)
    refused_at: dict[str, str] = field(default_factory=dict)
    command_ids: set[str] = field(default_factory=set)
    undecided: dict[str, SignalAccepted] = field(default_factory=dict)
    trades_on: int = 0
    trade_count: int = 0
    parent_count: int = 0
    order_count: int = 0
    fill_count: int = 0
    account: str = ""
    settings_hash: str = ""
    last_ts: str = ""
    last_cause: str = ""
    halt_reason: str = ""
    broker_lost: bool = False
    unmatched: set[str] = field(default_factory=set)
    assignments: set[str] = field(default_factory=set)
    disagreements: dict[str, int] = field(default_factory=dict)
    accepted_differences: dict[str, int] = field(default_factory=dict)
    failed_inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    set_aside: set[str] = field(default_factory=set)
    stalled: dict[tuple[str, str], str] = field(default_factory=dict)
    risk: RiskCounts = field(default_factory=RiskCounts)
    day: Day = field(default_factory=Day)
    totals: Totals = field(default_factory=Totals)

    def trade(self, trade_id: str) -> Trade | None:
        """An open trade, or one of those that closed lately."""
        return self.trades.get(trade_id) or self.closed_trades.get(trade_id)

    def open_trades(self) -> list[Trade]:
        """Every trade that is not over, oldest first."""
        return list(self.trades.values())

    def oldest_first(self, trade_ids: Iterable[str]) -> list[Trade]:
        """The open trades among these, in the order in which they were saved."""
        trades = [self.trades[trade_id] for trade_id in trade_ids if trade_id in self.trades]
        if len(trades) > 1:
            trades.sort(key=lambda trade: trade.number)
        return trades

    def trades_of(self, strategy: str, symbol: str) -> list[Trade]:
        """The open trades of one idea: a strategy on an underlying."""
        return list(self.by_idea.get((strategy, symbol), {}).values())

    def followers_of(self, trade: Trade) -> list[Trade]:
        """The trades that wait for one to be over, in the order in which they began to."""
        return [self.trades[trade_id] for trade_id in self.waiting_for.get(trade.trade_id, ())]

    def parent(self, parent_id: str) -> ParentOrder | None:
        """A working parent order, or one that finished lately."""
        return self.parents.get(parent_id) or self.finished_parents.get(parent_id)

    def in_flight(self, trade: Trade) -> int:
        """Signed contracts that working orders may still fill for a trade; doubt counts as in flight."""
        return sum(self.parents[parent_id].in_flight(trade.trade_id) for parent_id in trade.parent_ids)

    def working_parents(self, trade: Trade) -> list[ParentOrder]:
        """The parent orders that still work for a trade, oldest first."""
        parents = (self.parents[parent_id] for parent_id in trade.parent_ids)
        return [parent for parent in parents if parent.status is ParentStatus.WORKING]

    def last_finished(self, trade: Trade) -> ParentOrder | None:
        """The parent order that ended last of those that worked or rested for a trade, if it is still kept."""
        finished = reversed(self.finished_parents.values())
        return next((parent for parent in finished if trade.trade_id in parent.shares), None)

    def entry_opened_ts(self, trade: Trade) -> str:
        """When the newest order that opens or adds began to be worked for a trade; empty if none is."""
        opens = [one for one in self.working_parents(trade) if one.side is trade.entry_side]
        return max((parent.opened_ts for parent in opens), default="")
