"""An order that was believed never to have arrived, or to be over, and trades."""

from decimal import Decimal

from options import commands as c
from options.lifecycle import CLOSED, WORKING
from options.plan import EntryCondition, EntryPlan, ExitPlan, Watch
from options.values import Side
from tests.options.desk import Desk, fold
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
