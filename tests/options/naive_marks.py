"""The marks of positions kept in the plain way, which asks every position at every mark."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from options.book import Book
from options.mark_board import MarkBoard, Marks
from options.position_marks import PositionMarks, SeenMarks, begun
from options.trade import Trade
from options.values import Micros


class NaiveBoard:
    """Who holds an instrument."""

    def __init__(self, holders: list[Marks]) -> None:
        self.holders = holders
        self.stretched = True

    def others_than(self, _reason: str) -> list[Marks]:
        """All of them: whether there is anything to say the one who asks will see."""
        return self.holders


class NaiveBoards(Mapping[str, NaiveBoard]):
    """The instruments of which anything is held, looked for in the book."""

    def __init__(self, marks: "NaiveMarks") -> None:
        self.marks = marks

    def __contains__(self, key: object) -> bool:
        return bool(self.marks.holders(str(key)))

    def __getitem__(self, key: str) -> NaiveBoard:
        return NaiveBoard([self.marks.marks_of(trade) for trade in self.marks.holders(key)])

    def __iter__(self) -> Iterator[str]:
        return (key for key in self.marks.book.by_instrument if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class NaiveMarks(PositionMarks):
    """Begins with what others have seen; from then on it goes by the book alone."""

    def __init__(self, marks: PositionMarks, book: Book) -> None:
        super().__init__(marks._every)
        self.book = book
        for trade_id, one in marks._of.items():
            mark, high, low = one.seen
            self._of[trade_id] = replace(one, mark=mark, high=high, low=low, board=None)
        self.boards = cast(dict[str, MarkBoard], NaiveBoards(self))

    def holders(self, key: str) -> list[Trade]:
        """Every trade that holds an instrument."""
        return [trade for trade in self.book.by_instrument.get(key, {}).values() if trade.position.qty]

    def seen(self, trade: Trade) -> SeenMarks | None:
        """What was noted for this trade."""
        one = self._of.get(trade.trade_id)
        if one is None or one.mark is None or one.high is None or one.low is None:
            return None
        return SeenMarks(one.mark, one.high, one.low)

    def newest(self, trade: Trade) -> float | None:
        """The mark that was noted last."""
        seen = self.seen(trade)
        return None if seen is None else seen.mark

    def best(self, trade: Trade) -> float | None:
        """The best that was noted."""
        seen = self.seen(trade)
        return None if seen is None else seen.high if trade.position.qty > 0 else seen.low

    def begin(self, trade: Trade, mark: float, at: Micros) -> bool:
        """Note the first mark."""
        one = self._of[trade.trade_id] = begun(trade, mark)
        to_record = self.is_due(one, trade, at)
        if to_record:
            one.recorded, one.recorded_at = mark, at
        return to_record

    def marks_of(self, trade: Trade) -> Marks:
        """Nobody has to join: who holds something is in the book."""
        if trade.trade_id not in self._of:
            self._of[trade.trade_id] = begun(trade, None)
        return self._of[trade.trade_id]

    def follow(self, trade: Trade) -> bool:
        """Whether a mark was noted."""
        return trade.trade_id in self._of and self._of[trade.trade_id].mark is not None

    def await_mark(self, trade: Trade, known: float | None = None) -> None:
        """Note what the ledger has."""
        if trade.trade_id not in self._of:
            self._of[trade.trade_id] = begun(trade, known)

    def pause(self, trade: Trade) -> None:
        """Nor that nothing is held."""

    def forget(self, trade: Trade) -> None:
        """Nothing is known any more."""
        self._of.pop(trade.trade_id, None)

    def see(self, key: str, mark: float, at: Micros) -> list[Marks]:
        """Note the mark for every trade that holds the instrument, and ask each whether it is to be written down."""
        found = []
        for trade in self.holders(key):
            one = self.marks_of(trade)
            one.mark = mark
            one.high = mark if one.high is None else max(one.high, mark)
            one.low = mark if one.low is None else min(one.low, mark)
            if self.is_due(one, trade, at):
                found.append(one)
        return found

    def recorded(self, trade: Trade, mark: float, at: Micros) -> None:
        """It was written down."""
        one = self._of[trade.trade_id]
        one.recorded, one.recorded_at = mark, at

    def take_moved(self) -> list[str]:
        """Everybody: whether a mark is to be written down the one who asks will see."""
        return list(self.book.trades)
