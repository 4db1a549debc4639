"""The manual's page on days: its panels are what two recorded days print, and every field of the JSON is named."""

from pathlib import Path

import msgspec
from rich.console import Console

from bot.day_sums import summary_json
from bot.summary import DaySummary, render_summary
from tests.e2e.conftest import TWX_1, TWX_2
from tests.e2e.day_runs import KeptFeed, Signals, run_in

PAGE = Path(__file__).resolve().parents[2] / "docs" / "manual" / "days.md"
WIDTH = 80


def panel(summary: DaySummary) -> list[str]:
    """The lines up to the ledger's, without the empty ones."""
    console = Console(width=WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(render_summary(summary))
    lines = captured.get().splitlines()
    ledger = next(number for number, line in enumerate(lines) if line.startswith("│  Ledger"))
    return [line for line in (*lines[:ledger], lines[-1]) if line.strip("│ ")]


def test_the_manual_shows_two_days_as_they_are_printed(
    recorded: dict[str, KeptFeed], signals: dict[str, Signals], tmp_path: Path
) -> None:
    """Both panels line by line, and each name that the JSON has."""
    page = PAGE.read_text(encoding="utf-8")
    sums = [run_in(tmp_path, recorded[name], signals[name])[1] for name in (TWX_1, TWX_2)]
    assert "\n".join(line for one in sums for line in panel(one)) == page.split("```")[1].strip("\n")
    fields = msgspec.json.decode(summary_json(sums[1], "the day ended"))
    assert [name for name in fields if f"`{name}`" not in page] == []
