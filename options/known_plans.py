"""What strategies propose again and again: the same few plans, of which a check need not ask everything anew.

A plan and an instrument never change, so what was found of one holds for as long as it is the very same object. They
are known by identity and kept for as long as they are known: no other can pass for one of them.
"""

from typing import TypeVar

import msgspec

from options.intent import TradeProposal
from options.plan import EntryPlan, ExitPlan

Part = TypeVar("Part", bound=msgspec.Struct)

_PARTS_KEPT = 256


class KnownPlans:
    """Parts of proposals as they are taken, and the plans that are right whatever the price is."""

    __slots__ = ("_right", "_taken")

    def __init__(self) -> None:
        self._taken: dict[int, tuple[object, msgspec.Struct]] = {}
        self._right: set[tuple[int, int, int, int, bool]] = set()

    def learn(self, given: TradeProposal, taken: TradeProposal) -> None:
        """Remember as what the parts of a proposal are taken."""
        if len(self._taken) >= _PARTS_KEPT:
            self._taken.clear()
            self._right.clear()
        for part, as_taken in (
            (given.instrument, taken.instrument),
            (given.entry, taken.entry),
            (given.exits, taken.exits),
        ):
            if part == as_taken:  # or something in it is no constant: a list of targets can still change
                self._taken[id(part)] = (part, as_taken)
                self._taken[id(as_taken)] = (as_taken, as_taken)

    def taken(self, part: Part) -> Part | None:
        """As what a part was taken before, or ``None`` if it is a new one."""
        found = self._taken.get(id(part))
        return None if found is None else found[1]  # type: ignore[return-value] # of the kind that was learnt

    def is_right(self, proposal: TradeProposal, *, net: bool) -> bool:
        """Whether nothing was wrong with a proposal's plans for its quantity and side, at no price at all."""
        return _plans_of(proposal, net) in self._right

    def note_right(self, proposal: TradeProposal, *, net: bool) -> None:
        """Nothing is wrong with a proposal's plans; remembered if they are known, and no price could change that.

        A net price near zero could.
        """
        known = id(proposal.entry) in self._taken and id(proposal.exits) in self._taken
        if known and not net and not _names_prices(proposal.entry, proposal.exits):
            self._right.add(_plans_of(proposal, net))


def _plans_of(proposal: TradeProposal, net: bool) -> tuple[int, int, int, int, bool]:
    return id(proposal.entry), id(proposal.exits), proposal.qty, proposal.direction, net


def _names_prices(entry: EntryPlan, exits: ExitPlan) -> bool:
    """Whether a plan has levels in dollars, which are right on one side of the market only."""
    levels = [entry.limit_price, entry.limit_bound, exits.stop_level, *(one.level for one in exits.targets)]
    return any(level is not None for level in levels)
