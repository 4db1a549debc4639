"""Recovery, the replay of a ledger of a million events: how long it takes to rebuild the state, and how much memory.

The ledger is made by real trades, one after the other, and opened in a fresh process by the same call that a run makes.
As a program (``python -m tests.benchmarks.bench_recovery LEDGER``) this file is that process.
"""

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter

from bot.app import fold_into
from options.book import Book
from storage.codec import decode_lines
from storage.ledger import Ledger
from storage.ledger_reader import whole_blocks
from tests.benchmarks.bench_rounds import Floor
from tests.benchmarks.result import Result

CHECKOUT = Path(__file__).resolve().parents[2]
TS = "2024-01-02T14:30:00.000000Z"
MIB = 1024 * 1024
MILLION = 1_000_000


class UnsyncedLedger(Ledger):
    """A ledger that is written without waiting for the disk: it is thrown away when the benchmark ends."""

    __slots__ = ()

    def sync(self) -> None:
        """Append what has been written, and no more."""
        self.flush()


def make_ledger(path: Path, events: int) -> int:
    """Trade until the ledger holds at least so many events; how many it holds comes back."""
    ledger = UnsyncedLedger.open(path, now_ts=TS)
    floor = Floor(ledger)
    while ledger.last_seq < events:
        floor.trade()
    assert floor.book.totals.trades_closed == floor.trades, f"{floor.book.totals} after {floor.trades} trades"
    os.sync()  # so that writing it does not go on while it is read
    ledger.close()
    return ledger.last_seq


def memory_now_and_peak() -> tuple[int, int]:
    """Resident bytes of this process, now and at its peak."""
    status = Path("/proc/self/status")
    if not status.exists():  # no Linux: the peak is all that can be had
        peak = getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return peak, peak
    fields = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
    now, peak = (int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak


def reopen(path: Path) -> dict[str, float]:
    """Open a ledger as a run does, once, in this process."""
    base, _ = memory_now_and_peak()
    started = perf_counter()
    book = Book()
    ledger = Ledger.open(path, now_ts=TS, sink=fold_into(book))
    seconds = perf_counter() - started
    _, peak = memory_now_and_peak()
    assert ledger.last_seq == book.totals.events, "every event was folded once"
    ledger.close()
    return {"seconds": seconds, "base": base, "peak": peak}


def bare_seconds(path: Path) -> tuple[float, float]:
    """Seconds for reading the file and hashing every line, and for reading it and decoding every line."""
    gc.disable()  # as it is while a ledger is opened
    started = perf_counter()
    for block in whole_blocks(path, path.stat().st_size):
        for line in block.split(b"\n"):
            sha256(line).digest()
    hashed = perf_counter()
    for block in whole_blocks(path, path.stat().st_size):
        decode_lines(block)
    decoded = perf_counter()
    gc.enable()
    return hashed - started, decoded - hashed


def reopened(path: Path) -> dict[str, float]:
    """What opening takes in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_recovery", str(path)]
    done = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def results_of(path: Path, events: int, times: int) -> list[Result]:
    """Open the ledger again and again, between the bare limits; the medians for each million events."""
    hashes, decodes, opened = [], [], []
    for _ in range(times):
        hashed_s, decoded_s = bare_seconds(path)
        hashes.append(hashed_s)
        decodes.append(decoded_s)
        opened.append(reopened(path))
    scale = MILLION / events
    seconds = scale * median(one["seconds"] for one in opened)
    peak = median(one["peak"] for one in opened) / MIB
    base = median(one["base"] for one in opened) / MIB
    hashing = scale * median(hashes)
    return [
        Result(
            name="recovery, a replay of the whole ledger: time",
            figure=seconds,
            unit="s per million events",
            floor=2.5,
            bare=scale * median(decodes),
            bare_name="reading and decoding alone",
            higher_is_better=False,
            note=f"{events:,} events in a fresh process; the aim is 1.8; hashing alone takes {hashing:.2f} s,"
            " in a second process beside it",
        ),
        Result(
            name="recovery, a replay of the whole ledger: peak memory above the program's own",
            figure=peak - base,
            unit=f"MiB for {events:,} events",
            floor=100.0,
            higher_is_better=False,
            note="the aim is 64; what is closed leaves the book, so little of this grows with the ledger",
        ),
        Result(
            name="recovery, a replay of the whole ledger: peak memory in all",
            figure=peak,
            unit=f"MiB for {events:,} events",
            bare=base,
            bare_name="the interpreter with all imports of a run",
            higher_is_better=False,
            note="besides, the process that hashes has about 10 MiB",
        ),
    ]


def run(quick: bool) -> list[Result]:
    """Make a ledger, then open it."""
    var = CHECKOUT / "var"
    var.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-recovery-", dir=var))
    try:
        path = folder / "trade_events.jsonl"
        events = make_ledger(path, MILLION // 10 if quick else MILLION)
        return results_of(path, events, 2 if quick else 3)
    finally:
        shutil.rmtree(folder)


def main(path: str) -> int:
    """Open a ledger and print what it took, as JSON."""
    sys.stdout.write(json.dumps(reopen(Path(path))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
