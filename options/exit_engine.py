"""The exits that rest with us: judged on healthy marks, by the clock, and kept in step with what is held."""

from dataclasses import dataclass
from heapq import heappop, heappush

from options import events as e
from options.batch import Batch
from options.book import Book
from options.contingent import exits_of
from options.exit_lane import lane_of, lanes_beside, raise_of
from options.lifecycle import TradeStatus
from options.mark_board import Marks
from options.mark_silence import MarkSilence
from options.marks import mark_fault, mid_of
from options.plan import Basis, Held
from options.planned_exits import oca_group
from options.position_marks import PositionMarks
from options.position_watcher import ExitKind as WatchKind
from options.position_watcher import PositionWatcher, WatchedExit
from options.quote import Quote, QuoteCache, QuoteLimits
from options.resting import at_broker
from options.terms import ArmedExit, ExitKind
from options.trade import Trade
from options.values import SECOND, Micros, from_iso


@dataclass(frozen=True, slots=True)
class DueExit:
    """An exit whose condition has come true."""

    trade: Trade
    armed: ArmedExit


class ExitEngine:
    """Watches every armed exit of a book. What it holds is rebuilt from the book by :meth:`rearm`.

    ``at_broker`` are the trades of which an exit should rest at the broker, or should have; its desk drops them.
    """

    def __init__(self, book: Book, quotes: QuoteCache, limits: QuoteLimits, mark_every_s: float) -> None:
        self._book = book
        self._quotes = quotes
        self._limits = limits
        self._mark_every = round(mark_every_s * SECOND)
        self._watcher = PositionWatcher()
        self._owner: dict[str, tuple[str, ArmedExit]] = {}
        self._watched: dict[str, tuple[str, ...]] = {}
        self._marks = PositionMarks(self._mark_every)
        self._seen_once: dict[str, dict[str, None]] = {}
        self._timers: list[tuple[Micros, str, str]] = []
        self._beside: set[str] = set()  # the instruments with exits that go by another price than the mark
        self.at_broker: set[str] = set()
        self.silence = MarkSilence(book, quotes, limits)

    def mark_of(self, trade: Trade) -> float | None:
        """The newest healthy mark of a trade's position, recorded or not."""
        mark = self._marks.newest(trade)
        return trade.position.mark if mark is None else mark

    def take_marks(self, other: "ExitEngine") -> None:
        """Begin with the marks that another engine has seen."""
        self._marks = other._marks.copy()

    def level_of(self, armed: ArmedExit) -> float | None:
        """The price at which an exit is due now; a trailing stop's moves. ``None`` for one by the clock."""
        if armed.level is not None:
            return float(armed.level)
        owner = self._book.trades.get(self._owner[armed.exit_id][0])
        return None if owner is None else self.level_now(owner, armed)

    def level_now(self, trade: Trade, armed: ArmedExit) -> float | None:
        """The same of an exit that may not be watched yet."""
        if armed.level is not None:
            return float(armed.level)
        water, side = self._water(trade), 1 if trade.position.qty > 0 else -1
        if water is None:
            return None
        if armed.trail_amount is not None:
            return water - float(armed.trail_amount) * side
        return None if armed.trail is None else water * (1 - float(armed.trail) * side)

    # --- arming ---------------------------------------------------------------------------------------------

    def arm(self, batch: Batch, trade: Trade) -> None:
        """Bring the exits of a trade in step with what it holds, and write them down if they changed."""
        if trade.position.qty:
            self.silence.watch(trade.instrument)
            if not self._marks.follow(trade):
                self._first_mark(batch, trade)
        trails = trade.exits.trail is not None or trade.exits.trail_amount is not None
        exits = exits_of(trade, self._water(trade) if trails else None)
        changed = exits != trade.armed
        if changed:
            position = trade.position
            batch.add(
                e.ExitsArmed(
                    batch.ts,
                    batch.cause,
                    trade_id=trade.trade_id,
                    position_id=position.position_id,
                    oca_group=oca_group(position.position_id),
                    qty=abs(position.qty),
                    exits=exits,
                )
            )
        self._watch(trade, anew=changed)

    def rearm(self, at: Micros) -> None:
        """Take up every exit and timer that the book says is there: after a start ``at`` that time, and only then."""
        self.silence.begin(at)
        for trade in self._book.trades.values():
            if trade.position.qty:
                self._marks.await_mark(trade, trade.position.mark)
            self._watch(trade, anew=False)

    def tick(self, batch: Batch) -> None:
        """Time has passed and nothing else: a silence is noticed in the session, and after it marks are kept."""
        self.silence.notice(batch)
        if batch.at >= self._book.day.closes_at:
            self.write_down(batch)

    def forget(self, trade: Trade) -> None:
        """A trade is over, or rests: nothing of it is watched any more, but for the marks of what it holds."""
        self._unwatch(trade, anew=True)
        self._marks.forget(trade)
        if trade.position.qty and trade.trade_id in self._book.trades:
            self._marks.await_mark(trade)

    def pause(self, trade: Trade) -> None:
        """Nothing is held for now: its marks are those of before until something is held again."""
        self._marks.pause(trade)

    def _unwatch(self, trade: Trade, *, anew: bool) -> None:
        once = self._seen_once.get(trade.instrument) if anew else None
        for exit_id in self._watched.pop(trade.trade_id, ()):
            self._owner.pop(exit_id, None)
            if once is not None and exit_id in once:
                self._forget_first(trade.instrument, exit_id)
            if exit_id in self._watcher:
                self._watcher.disarm(exit_id)

    def _watch(self, trade: Trade, *, anew: bool) -> None:
        """Rest a trade's exits. ``anew``: they are others than before, so no mark has spoken for any of them yet."""
        self._unwatch(trade, anew=anew)
        ids = []
        for armed in trade.armed:
            self._owner[armed.exit_id] = (trade.trade_id, armed)
            ids.append(armed.exit_id)
            if armed.held is Held.BROKER:
                self.at_broker.add(trade.trade_id)
            if armed.at:
                heappush(self._timers, (from_iso(armed.at), trade.trade_id, armed.exit_id))
                continue
            self._rest(trade, armed)
        self._watched[trade.trade_id] = tuple(ids)

    def _rest(self, trade: Trade, armed: ArmedExit) -> None:
        """Put one contingent order by price into the index."""
        long, water = trade.position.qty > 0, armed.water
        lane = lane_of(trade.instrument, armed.basis, long=long)
        if lane is not trade.instrument:
            self._beside.add(trade.instrument)
        raised = raise_of(trade.instrument)
        best = None if water is None else self._marks.best(trade)
        if water is not None and best is not None and (best > water) == long:
            water = best
        if armed.kind is ExitKind.TRAILING:
            kind = WatchKind.TRAILING
        else:
            kind = WatchKind.TARGET if armed.above == long else WatchKind.STOP
        self._watcher.arm(
            WatchedExit(
                exit_id=armed.exit_id,
                key=lane,
                kind=kind,
                long=long,
                level=None if armed.level is None else float(armed.level) + raised,
                trail_percent=None if armed.trail is None else float(armed.trail),
                trail_amount=None if armed.trail_amount is None else float(armed.trail_amount),
                water=None if water is None else water + raised,
            )
        )

    def _water(self, trade: Trade) -> float | None:
        """The best price that a trailing stop measures from: it only ever gets better than where it started."""
        best, position, long = self._marks.best(trade), trade.position, trade.position.qty > 0
        seen = [armed.water for armed in trade.armed if armed.water is not None]
        if best is not None:
            seen.append(best)
        elif position.high is not None and position.low is not None:
            # Nothing has been quoted since the start: what the ledger has seen is what there is.
            seen.append(position.high if long else position.low)
        if not seen:
            return None
        return max(seen) if long else min(seen)

    def take_stretch(self, key: str) -> bool:
        """Whether a mark since the last call was the best or the worst that any position in an instrument has seen."""
        board = self._marks.boards.get(key)
        if board is None or not board.stretched:
            return False
        board.stretched = False
        return True

    # --- marks ----------------------------------------------------------------------------------------------

    def fault_of(self, key: str, at: Micros) -> str | None:
        """Why the mark of an instrument must not trigger anything now, or ``None``."""
        return mark_fault(self._quotes, self._limits, key, at)

    def _first_mark(self, batch: Batch, trade: Trade) -> None:
        quote = self._quotes.get(trade.instrument)
        if quote is not None and self.fault_of(trade.instrument, batch.at) is None:
            if self._marks.begin(trade, mid_of(quote), batch.at):
                self._write(batch, trade, quote)
        else:
            self._marks.await_mark(trade)

    def on_market(self, batch: Batch, changes: list[tuple[str, Quote]]) -> list[DueExit]:
        """Judge every exit whose instrument changed; those that are due come back in the order they were met."""
        due: list[DueExit] = []
        held = self._marks.boards
        for key, quote in changes:
            if key in held:
                self._judge(batch, key, quote, due)
        return due

    def note_marks(self, batch: Batch, changes: list[tuple[str, Quote]]) -> None:
        """Take in marks that nothing can be traded on now: those of the closing bell, or while the broker is not heard.

        Trailing stops follow them, and what they cross is due with the next. Out of the session nobody listens.
        """
        for key, quote in changes if self._book.day.is_heard(batch.at) else ():
            if key in self._marks.boards and self.fault_of(key, batch.at) is None:
                self._see(batch, key, quote, mid_of(quote))
                for trade in self._book.by_instrument[key].values():
                    for armed in trade.armed:
                        if armed.kind is ExitKind.TRAILING and armed.exit_id in self._watcher:
                            self._watcher.disarm(armed.exit_id)
                            self._rest(trade, armed)

    def _see(self, batch: Batch, key: str, quote: Quote, mark: float) -> None:
        """Take in a healthy mark, and write down those of the positions that are to be."""
        found = self._marks.see(key, mark, batch.at)
        if found:
            for trade in self._trades(found):
                self._record(batch, trade, quote)

    def _trades(self, found: list[Marks]) -> list[Trade]:
        return self._book.oldest_first(marks.trade_id for marks in found)

    def _judge(self, batch: Batch, key: str, quote: Quote, due: list[DueExit]) -> None:
        fault = self.fault_of(key, batch.at)
        if fault is not None:
            self._hold_all(batch, key, fault.partition(",")[0])
            return
        mark = mid_of(quote)
        self._see(batch, key, quote, mark)
        raised = raise_of(key)
        fired = [*self._watcher.on_mark(key, mark + raised)] if mark + raised > 0 else []
        if key in self._beside:
            fired += self._fired_beside(key, quote, raised)
        self._confirm(key, fired, due)

    def _fired_beside(self, key: str, quote: Quote, raised: float) -> list[str]:
        """The exits that the other prices of a quote cross."""
        return [
            exit_id
            for lane, price in lanes_beside(key, quote)
            if price is not None and price + raised > 0
            for exit_id in self._watcher.on_mark(lane, price + raised)
        ]

    def _confirm(self, key: str, fired: list[str], due: list[DueExit]) -> None:
        """What a mark crossed is due, but for those that want to see the next mark agree."""
        once = self._seen_once.get(key)
        if once is not None:
            for exit_id in [one for one in once if one not in fired]:
                self._forget_first(key, exit_id)
        for exit_id in fired:
            trade_id, armed = self._owner[exit_id]
            trade = self._book.trades[trade_id]
            if armed.held is Held.BROKER and at_broker(self._book, trade, armed):
                self._rest(trade, armed)  # due there; here it is watched on, should it not rest any more
            elif armed.basis is Basis.TWO_MARKS and exit_id not in self._seen_once.get(key, ()):
                self._note_first(key, exit_id)
                self._rest(trade, armed)
            else:
                self._forget_first(key, exit_id)
                due.append(DueExit(trade, armed))

    def _note_first(self, key: str, exit_id: str) -> None:
        """An exit that wants two marks in a row has had the first of them."""
        self._seen_once.setdefault(key, {})[exit_id] = None

    def _forget_first(self, key: str, exit_id: str) -> None:
        once = self._seen_once.get(key)
        if once is not None and once.pop(exit_id, "") is None and not once:
            del self._seen_once[key]

    def hold(self, batch: Batch, trade: Trade, reason: str) -> None:
        """The exits of a position cannot be judged: said once for each reason."""
        if trade.held_reason != reason:
            ids = {"trade_id": trade.trade_id, "position_id": trade.position.position_id}
            batch.add(e.ExitHeld(batch.ts, batch.cause, **ids, reason=reason))
        self._marks.follow(trade)

    def _hold_all(self, batch: Batch, key: str, reason: str) -> None:
        others = self._marks.boards[key].others_than(reason)
        for trade in self._trades(others) if others else ():
            self.hold(batch, trade, reason)

    def write_down(self, batch: Batch) -> None:
        """Record every mark that the pace has kept back: after the close nothing else would carry it over night."""
        for trade in self._book.oldest_first(self._marks.take_moved()):
            self.record(batch, trade)

    def record(self, batch: Batch, trade: Trade) -> None:
        """Record a trade's mark, if the pace has kept it back."""
        seen, position = self._marks.seen(trade), trade.position
        if seen is not None and position.qty and seen != (position.mark, position.high, position.low):
            self._record(batch, trade, self._quotes.get(trade.instrument))

    def _record(self, batch: Batch, trade: Trade, quote: Quote | None) -> None:
        self._marks.recorded(trade, self._write(batch, trade, quote), batch.at)

    def _write(self, batch: Batch, trade: Trade, quote: Quote | None) -> float:
        """Write down what a position has seen; its newest mark comes back."""
        seen = self._marks.seen(trade)
        assert seen is not None, f"{trade.trade_id} has seen no mark that could be written down"
        batch.add(
            e.PositionMarked(
                batch.ts,
                batch.cause,
                trade_id=trade.trade_id,
                position_id=trade.position.position_id,
                mark=seen.mark,
                high=seen.high,
                low=seen.low,
                bid=None if quote is None else quote.bid,
                ask=None if quote is None else quote.ask,
            )
        )
        return seen.mark

    def catch_up(self, at: Micros, changes: list[tuple[str, Quote]]) -> None:
        """Take in marks of before a crash that led to nothing, so that every exit stands where it stood.

        A trailing stop has its best mark again, and an exit that wants two marks in a row knows the first of them. From
        a feed that cannot be gone through again nothing comes here: then both marks have to be fresh.
        """
        held = self._book.by_instrument
        for key, quote in changes if self._book.day.is_heard(at) else ():
            if key not in held or self.fault_of(key, at) is not None:
                continue
            mark = mid_of(quote)
            for trade in held[key].values():
                if trade.position.qty and at > from_iso(trade.position.opened_ts):
                    self._marks.await_mark(trade)
                    self._see_first_of_two(trade, at, mark)
                else:
                    self._marks.pause(trade)
            if key in self._marks.boards:
                self._marks.see(key, mark, at)

    def _see_first_of_two(self, trade: Trade, at: Micros, mark: float) -> None:
        """Note for each exit that wants two marks in a row whether this one spoke for it."""
        if not trade.armed_ts or at <= from_iso(trade.armed_ts):
            return
        raised = raise_of(trade.instrument)
        for armed in trade.armed:
            if armed.basis is Basis.TWO_MARKS and armed.level is not None:
                level, price = float(armed.level) + raised, mark + raised
                crossed = price >= level if armed.above else price <= level
                (self._note_first if crossed else self._forget_first)(trade.instrument, armed.exit_id)

    # --- the clock ------------------------------------------------------------------------------------------

    def timers_due(self, at: Micros) -> list[DueExit]:
        """Exits by the clock that are due."""
        due: list[DueExit] = []
        while self._timers and self._timers[0][0] <= at:
            when, trade_id, exit_id = heappop(self._timers)
            trade = self._book.trades.get(trade_id)
            if trade is None or trade.trade_status is not TradeStatus.FILLED:
                continue
            armed = next((armed for armed in trade.armed if armed.exit_id == exit_id), None)
            if armed is not None and from_iso(armed.at) == when:
                due.append(DueExit(trade, armed))
        return due
