"""A corrected execution where people read of it: the words, the card, the trade's tree, the story of its order."""

from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest
from rich.console import Console

from bot.card import card_of
from bot.card_book import CardBook
from bot.card_history import line_text
from bot.discord.following.news import Kind, NewsBook, headline, line_texts
from bot.event_text import describe
from bot.explain import explain_parent
from bot.ledger_views import trades
from bot.notifier import Notifier
from bot.position_view import FillLine
from bot.terminal_panels import card_panel
from bot.trade_show import show_lines
from bot.trade_tree import trade_tree
from options.correction_events import FillCorrected
from options.terms import Effect
from options.values import Side
from tests.options.desk import Desk, executed, one

TS = "2015-12-24T15:30:00.000000Z"


def corrected(*, bust: bool = False, closed: bool = False) -> Desk:
    """Two executions of an entry; one of them is corrected, or busted, after the trade is over or before."""
    desk = Desk()
    desk.propose(4)
    entry = desk.order
    desk.report(executed(entry, 2, "10", "X.01", "1.30"), executed(entry, 2, "10.40", "Y.01", "1.30"))
    if closed:
        desk.out("T1")
        desk.fill(4, "11", fee="2.60")
    desk.at += 1_000_000
    desk.report(executed(entry, 0 if bust else 2, "9.00", "X.02", "1.30"))
    return desk


def fields(desk: Desk) -> dict[str, str]:
    """The card's fields by name."""
    cards = CardBook()
    for event in desk.events:
        cards.fold(event)
    return {name: value for name, value, _ in card_of(cards.view("T1-1")).fields}


@pytest.mark.parametrize(
    ("bust", "closed", "words"),
    [
        (
            False,
            False,
            "T1: the buy of 2 GOOG 31 Dec 2015 $750 call at 10.00 was corrected to 2 at 9.00; 4 held",
        ),
        (False, True, "at 10.00 was corrected to 2 at 9.00, +$200.00; 0 held"),
        (True, False, "T1: the buy of 2 GOOG 31 Dec 2015 $750 call at 10.00 was busted; 2 held"),
    ],
)
def test_a_correction_has_its_words(bust: bool, closed: bool, words: str) -> None:
    """What it was, what it is, and what that changes."""
    assert words in describe(one(FillCorrected, corrected(bust=bust, closed=closed).events))


def test_the_card_strikes_what_was_told_before() -> None:
    """The line of the order has the new average, and the old one struck; a bust alone is a struck line."""
    found = fields(corrected())
    assert "**+4** at 9.70 (2 fills), corrected from ~~+4 at 10.20~~" in found["History, New York time"]
    assert found["Entry"].startswith("**9.70** × 4")
    line = FillLine(Effect.OPEN, Side.BUY, 3, Decimal(9), TS, "O1", was=(4, Decimal(10)))
    assert line_text(line, sizes=False).endswith("open at 9.00, corrected from ~~10.00~~")
    assert line_text(replace(line, was=(4, Decimal(9))), sizes=False).endswith("open at 9.00")
    assert line_text(replace(line, qty=0), sizes=False).endswith("` busted")
    desk = Desk()
    desk.propose(2)
    desk.report(executed(desk.order, 2, "10", "X.01"), executed(desk.order, 0, "0", "X.02"))
    assert fields(desk)["History, New York time"].endswith("` ~~+2 at 10.00~~ busted")


def test_the_card_of_a_closed_position_comes_back_with_the_new_result() -> None:
    """Shown and forgotten, it is shown again once a correction has changed what it made."""
    desk = corrected(closed=True)

    class Sink:
        def __init__(self) -> None:
            self.titles: list[str] = []

        def show(self, position_id: str, card: object, closed: bool) -> None:
            self.titles.append(card.title)  # type: ignore[attr-defined]
            assert closed

    class Cursors:
        def get(self, _reader: str) -> int:
            return 0

        def set(self, _reader: str, _seq: int) -> None:
            return

    sink = Sink()
    notifier = Notifier(CardBook(), sink, Cursors())
    at = next(n for n, event in enumerate(desk.events) if isinstance(event, FillCorrected))
    notifier.read([(1, desk.events[:at])])
    notifier.read([(at + 1, desk.events[at:])])
    assert [title.split(" · ")[0] for title in sink.titles] == ["✔ Closed +7.7%", "✔ Closed +13.3%"]


def test_the_trade_is_shown_with_what_was_told_first() -> None:
    """The tree has the newest figures, and says beside each corrected fill what it had been."""
    tree = trade_tree(list(enumerate(corrected(closed=True).events, 1)), "T1")
    assert tree is not None
    lines = list(show_lines(tree))
    assert any("bought 2 at 9.00 (open, O1)" in line and "told first as 2 at 10.00" in line for line in lines)
    assert any("sold 4 at 11.00 (close, O2), +$520.00" in line for line in lines)
    assert "  P&L           +$520.00 realized, $5.20 fees" in lines
    busted = trade_tree(list(enumerate(corrected(bust=True).events, 1)), "T1")
    assert busted is not None
    assert [(fill.qty, fill.effect) for fill in busted.fills] == [(0, "busted"), (2, "open")]
    assert busted.parents[0].filled == 2


def test_the_story_of_the_order_has_the_correction() -> None:
    """It says what was corrected, and divides what is left of it."""
    lines = explain_parent(list(enumerate(corrected(bust=True).events, 1)), "P1")
    assert any("O1: 2 at 10.00 for T1 busted" in line for line in lines)
    assert "  T1: 2 of 4 at 10.40, fees $2.60" in lines


def test_lists_count_the_newest_word() -> None:
    """One row for the trade, with the result after the correction."""
    (row,) = trades(list(enumerate(corrected(closed=True).events, 1)))
    assert (row.entry_average, row.exit_average) == (Decimal("9.7"), Decimal(11))
    assert (row.realized, row.fees, row.close_kind) == (Decimal(520), Decimal("5.20"), "signal")


def test_the_terminal_shows_it_without_markup() -> None:
    """The card in the terminal has no tildes."""
    cards = CardBook()
    for event in corrected().events:
        cards.fold(event)
    console = Console(width=120, file=StringIO(), color_system=None)
    console.print(card_panel(card_of(cards.view("T1-1"))))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "corrected from +4 at 10.20" in text
    assert "~~" not in text


def test_who_follows_a_position_is_told_of_a_correction() -> None:
    """One line of what was and what is, for a position that is over too; a bust says so."""
    for bust, words in ((False, "corrected to 2 at 9.00"), (True, "busted")):
        cards = CardBook()
        news = NewsBook(cards.view)
        fresh = None
        for seq, event in enumerate(corrected(bust=bust, closed=not bust).events, 1):
            fresh = news.take(seq, event, cards.fold(event)) or fresh
        assert fresh is not None
        lines, _ = news.since("T1-1", 1)
        (line,) = [one for one in lines if one.kind is Kind.CORRECTED]
        assert line_texts([line]) == [f"The buy of 2 at 10.00 was {words}"]
        assert headline(cards.view("T1-1"), [line]).startswith("**T1 corrected: ")
        assert news.is_over("T1-1") is not bust
