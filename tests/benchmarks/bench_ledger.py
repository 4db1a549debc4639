"""Durable appends per second with 1, 16 and 256 producers, beside what the disk and SQLite do in the same run.

The turns are interleaved: ours, the other's, ours again, so that a disk that changes its pace changes it for both. The
other side is given its lines ready made; ours are encoded, hashed and chained inside the time.
"""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import aiosqlite

from options.events import OrderFilled, TradeEvent
from options.terms import Effect
from options.values import Side
from storage.files import measure_sync_s
from storage.group_commit import GroupCommit
from storage.ledger import Ledger
from tests.benchmarks.result import Result

CHECKOUT = Path(__file__).resolve().parents[2]
TS = "2015-12-24T14:30:00.000000Z"
TABLE = "CREATE TABLE trade_events (seq INTEGER PRIMARY KEY, line BLOB NOT NULL)"


def fill(number: int) -> OrderFilled:
    """An event of ordinary length (about 430 bytes as a line)."""
    return OrderFilled(
        ts=TS,
        cause=f"signal:s{number}",
        trade_id=f"T{number}",
        position_id=f"T{number}-1",
        strategy="follow_signal",
        instrument="GOOG  151224C00750000",
        side=Side.BUY,
        qty=3,
        price=Decimal("1.25"),
        fee=Decimal("0.65"),
        multiplier=100,
        exec_id=f"X{number}",
        order_id=f"O{number}",
        parent_id=f"P{number}",
        client_ref=f"cb-T{number}-O{number}",
        effect=Effect.OPEN,
        position=3,
    )


@dataclass
class Pair:
    """Seconds that the two sides took for the same number of appends."""

    appends: int = 0
    ours_s: float = 0.0
    others_s: float = 0.0

    def add(self, appends: int, ours_s: float, others_s: float) -> None:
        """One turn of each."""
        self.appends += appends
        self.ours_s += ours_s
        self.others_s += others_s

    @property
    def ours(self) -> float:
        """Our appends per second."""
        return self.appends / self.ours_s

    @property
    def others(self) -> float:
        """The other side's appends per second."""
        return self.appends / self.others_s


async def one_producer(folder: Path, turns: int) -> Pair:
    """Commits one after the other, each beside a bare write and fdatasync of the same bytes to a file of its own."""
    ledger = Ledger.open(folder / "one.jsonl", now_ts=TS)
    group = GroupCommit(ledger, measure_sync_s(folder, time.perf_counter), time.perf_counter)
    bare = os.open(folder / "bare.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    written = os.open(ledger.path, os.O_RDONLY)
    pair = Pair()
    offset = 0
    for turn in range(turns):
        batch = [fill(turn)]
        started = time.perf_counter()
        await group.commit(batch)
        ours_s = time.perf_counter() - started
        line = os.pread(written, ledger.durable_offset - offset, offset)
        offset = ledger.durable_offset
        started = time.perf_counter()
        os.write(bare, line)
        os.fdatasync(bare)
        pair.add(1, ours_s, time.perf_counter() - started)
    os.close(bare)
    os.close(written)
    await group.close()
    ledger.close()
    return pair


async def many_producers(folder: Path, producers: int, rounds: int, turns: int) -> Pair:
    """That many tasks which commit one event after another, beside SQLite committing groups of as many rows."""
    ledger = Ledger.open(folder / f"{producers}.jsonl", now_ts=TS)
    group = GroupCommit(ledger, measure_sync_s(folder, time.perf_counter), time.perf_counter)
    events = [fill(number) for number in range(producers)]
    pair = Pair()
    async with aiosqlite.connect(folder / f"{producers}.sqlite3") as database:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute("PRAGMA synchronous = FULL")
        await database.execute(TABLE)
        await database.commit()
        for _ in range(turns):
            first_seq, offset = ledger.last_seq + 1, ledger.durable_offset
            started = time.perf_counter()
            await asyncio.gather(*(_produce(group, event, rounds) for event in events))
            ours_s = time.perf_counter() - started
            with ledger.path.open("rb") as file:
                file.seek(offset)
                rows = list(enumerate(file.read().splitlines(), first_seq))
            groups = [rows[start : start + producers] for start in range(0, len(rows), producers)]
            started = time.perf_counter()
            await _insert(database, groups)
            pair.add(len(rows), ours_s, time.perf_counter() - started)
    await group.close()
    ledger.close()
    return pair


async def _produce(group: GroupCommit, event: TradeEvent, rounds: int) -> None:
    batch = [event]
    for _ in range(rounds):
        await group.commit(batch)


async def _insert(database: aiosqlite.Connection, groups: Sequence[Sequence[tuple[int, bytes]]]) -> None:
    for rows in groups:
        await database.executemany("INSERT INTO trade_events VALUES (?, ?)", rows)
        await database.commit()


def run(quick: bool) -> list[Result]:
    """Benchmark 4: the ledger's durable appends."""
    var = CHECKOUT / "var"
    var.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-ledger-", dir=var))
    try:
        one = asyncio.run(one_producer(folder, 500 if quick else 4000))
        results = [
            Result(
                name="ledger: 1 producer",
                figure=one.ours,
                unit="durable appends/s",
                floor=0.9 * one.others,
                bare=one.others,
                bare_name="write + fdatasync of the same bytes, interleaved",
                note="floor: 90% of the bare rate",
            )
        ]
        for producers, rounds, turns in ((16, 50, 4 if quick else 30), (256, 20, 4 if quick else 20)):
            many = asyncio.run(many_producers(folder, producers, rounds, turns))
            results.append(
                Result(
                    name=f"ledger: {producers} producers",
                    figure=many.ours,
                    unit="durable appends/s",
                    floor=1.5 * many.others,
                    bare=many.others,
                    bare_name=f"aiosqlite (WAL, FULL), {producers} ready-made rows a commit, interleaved",
                    note="floor: 1.5 times SQLite",
                )
            )
    finally:
        shutil.rmtree(folder)
    return results
