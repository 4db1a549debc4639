"""Answers fit into Discord's messages whatever they say, and work waits for the desk only so long and so much."""

import re
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.commands.desk_link import Given, who_asks
from bot.discord.commands.replies import PAGES_MAX, pages
from bot.door.handover import WAITING_MAX, DeskBusy, Handover
from bot.door.protocol import Answer
from options.shown_text import text_faults

PRICE = re.compile(r"@[0-9]{1,6}(\.[0-9]{1,6})?(?!\w)")
"""What may follow the sign: a price is nobody's name."""
LINES = st.lists(st.text(max_size=3_000), max_size=40)


@given(LINES, st.booleans())
def test_i22_pages_fit(lines: list[str], drawn: bool) -> None:
    """Any lines become at most five messages of at most 2,000 characters, however those are counted."""
    made = pages(lines, drawn=drawn)
    assert len(made) <= PAGES_MAX
    assert all(len(page.encode("utf-16-le", "surrogatepass")) // 2 <= 2_000 for page in made)


@given(st.text(max_size=200), st.text(max_size=200), st.lists(st.text(max_size=100), max_size=5))
def test_i22_what_was_typed_is_harmless_in_an_answer(verb: str, trade_id: str, reasons: list[str]) -> None:
    """Nothing that was typed mentions, links or hides in what is answered."""
    answer = Answer(taken=False, verb=verb, trade_id=trade_id, reasons=tuple(reasons))
    text = "\n".join(Given(answer).lines())
    assert not set("@<`[]\u202e") & set(PRICE.sub("", text))
    assert "://" not in text


@given(st.text(max_size=80))
def test_who_asks_is_a_name_that_the_ledger_takes(name: str) -> None:
    """Whatever a person calls themselves, the ledger shows one printable line with their id."""
    who = who_asks(1070_0000_0000_0000_011, name)
    assert not text_faults("who", who, 64)
    assert who.endswith("(1070000000000000011)")


def test_i30_only_so_much_waits_for_the_desk() -> None:
    """The desk's queue has an end: what comes on top is refused at once, and what waited is done in order."""
    handover: Handover[list[int]] = Handover()
    done: list[int] = []

    def note(number: int) -> Future[None]:
        return handover.ask(lambda day: day.append(number))

    waiting = [note(number) for number in range(WAITING_MAX)]
    with pytest.raises(DeskBusy):
        handover.ask(lambda _: None).result(timeout=0)
    waiting[3].cancel()
    handover.open(done)
    handover.serve()
    assert done == [number for number in range(WAITING_MAX) if number != 3]
    handover.close()


def test_a_fault_in_the_work_is_a_fault_of_the_desk() -> None:
    """What fails in the trading thread fails there, and who asked hears of it; so does who waited behind."""
    handover: Handover[int] = Handover()
    first, second = handover.ask(lambda day: 1 // day), handover.ask(lambda day: day)
    handover.open(0)
    with pytest.raises(ZeroDivisionError):
        handover.serve()
    for future in (first, second):
        assert future.exception(timeout=0) is not None
    handover.close()
