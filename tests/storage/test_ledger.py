"""Whole batches or nothing, in one chain, through torn ends."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from options.events import BatchVoided, LedgerRepaired, TradeEvent
from storage import chain
from storage.codec import GENESIS, EventUnwritable, line_hash
from storage.files import FolderUnusable, StorageFailed
from storage.ledger import Ledger
from storage.ledger_reader import Batch, read, records
from tests.storage.event_strategies import LATER, TS, batches, halt, lines_of, mark
from tests.storage.ledger_plans import PLAN, numbered, opened, write_plan


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


@settings(max_examples=30)
@given(plan=batches)
def test_i2_what_was_written_is_read_in_the_same_batches(
    tmp_path_factory: pytest.TempPathFactory, plan: list[list[TradeEvent]]
) -> None:
    """Batches of any events come back in order, whole, with their numbers, and every line in its one spelling."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    write_plan(path, plan)
    assert [batch.events for batch in read(path)] == plan
    assert opened(path)[1] == numbered(plan)
    assert [record.event for record, _ in records(path, canonical=True)] == list(numbered(plan).values())


def test_i2_seq_has_no_gaps_and_prev_is_the_hash_of_the_line_before(path: Path) -> None:
    """Line n is numbered n and names the SHA-256 of line n-1; the first names zeros."""
    write_plan(path, PLAN[:2])
    write_plan(path, PLAN[2:])
    lines = path.read_bytes().split(b"\n")
    assert lines.pop() == b""
    assert lines == lines_of(PLAN)
    prev = GENESIS
    for seq, (record, line) in enumerate(records(path), 1):
        assert (record.seq, record.prev) == (seq, prev)
        prev = line_hash(line)
    ledger, _ = opened(path)
    assert (ledger.last_seq, ledger.last_hash, ledger.last_ts) == (len(lines), prev.decode(), TS)
    assert (ledger.durable_seq, ledger.durable_offset) == (len(lines), path.stat().st_size)


def test_a_new_ledger_is_empty(path: Path) -> None:
    """Opening where there is none begins one with nothing in it."""
    ledger, events = opened(path)
    assert (ledger.last_seq, ledger.last_hash, events) == (0, "0" * 64, {})
    assert path.read_bytes() == b""
    assert list(read(path)) == []


def check_cut(path: Path, data: bytes, size: int) -> None:
    """Cut to ``size`` bytes, opened, opened again: the whole batches and what was said about the rest, no more."""
    path.write_bytes(data[:size])
    lines = data[:size].count(b"\n")
    torn = data[:size][data[:size].rfind(b"\n") + 1 :]
    whole = 0
    for batch in PLAN:
        if whole + len(batch) > lines:
            break
        whole += len(batch)
    assert [seq for batch in read(path) for seq in range(batch.first_seq, batch.last_seq + 1)] == list(
        range(1, whole + 1)
    )
    ledger, events = opened(path)
    said: list[TradeEvent] = []
    ts = TS if lines else LATER
    if torn:
        said.append(LedgerRepaired(ts=ts, cut_bytes=len(torn), cut_text=torn[:200].decode()))
    if lines > whole:
        said.append(BatchVoided(ts=ts, from_seq=whole + 1, to_seq=lines))
    expected = {seq: event for seq, event in numbered(PLAN).items() if seq <= whole}
    expected |= dict(enumerate(said, lines + 1))
    assert events == expected
    assert [part for part in (ledger.repaired, ledger.voided) if part] == said
    repaired = path.read_bytes()
    assert len([*records(path, canonical=True)]) == lines + len(said)
    assert [batch.events for batch in read(path)] == PLAN[: batches_in(whole)] + ([said] if said else [])
    ledger, again = opened(path)
    assert (again, ledger.repaired, ledger.voided) == (expected, None, None)
    assert path.read_bytes() == repaired


def batches_in(lines: int) -> int:
    """How many of the plan's batches its first ``lines`` lines are."""
    count = 0
    while lines > 0:
        lines -= len(PLAN[count])
        count += 1
    return count


def test_i3_torn_tail_at_every_byte_length(path: Path) -> None:
    """Cut anywhere, a ledger opens with exactly its whole batches; what was cut or voided is said, once."""
    write_plan(path, PLAN)
    data = path.read_bytes()
    for size in range(len(data) + 1):
        check_cut(path, data, size)


def test_i3_a_crash_inside_the_repair_is_repaired(path: Path) -> None:
    """Cut again while the repair was written, at every byte: the whole batches are the same, and it opens."""
    first = lines_of([[mark(1)], [mark(2), mark(3)]])
    torn = b"\n".join(first)[:-40]
    path.write_bytes(torn)
    opened(path)
    repaired = path.read_bytes()
    for size in range(repaired.rfind(b"\n", 0, -1) - 900, len(repaired)):
        path.write_bytes(repaired[: max(size, len(first[0]) + 1)])
        _, events = opened(path)
        assert [
            event for event in events.values() if not isinstance(event, BatchVoided | LedgerRepaired)
        ] == [mark(1)]
        after = path.read_bytes()
        assert opened(path)[1] == events
        assert path.read_bytes() == after
        assert [event for batch in read(path) for event in batch.events] == list(events.values())


def test_i3_writing_goes_on_after_a_repair(path: Path) -> None:
    """New batches follow the repair in the same chain, and voided lines stay where they are."""
    write_plan(path, PLAN)
    path.write_bytes(path.read_bytes()[:-1])
    write_plan(path, [[mark(7), mark(8)]])
    said = [batch.events for batch in read(path)]
    assert said[:-2] == PLAN[:-1]
    assert [type(event) for event in said[-2]] == [LedgerRepaired, BatchVoided]
    assert said[-1] == [mark(7), mark(8)]
    assert len([*records(path)]) == len(numbered(PLAN)) - 1 + 4


@pytest.mark.parametrize("verdict", ["parallel", "killed", "unstartable"])
def test_i2_a_long_ledger_is_the_same_whoever_checks_its_chain(
    path: Path, monkeypatch: pytest.MonkeyPatch, verdict: str
) -> None:
    """A second process that checks, dies or cannot be had changes nothing about what a sound ledger gives."""
    plan: list[list[TradeEvent]] = [[mark(number), halt("x" * number)] for number in range(1, 700)]
    write_plan(path, plan)
    monkeypatch.setattr(chain, "PARALLEL_FROM_BYTES", 0)
    if verdict == "killed":
        monkeypatch.setattr(sys, "executable", "/bin/false")
    elif verdict == "unstartable":
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert [batch.events for batch in read(path)] == plan
    assert opened(path)[1] == numbered(plan)


def test_a_batch_longer_than_a_read_is_one_batch(path: Path) -> None:
    """Batches and lines of any length come back whole, and are voided whole."""
    long: list[TradeEvent] = [
        halt("x" * 100_000),
        *(mark(number) for number in range(2, 900)),
        halt("y" * 400_000),
    ]
    write_plan(path, [[mark(1)], long, [mark(5)]])
    assert [batch.events for batch in read(path)] == [[mark(1)], long, [mark(5)]]
    data = path.read_bytes()
    path.write_bytes(data[: data.rfind(b"\n", 0, -1) - 200_000])
    ledger, events = opened(path)
    assert ledger.voided == BatchVoided(ts=TS, from_seq=2, to_seq=len(long))
    assert list(events) == [1, len(long) + 1, len(long) + 2]


def test_reading_from_the_middle_leaves_out_what_came_before(path: Path) -> None:
    """Asked for the events from a number on, the batch around it is given from that number."""
    write_plan(path, PLAN)
    assert list(read(path, from_seq=3)) == [
        Batch(3, PLAN[1][1:]), Batch(5, PLAN[2]), Batch(6, PLAN[3]), Batch(8, PLAN[4])
    ]  # fmt: skip
    assert list(read(path, from_seq=10)) == []


def test_a_reader_may_stop_early(path: Path) -> None:
    """Nothing is left running when a reader has seen enough."""
    write_plan(path, PLAN)
    reader = read(path)
    assert next(reader).events == PLAN[0]
    reader.close()  # type: ignore[attr-defined]


def test_i1_nothing_is_durable_before_the_sync(path: Path) -> None:
    """Writing numbers a batch; the sync is what puts it on the disk and says so."""
    ledger = Ledger.open(path, now_ts=TS)
    assert ledger.write([mark(1), mark(2)]) == 2
    assert (ledger.last_seq, ledger.durable_seq, ledger.durable_offset, path.stat().st_size) == (2, 0, 0, 0)
    ledger.flush()
    assert (ledger.durable_seq, path.read_bytes().count(b"\n")) == (0, 2)
    assert ledger.write([mark(3)]) == 3
    ledger.sync()
    assert (ledger.durable_seq, ledger.durable_offset) == (3, path.stat().st_size)
    ledger.close()


def test_i1_one_write_and_one_sync_for_everything_that_waits(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many batches wait, they reach the disk by one write and one sync."""
    ledger = Ledger.open(path, now_ts=TS)
    calls: list[str] = []
    write, sync = os.write, os.fdatasync

    def counted_write(descriptor: int, data: bytes) -> int:
        calls.append("write")
        return write(descriptor, data)

    def counted_sync(descriptor: int) -> None:
        calls.append("sync")
        sync(descriptor)

    monkeypatch.setattr(os, "write", counted_write)
    monkeypatch.setattr(os, "fdatasync", counted_sync)
    for batch in PLAN:
        ledger.write(batch)
    ledger.sync()
    assert calls == ["write", "sync"]
    ledger.close()


def test_an_unwritable_event_leaves_the_ledger_as_it_was(path: Path) -> None:
    """Refused in the middle of a batch, nothing of it is written and the next batch takes its numbers."""
    ledger = Ledger.open(path, now_ts=TS)
    with pytest.raises(EventUnwritable):
        ledger.write([mark(1), halt("\ud800")])
    with pytest.raises(ValueError, match="at least one"):
        ledger.write([])
    assert ledger.write([mark(1)]) == 1
    ledger.sync()
    ledger.close()
    assert opened(path)[1] == {1: mark(1)}


@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_f4_a_disk_that_failed_is_not_written_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """After one failed write or sync nothing counts as durable and every later sync fails."""
    ledger = Ledger.open(path, now_ts=TS)

    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    ledger.write([mark(1)])
    with monkeypatch.context() as broken:
        broken.setattr(os, call, fail)
        with pytest.raises(StorageFailed):
            ledger.sync()
    ledger.write([mark(2)])
    with pytest.raises(StorageFailed):
        ledger.sync()
    assert ledger.durable_seq == 0
    ledger.close()


@pytest.mark.parametrize("call", ["write", "fdatasync", "ftruncate"])
def test_f4_a_disk_that_fails_in_the_repair_refuses_to_open(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A repair that cannot be made durable is no repair; the next opening does it."""
    write_plan(path, PLAN)
    path.write_bytes(path.read_bytes()[:-5])

    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, call, fail)
        with pytest.raises(StorageFailed):
            Ledger.open(path, now_ts=LATER)
    _, events = opened(path)
    assert [event for event in events.values() if not isinstance(event, BatchVoided | LedgerRepaired)] == [
        event for batch in PLAN[:-1] for event in batch
    ]


def test_a_ledger_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A missing file or folder, or a folder in the file's place, is named in one sentence."""
    with pytest.raises(FolderUnusable, match="there is no ledger"):
        list(read(tmp_path / "none.jsonl"))
    with pytest.raises(FolderUnusable, match="cannot be opened for writing"):
        Ledger.open(tmp_path / "none" / "ledger.jsonl", now_ts=TS)
    with pytest.raises(FolderUnusable, match="cannot be opened for writing"):
        Ledger.open(tmp_path, now_ts=TS)


@given(cuts=st.lists(st.integers(1, 400), min_size=1, max_size=4))
@settings(max_examples=20)
def test_i3_repairs_upon_repairs_keep_every_whole_batch(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    """Written, cut, opened, written again, any number of times: whole batches stay, and the chain is sound."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    for cut in cuts:
        write_plan(path, PLAN)
        kept = [batch.events for batch in read(path)][:-3]
        path.write_bytes(path.read_bytes()[:-cut])
        _, events = opened(path)
        now = [batch.events for batch in read(path)]
        assert now[: len(kept)] == kept
        assert [event for batch in now for event in batch] == list(events.values())
    assert len([*records(path, canonical=True)]) == opened(path)[0].last_seq
