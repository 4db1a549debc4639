"""Reading a ledger from its first line to its last, a block at a time, with every line checked.

What counts is whole batches: the events of a batch that a crash cut short are there to see and count for nothing.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from options.events import BatchVoided, LedgerRepaired, TradeEvent
from storage.chain import chain_check
from storage.codec import (
    GENESIS,
    MORE_MARK,
    LedgerDamaged,
    LineError,
    Record,
    decode_line,
    decode_lines,
    line_hash,
)
from storage.files import READ_BYTES, FolderUnusable, NoLedger, open_for_reading, read_at

_OPEN_LINE = re.compile(rb'"seq":(\d+),"prev":"[0-9a-f]{64}","more":1,')
_HEAD_BYTES_MAX = 160
# What is made of a block stays in the processor's cache until it is folded; of twice as much it does not.
_BLOCK_BYTES = 64 * 1024

# Called with the first event's seq and the events, which are consecutive: one or more whole batches.
Sink = Callable[[int, Sequence[TradeEvent]], None]


class Batch(NamedTuple):
    """Consecutive events; ``first_seq`` is the first one's number. From :func:`read`: what one input led to."""

    first_seq: int
    events: list[TradeEvent]

    @property
    def last_seq(self) -> int:
        """The last event's number: where a reader's cursor stands when it is through with the batch."""
        return self.first_seq + len(self.events) - 1


class Ending(NamedTuple):
    """How the whole lines of a ledger end. ``open_from`` is the first line of a batch without its end, or 0."""

    last_seq: int
    last_hash: bytes
    last_ts: str
    open_from: int


class Assembler:
    """Turns blocks of whole lines into runs of whole batches; ``next_seq`` is the next line's number."""

    __slots__ = ("_path", "_pending", "_start", "last_ts", "next_seq")

    def __init__(self, path: Path, next_seq: int = 1) -> None:
        self._path = path
        self._pending: list[TradeEvent] = []
        self._start = next_seq
        self.next_seq = next_seq
        self.last_ts = ""

    @property
    def open_from(self) -> int:
        """The first line of the batch that still waits for its end, or 0."""
        return self.next_seq - len(self._pending) if self._pending else 0

    def feed(self, block: bytes) -> list[Batch]:
        """The effective events that a block completes: one run, or more around voided lines.

        :raises msgspec.DecodeError: the block is not made of ledger lines. (That a line is one event shows when the
            number of events is compared with the chain's number of lines.)
        :raises LedgerDamaged: a ``BatchVoided`` names other lines than those it can only mean.
        """
        events = decode_lines(block)
        if not events:
            return []
        self.last_ts = events[-1].ts
        pending = len(self._pending)
        if pending:
            events = self._pending + events
        first_seq = self.next_seq - pending
        self.next_seq = first_seq + len(events)
        waiting = _open_at_end(block)
        if waiting == len(events) - pending:
            waiting += pending
        whole = len(events) - waiting
        self._pending = events[whole:]
        del events[whole:]
        if BatchVoided in set(map(type, events)):
            return self._without_voided(first_seq, events, block, pending)
        return [Batch(first_seq, events)] if events else []

    def _without_voided(
        self, first_seq: int, events: list[TradeEvent], block: bytes, pending: int
    ) -> list[Batch]:
        unclosed = {*range(first_seq, first_seq + pending), *open_lines(block)}
        runs: list[Batch] = []
        start = 0
        for index, event in enumerate(events):
            if type(event) is not BatchVoided:
                continue
            seq = first_seq + index
            first, last = event.from_seq, event.to_seq
            said_before = index > 0 and type(events[index - 1]) is LedgerRepaired
            # A reader that starts in the middle has not seen the lines before its start.
            seen = set(range(max(first, self._start), last + 1))
            ends_here = last == seq - 1 or (said_before and last == seq - 2)
            if not 0 < first <= last or not ends_here or first - 1 in unclosed or not seen <= unclosed:
                raise LedgerDamaged(
                    self._path, seq, f"it voids lines {first} to {last}, which are no batch cut short"
                )
            runs.append(Batch(first_seq + start, events[start : max(0, first - first_seq)]))
            start = last + 1 - first_seq
        runs.append(Batch(first_seq + start, events[start:]))
        return [run for run in runs if run.events]


def whole_end(path: Path) -> tuple[int, int]:
    """The file's size, and the size of its whole lines: what comes after is an unfinished one.

    :raises NoLedger: the file is missing. :raises FolderUnusable: it cannot be read.
    """
    try:
        descriptor = open_for_reading(path)
    except FolderUnusable as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            raise NoLedger(f"there is no ledger {path}") from error
        raise
    try:
        size = os.fstat(descriptor).st_size
        end = size
        while end > 0:
            start = max(0, end - READ_BYTES)
            newline = read_at(descriptor, end - start, start).rfind(b"\n")
            if newline >= 0:
                return size, start + newline + 1
            end = start
        return size, 0
    finally:
        os.close(descriptor)


def whole_blocks(path: Path, end: int) -> Iterator[bytes]:
    """The first ``end`` bytes, which end with a newline, in blocks of whole lines."""
    descriptor = open_for_reading(path)
    try:
        offset, size = 0, _BLOCK_BYTES
        while offset < end:
            wanted = min(size, end - offset)
            chunk = read_at(descriptor, wanted, offset)
            cut = chunk.rfind(b"\n") + 1
            if not cut and len(chunk) < wanted:
                raise FolderUnusable(f"{path} ended before byte {end}: it shrank under us")
            assert cut or wanted < end - offset, f"{path} has no newline before byte {end}"
            if cut:  # a line that is cut is read again: that costs less than to put it together
                offset += cut
                yield chunk[:cut]
            size = _BLOCK_BYTES if cut else 2 * size
    finally:
        os.close(descriptor)


def load(path: Path, end: int, sink: Sink) -> Ending:
    """Hand every effective event of the first ``end`` bytes to ``sink``, and check every line.

    The sink may have been called before damage is found; what it made is then worthless.

    :raises LedgerDamaged: a line is not what was written. It comes before an error that the sink raises because of it.
    """
    chain = chain_check(path, end)
    assembler = Assembler(path)
    fault = LedgerDamaged(path, 0, "the file changed while it was read")
    raised = True
    try:
        for block in whole_blocks(path, end):
            if not chain.feed(block):
                break
            for run in assembler.feed(block):
                sink(run.first_seq, run.events)
        raised = False
    except LedgerDamaged as damage:
        fault = damage
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        fault = LedgerDamaged(path, assembler.next_seq, str(error))
    finally:
        result = chain.result()
        if result is None:
            find_damage(path)
    if raised or result is None or result[0] != assembler.next_seq - 1:
        find_damage(path)
        raise fault
    return Ending(result[0], result[1], assembler.last_ts, assembler.open_from)


def read(path: Path, *, from_seq: int = 1) -> Iterator[Batch]:
    """Every whole batch in order, in constant memory; ``from_seq`` leaves out the events before it.

    An unfinished end, which a running instance may just be writing, is not there yet. A ledger of up to some
    megabytes is checked before it is handed out; damage in a longer one may be told only at its end.

    :raises LedgerDamaged: a line is not what was written. :raises FolderUnusable: the file cannot be read.
    """
    _, end = whole_end(path)
    chain = chain_check(path, end)
    assembler = Assembler(path)
    unclosed: set[int] = set()
    try:
        for block in whole_blocks(path, end):
            if not chain.feed(block):
                break
            unclosed |= open_lines(block)
            for run in assembler.feed(block):
                yield from split(run, unclosed, from_seq)
            unclosed = {seq for seq in unclosed if seq >= assembler.open_from > 0}
        result = chain.result()
        sound = result is not None and result[0] == assembler.next_seq - 1
    except (msgspec.DecodeError, UnicodeDecodeError):
        sound = False
    finally:
        chain.close()
    if not sound:
        find_damage(path)
        raise LedgerDamaged(path, assembler.next_seq, "the file changed while it was read")


def records(path: Path, *, canonical: bool = False) -> Iterator[tuple[Record, bytes]]:
    """Every whole line, voided ones too, with its bytes; for proofs. ``canonical`` also checks the spelling.

    :raises LedgerDamaged: at the first line that is not what was written.
    """
    _, end = whole_end(path)
    prev = GENESIS
    seq = 0
    changed: LedgerDamaged | None = None
    for block in whole_blocks(path, end):
        lines = block.split(b"\n")
        lines.pop()
        for line in lines:
            seq += 1
            if changed is not None:
                raise _blame(changed, path, prev, line)
            try:
                record = decode_line(line, canonical=canonical)
            except LineError as error:
                raise LedgerDamaged(path, seq, str(error)) from error
            if record.seq != seq:
                raise LedgerDamaged(
                    path, seq, f"its seq is {record.seq}: a line is missing, doubled or moved"
                )
            if record.prev != prev:
                reason = f"its prev is not the hash of line {seq - 1}: one of the two was changed"
                changed = LedgerDamaged(path, seq, reason)
            else:
                yield record, line
            prev = line_hash(line)
    if changed is not None:
        raise changed


def find_damage(path: Path) -> None:
    """Go through the lines one by one and return when every one of them is sound after all.

    :raises LedgerDamaged: with the first bad line and the reason.
    """
    for _ in records(path):
        pass


def split(run: Batch, unclosed: set[int], from_seq: int) -> Iterator[Batch]:
    """The batches of a run; ``unclosed`` holds the lines that say ``more``."""
    start = 0
    for index in range(len(run.events)):
        seq = run.first_seq + index
        if seq in unclosed:
            continue
        if seq >= from_seq:
            skip = max(start, from_seq - run.first_seq)
            yield Batch(run.first_seq + skip, run.events[skip : index + 1])
        start = index + 1


def open_lines(block: bytes) -> set[int]:
    """The numbers of a block's lines that say ``more``."""
    return set(map(int, _OPEN_LINE.findall(block)))


def _open_at_end(block: bytes) -> int:
    """How many lines at the end of a block say ``more``."""
    count = 0
    end = len(block) - 1
    while end >= 0:
        start = block.rfind(b"\n", 0, end) + 1
        if block.find(MORE_MARK, start, min(end, start + _HEAD_BYTES_MAX)) < 0:
            break
        count += 1
        end = start - 1
    return count


def _blame(changed: LedgerDamaged, path: Path, prev: bytes, line: bytes) -> LedgerDamaged:
    """Of two lines that do not fit, the one that the next line does not vouch for; ``prev`` is the second's hash."""
    try:
        vouched = decode_line(line).prev == prev
    except LineError:
        return changed
    if vouched and changed.line > 1:
        return LedgerDamaged(
            path, changed.line - 1, f"it was changed: line {changed.line} carries another hash of it"
        )
    return LedgerDamaged(
        path, changed.line, f"it was changed: its prev is not the hash of line {changed.line - 1}"
    )
