"""Any number of producers share one sync, and all of them hear of its failure."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from storage.codec import EventUnwritable
from storage.files import StorageFailed
from storage.group_commit import LOOP_SYNC_MAX_S, GroupCommit
from storage.ledger import Ledger
from storage.ledger_reader import read
from tests.storage.event_strategies import TS, halt, mark

FAST_S = 0.0
SLOW_S = 1000 * LOOP_SYNC_MAX_S

Commits = Callable[[float], GroupCommit]


@pytest.fixture
async def commits(tmp_path: Path) -> AsyncIterator[Commits]:
    """Makes the group commit of a new ledger on a disk that is said to take this long."""
    made: list[GroupCommit] = []
    ledger = Ledger.open(tmp_path / "ledger.jsonl", now_ts=TS)

    def make(sync_s: float) -> GroupCommit:
        made.append(GroupCommit(ledger, sync_s, time.perf_counter))
        return made[-1]

    yield make
    for group in made:
        await group.close()
    ledger.close()


@pytest.fixture(params=[FAST_S, SLOW_S], ids=["loop", "thread"])
async def group(request: pytest.FixtureRequest, commits: Commits) -> GroupCommit:
    return commits(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


async def produce(group: GroupCommit, first: int, count: int) -> list[int]:
    """One producer's commits, one after the other."""
    return [await group.commit([mark(number)]) for number in range(first, first + count)]


async def test_i1_a_commit_is_durable_when_it_returns(group: GroupCommit, path: Path) -> None:
    """What a commit returned for is in the file, all of it, under the number returned."""
    assert await group.commit([mark(1), mark(2)]) == 2
    assert [batch.events for batch in read(path)] == [[mark(1), mark(2)]]
    assert await group.commit([mark(3)]) == 3
    assert [batch.events for batch in read(path)][-1] == [mark(3)]


async def test_producers_share_syncs(group: GroupCommit, path: Path) -> None:
    """Sixteen producers with ten batches each need little more than ten syncs, and get numbers of their own."""
    done = await asyncio.gather(*(produce(group, 100 * each, 10) for each in range(16)))
    assert sorted(seq for seqs in done for seq in seqs) == list(range(1, 161))
    assert all(seqs == sorted(seqs) for seqs in done)
    assert group.syncs <= 22
    assert sum(len(batch.events) for batch in read(path)) == 160


async def test_i1_no_commit_returns_before_its_sync(
    group: GroupCommit, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is told yes was in the file when a sync began."""
    sizes: list[int] = []
    sync = os.fdatasync

    def counted(descriptor: int) -> None:
        sizes.append(path.read_bytes().count(b"\n"))
        sync(descriptor)

    async def checked(number: int) -> None:
        seq = await group.commit([mark(number)])
        assert sizes[-1] >= seq

    monkeypatch.setattr(os, "fdatasync", counted)
    await asyncio.gather(*(checked(number) for number in range(50)))


@pytest.mark.parametrize("call", ["write", "fdatasync"])
async def test_f4_a_failure_reaches_every_waiter_and_all_who_come_later(
    group: GroupCommit, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Nobody is told yes after a failed write or sync, and nothing is tried again."""
    calls: list[int] = []

    def fail(descriptor: int, *_: object) -> int:
        calls.append(descriptor)
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, call, fail)
        answers = await asyncio.gather(*(group.commit([mark(n)]) for n in range(20)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [StorageFailed] * 20
    assert len(calls) == 1
    with pytest.raises(StorageFailed, match="nothing is written any more"):
        await group.commit([mark(1)])


async def test_an_event_that_cannot_be_written_fails_its_own_commit_alone(
    group: GroupCommit, path: Path
) -> None:
    """The others of the same pass go through, and no number is lost."""
    answers = await asyncio.gather(
        group.commit([mark(1)]),
        group.commit([halt("\ud800")]),
        group.commit([mark(2)]),
        return_exceptions=True,
    )
    assert (answers[0], type(answers[1]), answers[2]) == (1, EventUnwritable, 2)
    assert [batch.events for batch in read(path)] == [[mark(1)], [mark(2)]]


async def test_a_cancelled_waiter_takes_nobody_along(group: GroupCommit, path: Path) -> None:
    """Cancelled while it waits, a producer's batch stays in and the others are answered."""
    given_up = asyncio.create_task(group.commit([mark(1)]))
    other = asyncio.create_task(group.commit([mark(2)]))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await other == 2
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert [batch.events for batch in read(path)] == [[mark(1)], [mark(2)]]


async def test_f6_a_slow_disk_does_not_hold_the_loop(
    commits: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a sync hangs in its thread the loop goes on, and those who come meanwhile share the next one."""
    group = commits(SLOW_S)
    loop = asyncio.get_running_loop()
    begun = asyncio.Event()
    release = threading.Event()
    sync = os.fdatasync

    def hang(descriptor: int) -> None:
        loop.call_soon_threadsafe(begun.set)
        release.wait()
        sync(descriptor)

    monkeypatch.setattr(os, "fdatasync", hang)
    first = asyncio.create_task(group.commit([mark(1)]))
    await begun.wait()
    rest = [asyncio.create_task(group.commit([mark(number)])) for number in range(2, 30)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert not any(task.done() for task in (first, *rest))
    release.set()
    assert [await task for task in (first, *rest)] == list(range(1, 30))
    assert group.syncs == 2


async def test_f6_the_choice_follows_the_disk(tmp_path: Path) -> None:
    """A disk that turns slow is synced in a thread, and on the loop again when it has recovered."""
    now_s = 0.0
    step_s = 1.0

    def clock_s() -> float:
        nonlocal now_s
        now_s += step_s
        return now_s

    ledger = Ledger.open(tmp_path / "ledger.jsonl", now_ts=TS)
    group = GroupCommit(ledger, FAST_S, clock_s)
    await group.commit([mark(1)])
    assert group.sync_s > LOOP_SYNC_MAX_S
    before = group.threaded
    await group.commit([mark(2)])
    assert (before, group.threaded) == (False, True)
    step_s = 0.0
    for number in range(3, 130):
        await group.commit([mark(number)])
    assert group.sync_s < LOOP_SYNC_MAX_S
    await group.close()
    ledger.close()


async def test_closing_waits_for_what_is_under_way(group: GroupCommit, path: Path) -> None:
    """A commit that was begun is durable when closing returns."""
    task = asyncio.create_task(group.commit([mark(1)]))
    await asyncio.sleep(0)
    await group.close()
    assert await task == 1
    assert [batch.events for batch in read(path)] == [[mark(1)]]
