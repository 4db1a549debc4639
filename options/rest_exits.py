"""The exits of what an option's end leaves over: shares, or a leg that goes on in a trade of its own.

Stops and targets were prices of the whole, which is no more: they end with it. A moment is the same for whatever is
held, so what goes by the clock goes on. A leg is out before its own expiry: that the whole was to be held through one
says nothing about another.
"""

from options.calendar import Calendar
from options.plan import AT_MARKET, ExitPlan
from options.trade import Trade
from options.values import SECOND, Micros, from_iso


def exits_of_rest(
    calendar: Calendar | None, minutes: float, trade: Trade, opened_ts: str, key: str, now: Micros
) -> ExitPlan:
    """The plan for ``key``, which is left of a trade whose position was opened at ``opened_ts`` (ISO 8601 UTC).

    ``minutes`` before its last close it is out.
    """
    plan = trade.exits
    moments = [plan.flat_at]
    if plan.hold_max_s is not None:
        moments.append(from_iso(opened_ts) + round(plan.hold_max_s * SECOND))
    by_clock = min((at for at in moments if at is not None and at > now), default=None)
    order = plan.time_order
    return ExitPlan(
        flat_at=by_clock,
        flat_before_expiry=None if calendar is None else calendar.cut_off(key, minutes),
        time_order=order if order.limit_price is None else AT_MARKET,
    )
