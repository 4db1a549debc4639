"""The marks of one instrument, taken in once for all the positions in it, however many they are.

A board keeps what its positions have in common: the newest mark, and the best and the worst since any moment at which
one of them came. A position remembers which mark was the last one before it. Only those are looked at for which
something follows: the ones whose mark has not been written down for long enough, or whose exits were held.
"""

from bisect import bisect_right
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

from options.values import Micros

Run = list[tuple[int, float]]
"""The best of all marks since the one of a number, by that number: each later one is worse, or it would not be here."""


def take_in(run: Run, number: int, value: float, *, fresh: bool) -> None:
    """Add the mark of a number. ``fresh``: it is the first one for some position, which none before are for."""
    if run and value <= run[-1][1]:
        if fresh and value < run[-1][1]:
            run.append((number, value))
        return
    while run and run[-1][1] <= value:
        number = run.pop()[0]
    run.append((number, value))


def best_since(run: Run, number: int) -> float:
    """The best mark from the one of a number on; there must have been one."""
    first, best = run[-1]
    return best if first <= number else run[bisect_right(run, (number, inf)) - 1][1]


Seen = tuple[float | None, float | None, float | None]
"""The newest mark, the highest and the lowest; ``None`` where there was none yet."""


@dataclass(slots=True, eq=False)
class Marks:
    """What one position has seen: its own marks, and those of the ``board`` that it follows, ``since`` so many there.

    ``recorded`` and ``recorded_at`` are the mark that was written down last, and when; ``ticket`` is its valid place in
    the queue of those that wait for their next, 0 for none. ``held`` is why its exits are held.
    """

    trade_id: str
    mark: float | None
    high: float | None
    low: float | None
    recorded: float
    recorded_at: Micros
    board: "MarkBoard | None" = None
    since: int = 0
    ticket: int = 0
    held: str = ""

    @property
    def seen(self) -> Seen:
        """All that was seen, the board's marks included."""
        return (self.mark, self.high, self.low) if self.board is None else self.board.seen_by(self)


class MarkBoard:
    """The marks of one instrument and who follows them. ``every`` is the pace at which marks are written down.

    ``free`` are the positions whose exits are judged, ``held`` the others by reason. In the ``queue`` each waits until
    its pace allows another record; then it is ``due``, by the mark that was recorded last, and waits for another mark.
    Between ``low`` and ``high`` a mark is neither the best nor the worst for anybody; ``stretched``: there was one that
    is, and who asked for that has not asked since.
    """

    __slots__ = ("count", "due", "every", "free", "held", "high", "highs", "joined", "low", "lows", "mark", "queue",
                 "stretched", "tickets")  # fmt: skip

    def __init__(self, every: Micros) -> None:
        self.every = every
        self.count = 0
        self.joined = 0
        self.mark = 0.0
        self.low = inf
        self.high = -inf
        self.stretched = True
        self.highs: Run = []
        self.lows: Run = []
        self.free: dict[str, Marks] = {}
        self.held: dict[str, dict[str, Marks]] = {}
        self.queue: list[tuple[Micros, int, Marks]] = []
        self.due: dict[float, dict[str, Marks]] = {}
        self.tickets = 0

    def __bool__(self) -> bool:
        """Whether anybody follows."""
        return bool(self.free or self.held)

    def join(self, marks: Marks) -> None:
        """A position follows the marks from the next one on."""
        marks.board, marks.since = self, self.count
        self.joined = self.count
        self.low, self.high = inf, -inf
        self._place(marks)
        self._wait(marks)

    def leave(self, marks: Marks) -> None:
        """It sees no more."""
        self._displace(marks)
        self._take_out(marks)
        marks.board, marks.ticket = None, 0

    def seen_by(self, marks: Marks) -> Seen:
        """The newest, the highest and the lowest mark that a position has seen."""
        if self.count == marks.since:
            return marks.mark, marks.high, marks.low
        return self.mark, self.best_for(marks, long=True), self.best_for(marks, long=False)

    def best_for(self, marks: Marks, *, long: bool) -> float:
        """The highest mark that a position has seen, of the board's one at least; for a short the lowest."""
        own, number = marks.high if long else marks.low, marks.since + 1
        best = best_since(self.highs, number) if long else -best_since(self.lows, number)
        return best if own is None or (best > own) == long else own

    def see(self, mark: float, at: Micros) -> list[Marks]:
        """Take in a healthy mark; the positions that are to be written down now come back."""
        number = self.count = self.count + 1
        self.mark = mark
        if not self.low <= mark <= self.high:
            fresh = self.joined == number - 1
            take_in(self.highs, number, mark, fresh=fresh)
            take_in(self.lows, number, -mark, fresh=fresh)
            self.high, self.low = self.highs[-1][1], -self.lows[-1][1]
            self.stretched = True
        if self.queue and self.queue[0][0] <= at:
            self._come_due(at)
        if not (self.due or self.held):
            return []
        return self._to_record(mark, at)

    def recorded(self, marks: Marks, mark: float, at: Micros) -> None:
        """The mark of a position was written down: the next one not before its pace allows it."""
        self._take_out(marks)
        if at < marks.recorded_at:  # the clock was set back: its place in the queue is too far
            marks.ticket = 0
        marks.recorded, marks.recorded_at = mark, at
        self._wait(marks)
        self.hold(marks, "")

    def hold(self, marks: Marks, reason: str) -> None:
        """The exits of a position are held for a reason; for none: they are judged again."""
        if marks.held != reason:
            self._displace(marks)
            marks.held = reason
            self._place(marks)

    def everybody(self) -> list[Marks]:
        """Who follows."""
        return self.others_than("") + list(self.free.values())

    def others_than(self, reason: str) -> list[Marks]:
        """The positions whose exits are not held for this reason yet."""
        found = list(self.free.values()) if reason else []
        for other, held in self.held.items():
            if other != reason:
                found += held.values()
        return found

    def _place(self, marks: Marks) -> None:
        place = self.held.setdefault(marks.held, {}) if marks.held else self.free
        place[marks.trade_id] = marks

    def _displace(self, marks: Marks) -> None:
        if not marks.held:
            del self.free[marks.trade_id]
            return
        held = self.held[marks.held]
        del held[marks.trade_id]
        if not held:
            del self.held[marks.held]

    def _wait(self, marks: Marks) -> None:
        if not marks.ticket:
            self.tickets += 1
            marks.ticket = self.tickets
            heappush(self.queue, (marks.recorded_at + self.every, self.tickets, marks))

    def _take_out(self, marks: Marks) -> None:
        """A position is not due any more."""
        due = self.due.get(marks.recorded)
        if due is not None and due.pop(marks.trade_id, None) is not None and not due:
            del self.due[marks.recorded]

    def _come_due(self, at: Micros) -> None:
        """Those whose time has come are due by the mark that was recorded of them: they wait for another one."""
        while self.queue and self.queue[0][0] <= at:
            _, ticket, marks = heappop(self.queue)
            if marks.ticket != ticket:
                continue
            marks.ticket = 0
            if marks.recorded_at + self.every <= at:
                self.due.setdefault(marks.recorded, {})[marks.trade_id] = marks
            else:
                self._wait(marks)

    def _to_record(self, mark: float, at: Micros) -> list[Marks]:
        found: dict[str, Marks] = {}
        for recorded in [one for one in self.due if one != mark]:
            for marks in self.due.pop(recorded).values():
                if marks.recorded_at + self.every <= at:  # or the clock was set back
                    found[marks.trade_id] = marks
                else:
                    self._wait(marks)
        for held in self.held.values():
            found |= held
        return list(found.values())
