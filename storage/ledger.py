"""The ledger: every fact in order, on the disk before anything that it leads to leaves the process.

A batch is what one input led to: all of it counts or none. On opening, the end that a crash left is put right and said:
an unfinished last line is cut (``LedgerRepaired``), a batch without its end counts for nothing (``BatchVoided``).
Damage anywhere else refuses the ledger.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, Self

from options.events import BatchVoided, LedgerRepaired, TradeEvent
from storage.codec import encode_batch
from storage.files import AppendFile, read_chunks
from storage.ledger_reader import Ending, Sink, load, whole_end

LEDGER_PATH = Path("options") / "trade_events.jsonl"
_CUT_TEXT_BYTES = 200
_RESERVE_BYTES = 8 * 1024 * 1024


class Staged(NamedTuple):
    """Lines that are written in memory and nowhere else yet, through ``last_seq``."""

    data: bytes
    last_seq: int


class Ledger:
    """The one writer of a ledger file; made by :meth:`open`.

    ``last_seq``, ``last_hash`` and ``last_ts`` are those of the last line written, durable or not; ``durable_seq`` and
    ``durable_offset`` (bytes) say how far it is on the disk. ``repaired`` and ``voided`` say what opening put right.
    """

    __slots__ = (
        "_file",
        "_prev",
        "_staged",
        "durable_offset",
        "durable_seq",
        "last_seq",
        "last_ts",
        "path",
        "repaired",
        "voided",
    )

    def __init__(self, file: AppendFile, ending: Ending) -> None:
        self._file = file
        self._prev = ending.last_hash
        self._staged: list[bytes] = []
        self.path = file.path
        self.last_seq = ending.last_seq
        self.last_ts = ending.last_ts
        self.durable_seq = 0
        self.durable_offset = 0
        self.repaired: LedgerRepaired | None = None
        self.voided: BatchVoided | None = None

    @classmethod
    def open(cls, path: Path, *, now_ts: str, sink: Sink | None = None) -> Self:
        """Take a ledger over for writing, or begin one. The caller holds the data folder's lock.

        Every effective event goes to ``sink`` in order, the repair's own last. ``now_ts`` (ISO 8601 UTC) dates a repair
        where no good event does. What a crash left unsynced is made durable before this returns.

        :raises LedgerDamaged: a line is not what was written. :raises FolderUnusable: it cannot be read or written.
        :raises StorageFailed: a write or a sync failed.
        """
        hand_over = sink or _forget
        with ExitStack() as undo:
            file = AppendFile(path, reserve_bytes=_RESERVE_BYTES)
            undo.callback(file.close)
            size, end = whole_end(path)
            with _no_cycle_search():
                ending = load(path, end, hand_over)
            ledger = cls(file, ending)
            ledger._repair(size, end, ending, ending.last_ts or now_ts, hand_over)
            ledger.sync()
            undo.pop_all()
        return ledger

    @property
    def last_hash(self) -> str:
        """SHA-256 of the last line, as 64 hexadecimal digits."""
        return self._prev.decode("ascii")

    def write(self, batch: Sequence[TradeEvent]) -> int:
        """Add one batch: the next lines, all or none of which will ever count. Durable only after :meth:`sync`.

        :returns: the last line's seq.
        :raises EventUnwritable: an event could not be read back; nothing of the batch is written.
        :raises ValueError: the batch is empty.
        """
        if not batch:
            raise ValueError("a batch holds at least one event")
        lines, self._prev = encode_batch(self.last_seq + 1, self._prev, batch)
        self._staged += lines
        self.last_seq += len(batch)
        self.last_ts = batch[-1].ts
        return self.last_seq

    def flush(self) -> None:
        """Hand everything written to the system by one append. Other processes see it; a power cut may still lose it.

        :raises StorageFailed: the append failed; the ledger is not used any more.
        """
        data = self.take_staged().data
        if data:
            self._file.append(data)

    def sync(self) -> None:
        """Return when everything written is durable.

        :raises StorageFailed: the append or the sync failed; the ledger is not used any more.
        """
        self.persist(self.take_staged())

    def take_staged(self) -> Staged:
        """Everything written that has not been appended, to be given to :meth:`persist`."""
        if not self._staged:
            return Staged(b"", self.last_seq)
        self._staged.append(b"")
        data = b"\n".join(self._staged)
        self._staged.clear()
        return Staged(data, self.last_seq)

    def persist(self, staged: Staged) -> None:
        """Append and sync. The one call that may run in a thread, one at a time, while batches are being written.

        :raises StorageFailed: the append or the sync failed; the ledger is not used any more.
        """
        if staged.data:
            self._file.append(staged.data)
        offset = self._file.size
        self._file.sync()
        self.durable_offset = offset
        self.durable_seq = staged.last_seq

    def close(self) -> None:
        """Give the file back; what was written and not synced is lost. Closing twice is allowed."""
        self._file.close()

    def _repair(self, size: int, end: int, ending: Ending, ts: str, sink: Sink) -> None:
        """Put the end right: cut, and say so in one batch that has no cause."""
        said: list[TradeEvent] = []
        if size > end:
            self.repaired = LedgerRepaired(
                ts=ts, cut_bytes=size - end, cut_text=_beginning(self.path, end, size)
            )
            said.append(self.repaired)
            self._file.truncate_to(end)
        if ending.open_from:
            self.voided = BatchVoided(ts=ts, from_seq=ending.open_from, to_seq=ending.last_seq)
            said.append(self.voided)
        if said:
            last = self.write(said)
            self.sync()
            sink(last - len(said) + 1, said)


def _forget(_first_seq: int, _events: Sequence[TradeEvent]) -> None:
    """The sink of a caller that wants no events."""


def _beginning(path: Path, start: int, end: int) -> str:
    """How a cut line began, as text."""
    stop = min(end, start + _CUT_TEXT_BYTES)
    return b"".join(read_chunks(path, start=start, end=stop)).decode("utf-8", "backslashreplace")


@contextmanager
def _no_cycle_search() -> Iterator[None]:
    """Folding makes no cycles, and looking for some among a million events takes longer than reading them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
