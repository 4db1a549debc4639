"""Trades that are out while something still was to be held: whoever gives that up ends them."""

import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.lifecycle import CANCELLED, CLOSED, FLATTENED, HELD_PENDING
from tests.options.desk import Desk, executed, one


def out_and_wanted() -> Desk:
    """A close is out for two when the broker is lost; one should be kept after all, but both have gone."""
    desk = Desk()
    desk.opened(2)
    desk.out("T1")
    leaving = desk.order
    desk.report(i.BrokerLostReport(reason="gone"))
    desk.out("T1", target=1)
    desk.report(executed(leaving, 2, "10", "X1"))
    assert (desk.trade().position.qty, desk.trade().target) == (0, 1)
    return desk


def test_a_trade_that_is_out_is_over_as_soon_as_nothing_is_wanted() -> None:
    """Nothing works for it that could end and lead back to it: the wish itself ends it, and tells what it came to."""
    desk = out_and_wanted()
    assert one(e.TradeClosed, desk.out("T1")).qty == 2
    assert desk.status() == CLOSED


@pytest.mark.parametrize("back", [True, False])
def test_a_trade_that_is_out_and_cancelled_tells_what_it_came_to(back: bool) -> None:
    """A person's cancel ends it likewise, connected or not, and nothing is bought."""
    desk = out_and_wanted()
    found = desk.give_command(c.CancelTrade(command_id="c1", who="ann", trade_id="T1"))
    assert one(e.TradeClosed, found).qty == 2
    assert desk.status() == FLATTENED
    if back:
        desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(), positions={}))
    assert desk.wait(1) == []
    assert desk.orders == []


def test_a_trade_that_is_out_is_over_when_it_is_put_to_sleep() -> None:
    """One of it should have been kept, but all has gone while the broker is lost: to hold it ends it."""
    desk = out_and_wanted()
    found = desk.give_command(c.ModifyTrade(command_id="c1", who="ann", trade_id="T1", hold=True))
    assert one(e.TradeClosed, found).qty == 2
    assert desk.status() == CLOSED


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_held_entry_that_is_cancelled_ends_with_its_order(cancelled: bool) -> None:
    """Held while its order is out, then cancelled: it is over when the order is; who only holds it keeps it."""
    desk = Desk()
    desk.propose(2)
    desk.accept()
    desk.give_command(c.ModifyTrade(command_id="c1", who="ann", trade_id="T1", hold=True))
    if cancelled:
        desk.give_command(c.CancelTrade(command_id="c2", who="ann", trade_id="T1"))
    assert desk.status() == HELD_PENDING
    desk.cancelled()
    assert desk.status() == (CANCELLED if cancelled else HELD_PENDING)
