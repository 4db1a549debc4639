"""The plans that random days draw: how trades get in, how they get out, and who holds what waits for its price."""

from decimal import Decimal

from hypothesis import strategies as st
from msgspec.structs import replace

from options.plan import (
    AT_MARKET,
    Algo,
    Basis,
    EntryCondition,
    EntryPlan,
    ExitOrder,
    ExitPlan,
    Held,
    ScaleInPlan,
    TargetPlan,
    TimeInForce,
    Unfilled,
    Watch,
)
from options.values import MINUTE
from tests.options.desk import OPEN, limit

WALKED = ExitOrder(algo=Algo.WALK, every_s=20.0, steps=2)
IN_PARTS = ExitOrder(algo=Algo.TWAP, every_s=20.0, steps=2)
RESTING = ExitOrder(algo=Algo.LIMIT)
plans = st.builds(
    ExitPlan,
    targets=st.sampled_from(
        [
            (),
            (TargetPlan(gain=Decimal("0.1"), share=Decimal("0.5")),),
            (
                TargetPlan(gain=Decimal("0.1"), share=Decimal("0.3")),
                TargetPlan(gain=Decimal("0.2"), share=Decimal("0.7")),
            ),
        ]
    ),
    stop=st.sampled_from([None, Decimal("0.1"), Decimal("0.3")]),
    trail_amount=st.sampled_from([None, None, Decimal(1), Decimal(2)]),
    break_even_after=st.sampled_from([None, None, 1]),
    hold_max_s=st.sampled_from([None, None, 300.0]),
    basis=st.sampled_from([Basis.MID, Basis.MID, Basis.FAR_SIDE, Basis.TWO_MARKS]),
    scale_ins=st.sampled_from(
        [(), (), (ScaleInPlan(gain=Decimal("0.05"), qty=2),), (ScaleInPlan(gain=Decimal("-0.05"), qty=1),)]
    ),
    average_down=st.just(True),
    target_order=st.sampled_from([AT_MARKET, WALKED, IN_PARTS, RESTING]),
    stop_order=st.sampled_from([AT_MARKET, AT_MARKET, WALKED]),
)
percent_plans = st.builds(
    ExitPlan,
    stop=st.sampled_from([None, Decimal("0.3")]),
    trail=st.sampled_from([Decimal("0.1"), Decimal("0.2")]),
    trail_after=st.sampled_from([None, None, Decimal("0.05")]),
    flat_before_expiry=st.just(OPEN + 40 * MINUTE),
)
entries = st.sampled_from(
    [
        EntryPlan(),
        EntryPlan(),
        EntryPlan(give_up_after_s=30.0),
        EntryPlan(algo=Algo.WALK, every_s=1.0, steps=3, give_up_after_s=60.0, unfilled=Unfilled.MARKET),
        EntryPlan(algo=Algo.TWAP, every_s=2.0, steps=3),
        EntryPlan(condition=EntryCondition(watch=Watch.OPTION, level=Decimal(9), above=False)),
        EntryPlan(condition=EntryCondition(watch=Watch.OPTION, level=Decimal(9), above=False)),
        EntryPlan(condition=EntryCondition(spread_max=0.02), tif=TimeInForce.GTC),
        limit("10.20"),
        limit("10.20", tif=TimeInForce.GTC),
    ]
)

STOP_LIMIT = ExitOrder(algo=Algo.LIMIT, limit_price=Decimal(8), deadline_s=20.0)


def held_by_broker(plan: ExitPlan, what: str = "all", stop_order: ExitOrder = AT_MARKET) -> ExitPlan:
    """A plan of which the broker holds ``what``, worked as a broker can: ``all``, ``stops`` or ``targets``."""
    stop = plan.stop is not None or plan.stop_level is not None or plan.break_even_after is not None
    trail = plan.trail is not None or plan.trail_amount is not None
    plan = held_by_engine(
        replace(plan, stop_order=AT_MARKET if trail else stop_order, target_order=AT_MARKET)
    )
    if what == "all":
        return replace(plan, held=Held.BROKER)
    if what == "targets":
        return replace(plan, targets=tuple(replace(one, held=Held.BROKER) for one in plan.targets))
    holders = {"stop_held": Held.BROKER if stop else None, "trail_held": Held.BROKER if trail else None}
    return replace(plan, **holders)


def held_by_engine(plan: ExitPlan) -> ExitPlan:
    """The same plan with nothing at the broker."""
    targets = tuple(replace(one, held=None) for one in plan.targets)
    return replace(plan, held=Held.ENGINE, stop_held=None, trail_held=None, targets=targets)


def asks_the_broker(plan: ExitPlan) -> bool:
    """Whether the broker should hold anything of a plan."""
    return plan != held_by_engine(plan)


held_plans = st.builds(
    held_by_broker,
    st.one_of(plans, percent_plans),
    st.sampled_from(["all", "all", "stops", "targets"]),
    st.sampled_from([AT_MARKET, AT_MARKET, STOP_LIMIT]),
)
exit_plans = st.one_of(plans, percent_plans, held_plans)
