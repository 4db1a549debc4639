"""An order that was believed never to have arrived, or to be over, and trades."""

from decimal import Decimal

import pytest

from options import commands as c
from options.lifecycle import CLOSED, WORKING
from options.order import Order
from options.plan import EntryCondition, EntryPlan, ExitPlan, ScaleInPlan, Watch
from options.values import Side
from tests.options.desk import Desk, fold, limit
from tests.options.test_reconcile import sent_entry


def test_an_abandoned_order_that_is_accepted_late_is_asked_back_until_it_is_out() -> None:
    """Another went out in its place: the broker's late yes has it cancelled, and looks find out whether it is."""
    scene, sent = sent_entry()
    for seconds in (10, 30):
        scene.wait(seconds)
        scene.hear(scene.look())
    scene.hear(scene.arrive(scene.sent[1]))
    assert scene.manager.doubts.next_look is None
    scene.hear(scene.arrive(sent))
    for times in (1, 2, 3):
        assert scene.cancels == [sent.client_ref] * times
        scene.wait(5)
        assert scene.manager.doubts.ask_due(scene.at)
        scene.hear(scene.look())
    scene.hear(scene.end(sent.client_ref), scene.look())
    assert (len(scene.cancels), scene.manager.doubts.next_look) == (4, None)


def test_what_comes_while_a_trade_waits_to_go_in_again_goes_out_at_once() -> None:
    """Cancelled, let go again and waiting for its price: contracts of the first order never stay without a guard."""
    dearer = EntryCondition(watch=Watch.OPTION, level=Decimal("10.5"))
    desk = Desk()
    desk.propose(4, entry=EntryPlan(condition=dearer), exits=ExitPlan(stop=Decimal("0.2")))
    desk.mark(10.6)
    first = desk.order
    desk.accept()
    desk.give_command(c.CancelTrade(command_id="cancel", who="ann", trade_id="T1"))
    desk.cancelled()
    desk.mark(10.0)
    desk.give_command(c.ActivateTrade(command_id="again", who="ann", trade_id="T1"))
    assert desk.status() == WORKING
    desk.fill(2, "10.6", order=first)
    assert (desk.order.side, desk.order.qty) == (Side.SELL, 2)
    desk.mark(11.0)
    assert len(desk.orders) == 1
    desk.fill(2, "10")
    assert desk.status() == CLOSED
    assert fold(desk.events) == desk.book


@pytest.mark.parametrize("restarted", [False, True])
def test_the_end_of_an_entry_and_its_last_fill_come_in_either_order(restarted: bool) -> None:
    """Two of four filled, and two more before the broker let go of it: four are held and guarded, none is sold."""
    desk = Desk()
    desk.propose(4, entry=limit("10"), exits=ExitPlan(stop=Decimal("0.2")))
    entry = desk.order
    desk.accept()
    desk.fill(2, order=entry)
    desk.cancelled(entry)
    assert desk.trade().target == 2
    if restarted:
        desk.restart()
    desk.fill(1, order=entry)
    desk.fill(1, order=entry)
    trade = desk.trade()
    assert (trade.position.qty, trade.target, desk.orders) == (4, 4, [])
    assert [armed.qty for armed in trade.armed] == [4]
    assert fold(desk.events) == desk.book


def test_the_end_of_an_addition_and_its_last_fill_come_in_either_order() -> None:
    """One of two that are added, and the other after the end of its order: both are held."""
    desk = Desk()
    more = ScaleInPlan(gain=Decimal("0.05"), qty=2)
    desk.opened(2, exits=ExitPlan(stop=Decimal("0.3"), scale_ins=(more,)))
    desk.mark(10.6)
    addition = desk.order
    desk.accept()
    desk.fill(1, "10.70", order=addition)
    desk.cancelled(addition)
    desk.fill(1, "10.70", order=addition)
    assert (desk.trade().position.qty, desk.trade().target, desk.orders) == (4, 4, [])


def test_what_another_order_has_gone_out_for_is_not_kept() -> None:
    """It was given up; the other ended with a rest, and then the first trades after all: none of that stays."""
    scene, sent = sent_entry()
    for seconds in (10, 30):
        scene.wait(seconds)
        scene.hear(scene.look())
    second = scene.sent[1]
    scene.hear(scene.arrive(second))
    scene.hear(scene.trade(second.client_ref, 1), scene.end(second.client_ref))
    trade = scene.book.trades["T1"]
    held = trade.position.qty
    scene.hear(scene.arrive(sent), scene.trade(sent.client_ref, 2))
    assert (trade.position.qty, trade.target) == (held + 2, held)
    assert (scene.sent[-1].side, scene.sent[-1].qty) == (Side.SELL, 2)


def entered_with_two_of_four() -> tuple[Desk, Order]:
    """A trade that holds two, and its entry, of which the broker let the other two go."""
    desk = Desk()
    desk.propose(4, entry=limit("10"))
    entry = desk.order
    desk.accept()
    desk.fill(2, order=entry)
    desk.cancelled(entry)
    return desk, entry


def test_more_than_the_entry_was_for_is_not_kept() -> None:
    """Five of four have filled: that halts, and what came after the end is sold."""
    desk, entry = entered_with_two_of_four()
    desk.fill(3, order=entry)
    assert desk.book.halt_reason
    assert (desk.order.side, desk.order.qty) == (Side.SELL, 3)


def test_what_comes_after_somebody_has_trimmed_goes_out() -> None:
    """One of two was taken out by hand since the entry ended: what is heard of then was not wanted any more."""
    desk, entry = entered_with_two_of_four()
    desk.give_command(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=1))
    desk.fill(1)
    desk.fill(2, order=entry)
    assert (desk.order.side, desk.order.qty) == (Side.SELL, 2)
