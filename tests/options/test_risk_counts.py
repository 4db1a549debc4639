"""Entries are held against what has been used, by contract, strategy, day, minute and price; exits never are."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from options import events as e
from options.commands import Halt, Resume
from options.inputs import CommandGiven
from options.lifecycle import CANCELLED, GUARDED, REJECTED
from options.plan import Algo, EntryCondition, EntryPlan
from options.risk_limits import RiskLimits, StrategyLimits
from options.values import DAY, SECOND
from tests.options.desk import CLOSE, KEY, OPEN, PUT_KEY, Desk, limit, of, one

OTHER_SYMBOL = "ACME  151231C00750000"


def limited(**limits: Any) -> Desk:
    """A desk with some limits of its own."""
    return Desk(msgspec.structs.replace(RiskLimits(), **limits))


def refused(desk: Desk, qty: int = 1, **wish: Any) -> str:
    """What a proposal is refused for; empty if it goes out."""
    events = desk.propose(qty, **wish)
    sent = of(e.OrderSubmitRequested, events)
    said = one(e.SignalDecided, events).reason
    assert bool(sent) != ("not entered" in said), said
    return "" if sent else said.partition("not entered: ")[2]


def test_contracts_of_one_instrument_add_up_over_trades_and_orders() -> None:
    """Three held and two on their way make five; the sixth is refused, another contract is not, and room comes back."""
    desk = limited(contract_qty_max=5)
    desk.opened(3)
    assert not refused(desk, 2, strategy="second")
    assert refused(desk, strategy="third") == "1 more on top of 5 is above 5 of one contract"
    assert not refused(desk, key=PUT_KEY, strategy="fourth")
    desk.restart()
    assert refused(desk, strategy="third").startswith("1 more on top of 5")
    entering = next(order for order in desk.orders if order.qty == 2)
    desk.fill(1, order=entering)
    desk.cancelled(entering)
    assert desk.book.risk.on(KEY) == 4
    desk.out("T1")
    desk.fill(3)
    assert desk.book.risk.on(KEY) == 1
    assert not refused(desk, 4, strategy="third")


def lose(desk: Desk, dollars: int, **wish: Any) -> None:
    """A trade that loses so many dollars and is over."""
    trade = desk.opened(1, "10", **wish)
    desk.out(trade.trade_id)
    desk.fill(1, str(Decimal(10) - Decimal(dollars) / 100))


def test_the_loss_of_the_day_stops_entries_until_the_next() -> None:
    """At 500 dollars lost with fees nothing goes in, after a restart neither; exits go; the next day begins anew."""
    desk = limited(loss_day_max=Decimal(500))
    desk.opened(2, key=PUT_KEY, strategy="held")
    lose(desk, 499)
    assert not refused(desk)
    desk.fill(1, fee="1")
    why = "the day has lost $500.00; entries stop at $500.00"
    assert refused(desk, strategy="other") == why
    desk.restart()
    assert refused(desk, strategy="other") == why
    assert one(e.OrderSubmitRequested, desk.out("T1")).approval.reducing
    desk.fill(2)
    desk.at = OPEN + DAY
    desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)
    desk.quote(9.9, 10.1)
    desk.quote(749.9, 750.1, key="GOOG")
    assert not refused(desk, strategy="other")


def test_a_loss_calls_back_what_is_on_its_way_in() -> None:
    """A limit order that rests when the day's loss is reached is asked back with the reason, and its trade ends."""
    desk = limited(loss_day_max=Decimal(500))
    trade = desk.opened(1)
    desk.propose(1, entry=limit("9.50"), key=PUT_KEY, strategy="other")
    resting = desk.order
    desk.accept()
    desk.out(trade.trade_id)
    events = desk.fill(1, "4")
    assert one(e.OrderCancelRequested, events).reason == "the day has lost $600.00; entries stop at $500.00"
    desk.cancelled(resting)
    assert desk.status("T2") == CANCELLED


@pytest.mark.parametrize(
    ("own", "qty", "why"),
    [
        ({"qty_max": 1}, 2, "quantity 2 is above 1 for desk"),
        ({"premium_trade_max": Decimal(1000)}, 1, "premium $1,010.00 is above $1,000.00 per trade for desk"),
        (
            {"premium_day_max": Decimal(2000)},
            1,
            "premium $1,010.00 on top of $1,000.00 is above $2,000.00 a day for desk",
        ),
        ({"orders_day_max": 2}, 1, "desk has sent 2 orders today; at most 2"),
        ({"trades_day_max": 1}, 1, "desk has entered 1 trades today; at most 1"),
        ({"loss_day_max": Decimal(100)}, 1, "desk has lost $100.00 today; its entries stop at $100.00"),
    ],
)
def test_a_strategy_has_limits_of_its_own(own: dict[str, Any], qty: int, why: str) -> None:
    """After one trade that lost 100 dollars each limit stops this strategy, over a restart, and no other one."""
    desk = Desk()
    lose(desk, 100)
    limits = RiskLimits(strategies={"desk": StrategyLimits(**own)})
    desk.limits = desk.manager.limits = limits
    desk.restart()
    assert refused(desk, qty) == why
    assert not refused(desk, qty, strategy="other")


def test_what_a_strategy_has_on_its_way_counts_and_comes_back() -> None:
    """Premium of an order in the market is used; when the order ends unfilled it is free again, to the cent."""
    desk = limited(strategies={"desk": StrategyLimits(premium_day_max=Decimal(2500))})
    desk.propose(2)
    assert desk.book.day.counts.by_strategy["desk"].premium_used == Decimal(2020)
    desk.quote(9.9, 10.1, key=OTHER_SYMBOL)
    assert "on top of $2,020.00" in refused(desk, key=OTHER_SYMBOL)
    desk.cancelled()
    assert desk.book.day.counts.by_strategy["desk"].premium_used == 0
    assert not refused(desk, 2)


def test_orders_and_trades_of_a_day_are_counted() -> None:
    """Two trades are let in and a third is not; with a limit on orders the exits count, and go all the same."""
    desk = limited(trades_day_max=2)
    desk.opened(1)
    desk.opened(1, key=PUT_KEY, strategy="other")
    assert refused(desk, strategy="third") == "2 trades were entered today; at most 2"
    desk = limited(orders_day_max=2)
    desk.opened(2)
    assert of(e.OrderSubmitRequested, desk.out("T1", 1))
    desk.fill(1)
    assert refused(desk, strategy="other") == "2 orders were sent today; at most 2"
    assert of(e.OrderSubmitRequested, desk.out("T1"))


def test_orders_of_a_minute_slide() -> None:
    """Two orders within a minute are the most for entries; an exit counts and goes; a minute later there is room."""
    desk = limited(orders_per_minute_max=2)
    desk.opened(1)
    desk.at += 30 * SECOND
    desk.quote(9.9, 10.1)
    assert of(e.OrderSubmitRequested, desk.out("T1"))
    desk.fill(1)
    why = "2 orders were sent within a minute; wait until fewer were"
    assert refused(desk) == why
    desk.restart()
    assert refused(desk) == why
    desk.at += 30 * SECOND
    desk.quote(9.9, 10.1)
    assert not refused(desk)


def test_the_same_entry_twice_is_a_double() -> None:
    """Same strategy, contract, side and quantity within ten seconds: refused, after a restart too; no other wish is."""
    desk = limited(duplicate_window_s=10.0)
    desk.opened(2)
    desk.out("T1")
    desk.fill(2)
    desk.at += 9 * SECOND
    why = "T1 has entered the very same 9 s ago; again after 10 s"
    assert refused(desk, 2) == why
    desk.restart()
    assert refused(desk, 2) == why
    assert not refused(desk, 3)
    desk.cancelled()
    assert not refused(desk, 2, strategy="other")
    assert not refused(desk, 2, key=PUT_KEY)
    desk.cancelled()
    desk.at += SECOND
    assert not refused(desk, 2)


def test_two_doubles_in_one_netting_are_seen() -> None:
    """Two trades of one idea, from a ledger of before that was refused, want the same: the second is, when both go."""
    desk = limited(duplicate_window_s=10.0)
    later = EntryPlan(condition=EntryCondition(at=desk.at + 60 * SECOND))
    desk.propose(2, entry=later)
    desk.propose(2, entry=later, strategy="other")
    desk.events = [
        msgspec.structs.replace(event, strategy="desk") if hasattr(event, "strategy") else event
        for event in desk.events
    ]
    desk.restart()
    events = desk.wait(60)
    assert one(e.OrderSubmitRequested, events).qty == 2
    assert one(e.IntentRefused, events).reasons == (
        "another trade of desk enters the very same at this moment",
    )


def test_rejections_in_a_row_halt_entries_until_a_person_resumes() -> None:
    """Three orders refused by the broker, one after the other: a halt that says why; what rests is asked back."""
    desk = limited(rejections_max=3)
    desk.propose(1, entry=limit("9.50"), key=PUT_KEY)
    resting = desk.order
    desk.accept()
    for number in range(2):
        desk.propose(1, strategy=f"s{number}")
        assert not of(e.TradingHalted, desk.reject())
    desk.propose(1, strategy="s2")
    events = desk.reject(reason="margin 2")
    halted = one(e.TradingHalted, events)
    assert halted.reason == "the broker refused 3 orders in a row; the last time it said: margin 2"
    assert one(e.OrderCancelRequested, events).client_ref == resting.child.client_ref
    desk.restart()
    assert refused(desk, strategy="s3").startswith("trading is halted: the broker refused 3")
    desk.decide(CommandGiven(Resume(command_id="r", who="ann", answers=halted.reason)))
    assert desk.book.risk.rejections == 0
    assert not refused(desk, strategy="s3")


def test_a_fill_between_two_rejections_begins_the_count_anew() -> None:
    """What the broker trades for us shows that it takes orders."""
    desk = limited(rejections_max=2)
    for number in range(3):
        desk.propose(1, strategy=f"s{number}")
        desk.reject()
        desk.opened(1, key=PUT_KEY, strategy=f"t{number}")
    assert not desk.book.halt_reason


@pytest.mark.parametrize(("price", "direction"), [("12.61", 1), ("7.39", -1)])
def test_a_limit_too_far_through_the_market_is_refused(price: str, direction: int) -> None:
    """With 9.90 to 10.10 and a quarter of the mid as room, a buy is good to 12.60 and a sale to 7.40."""
    desk = limited(naked_max_loss_usd=Decimal(10**9), premium_trade_max=Decimal(10**6))
    worst, far = ("12.60", "at most") if direction > 0 else ("7.40", "at least")
    said = refused(desk, entry=limit(price), direction=direction)
    assert said == f"entry limit {price} is too far through the market: {far} {worst} now"
    assert not refused(desk, entry=limit(worst), direction=direction)


def test_a_limit_beyond_the_collar_can_be_capped() -> None:
    """Sent at the collar, with the wanted limit on its approval; it rests there and is not asked back."""
    desk = limited(collar_caps=True)
    sent = one(e.OrderSubmitRequested, desk.propose(1, entry=limit("99")))
    assert (sent.limit_price, sent.approval.limit_wanted) == (Decimal("12.60"), Decimal(99))
    assert not of(e.OrderCancelRequested, desk.accept() + desk.wait(30))
    desk.restart()
    assert not of(e.OrderCancelRequested, desk.wait(30))


def test_a_cheap_option_has_room_in_dollars() -> None:
    """At 0.05 bid and 0.10 asked a quarter is two cents; ten are allowed."""
    desk = Desk()
    desk.quote(0.05, 0.10)
    assert (
        refused(desk, entry=limit("0.21"))
        == "entry limit 0.21 is too far through the market: at most 0.20 now"
    )
    assert not refused(desk, entry=limit("0.20"))


def spread_entry(**limits: Any) -> Desk:
    """A desk where the first of two parts of an entry has filled, ten seconds before the second is due."""
    desk = limited(**limits)
    desk.opened(1, key=PUT_KEY)
    desk.propose(4, entry=EntryPlan(algo=Algo.TWAP, every_s=10.0, steps=2), strategy="other")
    desk.fill(2)
    return desk


def test_a_later_part_is_held_against_the_day_again() -> None:
    """Meanwhile the day has lost its limit: the second part stays in the house, what is held is kept and guarded."""
    desk = spread_entry(loss_day_max=Decimal(300))
    desk.out("T1")
    desk.fill(1, "6")
    events = desk.events[-12:]
    assert one(e.IntentDecided, [x for x in events if getattr(x, "trade_id", "") == "T2"]).target == 2
    assert not of(e.OrderSubmitRequested, desk.wait(10))
    assert (desk.status("T2"), desk.trade("T2").position.qty) == (GUARDED, 2)


def test_a_later_part_counts_like_an_order() -> None:
    """The day has room for three orders: the second part is the fourth, so the rest is given up with the reason."""
    desk = spread_entry(orders_day_max=3)
    desk.out("T1")
    desk.fill(1)
    events = desk.wait(10)
    refusal = one(e.IntentRefused, events)
    assert (refusal.trade_id, refusal.reasons) == ("T2", ("3 orders were sent today; at most 3",))
    assert not of(e.OrderSubmitRequested, events)
    assert not desk.book.parents
    assert (desk.status("T2"), desk.trade("T2").target) == (GUARDED, 2)


def test_a_later_part_must_not_make_the_whole_cost_more_than_a_trade_may() -> None:
    """Two at 10.10 are paid when two more would cost 14: $4,820 in all, where the whole was let in with $4,040."""
    desk = limited(premium_trade_max=Decimal(4500))
    desk.propose(4, entry=EntryPlan(algo=Algo.TWAP, every_s=10.0, steps=2))
    desk.fill(2, "10.10")
    desk.quote(13.9, 14.0)
    events = desk.wait(10)
    assert one(e.IntentRefused, events).reasons == ("premium $4,820.00 is above $4,500.00 per trade",)
    assert not of(e.OrderSubmitRequested, events)
    assert (desk.status(), desk.trade().target) == (GUARDED, 2)


def test_a_step_at_a_limit_counts_with_its_limit() -> None:
    """The market has gone to 14 while a walk is on its way to 10.10: it goes on, since more than that is not paid."""
    desk = limited(premium_trade_max=Decimal(4500))
    first = desk.propose(4, entry=EntryPlan(algo=Algo.WALK, every_s=10.0, steps=2))
    desk.accept()
    desk.quote(13.9, 14.0)
    desk.wait(10)
    sent = one(e.OrderSubmitRequested, desk.cancelled())
    assert sent.limit_price is not None
    assert sent.limit_price > (one(e.OrderSubmitRequested, first).limit_price or 0)
    assert sent.approval.premium == sent.limit_price * 400


def test_a_trade_of_which_no_part_goes_out_any_more_is_over() -> None:
    """Nothing of a walk has filled when the day's orders are used up: its trade ends."""
    desk = limited(orders_day_max=1)
    desk.propose(1, entry=EntryPlan(algo=Algo.WALK, every_s=10.0, steps=2))
    first = desk.order
    desk.accept()
    desk.wait(10)
    desk.cancelled(first)
    assert desk.status("T1") in (CANCELLED, REJECTED)
    assert not desk.book.parents


def test_i23_no_count_ever_stops_an_exit() -> None:
    """Every counter used up and entries halted: what is held goes out, whole and in part."""
    desk = Desk()
    desk.opened(3)
    desk.limits = desk.manager.limits = RiskLimits(
        contract_qty_max=0, loss_day_max=Decimal(-1), trades_day_max=0, orders_day_max=0, orders_per_minute_max=0,
        strategies={"desk": StrategyLimits(qty_max=0, orders_day_max=0, loss_day_max=Decimal(-1))},
    )  # fmt: skip
    desk.decide(CommandGiven(Halt(command_id="h", who="ann", reason="drill")))
    assert of(e.OrderSubmitRequested, desk.out("T1", 2))
    desk.fill(1)
    assert of(e.OrderSubmitRequested, desk.out("T1"))
