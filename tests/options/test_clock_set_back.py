"""The clock is set back while an answer is awaited or an order is in doubt: no time still to come holds it up."""

import pytest

from options import commands as c
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
