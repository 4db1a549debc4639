"""A leg that outlives its combo: out before its own expiry and by the clock of the whole, and loud about the rest."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.card import card_of
from bot.card_book import CardBook
from bot.trade_show import show_lines
from bot.trade_tree import trade_tree
from options import commands as c
from options.contract import Combo, OptionContract, Right
from options.plan import ExitPlan, TargetPlan
from options.risk import RiskLimits
from options.terms import ExitKind
from options.values import MINUTE, Micros, to_iso
from storage.verify import Verdict
from tests.bot.staged_day import Sides, StagedAccount, StagedFeed, enter, new_york

FRIDAY, MONDAY = date(2015, 12, 18), date(2015, 12, 21)
FAR_DAY = date(2015, 12, 24)  # a half day
NEAR = OptionContract(root="ACME", expiry=FRIDAY, right=Right.CALL, strike=Decimal(50))
FAR = OptionContract(root="ACME", expiry=FAR_DAY, right=Right.CALL, strike=Decimal(50))
CALENDAR = Combo.of((-1, NEAR), (1, FAR)).key
CUT_OFF: Micros = new_york(FAR_DAY, "13:00") - 10 * MINUTE
NOON: dict[str, Sides] = {"ACME": (49.9, 50.1), NEAR.key: (1.1, 1.2), FAR.key: (2.4, 2.5)}
END: dict[str, Sides] = {"ACME": (49.0, 49.0), FAR.key: (1.6, 1.8)}
PRICES = ExitPlan(
    stop_level=Decimal("0.20"),
    targets=(TargetPlan(level=Decimal("4.00")),),
    hold_through_expiry=True,
)


@pytest.fixture
def account(tmp_path: Path) -> StagedAccount:
    """An empty account."""
    return StagedAccount(tmp_path, RiskLimits(premium_trade_max=Decimal(5_000)))


def carried(account: StagedAccount, exits: ExitPlan = PRICES) -> None:
    """A calendar bought on Friday at 1.40 and held through its near expiry: T2 has the far call on Monday."""
    feed = StagedFeed(FRIDAY, {"12:00": NOON, "12:01": {}, "16:00": END})
    account.run(feed, {"12:00:30": enter(1, CALENDAR, exits=exits)})
    assert [trade.instrument for trade in account.book.trades.values()] == [FAR.key]


def test_it_is_out_before_its_own_expiry_whatever_the_whole_was_to_do(account: StagedAccount) -> None:
    """The calendar was to be held through Friday's expiry; the far call is sold at 12:50 on its own half day."""
    carried(account)
    (armed,) = account.book.trades["T2"].armed
    assert (armed.kind, armed.qty, armed.at) == (ExitKind.FLAT, 1, to_iso(CUT_OFF))
    far: dict[str, Sides] = {"ACME": (49.0, 49.1), FAR.key: (1.0, 1.1)}
    account.run(StagedFeed(FAR_DAY, {"12:00": far, "12:49": {}, "12:50": {}, "12:51": {}, "13:00": {}}), {})
    trade = account.book.trade("T2")
    assert trade is not None
    assert (trade.position.qty, trade.target_kind) == (0, ExitKind.FLAT)
    assert account.proof().verdict is Verdict.SOUND
    assert account.folded() == account.book


def test_no_level_of_the_net_price_is_taken_over(account: StagedAccount) -> None:
    """A target of 4.00 for the whole says nothing of the far call alone: at 5.00 on Monday nothing is sold."""
    carried(account)
    assert account.book.trades["T2"].exits == ExitPlan(flat_before_expiry=CUT_OFF)
    high: dict[str, Sides] = {"ACME": (54.0, 54.1), FAR.key: (4.9, 5.1)}
    account.run(StagedFeed(MONDAY, {"10:00": high, "11:00": {}}), {})
    assert account.book.trades["T2"].position.qty == 1


def test_card_list_and_history_say_that_no_price_guards_it_until_one_does(account: StagedAccount) -> None:
    """What became of the exits and until when it is held, on top of the card; a stop takes the warning away."""
    carried(account)
    said = "no stop and no target: those of T1 were its own and ended with it; out at 24 Dec 2015 12:50:00 ET"
    tree = trade_tree(enumerate(account.events(), 1), "T2")
    assert tree is not None
    shown = "\n".join(show_lines(tree))
    assert f"Not guarded   {said}" in shown
    assert warned(account) == said
    far: dict[str, Sides] = {"ACME": (49.0, 49.1), FAR.key: (1.6, 1.8)}
    stop = c.SetStop(command_id="s", who="alice", trade_id="T2", level=Decimal("1.00"))
    account.run(StagedFeed(MONDAY, {"10:00": far, "11:00": {}}), {"10:30": [stop]})
    assert warned(account) is None


def warned(account: StagedAccount) -> str | None:
    """What the card of the far call warns of."""
    cards = CardBook()
    for event in account.events():
        cards.fold(event)
    fields = {name: value for name, value, _ in card_of(cards.view("T2-1")).fields}
    return fields.get("Not guarded")


def test_what_goes_by_the_clock_goes_on(account: StagedAccount) -> None:
    """The whole was to be out on Monday at 11:00 at the latest: so is what is left of it."""
    monday = new_york(MONDAY, "11:00")
    carried(account, ExitPlan(stop_level=Decimal("0.20"), flat_at=monday, hold_through_expiry=True))
    assert account.book.trades["T2"].exits == ExitPlan(flat_at=monday, flat_before_expiry=CUT_OFF)
    far: dict[str, Sides] = {"ACME": (49.0, 49.1), FAR.key: (1.6, 1.8)}
    account.run(StagedFeed(MONDAY, {"10:00": far, "10:59": {}, "11:00": {}, "11:01": {}}), {})
    assert not account.book.trades


def test_a_leg_that_an_assignment_leaves_is_out_before_its_expiry_too(account: StagedAccount) -> None:
    """The short near call is assigned on Friday morning: shares are short, and the far call has its moment."""
    feed = StagedFeed(FRIDAY, {"12:00": NOON, "12:01": {}, "12:02": {}})
    record = c.RecordAssignment(
        command_id="a", who="alice", trade_id="T1", contract=NEAR.key, underlying=Decimal(51)
    )
    account.run(feed, {"12:00:30": enter(1, CALENDAR, exits=PRICES), "12:01:30": [record]})
    by_instrument = {trade.instrument: trade for trade in account.book.trades.values()}
    assert by_instrument["ACME"].position.qty == -100
    assert not by_instrument["ACME"].armed
    assert [armed.at for armed in by_instrument[FAR.key].armed] == [to_iso(CUT_OFF)]


def test_an_assignment_on_the_last_day_after_the_cut_off_sells_what_is_left_at_once(
    account: StagedAccount,
) -> None:
    """A vertical's short leg is assigned at 12:55 on its last day: the long leg would be exercised in five minutes."""
    low, high = FAR, OptionContract(root="ACME", expiry=FAR_DAY, right=Right.CALL, strike=Decimal(45))
    vertical = Combo.of((1, low), (-1, high)).key
    sides: dict[str, Sides] = {"ACME": (51.0, 51.1), low.key: (1.2, 1.3), high.key: (6.0, 6.1)}
    feed = StagedFeed(FAR_DAY, {"12:00": sides, "12:01": {}, "12:54": {}, "12:56": {}, "12:57": {}})
    record = c.RecordAssignment(
        command_id="a", who="alice", trade_id="T1", contract=high.key, underlying=Decimal(51)
    )
    account.run(
        feed, {"12:00:30": enter(1, vertical, exits=ExitPlan(hold_through_expiry=True)), "12:55": [record]}
    )
    assert {trade.instrument for trade in account.book.trades.values()} == {"ACME"}
