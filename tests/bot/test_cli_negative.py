"""Numbers below zero as a person types them: they reach the command, and what is no option is still said."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli_negative import values_last
from bot.typed_amount import price
from tests.bot.command_room import CommandRoom, callboard

CONTRACT = "GOOG 2015-12-31 750 C"
CREDIT = "-1 GOOG 2015-12-31 750 C / +1 760 C"
KNOWN = ("--data", "--json", "--as")
VALUED = ("--data", "--as")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trim", "T1", "-1"], "trim -1 is not between 1 and 3; close takes out all 4"),
        (["trim", "T1", "-25%"], "trim -0.25 is not a fraction between 0 and 1; close takes out all"),
        (["stop", "T1", "-3"], "stop level -3 is not above 0 and at most 100,000 dollars"),
        (["stop", "T1", "-$3"], "stop level -3 is not above 0 and at most 100,000 dollars"),
        (["target", "T1", "-.5"], "target 1: level -0.5 is not above 0 and at most 100,000 dollars"),
        (["trail", "T1", "-25%"], "trail -0.25 is not above 0 and at most 0.99"),
        (["trail", "T1", "-$3"], "trail amount -3 is not above 0 and at most 100,000 dollars"),
        (["trade", "new", CONTRACT, "-4"], "quantity -4 is not between 1 and 1000"),
        (
            ["close", "T1", "--by", "limit@-1"],
            "the exit: limit -1 is not above 0 and at most 100,000 dollars",
        ),
    ],
)
def test_what_is_below_zero_is_refused_by_the_desk(tmp_path: Path, words: list[str], said: str) -> None:
    """It is no option that nobody knows: the desk says what it stands for and what would be right."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        callboard(tmp_path, "trade", "new", CONTRACT, "4", "--activate")
        found = callboard(tmp_path, *words)
        assert room.book.trades["T1"].exits.stop_level is None
    assert found.exit_code == 1
    assert said in found.output


def test_levels_of_a_credit_are_typed_as_they_are(tmp_path: Path) -> None:
    """Sold for a net credit: the contract, its limit, stop and target are all below zero."""
    new = ("trade", "new", CREDIT, "2", "--limit", "-3.20", "--stop", "@-6")
    assert callboard(tmp_path, *new).exit_code == 0
    assert callboard(tmp_path, "stop", "T1", "-5").exit_code == 0
    assert callboard(tmp_path, "target", "--as", "ann", "T1", "-.50").exit_code == 0
    shown = callboard(tmp_path, "trade", "show", "T1").output
    assert "limit at −3.20" in shown
    assert "stop at −5.00; target −0.50 for all" in shown


@pytest.mark.parametrize("words", [["--stpo"], ["-x"], ["-1", "--stpo"], ["--stpo", "-1"], ["--stpo", "3"]])
def test_an_unknown_option_is_said_by_its_name(tmp_path: Path, words: list[str]) -> None:
    """Beside a number below zero as without one."""
    found = callboard(tmp_path, "trim", "T1", *words)
    assert found.exit_code == 2
    name = next(word for word in words if word != "-1")
    assert f"No such option: {name}" in found.output


@given(
    st.lists(st.sampled_from(["T1", "4", "-1", "-25%", "-$3", "--json", "--stpo", "-x", "--"]), max_size=5)
)
def test_words_only_move_behind_the_options(words: list[str]) -> None:
    """Nothing is lost, the values keep their order, and options keep theirs before them."""
    found = values_last([*words, "--data", "-7"], KNOWN, VALUED)
    assert sorted(one for one in found if one != "--") == sorted(
        one for one in [*words, "--data", "-7"] if one != "--"
    )
    values = [one for one in words if one in ("T1", "4", "-1", "-25%", "-$3")]
    assert [one for one in found if one in values] == values


@pytest.mark.parametrize("typed", ["-3.20", "@-3.20", "-$3.20", "$-3.20", "\N{MINUS SIGN}3.20", "@-$3.20"])
def test_a_price_below_zero_is_read_however_its_sign_is_written(typed: str) -> None:
    """The minus may stand before or behind the dollar, and be the one that cards show."""
    assert price(typed) == Decimal("-3.20")
