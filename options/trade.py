"""A trade: one idea from draft to closed, with everything that is linked to it."""

import msgspec

from options import lifecycle
from options.lifecycle import OrderStatus, Status, TradeStatus
from options.plan import AT_MARKET, EntryPlan, ExitOrder, ExitPlan
from options.position import Position
from options.terms import ArmedExit
from options.values import Side


class Trade(msgspec.Struct, gc=False):
    """The user's view of one idea.

    ``direction`` is +1 to hold the instrument long, -1 short; ``entry_side`` is the side that opens or adds. ``target``
    is the newest intent, signed. ``armed`` are the exits that guard the position, ``fired`` the ids of those that
    triggered in this position.
    ``blind_since`` is when what is held was last heard of, while that is too long ago (ISO 8601 UTC).
    ``additions`` counts how often it was to be added to; ``addition_due`` while no order for the newest has begun.
    ``rejections`` counts the orders that the broker refused since the last fill; ``exit_order`` is how what has to
    leave for the target is worked. ``past`` are the positions of before, where an execution came after all was over.
    ``resting_ids`` are the parent orders of exits that the broker holds: they protect, and are in flight
    (``parent_ids``) only once one of them is due; ``taken_over`` are the exits that it should hold and the engine does.
    ``put_off`` is why it does not go in though it is its turn, ``put_off_ts`` since when.
    ``modified_ts`` is when the plans were exchanged, ``activated_ts`` when it was last let go.
    """

    trade_id: str
    strategy: str
    instrument: str
    symbol: str
    direction: int
    qty: int
    multiplier: int
    entry: EntryPlan
    exits: ExitPlan
    source: str
    reason: str
    saved_ts: str
    position: Position
    entry_side: Side
    status: Status = lifecycle.DRAFT
    activated_ts: str = ""
    target: int = 0
    target_kind: str = ""
    target_reason: str = ""
    exit_order: ExitOrder = AT_MARKET
    incarnation: int = 1
    entry_done: bool = False
    entry_sent_ts: str = ""
    armed: tuple[ArmedExit, ...] = ()
    armed_ts: str = ""
    fired: frozenset[str] = frozenset()
    held_reason: str = ""
    blind_since: str = ""
    rejections: int = 0
    additions: int = 0
    addition_due: bool = False
    parent_ids: tuple[str, ...] = ()
    resting_ids: tuple[str, ...] = ()
    taken_over: frozenset[str] = frozenset()
    modified_ts: str = ""
    put_off: str = ""
    put_off_ts: str = ""
    past: tuple[Position, ...] = ()

    @property
    def number(self) -> int:
        """Trades are numbered as they are saved."""
        return int(self.trade_id[1:])

    @property
    def positions(self) -> list[Position]:
        """Every position that the trade has had, the present one last."""
        return [*self.past, self.position]

    @property
    def order_status(self) -> OrderStatus:
        """The order side of the status."""
        return self.status[0]

    @property
    def trade_status(self) -> TradeStatus:
        """The risk side of the status."""
        return self.status[1]

    def enters(self, side: Side) -> bool:
        """Whether trading that side opens or adds; buying back what an exit sold too much of does not."""
        return side is self.entry_side and self.position.qty * side.sign >= 0

    def fired_after(self, exits: ExitPlan) -> frozenset[str]:
        """The exits that count as triggered once the plan is exchanged for another.

        A new ladder or new additions begin at the first rung, and a trail with another start waits for that one.
        """
        plan, fired = self.exits, self.fired
        if exits.targets != plan.targets:
            fired = frozenset(one for one in fired if "-target-" not in one)
        if exits.scale_ins != plan.scale_ins:
            fired = frozenset(one for one in fired if "-scale-" not in one)
        if exits.trail_after != plan.trail_after:
            fired = frozenset(one for one in fired if not one.endswith("-trail-on"))
        return fired

    @property
    def held_side(self) -> int:
        """+1 while the position is long, -1 while it is short."""
        return 1 if self.position.qty > 0 else -1

    @property
    def within_reach(self) -> int:
        """Contracts that can still be taken out: what is held, without those that an exit is already out for.

        Of the other side of what it wants nothing is to be kept, so all of that is on its way out.
        """
        wanted = self.position.qty * self.direction > 0
        return min(abs(self.target), abs(self.position.qty)) if wanted else 0

    def target_without(self, qty: int) -> int:
        """What should be held, signed, once an exit has claimed so many contracts more."""
        return max(0, self.within_reach - qty) * self.held_side
