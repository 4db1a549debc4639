"""Numbers, parts of plans and zones as people type them: what may be meant in two ways is asked about."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.trade_words import PlanReader, PlanWords
from bot.typed_amount import fraction, part_of_mid, price, share
from bot.typed_moment import moment
from bot.typed_number import number, whole
from bot.word_fault import WordFault
from options.plan import EntryPlan, ExitPlan

DAY = date(2015, 12, 24)


@pytest.mark.parametrize(
    "text", ["1_0", "\uff11\uff12", "1,000", "4,50", "0x10", "٣", "1e", "--5", "5 0", "nan", "Infinity"]
)
@pytest.mark.parametrize("read", [price, fraction, share, part_of_mid, number, whole])
def test_a_number_is_written_in_plain_digits(read: Callable[[str], object], text: str) -> None:
    """What some programs read as a number, and a person may have meant otherwise, is refused wherever it is typed."""
    with pytest.raises(WordFault, match=" is not "):
        read(text)


@pytest.mark.parametrize("text", ["5", " 5 ", "5.", "5.0", "+5", "0.5e1"])
def test_a_number_is_read_in_every_plain_form(text: str) -> None:
    """Blanks around it, a sign and an exponent change nothing."""
    assert price(text) == Decimal(5)
    assert number(text) == 5.0


def test_a_spread_beyond_all_measure_is_said_of_its_option() -> None:
    """No fraction of the mid is that large; the refusal names what was typed."""
    reader = PlanReader(DAY)
    reader.entry(PlanWords(when_spread="1e400"), EntryPlan())
    assert reader.faults == ["--when-spread: '1e400' is not a fraction, e.g. 0.25 or 25%"]


@pytest.mark.parametrize(
    ("text", "part"), [("½", "0.5"), ("50%", "0.5"), ("100%", "1"), ("0.99", "0.99"), ("150%", "1.5")]
)
def test_a_share_is_a_part(text: str, part: str) -> None:
    """All of it is written in percent."""
    assert share(text) == Decimal(part)


@pytest.mark.parametrize("text", ["1", "2", "1.0", "50", "-1"])
def test_a_share_that_may_be_contracts_is_asked_about(text: str) -> None:
    """One behind a target's colon could be one contract, and was all of them."""
    reader = PlanReader(DAY)
    reader.exits(PlanWords(targets=(f"50%:{text}",)), ExitPlan())
    assert reader.faults == [
        f"--target: {text!r} may be contracts, and a part is asked for: write ½ or 50%, 100% for all"
    ]


def test_no_target_has_the_number_zero() -> None:
    """A zero is refused as any other number that no target has, and is no way to take the part away."""
    reader = PlanReader(DAY)
    assert reader.exits(PlanWords(break_even_after="0"), ExitPlan(break_even_after=1)).break_even_after == 0
    assert (
        reader.exits(PlanWords(break_even_after="none"), ExitPlan(break_even_after=1)).break_even_after
        is None
    )


def test_none_gives_an_entry_its_usual_pace() -> None:
    """Steps and the time between them are a new plan's then; a zero is no such wish, and stays to be refused."""
    old, plain = EntryPlan(every_s=60.0, steps=9), EntryPlan()
    reader = PlanReader(DAY)
    given = reader.entry(PlanWords(every="none", steps="None"), old)
    assert (given.every_s, given.steps) == (plain.every_s, plain.steps)
    zero = reader.entry(PlanWords(every="0", steps="0"), old)
    assert (zero.every_s, zero.steps) == (0.0, 0)
    assert reader.faults == []


@pytest.mark.parametrize(
    "text",
    [
        "20:50Z",
        "21:50+01:00",
        "2015-12-24 20:50Z",
        "2015-12-24 15:50-05:00",
        "2015-12-25 02:20+05:30",
        " 2015-12-24T20:50Z ",
    ],
)
def test_a_zone_that_is_typed_holds(text: str) -> None:
    """A time with its zone is that moment, and never New York's with the zone left out."""
    day = DAY if "-25" not in text else date(2015, 12, 25)
    assert moment(text, day) == moment("15:50", DAY)


@pytest.mark.parametrize(
    "text", ["2150-03-30 10:00", "0001-01-01 00:00", "1969-12-31 10:00", "2100-01-01T00:00:00Z"]
)
def test_a_time_of_another_age_is_said_in_years(text: str) -> None:
    """As it was typed, with the years that can be."""
    with pytest.raises(WordFault, match="is not in the years 1970 to 2099"):
        moment(text, DAY)


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        (("trim", "T1", "nan", "--by", "hope"), ("QTY: 'nan' is neither", "--by: 'hope' is no way")),
        (
            ("roll", "T1", "--expiry", "2015-02-30", "--strike", "x", "--qty", "1.5"),
            ("--expiry: '2015-02-30'", "--strike: 'x'", "--qty: '1.5'"),
        ),
        (
            ("settle", "O1", "z", "--price", "nan", "--fee", "x"),
            ("FILLED: 'z'", "--price: 'nan'", "--fee: 'x'"),
        ),
        (
            ("trade", "assigned", "T1", "--qty", "q", "--contract", "GOOG ? C", "--price", "p"),
            ("--qty: 'q'", "--contract: 'GOOG ? C'", "--price: 'p'"),
        ),
    ],
)
def test_a_command_that_steers_says_everything_unreadable_at_once(
    tmp_path: Path, arguments: tuple[str, ...], faults: tuple[str, ...]
) -> None:
    """Each word that cannot be read has its own line, with the name of its place; nobody is asked."""
    found = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path)])
    assert found.exit_code == 2
    said = found.output.splitlines()
    assert len(said) == len(faults)
    assert all(line.startswith(f"callboard: {fault}") for line, fault in zip(said, faults, strict=True))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_id_is_refused(tmp_path: Path) -> None:
    """A script whose variable was never set asks for nothing that could happen twice."""
    found = CliRunner().invoke(app, ["halt", "--id", "", "--data", str(tmp_path)])
    assert (found.exit_code, found.output.strip()) == (2, "callboard: the command's id is empty")


def test_a_trade_without_a_name_is_said_to_be_one(tmp_path: Path) -> None:
    """An empty word where the trade should be is answered in words."""
    calls = [["trade", "new", "GOOG", "1"], ["close", " "], ["trade", "show", ""]]
    _, closed, shown = (CliRunner().invoke(app, [*one, "--data", str(tmp_path)]) for one in calls)
    assert (closed.exit_code, shown.exit_code) == (1, 2)
    assert "' ': there is no such trade" in closed.output
    assert "'': there is no such trade" in shown.output
