"""A reader that follows the ledger sees every whole batch once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from options.events import BatchVoided, LedgerRepaired, TradeEvent
from storage.codec import LedgerDamaged
from storage.files import FolderUnusable
from storage.ledger import Ledger
from storage.ledger_reader import Batch, read
from storage.ledger_tail import CursorAhead, LedgerTail
from tests.storage.event_strategies import TS, halt, lines_of, mark, write_lines


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger.open(tmp_path / "ledger.jsonl", now_ts=TS)
    yield ledger
    ledger.close()


def rest_of(tail: LedgerTail) -> list[Batch]:
    """Everything that there is by now."""
    batches: list[Batch] = []
    while more := tail.poll():
        batches += more
    return batches


def test_new_batches_are_seen_once(ledger: Ledger) -> None:
    """Each call gives what was completed since the last one, in the writer's batches."""
    tail = LedgerTail(ledger.path)
    assert tail.poll() == []
    ledger.write([mark(1)])
    ledger.write([mark(2), mark(3)])
    ledger.sync()
    assert tail.poll() == [Batch(1, [mark(1)]), Batch(2, [mark(2), mark(3)])]
    assert tail.poll() == []
    ledger.write([mark(4)])
    ledger.sync()
    assert tail.poll() == [Batch(4, [mark(4)])]
    tail.close()
    tail.close()


def test_i1_only_durable_batches_are_shown_in_the_writers_process(ledger: Ledger) -> None:
    """What is in the file and not yet synced is held back until it is."""
    tail = LedgerTail(ledger.path)
    ledger.write([mark(1)])
    ledger.sync()
    ledger.write([mark(2)])
    ledger.flush()
    assert tail.poll(ledger.durable_offset) == [Batch(1, [mark(1)])]
    assert tail.poll(ledger.durable_offset) == []
    ledger.sync()
    assert tail.poll(ledger.durable_offset) == [Batch(2, [mark(2)])]
    tail.close()


def test_i3_a_growing_file_is_followed_byte_by_byte(tmp_path: Path) -> None:
    """However the bytes arrive, a batch is seen when its last line has its newline, and not before."""
    plan: list[list[TradeEvent]] = [[mark(1)], [mark(2), halt("b")], [mark(4)]]
    whole = tmp_path / "whole.jsonl"
    write_lines(whole, lines_of(plan))
    data = whole.read_bytes()
    growing = tmp_path / "growing.jsonl"
    growing.write_bytes(b"")
    tail = LedgerTail(growing)
    seen: list[Batch] = []
    with growing.open("ab", buffering=0) as file:
        for position in range(len(data)):
            file.write(data[position : position + 1])
            seen += tail.poll()
            assert seen == list(read(growing))
    assert [batch.events for batch in seen] == plan
    tail.close()


def test_i3_a_voided_batch_is_never_shown(ledger: Ledger) -> None:
    """A reader that waits inside a batch while the writer dies sees the repair in its place."""
    ledger.write([mark(1)])
    ledger.write([mark(2), mark(3)])
    ledger.sync()
    ledger.close()
    data = ledger.path.read_bytes()
    ledger.path.write_bytes(data[:-7])
    tail = LedgerTail(ledger.path)
    assert tail.poll() == [Batch(1, [mark(1)])]
    again = Ledger.open(ledger.path, now_ts=TS)
    again.write([mark(5)])
    again.sync()
    again.close()
    repair, after = tail.poll()
    assert [type(event) for event in repair.events] == [LedgerRepaired, BatchVoided]
    assert after == Batch(5, [mark(5)])
    middle = LedgerTail(ledger.path, from_seq=3)
    assert middle.poll() == [repair, after]
    middle.close()
    tail.close()


@settings(max_examples=25)
@given(count=st.integers(1, 3000), share=st.floats(0, 1), size=st.integers(1, 5))
def test_a_cursor_finds_its_place_in_a_long_ledger(
    tmp_path_factory: pytest.TempPathFactory, count: int, share: float, size: int
) -> None:
    """Started from any number, a reader gets exactly the events from that number on."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    plan: list[list[TradeEvent]] = [
        [mark(first + step) for step in range(size)] for first in range(1, count + 1, size)
    ]
    write_lines(path, lines_of(plan))
    from_seq = 1 + int(share * count)
    tail = LedgerTail(path, from_seq)
    assert rest_of(tail) == list(read(path, from_seq=from_seq))
    tail.close()


def test_lines_longer_than_a_read_are_followed(ledger: Ledger) -> None:
    """A line of any length comes whole, wherever the reader starts."""
    plan: list[list[TradeEvent]] = [
        [mark(1)],
        [halt("x" * 500_000), mark(2)],
        [halt("y" * 300_000)],
        [mark(3)],
    ]
    for batch in plan:
        ledger.write(batch)
    ledger.sync()
    for from_seq in range(1, 6):
        tail = LedgerTail(ledger.path, from_seq)
        assert rest_of(tail) == list(read(ledger.path, from_seq=from_seq))
        tail.close()


def test_f2_damage_is_met_by_every_reader(ledger: Ledger) -> None:
    """A follower refuses a changed line by its number, as opening does."""
    lines = lines_of([[mark(1)], [mark(2)], [mark(3)], [mark(4)]])
    lines[1] = lines[1].replace(b'"T2"', b'"T9"')
    write_lines(ledger.path, lines)
    tail = LedgerTail(ledger.path)
    with pytest.raises(LedgerDamaged, match="line 2") as damage:
        tail.poll()
    assert damage.value.line == 2
    tail.close()


def test_f5_a_ledger_that_shrank_is_refused(ledger: Ledger) -> None:
    """Lines that were read and are gone are damage."""
    ledger.write([mark(1)])
    ledger.write([mark(2)])
    ledger.sync()
    tail = LedgerTail(ledger.path)
    assert len(tail.poll()) == 2
    ledger.path.write_bytes(b"")
    with pytest.raises(LedgerDamaged, match="lost lines"):
        tail.poll()
    tail.close()


def test_a_cursor_of_another_ledger_is_refused(ledger: Ledger) -> None:
    """A reader that has seen more than there is reads another ledger than it did."""
    ledger.write([mark(1)])
    ledger.sync()
    fitting = LedgerTail(ledger.path, from_seq=2)
    assert fitting.poll() == []
    fitting.close()
    ahead = LedgerTail(ledger.path, from_seq=3)
    with pytest.raises(CursorAhead, match="ends at 1, the reader has seen 2"):
        ahead.poll()
    ahead.close()


def test_a_missing_ledger_is_told(tmp_path: Path) -> None:
    """A reader of nothing is refused in one sentence."""
    with pytest.raises(FolderUnusable, match="cannot be read"):
        LedgerTail(tmp_path / "none.jsonl")
