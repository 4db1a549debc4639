"""Executions that are taken back while more of the same trade is on its way."""

from decimal import Decimal

import pytest

from options import commands as c
from options import events as e
from options.lifecycle import FLATTENED, GUARDED, TradeStatus
from options.order import Order
from options.plan import Algo, EntryPlan, ExitPlan, ScaleInPlan
from tests.options.desk import Desk, executed, fold, of

BASE = "0001f4e8.5682a7b1.01"
RISING = ExitPlan(stop=Decimal("0.2"), scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=1),))
AT_TEN = EntryPlan(algo=Algo.LIMIT, limit_price=Decimal(10))


def entering(desk: Desk, qty: int, entry: EntryPlan, filled: int) -> Order:
    """An entry of which so much has filled, in one execution."""
    desk.propose(qty, entry=entry, exits=RISING)
    desk.accept()
    desk.report(executed(desk.order, filled, "10", f"{BASE}.01"))
    return desk.order


@pytest.mark.parametrize("left", [0, 1])
@pytest.mark.parametrize("ends", ["fill", "reject"])
def test_what_is_taken_from_an_entry_is_not_bought_again_beside_an_addition(left: int, ends: str) -> None:
    """Two are held and one is being added when the two become one, or none: only the one is still to come."""
    desk = Desk()
    order = entering(desk, 2, EntryPlan(), 2)
    desk.mark(11.0)
    added = desk.order
    desk.accept()
    events = desk.report(executed(order, left, "10", f"{BASE}.02"))
    assert not of(e.OrderSubmitRequested, events)
    assert desk.orders == [added]
    if ends == "fill":
        desk.fill(1, "11", order=added)
        assert (desk.trade().position.qty, desk.status()) == (left + 1, GUARDED)
    else:
        desk.reject(added)
        assert desk.trade().position.qty == left
        assert desk.status() == (GUARDED if left else FLATTENED)
    assert not desk.orders
    assert fold(desk.events) == desk.book


@pytest.mark.parametrize("how", ["reject", "cancelled"])
def test_an_entry_of_which_nothing_is_left_ends_however_the_broker_ends_it(how: str) -> None:
    """One of four has filled, that is busted, and the rest is refused or cancelled: the trade is over."""
    desk = Desk()
    order = entering(desk, 4, AT_TEN, 1)
    desk.report(executed(order, 0, "10", f"{BASE}.02"))
    getattr(desk, how)(order)
    assert desk.status() == FLATTENED
    assert not desk.book.trades
    assert fold(desk.events) == desk.book


def test_a_trade_of_which_nothing_is_left_may_be_cancelled_meanwhile() -> None:
    """A person cancels what the bust has left, while its order is asked back: one end, whatever the broker says."""
    desk = Desk()
    order = entering(desk, 4, AT_TEN, 1)
    desk.report(executed(order, 0, "10", f"{BASE}.02"))
    desk.give_command(c.CancelTrade(command_id="cancel", who="ann", trade_id="T1"))
    desk.reject(order)
    assert desk.status()[1] is TradeStatus.CLOSED
    assert not desk.book.trades
