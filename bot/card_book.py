"""What the cards are made from: the book folded from the ledger, and beside it the fills of each position.

The book keeps sums; a card shows history too. That is kept here for as long as a position's card may still be shown:
:meth:`CardBook.forget` lets go of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.blind_words import held_words, unguarded_words
from bot.chart import Chart
from bot.day_tally import ABOUT_DAYS, DayTally
from bot.dealings import Dealings
from bot.fill_causes import FillCauses
from bot.mark_series import MarkSeries
from bot.position_view import HISTORY_FIRST, HISTORY_LAST, FillLine, PositionView
from options import events as e
from options.book import Book
from options.correction_events import FillCorrected
from options.fold import apply
from options.position import Position
from options.rebooking import walk
from options.terms import ArmedExit, Effect
from options.trade import Trade
from options.values import ZERO

_ABOUT_ORDERS = frozenset(
    {
        e.OrderSubmitRequested,
        e.OrderAccepted,
        e.OrderRejected,
        e.OrderCancelRequested,
        e.OrderCancelled,
        e.OrderUnknown,
        e.OrderAbandoned,
    }
)


@dataclass(slots=True)
class _Track:
    """What the book does not keep of a position. ``worth_…`` are sums of price times quantity.

    What comes in by another parent order than the first was added.
    """

    trade: Trade
    position: Position
    as_of: str = ""
    closed_ts: str = ""
    close_kind: str = ""
    mark: float | None = None
    bid: float | None = None
    ask: float | None = None
    qty_in: int = 0
    qty_out: int = 0
    worth_in: Decimal = ZERO
    worth_out: Decimal = ZERO
    entry_parent_id: str = ""
    entry_order_ids: set[str] = field(default_factory=set)
    qty_added: int = 0
    worth_added: Decimal = ZERO
    refusals: tuple[str, ...] = ()
    lines: list[FillLine] = field(default_factory=list)
    left_out: int = 0
    marks: MarkSeries = field(default_factory=MarkSeries)
    last_exits: tuple[ArmedExit, ...] = ()
    causes: FillCauses = field(default_factory=FillCauses)


class CardBook:
    """Folds events; gives the view of any position that it has not been told to forget. ``tally`` is of its day."""

    def __init__(self) -> None:
        self.book = Book()
        self.tally = DayTally()
        self._tracks: dict[str, _Track] = {}

    def __len__(self) -> int:
        """How many positions are kept."""
        return len(self._tracks)

    def fold(self, event: e.TradeEvent) -> tuple[str, ...]:
        """Take one event in; the ids of the positions whose card it may have changed.

        :raises TransitionError, KeyError: as :func:`options.fold.apply`.
        """
        apply(self.book, event)
        if type(event) in ABOUT_DAYS:
            self.tally.take(self.book, event)
        changed: list[str] = []
        for trade_id in self._trades_touched(event):
            trade = self.book.trade(trade_id)
            if trade is None:
                continue
            if isinstance(event, FillCorrected):
                changed += self._corrected(trade, event)
                continue
            track = self._track(trade, event)
            if track is None:
                continue
            track.as_of = event.ts
            _note(track, event)
            changed.append(track.position.position_id)
        return tuple(changed)

    def view(self, position_id: str) -> PositionView:
        """The position as it is now.

        :raises KeyError: no event opened it, or it was forgotten.
        """
        return _view_of(self._tracks[position_id])

    def chart(self, position_id: str) -> Chart:
        """The position's marks, fills and exits for a picture; of one that is over, the exits that it had last.

        :raises KeyError: as :meth:`view`.
        """
        track = self._tracks[position_id]
        view = _view_of(track)
        fills = tuple(line for line in view.history if line.qty)
        return Chart(replace(view, exits=view.exits or track.last_exits, history=fills), track.marks.points())

    def dealings(self, position_id: str) -> Dealings:
        """What was added to the position and taken out of it so far.

        :raises KeyError: as :meth:`view`.
        """
        track = self._tracks[position_id]
        return Dealings(track.qty_added, track.worth_added, track.qty_out, track.worth_out)

    def is_dealing(self, position_id: str) -> bool:
        """Whether a parent order has filled a part of what it is to do for the position, and still works.

        :raises KeyError: as :meth:`view`.
        """
        trade = self._tracks[position_id].trade
        return any(
            0 < parent.allocated.get(trade.trade_id, 0) < parent.shares.get(trade.trade_id, 0)
            for parent in self.book.working_parents(trade)
        )

    def is_closed(self, position_id: str) -> bool:
        """True for a position that is over, or that never came to be.

        :raises KeyError: as :meth:`view`.
        """
        return bool(self._tracks[position_id].closed_ts)

    def position_ids(self) -> tuple[str, ...]:
        """Every position that is kept, oldest first."""
        return tuple(self._tracks)

    def forget(self, position_id: str) -> None:
        """Let go of a position whose last card was shown. Doing it twice is allowed."""
        self._tracks.pop(position_id, None)

    def _track(self, trade: Trade, event: e.TradeEvent) -> _Track | None:
        """Where a position's news goes; ``None`` for what still comes in about one that was forgotten."""
        position_id = trade.position.position_id
        track = self._tracks.get(position_id)
        if track is None and isinstance(event, e.TradeSaved | e.TradeActivated | e.OrderFilled):
            # An activation or a fill finds none when the trade was over: it is on again.
            track = self._tracks[position_id] = _Track(trade, trade.position)
        return track

    def _corrected(self, trade: Trade, event: FillCorrected) -> list[str]:
        """Tell a position's history again, one that was over and forgotten too.

        A position that goes on in another one since is shown as empty, and says where.
        """
        changed = [event.position_id]
        position = next(one for one in trade.positions if one.position_id == event.position_id)
        track = self._tracks.setdefault(event.position_id, _Track(trade, position))
        _tell_again(track)
        over = trade.trade_id not in self.book.trades or position is not trade.position
        track.closed_ts = (track.closed_ts or _last_ts(position) or event.ts) if over else ""
        track.close_kind = track.close_kind or (trade.target_kind if over else "")
        track.as_of = event.ts
        kept = {one.position_id for one in trade.positions}
        for position_id, other in self._tracks.items():
            if other.trade is trade and position_id not in kept:
                _tell_again(other)
                other.refusals = (f"a correction has made it part of {event.position_id}",)
                other.closed_ts, other.as_of = other.closed_ts or event.ts, event.ts
                changed.append(position_id)
        return changed

    def _trades_touched(self, event: e.TradeEvent) -> Iterable[str]:
        trade_id: str = getattr(event, "trade_id", "")
        if trade_id:
            return (trade_id,)
        if isinstance(event, e.ParentOrderOpened):
            return [share.trade_id for share in event.shares]
        if isinstance(event, e.ParentOrderClosed | e.ParentOrderHurried):
            parent = self.book.parent(event.parent_id)
        elif type(event) in _ABOUT_ORDERS:
            order = self.book.order_of_ref.get(getattr(event, "client_ref", ""))
            parent = self.book.parent(order.parent_id) if order else None
        else:
            return ()
        return parent.shares if parent else ()


def _note(track: _Track, event: e.TradeEvent) -> None:
    """Keep what the book does not."""
    track.causes.note(event)
    if isinstance(event, e.OrderFilled):
        _note_fill(track, event)
    elif isinstance(event, e.PositionMarked) or (
        isinstance(event, e.ExitTriggered) and event.mark is not None
    ):
        track.mark, track.bid, track.ask = event.mark, event.bid, event.ask
        if event.mark is not None:
            track.marks.add(event.ts, event.mark)
    elif isinstance(event, e.ExitsArmed):
        track.last_exits = event.exits or track.last_exits
    elif isinstance(event, e.TradeActivated):
        track.closed_ts, track.refusals = "", ()
    elif isinstance(event, e.TradeClosed):
        track.closed_ts, track.close_kind = event.ts, event.close_kind
    elif isinstance(event, e.TradeRejected):
        track.closed_ts, track.refusals = event.ts, event.reasons
    elif isinstance(event, e.TradeCancelled):
        track.closed_ts, track.refusals = event.ts, (event.reason,)
    elif isinstance(event, e.IntentRefused):
        track.refusals = event.reasons


def _note_fill(track: _Track, event: e.OrderFilled) -> None:
    track.closed_ts = ""  # a late fill: it is on again
    if event.side is track.trade.entry_side:
        track.entry_parent_id = track.entry_parent_id or event.parent_id
        if event.parent_id == track.entry_parent_id:
            track.entry_order_ids.add(event.order_id)
        track.refusals = ()
    by = track.causes.of_order(event.order_id)
    _add_line(
        track, FillLine(event.effect, event.side, event.qty, event.price, event.ts, event.order_id, by=by)
    )


def _last_ts(position: Position) -> str:
    return position.fills[-1].ts if position.fills else ""


def _tell_again(track: _Track) -> None:
    """The whole history from the position's fills, as they stand after a correction."""
    position = track.position
    track.qty_in = track.qty_added = track.qty_out = track.left_out = 0
    track.worth_in = track.worth_added = track.worth_out = ZERO
    track.lines = []
    counted = walk(Position(position_id="", fills=position.fills), track.trade.multiplier)
    effects = {fill.number: outcome.effect for fill, outcome in counted}
    for fill in position.fills:
        effect = effects.get(fill.number, Effect.OPEN)
        by = track.causes.of_order(fill.order_id)
        line = FillLine(effect, fill.side, fill.qty, fill.price, fill.ts, fill.order_id, was=fill.was, by=by)
        _add_line(track, line)


def _add_line(track: _Track, line: FillLine) -> None:
    worth = line.price * line.qty
    if line.side is track.trade.entry_side:
        track.qty_in += line.qty
        track.worth_in += worth
        if line.order_id not in track.entry_order_ids:
            track.qty_added += line.qty
            track.worth_added += worth
    else:
        track.qty_out += line.qty
        track.worth_out += worth
    lines = track.lines
    if lines and lines[-1].order_id == line.order_id and lines[-1].side is line.side:
        lines[-1] = _merged(lines[-1], line)
        return
    lines.append(line)
    if len(lines) > HISTORY_FIRST + HISTORY_LAST:
        del lines[HISTORY_FIRST]
        track.left_out += 1


def _merged(line: FillLine, newer: FillLine) -> FillLine:
    """Partial fills of one order as one line: it opened if the first did, and closed if the last did."""
    qty, price = _together((line.qty, line.price), (newer.qty, newer.price))
    effect = newer.effect if newer.effect is Effect.CLOSE or not line.qty else line.effect
    was = None
    if line.was is not None or newer.was is not None:
        was = _together(line.was or (line.qty, line.price), newer.was or (newer.qty, newer.price))
    fills = line.fills + newer.fills
    return FillLine(effect, line.side, qty, price, line.ts, line.order_id, fills, was, line.by)


def _together(one: tuple[int, Decimal], other: tuple[int, Decimal]) -> tuple[int, Decimal]:
    """Two quantities at their prices, as one at their average."""
    qty = one[0] + other[0]
    return qty, (one[0] * one[1] + other[0] * other[1]) / qty if qty else other[1]


def _view_of(track: _Track) -> PositionView:
    trade, position = track.trade, track.position
    average = position.average(trade.multiplier)
    if average is None and track.qty_in:
        average = track.worth_in / track.qty_in
    return PositionView(
        position_id=position.position_id,
        trade_id=trade.trade_id,
        strategy=trade.strategy,
        instrument=trade.instrument,
        symbol=trade.symbol,
        direction=trade.direction,
        qty_planned=trade.qty,
        multiplier=trade.multiplier,
        order_status=trade.order_status,
        trade_status=trade.trade_status,
        source=trade.source,
        reason=trade.reason,
        as_of=track.as_of,
        qty=position.qty,
        qty_in=track.qty_in,
        cost_in=track.worth_in * trade.multiplier,
        entry_average=average,
        exit_average=track.worth_out / track.qty_out if track.qty_out else None,
        realized=position.realized,
        fees=position.fees,
        open_pnl=position.open_pnl(trade.multiplier, track.mark) if position.qty else None,
        mark=track.mark,
        bid=track.bid,
        ask=track.ask,
        high=position.high,
        low=position.low,
        saved_ts=trade.saved_ts,
        opened_ts=position.opened_ts,
        closed_ts=track.closed_ts,
        exits=trade.armed,
        held_reason=held_words(trade, track.as_of),
        put_off=trade.put_off,
        unguarded=unguarded_words(trade, track.as_of),
        closing_kind=track.close_kind or ("" if trade.target else trade.target_kind),
        closing_reason="" if trade.target else trade.target_reason,
        refusals=track.refusals,
        history=tuple(track.lines),
        history_left_out=track.left_out,
    )
