"""Exit settings become the plan that is written down with a trade, and settings that make no sense are refused."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from options.contingent import rung_quantities
from options.plan import ExitPlan, TargetPlan
from options.values import MINUTE
from strategies.exit_rules import ExitSettings, FlatPolicy, TargetSettings, exit_plan, ladder_for
from tests.strategies.market import NEAR, TODAY, session_of

LAST = session_of(NEAR)


def rung(gain: str, share: str) -> TargetSettings:
    return TargetSettings(gain=Decimal(gain), share=Decimal(share))


def test_every_setting_is_in_the_plan() -> None:
    """Targets, stop, trailing stop, holding time in seconds, and the moment to be flat."""
    settings = ExitSettings(
        targets=(rung("0.2", "0.4"), rung("0.5", "0.6")),
        stop=Decimal("0.25"),
        trail=Decimal("0.15"),
        hold_max_minutes=90,
    )
    assert exit_plan(settings, TODAY, LAST) == ExitPlan(
        targets=(
            TargetPlan(gain=Decimal("0.2"), share=Decimal("0.4")),
            TargetPlan(gain=Decimal("0.5"), share=Decimal("0.6")),
        ),
        stop=Decimal("0.25"),
        trail=Decimal("0.15"),
        hold_max_s=5400.0,
        flat_before_expiry=LAST.close - 10 * MINUTE,
    )


def test_every_part_can_be_left_out() -> None:
    """A plan without any exit is a plan; that it is held through its expiry is said."""
    settings = ExitSettings(targets=(), stop=None, trail=None, flat=FlatPolicy.NEVER)
    assert exit_plan(settings, TODAY, LAST) == ExitPlan(hold_through_expiry=True)


@pytest.mark.parametrize(
    ("policy", "close"),
    [(FlatPolicy.EVERY_DAY, TODAY.close), (FlatPolicy.EXPIRY_DAY, LAST.close), (FlatPolicy.NEVER, None)],
)
def test_flat_before_the_close_that_the_policy_means(policy: FlatPolicy, close: int | None) -> None:
    """Today's close, which is early on a half day, that of the last day, or none."""
    plan = exit_plan(ExitSettings(flat=policy, flat_before_close_minutes=15), TODAY, LAST)
    assert plan.out_by == (None if close is None else close - 15 * MINUTE)
    last = None if policy is FlatPolicy.NEVER else LAST.close - 15 * MINUTE
    assert plan.flat_before_expiry == last, (
        "also of what is to be out every day: it may be held over a night after all"
    )
    assert plan.hold_through_expiry is (policy is FlatPolicy.NEVER)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"targets": (rung("0.2", "0.6"), rung("0.5", "0.6"))}, "add up to 1.2"),
        ({"targets": (rung("0.5", "0.5"), rung("0.2", "0.5"))}, "must rise"),
        ({"targets": (rung("0.5", "0.5"), rung("0.5", "0.5"))}, "must rise"),
        ({"targets": (rung("0.5", "0.01"),) * 11}, "at most 10"),
        ({"stop": 0}, "greater than 0"),
        ({"stop": 1}, "less than 1"),
        ({"trail": -0.1}, "greater than 0"),
        ({"trail": "NaN"}, "finite"),
        ({"hold_max_minutes": 0}, "greater than 0"),
        ({"flat": "sometimes"}, "expiry_day"),
        ({"flat_before_close_minutes": 390}, "less than 390"),
        ({"stopp": 0.3}, "Extra inputs"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any], why: str) -> None:
    """Each with what is wrong about it."""
    with pytest.raises(ValidationError, match=why):
        ExitSettings(**wrong)


@pytest.mark.parametrize("wrong", [("0", "0.5"), ("101", "0.5"), ("0.3", "0"), ("0.3", "1.1"), ("-1", "1")])
def test_a_rung_that_makes_no_sense_is_refused(wrong: tuple[str, str]) -> None:
    """A gain is above nothing, a share above nothing and at most everything."""
    with pytest.raises(ValidationError):
        rung(*wrong)


@pytest.mark.parametrize(
    ("shares", "qty", "left"),
    [
        (("0.5", "0.5"), 1, ("1",)),
        (("0.5", "0.5"), 2, ("0.5", "0.5")),
        (("0.3", "0.3", "0.4"), 2, ("0.3", "0.7")),
        (("0.3", "0.3"), 1, ("0.3",)),
        (("0.7", "0.1", "0.1", "0.1"), 3, ("0.7", "0.1", "0.2")),
        ((), 5, ()),
    ],
)
def test_a_ladder_has_no_rung_that_could_never_sell(
    shares: tuple[str, ...], qty: int, left: tuple[str, ...]
) -> None:
    """Fewer contracts than rungs: the nearest stay, and together they sell what the whole ladder would."""
    ladder = tuple(
        TargetPlan(gain=Decimal(number), share=Decimal(one)) for number, one in enumerate(shares, start=1)
    )
    kept = ladder_for(ladder, qty)
    assert tuple(str(rung.share) for rung in kept) == left
    assert [rung.gain for rung in kept] == [rung.gain for rung in ladder[: len(kept)]]

    def parts(rungs: tuple[TargetPlan, ...]) -> list[int]:
        whole = sum((rung.share for rung in rungs), Decimal(0)) == 1
        return [
            part for part in rung_quantities([one.share for one in rungs], qty, qty, takes_rest=whole) if part
        ]

    assert parts(kept) == parts(ladder)
