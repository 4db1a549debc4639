"""A run of events folded at once gives the book that each of them in turn gives."""

from options.book import Book
from options.events import CommandTaken, ProcessStopped, SessionOpened
from options.fold import apply, apply_all


def test_i4_a_command_is_no_cause_of_how_far_the_day_is() -> None:
    """A command comes at any time: in a run as one by one, the last cause is the input before it."""
    ts = "2026-03-11T13:30:00.000000Z"
    events = [
        SessionOpened(
            ts, "session", day="2026-03-11", feed="made", open=ts, close="2026-03-11T20:00:00.000000Z"
        ),
        CommandTaken(ts, "command c1", command_id="c1", who="ann", verb="halt", text=""),
        ProcessStopped(ts, reason="stopped on request"),
    ]
    one_by_one, at_once = Book(), Book()
    for event in events:
        apply(one_by_one, event)
    apply_all(at_once, events)
    assert at_once == one_by_one
    assert at_once.last_cause == "session"
