"""A feed that falls silent in the middle of a day: noticed by the clock, and shown wherever a position is shown."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from bot.card import card_of
from bot.card_book import CardBook
from bot.why import why
from options import commands as c
from options.plan import ExitPlan
from options.silence_events import MarksFellSilent, MarksReturned
from options.values import MINUTE, SECOND, from_iso
from storage.verify import Verdict
from tests.bot.staged_day import StagedAccount, StagedFeed, enter, new_york

DAY = date(2015, 12, 28)
KEY = "GOOG  160115C00750000"


def gapped(tmp_path: Path) -> StagedAccount:
    """A day on which nothing is heard between 10:01 and 10:30, with a position held since 10:01 and marked then."""
    clocks = ("10:00", "10:01", "10:30", "10:31")
    feed = StagedFeed(DAY, {clock: {KEY: (9.9, 10.1)} for clock in clocks})
    account = StagedAccount(tmp_path)
    opening = enter(1, KEY, 2, exits=ExitPlan(stop=Decimal("0.3")))
    closing = c.CloseTrade(command_id="out", who="alice", trade_id="T1")
    account.run(feed, {"10:00:30": opening, "10:30:30": [closing]})
    return account


def test_i17_the_clock_notices_a_gap_in_all_marks_while_it_lasts(tmp_path: Path) -> None:
    """Two minutes after the last word, and not with the next one half an hour later; that one ends it."""
    account = gapped(tmp_path)
    (silent,) = [one for one in account.events() if isinstance(one, MarksFellSilent)]
    (back,) = [one for one in account.events() if isinstance(one, MarksReturned)]
    assert from_iso(silent.since) == from_iso(back.since) == new_york(DAY, "10:01")
    assert 2 * MINUTE < from_iso(silent.ts) - new_york(DAY, "10:01") < 2 * MINUTE + SECOND
    assert from_iso(back.ts) == new_york(DAY, "10:30")
    assert account.proof().verdict is Verdict.SOUND


def test_the_card_and_why_say_that_stops_are_blind(tmp_path: Path) -> None:
    """From the fact on, and until the marks are back; why tells it afterwards too."""
    account = gapped(tmp_path)
    cards, shown = CardBook(), []
    for event in account.events():
        cards.fold(event)
        if isinstance(event, MarksFellSilent | MarksReturned):
            card = card_of(cards.view("T1-1"))
            shown.append("stops are blind since 10:01:00 ET" in str(card))
    assert shown == [True, False]
    told = "\n".join(why(list(enumerate(account.events(), start=1)), "T1"))
    assert "T1 stops are blind, no marks since 10:01:00 ET: the feed is silent" in told
    assert "T1 is heard of again" in told
