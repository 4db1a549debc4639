"""A changed plan guards: whatever of it would be due as soon as it is armed is refused, and nothing is sold."""

from decimal import Decimal
from typing import Any

import pytest

from options import commands as c
from options.plan import Basis, ExitPlan, ScaleInPlan, TargetPlan
from tests.options.test_command_desk import about, held, new, quoted
from tests.options.trading_room import Room

D = Decimal


def at_mark(mid: float, exits: ExitPlan | None = None) -> Room:
    """Four bought at 10.00, then a mark: a nickel to either side of it are bid and ask."""
    room = held(ExitPlan(stop=D("0.9")) if exits is None else exits)
    room.quote(round(mid - 0.05, 4), round(mid + 0.05, 4))
    return room


@pytest.mark.parametrize(
    ("mid", "exits", "reason"),
    [
        (9.0, {"stop": D("0.05")}, "the stop 9.50 of a long must lie below its mark 9.00"),
        (9.0, {"stop": D("0.1")}, "the stop 9.00 of a long must lie below its mark 9.00"),
        (
            12.0,
            {"targets": (TargetPlan(gain=D("0.1")),)},
            "target 1 at 11.00 of a long must lie above its mark 12.00",
        ),
        (
            9.0,
            {"stop": D("0.105"), "basis": Basis.FAR_SIDE},
            "the stop 8.95 of a long must lie below the bid 8.95",
        ),
        (
            12.0,
            {"scale_ins": (ScaleInPlan(gain=D("0.1"), qty=1),)},
            "scale-in 1 at 11.00 has been passed by its mark 12.00",
        ),
        (
            9.0,
            {"scale_ins": (ScaleInPlan(gain=D("-0.05"), qty=1),), "average_down": True},
            "scale-in 1 at 9.50 has been passed by its mark 9.00",
        ),
    ],
)
def test_a_part_of_the_entry_is_held_against_the_mark_as_a_price_is(
    mid: float, exits: dict[str, Any], reason: str
) -> None:
    """Stops, targets and additions that the mark has gone past already are refused, given as a fraction too."""
    room = at_mark(mid)
    assert room.refuse(about(c.ModifyTrade, room, exits=ExitPlan(**exits))) == (reason,)
    room.quote(round(mid - 0.05, 4), round(mid + 0.05, 4))
    assert room.trade().position.qty == 4


def test_a_gain_is_measured_from_what_is_held_and_not_from_the_mark() -> None:
    """With a mark of 12.00 over an entry of 10.00, 25% and then $13 are a ladder that goes up."""
    room = at_mark(12.0)
    rungs = (TargetPlan(gain=D("0.25"), share=D("0.5")), TargetPlan(level=D(13), share=D("0.5")))
    room.take(about(c.ModifyTrade, room, exits=ExitPlan(targets=rungs)))
    assert [armed.level for armed in room.trade().armed] == [D("12.50"), D(13)]


def test_a_trailing_stop_that_the_mark_has_fallen_through_already_is_refused() -> None:
    """The best mark was 12.00: 5% from it is 11.40, which sells all at a mark of 10.00; 20% does not."""
    room = at_mark(12.0)
    room.quote(9.95, 10.05)
    (reason,) = room.refuse(about(c.SetTrail, room, fraction=D("0.05")))
    assert "11.40" in reason
    assert "its mark 10.00 is past that" in reason
    room.take(about(c.SetTrail, room, fraction=D("0.2")))
    room.quote(9.95, 10.05)
    assert room.trade().position.qty == 4


def test_a_trailing_amount_that_reaches_below_zero_is_refused() -> None:
    """No price ever gets there: it would look like a guard and be none, before the entry and after it."""
    room = quoted()
    room.take(new(room, exits=ExitPlan(trail_amount=D(50))))
    assert any("reaches below zero" in reason for reason in room.refuse(about(c.ActivateTrade, room)))
    room = at_mark(10.0)
    (reason,) = room.refuse(about(c.SetTrail, room, amount=D(50)))
    assert "where no price ever gets" in reason


def test_what_slept_through_its_stop_is_not_woken_into_a_sale() -> None:
    """The stop of a trade held inactive was passed meanwhile: activating says so; with a new stop it is guarded."""
    room = held(ExitPlan(stop=D("0.3")))
    room.take(about(c.ModifyTrade, room, hold=True))
    room.quote(5.00, 5.20)
    assert room.refuse(about(c.ActivateTrade, room)) == (
        "the stop 7.00 of a long must lie below its mark 5.10",
    )
    room.take(about(c.ModifyTrade, room, exits=ExitPlan(stop=D("0.6"))))
    room.take(about(c.ActivateTrade, room))
    assert room.status() == "Contingent Order Working / Filled"
    assert [armed.level for armed in room.trade().armed] == [D("4.00")]


def test_everything_that_would_be_due_is_named_beside_everything_that_is_wrong() -> None:
    """An unsound number hides no reason of another part."""
    room = at_mark(9.0)
    exits = ExitPlan(stop=D("0.05"), trail=D(2), hold_max_s=1, targets=(TargetPlan(gain=D("-1")),))
    room.quote(8.95, 9.05, after_s=5)
    reasons = room.refuse(about(c.ModifyTrade, room, exits=exits))
    for part in ("target 1: gain -1", "trail 2 ", "the stop 9.50 of a long", "hold-max 0.016667: "):
        assert any(part in reason for reason in reasons), reasons


def test_what_guards_already_is_not_asked_again() -> None:
    """A stop that wants two marks has seen the first: another part of the plan can be changed all the same."""
    room = held(ExitPlan(stop=D("0.3"), basis=Basis.TWO_MARKS))
    room.quote(6.00, 6.20)
    room.take(
        about(
            c.ModifyTrade,
            room,
            exits=ExitPlan(stop=D("0.3"), basis=Basis.TWO_MARKS, targets=(TargetPlan(gain=D("0.5")),)),
        )
    )
    assert room.trade().position.qty == 4


def first_half_gone() -> Room:
    """Half went at the first rung, 11.00; the mark is 11.50."""
    room = held(ExitPlan(targets=(TargetPlan(gain=D("0.1"), share=D("0.5")),)))
    room.quote(11.45, 11.55)
    assert room.trade().position.qty == 2
    return room


@pytest.mark.parametrize(
    "rungs",
    [
        (TargetPlan(gain=D("0.12"), share=D("0.5")), TargetPlan(gain=D("0.3"), share=D("0.5"))),
        (TargetPlan(level=D("11.20")),),
    ],
)
def test_a_ladder_that_begins_anew_below_the_mark_is_refused(rungs: tuple[TargetPlan, ...]) -> None:
    """That the first rung of the ladder before has sold says nothing about this one's, which would sell the rest."""
    room = first_half_gone()
    (reason,) = room.refuse(about(c.ModifyTrade, room, exits=ExitPlan(targets=rungs)))
    assert reason == "target 1 at 11.20 of a long must lie above its mark 11.50"


def test_a_target_that_is_moved_below_the_mark_is_refused_after_a_rung_too() -> None:
    """One target for what is left, at a price that has been passed."""
    room = first_half_gone()
    (reason,) = room.refuse(about(c.SetTarget, room, level=D("11.20")))
    assert reason == "target 1 at 11.20 of a long must lie above its mark 11.50"
    room.take(about(c.SetTarget, room, level=D("11.80")))
    assert room.trade().position.qty == 2


def test_a_trail_with_another_start_waits_for_that_one() -> None:
    """On since 12.00, its start is put to 15.00: it sells nothing before, and measures from the best mark after."""
    room = held(ExitPlan(trail=D("0.1"), trail_after=D("0.2")))
    room.quote(12.45, 12.55)
    later = ExitPlan(trail=D("0.1"), trail_after=D("0.5"))
    room.take(about(c.ModifyTrade, room, exits=later))
    assert [armed.level for armed in room.trade().armed] == [D("15.00")]
    room.quote(10.95, 11.05)
    assert room.trade().position.qty == 4
    room.quote(15.95, 16.05)
    room.take(about(c.ModifyTrade, room, exits=ExitPlan(trail=D("0.1"), trail_after=D("0.5"), stop=D("0.5"))))
    room.quote(14.45, 14.55)
    assert room.trade().position.qty == 4
    room.quote(14.25, 14.35)
    assert room.trade().position.qty == 0
