"""The clock is set back while an answer is awaited or an order is in doubt: no time still to come holds it up."""

from decimal import Decimal

import pytest

from options import commands as c
from options.plan import Algo, ExitOrder, ExitPlan
from options.values import SECOND
from tests.options.desk import Desk
from tests.options.doubt_scene import Scene, names


@pytest.mark.parametrize("looked", [False, True])
def test_i27_a_clock_that_is_set_back_keeps_no_order_in_doubt(looked: bool) -> None:
    """An hour back after it was sent, or looked for once: it is asked after at once, and abandoned after two looks."""
    scene = Scene()
    scene.enter(4)
    sent = scene.sent[0]
    if looked:
        scene.wait(10)
        scene.hear(scene.look())
    scene.wait(-3_600)
    assert looked == scene.manager.doubts.ask_due(scene.at)
    scene.hear(scene.look())
    absent = scene.order(sent.client_ref).absent_ts
    assert "" < absent < sent.ts
    scene.wait(29)
    assert not scene.hear(scene.look())
    scene.wait(1)
    assert "OrderAbandoned" in names(scene.hear(scene.look()))


@pytest.mark.parametrize("to_cancel", [False, True])
def test_i27_an_answer_is_overdue_as_soon_however_the_clock_is_set_back(to_cancel: bool) -> None:
    """Ten seconds for the answer to an order or a cancel: an hour back after four, six are left."""
    scene = Scene()
    scene.enter(4)
    ref = scene.sent[0].client_ref
    if to_cancel:
        scene.hear(scene.arrive(scene.sent[0]))
        scene.wait(60)
        scene.command(c.CancelTrade(command_id="c", who="ann", trade_id="T1"))
        assert scene.cancels == [ref]
    scene.wait(4)
    scene.wait(-3_600)
    assert "OrderUnknown" not in names(scene.wait(5))
    assert "OrderUnknown" in names(scene.wait(1))
    assert scene.manager.doubts.ask_due(scene.at)


@pytest.mark.parametrize("restarted", [False, True])
def test_i27_a_walk_stays_between_its_prices_when_the_clock_is_set_back(restarted: bool) -> None:
    """A stop is walked from 8.90 to 8.80; two minutes back it is not asked back for a price that nobody pays."""
    desk = Desk()
    walked = ExitOrder(algo=Algo.WALK, every_s=20.0, steps=2)
    desk.opened(4, exits=ExitPlan(stop=Decimal("0.1"), stop_order=walked))
    desk.mark(8.9)
    leaving = desk.order
    assert leaving.limit_price == Decimal("8.90")
    desk.at -= 120 * SECOND
    if restarted:
        desk.restart()
    desk.accept()
    desk.wait(1)
    assert not desk.order.cancel_requested
    assert [order.limit_price for order in desk.orders] == [Decimal("8.90")]
