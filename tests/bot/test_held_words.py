"""Who holds an exit, as a person types it and as it is shown."""

from datetime import date
from decimal import Decimal

import pytest

from bot.plan_text import at_broker_words, exit_words
from bot.trade_words import PlanReader, PlanWords
from options.plan import ExitPlan, Held, TargetPlan


def read(words: PlanWords, old: ExitPlan | None = None) -> tuple[ExitPlan, list[str]]:
    """The exits that words make of a plan, and what is wrong with them."""
    reader = PlanReader(date(2015, 12, 24))
    return reader.exits(words, old or ExitPlan()), reader.faults


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (PlanWords(stop="30%"), ""),
        (PlanWords(stop="30%:broker"), "stop rests at the broker"),
        (PlanWords(stop="@8.50:broker", trail="25%:broker"), "stop and trailing stop rest at the broker"),
        (PlanWords(trail="$1.50:broker"), "trailing stop rests at the broker"),
        (PlanWords(targets=("30%:0.5", "60%:0.5:broker")), "target 2 rests at the broker"),
        (PlanWords(targets=("30%:broker",)), "target rests at the broker"),
        (
            PlanWords(stop="0.3", targets=("0.3:0.5", "0.6:0.5"), held="broker"),
            "stop and targets rest at the broker",
        ),
        (PlanWords(stop="0.3:engine", targets=("0.3",), held="broker"), "target rests at the broker"),
    ],
)
def test_what_is_typed_says_who_holds_it(words: PlanWords, shown: str) -> None:
    """One exit by its suffix, all of them by one word; the plan's text says which rest at the broker."""
    exits, faults = read(words)
    assert faults == []
    assert at_broker_words(exits) == shown
    assert not shown or shown in exit_words(exits, "")


def test_one_word_for_all_takes_back_what_was_said_of_each() -> None:
    """After ``held: engine`` nothing rests at the broker, whatever its suffixes said."""
    old = ExitPlan(
        stop=Decimal("0.3"), stop_held=Held.BROKER, targets=(TargetPlan(gain=Decimal(1), held=Held.BROKER),)
    )
    exits, faults = read(PlanWords(held="engine"), old)
    assert (faults, at_broker_words(exits)) == ([], "")


def test_taking_a_stop_away_takes_its_holder_away() -> None:
    """Else the plan would be refused for a holder of nothing."""
    exits, _ = read(
        PlanWords(stop="none", trail="none"), ExitPlan(stop=Decimal("0.3"), stop_held=Held.BROKER)
    )
    assert exits == ExitPlan()


def test_a_holder_that_is_none_is_refused() -> None:
    """The answer names those there are."""
    _, faults = read(PlanWords(held="me"))
    assert faults == ["--held: 'me' is none of engine, broker"]
