"""A position whose entry is in doubt in part: what is held for sure can still be taken out."""

from decimal import Decimal

import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.lifecycle import CLOSED
from options.order import Order, OrderState
from options.plan import ExitPlan, Held
from options.values import Side
from tests.options.desk import Desk, cancelled, executed, fold, limit, of

STOP = ExitPlan(stop=Decimal("0.2"))


def half_in_doubt(exits: ExitPlan = STOP) -> tuple[Desk, Order]:
    """Two of four are held; the broker says that three traded and lists two, so only a person can tell."""
    desk = Desk()
    desk.propose(4, entry=limit("10"), exits=exits)
    entry = desk.order
    desk.accept()
    desk.report(executed(entry, 2, "10", "X.01"))
    over = i.CompletedOrder(client_ref=entry.child.client_ref, rejected=False, filled=3, reason="over")
    desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(), completed=(over,)))
    assert (entry.state, entry.asks, desk.trade().position.qty) == (OrderState.UNKNOWN, True, 2)
    return desk, entry


def sold(events: list[e.TradeEvent]) -> list[int]:
    """The contracts of each order that goes out to sell."""
    return [sent.qty for sent in of(e.OrderSubmitRequested, events) if sent.side is Side.SELL]


@pytest.mark.parametrize("restarted", [False, True])
def test_i10_a_stop_takes_out_what_is_held_beside_an_entry_in_doubt(restarted: bool) -> None:
    """The two leave at once and no more; the one that turns out to have been bought as well leaves after them."""
    desk, entry = half_in_doubt()
    if restarted:
        desk.restart()
    assert sold(desk.mark(7.5)) == [2]
    desk.accept()
    assert sold(desk.mark(7.4) + desk.wait(5)) == []
    desk.fill(2, "7.40")
    assert desk.trade().position.qty == 0
    desk.give_command(
        c.SettleOrder(command_id="s", who="ann", order_id=entry.order_id, filled=3, price=Decimal(10))
    )
    assert (desk.order.side, desk.order.qty) == (Side.SELL, 1)
    desk.fill(1, "7.30")
    assert desk.status() == CLOSED
    assert fold(desk.events) == desk.book


def test_i10_a_trim_leaves_beside_an_entry_in_doubt_and_the_rest_is_netted_when_it_ends() -> None:
    """One of two is taken out; the third that comes after that was not wanted any more, and goes too."""
    desk, entry = half_in_doubt()
    assert sold(desk.give_command(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=1))) == [1]
    trim = desk.order
    desk.accept()
    settled = c.SettleOrder(command_id="s", who="ann", order_id=entry.order_id, filled=3, price=Decimal(10))
    assert sold(desk.give_command(settled)) == [1]
    desk.fill(1, order=trim)
    desk.fill(1)
    assert (desk.trade().position.qty, desk.orders) == (1, [])


def test_i10_what_rests_at_the_broker_is_back_before_anything_leaves_beside_a_doubt() -> None:
    """The stop of the two rests there: a close waits until it is out, and then takes both."""
    desk, _ = half_in_doubt(ExitPlan(stop=Decimal("0.2"), held=Held.BROKER))
    stop = next((one for one in desk.orders if one.stop_price is not None), None)
    assert stop is not None
    assert sold(desk.give_command(c.CloseTrade(command_id="c", who="ann", trade_id="T1"))) == []
    assert stop.cancel_requested
    assert sold(desk.report(cancelled(stop))) == [2]


def test_i10_a_stop_that_waits_for_an_entry_to_be_back_goes_out_when_that_comes_into_doubt() -> None:
    """The rest of the entry is asked back first; nobody answers, so the two that are held leave."""
    desk = Desk()
    desk.propose(4, entry=limit("10"), exits=STOP)
    desk.accept()
    desk.fill(2)
    assert sold(desk.mark(7.5)) == []
    assert desk.order.cancel_requested
    assert sold(desk.wait(11)) == [2]


def test_i10_an_exit_in_doubt_still_blocks_its_like() -> None:
    """One of four is on its way out and in doubt: nothing else is sold before that is proven."""
    desk = Desk()
    desk.opened(4, exits=STOP)
    desk.give_command(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=1))
    desk.report(i.OrderInDoubtReport(client_ref=desk.order.child.client_ref, reason="no answer"))
    assert sold(desk.mark(7.5)) == []
