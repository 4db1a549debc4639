"""Recovery: how long it takes, and how much memory, to rebuild the state from a ledger of a million events.

The ledger is made by real trades, one after the other, and opened in a fresh process by the same call that a run makes.
As a program (``python -m tests.benchmarks.bench_recovery LEDGER``) this file is that process.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter

from bot.app import fold_into
from options.book import Book
from storage.codec import decode_lines
from storage.ledger import Ledger
from storage.ledger_reader import whole_blocks
from tests.benchmarks.bench_rounds import Floor

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
    children = getrusage(RUSAGE_CHILDREN).ru_maxrss * 1024
    return {"seconds": seconds, "base": base, "peak": peak, "children": children}


def hash_lines(path: Path) -> float:
    """Seconds for reading the file and hashing every line."""
    started = perf_counter()
    for block in whole_blocks(path, path.stat().st_size):
        for line in block.split(b"\n"):
            sha256(line).digest()
    return perf_counter() - started


def decode_blocks(path: Path) -> float:
    """Seconds for reading the file and decoding every line."""
    started = perf_counter()
    for block in whole_blocks(path, path.stat().st_size):
        decode_lines(block)
    return perf_counter() - started


def main(path: str) -> int:
    """Open a ledger and print what it took, as JSON."""
    sys.stdout.write(json.dumps(reopen(Path(path))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
