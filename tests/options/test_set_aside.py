"""An input that is set aside leaves a ledger that gives the same book back."""

from options.events import TradingHalted
from options.input_events import InputFailed, InputSetAside
from options.inputs import SignalUnreadable
from options.set_aside import FAILURES_MAX, input_names, is_poison, set_aside
from options.values import to_iso
from tests.options.desk import Desk, fold, of


def test_i4_what_is_set_aside_gives_the_same_book_back() -> None:
    """The book stands where its events lead to, also with nothing after them: the time of the last one included."""
    desk = Desk()
    given = SignalUnreadable("file:3", ("no line of a signal",))
    desk.at += 60_000_000
    (name,) = input_names(desk.at, "file", given)
    for _ in range(FAILURES_MAX):
        failed = InputFailed(desk.book.last_ts, given=name, error="ValueError: boom")
        desk.events.append(failed)
        desk.manager.note(failed)
    assert is_poison(desk.book, name)
    found = set_aside(desk.manager, desk.at, "file", given, name)
    desk.events += found
    assert of(InputSetAside, found)
    assert of(TradingHalted, found)
    assert desk.book.last_ts == to_iso(desk.at)
    assert fold(desk.events) == desk.book
