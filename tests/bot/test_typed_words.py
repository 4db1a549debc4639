"""Names, numbers, parts and times as people type them, and what is said of those that cannot be right."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.moment_words import in_new_york
from bot.refusal_text import reason_text
from bot.trade_words import PlanReader, PlanWords
from bot.typed_amount import fraction, stop_level, trim_amount
from bot.typed_moment import moment
from bot.word_fault import WordFault
from options.plan import EntryPlan, ExitPlan

DAY = date(2015, 12, 24)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a draft, T1, on which nobody runs."""
    folder = tmp_path_factory.mktemp("data")
    assert call(folder, "trade", "new", "GOOG 2015-12-31 750 C", "4").exit_code == 0
    return folder


def call(data: Path, *arguments: str) -> Result:
    """A command on a data folder."""
    return CliRunner().invoke(app, [*arguments, "--data", str(data)])


@pytest.mark.parametrize("trade", ["T1", "t1", " t1 ", " T1 "])
def test_a_trade_is_named_in_any_case(data: Path, trade: str) -> None:
    """``t1`` is ``T1``, for looking and for steering."""
    assert call(data, "trade", "show", trade).output.startswith("T1  Long 4 GOOG")
    assert "modify T1: taken" in call(data, "trade", "modify", trade, "--stop", "0.3").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("trade", "new", "GOOG 2015-12-31 750 C", "four"),
            "'four' is not a whole number",
        ),
        (
            ("trade", "new", "GOOG 2015-12-31 750 C", "4.5"),
            "'4.5' is not a whole number",
        ),
        (("trade", "modify", "T1", "--qty", "½"), "'½' is not a whole number"),
        (
            ("trade", "modify", "T1", "--steps", "1e3"),
            "'1e3' is not a whole number",
        ),
        (("trade", "modify", "T1", "--hold-max", "nan"), "'nan' is not a number, e.g. 30 or 0.5"),
        (("trade", "modify", "T1", "--give-up", "soon"), "'soon' is not a number, e.g. 30 or 0.5"),
        (("roll", "T1", "--qty", "x"), "'x' is not a whole number"),
    ],
)
def test_what_is_no_number_is_said(data: Path, arguments: tuple[str, ...], said: str) -> None:
    """The word itself and what would be right; nobody is asked."""
    done = call(data, *arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())


def test_resume_without_a_reason_says_which_one_to_repeat(data: Path) -> None:
    """The reason of the halt is shown, and the halt stays until it is repeated."""
    assert call(data, "halt", "--reason", "the Fed speaks").exit_code == 0
    refused = call(data, "resume")
    assert refused.exit_code == 1
    assert "the halt to answer is 'the Fed speaks'; repeat its reason to resume" in refused.output
    assert call(data, "resume", "the Fed speaks").exit_code == 0


@pytest.mark.parametrize(
    ("text", "part"),
    [("1/2", "0.5"), ("¼", "0.25"), ("3/4", "0.75"), ("half", "0.5"), ("25 %", "0.25"), (".3", "0.3")],
)
def test_a_part_is_read_as_people_write_it(text: str, part: str) -> None:
    """Fractions, percentages and words."""
    assert fraction(text) == Decimal(part)


def test_a_time_needs_no_leading_zero() -> None:
    """``9:31`` is ``09:31``, New York's."""
    assert moment("9:31", DAY) == moment("09:31", DAY) == moment("2015-12-24T09:31:00-05:00", DAY)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("3:50pm", "15:50"),
        ("3:50 PM", "15:50"),
        ("10 a.m.", "10:00"),
        ("12:05am", "00:05"),
        ("2015-12-24 12pm", "12:00"),
    ],
)
def test_a_time_may_say_am_or_pm(text: str, clock: str) -> None:
    """Half days as Americans write them; noon is 12pm."""
    assert moment(text, DAY) == moment(clock, DAY)


@pytest.mark.parametrize("text", ["15:50pm", "0:10am", "13pm", "pm"])
def test_half_of_a_day_has_twelve_hours(text: str) -> None:
    """What no clock shows is no time."""
    with pytest.raises(WordFault, match="is not a time"):
        moment(text, DAY)


def test_none_takes_every_part_of_a_plan_away() -> None:
    """The word empties each option that can be empty, in any case; the plan is a new one's then."""
    reader, none = PlanReader(DAY), "None"
    full = PlanWords(
        limit="9.80", bound="10.00", give_up="60", when_option="above:9", stop="30%", targets=("50%",), trail="$2",
        trail_after="20%", break_even_after="1", hold_max="30", flat_at="never", scale_ins=("20%:1",), stop_by="walk",
        target_by="limit", time_by="twap:5x60",
    )  # fmt: skip
    empty = PlanWords(
        limit=none, bound=none, give_up=none, when_option=none, stop=none, targets=(none,), trail=none,
        trail_after=none, break_even_after=none, hold_max=none, flat_at=none, scale_ins=(none,), stop_by=none,
        target_by=none, time_by=none, algo="Market",
    )  # fmt: skip
    entry, exits = reader.entry(full, EntryPlan()), reader.exits(full, ExitPlan())
    assert entry.condition is not None
    assert exits.hold_max_s == 1800
    assert reader.entry(empty, entry) == EntryPlan()
    assert reader.exits(empty, exits) == ExitPlan()
    assert reader.faults == []


@pytest.mark.parametrize(
    "words",
    [
        PlanWords(when_option="none"),
        PlanWords(when_underlying="none"),
        PlanWords(when_spread="none"),
        PlanWords(at="none"),
    ],
)
def test_none_takes_away_what_an_entry_waits_for(words: PlanWords) -> None:
    """By whichever option it is said; what is not said stays."""
    reader = PlanReader(DAY)
    waiting = reader.entry(PlanWords(at="2015-12-24 10:00", limit="9.80"), EntryPlan())
    assert waiting.condition is not None
    assert reader.entry(words, waiting).condition is None
    assert reader.entry(PlanWords(limit="9.90"), waiting).condition == waiting.condition
    assert reader.faults == []


def test_words_are_taken_in_any_case() -> None:
    """Choices, sides and parts as they are typed in a hurry."""
    reader = PlanReader(DAY)
    words = PlanWords(
        algo="LIMIT", limit="9.80", then="Cancel", tif="gtc", when_spread="5%", basis="Far Side"
    )
    entry, exits = reader.entry(words, EntryPlan()), reader.exits(words, ExitPlan())
    assert (str(entry.algo), str(entry.tif), str(exits.basis)) == ("limit", "GTC", "far side")
    assert entry.condition is not None
    assert entry.condition.spread_max == 0.05
    assert reader.exits(PlanWords(flat_at="NEVER"), ExitPlan()).hold_through_expiry
    assert reader.entry(PlanWords(when_option="Above:9"), EntryPlan()).condition is not None
    assert reader.faults == []


def test_a_number_that_may_be_a_price_is_not_taken_for_a_part() -> None:
    """12 for a target could be dollars, 12% or twelve times the entry: who typed it is asked which."""
    reader = PlanReader(DAY)
    reader.exits(
        PlanWords(stop="8.50", targets=("12:0.5",), trail_after="20", scale_ins=("20:1",)), ExitPlan()
    )
    assert reader.faults == [
        "--stop: '8.50' may be a price or a percentage: write @8.50 or 8.50%",
        "--trail-after: '20' would be 20 times the entry: write 20% if that is meant",
        "--target: '12' may be a price or a percentage: write @12 or 12%",
        "--scale-in: '20' would be 20 times the entry: write 20% if that is meant",
    ]
    sure = PlanReader(DAY)
    plan = sure.exits(PlanWords(stop="1.5", targets=("2:0.5", "1200%:0.5")), ExitPlan())
    assert (plan.stop, [one.gain for one in plan.targets]) == (Decimal("1.5"), [Decimal(2), Decimal(12)])
    assert sure.faults == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (PlanWords(when_option="above"), "--when-option: 'above' is neither above:PRICE nor below:PRICE"),
        (
            PlanWords(when_underlying="over:3"),
            "--when-underlying: 'over:3' is neither above:PRICE nor below:PRICE",
        ),
        (PlanWords(scale_ins=("z",)), "--scale-in: 'z' is no gain and quantity, e.g. 0.2:2"),
        (PlanWords(when_option="above:none"), "--when-option: 'none' is not a price in dollars, e.g. 8.50"),
        (
            PlanWords(targets=("none", "50%")),
            "--target: 'none' is not a fraction, e.g. 0.25 or 25%; a price is written @8.50",
        ),
        (PlanWords(scale_ins=("z:2",)), "--scale-in: 'z' is not a fraction, e.g. 0.25 or 25%"),
    ],
)
def test_a_word_that_is_wrong_is_said_once(words: PlanWords, fault: str) -> None:
    """One fault for one word, with what would be right."""
    reader = PlanReader(DAY)
    reader.entry(words, EntryPlan())
    reader.exits(words, ExitPlan())
    assert reader.faults == [fault]


@pytest.mark.parametrize(("text", "level"), [("even", None), (" EVEN", None), ("$9", "9"), ("8.50", "8.50")])
def test_a_stop_goes_to_a_price_or_to_the_entry(text: str, level: str | None) -> None:
    """``even`` is the entry, in any case."""
    assert stop_level(text) == (None if level is None else Decimal(level))


def test_a_stop_that_is_neither_says_both() -> None:
    """A percentage has no place where a level is moved by hand."""
    with pytest.raises(
        WordFault, match=r"'30%' is neither a price in dollars, e\.g\. 8\.50, nor 'even' for the entry"
    ):
        stop_level("30%")


@pytest.mark.parametrize(("text", "amount"), [("1/3", 3), ("2/3", 6), ("¼", 2), ("4", 4)])
def test_a_trim_takes_any_part(text: str, amount: int) -> None:
    """Thirds too; what comes out of nine contracts."""
    qty, part = trim_amount(text)
    assert (qty if part is None else round(part * 9)) == amount


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("write @12 or 12%", "write @12 or 12%"),
        ("a price is written @8.50", "a price is written @8.50"),
        ("limit@8.50:by60", "limit@8.50:by60"),
        (
            "@everyone @1070000000000000014 @1070000.0000000000014 @",
            "ⓐeveryone ⓐ1070000000000000014 ⓐ1070000.0000000000014 ⓐ",
        ),
    ],
)
def test_a_price_in_a_refusal_can_be_typed_again(reason: str, shown: str) -> None:
    """The sign before a price stays; before a name or an id it is made harmless."""
    assert reason_text(reason, 200) == shown


def test_moments_in_a_refusal_are_new_yorks() -> None:
    """What the core says in UTC is shown as New York's; what is no moment stays."""
    assert (
        in_new_york("flat_at 2015-12-24T20:50:00.000000Z has passed")
        == "flat_at 24 Dec 2015 15:50:00 ET has passed"
    )
    assert in_new_york("'2015-12-24' is no date") == "'2015-12-24' is no date"


def test_a_folder_without_a_ledger_is_named(tmp_path: Path) -> None:
    """Looking where nothing was ever traded says that there is no ledger, and makes nothing."""
    for arguments in (
        ["trade", "list"],
        ["trade", "show", "T1"],
        ["positions"],
        ["trades"],
        ["events"],
        ["verify"],
    ):
        done = call(tmp_path / "nowhere", *arguments)
        assert done.exit_code == 2
        assert "there is no ledger" in done.output, arguments
    assert not (tmp_path / "nowhere").exists()


def test_a_trade_is_explained_by_its_name_too(data: Path) -> None:
    """What decided on a trade, by its name in any case; what the ledger does not know is refused."""
    told = call(data, "explain", "t1")
    assert told.exit_code == 0
    assert told.output.startswith("What decided on T1, newest last:")
    unknown = call(data, "explain", "P99")
    assert unknown.exit_code == 2
    assert "P99: there is no such order, trade, signal or command in" in unknown.output


def test_activating_where_nobody_runs_says_so(data: Path) -> None:
    """The reason is not that the contract is unquoted, but that no market is heard."""
    refused = call(data, "trade", "activate", "T1")
    assert refused.exit_code == 1
    assert (
        "GOOG 31 Dec 2015 $750 call: no quote, as Callboard is not running on this folder" in refused.output
    )


def test_an_id_of_another_command_is_refused(data: Path) -> None:
    """Who gives a command under an id that is taken must not believe that it was obeyed: it is refused, and is not."""
    assert call(data, "trade", "new", "TWX 2015-12-31 70 C", "1", "--id", "once").exit_code == 0
    assert (
        "as answered before" in call(data, "trade", "new", "TWX 2015-12-31 70 C", "1", "--id", "once").output
    )
    for other in (
        ["halt", "--reason", "now"],
        ["trade", "new", "TWX 2015-12-31 70 C", "2"],
        ["trade", "new", "TWX 2015-12-31 70 P", "1"],
        ["trade", "cancel", "T1"],
    ):
        refused = call(data, *other, "--id", "once")
        assert refused.exit_code == 1, other
        assert "its id was given to another command before, new T" in refused.output
        assert "as answered before" not in refused.output
    assert "trading is not halted" in call(data, "resume", "now").output
