"""Armed exits as the price index holds them, and the trailing ones among them that have seen the same best price.

All prices here are *signed*: the price for exits of long positions, minus the price for those of short ones, so
that higher is better and a trail triggers at or below its level on either side.
"""

from heapq import heapify, heappush
from math import inf

PUSH_AT_MOST = 8
"""So few exits join a group one by one; more of them go in at once where that takes fewer comparisons."""


class Entry:
    """One armed exit; ``level`` is signed, ``distance`` in dollars or as a share of the water (``by_percent``)."""

    __slots__ = ("by_percent", "distance", "exit_id", "factor", "group", "is_target", "key", "level", "live", "order",
                 "sign")  # fmt: skip

    def __init__(self, exit_id: str, key: str, order: int, sign: int) -> None:
        self.exit_id = exit_id
        self.key = key
        self.order = order
        self.sign = sign
        self.is_target = False
        self.level = 0.0
        self.distance = 0.0
        self.by_percent = False
        self.factor = 1.0
        self.group: Group | None = None
        self.live = True

    def trigger(self) -> float:
        """The signed price at which this exit is due."""
        if self.group is None:
            return self.level
        return self.group.water * self.factor if self.by_percent else self.group.water - self.distance


Slot = tuple[float, int, Entry]
"""A heap's element: what it is ordered by, the arming order that breaks ties, the exit."""


class Group:
    """Trailing exits that have seen the same best price; in each heap the nearest trigger comes first."""

    __slots__ = ("amounts", "live", "near_amount", "near_factor", "no_factor", "percents", "ticket", "water")

    def __init__(self, water: float, sign: int) -> None:
        self.water = water
        self.amounts: list[Slot] = []
        self.percents: list[Slot] = []
        self.live = 0
        self.ticket = 0  # of its one valid place in the ladder's queue, 0 for none
        self.no_factor = -inf * sign
        self.near_amount = inf
        self.near_factor = self.no_factor

    def add(self, entry: Entry) -> None:
        """Take in an exit that has seen this group's water."""
        heappush(self.percents if entry.by_percent else self.amounts, (entry.distance, entry.order, entry))
        entry.group = self
        self.live += 1
        self.refresh()

    def refresh(self) -> None:
        """Read the nearest distances off the heaps."""
        self.near_amount = self.amounts[0][0] if self.amounts else inf
        self.near_factor = self.percents[0][2].factor if self.percents else self.no_factor

    def trigger(self) -> float:
        """The nearest signed trigger; too near, never too far, while a dead exit heads a heap."""
        return max(self.water - self.near_amount, self.water * self.near_factor)

    def slots(self) -> int:
        """How many exits the heaps hold, dead ones included."""
        return len(self.amounts) + len(self.percents)

    def absorb(self, other: "Group") -> int:
        """Take over the living exits of a smaller group; returns how many dead ones were dropped."""
        self.live += other.live
        for mine, theirs in ((self.amounts, other.amounts), (self.percents, other.percents)):
            if len(theirs) > PUSH_AT_MOST and len(theirs) * len(mine).bit_length() > len(mine):
                living = [slot for slot in theirs if slot[2].live]
                for slot in living:
                    slot[2].group = self
                mine.extend(living)
                heapify(mine)
                continue
            for slot in theirs:
                if slot[2].live:
                    slot[2].group = self
                    heappush(mine, slot)
        return len(other.amounts) + len(other.percents) - other.live

    def compact(self) -> None:
        """Drop the dead exits."""
        self.amounts = living_heap(self.amounts)
        self.percents = living_heap(self.percents)
        self.refresh()


def living_heap(heap: list[Slot]) -> list[Slot]:
    """A new heap of the slots whose exit is still armed."""
    living = [slot for slot in heap if slot[2].live]
    heapify(living)
    return living


NO_GROUP = Group(inf, 1)
"""Stands for the top of a ladder without trailing exits: no price is a new high for it. Never changed."""
