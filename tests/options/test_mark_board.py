"""The marks that positions share are those that each would have noted by itself."""

from decimal import Decimal

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from options import events as e
from options.book import Book
from options.fold_trades import index
from options.plan import EntryPlan, ExitPlan
from options.position import Position
from options.position_marks import PositionMarks
from options.trade import Trade
from options.values import SECOND, Side
from tests.options.desk import KEY, NO_EXITS, Desk, ladder, of
from tests.options.naive_marks import NaiveMarks

EVERY = 5 * SECOND
numbers = st.integers(1, 4)
steps = st.one_of(
    st.tuples(st.just("mark"), st.integers(1, 9), st.integers(0, 3)),
    st.tuples(st.just("mark"), st.integers(1, 9), st.integers(0, 3)),
    st.tuples(st.sampled_from(["turn", "hold", "forget"]), numbers, st.integers(0, 2)),
    st.tuples(st.just("clock"), st.sampled_from([-20, -3, 4, 5, 20]), st.just(0)),
)


def trade_of(number: int) -> Trade:
    """A trade that holds nothing yet."""
    return Trade(
        trade_id=f"T{number}", strategy="desk", instrument=KEY, symbol="GOOG", direction=1, qty=1, multiplier=100,
        entry_side=Side.BUY,
        entry=EntryPlan(), exits=ExitPlan(), source="s", reason="r", saved_ts="", position=Position(position_id="p"),
    )  # fmt: skip


class BothWays:
    """Positions that come, go, rest and are held, whose marks are shared and, beside that, noted one by one."""

    def __init__(self) -> None:
        self.book = Book()
        self.at = 1_000 * SECOND
        self.shared = PositionMarks(EVERY)
        self.plain = NaiveMarks(self.shared, self.book)
        for number in range(1, 5):
            index(self.book, trade_of(number))

    def turn(self, trade: Trade, how: int) -> None:
        """A position is held from now on, with a first mark or without one, or not any more."""
        trade.position.qty = 0 if trade.position.qty else 1 if how else -1
        written = []
        for marks in (self.shared, self.plain):
            if not trade.position.qty:
                marks.pause(trade)
            elif not marks.follow(trade):
                if how == 1:
                    written.append(marks.begin(trade, 5.0, self.at))
                else:
                    marks.await_mark(trade)
        assert written in ([], [True, True], [False, False])
        if any(written):
            trade.held_reason = ""

    def hold(self, trade: Trade, how: int) -> None:
        """The exits of a position cannot be judged, for one of two reasons, or can be again."""
        trade.held_reason = ("", "crossed", "stale")[how]
        if trade.position.qty:
            self.shared.follow(trade)

    def forget(self, trade: Trade, _how: int) -> None:
        """Nothing is known of a trade any more; what it still holds sees the marks that come."""
        for marks in (self.shared, self.plain):
            marks.forget(trade)
            if trade.position.qty:
                marks.await_mark(trade)

    def mark(self, mark: float, seconds: int) -> None:
        """The instrument is quoted."""
        self.at += seconds * SECOND
        assert (KEY in self.shared.boards) == (KEY in self.plain.boards)
        if KEY not in self.shared.boards:
            return
        found = [
            {one.trade_id for one in marks.see(KEY, mark, self.at)} for marks in (self.shared, self.plain)
        ]
        assert found[0] == found[1]
        for trade in self.book.oldest_first(found[0]):
            trade.held_reason = ""
            self.shared.recorded(trade, mark, self.at)
            self.plain.recorded(trade, mark, self.at)

    def agree(self) -> None:
        """Every position has seen the same, either way; and those that are not held for a reason are known."""
        for trade in self.book.open_trades():
            assert self.shared.seen(trade) == self.plain.seen(trade)
            assert self.shared.newest(trade) == self.plain.newest(trade)
            assert self.shared.best(trade) == self.plain.best(trade)
            assert self.shared.copy().seen(trade) == self.plain.seen(trade)
        holders = self.plain.holders(KEY)
        for reason in ("crossed", "stale"):
            board = self.shared.boards.get(KEY)
            others = set() if board is None else {one.trade_id for one in board.others_than(reason)}
            assert others == {trade.trade_id for trade in holders if trade.held_reason != reason}


@settings(max_examples=150)
@given(st.lists(steps, max_size=60))
def test_i16_shared_marks_are_what_each_position_would_have_noted(
    given_steps: list[tuple[str, int, int]],
) -> None:
    """Whoever comes, goes and is held, whatever the marks and the clock do: newest, best, worst and when to record."""
    both = BothWays()
    for what, number, how in given_steps:
        note(f"{what} {number} {how}")
        if what == "mark":
            both.mark(float(number), how)
        elif what == "clock":
            both.at += number * SECOND
        else:
            getattr(both, what)(both.book.trades[f"T{number}"], how)
        both.agree()


def test_a_position_that_comes_later_has_its_own_extremes() -> None:
    """The high and the low of before it was there are not its own, though the board has them."""
    desk = Desk(mark_every_s=1)
    desk.opened(1)
    for mark in (12.0, 8.0, 10.0):
        desk.mark(mark, after_s=2)
    desk.opened(1, strategy="other")
    for mark in (11.0, 9.5, 10.0):
        desk.mark(mark, after_s=2)
    seen = {one.trade_id: (one.high, one.low) for one in desk.all(e.PositionMarked)}
    assert seen == {"T1": (12.0, 8.0), "T2": (11.0, 9.5)}


def test_a_quote_that_stays_bad_is_said_once_of_each_position() -> None:
    """Two hold the contract when its quote is crossed; a third that comes in meanwhile is told of when it has."""
    desk = Desk(mark_every_s=3600)
    desk.opened(1, exits=ladder(stop="0.5"))
    desk.opened(1, strategy="other")
    desk.propose(1, strategy="third")
    crossed = [desk.quote(10.2, 10.0, after_s=1) for _ in range(3)]
    desk.accept()
    desk.fill(1)
    later = [desk.quote(10.2, 10.0, after_s=1) for _ in range(2)]
    held = [[one.trade_id for one in of(e.ExitHeld, events)] for events in (*crossed, *later)]
    assert held == [["T1", "T2"], [], [], ["T3"], []]
    assert [one.trade_id for one in of(e.PositionMarked, desk.mark(10.0))] == ["T1", "T2", "T3"]


@pytest.mark.parametrize("plan", [NO_EXITS, ladder(trail="0.2")])
def test_what_a_flat_trade_does_not_hold_is_not_marked(plan: ExitPlan) -> None:
    """An exit fills while an entry still works for the trade: a high of that time is not one of what comes in then."""
    desk = Desk(mark_every_s=1)
    desk.propose(4, exits=plan)
    entry = desk.order
    desk.fill(2)
    desk.out("T1")
    desk.fill(2, "10", order=entry)  # the entry fills whole before it can be taken back
    desk.fill(4, "10")
    assert not of(e.PositionMarked, desk.mark(19.0, after_s=5))
    assert Decimal(desk.trade().position.qty) == 0
