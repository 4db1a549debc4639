"""The hash chain of a whole ledger, checked on its own: every line numbered in order and naming the line before it.

Half of the time that opening a long ledger takes is hashing, so it can be done by a second process while the first one
reads the events: this file runs as a program for that, which is why it imports the standard library alone.
It only finds out *that* something is wrong; what and where is told by :func:`storage.ledger_reader.find_damage`.
"""

import subprocess
import sys
from binascii import hexlify
from hashlib import sha256
from pathlib import Path
from typing import Protocol

_GENESIS = b"0" * 64
_READ_BYTES = 128 * 1024
_BROKEN = 3  # the second process's verdict; every other failure of it is no verdict
# Starting a second Python costs as much as hashing this many bytes here.
PARALLEL_FROM_BYTES = 8 * 1024 * 1024


class ChainCheck(Protocol):
    """Told every block of whole lines in order, then asked."""

    def feed(self, block: bytes) -> bool:
        """False as soon as the chain is known to be broken."""

    def result(self) -> tuple[int, bytes] | None:
        """The last ``seq`` and the last line's hash, or ``None`` when the chain is broken."""

    def close(self) -> None:
        """Give up early."""


class InlineChain:
    """Checks each block as it comes. ``seq`` and ``prev`` are those of the line before the first."""

    __slots__ = ("_prev", "_seq", "_sound")

    def __init__(self, seq: int = 0, prev: bytes = _GENESIS) -> None:
        self._seq = seq
        self._prev = prev
        self._sound = True

    def feed(self, block: bytes) -> bool:
        """Go on with a block of whole lines."""
        seq, prev = self._seq, self._prev
        lines = block.split(b"\n")
        lines.pop()
        for line in lines:
            seq += 1
            if not line.startswith(b'{"v":1,"seq":%d,"prev":"%b",' % (seq, prev)):
                self._sound = False
                return False
            prev = hexlify(sha256(line).digest())
        self._seq, self._prev = seq, prev
        return True

    def result(self) -> tuple[int, bytes] | None:
        """The last ``seq`` and hash, or ``None``."""
        return (self._seq, self._prev) if self._sound else None

    def close(self) -> None:
        """Nothing to give up."""


class ParallelChain:
    """A second process checks the first ``end`` bytes of the file while this one reads them for itself.

    :raises OSError: the process cannot be started.
    """

    __slots__ = ("_end", "_path", "_process")

    def __init__(self, path: Path, end: int) -> None:
        self._path, self._end = path, end
        command = [sys.executable, "-I", "-S", __file__, str(path), str(end)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)  # noqa: S603

    def feed(self, block: bytes) -> bool:  # noqa: ARG002 - the other process reads for itself
        """Only whether the other process has found something already is looked at, and that is cheap."""
        return self._process.poll() != _BROKEN

    def result(self) -> tuple[int, bytes] | None:
        """Wait for the other process. If it ended without a verdict, do its work here."""
        answer, _ = self._process.communicate()
        if self._process.returncode == _BROKEN:
            return None
        if self._process.returncode:
            return check_file(self._path, self._end)
        seq, prev = answer.split()
        return int(seq), prev

    def close(self) -> None:
        """End the other process if it still runs."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


def chain_check(path: Path, end: int) -> ChainCheck:
    """The quicker way to check the first ``end`` bytes of a file, which end with a newline."""
    if end >= PARALLEL_FROM_BYTES and sys.executable:
        try:
            return ParallelChain(path, end)
        except OSError:
            return InlineChain()  # no second process to be had here: slower, and just as true
    return InlineChain()


def check_file(path: Path, end: int) -> tuple[int, bytes] | None:
    """The last ``seq`` and hash of the first ``end`` bytes, or ``None`` when their chain is broken."""
    chain = InlineChain()
    rest = b""
    with path.open("rb", buffering=0) as file:
        while file.tell() < end:
            chunk = file.read(min(_READ_BYTES, end - file.tell()))
            cut = chunk.rfind(b"\n") + 1
            if not chunk or (cut and not chain.feed(rest + chunk[:cut])):
                return None
            rest = chunk[cut:] if cut else rest + chunk
    return None if rest else chain.result()


def main(path: str, end: int) -> int:
    """Check a file; print the last ``seq`` and hash and return 0, or return 3."""
    result = check_file(Path(path), end)
    if result is None:
        return _BROKEN
    sys.stdout.write(f"{result[0]} {result[1].decode('ascii')}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
