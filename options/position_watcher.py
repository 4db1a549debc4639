"""The position watcher: marks in, due exits out.

It knows stops, targets and trailing stops by the price that triggers them and wakes only what a mark crosses. A
mark that crosses nothing costs one lookup and two comparisons, whatever the number of exits that rest.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import inf, isfinite
from sys import intern

import msgspec

from options.price_index import Lane
from options.trail_group import Entry


class ExitKind(StrEnum):
    """What makes an exit due."""

    STOP = "stop"
    TARGET = "target"
    TRAILING = "trailing"


class WatchedExit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One exit to watch for; prices are marks in dollars.

    ``key`` names the instrument and ``long`` the side of the position that is protected. STOP and TARGET have a
    ``level``: a long's stop is due at or below it and its target at or above it, a short's the other way round.
    TRAILING has a ``water``, the best price seen so far (a long's high, a short's low), and either ``trail_amount``
    (dollars) or ``trail_percent`` (a share between 0 and 1): a long's is due at or below ``water - trail_amount`` or
    ``water * (1 - trail_percent)``, a short's at or above ``water + trail_amount`` or ``water * (1 + trail_percent)``,
    and neither on a mark that is itself the best so far.
    """

    exit_id: str
    key: str
    kind: ExitKind
    long: bool
    level: float | None = None
    trail_amount: float | None = None
    trail_percent: float | None = None
    water: float | None = None


_IDLE = Lane()
"""The lane of an instrument without exits: every price is inside its bounds. Never changed."""


class PositionWatcher:
    """Every armed exit, by instrument. Pure: the same calls give the same answers.

    The marks handed in must be healthy (finite, not negative, of a quote that may be decided on): the common way
    through :meth:`on_mark` does not look. An exit is due once; after that it is forgotten, and its id may be armed
    again.
    """

    __slots__ = ("_entries", "_lanes", "_order")

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._lanes: dict[str, Lane] = {}
        self._order = 0

    def __len__(self) -> int:
        """How many exits are armed."""
        return len(self._entries)

    def __contains__(self, exit_id: object) -> bool:
        """Whether an exit of this id is armed."""
        return exit_id in self._entries

    def arm(self, watched: WatchedExit) -> None:
        """Watch an exit from the next mark on; one whose trigger has been passed already is due at that mark.

        :raises ValueError: the id is armed already, or the fields do not fit the kind.
        """
        if watched.exit_id in self._entries:
            raise ValueError(f"exit {watched.exit_id!r} is armed already; disarm it first")
        fault = exit_fault(watched)
        if fault is not None:
            raise ValueError(f"exit {watched.exit_id!r}: {fault}")
        self._order += 1
        sign = 1 if watched.long else -1
        key = intern(watched.key)
        entry = Entry(watched.exit_id, key, self._order, sign)
        entry.is_target = watched.kind is ExitKind.TARGET
        if watched.level is not None:
            entry.level = sign * watched.level
        if watched.trail_percent is not None:
            entry.by_percent = True
            entry.distance = watched.trail_percent
            entry.factor = 1.0 - sign * watched.trail_percent
        elif watched.trail_amount is not None:
            entry.distance = watched.trail_amount
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane()
        self._entries[entry.exit_id] = lane.entries[entry.exit_id] = entry
        lane.ladder(entry).arm(entry, None if watched.water is None else sign * watched.water)
        lane.bound()

    def disarm(self, exit_id: str) -> None:
        """Forget an exit.

        :raises KeyError: no exit of this id is armed.
        """
        entry = self._entry(exit_id)
        lane = self._lanes[entry.key]
        lane.ladder(entry).disarm(entry)
        lane.bound()
        self._forget(lane, entry)

    def on_mark(self, key: str, price: float) -> Sequence[str]:
        """The ids of the exits due at this mark, each removed; ``()`` for most marks.

        A trailing exit follows the mark first and is never due on its own new high. Order: stops and trailing exits
        before targets; then the trigger that the price has gone through furthest, which on the way from the last
        mark is the one it met first; then the one armed first.
        """
        lane = self._lanes.get(key, _IDLE)
        if lane.low < price <= lane.high or lane.step(price):
            return ()
        return self._take_due(lane, price)

    def scan(self, marks: Iterable[tuple[str, float]]) -> list[str]:
        """The ids due at a run of marks, in their order: the same as :meth:`on_mark` for one after the other.

        Nothing can be disarmed in between: where one key comes twice, two exits of one position may both be due.
        """
        due: list[str] = []
        lane_of = self._lanes.get
        for key, price in marks:
            lane = lane_of(key, _IDLE)
            if not (lane.low < price <= lane.high or lane.step(price)):
                due += self._take_due(lane, price)
        return due

    def water_of(self, exit_id: str) -> float:
        """The best price a trailing exit has seen: a long's high, a short's low.

        :raises KeyError: no exit of this id is armed.
        :raises ValueError: the exit is not a trailing one.
        """
        entry = self._entry(exit_id)
        if entry.group is None:
            raise ValueError(f"exit {exit_id!r} is no trailing exit: it has a level and no water")
        return entry.sign * entry.group.water

    def trigger_of(self, exit_id: str) -> float:
        """The price at which an exit is due as things stand.

        :raises KeyError: no exit of this id is armed.
        """
        entry = self._entry(exit_id)
        return entry.sign * entry.trigger()

    def armed(self, key: str) -> Sequence[str]:
        """The ids of an instrument's armed exits, in the order they were armed."""
        return tuple(self._lanes.get(key, _IDLE).entries)

    def slots(self) -> int:
        """How many places the index holds, those of disarmed exits not yet cleared included."""
        return sum(lane.long.slots() + lane.short.slots() for lane in self._lanes.values())

    def _entry(self, exit_id: str) -> Entry:
        entry = self._entries.get(exit_id)
        if entry is None:
            raise KeyError(f"no exit {exit_id!r} is armed: it was due, disarmed or never armed")
        return entry

    def _take_due(self, lane: Lane, price: float) -> Sequence[str]:
        due = lane.take_due(price)
        for entry in due:
            self._forget(lane, entry)
        return tuple(entry.exit_id for entry in due)

    def _forget(self, lane: Lane, entry: Entry) -> None:
        del self._entries[entry.exit_id]
        del lane.entries[entry.exit_id]
        entry.group = None  # a dead exit may stay in its group's heap: no cycle for the collector
        if not lane.entries:
            del self._lanes[entry.key]


def exit_fault(watched: WatchedExit) -> str | None:
    """What is wrong with the fields of an exit and what would be right, or ``None`` if it can be armed."""
    if watched.kind is not ExitKind.TRAILING:
        if watched.trail_amount is not None or watched.trail_percent is not None or watched.water is not None:
            return f"a {watched.kind.value} has a level only, no trail and no water"
        if watched.level is None:
            return f"a {watched.kind.value} needs a level"
        return (
            None if 0.0 < watched.level < inf else f"the level must be a price above 0, not {watched.level}"
        )
    if watched.level is not None:
        return "a trailing exit has no level: its trigger follows its water"
    if (watched.trail_amount is None) == (watched.trail_percent is None):
        return "a trailing exit needs exactly one of trail_amount and trail_percent"
    if watched.trail_amount is not None and not 0.0 < watched.trail_amount < inf:
        return f"trail_amount must be dollars above 0, not {watched.trail_amount}"
    if watched.trail_percent is not None and not 0.0 < watched.trail_percent < 1.0:
        return f"trail_percent must be a share between 0 and 1, not {watched.trail_percent}"
    if watched.water is None:
        return "a trailing exit needs its water: the best price seen so far, at first the mark it is armed at"
    if not isfinite(watched.water) or watched.water < 0.0:
        return f"the water must be a price, not {watched.water}"
    return None
