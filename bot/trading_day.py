"""One day of a feed through the runner: from wherever the ledger stands to the close.

Inputs come in one order, whatever interrupts them: at each moment first the market, then signals. So a run that was
killed takes up the feed again from the start, lets everything before its last event pass in silence, and goes on.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, takewhile

from bot.door.protocol import command_cause
from bot.expiries import DayExpiries
from bot.feeds.market import MarketFeed, MarketSlice
from bot.moment_words import in_new_york
from bot.runner import Runner, cause_of
from bot.sessions import end_of_day, last_session
from options.book import Book
from options.commands import Command
from options.events import ProcessStarted, ProcessStopped, RecoveryCompleted, TradeEvent
from options.execution.port import QuotedBroker
from options.inputs import (
    ClockTicked,
    CommandGiven,
    MarketMoved,
    SessionBegan,
    SignalArrived,
    SignalUnreadable,
)
from options.order import OrderState
from options.order_manager import OptionsOrderManager
from options.set_aside import input_names
from options.values import Micros, from_iso, to_iso
from strategies.base import MarketView

SESSION, INTAKE, MARKET, CLOSE, BROKER = "session", "intake", "market", "close", "broker"
CLOCK = "clock"
_LOOKS_AFTER_CLOSE = 4


class WrongOrder(Exception):
    """A feed's day lies before what the ledger already holds."""


class Ending(StrEnum):
    """How a run over a day came to its end."""

    DAY_ENDED = "the day ended"
    STOPPED = "stopped on request"
    ALREADY_ENDED = "the ledger already holds the whole day"


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """Who runs: what is written down when a process takes the ledger."""

    version: str
    settings_hash: str


class TradingDay:
    """A feed's day and the signals for it. ``pace`` is called with each moment before it is gone through."""

    def __init__(
        self,
        runner: Runner,
        broker: QuotedBroker,
        feed: MarketFeed,
        signals: Sequence[SignalArrived | SignalUnreadable],
        identity: RunIdentity,
        *,
        pace: Callable[[Micros], None],
        stopping: Callable[[], bool],
    ) -> None:
        self._runner = runner
        self._broker = broker
        self._feed = feed
        self._identity = identity
        self._pace = pace
        self._stopping = stopping
        self._manager = runner.desk.manager
        self._book = runner.desk.manager.book
        self._unreadable = [item for item in signals if isinstance(item, SignalUnreadable)]
        arrived = [item for item in signals if isinstance(item, SignalArrived)]
        self._arrived = sorted(arrived, key=lambda item: item.signal.ts)
        self._day_is_over = end_of_day(feed.session.day)
        self._expiries = DayExpiries(runner, feed.session)
        self._seen: Counter[str] = Counter()
        self._at: Micros = 0

    def run(self) -> Ending:
        """Go through the day, from its start or from where the ledger stands.

        :raises WrongOrder: the ledger has gone past the day's open with another feed.
        """
        session, book = self._feed.session, self._book
        resuming = (book.day.feed, book.day.day) == (self._feed.name, session.day.isoformat())
        if resuming and book.day.ended:
            return Ending.ALREADY_ENDED
        last = from_iso(book.last_ts) if book.last_ts else 0
        if last > session.open and not resuming:
            raise WrongOrder(
                in_new_york(
                    f"the ledger ends at {book.last_ts}, after {self._feed.name} opens ({to_iso(session.open)}); "
                    "replay days in order, or into another data folder"
                )
            )
        slices = self._feed.slices()
        first = next(slices, None)
        start = session.open if first is None else min(first.ts, session.open)
        self._at = max(last, start)
        slices = slices if first is None else chain([first], slices)
        slices = takewhile(lambda piece: piece.ts <= session.close, slices)
        rest = self._recover(slices, resuming, at_start=self._at == start)
        if not resuming:
            self._runner.process(self._at, SESSION, self._session_began())
        for item in self._unreadable:
            if book.refused_at.get(item.where) != item.line:
                self._runner.process(self._at, INTAKE, item)
        ending = self._go_through(rest)
        ended = ending is Ending.DAY_ENDED
        stopped = ProcessStopped(to_iso(self._at), reason=ending.value, day_ended=ended)
        self._runner.record([stopped])
        self._manager.note(stopped)
        return ending

    @property
    def book(self) -> Book:
        """The state."""
        return self._book

    @property
    def last_seq(self) -> int:
        """The number of the last event."""
        return self._runner.ledger.last_seq

    @property
    def at(self) -> Micros:
        """The day's time."""
        return self._at

    @property
    def manager(self) -> OptionsOrderManager:
        """The order manager, to look at."""
        return self._manager

    def command(self, command: Command) -> list[TradeEvent]:
        """Take a person's command between two inputs, at the day's time; its own events come back, durable."""
        return self._runner.process(self._at, command_cause(command), CommandGiven(command))

    def _session_began(self) -> SessionBegan:
        feed, session = self._feed, self._feed.session
        return SessionBegan(session.day.isoformat(), feed.name, session.open, session.close, feed.own_time)

    def _market_was_taken(self, at_start: bool) -> bool:
        """Whether the market of the last event's moment was gone through before that event.

        It always was, but at the very first moment: there the day begins, and what was sent before it is answered.
        """
        first = {
            SESSION,
            INTAKE,
            *(cause_of(item.signal) for item in self._arrived if item.signal.ts < self._at),
        }
        return not (at_start and self._book.last_cause in first)

    def _recover(
        self, slices: Iterator[MarketSlice], resuming: bool, *, at_start: bool
    ) -> Iterator[MarketSlice]:
        """Take up what the ledger left open; the slices that have not been gone through come back."""
        book, manager = self._book, self._manager
        started = ProcessStarted(
            to_iso(self._at),
            version=self._identity.version,
            account=self._broker.account,
            broker=self._broker.name,
            feed=self._feed.name,
            settings_hash=self._identity.settings_hash,
        )
        through = self._runner.ledger.last_seq
        self._runner.record([started])
        manager.note(started)
        rest = self._catch_up(slices, self._at, done=self._market_was_taken(at_start)) if resuming else slices
        manager.recover(self._at)
        manager.doubts.await_broker(self._at)
        self._broker.recover(list(book.orders.values()), self._at)
        self._runner.listen(self._at)
        if through:
            doubtful = sum(order.state is OrderState.UNKNOWN for order in book.orders.values())
            recovered = RecoveryCompleted(
                to_iso(self._at), through_seq=through, open_trades=len(book.trades), orders_in_doubt=doubtful
            )
            self._runner.record([recovered])
            manager.note(recovered)
        if resuming and self._at < self._feed.session.close:
            # What the broker said while nothing might be sent yet had consequences: they are due at the same moment,
            # before the open too, when nothing goes out but what takes an entry back.
            self._runner.process(self._at, BROKER, ClockTicked())
        return rest

    def _catch_up(self, slices: Iterator[MarketSlice], until: Micros, *, done: bool) -> Iterator[MarketSlice]:
        """Let pass what came before ``until``, and what came at it if that was ``done``; not what is set aside."""
        aside = self._book.set_aside
        for piece in slices:
            if piece.ts > until or (piece.ts == until and not done):
                return chain([piece], slices)
            if not (aside and aside.issuperset(input_names(piece.ts, MARKET, MarketMoved(piece.changes)))):
                self._manager.catch_up(piece.ts, piece.changes)
        return iter(())

    def _go_through(self, slices: Iterator[MarketSlice]) -> Ending:
        signals = iter(self._arrived)
        waiting = next(signals, None)
        close = self._feed.session.close
        for piece in chain(slices, [None]):
            horizon = close if piece is None else piece.ts
            while waiting is not None and waiting.signal.ts < horizon:
                if self._stopping():
                    return Ending.STOPPED
                self._tick_until(waiting.signal.ts)
                self._take(waiting)
                waiting = next(signals, None)
            if self._stopping():
                return Ending.STOPPED
            self._tick_until(horizon)
            if self._stopping():
                return Ending.STOPPED
            if piece is not None:
                self._market(piece)
            else:
                self._close(close)
        while waiting is not None:
            self._take(waiting)
            waiting = next(signals, None)
        return Ending.DAY_ENDED

    def _tick_until(self, at: Micros) -> None:
        """Let the clock tick where the feed says nothing for so long that it must be noticed, before ``at``."""
        while not self._stopping():
            due = self._manager.exits.silence.next_due
            if due is None or max(due, self._feed.session.open) >= at:
                return
            self._pace(due)
            self._at = max(self._at, due, self._feed.session.open)
            self._runner.process(self._at, CLOCK, ClockTicked())

    def _market(self, piece: MarketSlice) -> None:
        self._pace(piece.ts)
        self._at = max(self._at, piece.ts)
        self._runner.process(self._at, MARKET, MarketMoved(piece.changes))
        self._expiries.settle_open(self._at)
        self._broker.on_quotes(self._at, piece.changes)
        self._runner.listen(self._at)

    def _close(self, at: Micros) -> None:
        self._at = max(self._at, at)
        self._runner.process(self._at, CLOSE, ClockTicked())
        self._broker.on_close()
        self._runner.listen(self._at)
        self._look_after_close()
        self._expiries.settle_close(self._at)

    def _look_after_close(self) -> None:
        """Give orders in doubt the looks that can settle them before the day is called over."""
        for _ in range(_LOOKS_AFTER_CLOSE):
            due = self._manager.doubts.next_look
            if due is None:
                return
            self._at = max(self._at, due)
            self._runner.process(self._at, CLOSE, ClockTicked())

    def _take(self, item: SignalArrived) -> None:
        """Hand a signal on, unless the ledger has it from before the run was interrupted.

        One of a later day is handed on too, and refused, but the day goes no further for it: its own day can follow.
        """
        signal_id, book = item.signal.signal_id, self._book
        if book.refused_at.get(item.where) == item.line:
            return
        self._seen[signal_id] += 1
        if self._seen[signal_id] == 1 and signal_id in book.signals_of_day:
            return
        at = min(item.signal.ts, self._day_is_over)
        self._pace(at)
        self._at = max(self._at, at)
        self._runner.signal(self._at, item, self.view())

    def view(self) -> MarketView:
        """The world as strategies see it."""
        manager = self._manager
        return MarketView(
            now=self._at,
            book=manager.book,
            quotes=manager.quotes,
            quote_limits=manager.limits.quotes,
            chain=self._feed.chain,
            session=self._feed.session,
            last_session=last_session,
        )
