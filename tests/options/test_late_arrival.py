"""An order that was believed never to have arrived, and does."""

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
