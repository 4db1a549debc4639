"""What a short post tells of adds and exits: sums of what was dealt, and no size where none is to be told."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.card_book import CardBook
from bot.card_detail import Detail
from bot.card_text import width
from bot.dealings import Dealings, dealings_from
from bot.news_text import NEWS_MAX, THREAD_NAME_MAX, news_moment, news_text, thread_name
from options.events import TradeEvent
from options.terms import Effect, ExitKind
from tests.bot.test_card_detail import view_of
from tests.bot.whole_trade import TradeScript, day_opened, opened, trimmed, whole

QTY = st.integers(0, 10**6)
WORTH = st.decimals(-(10**9), 10**9, places=4)
DEALINGS = st.builds(Dealings, QTY, WORTH, QTY, WORTH)


def book_of(batches: list[list[TradeEvent]]) -> CardBook:
    book = CardBook()
    for batch in [*day_opened(), *batches]:
        for event in batch:
            book.fold(event)
    return book


def added(script: TradeScript) -> list[list[TradeEvent]]:
    """Two more come in by an order of their own, in two parts."""
    return [
        *opened(script),
        list(script._order("2015-12-24T15:20:00.000000Z", 2, "scale in", 6)),
        script.accepted("10:20:00"),
        [script.filled("10:20:01", 1, "9.00", Effect.ADD, 5)],
        [script.filled("10:20:02", 1, "9.20", Effect.ADD, 6), script.parent_closed("10:20:02", 2)],
    ]


@given(before=DEALINGS, now=DEALINGS)
def test_dealings_are_kept_as_a_text_and_never_go_back(before: Dealings, now: Dealings) -> None:
    """A text gives the sums that it was made from; what came between two moments is never below nothing."""
    assert dealings_from(now.text) == now
    news = now.since(before)
    assert news.qty_added == max(now.qty_added - before.qty_added, 0)
    assert news.qty_out == max(now.qty_out - before.qty_out, 0)
    assert now.since(before.no_more_than(now)) == news
    assert before.no_more_than(now).qty_out == min(before.qty_out, now.qty_out)
    assert (news.price_added is None) == (not news.qty_added)
    assert (news.price_out is None) == (not news.qty_out)


@pytest.mark.parametrize("text", ["", "1 2 3", "1 2 3 x", "a 2 3 4", "1 2 3 4 5"])
def test_a_text_that_is_no_dealings_is_refused(text: str) -> None:
    """It is said that they are none, and what is wanted."""
    with pytest.raises(ValueError, match="are no dealings"):
        dealings_from(text)


def test_an_entry_in_parts_is_no_add() -> None:
    """Fills of the entry's own parent order add nothing; those of another one do, with their worth."""
    assert book_of(opened(TradeScript())).dealings("T1-1") == Dealings()
    book = book_of(added(TradeScript()))
    assert book.dealings("T1-1") == Dealings(2, Decimal("18.20"))
    assert book.dealings("T1-1").price_added == Decimal("9.10")


def test_a_position_is_being_dealt_in_while_an_order_is_half_done() -> None:
    """Between the first fill of a parent order and its end, and at no other time."""
    batches = added(TradeScript())
    assert [book_of(batches[:count]).is_dealing("T1-1") for count in range(1, len(batches) + 1)] == [
        False, False, True, False, False, False, False, True, False
    ]  # fmt: skip


def test_a_trim_an_add_and_a_close_in_words() -> None:
    """Each says what, how many, at which price and how far from the entry, and what is left or came of it."""
    book = book_of(trimmed(TradeScript()))
    view, now = book.view("T1-1"), book.dealings("T1-1")
    assert news_text(view, now, Detail.FULL) == (
        "**Trimmed 2** at **12.20 (+24.2%)**: GOOG 31 Dec 2015 $750 call · 2 of 4 left"
    )
    assert news_text(view, now, Detail.WITHOUT_SIZES) == (
        "**Trimmed** at **12.20 (+24.2%)**: GOOG 31 Dec 2015 $750 call · about 50% left"
    )
    assert news_moment(view) == "11:00:01 ET"
    book = book_of(added(TradeScript()))
    assert news_text(book.view("T1-1"), book.dealings("T1-1"), Detail.FULL) == (
        "**Added 2** at **9.10**: GOOG 31 Dec 2015 $750 call · now 6 contracts at 9.5833 on average"
    )
    book = book_of(whole(TradeScript()))
    view, last = book.view("T1-1"), book.dealings("T1-1").since(now)
    assert news_text(view, last, Detail.FULL) == (
        "**Closed 2** by stop at **7.30 (−25.7%)**: GOOG 31 Dec 2015 $750 call · result **−0.9%** −$35.20"
    )


def test_what_came_together_is_told_as_one() -> None:
    """A trim and a close that are told together are one exit at the average price."""
    book = book_of(whole(TradeScript()))
    told = news_text(book.view("T1-1"), book.dealings("T1-1"), Detail.FULL)
    assert told.startswith("**Closed 4** by stop at **9.75")
    assert "Trimmed" not in told
    assert told.count("\n") == 0


@given(
    scale=st.sampled_from([2**power for power in range(1, 16)]),
    texts=st.tuples(*[st.text(max_size=300)] * 3),
    closed=st.booleans(),
)
def test_news_without_sizes_does_not_depend_on_the_size(
    scale: int, texts: tuple[str, str, str], *, closed: bool
) -> None:
    """Positions alike but for their size have the same news without sizes; nothing that anybody wrote is in it."""
    small, large = view_of(1, ("", "", ""), closed=closed), view_of(scale, texts, closed=closed)
    one = Dealings(1, Decimal("9.10"), 1, Decimal("12.40"))
    many = Dealings(scale, Decimal("9.10") * scale, scale, Decimal("12.40") * scale)
    told = news_text(small, one, Detail.WITHOUT_SIZES)
    assert told == news_text(large, many, Detail.WITHOUT_SIZES)
    assert told != news_text(small, one, Detail.FULL)
    assert width(told) <= NEWS_MAX


def test_a_late_fill_is_told_by_its_kind() -> None:
    """An exit by a trailing stop is called one."""
    script = TradeScript()
    batches = [
        *opened(script),
        script.leave("12:00:00", -4, 0, ExitKind.TRAILING, 9.0),
        script.accepted("12:00:01"),
        [
            script.filled("12:00:01", -4, "9.00", Effect.CLOSE, 0, "-330.00"),
            script.closed("12:00:01", 4, "-330.00", kind="trailing"),
            script.parent_closed("12:00:01", 4),
        ],
    ]
    book = book_of(batches)
    assert "**Closed 4** by trailing stop at" in news_text(
        book.view("T1-1"), book.dealings("T1-1"), Detail.FULL
    )


@given(
    instrument=st.text(min_size=1, max_size=200),
    kind=st.text(max_size=200),
    detail=st.sampled_from(Detail),
    news=DEALINGS,
    closed=st.booleans(),
)
def test_i22_whatever_stands_in_a_position_its_news_is_harmless(
    instrument: str, kind: str, detail: Detail, news: Dealings, *, closed: bool
) -> None:
    """No text of a position pings, links, opens markup or a line of its own in its news or in its thread's name."""
    view = replace(
        view_of(4, ("", "", ""), closed=closed),
        instrument=instrument,
        closing_kind=kind if closed else "",
    )
    told = news_text(view, news, detail)
    assert width(told) <= NEWS_MAX
    assert told.count("\n") <= 1
    name = thread_name(view)
    assert 1 <= len(name.strip()) <= width(name) <= THREAD_NAME_MAX
    for text in (told.replace("**", ""), name):
        assert not set("<>@#[]`*~|\\") & set(text)
        assert all(line.isprintable() for line in text.split("\n"))
