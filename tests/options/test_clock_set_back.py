"""The clock is set back while an order is in doubt: no time that is still to come keeps it there."""

import pytest

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
