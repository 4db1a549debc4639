"""Standard output as a reader that may go away: neither a closed pipe nor a full disk behind it ends a trading day."""

import codecs
import errno
import io
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from typing_extensions import Buffer


LOST = 2
"""The exit code of a command whose output could not be written down."""

_PLAINLY = {
    "−": "-", "–": "-", "…": "...", "·": "-", "→": "->", "×": "x", "½": "1/2", "¼": "1/4", "¾": "3/4",
    "✔": "+", "✘": "x", "▲": "^", "▼": "v", "№": "No.", "µ": "u",
}  # fmt: skip
_ERRORS = "callboard_plainly"


class _Lasting(io.RawIOBase):
    """Passes bytes on; once they cannot be, all that comes is dropped, and ``fault`` says why."""

    def __init__(self, inner: io.FileIO) -> None:
        super().__init__()
        self._inner = inner
        self.fault: OSError | None = None

    def writable(self) -> bool:
        """Always."""
        return True

    def isatty(self) -> bool:
        """Whether a person looks on."""
        return self._inner.isatty()

    def fileno(self) -> int:
        """What the system calls it."""
        return self._inner.fileno()

    def write(self, data: "Buffer", /) -> int | None:
        """Pass bytes on, or drop them."""
        if self.fault is None:
            try:
                return self._inner.write(data)
            except OSError as error:
                self.fault = error
        return memoryview(data).nbytes


class Outlet:
    """Stands behind ``sys.stdout`` while a command runs; use it in a ``with``.

    A reader that goes away is told nothing more, as it wanted. A disk that is full is told of at the end, in a sentence
    and an exit code. What the terminal's encoding lacks is written in plain letters: a loss stays a loss, ``-$5.00``.
    """

    def __init__(self) -> None:
        self._kept = sys.stdout
        self._raw: _Lasting | None = None

    def __enter__(self) -> Self:
        codecs.register_error(_ERRORS, _plainly)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=_ERRORS)
        buffer = getattr(self._kept, "buffer", None)
        inner = getattr(buffer, "raw", buffer)
        if isinstance(inner, io.FileIO) and isinstance(self._kept, io.TextIOWrapper):
            self._kept.flush()
            self._raw = _Lasting(inner)
            sys.stdout = io.TextIOWrapper(
                io.BufferedWriter(self._raw),
                encoding=self._kept.encoding,
                errors=_ERRORS,
                line_buffering=self._kept.line_buffering,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._raw is not None:
            sys.stdout.flush()
            sys.stdout = self._kept

    @property
    def lost(self) -> str:
        """Why not all was written that somebody wanted to read; empty if all was."""
        fault = None if self._raw is None else self._raw.fault
        return "" if fault is None or fault.errno == errno.EPIPE else str(fault.strerror)


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wanted = error.object[error.start : error.end]
    return "".join(_PLAINLY.get(letter, "?") for letter in wanted), error.end
