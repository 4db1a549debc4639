"""How exits are worked: from what a plan or a person wants to a schedule, and which exit gives way to which."""

from decimal import ROUND_HALF_EVEN, Decimal
from math import inf

from options.execution.fill_models import far_side
from options.order import Order, ParentOrder
from options.plan import Algo, ExitOrder, ExitPlan
from options.quote import Quote
from options.schedule import EXIT_SCHEDULE
from options.terms import ArmedExit, ExitKind, Schedule
from options.trade import Trade
from options.values import CENT, Side, price_from_float

_AT_ONCE, _BY_STEPS, _FOR_A_WHILE, _FOR_GOOD = range(4)


def exit_schedule(order: ExitOrder, side: Side, quote: Quote | None) -> Schedule:
    """The schedule of an exit that begins on a quote.

    Where it needs a price that is not quoted it goes to the market: an exit waits for nobody.
    """
    if order.algo is Algo.MARKET:
        return EXIT_SCHEDULE
    if order.algo is Algo.TWAP:
        return Schedule(
            algo=Algo.TWAP,
            limit_price=order.limit_price,
            every_s=order.every_s,
            steps=order.steps,
            deadline_s=order.deadline_s,
        )
    limit = order.limit_price if order.limit_price is not None else _mid(quote)
    if order.algo is Algo.LIMIT and limit is not None:
        return Schedule(algo=Algo.LIMIT, limit_price=limit, deadline_s=order.deadline_s)
    far = None if quote is None else far_side(side, quote)
    if order.algo is not Algo.WALK or limit is None or far is None:
        return EXIT_SCHEDULE
    after = order.every_s * (order.steps + 1) if order.deadline_s is None else order.deadline_s
    return Schedule(
        algo=Algo.WALK,
        limit_price=limit,
        limit_bound=price_from_float(far),
        every_s=order.every_s,
        steps=order.steps,
        deadline_s=after,
    )


def _mid(quote: Quote | None) -> Decimal | None:
    if quote is None or quote.mid is None:
        return None
    return price_from_float(round(quote.mid, 4)).quantize(CENT, ROUND_HALF_EVEN)


def order_for(plan: ExitPlan, armed: ArmedExit) -> ExitOrder:
    """How a contingent order that came true is worked; a target's limit is its level where the plan names none."""
    if armed.kind in (ExitKind.STOP, ExitKind.TRAILING):
        return plan.stop_order
    if armed.kind is not ExitKind.TARGET:
        return plan.time_order
    order = plan.target_order
    if order.algo is not Algo.LIMIT or order.limit_price is not None:
        return order
    return ExitOrder(algo=Algo.LIMIT, limit_price=armed.level, deadline_s=order.deadline_s)


def longest_s(order: ExitOrder) -> float:
    """Seconds after which all of an exit is in the market at the latest; without end where it may rest for good."""
    if order.algo is Algo.MARKET:
        return 0.0
    if order.deadline_s is not None:
        return order.deadline_s
    may_rest = order.algo is Algo.LIMIT or (order.algo is Algo.TWAP and order.limit_price is not None)
    return inf if may_rest else order.every_s * (order.steps + 1)


def order_at_broker(plan: ExitPlan, kind: ExitKind, order: Order) -> ExitOrder:
    """How what an exit at the broker leaves is worked: as the plan has it, a target at the price that it rested at."""
    if kind is ExitKind.TARGET:
        return ExitOrder(algo=Algo.LIMIT, limit_price=order.limit_price)
    return plan.stop_order


def patience(order: ExitOrder) -> int:
    """How long an exit may take, by its kind: 0 at once, then by steps, then resting for a while, then for good."""
    return _patience(order.algo, order.limit_price, ends=order.deadline_s is not None)


def patience_of(parent: ParentOrder) -> int:
    """The same of a parent order that works."""
    if parent.hurried:
        return _AT_ONCE
    return _patience(parent.schedule.algo, parent.schedule.limit_price, ends=bool(parent.deadline))


def _patience(algo: Algo, limit: Decimal | None, *, ends: bool) -> int:
    """By how an exit is worked, at what limit, and whether what is left of it goes to the market in the end."""
    if algo is Algo.MARKET:
        return _AT_ONCE
    if algo is Algo.WALK or (algo is Algo.TWAP and (limit is None or ends)):
        return _BY_STEPS
    return _FOR_A_WHILE if ends else _FOR_GOOD


def most_urgent(trade: Trade, wanted: ExitOrder) -> ExitOrder:
    """How a trade's exits are worked once another comes: while one is on its way out, the most urgent of both."""
    on_its_way = abs(trade.target) < abs(trade.position.qty)
    if on_its_way and patience(trade.exit_order) < patience(wanted):
        return trade.exit_order
    return wanted


def overtaken(trade: Trade, parents: list[ParentOrder]) -> list[ParentOrder]:
    """The parent orders that take a trade out more patiently than its newest exit wants, where everything has to go."""
    if trade.target:
        return []
    return [
        parent
        for parent in parents
        if parent.side.sign * trade.position.qty < 0 and patience_of(parent) > patience(trade.exit_order)
    ]
