"""Whole days through the program's own composition root, in this process or as the real command, and what they left."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.app import DayRun, run_day
from bot.clock import SystemClock
from bot.feeds.market import MarketFeed, MarketSlice
from bot.settings import Settings
from bot.summary import DaySummary
from bot.trading_day import Ending
from options.events import (
    BatchVoided,
    LedgerRepaired,
    ProcessStarted,
    ProcessStopped,
    RecoveryCompleted,
    TradeEvent,
)
from options.inputs import SignalArrived, SignalUnreadable
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read

Signals = Sequence[SignalArrived | SignalUnreadable]
Fact = dict[str, Any]

# What tells of the process itself: all else must be the same however often it was interrupted.
OF_THE_PROCESS = (ProcessStarted, ProcessStopped, RecoveryCompleted, LedgerRepaired, BatchVoided)

_LINE_START = re.compile(rb'^\{"v":1,"seq":\d+,"prev":"[0-9a-f]{64}",')

# Enough of everything that the displayed size, and not a limit, decides how much of an order fills.
LARGE_BUDGET = """
[risk]
qty_max = 500
premium_trade_max = 500_000
premium_day_max = 9_000_000
contract_qty_max = 1_000
loss_day_max = 9_000_000
[follow_signal]
risk_budget_usd = 50_000
qty_max = 400
"""


class KeptFeed:
    """A feed whose slices are read once, so that its day can be gone through hundreds of times."""

    def __init__(self, feed: MarketFeed) -> None:
        self.name = feed.name
        self.own_time = feed.own_time
        self.symbols = feed.symbols
        self.session = feed.session
        self.chain = feed.chain
        self._kept = list(feed.slices())

    def slices(self) -> Iterator[MarketSlice]:
        """The day from its beginning."""
        return iter(self._kept)


def run_in(
    folder: Path,
    feed: MarketFeed,
    signals: Signals,
    settings: Settings | None = None,
    *,
    fills: str = "quote",
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[Ending, DaySummary]:
    """Run a day, or what is left of it, as the command would."""
    day = DayRun(feed, signals, folder, settings or Settings(), fills)
    return run_day(day, Console(quiet=True), SystemClock(), stopping)


def ledger_of(folder: Path) -> Path:
    """Where a data folder keeps its ledger."""
    return folder / LEDGER_PATH


def story(folder: Path) -> list[TradeEvent]:
    """Every event that counts, but for those that tell of the process itself."""
    events = (event for batch in read(ledger_of(folder)) for event in batch.events)
    return [event for event in events if not isinstance(event, OF_THE_PROCESS)]


def without_restarts(folder: Path) -> bytes:
    """The ledger's bytes as they would be had no process been started again.

    Left out are the lines that a restart itself writes: its ``ProcessStarted`` and ``RecoveryCompleted``, and where the
    kill tore a batch ``LedgerRepaired``, ``BatchVoided`` and the lines that are void. What remains is numbered and
    chained anew, since each line holds the hash of the one before; nothing else of a line is touched.
    """
    told, void = facts(folder), set[int]()
    for one in of_type(told, "BatchVoided"):
        void |= set(range(one["from_seq"], one["to_seq"] + 1))
    of_restarts = {"ProcessStarted", "RecoveryCompleted", "LedgerRepaired", "BatchVoided"}
    made: list[bytes] = []
    prev = b"0" * 64
    for fact, line in zip(told, ledger_of(folder).read_bytes().splitlines(), strict=True):
        if fact["seq"] > 1 and (fact["type"] in of_restarts or fact["seq"] in void):
            continue
        start = b'{"v":1,"seq":%d,"prev":"%b",' % (len(made) + 1, prev)
        again, found = _LINE_START.subn(lambda _, start=start: start, line)  # type: ignore[misc]
        assert found == 1
        made.append(again)
        prev = sha256(again).hexdigest().encode()
    return b"".join(line + b"\n" for line in made)


def facts(folder: Path) -> list[Fact]:
    """The ledger as plain JSON lines, read by nothing of ours; numbers are exact."""
    lines = ledger_of(folder).read_text(encoding="utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal) for line in lines]


def of_type(found: Sequence[Fact], *names: str) -> list[Fact]:
    """The facts of some types."""
    return [fact for fact in found if fact["type"] in names]


def command(*arguments: object) -> list[str]:
    """The real ``callboard`` command as a process of its own."""
    program = "from bot.cli import main; main()"
    return [sys.executable, "-c", program, *map(str, arguments)]


def callboard(
    *arguments: object, environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run the real command to its end."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=120, check=False, env=environment
    )


def replay_of(shared_data: Path, name: str, folder: Path, *more: object) -> list[object]:
    """The arguments that replay a recorded day with its signals."""
    signals = shared_data / "signals" / f"{name}.jsonl"
    return [
        "replay",
        "--quotes",
        shared_data / "quotes",
        "--set",
        name,
        "--signals",
        signals,
        "--data",
        folder,
        *more,
    ]


def is_one_sentence(error: str) -> bool:
    """True if a refusal is one line that begins with our name, and no traceback."""
    return error.startswith("callboard: ") and error.count("\n") == 1 and "Traceback" not in error
