"""A run that ends at any byte of its ledger is carried on to the same end: every cut is made and gone on from.

A killed process leaves on the disk some first part of what it would have written. So each test takes the ledger of an
undisturbed day, cuts it, runs the day on from there, and holds every event against the undisturbed ones.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from bot.settings import Settings
from bot.summary import DaySummary
from bot.trading_day import Ending
from options.events import TradeEvent
from storage.verify import Verdict, verify
from tests.crash.scripted_day import first_day, first_signals, patient_settings, second_day
from tests.e2e.conftest import TWX_1, TWX_2
from tests.e2e.day_runs import KeptFeed, Signals, facts, ledger_of, run_in, story

RunOn = Callable[[Path], tuple[Ending, DaySummary]]


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process loses nothing that the system has taken; what a power cut loses is a shorter cut."""
    monkeypatch.setattr(os, "fdatasync", lambda _descriptor: None)


@dataclass(frozen=True)
class Day:
    """An undisturbed day: how to run it in a folder, where its own lines begin, and what came of it."""

    run_on: RunOn
    whole: bytes
    begins: int
    story: list[TradeEvent]
    told: DaySummary

    @classmethod
    def of(cls, folder: Path, run_on: RunOn, before: RunOn | None = None) -> "Day":
        """Run it, after the day ``before``."""
        if before is not None:
            before(folder)
        begins = ledger_of(folder).stat().st_size if before is not None else 0
        ending, told = run_on(folder)
        assert ending is Ending.DAY_ENDED
        return cls(run_on, ledger_of(folder).read_bytes(), begins, story(folder), told)

    def cuts(self, inside: int = 1) -> list[int]:
        """Every line's end, and ``inside`` places in each line besides its first and last byte."""
        ends = [place + 1 for place in range(self.begins, len(self.whole)) if self.whole[place] == ord("\n")]
        chosen = Random(1)
        found = {self.begins, *ends}
        for start, end in zip([self.begins, *ends], ends, strict=False):
            found |= {start + 1, end - 1, *(chosen.randrange(start + 1, end) for _ in range(inside))}
        return sorted(found)

    def assert_goes_on(self, folder: Path, cut: int, whole: bytes | None = None) -> None:
        """Cut the ledger (or another one) and run to the end: every event must be as if nothing had happened."""
        ledger_of(folder).parent.mkdir(parents=True)
        ledger_of(folder).write_bytes((whole or self.whole)[:cut])
        _, told = self.run_on(folder)
        found = story(folder)
        assert found == self.story, f"cut at byte {cut}: {_first_difference(found, self.story)}"
        assert _comparable(told) == _comparable(self.told), f"cut at byte {cut}"
        assert verify(ledger_of(folder)).verdict is Verdict.SOUND


def _comparable(told: DaySummary) -> DaySummary:
    """A summary without what tells of the ledger and not of the day."""
    return replace(told, events=0, ledger_path="", last_hash="", verified="")


def _first_difference(found: list[TradeEvent], wanted: list[TradeEvent]) -> str:
    for number, (got, want) in enumerate(zip(found, wanted, strict=False)):
        if got != want:
            return f"event {number} is\n{got}\nand was\n{want}"
    return f"{len(found)} events instead of {len(wanted)}"


def scripted(folder: Path, fills: str) -> Day:
    feed, signals = KeptFeed(first_day()), first_signals()
    return Day.of(folder, lambda where: run_in(where, feed, signals, patient_settings(), fills=fills))


def real(feed: KeptFeed, signals: Signals, settings: Settings | None, fills: str) -> RunOn:
    return lambda where: run_in(where, feed, signals, settings, fills=fills)


def spread(cuts: list[int], count: int) -> list[int]:
    """``count`` of the cuts, evenly from the first to the last."""
    step = (len(cuts) - 1) / (count - 1)
    return sorted({cuts[round(number * step)] for number in range(count)})


@pytest.mark.proof
@pytest.mark.parametrize("fills", ["quote", "realistic"])
def test_i26_a_day_cut_anywhere_comes_to_the_same_end(
    tmp_path: Path, fills: str, proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """Cut at every line and inside it, the scripted day ends with the same events, trailing stops' highs included."""
    day = scripted(tmp_path / "undisturbed", fills)
    if fills == "realistic":
        assert {"ExitTriggered", "OrderCancelRequested", "SignalRefused"} <= {
            type(e).__name__ for e in day.story
        }
    cuts = day.cuts(inside=12) if proof_is_long else spread(day.cuts(), 130)
    record_property("cuts", len(cuts))
    for cut in cuts:
        day.assert_goes_on(tmp_path / str(cut), cut)


@pytest.mark.proof
def test_i26_recovery_cut_short_comes_to_the_same_end(
    tmp_path: Path, proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """Killed again while it recovers, at any line that the recovery wrote, the day still ends the same."""
    day = scripted(tmp_path / "undisturbed", "realistic")
    cuts = day.cuts() if proof_is_long else spread(day.cuts(), 14)
    again_cut = 0
    for cut in cuts:
        first = tmp_path / str(cut)
        day.assert_goes_on(first, cut)
        again = ledger_of(first).read_bytes()
        ends = [place + 1 for place in range(cut, len(again)) if again[place] == ord("\n")]
        for end in ends[:5]:
            for place in (end, end - 30):
                day.assert_goes_on(tmp_path / f"{cut}-{place}", place, again)
                again_cut += 1
    record_property("cuts", len(cuts))
    record_property("cuts of the recovery", again_cut)


@pytest.mark.proof
def test_i26_a_second_day_goes_on_from_the_first_night(
    tmp_path: Path, proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """A trailing stop carried over night fires where it would have, wherever the second day is cut."""
    feed = KeptFeed(second_day())

    def night_before(where: Path) -> tuple[Ending, DaySummary]:
        return run_in(where, KeptFeed(first_day()), first_signals(), patient_settings(), fills="realistic")

    day = Day.of(
        tmp_path / "undisturbed", real(feed, [], patient_settings(), "realistic"), before=night_before
    )
    fired = [fact for fact in facts(tmp_path / "undisturbed") if fact["type"] == "ExitTriggered"]
    assert fired[-1]["kind"] == "trailing"
    assert float(fired[-1]["mark"]) == pytest.approx(2.9 * 0.8)
    cuts = day.cuts(inside=4) if proof_is_long else spread(day.cuts(), 30)
    record_property("cuts", len(cuts))
    for cut in cuts:
        day.assert_goes_on(tmp_path / str(cut), cut)


@pytest.mark.proof
@pytest.mark.parametrize("fills", ["quote", "realistic"])
def test_i26_a_recorded_day_cut_anywhere_comes_to_the_same_end(
    recorded: dict[str, KeptFeed],
    signals: dict[str, Signals],
    large_budget: Settings,
    tmp_path: Path,
    fills: str,
    proof_is_long: bool,
    record_property: Callable[[str, object], None],
) -> None:
    """A real day with its real signals, cut at every line: the same fills, trades, marks and P&L."""
    settings = large_budget if fills == "realistic" else None
    day = Day.of(tmp_path / "undisturbed", real(recorded[TWX_1], signals[TWX_1], settings, fills))
    cuts = day.cuts() if proof_is_long else spread(day.cuts(), 26)
    record_property("cuts", len(cuts))
    for cut in cuts:
        day.assert_goes_on(tmp_path / str(cut), cut)


@pytest.mark.proof
def test_i26_a_recorded_day_after_another_cut_anywhere_comes_to_the_same_end(
    recorded: dict[str, KeptFeed],
    signals: dict[str, Signals],
    large_budget: Settings,
    tmp_path: Path,
    proof_is_long: bool,
    record_property: Callable[[str, object], None],
) -> None:
    """So too the day after, with a position carried into it and bad signals in front of the good ones."""
    before = real(recorded[TWX_1], signals[TWX_1], large_budget, "realistic")
    run_on = real(recorded[TWX_2], [*signals["bad"], *signals[TWX_2]], large_budget, "realistic")
    day = Day.of(tmp_path / "undisturbed", run_on, before=before)
    cuts = day.cuts() if proof_is_long else spread(day.cuts(), 16)
    record_property("cuts", len(cuts))
    for cut in cuts:
        day.assert_goes_on(tmp_path / str(cut), cut)


@pytest.mark.proof
def test_i26_stopped_between_any_two_inputs_the_day_goes_on(
    tmp_path: Path, proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """Asked to stop before any input, the run says so in its last line, and the next one carries on from there."""
    feed, signals = KeptFeed(first_day()), first_signals()
    day = scripted(tmp_path / "undisturbed", "realistic")
    inputs, stops = len(list(feed.slices())) + len(signals), 0
    for number in range(1, inputs, 1 if proof_is_long else 4):
        asked = iter(range(number))
        folder = tmp_path / str(number)
        ending, _ = run_in(
            folder,
            feed,
            signals,
            patient_settings(),
            fills="realistic",
            stopping=lambda asked=asked: next(asked, None) is None,  # type: ignore[misc]
        )
        if ending is Ending.DAY_ENDED:
            break
        last = facts(folder)[-1]
        assert (ending, last["type"], last["reason"]) == (
            Ending.STOPPED,
            "ProcessStopped",
            "stopped on request",
        )
        assert day.run_on(folder)[0] is Ending.DAY_ENDED
        assert story(folder) == day.story
        stops += 1
    record_property("stops", stops)
