"""Following a ledger while it grows: what a reader with a cursor needs."""

import os
from pathlib import Path

import msgspec

from storage.chain import InlineChain
from storage.codec import LedgerDamaged, LineError, decode_line
from storage.files import READ_BYTES, StorageError, open_for_reading, read_at
from storage.ledger_reader import Assembler, Batch, find_damage, open_lines, split


class CursorAhead(StorageError):
    """A reader has seen more than the ledger holds: the two do not belong together."""


class LedgerTail:
    """Hands out each whole batch once, from the event ``from_seq`` on (a cursor's seq + 1).

    :raises FolderUnusable: the file is missing or cannot be read.
    """

    __slots__ = ("_assembler", "_chain", "_descriptor", "_from_seq", "_offset", "_unclosed", "path")

    def __init__(self, path: Path, from_seq: int = 1) -> None:
        self.path = path
        self._from_seq = from_seq
        self._descriptor = open_for_reading(path)
        size = os.fstat(self._descriptor).st_size
        self._offset, next_seq, prev = _line_before(self._descriptor, size, from_seq)
        self._chain = InlineChain(next_seq - 1, prev) if prev else InlineChain()
        self._assembler = Assembler(path, next_seq)
        self._unclosed: set[int] = set()

    def poll(self, durable_offset: int | None = None) -> list[Batch]:
        """The batches that were completed since the last call, at most about a quarter of a megabyte of them.

        Call again until it returns none. In the writer's own process give the ledger's ``durable_offset``, so that
        nothing is shown that a power cut could take back; a call that finds nothing new costs a comparison then.

        :raises LedgerDamaged: a line is not what was written. :raises CursorAhead: the ledger ends before ``from_seq``.
        """
        end = os.fstat(self._descriptor).st_size if durable_offset is None else durable_offset
        while self._offset < end:
            block = self._next_block(end)
            if not block:
                break
            batches = self._take(block)
            if batches:
                return batches
        if end < self._offset:
            raise LedgerDamaged(self.path, self._assembler.next_seq - 1, "the file lost lines that it had")
        if self._assembler.next_seq < self._from_seq:
            raise CursorAhead(
                f"{self.path} ends at {self._assembler.next_seq - 1}, the reader has seen {self._from_seq - 1}: "
                "this is not the ledger it was reading"
            )
        return []

    def close(self) -> None:
        """Give the file back. Closing twice is allowed."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def _next_block(self, end: int) -> bytes:
        """Whole lines from where we are; empty when the only line there is unfinished."""
        size = READ_BYTES
        while True:
            chunk = read_at(self._descriptor, min(size, end - self._offset), self._offset)
            cut = chunk.rfind(b"\n") + 1
            if cut or len(chunk) < size:
                return chunk[:cut]
            size *= 2

    def _take(self, block: bytes) -> list[Batch]:
        try:
            runs = self._assembler.feed(block) if self._chain.feed(block) else []
            chain = self._chain.result()
        except (msgspec.DecodeError, UnicodeDecodeError):
            runs, chain = [], None
        if chain is None or chain[0] != self._assembler.next_seq - 1:
            find_damage(self.path)
            raise LedgerDamaged(
                self.path, self._assembler.next_seq, "it does not follow from the line before"
            )
        self._offset += len(block)
        self._unclosed |= open_lines(block)
        batches = [batch for run in runs for batch in split(run, self._unclosed, self._from_seq)]
        open_from = self._assembler.open_from
        self._unclosed = {seq for seq in self._unclosed if seq >= open_from > 0}
        return batches


def _line_before(descriptor: int, size: int, seq: int) -> tuple[int, int, bytes]:
    """A line at or a little before the one numbered ``seq``, by halving: its offset, its number, its ``prev``.

    Lines begin with their number, so finding one among millions takes a dozen reads. (0, 1, b"") is the beginning.
    """
    low, high = 0, size
    found = (0, 1, b"")
    while seq > 1 and high - low > READ_BYTES:
        middle = (low + high) // 2
        lines = read_at(descriptor, READ_BYTES, middle).split(b"\n", 2)
        if len(lines) < 3:
            return found  # a line longer than a read: begin further back
        try:
            record = decode_line(lines[1])
        except LineError:
            return found  # reading on from there says what is wrong
        if record.seq <= seq:
            low = middle + len(lines[0]) + 1
            found = (low, record.seq, record.prev)
        else:
            high = middle
    return found
