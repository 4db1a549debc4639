"""The benchmark runner's table, verdicts and JSON."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bot.feeds.recorded import RecordedFeed
from tests.benchmarks import run as runner
from tests.benchmarks.bench_quotes import SET, Day
from tests.benchmarks.result import Result

RATE = Result(
    name="appends [1 producer]",
    figure=7_142.4,
    unit="events/s",
    floor=6_500.0,
    bare=7_500.0,
    bare_name="append + sync",
    note="one sync each",
)
DELAY = Result(name="signal to order", figure=52.5, unit="µs", floor=40.0, higher_is_better=False)


def test_floor_bounds_in_its_direction() -> None:
    """A rate must reach its floor, a delay must stay below it, and without a floor there is no verdict."""
    assert RATE.met is True
    assert DELAY.met is False
    assert Result(name="peak", figure=1.0, unit="MiB").met is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.00123, "0.00123"),
        (9.5, "9.50"),
        (256.4, "256"),
        (1_234_567.8, "1,234,568"),
    ],
)
def test_numbers_read_well(value: float | None, text: str) -> None:
    """Figures are grouped and shortened to digits that mean something."""
    assert runner.number(value) == text


def test_table_shows_figure_bare_limit_ratio_and_floor() -> None:
    """A row holds all that a figure is judged by, with brackets in names kept as they are."""
    console = Console(width=140, file=io.StringIO())
    with console.capture() as capture:
        console.print(runner.table_of([RATE, DELAY]))
    rate, delay = (line for line in capture.get().splitlines() if "events/s" in line or "µs" in line)
    assert all(text in rate for text in ("appends [1 producer]", "7,142", "7,500", "0.95", "≥ 6,500", "yes"))
    assert all(text in delay for text in ("52.50", "≤ 40.00", "NO"))


def test_only_picks_by_part_of_the_name() -> None:
    """``--only`` takes those named like it and refuses a name that fits nothing."""
    assert runner.chosen(["ledger", "watcher"], ["watch"]) == ["watcher"]
    assert runner.chosen(["ledger", "watcher"], []) == ["ledger", "watcher"]
    with pytest.raises(ValueError, match=r"'feed'; there are: ledger, watcher"):
        runner.chosen(["ledger", "watcher"], ["feed"])


def test_run_writes_json_and_fails_below_a_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The JSON holds every figure with its verdict, and the exit code tells whether all floors are kept."""
    figures = {"delay": [DELAY], "rate": [RATE], "recorded": []}
    monkeypatch.setattr(runner, "benchmark_names", lambda: sorted(figures))
    monkeypatch.setattr(runner, "load", lambda name: lambda quick: figures[name])
    path = tmp_path / "made" / "bench.json"
    assert runner.main(["--quick", "--output", str(path)]) == 1
    written = json.loads(path.read_text(encoding="utf-8"))
    assert [(result["name"], result["met"]) for result in written["results"]] == [
        ("signal to order", False),
        ("appends [1 producer]", True),
    ]
    assert written["quick"] is True
    assert runner.main(["--only", "rate", "--output", str(path)]) == 0
    assert runner.main(["--only", "nothing", "--output", str(path)]) == 2


def test_the_benchmark_of_a_recorded_day_holds_what_it_says(shared_data: Path) -> None:
    """Its positions are let in by today's checks and held to the day's end with their exits: it asserts that itself."""
    feed = RecordedFeed(shared_data / "quotes", SET)
    quotes, _ = Day(feed).run()
    feed.close()
    assert quotes > 0
