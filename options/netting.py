"""From desired positions to what must be sent: requirement = target - position - in flight, per instrument."""

from enum import Enum

import msgspec

from options.book import Book
from options.cents import in_cents
from options.combo_quote import is_combo
from options.exit_order import exit_schedule
from options.order import Order, OrderState
from options.plan import Algo, EntryPlan, Unfilled
from options.quote import Quote
from options.resting import leaving_qty, resting_qty
from options.schedule import EXIT_SCHEDULE, addition_plan, schedule_of
from options.terms import ExitKind, Schedule, Share
from options.trade import Trade
from options.values import BUY, SELL, Side


class Need(Enum):
    """What a trade's requirement asks for now."""

    NOTHING = "met, or on its way"
    SEND = "send the rest"
    CANCEL = "take working orders back first"
    WAIT = "an order is in doubt: its like is blocked"


class Requirement(msgspec.Struct, frozen=True, gc=False):
    """What one trade needs: signed contracts to send, or its working parent orders to take back."""

    need: Need
    qty: int = 0


class OrderGroup(msgspec.Struct, gc=False):
    """Requirements that one parent order can meet together: same side, worked in the same way."""

    side: Side
    schedule: Schedule
    reducing: bool
    shares: list[Share]

    @property
    def qty(self) -> int:
        """Contracts of the parent order."""
        return sum(share.qty for share in self.shares)


def live_orders(book: Book, trade: Trade) -> list[Order]:
    """Every order that may still fill for a trade, oldest first."""
    return [
        book.orders[order_id]
        for parent in book.working_parents(trade)
        for order_id in parent.order_ids
        if order_id in book.orders
    ]


def any_in_doubt(book: Book, trade: Trade) -> bool:
    """Whether the fate of an order that works for a trade is not proven."""
    return any(order.state is OrderState.UNKNOWN for order in live_orders(book, trade))


def requirement(book: Book, trade: Trade) -> Requirement:
    """What must change for a trade to hold its target.

    What is in flight counts as held, so no burst of intents overshoots. An order that works against the requirement is
    cancelled before anything else is sent: fills decide, and then the rest is netted again. What closes leaves room for
    all else that could: what is on its way out, and what exits that rest at the broker could trade.
    """
    if not trade.target_kind:
        return Requirement(Need.NOTHING)
    found, held = _requirement(book, trade), trade.position.qty
    if found.need is not Need.SEND or held * found.qty > 0 or not (held or trade.resting_ids):
        return found
    # An entry that is being asked back may fill or not: until that is proven, no more goes out than is held.
    room = max(0, abs(held) - leaving_qty(book, trade) - resting_qty(book, trade))
    qty = min(abs(found.qty), room)
    return Requirement(Need.SEND, qty if found.qty > 0 else -qty) if qty else Requirement(Need.NOTHING)


def _requirement(book: Book, trade: Trade) -> Requirement:
    need = trade.target - trade.position.qty
    if not trade.parent_ids:
        return Requirement(Need.SEND, _to_flat_at_most(trade, need, 0)) if need else Requirement(Need.NOTHING)
    in_flight = book.in_flight(trade)
    if need == in_flight:
        return Requirement(Need.NOTHING)
    in_doubt = [order for order in live_orders(book, trade) if order.state is OrderState.UNKNOWN]
    if in_doubt:
        return _beside_doubt(book, trade, in_doubt)
    if in_flight and ((need > 0) != (in_flight > 0) or abs(need) < abs(in_flight)):
        return Requirement(Need.CANCEL)
    more = _to_flat_at_most(trade, need - in_flight, in_flight)
    return Requirement(Need.SEND, more) if more else Requirement(Need.NOTHING)


def _beside_doubt(book: Book, trade: Trade, in_doubt: list[Order]) -> Requirement:
    """What can be sent beside orders in doubt: nothing like them, but what is surely held may leave all the same.

    However an entry in doubt ends, no less is held than now; what it brings is netted again once that is proven.
    """
    held = trade.position.qty
    leaving = (trade.target - held) * held < 0 and held * trade.direction > 0
    if not leaving or any(order.side is not trade.entry_side for order in in_doubt):
        return Requirement(Need.WAIT)
    stays = max(0, trade.target * trade.held_side, resting_qty(book, trade))
    left = abs(held) - stays - leaving_qty(book, trade)
    return Requirement(Need.SEND, -left * trade.held_side) if left > 0 else Requirement(Need.WAIT)


def _to_flat_at_most(trade: Trade, qty: int, in_flight: int) -> int:
    """What leads through flat to the other side stops at flat; the rest is netted once that is proven."""
    held = trade.position.qty
    if held * qty >= 0:
        return qty
    room = max(0, abs(held) + in_flight * trade.held_side)
    return -min(abs(qty), room) * trade.held_side


def group_requirements(wanted: list[tuple[Trade, int]], quote: Quote | None) -> list[OrderGroup]:
    """Put signed requirements on one instrument together where one parent order can meet them."""
    if len(wanted) == 1:
        return [_group_of(*wanted[0], quote)]
    groups: dict[tuple[Side, Schedule, bool, str], OrderGroup] = {}
    for trade, qty in wanted:
        alone = _group_of(trade, qty, quote)
        own = trade.trade_id if _may_be_hurried(trade, alone) else ""
        group = groups.setdefault((alone.side, alone.schedule, alone.reducing, own), alone)
        if group is not alone:
            group.shares += alone.shares
    return list(groups.values())


def _group_of(trade: Trade, qty: int, quote: Quote | None) -> OrderGroup:
    side = BUY if qty > 0 else SELL
    schedule = schedule_for(trade, qty, quote)
    reducing = trade.position.qty * qty < 0
    return OrderGroup(side, schedule, reducing, [Share(trade_id=trade.trade_id, qty=abs(qty))])


def _may_be_hurried(trade: Trade, group: OrderGroup) -> bool:
    """Whether an entry goes to the market when its time is over: by itself, as another's plan may not want that."""
    entry = trade.entry
    ends = entry.unfilled is Unfilled.MARKET and entry.fill_within_s is not None
    return ends and not group.reducing and group.schedule.algo is not Algo.MARKET


def schedule_for(trade: Trade, qty: int, quote: Quote | None) -> Schedule:
    """How ``qty`` (signed) of a trade would be worked if an order went out for it on a quote."""
    side = BUY if qty > 0 else SELL
    reducing = trade.position.qty * qty < 0
    schedule = (
        _exit(trade, side, quote) if reducing else schedule_of(_plan_of(trade, side, quote), side, quote)
    )
    if schedule.limit_price is None and schedule.limit_bound is None:
        return schedule
    return in_cents(schedule, side, net=is_combo(trade.instrument))


def _plan_of(trade: Trade, side: Side, quote: Quote | None) -> EntryPlan:
    """How a trade gets in; what is added to it later does not know the prices of its entry any more."""
    adding = trade.position.qty and trade.target_kind == ExitKind.SCALE_IN
    return addition_plan(trade.entry, side, quote) if adding else trade.entry


def _exit(trade: Trade, side: Side, quote: Quote | None) -> Schedule:
    """How a trade is taken out; what was closed too far is bought back (or sold) at once."""
    if trade.position.qty * trade.direction < 0:
        return EXIT_SCHEDULE
    return exit_schedule(trade.exit_order, side, quote)
