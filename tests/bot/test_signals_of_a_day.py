"""Which day a signal is for, and what a signals file may become while its day is interrupted."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import msgspec

from bot.trading_day import Ending
from options.inputs import SignalArrived, SignalUnreadable
from options.signal import Action
from options.values import DAY, SECOND, Micros, from_iso
from tests.crash.scripted_day import first_day, first_signals, patient_settings, second_day
from tests.e2e.day_runs import Fact, facts, of_type, run_in

_ANY = next(one for one in first_signals() if isinstance(one, SignalArrived))


def buy(signal_id: str, ts: Micros, where: str, line: str) -> SignalArrived:
    """A signal to buy, as it stood in a line of a file."""
    signal = msgspec.structs.replace(_ANY.signal, signal_id=signal_id, ts=ts, action=Action.BUY)
    return SignalArrived(signal, where, line)


def after(inputs: int) -> Callable[[], bool]:
    """Asks for the end when it has been asked so often whether to stop."""
    asked = count()
    return lambda: next(asked) >= inputs


def taken(folder: Path) -> list[str]:
    return [one["signal_id"] for one in of_type(facts(folder), "SignalAccepted")]


def refusals(folder: Path) -> list[Fact]:
    return of_type(facts(folder), "SignalRefused")


def test_a_signal_of_a_later_day_is_refused_and_taken_on_its_day(tmp_path: Path) -> None:
    """One file for several days: each day takes its own, refuses the others, and the days follow on each other."""
    one, two = first_day(), second_day()
    file = [
        buy("A", one.session.open + 12 * SECOND, "both:1", "a"),
        buy("B", two.session.open + 12 * SECOND, "both:2", "b"),
        buy("C", one.session.open + 70 * 365 * DAY, "both:3", "c"),
    ]
    for feed, expected in ((one, ["A"]), (two, ["A", "B"])):
        ending, summary = run_in(tmp_path, feed, file, patient_settings())
        assert ending is Ending.DAY_ENDED
        assert summary.sound
        assert taken(tmp_path) == expected
    assert [fact["signal_id"] for fact in refusals(tmp_path)] == ["B", "C", "A", "C"]
    assert any("ahead of the clock" in reason for reason in refusals(tmp_path)[0]["reasons"])
    assert max(fact["ts"] for fact in facts(tmp_path)) < "2026-03-13T04:00:00"


def test_a_day_goes_as_far_as_its_last_signal_before_midnight(tmp_path: Path) -> None:
    """A signal in the evening is refused at its own time; one after midnight at the end of the day."""
    day = first_day()
    evening, night = day.session.close + 3600 * SECOND, day.session.close + 12 * 3600 * SECOND
    run_in(tmp_path, day, [buy("E", evening, "f:1", "e"), buy("N", night, "f:2", "n")], patient_settings())
    assert [from_iso(fact["ts"]) for fact in refusals(tmp_path)] == [
        evening,
        from_iso("2026-03-11T23:59:59.999999-04:00"),
    ]


def test_a_line_that_was_refused_and_is_put_right_is_taken_after_a_restart(tmp_path: Path) -> None:
    """Corrected while the day is interrupted: the line is new, though it stands where the wrong one stood."""
    day = first_day()
    wrong: list[SignalArrived | SignalUnreadable] = [
        SignalUnreadable("f:1", ("not JSON",), line="broken"),
        buy("Y", day.session.open - DAY, "f:2", "yesterday"),
    ]
    ending, _ = run_in(tmp_path, day, wrong, patient_settings(), stopping=after(12))
    assert ending is Ending.STOPPED
    assert len(refusals(tmp_path)) == 2
    again = run_in(tmp_path, day, wrong, patient_settings(), stopping=after(12))
    assert again[0] is Ending.STOPPED
    assert len(refusals(tmp_path)) == 2
    right = [
        buy("X", day.session.open + 300 * SECOND, "f:1", "mended"),
        buy("Y", day.session.open + 440 * SECOND, "f:2", "today"),
    ]
    ending, summary = run_in(tmp_path, day, right, patient_settings())
    assert ending is Ending.DAY_ENDED
    assert summary.sound
    assert taken(tmp_path) == ["X", "Y"]
