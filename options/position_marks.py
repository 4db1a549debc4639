"""The marks of all positions between what the ledger records of them: who follows what, and from when on."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from options.mark_board import MarkBoard, Marks
from options.trade import Trade
from options.values import Micros, from_iso


class SeenMarks(NamedTuple):
    """What a position has seen: the newest mark, the highest and the lowest."""

    mark: float
    high: float
    low: float


class PositionMarks:
    """The marks of every position, written down at the pace of ``every``; ``boards`` are those of what is held, by key.

    A position follows its instrument while something is held. One that is flat for a while keeps what it has seen.
    """

    def __init__(self, every: Micros) -> None:
        self.boards: dict[str, MarkBoard] = {}
        self._every = every
        self._of: dict[str, Marks] = {}
        self._moved: dict[str, None] = {}

    def copy(self) -> "PositionMarks":
        """Marks of their own that stand where these stand; nobody follows anything yet."""
        other = PositionMarks(self._every)
        for trade_id, marks in self._of.items():
            mark, high, low = marks.seen
            if mark is not None:
                other._of[trade_id] = replace(marks, mark=mark, high=high, low=low, board=None, ticket=0)
        return other

    def seen(self, trade: Trade) -> SeenMarks | None:
        """What a trade's position has seen; ``None`` if that is nothing."""
        marks = self._of.get(trade.trade_id)
        if marks is None:
            return None
        mark, high, low = marks.seen
        return None if mark is None or high is None or low is None else SeenMarks(mark, high, low)

    def newest(self, trade: Trade) -> float | None:
        """The newest mark that a trade's position has seen."""
        marks = self._of.get(trade.trade_id)
        if marks is None:
            return None
        board = marks.board
        return marks.mark if board is None or board.count == marks.since else board.mark

    def best(self, trade: Trade) -> float | None:
        """The best mark that a trade's position has seen: for a long the highest, for a short the lowest."""
        marks, long = self._of.get(trade.trade_id), trade.position.qty > 0
        if marks is None:
            return None
        board = marks.board
        if board is not None and board.count > marks.since:
            return board.best_for(marks, long=long)
        return None if marks.mark is None else marks.high if long else marks.low

    def begin(self, trade: Trade, mark: float, at: Micros) -> bool:
        """A position that has seen nothing yet sees its first mark; whether that is to be written down now."""
        self.forget(trade)
        marks = self._of[trade.trade_id] = begun(trade, mark)
        to_record = self.is_due(marks, trade, at)
        if to_record:
            marks.recorded, marks.recorded_at = mark, at
        marks.held = "" if to_record else trade.held_reason
        self._join(trade, marks)
        return to_record

    def is_due(self, marks: Marks, trade: Trade, at: Micros) -> bool:
        """Whether a mark that was just seen is to be written down: at its pace, and where exits were held."""
        pace_kept = at - marks.recorded_at >= self._every and marks.mark != marks.recorded
        return pace_kept or bool(trade.held_reason)

    def follow(self, trade: Trade) -> bool:
        """A position is held, and sees every mark of its instrument; false for one that has not seen any yet."""
        marks = self._of.get(trade.trade_id)
        if marks is None:
            return False
        board = marks.board
        if board is None:
            marks.held = trade.held_reason
            self._join(trade, marks)
            return marks.mark is not None
        if marks.held != trade.held_reason:
            board.hold(marks, trade.held_reason)
        return marks.mark is not None or board.count > marks.since

    def await_mark(self, trade: Trade, known: float | None = None) -> None:
        """A position is held, and sees every mark from the next one on; ``known`` is what it has seen by the ledger."""
        if trade.trade_id not in self._of:
            self._of[trade.trade_id] = begun(trade, known)
        self.follow(trade)

    def _join(self, trade: Trade, marks: Marks) -> None:
        board = self.boards.get(trade.instrument)
        if board is None:
            board = self.boards[trade.instrument] = MarkBoard(self._every)
        board.join(marks)
        self._moved[trade.instrument] = None

    def pause(self, trade: Trade) -> None:
        """Nothing is held: what was seen is kept, and nothing more is seen."""
        marks = self._of.get(trade.trade_id)
        if marks is not None and marks.board is not None:
            marks.mark, marks.high, marks.low = marks.seen
            self._leave(trade, marks)

    def forget(self, trade: Trade) -> None:
        """Nothing of a trade is known any more."""
        marks = self._of.pop(trade.trade_id, None)
        if marks is not None and marks.board is not None:
            self._leave(trade, marks)

    def _leave(self, trade: Trade, marks: Marks) -> None:
        board = self.boards[trade.instrument]
        board.leave(marks)
        if not board:
            del self.boards[trade.instrument]

    def see(self, key: str, mark: float, at: Micros) -> list[Marks]:
        """Take in a healthy mark of an instrument that is held; who is to be written down now comes back."""
        self._moved[key] = None
        return self.boards[key].see(mark, at)

    def recorded(self, trade: Trade, mark: float, at: Micros) -> None:
        """The mark of a position was written down: its exits are judged."""
        marks = self._of[trade.trade_id]
        if marks.board is not None:
            marks.board.recorded(marks, mark, at)

    def take_moved(self) -> Iterable[str]:
        """The trades on whose instruments there was a mark, or one came, since the last call."""
        keys, self._moved = self._moved, {}
        boards = [self.boards[key] for key in keys if key in self.boards]
        return [marks.trade_id for board in boards for marks in board.everybody()]


def begun(trade: Trade, mark: float | None) -> Marks:
    """The marks of a position as the ledger has them, and ``mark`` after those."""
    position = trade.position
    high, low = position.high, position.low
    if mark is not None:
        high = mark if high is None or mark > high else high
        low = mark if low is None or mark < low else low
    recorded = 0.0 if position.mark is None else position.mark
    at = from_iso(position.marked_ts) if position.marked_ts else 0
    return Marks(trade.trade_id, mark, high, low, recorded, at)
