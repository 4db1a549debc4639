"""Durable appends per second with 1, 16 and 256 producers, beside what the disk and SQLite do in the same run.

The turns are interleaved: ours, the other's, ours again, so that a disk that changes its pace changes it for both. Both
sides encode their events and answer every producer by itself; ours are hashed and chained besides.
"""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from statistics import median

import aiosqlite
import msgspec

from options.events import OrderFilled, TradeEvent
from options.terms import Effect
from options.values import Side
from storage.codec import GENESIS, encode_line
from storage.files import measure_sync_s
from storage.group_commit import GroupCommit
from storage.ledger import Ledger
from tests.benchmarks.result import Result

CHECKOUT = Path(__file__).resolve().parents[2]
TS = "2015-12-24T14:30:00.000000Z"
INSERT = "INSERT INTO trade_events VALUES (?, ?)"
Commit = Callable[[list[TradeEvent]], Awaitable[int]]
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
    """Seconds that each turn of the two sides took, for the same number of appends."""

    appends_a_turn: int
    ours_s: list[float] = field(default_factory=list)
    others_s: list[float] = field(default_factory=list)

    @property
    def ours(self) -> float:
        """Our appends per second, in the middle one of all turns."""
        return self.appends_a_turn / median(self.ours_s)

    @property
    def others(self) -> float:
        """The other side's appends per second, likewise."""
        return self.appends_a_turn / median(self.others_s)


async def one_producer(folder: Path, turns: int) -> tuple[Pair, Pair]:
    """One batch after the other, as the one writer does it and through the group commit.

    Each is beside a bare write and fdatasync of the same bytes to a file of its own.
    """
    ledger = Ledger.open(folder / "one.jsonl", now_ts=TS)
    group = GroupCommit(ledger, measure_sync_s(folder, time.perf_counter), time.perf_counter)
    bare = os.open(folder / "bare.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    alone, grouped = Pair(1), Pair(1)
    for turn in range(turns):
        batch = [fill(turn)]
        line = encode_line(turn + 1, GENESIS, batch[0]) + b"\n"
        started = time.perf_counter()
        ledger.write(batch)
        ledger.sync()
        alone.ours_s.append(time.perf_counter() - started)
        bare_s = _bare_append(bare, line)
        started = time.perf_counter()
        await group.commit(batch)
        grouped.ours_s.append(time.perf_counter() - started)
        alone.others_s.append(bare_s)
        grouped.others_s.append(bare_s)
    os.close(bare)
    await group.close()
    ledger.close()
    return alone, grouped


def _bare_append(descriptor: int, line: bytes) -> float:
    started = time.perf_counter()
    os.write(descriptor, line)
    os.fdatasync(descriptor)
    return time.perf_counter() - started


async def many_producers(
    folder: Path, producers: int, rounds: int, turns: int, *, at_once: bool = False
) -> Pair:
    """That many tasks which commit one event after another, beside as many on SQLite.

    SQLite gets each group row by row, as its users write it, or all ``at_once`` from a layer that gathers them first.
    """
    ledger = Ledger.open(folder / f"{producers}-{at_once}.jsonl", now_ts=TS)
    group = GroupCommit(ledger, measure_sync_s(folder, time.perf_counter), time.perf_counter)
    events = [fill(number) for number in range(producers)]
    pair = Pair(producers * rounds)
    async with aiosqlite.connect(folder / f"{producers}-{at_once}.sqlite3") as database:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute("PRAGMA synchronous = FULL")
        await database.execute(TABLE)
        await database.commit()
        rows = SqliteGroups(database, at_once=at_once)
        for _ in range(turns):
            pair.ours_s.append(await _timed(group.commit, events, rounds))
            pair.others_s.append(await _timed(rows.commit, events, rounds))
    assert group.syncs == rows.commits == rounds * turns, (
        "the two sides did not commit groups of the same size"
    )
    await group.close()
    ledger.close()
    return pair


async def _timed(commit: Commit, events: list[OrderFilled], rounds: int) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(_produce(commit, event, rounds) for event in events))
    return time.perf_counter() - started


async def _produce(commit: Commit, event: TradeEvent, rounds: int) -> None:
    batch = [event]
    for _ in range(rounds):
        await commit(batch)


class SqliteGroups:
    """The same service on SQLite: whoever commits while a transaction runs shares the next one."""

    def __init__(self, database: aiosqlite.Connection, *, at_once: bool) -> None:
        self._database = database
        self._at_once = at_once
        self._encode = msgspec.json.Encoder(decimal_format="number").encode
        self._rows: list[tuple[int, bytes]] = []
        self._waiters: list[asyncio.Future[int]] = []
        self._writer: asyncio.Task[None] | None = None
        self._seq = 0
        self.commits = 0

    async def commit(self, batch: list[TradeEvent]) -> int:
        """Durable when it returns."""
        for event in batch:
            self._seq += 1
            self._rows.append((self._seq, self._encode(event)))
        waiter: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await waiter

    async def _write(self) -> None:
        while self._waiters:
            rows, self._rows = self._rows, []
            waiters, self._waiters = self._waiters, []
            if self._at_once:
                await self._database.executemany(INSERT, rows)
            else:
                for row in rows:
                    await self._database.execute(INSERT, row)
            await self._database.commit()
            self.commits += 1
            for waiter in waiters:
                waiter.set_result(self._seq)
            await asyncio.sleep(0)  # those who were answered come back for the next group
        self._writer = None


def _beside_bare(name: str, pair: Pair, note: str, floor: float | None) -> Result:
    return Result(
        name=name,
        figure=pair.ours,
        unit="durable appends/s",
        floor=floor,
        bare=pair.others,
        bare_name="write + fdatasync of the same bytes, interleaved",
        note=note,
    )


def _beside_sqlite(producers: int, pair: Pair, *, at_once: bool) -> Result:
    """The floor is held against SQLite row by row; what a gathering layer over it could reach stands beside it."""
    how = "handed over by one executemany" if at_once else "row by row"
    return Result(
        name=f"ledger: {producers} producers" + (", SQLite's rows gathered" if at_once else ""),
        figure=pair.ours,
        unit="durable appends/s",
        floor=None if at_once else 1.5 * pair.others,
        bare=pair.others,
        bare_name=f"aiosqlite (WAL, FULL), {producers} producers, as many rows a commit, {how}, interleaved",
        note="no floor; ours are hashed and chained besides" if at_once else "floor: 1.5 times SQLite",
    )


def run(quick: bool) -> list[Result]:
    """Benchmark 4: the ledger's durable appends."""
    var = CHECKOUT / "var"
    var.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-ledger-", dir=var))
    try:
        alone, grouped = asyncio.run(one_producer(folder, 500 if quick else 4000))
        results = [
            _beside_bare(
                "ledger: 1 producer", alone, "write and sync; floor: 90% of the bare rate", 0.9 * alone.others
            ),
            _beside_bare(
                "ledger: 1 producer, group commit", grouped, "one turn of the event loop more", None
            ),
        ]
        for producers, rounds, turns in ((16, 50, 4 if quick else 30), (256, 20, 4 if quick else 20)):
            for at_once in (False, True):
                many = asyncio.run(many_producers(folder, producers, rounds, turns, at_once=at_once))
                results.append(_beside_sqlite(producers, many, at_once=at_once))
    finally:
        shutil.rmtree(folder)
    return results
