"""What slash commands answer, in the words that the command line has for the same."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from bot.answer_words import taken_words
from bot.discord.commands.desk_link import Given
from bot.discord.commands.looking import DeskStatus, status_said
from bot.discord.service import untold_words
from bot.door.protocol import Answer
from options.book import Book

TAKEN = Answer(
    taken=True, verb="modify", trade_id="T1", seq=9, order_status="Inactive", trade_status="Filled"
)
STATUS = DeskStatus(
    at="2015-12-24T15:00:00.000000Z", quote_age_s=2.0, waiting=1, held=1, working=1, doubtful=0, halt_reason="",
    broker_lost=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (TAKEN, "T1 is Inactive / Filled. Its exits sleep until it is activated again."),
        (changed(TAKEN, verb="roll", trade_status="Closed", also=("T2",)), "Followed by: T2."),
        (changed(TAKEN, verb="close-all", trade_id="", also=("T1", "T2")), "Ended: T1, T2."),
        (changed(TAKEN, verb="halt", trade_id="", also=("T3",)), "Taken back: T3."),
    ],
)
def test_what_was_taken_is_said_alike_everywhere(answer: Answer, words: str) -> None:
    """A held position sleeps, a roll is followed, a close-all ends: Discord says what the command line says."""
    said = Given(answer).lines()[0]
    assert words in taken_words(answer)
    assert said.endswith(f"taken.{taken_words(answer)}")


def test_many_trades_are_not_all_named() -> None:
    """Twenty are, and how many more there are."""
    also = tuple(f"T{number}" for number in range(1, 26))
    words = taken_words(changed(TAKEN, verb="close-all", trade_id="", also=also))
    assert "T20 and 5 more." in words
    assert "T21" not in words


def test_one_of_something_is_one() -> None:
    """The status counts in singular and plural."""
    one, many = (
        status_said(status, Book()).pages[0] for status in (STATUS, replace(STATUS, held=2, working=0))
    )
    assert "1 position held, 1 trade without one, 1 order working." in one
    assert "2 positions held, 1 trade without one, 0 orders working." in many


@pytest.mark.parametrize(
    ("behind", "of_page", "words"),
    [
        (0, False, "Discord could not be told all: all messages wait for the next start."),
        (1, True, "The page could not be told all: 1 message waits for the next start."),
        (2, False, "Discord could not be told all: 2 messages wait for the next start."),
    ],
)
def test_what_waits_for_the_next_start_is_counted_where_it_waits(
    behind: int, of_page: bool, words: str
) -> None:
    """A demo has a page of its own, and nobody who watches it has to wonder about Discord."""
    assert untold_words(behind, of_page=of_page) == words
