"""What a person may want to look at after a run: the commands, written so that they can be typed as they stand."""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.summary import DaySummary

_NAME = "callboard"
Step = tuple[str, str]
"""A command, and what it shows."""


def program() -> str:
    """The program as a shell finds it from here: by its name, or by the path by which this one was started."""
    started = Path(sys.argv[0] or _NAME)
    if started.name != _NAME or shutil.which(_NAME):
        return _NAME
    return shlex.quote(min(str(started), os.path.relpath(started), key=len))


def next_steps(summary: DaySummary, folder: Path) -> list[Step]:
    """The commands that look closer at what a run has left in a data folder."""
    steps = []
    if summary.fills:
        steps.append(("trades", "every trade: in, out, P&L"))
    if summary.open_positions:
        steps.append(("positions", "what is held: mark, open P&L, exits"))
    if summary.newest_trade:
        steps.append((f"explain {summary.newest_trade}", "what decided on that trade"))
    if summary.signals_refused:
        steps.append(("events --type SignalRefused", "what was wrong with them"))
    if summary.signals_turned_down:
        steps.append(("events --type SignalDecided", "what became of each signal, and why"))
    if summary.trades_not_entered:
        steps.append(
            ("events --type TradeRejected --type TradeCancelled", "which trades did not go in, and why")
        )
    steps.append(("events --last 20", "the ledger in plain words"))
    if not summary.sound:
        steps.append(("verify", "what is wrong with the ledger"))
    name, data = program(), shlex.quote(str(folder))
    return [(f"{name} {command} --data {data}", words) for command, words in steps]


def step_lines(steps: Sequence[Step], width: int) -> list[str]:
    """A line for each command, with what it shows as a shell's comment where all of it fits into ``width`` columns."""
    longest = max(len(command) for command, _ in steps)
    lines = [f"  {command:<{longest}}  # {words}" for command, words in steps]
    return lines if max(map(len, lines)) <= width else [f"  {command}" for command, _ in steps]
