"""``callboard chart``: a picture in a file, or a sentence that says why there is none."""

from pathlib import Path
from struct import unpack

import pytest

from bot.chart_render import find_browser
from tests.bot.command_room import callboard
from tests.chromium import NONE_FOUND


def test_a_trades_chart_is_written(data: Path, tmp_path: Path) -> None:
    """The file is a PNG of twice 800 by 400 pixels, and the command says so."""
    if find_browser() is None:
        pytest.skip(NONE_FOUND)
    out = tmp_path / "t1.png"
    done = callboard(data, "chart", "T1", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert unpack(">II", out.read_bytes()[16:24]) == (1600, 800)
    said = done.output.replace("\n", "")
    assert said.startswith(f"{out}: ")
    assert "call, " in said


def test_without_a_browser_nothing_is_written(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no browser is found the command says how to get one and leaves no file."""
    monkeypatch.setattr("bot.chart_render.find_browser", lambda: None)
    out = tmp_path / "t1.png"
    done = callboard(data, "chart", "T1", "--out", str(out))
    assert done.exit_code == 2
    assert "chromium" in done.output
    assert not out.exists()


def test_a_trade_that_is_not_there_is_refused(data: Path, tmp_path: Path) -> None:
    """A trade that the ledger does not know has no chart."""
    done = callboard(data, "chart", "T99", "--out", str(tmp_path / "x.png"))
    assert done.exit_code == 2
    assert "there is no such trade" in done.output
