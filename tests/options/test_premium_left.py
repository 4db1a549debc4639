"""An entry that has filled in part: what filled counts as bought, what is left as on its way, nothing as both."""

from decimal import Decimal

import pytest

from options import commands as c
from options import events as e
from options.fold_premium import premium_held
from options.plan import EntryCondition, EntryPlan, ExitPlan, TimeInForce, Watch
from options.risk_limits import RiskLimits
from options.values import DAY, SECOND, ZERO
from tests.options.desk import (
    CLOSE,
    KEY,
    OPEN,
    PUT_KEY,
    SPOT,
    Desk,
    cancelled,
    executed,
    fold,
    limit,
    of,
    one,
)

BILLION = Decimal(10**9)
TOGETHER = EntryPlan(condition=EntryCondition(watch=Watch.OPTION, level=Decimal(9), above=False))


def used(desk: Desk) -> tuple[float, float, float]:
    """Dollars of premium of the day: bought, on their way, and what the limit is held against."""
    day = desk.book.day
    assert fold(desk.events) == desk.book, "I4: the events give another book"
    assert day.premium_used == day.premium_bought + day.premium_in_flight
    return float(day.premium_bought), float(day.premium_in_flight), float(day.premium_used)


def by_strategy(desk: Desk) -> dict[str, Decimal]:
    """What each strategy has on its way."""
    return {name: one.premium_in_flight for name, one in desk.book.day.counts.by_strategy.items()}


def test_what_filled_of_an_entry_counts_once() -> None:
    """Four at 10 each, three filled at 9.80: $2,940 are bought and $1,000 on their way; the last one ends both."""
    desk = Desk()
    desk.propose(4, entry=limit("10"))
    assert used(desk) == (0, 4_000, 4_000)
    desk.fill(1, "9.90")
    assert used(desk) == (990, 3_000, 3_990)
    desk.fill(2, "9.75")
    assert used(desk) == (2_940, 1_000, 3_940)
    desk.restart()
    desk.fill(1, "10")
    assert used(desk) == (3_940, 0, 3_940)


def test_what_is_left_of_an_entry_is_free_when_it_is_asked_back() -> None:
    """One of four filled and the rest cancelled: only what was paid is used; a late fill is added to it."""
    desk = Desk()
    desk.propose(4, entry=limit("10"))
    order = desk.order
    desk.fill(1, "9.90")
    desk.report(cancelled(order))
    assert used(desk) == (990, 0, 990)
    desk.fill(1, "9.90", order=order)
    assert used(desk) == (1_980, 0, 1_980)


def test_the_day_has_room_for_what_a_part_does_not_use_twice() -> None:
    """With $5,000 a day and three of four filled at 10, $1,000 are free: one at 10 goes out, one at 10.10 would not."""
    for ask, goes in ((10, True), (10.1, False)):
        desk = Desk(RiskLimits(premium_day_max=Decimal(5_000)))
        desk.propose(4, entry=limit("10"))
        desk.fill(3, "10")
        desk.quote(9.9, ask, key=PUT_KEY)
        events = desk.propose(1, key=PUT_KEY, strategy="other")
        assert bool(of(e.OrderSubmitRequested, events)) is goes
        if not goes:
            assert "premium $1,010.00 on top of $4,000.00" in one(e.SignalDecided, events).reason


def test_a_correction_moves_what_is_left() -> None:
    """Three of four were told, then one it is, then none: what is taken back is on its way again while it can fill."""
    desk = Desk()
    desk.propose(4, entry=limit("10"))
    order = desk.order
    for revision, (qty, price, counted) in enumerate(
        [(3, "9", (2_700, 1_000)), (1, "9", (900, 3_000)), (0, "0", (0, 4_000))], start=1
    ):
        desk.report(executed(order, qty, price, f"X.{revision:02d}"))
        assert used(desk)[:2] == counted
    desk.report(cancelled(order))
    assert used(desk) == (0, 0, 0)


def test_a_part_takes_from_the_strategy_that_filled() -> None:
    """Three strategies share one order: whoever has its contract has nothing on its way, whoever waits has its own."""
    desk = Desk()
    for name in ("a", "b", "c"):
        desk.propose(1, entry=TOGETHER, strategy=name)
    desk.mark(9.0)
    assert by_strategy(desk) == dict.fromkeys("abc", 910)
    first = one(e.OrderFilled, desk.fill(1, "9")).strategy
    assert by_strategy(desk) == {**dict.fromkeys("abc", 910), first: 0}
    second = one(e.OrderFilled, desk.fill(1, "9")).strategy
    assert by_strategy(desk) == {**dict.fromkeys("abc", 910), first: 0, second: 0}
    assert used(desk) == (1_800, 910, 2_710)
    desk.fill(1, "9")
    assert by_strategy(desk) == dict.fromkeys("abc", 0)


@pytest.mark.parametrize("price", ["33.33", "0.01", "12.3457"])
def test_thirds_come_out_even(price: str) -> None:
    """Seven shares one by one at a price that does not divide: nothing is left on its way, to the cent and below it."""
    desk = Desk()
    desk.quote(float(price), float(price), key=SPOT)
    desk.propose(7, key=SPOT, entry=limit(price) if len(price) < 6 else EntryPlan())
    for left in range(6, -1, -1):
        desk.fill(1, price)
        on_its_way = used(desk)[1]
        assert on_its_way == pytest.approx(float(desk.order.premium) * left / 7, abs=0.005001)
    assert desk.book.day.premium_in_flight == ZERO


def over_night(limits: RiskLimits | None = None) -> Desk:
    """The next day has begun; four at 10 rest since yesterday, of which one has filled there."""
    desk = Desk(limits)
    desk.propose(4, entry=limit("10", tif=TimeInForce.GTC))
    desk.accept()
    desk.fill(1, "9.90")
    desk.at = CLOSE
    desk.wait(1)
    assert used(desk) == (990, 3_000, 3_990)
    desk.at = OPEN + DAY
    desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)
    return desk


def test_what_rests_over_night_is_on_its_way_on_the_new_day() -> None:
    """What filled was of yesterday, what is left is of today: once, until it fills or is over."""
    desk = over_night()
    assert used(desk) == (0, 3_000, 3_000)
    assert by_strategy(desk) == {"desk": 3_000}
    desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)
    desk.restart()
    assert used(desk) == (0, 3_000, 3_000)
    desk.fill(1, "9.80")
    assert used(desk) == (980, 2_000, 2_980)
    desk.cancelled()
    assert used(desk) == (980, 0, 980)
    assert by_strategy(desk) == {"desk": 0}


def test_what_rests_over_two_nights_is_on_its_way_on_the_third_day() -> None:
    """Each day begins with what is left then; the last fill ends it, and a correction gives back what it takes."""
    desk = over_night()
    order = desk.order
    desk.report(executed(order, 1, "9.80", "X.01"))
    desk.at = OPEN + 2 * DAY
    desk.open_day("2015-12-26", OPEN + 2 * DAY, CLOSE + 2 * DAY)
    assert used(desk) == (0, 2_000, 2_000)
    desk.report(executed(order, 0, "0", "X.02"))
    assert used(desk) == (0, 3_000, 3_000)
    desk.fill(3, "10", order=order)
    assert used(desk) == (3_000, 0, 3_000)


def test_an_entry_of_today_finds_what_rests_since_yesterday() -> None:
    """With $5,000 a day and $3,000 on their way since yesterday, two puts at 10.10 are too many; one is not."""
    for qty in (2, 1):
        desk = over_night(RiskLimits(premium_day_max=Decimal(5_000)))
        desk.quote(9.9, 10.1, key=PUT_KEY)
        desk.quote(749.9, 750.1, key=SPOT)
        events = desk.propose(qty, key=PUT_KEY, strategy="other")
        if qty == 2:
            assert "premium $2,020.00 on top of $3,000.00" in one(e.SignalDecided, events).reason
        else:
            assert one(e.OrderSubmitRequested, events).approval.premium_day_used == 3_000


def test_an_order_of_yesterday_whose_end_nobody_heard_counts_until_it_is_proven() -> None:
    """A day order of which nothing was heard since: it may have filled, so it is on its way; its end frees it."""
    desk = Desk()
    desk.propose(4)
    desk.at = OPEN + DAY
    desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)
    assert used(desk) == (0, 4_040, 4_040)
    desk.cancelled()
    assert used(desk) == (0, 0, 0)


@pytest.mark.parametrize("direction", [1, -1])
def test_what_enters_by_a_cross_inside_the_house_counts_too(direction: int) -> None:
    """Two are entered against another's two that go out, at the mid of 10: $2,000 more, bought or sold short."""
    desk = Desk()
    desk.opened(2, direction=direction, strategy="first")
    bought, _, _ = used(desk)
    at = desk.at + 60 * SECOND
    desk.propose(2, direction=direction, strategy="next", entry=EntryPlan(condition=EntryCondition(at=at)))
    leave = c.ModifyTrade(command_id="out", who="ann", trade_id="T1", exits=ExitPlan(flat_at=at))
    desk.give_command(leave)
    desk.quote(9.9, 10.1, after_s=60)
    assert (desk.trade().position.qty, desk.trade("T2").position.qty) == (0, 2 * direction)
    assert not desk.orders
    assert used(desk) == (bought + 2_000, 0, bought + 2_000)
    assert premium_held(desk.trade("T2").position) == 2_000


CALL_760, PUT_740 = "GOOG  151231C00760000", "GOOG  151231P00740000"
CALL_VERTICAL = f"+1*{KEY}/-1*{CALL_760}"
CONDOR = f"-1*{PUT_KEY}/+1*{PUT_740}/-1*{CALL_760}/+1*GOOG  151231C00770000"


@pytest.mark.parametrize(
    ("key", "direction", "dollars"),
    [
        (CALL_VERTICAL, 1, 400),  # 10 less 6 is paid, and no more than that is lost
        (CALL_VERTICAL, -1, 600),  # 4 are taken in, and 10 can be owed
        (CONDOR, 1, 300),  # 6 and 10 are sold for 3 and 6: a credit of 7, and 10 can be owed
        (CONDOR, -1, 700),  # 7 are paid for it, and all of them can be lost
        (PUT_KEY, -1, 74_000),  # 750 is paid for shares worth nothing, less the 10 taken in
        (CALL_760, -1, 600),  # without a bound: with its premium
    ],
)
def test_what_crosses_counts_as_an_order_of_it_would(key: str, direction: int, dollars: int) -> None:
    """Two at the mid, from trade to trade: the premium of what is bought, the most that what is sold can lose.

    An order of the same, filled at the same price, counts the same but for the half spread that it was approved at.
    """
    desk = Desk(RiskLimits(premium_trade_max=BILLION, premium_day_max=BILLION, naked_max_loss_usd=BILLION))
    for leg, mid in ((CALL_760, 6), (PUT_740, 6), ("GOOG  151231C00770000", 3)):
        desk.quote(mid - 0.1, mid + 0.1, key=leg)
    desk.opened(2, "4", key=key, direction=direction, strategy="first")
    before, _, _ = used(desk)
    legs = key.count("*") or 1
    assert before == pytest.approx(2 * dollars, abs=2 * 100 * 0.1 * legs + 0.01)
    at = desk.at + 60 * SECOND
    desk.propose(
        2, key=key, direction=direction, strategy="next", entry=EntryPlan(condition=EntryCondition(at=at))
    )
    desk.give_command(c.ModifyTrade(command_id="out", who="ann", trade_id="T1", exits=ExitPlan(flat_at=at)))
    desk.quote(9.9, 10.1, after_s=60)
    assert (desk.trade().position.qty, desk.trade("T2").position.qty) == (0, 2 * direction)
    assert not desk.orders
    assert used(desk) == (before + 2 * dollars, 0, before + 2 * dollars)
    assert premium_held(desk.trade("T2").position) == 2 * dollars
