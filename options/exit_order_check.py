"""What is wrong with how an exit is to be worked, with what would be right."""

from collections.abc import Iterator

from options.cents import below_a_cent
from options.number_check import LEVEL_MAX, SECONDS_MAX, number_fault, whole_text
from options.plan import AT_MARKET, Algo, ExitOrder, ExitPlan

STEPS_MAX = 100
_FOR_EXITS = (Algo.MARKET, Algo.LIMIT, Algo.WALK, Algo.TWAP)


def exit_order_faults(name: str, order: ExitOrder, *, net: bool) -> Iterator[str]:
    """Everything that is wrong with ``name``'s order; ``net`` says that its price is a combo's."""
    low = -float(LEVEL_MAX) if net else 0.0
    what, price = f"{name}: limit", order.limit_price
    yield from number_fault(what, price, low, LEVEL_MAX, "dollars") or below_a_cent(what, price, net=net)
    yield from number_fault(f"{name}: deadline", order.deadline_s, 0, SECONDS_MAX, "seconds")
    if order.algo not in _FOR_EXITS:
        yield f"{name}: algo {order.algo} is none of {', '.join(_FOR_EXITS)}"
    if order.algo is Algo.MARKET and (order.limit_price is not None or order.deadline_s is not None):
        yield f"{name} at the market takes no limit and no deadline; use limit, walk or twap"
    yield from number_fault(f"{name}: every", order.every_s, 0, SECONDS_MAX, "seconds")
    if not 0 < order.steps <= STEPS_MAX:
        yield f"{name}: steps {whole_text(order.steps)} is not between 1 and {STEPS_MAX}"


def plan_order_faults(exits: ExitPlan, *, net: bool) -> Iterator[str]:
    """Everything that is wrong with the orders of an exit plan: what protects must get out in the end."""
    named = {
        "the stop's order": exits.stop_order,
        "the targets' order": exits.target_order,
        "the timed exit's order": exits.time_order,
    }
    for name, order in named.items():
        if order is not AT_MARKET:  # which most are
            yield from exit_order_faults(name, order, net=net)
    for name in ("the stop's order", "the timed exit's order"):
        order = named[name]
        may_rest = order.algo is Algo.LIMIT or (order.algo is Algo.TWAP and order.limit_price is not None)
        if may_rest and order.deadline_s is None:
            yield f"{name} may never fill at its limit: give it a deadline (limit:by60), to go to the market then"
