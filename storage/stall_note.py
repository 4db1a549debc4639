"""Whom the process waits for: a small file from which the next start knows what ended it, should nobody else tell.

It holds one line while a strategy is asked. Whoever ends the process because no answer comes writes where the strategy
was behind that line; a process that is killed for another reason leaves the line alone, which means nothing.
"""

from pathlib import Path

import msgspec

from storage.files import NoteFile

STALL_NAME = "stalled.txt"
_SHOWN_BYTES = 16 * 1024


class Stall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A strategy that gave no answer to a signal within ``limit_s`` seconds; ``stack`` is where it was."""

    strategy: str
    signal_id: str
    limit_s: float
    stack: str = ""


class StallNote:
    """The note in a data folder. The caller holds the folder's lock.

    ``left`` is what the process before has left in it, if that was ended over a strategy; it stays until the next note.

    :raises FolderUnusable: the file cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._file = NoteFile(folder / STALL_NAME)
        self.left = self._read()

    @property
    def descriptor(self) -> int:
        """For what is written behind the line without any further help."""
        return self._file.descriptor

    def begin(self, strategy: str, signal_id: str, limit_s: float) -> None:
        """A strategy is about to be asked.

        :raises StorageFailed: it cannot be written down.
        """
        self._file.write(msgspec.json.encode(Stall(strategy, signal_id, limit_s)) + b"\n")

    def clear(self) -> None:
        """It has answered."""
        self._file.write(b"")

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _read(self) -> Stall | None:
        line, _, stack = self._file.read(_SHOWN_BYTES).partition(b"\n")
        if not stack.strip():
            return None
        try:
            noted = msgspec.json.decode(line, type=Stall)
        except msgspec.DecodeError:
            return None  # somebody else's file: it names nobody
        return msgspec.structs.replace(noted, stack=stack.decode("utf-8", "replace"))
