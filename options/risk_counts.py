"""What has been used of the limits: counters that each event moves by itself, so that no check looks at every trade."""

from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from decimal import Decimal

from options.values import ZERO

ORDERS_KEPT = 1_000
"""How many moments of sending are kept; no limit on orders per minute can be above it."""

Entered = tuple[str, str, int]
"""What makes two entries doubles of each other: strategy, instrument, signed quantity."""


@dataclass(slots=True)
class StrategyDay:
    """One strategy's day, as :class:`DayCounts` has everybody's. ``made`` is realized P&L less fees, in dollars.

    What an order filled is in ``premium_bought``, what it may still fill in ``premium_in_flight``: nothing is in both.
    """

    orders: int = 0
    trades: int = 0
    premium_bought: Decimal = ZERO
    premium_in_flight: Decimal = ZERO
    made: Decimal = ZERO

    @property
    def premium_used(self) -> Decimal:
        """Dollars of premium that were bought or are on their way."""
        return self.premium_bought + self.premium_in_flight


@dataclass(slots=True)
class DayCounts:
    """The counts that start anew with each trading day.

    ``orders`` counts every order that was sent, exits too; ``trades`` those that went for their entry. ``premium_used``
    is the sum of what :class:`StrategyDay` has of it. ``entered`` is when each entry was last sent (ISO 8601 UTC), and
    for which trade.
    """

    orders: int = 0
    trades: int = 0
    premium_used: Decimal = ZERO
    by_strategy: defaultdict[str, StrategyDay] = field(default_factory=lambda: defaultdict(StrategyDay))
    entered: dict[Entered, tuple[str, str]] = field(default_factory=dict)

    def copy(self) -> "DayCounts":
        """Counts of its own that stand where these stand."""
        by_strategy = self.by_strategy.copy()
        for strategy, of_strategy in by_strategy.items():
            by_strategy[strategy] = replace(of_strategy)
        return replace(self, by_strategy=by_strategy, entered=dict(self.entered))


@dataclass(slots=True)
class RiskCounts:
    """The counts that outlive a day.

    ``held`` and ``entering`` are contracts by instrument, whatever their side: in positions, and in orders that may
    still open or add. ``rejections`` counts orders that the broker refused in a row. ``submitted`` holds the moments at
    which the newest orders went out (ISO 8601 UTC).
    """

    held: dict[str, int] = field(default_factory=dict)
    entering: dict[str, int] = field(default_factory=dict)
    rejections: int = 0
    submitted: deque[str] = field(default_factory=lambda: deque(maxlen=ORDERS_KEPT))

    def on(self, instrument: str) -> int:
        """Contracts of an instrument that are held or on their way in."""
        return self.held.get(instrument, 0) + self.entering.get(instrument, 0)

    def copy(self) -> "RiskCounts":
        """Counts of its own that stand where these stand."""
        return replace(
            self, held=dict(self.held), entering=dict(self.entering), submitted=self.submitted.copy()
        )
