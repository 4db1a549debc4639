"""What is proposed after a run can be typed as it stands, and leads somewhere."""

import shlex
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.next_steps import next_steps, program, step_lines
from bot.summary import DaySummary, render_summary
from tests.bot.test_terminal import lines_of

DAY = DaySummary(
    feed="f", day="2015-12-24", signals_read=1, signals_refused=0, signals_used=1, signals_ignored=0, trades_opened=1,
    trades_closed=1, trades_won=1, trades_lost=0, trades_even=0, fills=2, contracts=2, realized=Decimal(5),
    fees=Decimal(0), open_pnl=0.0, open_positions=0, newest_trade="T7", events=9, ledger_path="x", last_hash="ab",
    verified="sound",
)  # fmt: skip


def commands(summary: DaySummary, folder: Path = Path("var")) -> list[str]:
    """The commands without the program's name and the folder."""
    return [
        command.removeprefix("callboard ").split(" --data")[0] for command, _ in next_steps(summary, folder)
    ]


def test_what_there_is_to_see_decides_what_is_proposed() -> None:
    """Trades where something traded, positions where something is held, what was refused, what is broken."""
    assert commands(DAY) == ["trades", "explain T7", "events --last 20"]
    assert "positions" in commands(replace(DAY, open_positions=1))
    assert "events --type SignalDecided" in commands(replace(DAY, signals_turned_down=1))
    assert "events --type TradeRejected --type TradeCancelled" in commands(replace(DAY, trades_not_entered=1))
    assert "events --type SignalRefused" in commands(replace(DAY, signals_refused=2))
    assert commands(replace(DAY, fills=0, newest_trade="", sound=False)) == ["events --last 20", "verify"]


def test_every_proposed_command_works_as_it_is_printed(tmp_path: Path) -> None:
    """A folder with a blank in its name is quoted; each line runs, its comment left out, and says something."""
    folder = tmp_path / "my days"
    ran = CliRunner().invoke(
        app, ["demo", "--fast", "--seed", "3", "--data", str(folder)], env={"COLUMNS": "400"}
    )
    assert ran.exit_code == 0, ran.output
    lines = [line for line in ran.output.splitlines() if line.startswith("  callboard ")]
    assert len(lines) >= 3
    for line in lines:
        done = CliRunner().invoke(app, shlex.split(line, comments=True)[1:])
        assert done.exit_code == 0, (line, done.output)
        assert done.stdout.count("\n") > 1


def test_comments_are_left_out_where_they_do_not_fit() -> None:
    """A command is never cut or folded for the words beside it."""
    steps = [("callboard trades", "all"), ("callboard positions", "what is held")]
    assert step_lines(steps, 80) == ["  callboard trades     # all", "  callboard positions  # what is held"]
    assert step_lines(steps, 30) == ["  callboard trades", "  callboard positions"]


def test_the_program_is_named_as_the_shell_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name if that is on the path; else by where it lies, from here."""
    monkeypatch.chdir(tmp_path)
    started = tmp_path / ".venv" / "bin" / "callboard"
    started.parent.mkdir(parents=True)
    started.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(started), "demo"])
    monkeypatch.setenv("PATH", "/nowhere")
    assert program() == ".venv/bin/callboard"
    monkeypatch.setenv("PATH", str(started.parent))
    assert program() == "callboard"
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert program() == "callboard"


def test_a_halt_is_said_at_the_end_of_the_day() -> None:
    """With its reason, which cannot steer the terminal."""
    text = " ".join(lines_of(render_summary(replace(DAY, halted="the Fed\x1b[2J speaks")), 80, 40))
    assert "Halted    the Fed(2J speaks; entries wait until someone resumes" in text
