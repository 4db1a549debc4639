"""Deciding that never ends is interrupted; what ends, however often it is done and however long in all, is not."""

import signal
from threading import Thread

import pytest

from bot import decision_watch
from bot.decision_watch import DecisionStalled, DecisionWatch


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> DecisionWatch:
    """A watch with little patience."""
    monkeypatch.setattr(decision_watch, "DECIDING_S", 0.05)
    return DecisionWatch()


def ticks(watch: DecisionWatch, number: int) -> None:
    """Use the processor until the timer has ticked so often."""
    seen = 0
    tick = watch._tick

    def count(sent: int, frame: object) -> None:
        nonlocal seen
        seen += 1
        tick(sent, None)

    signal.signal(signal.SIGVTALRM, count)
    while seen < number:
        pass


def test_a_decision_that_does_not_end_is_interrupted_and_says_where(watch: DecisionWatch) -> None:
    """Whatever it is doing, it raises in its place."""
    with watch:
        watch.begin()
        with pytest.raises(DecisionStalled, match=r"^no end within 0.05 s \(test_decision_watch.py, line "):
            _loop()


def _loop() -> None:
    while True:
        pass


def test_decisions_that_end_are_left_alone_however_many_there_are(watch: DecisionWatch) -> None:
    """Three ticks, each in a decision of its own; then as long with none at all."""
    with watch:
        for _ in range(3):
            watch.begin()
            ticks(watch, 1)
            watch.end()
        ticks(watch, 3)


def test_a_second_tick_in_one_decision_is_one_too_many(watch: DecisionWatch) -> None:
    """So it has at least one whole span, and no more than two."""
    with watch:
        watch.begin()
        ticks(watch, 1)
        with pytest.raises(DecisionStalled, match="no end within"):
            ticks(watch, 1)


def test_what_was_there_before_is_there_again_afterwards(watch: DecisionWatch) -> None:
    """The timer is off, and the signal is whose it was."""
    before = signal.getsignal(signal.SIGVTALRM)
    with watch:
        assert signal.getitimer(signal.ITIMER_VIRTUAL) != (0.0, 0.0)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGVTALRM) == before


def test_in_another_thread_nothing_is_watched(watch: DecisionWatch) -> None:
    """Only the main thread can be interrupted: elsewhere it is entered and left without a word."""
    left = []

    def work() -> None:
        with watch:
            left.append(signal.getitimer(signal.ITIMER_VIRTUAL))

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert left == [(0.0, 0.0)]
