"""What is wrong with exits that the broker should hold, with what would be right."""

from collections.abc import Iterator

from options.contingent import held_by
from options.plan import Algo, ExitPlan, Held


def held_faults(exits: ExitPlan, *, net: bool) -> Iterator[str]:
    """Everything about a plan's exits that no broker can hold; ``net`` says that they are a combo's."""
    stop = exits.stop is not None or exits.stop_level is not None or exits.break_even_after is not None
    trail = exits.trail is not None or exits.trail_amount is not None
    stop_rests = stop and held_by(exits, exits.stop_held) is Held.BROKER
    trail_rests = trail and held_by(exits, exits.trail_held) is Held.BROKER
    targets_rest = any(held_by(exits, target.held) is Held.BROKER for target in exits.targets)
    if exits.stop_held is not None and not stop:
        yield "there is no stop that somebody could hold: give one, or leave its holder out"
    if exits.trail_held is not None and not trail:
        yield "there is no trailing stop that somebody could hold: give one, or leave its holder out"
    if net and (stop_rests or trail_rests or targets_rest):
        yield "a combo's exits are held by the engine: no broker judges a stop by the net price of several legs"
        return
    order = exits.stop_order
    if (stop_rests or trail_rests) and order.algo not in (Algo.MARKET, Algo.LIMIT):
        yield f"a stop that the broker holds cannot be worked as {order.algo}: use market, or limit with a price"
    elif stop_rests and order.algo is Algo.LIMIT and order.limit_price is None:
        yield "a stop that the broker holds at a limit needs the limit's price: there is no mid to take it from"
    elif trail_rests and order.algo is Algo.LIMIT:
        yield "a trailing stop that the broker holds goes to the market: a fixed limit cannot follow it"
    target = exits.target_order
    plain = target.algo is Algo.MARKET or (target.algo is Algo.LIMIT and target.limit_price is None)
    if targets_rest and (not plain or target.deadline_s is not None):
        yield "a target that the broker holds rests there as a limit at its level: leave the targets' order out"
