"""Every field of a plan, wrong in every way."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from options.plan import (
    Algo,
    Basis,
    EntryCondition,
    EntryPlan,
    ExitOrder,
    ExitPlan,
    ScaleInPlan,
    TargetPlan,
    Unfilled,
    Watch,
)
from options.plan_check import QTY_CEILING, instrument_faults, plan_faults, time_faults

GOOD_ENTRY = EntryPlan(
    algo=Algo.WALK,
    limit_price=Decimal("9.80"),
    limit_bound=Decimal("10.00"),
    every_s=15.0,
    steps=4,
    give_up_after_s=60.0,
    condition=EntryCondition(watch=Watch.UNDERLYING, level=Decimal(750)),
)
GOOD_EXITS = ExitPlan(
    targets=(
        TargetPlan(gain=Decimal("0.25"), share=Decimal("0.5")),
        TargetPlan(gain=Decimal("0.5"), share=Decimal("0.5")),
    ),
    stop=Decimal("0.3"),
    trail=Decimal("0.2"),
    trail_after=Decimal("0.1"),
    break_even_after=1,
    hold_max_s=3600.0,
    flat_at=1_451_000_000_000_000,
    basis=Basis.FAR_SIDE,
    scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=2),),
)
MANY_RUNGS = tuple(TargetPlan(gain=Decimal(n) / 100, share=Decimal("0.01")) for n in range(1, 22))
WRONG_DECIMALS = [
    "0",
    "-1",
    "1E+30",
    "1E+999999",
    "1E-999999",
    "NaN",
    "sNaN",
    "-NaN",
    "Infinity",
    "-Infinity",
]
WRONG_FLOATS = [0.0, -1.0, 1e300, float("nan"), float("inf"), float("-inf")]
WRONG_COUNTS = [0, -1, 10**9, 10**400, -(10**400)]


def faults(**changes: Any) -> list[str]:
    """What is wrong with the good plans after some changes."""
    qty, direction = changes.pop("qty", 4), changes.pop("direction", 1)
    price = changes.pop("price", None)
    entry = {name: value for name, value in changes.items() if name in EntryPlan.__struct_fields__}
    exits = {name: value for name, value in changes.items() if name in ExitPlan.__struct_fields__}
    assert len(entry) + len(exits) == len(changes)
    return plan_faults(
        qty,
        direction,
        msgspec.structs.replace(GOOD_ENTRY, **entry),
        msgspec.structs.replace(GOOD_EXITS, **exits),
        price,
    )


def test_good_plans_have_no_fault() -> None:
    """What is right is let through, with and without a price."""
    assert faults() == []
    assert faults(price=Decimal("9.90")) == []


@pytest.mark.parametrize("text", WRONG_DECIMALS)
@pytest.mark.parametrize(
    "field",
    ["limit_price", "limit_bound", "stop", "trail", "trail_after"],
)
def test_each_decimal_of_a_plan_is_held_against_its_range(field: str, text: str) -> None:
    """A price or fraction that is negative, huge, tiny or no number gives one fault that names it."""
    found = faults(**{field: Decimal(text)})
    assert len(found) == 1
    words = {"limit_price": "entry limit", "limit_bound": "entry bound", "trail_after": "trail-after"}
    assert found[0].startswith(words.get(field, field))


@pytest.mark.parametrize("text", WRONG_DECIMALS)
def test_levels_and_shares_are_held_against_their_range(text: str) -> None:
    """Stop levels, target levels, gains and shares, trail amounts and entry levels too."""
    wrong = Decimal(text)
    assert len(faults(stop=None, stop_level=wrong)) == 1
    assert len(faults(trail=None, trail_amount=wrong)) == 1
    for target in (
        TargetPlan(level=wrong),
        TargetPlan(gain=wrong),
        TargetPlan(gain=Decimal("0.1"), share=wrong),
    ):
        found = faults(targets=(target,))
        assert any(one.startswith("target 1: ") for one in found)
        assert all("target" in one for one in found)
    for watch in Watch:
        assert len(faults(condition=EntryCondition(watch=watch, level=wrong))) == 1


@pytest.mark.parametrize("text", ["0", "1E+30", "-1E+30", "NaN", "sNaN", "Infinity", "1E-999999"])
def test_a_scale_in_needs_a_gain_that_is_a_number(text: str) -> None:
    """A scale-in at no gain, or at one that is no number, is a fault."""
    found = faults(scale_ins=(ScaleInPlan(gain=Decimal(text), qty=1),), average_down=True)
    assert len(found) == 1
    assert found[0].startswith("scale-in 1: gain")


@pytest.mark.parametrize("wrong", WRONG_FLOATS)
@pytest.mark.parametrize(
    ("field", "said"), [("every_s", "every "), ("give_up_after_s", "give-up "), ("hold_max_s", "hold-max ")]
)
def test_each_span_of_a_plan_is_held_against_its_range(field: str, said: str, wrong: float) -> None:
    """Seconds are above zero and at most a year."""
    found = faults(**{field: wrong})
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize("wrong", WRONG_FLOATS)
def test_a_spread_is_held_against_its_range(wrong: float) -> None:
    """A spread to wait for is above zero and at most twice the mid."""
    assert len(faults(condition=EntryCondition(spread_max=wrong))) == 1


@pytest.mark.parametrize("wrong", WRONG_COUNTS)
def test_each_count_of_a_plan_is_held_against_its_range(wrong: int) -> None:
    """Quantities, steps, rungs and directions of any size give a fault that can be printed."""
    found = [faults(qty=wrong), faults(steps=wrong), faults(break_even_after=wrong), faults(direction=wrong)]
    found.append(faults(scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=wrong),)))
    assert [len(one) for one in found] == [1] * 5
    assert all(len(one[0]) < 200 for one in found)


@pytest.mark.parametrize("wrong", [0, -1, -(10**30), 10**18, 10**400])
def test_a_moment_must_be_a_time(wrong: int) -> None:
    """A moment that no calendar has is a fault, not a crash, however it is asked."""
    assert len(faults(flat_at=wrong)) == 1
    assert len(faults(condition=EntryCondition(at=wrong))) == 1
    if wrong < 10**16:
        time_faults(ExitPlan(flat_at=wrong), EntryPlan(condition=EntryCondition(at=wrong)), 1, "")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stop_level": Decimal(8)}, "not both"),
        ({"trail_amount": Decimal(1)}, "not both"),
        ({"trail": None}, "trailing stop to switch on"),
        ({"targets": (TargetPlan(),)}, "a gain or a level, exactly one"),
        ({"targets": (TargetPlan(gain=Decimal("0.1"), level=Decimal(12)),)}, "exactly one"),
        ({"targets": (TargetPlan(gain=Decimal("0.1")), TargetPlan(gain=Decimal("0.2")))}, "add up to 2"),
        ({"targets": MANY_RUNGS}, "at most 20"),
        ({"scale_ins": (ScaleInPlan(gain=Decimal("-0.1"), qty=1),)}, "average-down"),
        ({"algo": Algo.LIMIT, "limit_price": None, "limit_bound": None}, "needs a limit price"),
        ({"algo": Algo.CROSS, "limit_bound": None}, "inside the house"),
        ({"algo": Algo.MARKET, "limit_bound": None}, "takes no limit price"),
        ({"algo": Algo.LIMIT}, "use it with walk"),
        ({"limit_bound": Decimal("9.70")}, "must lie above the limit"),
        ({"condition": EntryCondition()}, "exactly one"),
        ({"condition": EntryCondition(level=Decimal(1), at=1_451_000_000_000_000, watch=Watch.OPTION)}, "exactly one"),
        ({"condition": EntryCondition(level=Decimal(1))}, "whose price"),
    ],
)  # fmt: skip
def test_parts_that_do_not_go_together(changes: dict[str, Any], said: str) -> None:
    """What contradicts itself is one fault that says what would be right."""
    found = faults(**changes)
    assert len(found) == 1, found
    assert said in found[0]


def test_more_rungs_than_contracts_are_refused() -> None:
    """A ladder with a rung that could never sell anything is a fault."""
    assert faults(qty=1) == ["2 targets for 1 contract: some could never sell anything"]


@pytest.mark.parametrize(
    ("direction", "below", "above"), [(1, Decimal(8), Decimal(12)), (-1, Decimal(12), Decimal(8))]
)
def test_stops_and_targets_lie_on_their_side(direction: int, below: Decimal, above: Decimal) -> None:
    """Long: stops below, targets above and rising. Short: the other way round. All that is wrong is said."""
    good = {
        "stop": None,
        "stop_level": below,
        "limit_price": Decimal(10),
        "limit_bound": None,
        "algo": Algo.LIMIT,
    }
    ladder = (
        TargetPlan(level=above, share=Decimal("0.5")),
        TargetPlan(level=above + direction, share=Decimal("0.5")),
    )
    assert faults(direction=direction, targets=ladder, **good) == []
    found = faults(direction=direction, targets=ladder[::-1], **good)
    assert len(found) == 1
    found = faults(
        direction=direction,
        **good | {"stop_level": above},
        targets=(TargetPlan(level=below),),
        break_even_after=None,
    )
    assert len(found) == 2


@pytest.mark.parametrize(("direction", "stop", "target"), [(1, 9, 8), (1, 9, 9), (-1, 8, 9)])
def test_a_target_beyond_its_stop_is_refused_without_any_price(
    direction: int, stop: int, target: int
) -> None:
    """A target on the wrong side of the stop is wrong whatever the market does."""
    plan = ExitPlan(stop_level=Decimal(stop), targets=(TargetPlan(level=Decimal(target)),))
    found = plan_faults(2, direction, EntryPlan(), plan, None)
    assert len(found) == 1
    assert "its stop" in found[0]


def test_all_faults_come_at_once() -> None:
    """Everything that is wrong is said in one answer."""
    found = faults(
        qty=0, direction=3, stop=Decimal(-1), every_s=-1.0, hold_max_s=float("nan"), break_even_after=7
    )
    assert len(found) == 6


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("GOOG  151223C00750000", "expired on 2015-12-23"),
        ("GOOG1 151231C00750000", "adjusted deliverable"),
        ("GOOG  151399C00750000", "is no date"),
        ("GOOG  151231C00000000", "strike"),
        ("goog", "capital letters"),
        ("", "capital letters"),
        ("+0*GOOG  151231C00750000/-1*GOOG  151231C00760000", "ratio 0"),
        ("+1*GOOG  151231C00750000/-1*GOOG  151231C00750000", "different"),
        ("+1*GOOG  151231C00750000/-1*TWX   151231C00075000", "one underlying"),
    ],
)
def test_an_instrument_that_cannot_be_traded_is_refused(key: str, said: str) -> None:
    """Expired, adjusted, misspelt, a ratio of zero: the fault says which."""
    found = instrument_faults(key, "2015-12-24")
    assert len(found) == 1
    assert said in found[0]
    assert instrument_faults("GOOG  151224C00750000", "2015-12-24") == []


def test_the_largest_quantity_is_let_through() -> None:
    """The ceiling itself is allowed, one more is not."""
    assert faults(qty=QTY_CEILING) == []
    assert len(faults(qty=QTY_CEILING + 1)) == 1


def test_a_whole_number_of_seconds_is_the_same_plan_as_the_fraction() -> None:
    """10 and 10.0 are one plan, on disk too; a number beyond all measure is refused and breaks nothing."""
    plan = EntryPlan(every_s=10, give_up_after_s=30, condition=EntryCondition(spread_max=1))
    assert plan == EntryPlan(every_s=10.0, give_up_after_s=30.0, condition=EntryCondition(spread_max=1.0))
    assert msgspec.json.encode(plan) == msgspec.json.encode(
        msgspec.json.decode(msgspec.json.encode(plan), type=EntryPlan)
    )
    assert type(msgspec.structs.replace(plan, every_s=20).every_s) is float
    assert type(ExitPlan(hold_max_s=60).hold_max_s) is float
    assert len(faults(hold_max_s=10**400)) == 1
    assert len(faults(give_up_after_s=-(10**400))) == 1


@pytest.mark.parametrize(
    ("direction", "net", "stop", "said"),
    [
        (1, False, "0.99", ""),
        (1, False, "1.5", "at most 0.99"),
        (-1, False, "1.5", ""),
        (-1, False, "10.1", "at most 10"),
        (1, True, "2", ""),
        (-1, True, "0", "not above 0"),
    ],
)
def test_a_stop_may_lose_as_much_as_the_price_can_go_against_it(
    direction: int, net: bool, stop: str, said: str
) -> None:
    """What is bought loses no more than it cost; what is sold, or a combo, may lose a multiple of its entry."""
    found = plan_faults(2, direction, EntryPlan(), ExitPlan(stop=Decimal(stop)), None, net=net)
    assert [said in fault for fault in found] == ([True] if said else [])


def test_a_short_cannot_make_more_than_its_price() -> None:
    """A target at which the price would be zero or less is refused for a short, and no other."""
    plan = ExitPlan(targets=(TargetPlan(gain=Decimal(1), share=Decimal(1)),))
    assert plan_faults(2, 1, EntryPlan(), plan, None) == []
    (fault,) = plan_faults(2, -1, EntryPlan(), plan, None)
    assert fault == "target 1: gain 1 of a short is not below 1, where its price is zero"


@pytest.mark.parametrize(
    ("price", "limit", "what"),
    [(Decimal(9), None, "the market 9.00"), (None, Decimal("9.5"), "its limit 9.50")],
)
def test_a_level_on_the_wrong_side_says_of_what(
    price: Decimal | None, limit: Decimal | None, what: str
) -> None:
    """What a stop is held against has a name: the market, or the trade's own limit."""
    algo = Algo.MARKET if limit is None else Algo.LIMIT
    entry = EntryPlan(algo=algo, limit_price=limit)
    found = plan_faults(2, 1, entry, ExitPlan(stop_level=Decimal(12)), price)
    assert found == [f"the stop 12.00 of a long must lie below {what}"]


def test_fractions_of_a_net_price_near_zero_are_no_distance() -> None:
    """A collar for nothing: a stop at 30% of that would be met at once. Levels in dollars have a distance."""
    exits = ExitPlan(
        stop=Decimal("0.3"),
        trail_amount=Decimal(1),
        trail_after=Decimal("0.2"),
        targets=(TargetPlan(gain=Decimal("0.5")),),
        scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=1),),
    )
    faults = [
        one for one in plan_faults(2, 1, EntryPlan(), exits, Decimal("0.00"), net=True) if "cent" in one
    ]
    of_nothing = "of a net price of 0.00 is less than a cent: give levels in dollars"
    assert faults == [
        f"stop 0.3 {of_nothing}",
        f"trail-after 0.2 {of_nothing}",
        f"target 1: gain 0.5 {of_nothing}",
        f"scale-in 1: gain 0.1 {of_nothing}",
    ]
    assert plan_faults(2, 1, EntryPlan(), exits, Decimal("-0.10"), net=True) == []
    levels = ExitPlan(stop_level=Decimal("-0.5"), targets=(TargetPlan(level=Decimal("0.5")),))
    assert plan_faults(2, 1, EntryPlan(), levels, Decimal(0), net=True) == []


def test_a_refusal_has_the_words_of_who_types() -> None:
    """No reason has the name of a field: parts are called as their options are, and a time to hold is in minutes."""
    entry = EntryPlan(algo=Algo.LIMIT, limit_price=Decimal(10), unfilled=Unfilled.MARKET, every_s=-1.0)
    exits = ExitPlan(
        hold_max_s=-90.0,
        trail_after=Decimal("0.2"),
        break_even_after=3,
        scale_ins=(ScaleInPlan(gain=Decimal("-0.1"), qty=1),),
        stop_order=ExitOrder(algo=Algo.LIMIT, limit_price=Decimal(9)),
    )
    faults = plan_faults(4, 1, entry, exits, None) + plan_faults(
        4, 1, EntryPlan(give_up_after_s=0.0), ExitPlan(hold_max_s=6e301), None
    )
    assert [one for one in faults if "_" in one] == []
    for said in (
        "a limit that is to go to the market needs to know when: say give-up",
        "every -1.0 is not above 0 and at most 31,536,000 seconds",
        "hold-max -1.5 is not above 0 and at most 525,600 minutes",
        "hold-max 1e+300 is not above 0 and at most 525,600 minutes",
        "trail-after needs a trailing stop to switch on",
        "break-even-after 3: it needs a target, and there is none",
        "scale-in 1 doubles down at a loss; that needs average-down",
        "give-up 0.0 is not above 0 and at most 31,536,000 seconds",
    ):
        assert said in faults
