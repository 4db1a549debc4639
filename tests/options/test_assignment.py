"""Options that are assigned or exercised before they expire: booked as such, guarded anew, never opened again."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from options import commands as c
from options import events as e
from options import inputs as i
from options.contract import Combo, parse_key
from options.expiry_events import ContractsAssigned, LegSettled, PositionDelivered, Settlement
from options.lifecycle import CLOSED, GUARDED, TradeStatus
from options.plan import Algo, EntryPlan
from options.risk_limits import RiskLimits
from options.terms import LegPrice
from options.values import SECOND, Side
from tests.options.desk import CLOSE, KEY, PUT_KEY, SPOT, Desk, executed, fold, ladder, of, one

NEAR = "GOOG  151231C00740000"
FAR = "GOOG  151231C00760000"
WIDE = RiskLimits(
    premium_trade_max=Decimal(10**9), premium_day_max=Decimal(10**9), naked_max_loss_usd=Decimal(10**9)
)
VERTICAL = Combo.of((1, parse_key(FAR)), (-1, parse_key(NEAR))).key  # type: ignore[arg-type]


def told(
    qty: int, key: str = KEY, *, name: str = "A1", exercised: bool = False, at: str | None = None
) -> i.AssignmentReport:
    """What the broker says."""
    underlying = None if at is None else Decimal(at)
    return i.AssignmentReport(
        assignment_id=name, instrument=key, qty=qty, exercised=exercised, underlying=underlying
    )


def short(qty: int = 3, key: str = KEY, **plans: object) -> Desk:
    """A short position of some calls at 10."""
    desk = Desk(WIDE)
    desk.opened(qty, "10", key=key, direction=-1, **plans)
    return desk


def sound(desk: Desk) -> None:
    """The events give the book, and what is flat has made its cash."""
    assert fold(desk.events) == desk.book
    for trade in desk.book.closed_trades.values():
        assert trade.position.cash == trade.position.realized - trade.position.fees


def test_a_short_call_that_is_assigned_leaves_short_shares_at_the_strike() -> None:
    """Three short calls 750 at 10, the stock at 760: worth 10 each, nothing made; 300 shares are sold at 760."""
    desk = short()
    found = desk.report(told(3, at="760"))
    assert one(ContractsAssigned, found).qty == -3
    leg = one(LegSettled, found)
    assert (leg.qty, leg.outcome, leg.price) == (-3, Settlement.ASSIGNED, Decimal(10))
    closed = one(e.TradeClosed, found)
    assert (closed.close_kind, closed.realized_pnl, desk.status()) == ("assigned", Decimal(0), CLOSED)
    shares = desk.trade("T2")
    assert (shares.instrument, shares.position.qty, shares.source) == (SPOT, -300, "assignment of T1")
    assert desk.book.totals.cash == 3 * 100 * (10 + 750), "the premium, and the strike for each share"
    assert desk.orders == []
    sound(desk)


def test_a_part_of_a_position_is_assigned_and_the_rest_goes_on_guarded() -> None:
    """One of three: two go on with their stop for two, and nothing is sold again to make it three."""
    desk = short(exits=ladder(stop="0.5"))
    desk.report(told(1, at="755"))
    trade = desk.trade()
    assert (trade.position.qty, trade.target, trade.status) == (-2, -2, GUARDED)
    assert [(armed.qty, armed.level) for armed in trade.armed] == [(2, Decimal(15))]
    assert trade.position.realized == Decimal(500)
    assert desk.trade("T2").position.qty == -100
    assert desk.orders == []
    desk.wait(60)
    assert desk.orders == []
    sound(desk)


def test_an_assignment_out_of_the_money_costs_the_strike_all_the_same() -> None:
    """A short put 750 with the stock at 760: the option is worth nothing, the shares come in at 750."""
    desk = short(1, PUT_KEY)
    found = desk.report(told(1, PUT_KEY, at="760"))
    leg = one(LegSettled, found)
    assert (leg.price, leg.underlying, leg.outcome) == (Decimal(0), Decimal(750), Settlement.ASSIGNED)
    assert desk.trade("T2").position.cost == Decimal(75_000)
    assert one(e.TradeClosed, found).realized_pnl == Decimal(1_000)


@pytest.mark.parametrize(("quoted", "worth"), [((761.9, 762.1), "12"), ((None, None), "0")])
def test_without_a_told_price_the_quoted_one_divides_the_profit(
    quoted: tuple[float | None, float | None], worth: str
) -> None:
    """The quoted price of the underlying; without one the option counts nothing and the shares the strike."""
    desk = short(1)
    desk.quote(*quoted, key=SPOT, after_s=1)
    leg = one(LegSettled, desk.report(told(1)))
    assert leg.price == Decimal(worth)
    assert desk.book.totals.cash == Decimal(76_000)


def test_a_long_option_that_is_exercised_becomes_shares() -> None:
    """Half of four long calls: 200 shares at 757, two calls go on."""
    desk = Desk()
    desk.opened(4, "10", exits=ladder(("0.5", "0.5"), stop="0.5"))
    found = desk.report(told(2, exercised=True, at="757"))
    assert one(LegSettled, found).outcome is Settlement.EXERCISED
    assert (desk.trade().position.qty, desk.trade("T2").position.qty) == (2, 200)
    assert sum(armed.qty for armed in desk.trade().armed if armed.exit_id.endswith("stop")) == 2
    assert desk.trade("T2").source == "exercise of T1"
    sound(desk)


def test_an_index_option_pays_cash_and_leaves_no_shares() -> None:
    """A short OEX call, assigned with the index 7 above its strike: 700 are paid."""
    key = "OEX   151231C00900000"
    desk = Desk()
    desk.quote(9.9, 10.1, key=key)
    desk.quote(906.9, 907.1, key="OEX")
    desk.opened(1, "10", key=key, direction=-1)
    found = desk.report(told(1, key))
    assert one(LegSettled, found).outcome is Settlement.CASH
    assert of(PositionDelivered, found) == []
    assert (desk.book.totals.cash, desk.book.trades) == (Decimal(300), {})


def test_an_exit_on_its_way_is_made_smaller() -> None:
    """Three are being bought back when one is assigned: the order comes back, and goes out for two."""
    desk = short()
    desk.out("T1")
    first = desk.order
    assert one(e.OrderCancelRequested, desk.report(told(1, at="755"))).order_id == first.order_id
    sent = one(e.OrderSubmitRequested, desk.cancelled(first))
    assert (sent.side, sent.qty) == (Side.BUY, 2)
    desk.fill(2, "6")
    assert desk.status() == CLOSED
    sound(desk)


def test_an_exit_that_fills_although_all_was_assigned_is_put_right() -> None:
    """The order to buy three back fills beside the assignment of all three: long three, so three are sold."""
    desk = short()
    desk.out("T1")
    first = desk.order
    desk.report(told(3, at="755"))
    assert desk.trade().trade_status is TradeStatus.FILLED
    found = desk.fill(3, "6", order=first)
    sent = one(e.OrderSubmitRequested, found)
    assert (sent.side, sent.qty) == (Side.SELL, 3)
    desk.fill(3, "6")
    assert desk.trade().position.qty == 0
    sound(desk)


def test_an_entry_that_still_works_is_asked_back() -> None:
    """Two of four are short when one of them is assigned: nothing more is sold."""
    desk = Desk()
    desk.propose(4, direction=-1, entry=EntryPlan(algo=Algo.LIMIT, limit_price=Decimal(10)))
    entry = desk.order
    desk.fill(2, "10", order=entry)
    desk.report(told(1, at="755"))
    assert entry.cancel_requested
    desk.cancelled(entry)
    trade = desk.trade()
    assert (trade.position.qty, trade.target, desk.orders) == (-1, -1, [])


def test_a_report_counts_once_and_what_nobody_holds_halts() -> None:
    """The same id again changes nothing; more than is held is booked as far as it goes, and a person must look."""
    desk = short(2)
    desk.report(told(1, at="755"))
    assert desk.report(told(1, at="755"), told(1, at="755")) == []
    desk.report(told(3, name="A2", at="755"))
    assert desk.trade().position.qty == 0
    assert "2 of GOOG" in desk.book.halt_reason
    assert desk.trade("T3").position.qty == -100


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (told(0), "0 contracts is no quantity"),
        (told(1, SPOT), "is no option"),
        (told(1, "GOOG  x"), "assignment A1"),
        (told(1, at="-1"), "-1 is no price of GOOG"),
    ],
)
def test_a_report_that_cannot_be_halts_and_books_nothing(report: i.AssignmentReport, words: str) -> None:
    """No quantity, no option, no price: nothing is made up."""
    desk = short()
    desk.report(report)
    assert words in desk.book.halt_reason
    assert desk.trade().position.qty == -3
    assert desk.report(report) == []


def test_the_oldest_trade_is_assigned_first() -> None:
    """Two trades are short two each; three are assigned: the older loses both, the other one."""
    desk = short(2)
    desk.opened(2, "10", direction=-1, strategy="other")
    desk.report(told(3, at="755"))
    assert [desk.trade(name).position.qty for name in ("T1", "T2")] == [0, -1]
    assert sum(desk.trade(name).position.qty for name in ("T3", "T4")) == -300
    sound(desk)


def combo_desk(qty: int = 3) -> Desk:
    """Short the 740/760 call vertical: long the 760, short the 740, for a credit of 9."""
    desk = Desk()
    desk.quote(14.9, 15.1, key=NEAR)
    desk.quote(5.9, 6.1, key=FAR)
    desk.propose(qty, key=VERTICAL)
    report = executed(desk.order, qty, "-9", "E1")
    legs = (
        LegPrice(instrument=FAR, ratio=1, price=Decimal(6)),
        LegPrice(instrument=NEAR, ratio=-1, price=Decimal(15)),
    )
    desk.report(i.OrderAcceptedReport(client_ref=report.client_ref, broker_order_id="B1", venue="TEST"))
    desk.report(replace(report, legs=legs))
    return desk


def test_a_combo_loses_the_unit_whose_leg_is_assigned() -> None:
    """One of three short 740 calls: two units go on; the third leaves a 760 call by itself, and -100 shares."""
    desk = combo_desk()
    found = desk.report(told(1, NEAR, at="750"))
    assert {(leg.instrument, leg.qty, leg.outcome) for leg in of(LegSettled, found)} == {
        (NEAR, -1, Settlement.ASSIGNED),
        (FAR, 1, Settlement.CARRIED),
    }
    assert (desk.trade().position.qty, desk.trade().target) == (2, 2)
    held = {trade.instrument: trade.position.qty for trade in desk.book.open_trades()}
    assert held == {VERTICAL: 2, SPOT: -100, FAR: 1}
    # Nine were taken in; the leg was worth ten, the other has a mid of six: four to pay back.
    assert desk.trade().position.realized == Decimal(500)
    sound(desk)


def test_a_ratio_is_taken_apart_whole() -> None:
    """One of two short calls in a unit: the other is carried on by itself, at the same price."""
    ratio = Combo.of((1, parse_key(NEAR)), (-2, parse_key(FAR))).key  # type: ignore[arg-type]
    desk = Desk()
    desk.quote(14.9, 15.1, key=NEAR)
    desk.quote(5.9, 6.1, key=FAR)
    desk.propose(1, key=ratio)
    desk.fill(1, "3")
    desk.report(told(1, FAR, at="770"))
    held = {trade.instrument: trade.position.qty for trade in desk.book.open_trades()}
    assert held == {SPOT: -100, NEAR: 1, FAR: -1}
    assert desk.status() == CLOSED
    sound(desk)


def say(desk: Desk, **fields: object) -> list[e.TradeEvent]:
    """A person records an assignment."""
    command = c.RecordAssignment(command_id=f"c{len(desk.events)}", who="ann", **fields)  # type: ignore[arg-type]
    return desk.give_command(command)


def test_a_person_records_what_the_broker_told() -> None:
    """By hand it is the same: the quantity, or all of it; the ledger says whose word it is."""
    desk = short(exits=ladder(stop="0.5"))
    found = say(desk, trade_id="T1", qty=1, underlying=Decimal(755))
    assert (one(ContractsAssigned, found).source, desk.trade().position.qty) == ("ann", -2)
    say(desk, trade_id="T1")
    assert desk.status() == CLOSED
    desk = combo_desk(1)
    say(desk, trade_id="T1", contract=FAR, underlying=Decimal(770))
    assert [leg.outcome for leg in desk.all(LegSettled)] == [Settlement.CARRIED, Settlement.EXERCISED]
    assert {trade.instrument: trade.position.qty for trade in desk.book.open_trades()} == {
        SPOT: 100,
        NEAR: -1,
    }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"trade_id": "T1", "qty": 4}, "4 is not between 1 and 3"),
        ({"trade_id": "T1", "qty": 0}, "0 is not between 1 and 3"),
        ({"trade_id": "T1", "contract": PUT_KEY}, "does not hold"),
        ({"trade_id": "T1", "underlying": Decimal("NaN")}, "underlying NaN is not above 0"),
        ({"trade_id": "T2"}, "holds no option"),
        ({"trade_id": "T9"}, "there is no such trade"),
    ],
)
def test_what_cannot_have_been_assigned_is_refused(fields: dict[str, object], words: str) -> None:
    """Too many, another contract, no price, no option: every reason, and nothing changes."""
    desk = short()
    if fields["trade_id"] == "T2":
        desk.give_command(c.NewTrade(command_id="n", who="ann", instrument=KEY, qty=1))
    refused = one(e.CommandRefused, say(desk, **fields))
    assert words in "; ".join(refused.reasons)
    assert desk.trade().position.qty == -3


def test_a_combo_with_several_options_wants_one_named() -> None:
    """Which leg it was cannot be guessed."""
    refused = one(e.CommandRefused, say(combo_desk(), trade_id="T1"))
    assert "name the one that was meant: GOOG" in refused.reasons[0]


def test_i14_a_difference_that_looks_like_an_assignment_is_said_and_recording_it_explains_it() -> None:
    """The broker has one call less and 100 shares less: trading halts with what to do, and agrees once it is done."""
    desk = short()

    def look() -> list[e.TradeEvent]:
        positions = {KEY: -2, SPOT: -100}
        resting: tuple[i.OpenOrder, ...] = ()
        return desk.report(
            i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=resting, positions=positions)
        )

    look()
    assert "callboard trade assigned T1 --qty 1" in desk.book.halt_reason
    assert desk.book.disagreements == {KEY: 1, SPOT: -100}
    say(desk, trade_id="T1", qty=1, underlying=Decimal(755))
    assert desk.book.disagreements == {}
    assert of(e.TradingHalted, look()) == []
    desk.give_command(c.Resume(command_id="r", who="ann", answers=desk.book.halt_reason))
    assert of(e.TradingHalted, look()) == []
    assert desk.book.halt_reason == ""


def test_a_difference_that_was_accepted_before_is_explained_too() -> None:
    """Resumed first, recorded after: it does not differ the other way round then."""
    desk = short()
    snapshot = i.BrokerSnapshot(
        complete=True, asked_at=desk.at, open_orders=(), positions={KEY: -2, SPOT: -100}
    )
    desk.report(snapshot)
    desk.give_command(c.Resume(command_id="r", who="ann", answers=desk.book.halt_reason))
    say(desk, trade_id="T1", qty=1, underlying=Decimal(755))
    desk.report(snapshot)
    assert (desk.book.halt_reason, desk.book.accepted_differences) == ("", {})


@given(
    qty=st.integers(1, 6),
    parts=st.lists(st.integers(1, 3), max_size=4),
    price=st.integers(70_000, 80_000),
    right=st.sampled_from([KEY, PUT_KEY]),
    direction=st.sampled_from([1, -1]),
    data=st.data(),
)
def test_i11_i15_whatever_is_assigned_moves_the_strike_and_nothing_else(
    qty: int, parts: list[int], price: int, right: str, direction: int, data: st.DataObject
) -> None:
    """In parts, doubled: cash is premium and strikes, shares are 100 a contract, all of it once."""
    desk = Desk(WIDE)
    desk.opened(qty, "10", key=right, direction=direction)
    desk.at = CLOSE + SECOND
    booked = 0
    for number, part in enumerate(parts):
        taken = min(part, qty - booked)
        if not taken:
            break
        report = told(taken, right, name=f"A{number}", exercised=direction > 0, at=f"{price / 100:.2f}")
        desk.report(*[report] * data.draw(st.integers(1, 2)))
        booked += taken
    trade = desk.trade()
    shares = sum(one.position.qty for one in desk.book.trades.values() if one.instrument == SPOT)
    sign = direction * (1 if right == KEY else -1)
    assert (trade.position.qty, shares) == ((qty - booked) * direction, booked * 100 * sign)
    assert desk.book.totals.cash == -direction * qty * 1_000 - shares * 750
    assert desk.book.risk.held.get(right, 0) == qty - booked
    assert trade.position.cash == trade.position.realized - trade.position.fees - trade.position.cost
    sound(desk)
