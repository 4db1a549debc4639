"""What the book does not keep of its days: what was held as the newest began, and how the trades of that day ended.

A position that is held over night has made a part of its profit on an earlier day already. A day is told from the last
marks that the ledger has of before it: what it made is what it realized, and by how much the open P&L moved since then.
So the days of a ledger add up to its whole.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from options import events as e
from options.book import CLOSED_TRADES_KEPT, Book, Day
from options.correction_events import FillCorrected
from options.intent import Outcome
from options.position import Position
from options.trade import Trade
from options.values import ZERO


class Ended(Enum):
    """What a trade brought after fees."""

    WON = "won"
    LOST = "lost"
    EVEN = "even"


PNL_DIGITS = 6
"""Beyond these, what sums of marks say of dollars is noise of the arithmetic."""


@dataclass(frozen=True, slots=True)
class HeldBefore:
    """A position as the day began, in dollars: its open P&L at its last mark, and its profit after fees with that."""

    open_pnl: float
    pnl: float


class DayTally:
    """Follows a book's days. :meth:`take` comes after each event of :data:`ABOUT_DAYS` was folded into the book.

    ``number`` counts the days, from 1; ``open_before`` is the open P&L in dollars as the newest began, ``held_before``
    what it was made of, by position. ``turned_down`` counts the day's signals to which something was to be done
    and was refused, ``not_entered`` the trades that were let go and then rejected or cancelled before anything filled.
    """

    def __init__(self) -> None:
        self.number = 0
        self.open_before = 0.0
        self.held_before: dict[str, HeldBefore] = {}
        self.turned_down = 0
        self.not_entered = 0
        self._day: Day | None = None
        self._ended: Counter[Ended] = Counter()
        self._kept: dict[str, dict[str, Ended]] = {}

    def take(self, book: Book, event: e.TradeEvent) -> None:
        """Look at what an event has made of the book."""
        if isinstance(event, e.SessionOpened):
            if book.day is not self._day:
                self._begin(book)
        elif isinstance(event, e.TradeClosed):
            self._closed(book, event)
        elif isinstance(event, FillCorrected):
            self._corrected(book, event.trade_id)
        elif isinstance(event, e.SignalDecided):
            self.turned_down += event.outcome == Outcome.REFUSED
        elif isinstance(event, e.TradeRejected | e.TradeCancelled):
            trade = book.trade(event.trade_id)
            self.not_entered += trade is not None and bool(trade.activated_ts) and not _has_traded(trade)

    @property
    def closed(self) -> int:
        """How many positions the day has closed that are closed still, by their newest corrections."""
        return self._ended.total()

    def count(self, outcome: Ended) -> int:
        """How many of them ended like that."""
        return self._ended[outcome]

    def made_by(self, position_id: str, pnl: float | None) -> float | None:
        """What the day has made of a position's profit after fees, in dollars; ``None`` while that is not known."""
        before = self.held_before.get(position_id)
        return pnl if pnl is None or before is None else round(pnl - before.pnl, PNL_DIGITS)

    def _begin(self, book: Book) -> None:
        self.number += 1
        self._day = book.day
        self.turned_down = self.not_entered = 0
        self._ended.clear()
        self._kept.clear()
        held = [trade for trade in book.trades.values() if trade.position.qty]
        self.held_before = {trade.position.position_id: _held(trade) for trade in held}
        self.open_before = sum((one.open_pnl for one in self.held_before.values()), 0.0)

    def _closed(self, book: Book, event: e.TradeClosed) -> None:
        gain = event.realized_pnl - event.fees
        self._put(event.trade_id, event.position_id, _outcome(gain > ZERO, gain < ZERO))
        if len(self._kept) > 2 * CLOSED_TRADES_KEPT:  # what the book has let go of is not corrected any more
            self._kept = {name: ended for name, ended in self._kept.items() if book.trade(name) is not None}

    def _corrected(self, book: Book, trade_id: str) -> None:
        trade, ended = book.trade(trade_id), self._kept.get(trade_id, {})
        positions = {} if trade is None else {one.position_id: one for one in trade.positions}
        for position_id in list(ended):
            self._put(trade_id, position_id, _outcome_of(positions.get(position_id)))

    def _put(self, trade_id: str, position_id: str, outcome: Ended | None) -> None:
        """How a position ended, in place of what was known of it; ``None``: it has not ended."""
        ended = self._kept.setdefault(trade_id, {})
        before = ended.pop(position_id, None)
        if before is not None:
            self._ended[before] -= 1
        if outcome is not None:
            ended[position_id] = outcome
            self._ended[outcome] += 1


ABOUT_DAYS = frozenset(
    {e.SessionOpened, e.TradeClosed, FillCorrected, e.SignalDecided, e.TradeRejected, e.TradeCancelled}
)


def _has_traded(trade: Trade) -> bool:
    return any(position.fills for position in trade.positions)


def _held(trade: Trade) -> HeldBefore:
    position = trade.position
    open_pnl = position.open_pnl(trade.multiplier) or 0.0
    return HeldBefore(open_pnl, float(position.realized - position.fees) + open_pnl)


def _outcome_of(position: Position | None) -> Ended | None:
    if position is None or position.qty:
        return None
    return _outcome(position.realized > position.fees, position.realized < position.fees)


def _outcome(won: bool, lost: bool) -> Ended:
    return Ended.WON if won else Ended.LOST if lost else Ended.EVEN
