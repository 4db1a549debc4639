"""What is over is kept for a while, and then only what a late report must still find of it."""

from decimal import Decimal

from options import commands as c
from options import events as e
from options.book import CLOSED_TRADES_KEPT, FINISHED_ORDERS_KEPT
from options.order import Order
from options.risk import RiskLimits
from options.values import DAY
from tests.options.desk import CLOSE, KEY, OPEN, Desk, executed, fold, of

PLENTY = RiskLimits(
    premium_day_max=Decimal(10**9), orders_day_max=10**6, trades_day_max=10**6, orders_per_minute_max=1_000
)


def busy(desk: Desk, trades: int) -> None:
    """So many trades from their entry to their end."""
    for _ in range(trades):
        desk.wait(1)
        desk.quote(9.9, 10.1)
        trade = desk.opened(1)
        desk.out(trade.trade_id)
        desk.fill(1, "11")
        assert trade.trade_id not in desk.book.trades


def long_ago() -> tuple[Desk, Order]:
    """A desk at which so much has ended since its first entry order that the order is forgotten."""
    desk = Desk(PLENTY)
    first = desk.opened(1)
    order = desk.order
    desk.out(first.trade_id)
    desk.fill(1, "11")
    busy(desk, FINISHED_ORDERS_KEPT)
    return desk, order


def test_i12_an_execution_counts_once_long_after_its_order_was_forgotten() -> None:
    """A broker that lists its whole day again, as after a reconnect, changes nothing and alarms nobody."""
    desk, order = long_ago()
    assert order.child.client_ref not in desk.book.order_of_ref
    before = len(desk.events)
    assert desk.report(executed(order, 1, "10", "E1")) == []
    assert len(desk.events) == before
    assert not desk.book.halt_reason
    assert fold(desk.events) == desk.book


def test_a_new_execution_of_a_forgotten_order_is_never_ignored() -> None:
    """Nobody knows any more what it belongs to: it is written down, and trading halts until a person has looked."""
    desk, order = long_ago()
    (unmatched,) = of(e.FillUnmatched, desk.report(executed(order, 1, "10", "late")))
    assert unmatched.exec_id == "late"
    assert desk.book.halt_reason == unmatched.reason


def test_an_execution_for_a_trade_that_is_kept_no_more_is_never_ignored() -> None:
    """Its order is still known and its trade is not: it is written down with the order's name, and trading halts."""
    desk = Desk(PLENTY)
    first = desk.opened(1)
    desk.out(first.trade_id)
    order = desk.order
    desk.fill(1, "11")
    for number in range(CLOSED_TRADES_KEPT):
        desk.give_command(c.NewTrade(command_id=f"n{number}", who="ann", instrument=KEY, qty=1))
        trade_id = f"T{desk.book.trade_count}"
        desk.give_command(c.CancelTrade(command_id=f"c{number}", who="ann", trade_id=trade_id))
    assert order.child.client_ref in desk.book.order_of_ref
    assert desk.book.trade(first.trade_id) is None
    (unmatched,) = of(e.FillUnmatched, desk.report(executed(order, 1, "10", "late")))
    assert order.order_id in unmatched.reason
    assert desk.book.halt_reason == unmatched.reason
    assert fold(desk.events) == desk.book


def test_the_day_s_executions_are_forgotten_with_the_day() -> None:
    """What is kept of a day's executions goes when the next day opens, so that it does not grow."""
    desk = Desk(PLENTY)
    busy(desk, FINISHED_ORDERS_KEPT)
    assert desk.book.forgotten_executions
    desk.at = OPEN + DAY
    desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)
    assert not desk.book.forgotten_executions
