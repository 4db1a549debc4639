"""How a parent order is worked over time: the price and the size that its next attempt should have."""

from decimal import ROUND_HALF_EVEN, Decimal

import msgspec

from options.execution.fill_models import far_side
from options.order import ParentOrder
from options.plan import Algo, EntryPlan
from options.quote import Quote
from options.terms import Schedule
from options.values import CENT, SECOND, Micros, Side, from_iso, price_from_float

EXIT_SCHEDULE = Schedule(algo=Algo.MARKET)


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """What should be in the market for a parent now: contracts in all, and the limit (``None``: at the market)."""

    qty: int
    limit_price: Decimal | None


def schedule_of(plan: EntryPlan, side: Side, quote: Quote | None) -> Schedule:
    """The schedule of an entry; a walk without prices of its own goes from the mid to the far side of the quote."""
    limit, bound = plan.limit_price, plan.limit_bound
    if plan.algo is Algo.WALK and quote is not None:
        mid, far = quote.mid, far_side(side, quote)
        if limit is None and mid is not None:
            limit = price_from_float(round(mid, 4)).quantize(CENT, ROUND_HALF_EVEN)
        if bound is None and far is not None:
            bound = price_from_float(far)
    stepped = plan.algo in (Algo.WALK, Algo.TWAP)
    return Schedule(
        algo=plan.algo,
        tif=plan.tif,
        limit_price=limit,
        limit_bound=bound,
        every_s=plan.every_s if stepped else 0.0,
        steps=plan.steps if stepped else 0,
    )


def addition_plan(plan: EntryPlan, side: Side, quote: Quote | None) -> EntryPlan:
    """How a trade is added to: worked as its entry was, at the prices of now.

    The entry's limit would rest where the price was then. A limit is that of the far side; without one there is none.
    """
    if plan.algo is not Algo.LIMIT:
        return msgspec.structs.replace(plan, limit_price=None, limit_bound=None)
    far = None if quote is None else far_side(side, quote)
    if far is None:
        return msgspec.structs.replace(plan, algo=Algo.MARKET, limit_price=None)
    return msgspec.structs.replace(plan, limit_price=price_from_float(far))


def step_at(parent: ParentOrder, now: Micros) -> int:
    """How many steps a parent has gone by ``now``; none where the clock was set back to before it began."""
    schedule = parent.schedule
    if not schedule.steps:
        return 0
    gone = (now - from_iso(parent.opened_ts)) // round(schedule.every_s * SECOND)
    return max(0, min(schedule.steps, gone))


def next_step(parent: ParentOrder, now: Micros) -> Micros | None:
    """When the next step or the deadline is due, or ``None`` after the last."""
    step = step_at(parent, now)
    if parent.hurried:
        return None
    deadline = from_iso(parent.deadline) if parent.deadline else None
    if step >= parent.schedule.steps:
        return deadline if deadline is not None and deadline > now else None
    following = from_iso(parent.opened_ts) + (step + 1) * round(parent.schedule.every_s * SECOND)
    return following if deadline is None or now >= deadline else min(following, deadline)


def is_late(parent: ParentOrder, now: Micros) -> bool:
    """Whether a parent's deadline has come and what is left of it is not on its way to the market yet."""
    return bool(parent.deadline) and not parent.hurried and now >= from_iso(parent.deadline)


def attempt_at(parent: ParentOrder, now: Micros) -> Attempt:
    """What should have been sent of a parent by ``now``, and at what limit."""
    schedule, step = parent.schedule, step_at(parent, now)
    if parent.hurried or schedule.algo is Algo.MARKET:
        return Attempt(parent.qty, None)
    if schedule.algo is Algo.TWAP:
        return Attempt(-(-parent.qty * min(step + 1, schedule.steps) // schedule.steps), schedule.limit_price)
    limit, bound = schedule.limit_price, schedule.limit_bound
    if schedule.algo is Algo.WALK and limit is not None and bound is not None and schedule.steps:
        limit = (limit + (bound - limit) * step / schedule.steps).quantize(CENT, ROUND_HALF_EVEN)
    return Attempt(parent.qty, limit)
