"""What goes wrong between two trades, two reports, two words of the feed: each has its stated end."""

from decimal import Decimal

import msgspec
import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.lifecycle import CANCELLED, CLOSED, GUARDED, HELD_FILLED, WORKING
from options.plan import Algo, EntryCondition, EntryPlan, ExitPlan, ScaleInPlan, TimeInForce, Watch
from options.risk import RiskLimits
from options.values import DAY
from tests.options.desk import CLOSE, OPEN, PUT_KEY, Desk, executed, ladder, of, one

TOGETHER = EntryPlan(condition=EntryCondition(watch=Watch.OPTION, level=Decimal(9), above=False))


def enter_together(limits: RiskLimits) -> list[e.TradeEvent]:
    """Three trades wait for the same price, and get it."""
    desk = Desk(limits)
    for strategy in ("a", "b", "c"):
        desk.propose(1, entry=TOGETHER, strategy=strategy)
    return desk.mark(9.0)


def test_entries_that_go_out_together_count_towards_the_premium_of_the_day() -> None:
    """At an ask of 9.10, one contract each is $910: two fit under $2,000, the third is refused."""
    events = enter_together(RiskLimits(premium_day_max=Decimal(2_000)))
    assert one(e.OrderSubmitRequested, events).qty == 2
    assert "on top of $1,820.00" in one(e.IntentRefused, events).reasons[0]


def test_entries_that_go_out_together_count_towards_the_open_positions() -> None:
    """Two positions are allowed: of three that go at once the third is refused."""
    events = enter_together(RiskLimits(open_positions_max=2))
    assert one(e.OrderSubmitRequested, events).qty == 2
    assert one(e.IntentRefused, events).trade_id == "T3"


@pytest.mark.parametrize(("qty", "price"), [(0, "10"), (-1, "10"), (1, "-0.01"), (1, "NaN")])
def test_an_execution_that_cannot_be_one_moves_nothing_and_halts(qty: int, price: str) -> None:
    """No contracts, a price below zero, no number: recorded once, however often it is said."""
    desk = Desk()
    desk.propose(2)
    report = executed(desk.order, qty, price, "E1")
    assert one(e.FillUnmatched, desk.report(report)).exec_id == "E1"
    assert not desk.report(report)
    assert desk.book.halt_reason
    assert desk.book.totals.fills == 0


def test_a_fee_is_split_without_a_negative_part() -> None:
    """A cent for three trades: nought, nought and a cent."""
    desk = Desk()
    for strategy in ("a", "b", "c"):
        desk.propose(1, entry=TOGETHER, strategy=strategy)
    desk.mark(9.0)
    fees = [fill.fee for fill in of(e.OrderFilled, desk.fill(3, "9", fee="0.02"))]
    assert sum(fees) == Decimal("0.02")
    assert min(fees) >= 0


@pytest.mark.parametrize("end", ["cancelled", "rejected", "dropped"])
def test_who_waits_for_a_trade_goes_on_however_that_one_ends(end: str) -> None:
    """The first never gets in: the second, which was to come after it, goes in its place."""
    desk = Desk()
    desk.propose(2, entry=TOGETHER if end == "dropped" else EntryPlan())
    desk.propose(1, key=PUT_KEY, entry=EntryPlan(after="T1"))
    assert desk.trade("T2").entry_sent_ts == ""
    if end == "rejected":
        desk.reject()
    elif end == "cancelled":
        desk.cancelled()
    else:
        desk.out("T1")
    assert desk.order.instrument == PUT_KEY
    assert not desk.book.waiting_for


def test_a_trade_that_comes_back_counts_as_opened() -> None:
    """Rejected, then filled all the same: one opened, and once it is out, one closed."""
    desk = Desk()
    desk.propose(2)
    desk.reject()
    desk.fill(2)
    desk.out("T1")
    desk.fill(2)
    totals = desk.book.totals
    assert (totals.trades_opened, totals.trades_closed) == (1, 1)
    assert desk.book.trades_on == 0


def test_a_waiting_trade_of_yesterday_is_forgotten() -> None:
    """Its day ends, and the price it waited for comes the day after: nothing happens."""
    desk = Desk()
    desk.propose(1, entry=TOGETHER)
    desk.at = OPEN + DAY
    desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)
    assert not of(e.OrderSubmitRequested, desk.mark(8.9))


def test_i23_a_spread_entry_stops_with_the_halt_and_survives_a_restart() -> None:
    """A stranger's execution halts trading: no further part of a spread entry goes out, after a restart neither."""
    desk = Desk()
    desk.propose(4, entry=EntryPlan(algo=Algo.TWAP, every_s=10.0, steps=2))
    desk.fill(2)
    stranger = msgspec.structs.replace(executed(desk.order, 1, "10", "X"), client_ref="who?")
    desk.report(stranger)
    assert not of(e.OrderSubmitRequested, desk.wait(10))
    desk.restart()
    assert not of(e.OrderSubmitRequested, desk.wait(10))


def test_a_wish_that_no_trade_can_have_is_refused() -> None:
    """An unknown trade, one that is over, the other side of one: the reason, and nothing else."""
    desk = Desk()
    desk.opened(2)
    assert one(e.IntentRefused, desk.out("T9")).reasons == ("T9: there is no such trade",)
    assert one(e.IntentRefused, desk.out("T1", -1)).reasons == (
        "T1: -1 is on the other side of a long trade",
    )
    desk.out("T1")
    desk.fill(2)
    assert "it is over" in one(e.IntentRefused, desk.out("T1")).reasons[0]


def test_who_waits_for_a_trade_whose_day_is_over_goes_on() -> None:
    """The first waits for a price until its day ends; the second, good till cancelled, goes in its place."""
    desk = Desk()
    desk.propose(2, entry=TOGETHER)
    desk.propose(1, key=PUT_KEY, entry=EntryPlan(after="T1", tif=TimeInForce.GTC))
    desk.at = OPEN + DAY
    desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)
    assert desk.trade("T1").status == CANCELLED
    desk.quote(9.9, 10.1, key=PUT_KEY)
    desk.wait(1)
    assert "T1" not in desk.book.waiting_for
    assert desk.trade("T2").target_kind


def test_a_spread_entry_is_given_up_by_a_halt_of_the_engine_s_own_as_by_a_person_s() -> None:
    """Two parts, one of them in the market: it is asked back, the other is never sent, and a resume revives neither."""
    desk = Desk()
    desk.propose(4, entry=EntryPlan(algo=Algo.TWAP, every_s=5.0, steps=2))
    desk.accept()
    halted = desk.report(msgspec.structs.replace(executed(desk.order, 1, "10", "X"), client_ref="who?"))
    assert one(e.OrderCancelRequested, halted).client_ref == desk.order.child.client_ref
    assert not of(e.OrderSubmitRequested, desk.wait(5))
    desk.cancelled()
    assert desk.status() == CANCELLED
    resume = c.Resume(command_id="r", who="ann", answers=desk.book.halt_reason)
    assert not of(e.OrderSubmitRequested, desk.decide(i.CommandGiven(resume)))
    assert not of(e.OrderSubmitRequested, desk.wait(5))


def test_nothing_is_added_to_a_position_that_is_held_inactive() -> None:
    """A strategy wants more of what a person holds without exits: refused, with that reason."""
    desk = Desk()
    desk.opened(2)
    desk.decide(i.CommandGiven(c.ModifyTrade(command_id="h", who="ann", trade_id="T1", hold=True)))
    assert "held inactive" in one(e.IntentRefused, desk.out("T1", 4)).reasons[0]
    assert desk.status() == HELD_FILLED


def test_an_exit_out_of_a_held_position_arms_what_is_left() -> None:
    """Two of four are trimmed while it is held inactive: the stop guards them all again until they are out."""
    desk = Desk()
    desk.opened(4, exits=ladder(stop="0.2"))
    desk.decide(i.CommandGiven(c.ModifyTrade(command_id="h", who="ann", trade_id="T1", hold=True)))
    assert not desk.trade().armed
    desk.decide(i.CommandGiven(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=2)))
    assert [armed.qty for armed in desk.trade().armed] == [4]
    desk.fill(2)
    assert [armed.qty for armed in desk.trade().armed] == [2]


def test_a_scale_in_that_never_fills_leaves_the_trade_guarded() -> None:
    """Its order is cancelled whole: the trade does not stay in its entry."""
    desk = Desk()
    desk.opened(2, exits=ExitPlan(stop=Decimal("0.2"), scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=2),)))
    assert of(e.OrderSubmitRequested, desk.mark(11.0))
    desk.cancelled()
    assert desk.status() == GUARDED


def test_a_late_fill_of_an_entry_while_the_position_is_held_is_booked() -> None:
    """The entry had ended with a rest and the trade was held; the rest fills after all: two, then three."""
    desk = Desk()
    desk.propose(4)
    entry = desk.order
    desk.fill(2)
    desk.cancelled(entry)
    desk.decide(i.CommandGiven(c.ModifyTrade(command_id="h", who="ann", trade_id="T1", hold=True)))
    desk.fill(1, order=entry)
    assert desk.trade().position.qty == 3


def test_who_is_told_to_wait_for_another_trade_does() -> None:
    """A draft's new entry names a trade to come after: it waits for that one, and goes when it is out."""
    desk = Desk()
    desk.opened(2)
    new = c.NewTrade(command_id="n", who="ann", instrument=PUT_KEY, qty=1)
    later = c.ModifyTrade(command_id="m", who="ann", trade_id="T2", entry=EntryPlan(after="T1"))
    for command in (new, later, c.ActivateTrade(command_id="a", who="ann", trade_id="T2")):
        desk.decide(i.CommandGiven(command))
    assert desk.status("T2") == WORKING
    desk.out("T1")
    desk.fill(2)
    assert desk.order.instrument == PUT_KEY


def test_what_an_exit_sold_too_much_of_is_bought_back_while_the_trade_is_held() -> None:
    """Three of two are sold, the trade held inactive: buying one back is an exit, and the trade is over."""
    desk = Desk()
    desk.opened(2)
    desk.out("T1")
    exit_order = desk.order
    desk.accept()
    hold = c.ModifyTrade(command_id="h", who="ann", trade_id="T1", hold=True)
    desk.decide(i.CommandGiven(hold))
    desk.fill(3, order=exit_order)
    assert desk.order is not exit_order
    desk.fill(1)
    assert desk.status() == CLOSED
    assert desk.book.day.premium_bought == 2_000
