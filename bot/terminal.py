"""The terminal as a place where cards are shown: a live picture of the day, or sparse lines where none can be drawn.

A reader of the ledger like any other. Taking an event in costs a fold and an append; pictures are made at most ten
times a second of the wall clock, so that a replay at full speed does not wait for its display.
"""

from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bot.card import Card
from bot.card_book import CardBook
from bot.card_text import new_york_clock, safe_text
from bot.event_text import describe
from bot.notifier import CursorStore, Notifier
from bot.position_view import PositionView
from bot.terminal_panels import card_panel, equity_line, events_list, header, positions_table
from options import events as e
from options.correction_events import FillCorrected
from options.expiry_events import ContractsAssigned, LegSettled, PositionDelivered
from options.input_events import InputFailed, InputSetAside, StrategyStalled
from options.silence_events import MarksFellSilent, MarksReturned
from options.values import MINUTE, Micros, from_iso, to_iso

READER = "terminal"
REFRESH_S = 0.1
DRAWING_SHARE_MAX = 0.04
"""Of the wall time, what drawing may take: a slow terminal is drawn less often, and the replay does not wait."""
_CLOSED_SHOWN = 5
_CARDS_SHOWN = 2
_CARD_WIDTH = 60
_EVENTS_SHOWN = 10
_WIDE = 100
_BESIDE = 150
_HEADER_LINES = 5
_PLAIN_EVERY: Micros = 60 * MINUTE
_CARD_LINES = 18

_Shown = TypeVar("_Shown")

# What a watcher wants to read of; the rest of the ledger is how it came about.
_TOLD = frozenset({
    e.SessionOpened, e.SignalAccepted, e.SignalRefused, e.SignalDecided, e.OrderFilled, e.OrderRejected,
    e.OrderUnknown, e.OrderAbandoned, e.FillUnmatched, e.ExitTriggered, e.ExitHeld, e.EntryPutOff, e.TradeClosed,
    e.TradeRejected, e.TradeCancelled, e.IntentRefused, e.TradingHalted, e.TradingResumed, e.RecoveryCompleted,
    e.LedgerRepaired, e.BatchVoided, LegSettled, PositionDelivered, FillCorrected, ContractsAssigned, MarksFellSilent,
    MarksReturned, InputFailed, InputSetAside, StrategyStalled,
})  # fmt: skip
_TOLD_PLAINLY = frozenset({
    e.SessionOpened, e.OrderFilled, e.TradeClosed, e.TradeRejected, e.FillUnmatched, e.TradingHalted,
    e.TradingResumed, e.RecoveryCompleted, e.LedgerRepaired, e.BatchVoided, LegSettled, PositionDelivered,
    FillCorrected, ContractsAssigned, InputFailed, InputSetAside, StrategyStalled,
})  # fmt: skip


class Terminal:
    """Shows a running day; use it in a ``with``, so that the terminal is given back in good order.

    ``clock`` gives wall time in seconds. ``live`` chooses the picture or the lines; by default a terminal gets the
    picture. Feed it whole batches by :meth:`take` and, where time passes without events, the time by :meth:`at`.
    """

    def __init__(
        self, console: Console, clock: Callable[[], float], cursors: CursorStore, live: bool | None = None
    ) -> None:
        self.cards = CardBook()
        self.tally = self.cards.tally
        self.pictures = 0
        self._closed_down = False
        self._console = console
        self._clock = clock
        self._cursor = cursors.get(READER)
        self._notifier = Notifier(self.cards, self, cursors, READER)
        wanted = console.is_terminal and not console.is_dumb_terminal if live is None else live
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop") if wanted else None
        self._next_picture = 0.0
        self._taken = 0
        self._now: Micros = 0
        self._hours: tuple[Micros, Micros] = (0, 0)
        self._next_line: Micros = 0
        self._told_at: Micros = 0
        self._events: deque[e.TradeEvent] = deque(maxlen=_EVENTS_SHOWN)
        self._newest: dict[str, Card] = {}
        self._closed: dict[str, PositionView] = {}

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        elif self._live is not None:
            self._live.stop()

    def close(self) -> None:
        """Show the newest once more and give the terminal back. Closing twice is allowed."""
        if not self._closed_down:
            self._closed_down = True
            self.refresh(force=True)
            if self._live is not None:
                self._live.stop()

    def take(self, first_seq: int, events: Sequence[e.TradeEvent]) -> None:
        """Take one whole batch in, and draw if it is time."""
        for seq, event in enumerate(events, first_seq):
            self._notifier.take(seq, event)
            self._taken = seq
            if isinstance(event, e.SessionOpened):
                self._hours = (from_iso(event.open), from_iso(event.close))
                self._next_line = self._hours[0] + _PLAIN_EVERY
            if seq > self._cursor and type(event) in _TOLD:
                self._tell(event)
        if first_seq + len(events) - 1 > self._cursor:
            self.at(from_iso(events[-1].ts))

    def at(self, now: Micros) -> None:
        """Market time has come to ``now`` (microseconds UTC); draw if it is time.

        Nothing is drawn before all that was shown by an earlier run is taken in again: its sums would be half of them.
        """
        if self._taken < self._cursor:
            return
        self._now = max(self._now, now)
        if self._live is None:
            self._line()
        elif self._clock() >= self._next_picture:
            self.refresh()

    def show(self, position_id: str, card: Card, closed: bool) -> None:
        """Keep the newest card of the newest positions to be drawn; a closed one stays in the table for a while."""
        _put_last(self._newest, position_id, card, _CARDS_SHOWN)
        self._closed.pop(position_id, None)
        if closed:
            _put_last(self._closed, position_id, self.cards.view(position_id), _CLOSED_SHOWN)

    def refresh(self, *, force: bool = False) -> None:
        """Hand the newest cards on and draw, unless there is no picture to be drawn on.

        With ``force`` a plain terminal gets its line too.
        """
        self._notifier.flush()
        if self._live is not None:
            started = self._clock()
            self._live.update(self.picture(), refresh=True)
            self.pictures += 1
            ended = self._clock()
            self._next_picture = started + max(REFRESH_S, (ended - started) / DRAWING_SHARE_MAX)
        elif force and self._now > self._told_at:
            self._tell_money()

    def picture(self) -> RenderableType:
        """The whole display as it is now, for the console's width and height."""
        size = self._console.size
        views = [view for view in map(self.cards.view, self.cards.position_ids()) if not view.closed]
        room = max(size.height - _HEADER_LINES - 2, 8)
        rows = [*self._closed.values(), *views][-max(room // 2 - 2, 3) :]
        events = events_list(list(self._events)[-max(room - len(rows) - 3, 2) :])
        beside = size.width >= _BESIDE
        table = positions_table(rows, size.width - _CARD_WIDTH - 1 if beside else size.width)
        top = header(*self._day(), self._through(), self._equity())
        cards = [card_panel(card) for card in reversed(self._newest.values())]
        if beside:
            newest = Group(*cards[: room // _CARD_LINES or 1])
            return Group(top, _columns(Group(table, Text(), events), newest, _CARD_WIDTH))
        if room - len(rows) - 3 < _CARD_LINES or not cards:
            return Group(top, table, Text(), events)
        if size.width >= _WIDE:
            return Group(top, table, Text(), _columns(events, cards[0]))
        below = room - len(rows) - len(self._events) - 4
        return Group(top, table, Text(), events, *cards[: below >= _CARD_LINES])

    def _day(self) -> tuple[str, str, str]:
        day = self.cards.book.day
        return safe_text(day.feed, 40), safe_text(day.day, 20), new_york_clock(to_iso(self._now))

    def _through(self) -> float:
        start, end = self._hours
        return min(max((self._now - start) / (end - start), 0.0), 1.0) if end > start else 0.0

    def _equity(self) -> Text:
        totals, before = self.cards.book.totals, self.cards.book.day.totals_before
        views = list(map(self.cards.view, self.cards.position_ids()))
        open_pnl = sum(view.open_pnl or 0.0 for view in views)
        count = sum(view.qty != 0 for view in views)
        booked = (totals.realized - before.realized, totals.fees - before.fees)
        carried = self.tally.open_before if self.tally.held_before else None
        return equity_line(*booked, open_pnl, count, self.cards.book.halt_reason, carried)

    def _tell(self, event: e.TradeEvent) -> None:
        self._events.append(event)
        if self._live is None and type(event) in _TOLD_PLAINLY:
            self._console.print(Text(f"{new_york_clock(event.ts)}  {describe(event)}"), soft_wrap=True)

    def _line(self) -> None:
        """Where there is no picture: the money once an hour of the session, and the cursor on its way."""
        if not self._next_line <= self._now <= self._hours[1]:
            return
        self._next_line += ((self._now - self._next_line) // _PLAIN_EVERY + 1) * _PLAIN_EVERY
        self._notifier.flush()
        self._tell_money()

    def _tell_money(self) -> None:
        self._told_at = self._now
        line = Text(f"{new_york_clock(to_iso(self._now))}  {self._through():4.0%}  ")
        self._console.print(line.append_text(self._equity()), soft_wrap=True)


def _put_last(kept: dict[str, _Shown], position_id: str, shown: _Shown, most: int) -> None:
    """Put what is shown of a position behind all else; beyond the ``most`` the oldest goes."""
    kept.pop(position_id, None)
    kept[position_id] = shown
    while len(kept) > most:
        del kept[next(iter(kept))]


def _columns(left: RenderableType, right: RenderableType, right_width: int | None = None) -> RenderableType:
    """Two things beside each other, in halves if the one to the right has no width of its own."""
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1)
    grid.add_column(ratio=None if right_width else 1, width=right_width)
    grid.add_row(left, right)
    return grid
