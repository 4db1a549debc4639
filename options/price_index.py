"""The ordered index under the position watcher: what a price crosses, found without asking every exit.

A :class:`Lane` is one instrument. It has two ladders, one for exits of long positions and one for exits of short
positions. A :class:`Ladder` works in *signed* prices: the price for longs, minus the price for shorts, so that
both read the same: better is higher, stops and trails trigger at or below their level, targets at or above.

Trailing exits with the same water (best price seen) form one :class:`~options.trail_group.Group`. The groups are
kept by falling water, so a new high meets them at the end of the list, merges those it passes, and costs O(1)
amortised. The last group, the *top*, is the only one a new high can move; the others stand still and wait in a heap
by trigger.

What was disarmed stays in its heap, dead, until a price reaches it or until the dead outnumber the living. A dead
head makes a bound too near, never too far: it costs one vain look.
"""

from bisect import bisect_left
from heapq import heappop, heappush
from math import inf, nextafter

from options.trail_group import NO_GROUP, Entry, Group, Slot, living_heap

DEAD_ALLOWED = 64
"""Dead slots a ladder may hold beyond the number of its living exits before it is rebuilt."""


class Ladder:
    """All exits of one side of one instrument, in signed prices.

    ``trigger`` is the nearest stop or trailing trigger and ``rest`` the same without the top group; ``ceiling`` is the
    highest price that is neither a new high nor at a target, ``step_limit`` the highest that moves the top alone.
    """

    __slots__ = ("ceiling", "dead", "groups", "live", "queue", "rest", "sign", "step_limit", "stops", "targets",
                 "tickets", "top", "trigger")  # fmt: skip

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.stops: list[Slot] = []  # by minus the level: the highest first
        self.targets: list[Slot] = []
        self.groups: list[Group] = []
        self.queue: list[tuple[float, int, Group]] = []  # minus the trigger, ticket, group
        self.tickets = 0
        self.live = 0
        self.dead = 0  # slots held for nothing: dead exits, places in the queue that lapsed, empty groups
        self.bound()

    def bound(self) -> None:
        """Read the bounds off the heads of the heaps."""
        groups = self.groups
        target = self.targets[0][0] if self.targets else inf
        rest = -self.stops[0][0] if self.stops else -inf
        self.rest = max(rest, -self.queue[0][0]) if self.queue else rest
        self.top = groups[-1] if groups else NO_GROUP
        self.trigger = max(self.rest, self.top.trigger()) if groups else self.rest
        self.ceiling = min(self.top.water, nextafter(target, -inf))
        self.step_limit = nextafter(min(target, groups[-2].water) if len(groups) > 1 else target, -inf)

    def climb(self, price: float) -> float:
        """Move the top group to a new high that does nothing else; what the trigger is then."""
        top = self.top
        top.water = self.ceiling = price
        # Every new high comes this way; comparing takes half the time of calling max.
        by_amount = price - top.near_amount
        by_percent = price * top.near_factor
        trigger = by_percent if by_percent > by_amount else by_amount
        rest = self.rest
        self.trigger = trigger = trigger if trigger > rest else rest
        return trigger

    def arm(self, entry: Entry, water: float | None) -> None:
        """Add an exit; ``water`` (signed) makes it a trailing one."""
        self.live += 1
        if water is not None:
            self._join(entry, water)
        elif entry.is_target:
            heappush(self.targets, (entry.level, entry.order, entry))
        else:
            heappush(self.stops, (-entry.level, entry.order, entry))
        self.bound()

    def disarm(self, entry: Entry) -> None:
        """Mark an exit dead. The bounds may stay too near for one more mark, never too far."""
        entry.live = False
        self.live -= 1
        self.dead += 1
        if entry.group is not None:
            self._leave(entry.group)
        self.tidy()

    def take_due(self, price: float) -> list[Entry]:
        """Ratchet the trailing exits to ``price``, then remove and return what is due at it, unordered."""
        self._ratchet(price)
        due: list[Entry] = []
        while self.stops and -self.stops[0][0] >= price:
            self._take(heappop(self.stops)[2], due)
        while self.targets and self.targets[0][0] <= price:
            self._take(heappop(self.targets)[2], due)
        queue = self.queue
        while queue and -queue[0][0] >= price:
            _, ticket, group = heappop(queue)
            if group.ticket != ticket:
                self.dead -= 1
                continue
            group.ticket = 0
            self._take_from(group, price, due)
            self._enqueue(group)
        groups = self.groups
        # At its own high a trail is never due, not even one so tight that its trigger rounds to the high.
        if groups and price < groups[-1].water and groups[-1].trigger() >= price:
            self._take_from(groups[-1], price, due)
        while groups and not groups[-1].live:
            self._discard(groups.pop())
        if groups:
            self._unqueue(groups[-1])
        self.bound()
        self.tidy()
        return due

    def tidy(self) -> None:
        """Rebuild without the dead once they outnumber the living."""
        if self.dead <= self.live + DEAD_ALLOWED:
            return
        self.stops = living_heap(self.stops)
        self.targets = living_heap(self.targets)
        self.groups = [group for group in self.groups if group.live]
        self.queue = []
        for group in self.groups:
            group.compact()
            group.ticket = 0
        self.dead = 0
        for group in self.groups[:-1]:
            self._enqueue(group)
        self.bound()

    def slots(self) -> int:
        """Everything held, dead or alive: exits, groups, places in the queue."""
        held = len(self.stops) + len(self.targets) + len(self.queue) + len(self.groups)
        return held + sum(group.slots() for group in self.groups)

    def _join(self, entry: Entry, water: float) -> None:
        groups = self.groups
        # A dead group under the newcomer would meet its next high, and then a look at everything.
        while groups and not groups[-1].live and groups[-1].water != water:
            self._discard(groups.pop())
        at = bisect_left(groups, -water, key=lambda group: -group.water)
        if at < len(groups) and groups[at].water == water:
            group = groups[at]
            if not group.live:
                self.dead -= 1
        else:
            if groups and at == len(groups) and not groups[-1].ticket:
                self._enqueue(groups[-1])
            group = Group(water, self.sign)
            groups.insert(at, group)
        trigger = group.trigger()
        group.add(entry)
        if group is not groups[-1] and (not group.ticket or group.trigger() != trigger):
            self._enqueue(group)
        self._unqueue(groups[-1])

    def _leave(self, group: Group) -> None:
        group.live -= 1
        if not group.live:
            self.dead += 1
            self._unqueue(group)

    def _enqueue(self, group: Group) -> None:
        self._unqueue(group)
        if group.live:
            self.tickets += 1
            group.ticket = self.tickets
            heappush(self.queue, (-group.trigger(), group.ticket, group))

    def _unqueue(self, group: Group) -> None:
        if group.ticket:
            group.ticket = 0
            self.dead += 1

    def _discard(self, group: Group) -> None:
        self.dead -= 1 + group.slots()

    def _ratchet(self, price: float) -> None:
        groups = self.groups
        if not groups or groups[-1].water >= price:
            return
        merged: Group | None = None
        while groups and groups[-1].water <= price:
            group = groups.pop()
            if group.ticket:
                self._unqueue(group)
            if not group.live:
                self._discard(group)
            elif merged is None:
                merged = group
            elif group.live <= merged.live:
                self.dead -= merged.absorb(group)
            else:
                self.dead -= group.absorb(merged)
                merged = group
        if merged is not None:
            merged.water = price
            merged.refresh()
            groups.append(merged)

    def _take(self, entry: Entry, due: list[Entry]) -> bool:
        if not entry.live:
            self.dead -= 1
            return False
        entry.live = False
        self.live -= 1
        due.append(entry)
        return True

    def _take_from(self, group: Group, price: float, due: list[Entry]) -> None:
        for heap in (group.amounts, group.percents):
            while heap and (not heap[0][2].live or heap[0][2].trigger() >= price):
                if self._take(heappop(heap)[2], due):
                    self._leave(group)
        group.refresh()


class Lane:
    """One instrument: nothing happens at a price with ``low < price <= high``."""

    __slots__ = ("entries", "high", "long", "low", "short", "short_low", "step_high")

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.long = Ladder(1)
        self.short = Ladder(-1)
        self.bound()

    def bound(self) -> None:
        """Join the bounds of both sides."""
        self.short_low = nextafter(-self.short.ceiling, -inf)
        short_high = nextafter(-self.short.trigger, -inf)
        self.low = max(self.long.trigger, self.short_low)
        self.high = min(self.long.ceiling, short_high)
        self.step_high = min(self.long.step_limit, short_high)

    def ladder(self, entry: Entry) -> Ladder:
        """The side that an exit belongs to."""
        return self.long if entry.sign > 0 else self.short

    def step(self, price: float) -> bool:
        """The short way of a new high (or a short's new low) that crosses nothing; False if there is more to do.

        Asked about prices outside the bounds only, so that one comparison with each bound tells which way it went.
        """
        if self.low < price <= self.step_high:
            trigger, low = self.long.climb(price), self.short_low
            self.low = trigger if trigger > low else low
            self.high = price
            return True
        if self.long.trigger < price <= self.high and -price <= self.short.step_limit:
            self.short.climb(-price)
            self.bound()
            return True
        return False

    def take_due(self, price: float) -> list[Entry]:
        """Remove and return what is due: stops and trails, then targets; what was passed first; the first armed."""
        assert 0.0 <= price < inf, f"a mark must be finite and not negative, not {price}"
        due = self.long.take_due(price) + self.short.take_due(-price)
        self.bound()
        if len(due) > 1:
            due.sort(
                key=lambda entry: (entry.is_target, -abs(entry.sign * price - entry.trigger()), entry.order)
            )
        return due
