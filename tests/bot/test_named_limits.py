"""Limits of a strategy that nobody knows are told where a day starts, and hold back nothing."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.app import DayRun, run_day
from bot.clock import SystemClock
from bot.named_limits import PEOPLES, NamedLimits
from bot.settings import settings_of
from bot.trading_day import Ending
from options import commands as c
from tests.bot.staged_day import Sides, StagedAccount, StagedFeed, enter

CALL = "GOOG  160115C00750000"
SPOT = "GOOG"
WEDNESDAY, THURSDAY = date(2015, 12, 23), date(2015, 12, 24)
HOLD_NOBODY = "in [risk.strategies] hold for nobody."


def said_at_start(folder: Path, *named: str) -> str:
    """What a day says before its first line, with a limit for each of these names."""
    given: dict[str, Any] = {"risk": {"strategies": {name: {"qty_max": 1} for name in named}}}
    console = Console(file=StringIO(), width=80)
    feed = StagedFeed(THURSDAY, {"09:31": {SPOT: (749.9, 750.1)}, "09:32": {SPOT: (749.9, 750.1)}})
    run = DayRun(feed, (), folder, settings_of("a file", given))
    ending, summary = run_day(run, console, SystemClock(), lambda: False)
    assert (ending, summary.sound) == (Ending.DAY_ENDED, True)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().partition("\n")[0]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ((), ""),
        (("follow_signal", "manual"), ""),
        (
            ("folow_signal",),
            f"No strategy is called folow_signal (did you mean follow_signal?) so far: its limits {HOLD_NOBODY}",
        ),
        (("ann",), f"No strategy is called ann so far: its limits {HOLD_NOBODY}"),
        (
            ("Manual", "follow_signal", "ann"),
            f"No strategy is called Manual (did you mean manual?) or ann so far: their limits {HOLD_NOBODY}",
        ),
    ],
)
def test_a_day_says_which_limits_nobody_has(tmp_path: Path, named: tuple[str, ...], said: str) -> None:
    """In one line, with the nearest known name; a strategy that runs and a person's own name are known."""
    line = said_at_start(tmp_path, *named)
    assert line == said if said else "risk.strategies" not in line


def test_whose_trade_is_in_the_ledger_is_known(tmp_path: Path) -> None:
    """Ann's trade of the day before makes her known, a draft as well as one that is over; a name near hers is told."""
    account = StagedAccount(tmp_path)
    bought = [command for command in enter(1, CALL) if not isinstance(command, c.ActivateTrade)]
    quotes: dict[str, dict[str, Sides]] = {clock: {CALL: (9.9, 10.1)} for clock in ("09:31", "09:32")}
    own = [c.NewTrade(command_id="n", who="ann", instrument=CALL, qty=1, direction=1, strategy="ann_spreads")]
    account.run(StagedFeed(WEDNESDAY, quotes), {"09:31": [*bought, *own]})
    said = said_at_start(tmp_path, "ann_spreads", "ann_spread")
    assert said == (
        f"No strategy is called ann_spread (did you mean ann_spreads?) so far: its limits {HOLD_NOBODY}"
    )


def test_what_a_person_gives_no_strategy_is_known_by_that_name() -> None:
    """The name is the one that commands have by default."""
    plain = c.NewTrade(command_id="n", who="ann", instrument=CALL, qty=1, direction=1)
    assert plain.strategy == PEOPLES


def test_a_name_that_cannot_be_shown_is_told_without_what_hides() -> None:
    """No control character of a name reaches the terminal."""
    said = NamedLimits(["a\x1b[2J"], []).line
    assert said.startswith("No strategy is called a?[2J so far")
