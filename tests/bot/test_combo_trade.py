"""A combo as one trade through the whole program: net entry, exits on the net price, limits by what it can lose."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.card_book import CardBook
from options import commands as c
from options import events as e
from options.contract import Combo, OptionContract, Right
from options.expiry_events import LegSettled, Settlement
from options.plan import Basis, ExitPlan, TargetPlan
from options.risk import RiskLimits
from options.terms import ExitKind
from storage.verify import Verdict
from tests.bot.staged_day import Sides, StagedAccount, StagedFeed, enter

DAY, EXPIRY = date(2015, 12, 18), date(2016, 1, 15)


def option(right: str, strike: str, expiry: date = EXPIRY) -> OptionContract:
    return OptionContract(root="ACME", expiry=expiry, right=Right(right), strike=Decimal(strike))


C50, C55, P45, P40 = option("C", "50"), option("C", "55"), option("P", "45"), option("P", "40")
DEBIT = Combo.of((1, C50), (-1, C55))
CREDIT = Combo.of((-1, C50), (1, C55))

NOON: dict[str, Sides] = {
    "ACME": (47.9, 48.1),
    C50.key: (2.4, 2.5),
    C55.key: (0.5, 0.6),
    P45.key: (1.4, 1.5),
    P40.key: (0.3, 0.4),
}


@pytest.fixture
def account(tmp_path: Path) -> StagedAccount:
    return StagedAccount(tmp_path)


def run(
    account: StagedAccount, said: list[c.Command], later: dict[str, dict[str, Sides]]
) -> list[e.TradeEvent]:
    account.run(StagedFeed(DAY, {"12:00": NOON, "12:01": {}, **later}), {"12:00:30": said})
    found = account.proof()
    assert found.verdict is Verdict.SOUND, found.sentence
    assert account.folded() == account.book
    return account.events()


def fills(events: list[e.TradeEvent]) -> list[Decimal]:
    return [event.price for event in events if isinstance(event, e.OrderFilled)]


def test_a_debit_vertical_takes_its_target_on_the_net_price(account: StagedAccount) -> None:
    """Bought at 2.50 - 0.50 = 2.00; 50% is 3.00. Calls at 3.60 / 3.80 and 0.50 / 0.60 have a net mid of 3.15:
    sold at 3.60 - 0.60 = 3.00, 100 dollars made."""
    exits = ExitPlan(targets=(TargetPlan(gain=Decimal("0.5")),), stop=Decimal("0.5"))
    later: dict[str, dict[str, Sides]] = {
        "12:10": {C50.key: (3.2, 3.4)},
        "12:20": {C50.key: (3.6, 3.8)},
    }
    events = run(account, enter(1, DEBIT.key, exits=exits), later)
    assert fills(events) == [Decimal("2.0"), Decimal("3.0")]
    armed = next(event for event in events if isinstance(event, e.ExitsArmed))
    assert {one.kind: one.level for one in armed.exits} == {"stop": Decimal(1), "target": Decimal(3)}
    assert account.book.totals.realized == Decimal(100)


def test_a_credit_below_zero_is_guarded_on_both_sides(account: StagedAccount) -> None:
    """Bought at 0.60 - 2.40 = -1.80. Half of the credit kept is -0.90, the stop at 80% is -3.24.

    With the 50 call at 4.00 / 4.10 and the other at 0.50 / 0.60 the net mid is -3.50: out at 0.50 - 4.10 = -3.60.
    """
    exits = ExitPlan(targets=(TargetPlan(gain=Decimal("0.5")),), stop=Decimal("0.8"))
    later: dict[str, dict[str, Sides]] = {
        "12:10": {C50.key: (3.4, 3.5)},
        "12:20": {C50.key: (4.0, 4.1)},
    }
    events = run(account, enter(1, CREDIT.key, exits=exits), later)
    armed = next(event for event in events if isinstance(event, e.ExitsArmed))
    assert {one.kind: one.level for one in armed.exits} == {
        "stop": Decimal("-3.24"),
        "target": Decimal("-0.90"),
    }
    assert fills(events) == [Decimal("-1.8"), Decimal("-3.6")]
    assert account.book.totals.realized == Decimal(-180)


def test_a_condor_sold_at_a_credit_takes_its_target_below(account: StagedAccount) -> None:
    """The condor the other way round is sold at its bid: 1.40 + 2.40 - 0.40 - 0.60 = 2.80; half of it is 1.40.

    At 0.80 / 0.90 for the short put and 1.20 / 1.30 for the short call its mid is 2.10 - 0.90 = 1.20, which is past it:
    bought back at the other sides for 0.90 + 1.30 - 0.30 - 0.50 = 1.40, half of the credit kept.
    """
    short = Combo.of((-1, P40), (1, P45), (1, C50), (-1, C55))
    exits = ExitPlan(targets=(TargetPlan(gain=Decimal("0.5")),))
    later: dict[str, dict[str, Sides]] = {
        "12:10": {P45.key: (1.0, 1.1), C50.key: (1.4, 1.5)},
        "12:20": {P45.key: (0.8, 0.9), C50.key: (1.2, 1.3)},
    }
    events = run(account, enter(1, short.key, direction=-1, exits=exits), later)
    assert fills(events) == [Decimal("2.8"), Decimal("1.4")]
    assert account.book.totals.realized == Decimal(140)


def test_a_trailing_amount_follows_the_net_price_through_zero(account: StagedAccount) -> None:
    """A credit of -1.80 rises to a mid of -0.65 (50 call 1.15 / 1.25) and trails by 0.50: at -1.20 it goes."""
    exits = ExitPlan(trail_amount=Decimal("0.50"))
    later: dict[str, dict[str, Sides]] = {
        "12:10": {C50.key: (1.15, 1.25)},
        "12:20": {C50.key: (1.4, 1.5)},
        "12:30": {C50.key: (1.7, 1.8)},
    }
    events = run(account, enter(1, CREDIT.key, exits=exits), later)
    (triggered,) = [event for event in events if isinstance(event, e.ExitTriggered)]
    assert triggered.kind is ExitKind.TRAILING
    assert triggered.level == pytest.approx(-1.15)
    assert triggered.mark == -1.2
    assert fills(events) == [Decimal("-1.8"), Decimal("-1.3")]


def test_a_combo_goes_on_the_next_day_with_its_exits(account: StagedAccount) -> None:
    """Its quotes are followed again after a restart: the target of 3.00 is met on Monday."""
    exits = ExitPlan(targets=(TargetPlan(gain=Decimal("0.5")),))
    run(account, enter(1, DEBIT.key, exits=exits), {})
    assert list(account.book.trades) == ["T1"]
    monday = StagedFeed(date(2015, 12, 21), {"10:00": NOON, "10:10": {C50.key: (3.6, 3.8)}})
    account.run(monday, {})
    assert account.book.totals.realized == Decimal(100)
    assert account.proof().verdict is Verdict.SOUND


@pytest.mark.parametrize(
    ("exits", "why"),
    [
        (ExitPlan(trail=Decimal("0.2")), "a combo's trailing stop is an amount in dollars"),
        (ExitPlan(stop=Decimal("0.2"), basis=Basis.LAST), "a combo has no last price"),
    ],
)
def test_plans_that_a_net_price_cannot_carry_are_refused(
    account: StagedAccount, exits: ExitPlan, why: str
) -> None:
    """The draft is refused with one reason, and nothing is saved."""
    events = run(account, enter(1, DEBIT.key, exits=exits)[:1], {})
    (refused,) = [event for event in events if isinstance(event, e.CommandRefused)]
    assert len(refused.reasons) == 1
    assert refused.reasons[0].startswith(why)
    assert not account.book.trades


def refusals(events: list[e.TradeEvent]) -> list[str]:
    return [reason for event in events if isinstance(event, e.CommandRefused) for reason in event.reasons]


def test_an_uncovered_short_call_is_refused_unless_a_limit_allows_it(tmp_path: Path) -> None:
    """Sold at 2.40 with ACME at 48, it loses 46.00 - 2.40 a share if ACME doubles to 96: 4,360 dollars."""
    naked = enter(1, C50.key, direction=-1)
    refused = StagedAccount(tmp_path / "refused")
    (reason,) = refusals(run(refused, naked, {}))
    assert reason == (
        "a loss without a bound ($4,360.00 at worst until the underlying doubles): "
        "buy a leg that bounds it, or set naked_max_loss_usd"
    )
    tight = StagedAccount(tmp_path / "tight", RiskLimits(naked_max_loss_usd=Decimal(4_359)))
    assert "naked_max_loss_usd allows $4,359.00" in refusals(run(tight, naked, {}))[0]
    allowed = StagedAccount(tmp_path / "allowed", RiskLimits(naked_max_loss_usd=Decimal(4_360)))
    assert fills(run(allowed, naked, {})) == [Decimal("2.4")]


def test_what_has_short_options_counts_with_the_most_it_can_lose(tmp_path: Path) -> None:
    """The credit vertical can lose 5.00 - 1.80 = 3.20: two of them 640 dollars, against a limit of 639 and of 640."""
    two = enter(1, CREDIT.key, qty=2)
    tight = StagedAccount(tmp_path / "tight", RiskLimits(premium_trade_max=Decimal(639)))
    assert refusals(run(tight, two, {})) == ["a loss of $640.00 at expiry is above $639.00 per trade"]
    enough = StagedAccount(tmp_path / "enough", RiskLimits(premium_trade_max=Decimal(640)))
    run(enough, two, {})
    assert enough.book.day.premium_used == Decimal(640)


def test_an_odd_quantity_of_combos_is_trimmed_and_the_rest_expires(account: StagedAccount) -> None:
    """Three debit verticals at 2.00, one sold at 2.40 - 0.60 = 1.80, two end worth 5.00: -20 + 2 x 300 = 580."""
    short, long = option("C", "55", DAY), option("C", "50", DAY)
    vertical = Combo.of((1, long), (-1, short))
    noon: dict[str, Sides] = {"ACME": (48.0, 48.2), long.key: (2.4, 2.5), short.key: (0.5, 0.6)}
    feed = StagedFeed(DAY, {"12:00": noon, "12:01": {}, "12:02": {}, "16:00": {"ACME": (60.0, 60.0)}})
    trim = c.TrimTrade(command_id="trim", who="alice", trade_id="T1", qty=1)
    account.run(feed, {"12:00:30": enter(1, vertical.key, qty=3), "12:01:30": [trim]})
    assert account.book.totals.realized == Decimal(580)
    outcomes = [event.outcome for event in account.events() if isinstance(event, LegSettled)]
    assert outcomes == [Settlement.EXERCISED, Settlement.ASSIGNED]
    assert not account.book.trades
    assert account.proof().verdict is Verdict.SOUND


def test_a_card_measures_a_credit_by_its_size(account: StagedAccount) -> None:
    """A credit of 1.80 that is bought back for 0.60 has made 120 of 180 dollars: two thirds, with a plus."""
    exits = ExitPlan(targets=(TargetPlan(gain=Decimal("0.5")),))
    cards = CardBook()
    for event in run(account, enter(1, CREDIT.key, exits=exits), {"12:10": {C50.key: (1.1, 1.1)}}):
        cards.fold(event)
    view = cards.view("T1-1")
    assert view.pnl == 120
    assert view.pnl_fraction == pytest.approx(2 / 3)
