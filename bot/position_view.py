"""What is shown of one position: everything a card needs, frozen, taken from the book and the position's fills."""

from dataclasses import dataclass
from decimal import Decimal

from options.lifecycle import OrderStatus, TradeStatus
from options.terms import ArmedExit, Effect, ExitKind
from options.values import ZERO, Side

HISTORY_FIRST = 8
"""Of a long history the first lines that are kept."""
HISTORY_LAST = 24
"""Of a long history the newest lines that are kept."""


@dataclass(frozen=True, slots=True)
class FillLine:
    """The fills of one order on one position, as one line: ``price`` is their average in dollars.

    ``was`` is the quantity and the average as they were told before the broker corrected them; ``qty`` is 0 where all
    of it was taken back. ``by`` is who or what wanted it, empty for an entry.
    """

    effect: Effect
    side: Side
    qty: int
    price: Decimal
    ts: str
    order_id: str
    fills: int = 1
    was: tuple[int, Decimal] | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """A position at one moment.

    ``qty`` is signed and open now, ``qty_in`` what was ever entered, ``cost_in`` its price in dollars (below zero for a
    combo's credit). ``entry_average`` and ``exit_average`` are dollars per unit. ``realized`` is before ``fees``.
    ``mark``, ``bid`` and ``ask`` are the newest that an event carried, ``high`` and ``low`` the marks' range so far.
    ``history`` is oldest first, ``history_left_out`` the lines that were dropped from its middle. ``refusals`` says why
    a trade was rejected or cancelled, or its intent refused.
    """

    position_id: str
    trade_id: str
    strategy: str
    instrument: str
    symbol: str
    direction: int
    qty_planned: int
    multiplier: int
    order_status: OrderStatus
    trade_status: TradeStatus
    source: str
    reason: str
    as_of: str
    qty: int = 0
    qty_in: int = 0
    cost_in: Decimal = ZERO
    entry_average: Decimal | None = None
    exit_average: Decimal | None = None
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    open_pnl: float | None = None
    mark: float | None = None
    bid: float | None = None
    ask: float | None = None
    high: float | None = None
    low: float | None = None
    saved_ts: str = ""
    opened_ts: str = ""
    closed_ts: str = ""
    exits: tuple[ArmedExit, ...] = ()
    held_reason: str = ""
    put_off: str = ""
    unguarded: str = ""
    closing_kind: str = ""
    closing_reason: str = ""
    refusals: tuple[str, ...] = ()
    history: tuple[FillLine, ...] = ()
    history_left_out: int = 0

    @property
    def closed(self) -> bool:
        """True when the position is over, or never came to be."""
        return bool(self.closed_ts)

    @property
    def pnl(self) -> float | None:
        """Realized and open profit after fees in dollars; ``None`` while what is open has no mark."""
        booked = float(self.realized - self.fees)
        if not self.qty:
            return booked if self.qty_in else None
        return None if self.open_pnl is None else booked + self.open_pnl

    @property
    def pnl_fraction(self) -> float | None:
        """Profit after fees as a fraction of what everything that was entered cost."""
        return None if self.pnl is None or not self.cost_in else self.pnl / abs(float(self.cost_in))

    @property
    def pnl_each(self) -> float | None:
        """Profit after fees per unit that was entered, in dollars."""
        return None if self.pnl is None or not self.qty_in else self.pnl / self.qty_in

    def stop_levels(self) -> tuple[float, ...]:
        """The prices at which stops and trailing stops would take the position out, nearest first."""
        levels = [
            level
            for level in (self.trigger_level(armed) for armed in self.exits if armed.kind in _STOPS)
            if level is not None
        ]
        return tuple(sorted(levels, reverse=self.direction > 0))

    def target_levels(self) -> tuple[float, ...]:
        """The prices of the armed targets, nearest first."""
        levels = [
            float(armed.level)
            for armed in self.exits
            if armed.kind is ExitKind.TARGET and armed.level is not None
        ]
        return tuple(sorted(levels, reverse=self.direction < 0))

    def best_mark(self, armed: ArmedExit) -> float | None:
        """The best mark that a trailing exit has seen: where it started from, or what was recorded since."""
        seen = [
            mark for mark in (armed.water, self.high if self.direction > 0 else self.low) if mark is not None
        ]
        if not seen:
            return None
        return max(seen) if self.direction > 0 else min(seen)

    def trigger_level(self, armed: ArmedExit) -> float | None:
        """The price at which an exit goes off as far as the recorded marks tell; ``None`` for exits by time."""
        if armed.trail is None and armed.trail_amount is None:
            return None if armed.level is None else float(armed.level)
        best = self.best_mark(armed)
        if best is None:
            return None
        if armed.trail_amount is not None:
            return round(best - self.direction * float(armed.trail_amount), _LEVEL_DIGITS)
        return round(best * (1.0 - self.direction * float(armed.trail or 0)), _LEVEL_DIGITS)


_STOPS = frozenset({ExitKind.STOP, ExitKind.TRAILING})
_LEVEL_DIGITS = 6
"""Beyond these a level that follows from a mark is noise of the arithmetic: 8.475000000000001 is 8.475."""
