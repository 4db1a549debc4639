"""Expiry through the whole program: quotes in, people's commands in, the exchange's rules, the ledger proven."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from bot.feeds.recorded import RecordedFeed
from options import commands as c
from options import events as e
from options.contract import Combo, OptionContract, Right, Stock
from options.expiry_events import LegSettled, PositionDelivered, Settlement
from options.plan import Algo, EntryPlan, TimeInForce
from options.risk import RiskLimits
from storage.verify import Verdict
from tests.bot.staged_day import Sides, StagedAccount, StagedFeed, enter
from tests.storage.event_strategies import lines_of, write_lines

CHRISTMAS_EVE = date(2015, 12, 24)
FRIDAY, MONDAY = date(2015, 12, 18), date(2015, 12, 21)


def option(root: str, expiry: date, right: str, strike: str) -> OptionContract:
    return OptionContract(root=root, expiry=expiry, right=Right(right), strike=Decimal(strike))


def goog(right: str, strike: str) -> OptionContract:
    return option("GOOG", CHRISTMAS_EVE, right, strike)


@pytest.fixture
def account(tmp_path: Path) -> StagedAccount:
    return StagedAccount(tmp_path, RiskLimits(premium_trade_max=Decimal(5_000)))


def settled(account: StagedAccount) -> list[tuple[str, int, Settlement, Decimal]]:
    """What became of every leg: key, signed quantity, outcome, price."""
    return [
        (event.instrument, event.qty, event.outcome, event.price)
        for event in account.events()
        if isinstance(event, LegSettled)
    ]


def closed(account: StagedAccount) -> dict[str, Decimal]:
    """The P&L of every closed trade."""
    return {
        event.trade_id: event.realized_pnl for event in account.events() if isinstance(event, e.TradeClosed)
    }


def assert_sound(account: StagedAccount) -> None:
    """The ledger proves itself, folds to the book that ran, and its P&L is its cash where nothing is held."""
    found = account.proof()
    assert found.verdict is Verdict.SOUND, found.sentence
    book = account.folded()
    assert book == account.book
    for trade in book.closed_trades.values():
        assert trade.position.qty == 0
        assert trade.position.cash == trade.position.realized - trade.position.fees


# --- the real half day: GOOG on 24 December 2015, closed at 13:00 at 748.40 ---------------------------------------


@pytest.fixture
def christmas_eve(shared_data: Path) -> RecordedFeed:
    return RecordedFeed(shared_data / "quotes", "goog_20151224")


def test_a_call_held_through_the_early_close_in_the_money_becomes_shares_at_the_strike(
    account: StagedAccount, christmas_eve: RecordedFeed
) -> None:
    """At 12:00 the 745 call costs 6.40. GOOG's last is 748.40: worth 3.40, it lost 3.00 x 100 = 300 and is exercised.

    100 shares come in at 748.40. Cash in all: -640 for the call, -74,500 for the shares: the strike.
    """
    account.run(christmas_eve, {"12:00:30": enter(1, goog("C", "745").key)})
    assert settled(account) == [(goog("C", "745").key, 1, Settlement.EXERCISED, Decimal("3.40"))]
    assert closed(account) == {"T1": Decimal(-300)}
    (shares,) = account.book.trades.values()
    assert (shares.instrument, shares.position.qty, shares.source) == ("GOOG", 100, "exercise of T1")
    assert shares.position.cost == Decimal(74840)
    assert account.book.totals.cash == Decimal(-640 - 74_500)
    last = account.events()[-2]
    assert last.ts == "2015-12-24T18:00:00.000000Z", "13:00 in New York, the early close"
    assert_sound(account)


def test_a_call_held_through_the_early_close_out_of_the_money_is_worth_nothing(
    account: StagedAccount, christmas_eve: RecordedFeed
) -> None:
    """At 12:00 the 755 call costs 0.05; at 748.40 it ends worthless: -5, and nothing is left."""
    account.run(christmas_eve, {"12:00:30": enter(1, goog("C", "755").key)})
    assert settled(account) == [(goog("C", "755").key, 1, Settlement.WORTHLESS, Decimal(0))]
    assert closed(account) == {"T1": Decimal(-5)}
    assert not account.book.trades
    assert account.book.totals.cash == Decimal(-5)
    assert_sound(account)


def test_an_iron_condor_is_held_to_expiry_with_one_short_leg_in_the_money(
    account: StagedAccount, christmas_eve: RecordedFeed
) -> None:
    """Bought at 12:00 at the far sides: 0.15 - 0.05 - 3.00 + 0.40 = -2.50, a credit of 250; it can lose 5.00 - 2.50.

    At 748.40 only the short 747.50 call is in the money, by 0.90: P&L 250 - 90 = 160. It is assigned: 100 shares are
    sold at 748.40. Cash in all: 250 + 74,750, the strike.
    """
    condor = Combo.of(
        (1, goog("P", "740")), (-1, goog("P", "745")), (-1, goog("C", "747.5")), (1, goog("C", "752.5"))
    )
    account.run(christmas_eve, {"12:00:30": enter(1, condor.key)})
    entry = next(event for event in account.events() if isinstance(event, e.OrderFilled))
    assert (entry.price, entry.qty, len(entry.legs)) == (Decimal("-2.50"), 1, 4)
    sent = next(event for event in account.events() if isinstance(event, e.OrderSubmitRequested))
    assert sent.approval.premium == Decimal(250), "the most it can lose, not a premium"
    assert {key: (qty, outcome, price) for key, qty, outcome, price in settled(account)} == {
        goog("P", "740").key: (1, Settlement.WORTHLESS, Decimal(0)),
        goog("P", "745").key: (-1, Settlement.WORTHLESS, Decimal(0)),
        goog("C", "747.5").key: (-1, Settlement.ASSIGNED, Decimal("0.90")),
        goog("C", "752.5").key: (1, Settlement.WORTHLESS, Decimal(0)),
    }
    assert closed(account) == {"T1": Decimal(160)}
    (shares,) = account.book.trades.values()
    assert (shares.instrument, shares.position.qty, shares.source) == ("GOOG", -100, "assignment of T1")
    assert account.book.totals.cash == Decimal(250 + 74_750)
    assert_sound(account)


# --- days by hand -------------------------------------------------------------------------------------------------


def day_of(day: date, at_noon: dict[str, Sides], at_end: dict[str, Sides], end: str = "16:00") -> StagedFeed:
    return StagedFeed(day, {"12:00": at_noon, "12:01": {}, end: at_end})


def test_a_short_put_is_assigned_over_a_weekend_and_the_shares_are_sold_on_monday(
    account: StagedAccount,
) -> None:
    """Sold at 1.20 on Friday, strike 50, ACME closes at 47.30: (1.20 - 2.70) x 100 = -150 on the put.

    100 shares at 47.30, sold on Monday at 45.00: -230. In all -380 = 120 - 5,000 + 4,500 in cash.
    """
    put = option("ACME", FRIDAY, "P", "50").key
    noon: dict[str, Sides] = {"ACME": (49.9, 50.1), put: (1.2, 1.3)}
    account.run(day_of(FRIDAY, noon, {"ACME": (47.25, 47.35)}), {"12:00:30": enter(1, put, direction=-1)})
    assert settled(account) == [(put, -1, Settlement.ASSIGNED, Decimal("2.7"))]
    assert closed(account) == {"T1": Decimal(-150)}
    (shares,) = account.book.trades.values()
    assert (shares.trade_id, shares.instrument, shares.position.qty) == ("T2", "ACME", 100)
    assert shares.source == "assignment of T1"
    assert account.book.trades_on == 1
    close = c.CloseTrade(command_id="out", who="alice", trade_id="T2")
    account.run(day_of(MONDAY, {"ACME": (45.0, 45.1)}, {"ACME": (44.0, 44.1)}), {"12:00:30": [close]})
    assert closed(account) == {"T1": Decimal(-150), "T2": Decimal(-230)}
    assert account.book.totals.cash == account.book.totals.realized == Decimal(-380)
    assert (account.book.totals.trades_opened, account.book.totals.trades_closed) == (2, 2)
    assert not account.book.trades
    assert account.book.trades_on == 0
    assert_sound(account)


@pytest.mark.parametrize(
    ("close", "outcome", "pnl"),
    [
        (50.0, Settlement.WORTHLESS, -200),
        (50.008, Settlement.WORTHLESS, -200),
        (50.01, Settlement.EXERCISED, -199),
    ],
)
def test_a_cent_in_the_money_is_exercised_and_less_is_not(
    account: StagedAccount, close: float, outcome: Settlement, pnl: int
) -> None:
    """A long 50 call bought at 2.00 is exercised at 50.01 (worth 1 dollar) and ends worthless at or under 50.009."""
    call = option("ACME", FRIDAY, "C", "50").key
    noon: dict[str, Sides] = {"ACME": (50.9, 51.1), call: (1.9, 2.0)}
    account.run(day_of(FRIDAY, noon, {"ACME": (close, close)}), {"12:00:30": enter(1, call)})
    assert [event[2] for event in settled(account)] == [outcome]
    assert closed(account) == {"T1": Decimal(pnl)}
    assert bool(account.book.trades) is (outcome is Settlement.EXERCISED)
    assert_sound(account)


def test_an_index_option_pays_cash_and_delivers_nothing(account: StagedAccount) -> None:
    """A weekly SPX 2050 call bought at 4.00 with the index at 2061.25: 11.25 in cash, (11.25 - 4.00) x 100 = 725."""
    call = option("SPXW", FRIDAY, "C", "2050").key
    noon: dict[str, Sides] = {"SPX": (2048.0, 2049.0), call: (3.9, 4.0)}
    account.run(day_of(FRIDAY, noon, {"SPX": (2061.0, 2061.5)}), {"12:00:30": enter(1, call)})
    assert settled(account) == [(call, 1, Settlement.CASH, Decimal("11.25"))]
    assert closed(account) == {"T1": Decimal(725)}
    assert not account.book.trades
    assert account.book.totals.cash == Decimal(725)
    assert_sound(account)


def test_a_monthly_index_option_settles_at_the_opening_prices_of_the_day_after_its_last(
    account: StagedAccount,
) -> None:
    """A monthly SPX 2050 put bought on Thursday at 6.00: Thursday's close of 2060 does not count, Friday's open of 2040
    does: 10.00 in cash, (10 - 6) x 100 = 400, whatever the rest of Friday brings."""
    put = option("SPX", FRIDAY, "P", "2050").key
    thursday = day_of(
        date(2015, 12, 17), {"SPX": (2055.0, 2057.0), put: (5.9, 6.0)}, {"SPX": (2059.0, 2061.0)}
    )
    account.run(thursday, {"12:00:30": enter(1, put)})
    assert list(account.book.trades) == ["T1"]
    friday = StagedFeed(
        FRIDAY,
        {
            "09:00": {"SPX": (2070.0, 2072.0)},
            "09:30": {"SPX": (2039.0, 2041.0)},
            "16:00": {"SPX": (2080.0, 2081.0)},
        },
    )
    account.run(friday, {})
    assert settled(account) == [(put, 1, Settlement.CASH, Decimal(10))]
    assert closed(account) == {"T1": Decimal(400)}
    assert_sound(account)


def test_a_series_that_expires_on_a_saturday_settles_at_the_friday_close(account: StagedAccount) -> None:
    """The June 2014 monthly bears Saturday the 21st: Friday's 51.50 settles its 50 call, 1.50 - 2.00 = -50 dollars."""
    call = option("ACME", date(2014, 6, 21), "C", "50").key
    noon: dict[str, Sides] = {"ACME": (50.9, 51.1), call: (1.9, 2.0)}
    account.run(day_of(date(2014, 6, 20), noon, {"ACME": (51.4, 51.6)}), {"12:00:30": enter(1, call)})
    assert settled(account) == [(call, 1, Settlement.EXERCISED, Decimal("1.5"))]
    assert closed(account) == {"T1": Decimal(-50)}
    assert_sound(account)


def test_a_covered_call_is_called_away_and_leaves_nothing(account: StagedAccount) -> None:
    """100 shares at 50.10 less a 52 call at 0.80 is 49.30 net; at 55 the shares go at 52: 2.70 x 100 = 270."""
    call = option("ACME", FRIDAY, "C", "52")
    covered = Combo.of((100, Stock(symbol="ACME")), (-1, call))
    noon: dict[str, Sides] = {"ACME": (50.0, 50.1), call.key: (0.8, 0.9)}
    account.run(day_of(FRIDAY, noon, {"ACME": (55.0, 55.0)}), {"12:00:30": enter(1, covered.key)})
    assert closed(account) == {"T1": Decimal(270)}
    assert not account.book.trades
    assert account.book.totals.cash == Decimal(270)
    assert_sound(account)


def test_a_covered_call_that_ends_worthless_leaves_the_shares(account: StagedAccount) -> None:
    """Bought at 49.30 net, ACME closes at 51: +170, and the 100 shares go on in a trade of their own at 51."""
    call = option("ACME", FRIDAY, "C", "52")
    covered = Combo.of((100, Stock(symbol="ACME")), (-1, call))
    noon: dict[str, Sides] = {"ACME": (50.0, 50.1), call.key: (0.8, 0.9)}
    account.run(day_of(FRIDAY, noon, {"ACME": (51.0, 51.0)}), {"12:00:30": enter(1, covered.key)})
    assert closed(account) == {"T1": Decimal(170)}
    (shares,) = account.book.trades.values()
    assert (shares.instrument, shares.position.qty, shares.source) == ("ACME", 100, "carried on from T1")
    assert_sound(account)


def test_a_vertical_with_both_legs_in_the_money_nets_its_shares_to_nothing(account: StagedAccount) -> None:
    """The 50/55 call vertical bought at 2.10 is worth 5.00 at 60: +290; shares in and out leave none."""
    low, high = option("ACME", FRIDAY, "C", "50"), option("ACME", FRIDAY, "C", "55")
    vertical = Combo.of((1, low), (-1, high))
    noon: dict[str, Sides] = {"ACME": (51.0, 51.2), low.key: (2.4, 2.6), high.key: (0.5, 0.6)}
    account.run(day_of(FRIDAY, noon, {"ACME": (60.0, 60.0)}), {"12:00:30": enter(1, vertical.key)})
    assert {outcome for _, _, outcome, _ in settled(account)} == {Settlement.EXERCISED, Settlement.ASSIGNED}
    assert closed(account) == {"T1": Decimal(290)}
    assert not account.book.trades
    assert_sound(account)


def test_a_calendar_goes_on_with_its_far_leg(account: StagedAccount) -> None:
    """Far 50 call at 2.50, near at 1.10 sold: 1.40. The near ends worthless at 49, the far has a mid of 1.70: +30.

    The far call goes on in its own trade, at 1.70.
    """
    near, far = option("ACME", FRIDAY, "C", "50"), option("ACME", date(2016, 1, 15), "C", "50")
    calendar = Combo.of((-1, near), (1, far))
    noon: dict[str, Sides] = {"ACME": (49.9, 50.1), near.key: (1.1, 1.2), far.key: (2.4, 2.5)}
    end: dict[str, Sides] = {"ACME": (49.0, 49.0), far.key: (1.6, 1.8)}
    account.run(day_of(FRIDAY, noon, end), {"12:00:30": enter(1, calendar.key)})
    assert closed(account) == {"T1": Decimal(30)}
    (carried,) = account.book.trades.values()
    assert (carried.instrument, carried.position.qty) == (far.key, 1)
    assert carried.position.cost == Decimal(170)
    assert_sound(account)


def test_what_waits_for_an_expired_contract_ends_with_it(account: StagedAccount) -> None:
    """An entry that rests until it is cancelled, on a contract that expires, is out of the market and over."""
    call = option("ACME", FRIDAY, "C", "50").key
    noon: dict[str, Sides] = {"ACME": (50.9, 51.1), call: (1.9, 2.0)}
    resting = EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("1.00"), tif=TimeInForce.GTC)
    account.run(day_of(FRIDAY, noon, {"ACME": (51.0, 51.0)}), {"12:00:30": enter(1, call, entry=resting)})
    assert not account.book.trades
    assert not account.book.orders
    assert not account.book.parents
    assert_sound(account)


def test_an_expiry_without_a_price_of_the_underlying_is_held_and_said(account: StagedAccount) -> None:
    """Nothing is made up: the position stays, its trade says why, and a day later no other day's price is taken."""
    call = option("ACME", FRIDAY, "C", "50").key
    account.run(day_of(FRIDAY, {call: (1.9, 2.0)}, {}), {"12:00:30": enter(1, call)})
    (trade,) = account.book.trades.values()
    assert "expired, and the price of ACME that settles it is not known" in trade.held_reason
    account.run(day_of(MONDAY, {"ACME": (70.0, 70.1)}, {}), {})
    assert list(account.book.trades) == ["T1"]
    assert not settled(account)
    assert_sound(account)


def test_the_proof_finds_a_delivery_that_does_not_cost_the_strike(account: StagedAccount) -> None:
    """A ledger whose shares were delivered at another price than the one that settled the option is broken."""
    call = option("ACME", FRIDAY, "C", "50").key
    noon: dict[str, Sides] = {"ACME": (50.9, 51.1), call: (1.9, 2.0)}
    account.run(day_of(FRIDAY, noon, {"ACME": (52.0, 52.0)}), {"12:00:30": enter(1, call)})
    assert_sound(account)
    forged = [
        msgspec.structs.replace(event, price=event.price - 1)
        if isinstance(event, PositionDelivered)
        else event
        for event in account.events()
    ]
    write_lines(account.path, lines_of([[event] for event in forged]))
    found = account.proof()
    assert found.verdict is Verdict.BROKEN
    assert "T1 leaves" in found.reason


def test_a_trade_that_is_held_inactive_expires_like_any_other(account: StagedAccount) -> None:
    """Held by a person, guarded by nothing: the 50 call bought at 2.00 still ends at 1.50, -50 dollars."""
    call = option("ACME", FRIDAY, "C", "50").key
    noon: dict[str, Sides] = {"ACME": (50.9, 51.1), call: (1.9, 2.0)}
    hold = c.ModifyTrade(command_id="hold", who="alice", trade_id="T1", hold=True)
    feed = StagedFeed(FRIDAY, {"12:00": noon, "12:01": {}, "12:02": {}, "16:00": {"ACME": (51.4, 51.6)}})
    account.run(feed, {"12:00:30": enter(1, call), "12:01:30": [hold]})
    assert closed(account) == {"T1": Decimal(-50)}
    assert_sound(account)


def test_an_expiry_is_settled_once_however_often_the_day_is_run(account: StagedAccount) -> None:
    """Running the same day again adds nothing to the ledger."""
    call = option("ACME", FRIDAY, "C", "50").key
    noon: dict[str, Sides] = {"ACME": (50.9, 51.1), call: (1.9, 2.0)}
    feed = day_of(FRIDAY, noon, {"ACME": (51.4, 51.6)})
    account.run(feed, {"12:00:30": enter(1, call)})
    before = account.path.read_bytes()
    account.run(feed, {})
    assert account.path.read_bytes() == before
    assert len(settled(account)) == 1
