"""Signals from a JSON Lines file: every line becomes a signal, or says why it is none."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from json import JSONDecodeError
from pathlib import Path

from options.inputs import SignalArrived, SignalUnreadable
from options.signal import SignalError, parse_signal

LINE_BYTES_MAX = 64 * 1024
EXCERPT_LENGTH = 80
DIGITS_MAX = 40
DIGEST_LENGTH = 12


class SignalFileError(Exception):
    """A signals file cannot be read at all; the text says which and why."""


@dataclass(frozen=True, slots=True)
class SignalSource:
    """What one file held, line by line."""

    name: str
    items: tuple[SignalArrived | SignalUnreadable, ...]


def read_files(paths: Sequence[Path]) -> list[SignalArrived | SignalUnreadable]:
    """The lines of several files as one stream; files of one name are told apart by their paths.

    :raises SignalFileError: one cannot be read, or is given twice.
    """
    items: list[SignalArrived | SignalUnreadable] = []
    names = Counter(path.name for path in paths)
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise SignalFileError(f"the signals file {path} is given twice; give each file once")
        seen.add(path.resolve())
        items += read_signals(path, path.name if names[path.name] == 1 else str(path)).items
    return items


def read_signals(path: Path, name: str = "") -> SignalSource:
    """Read a whole signals file. A bad line spoils nothing but itself.

    ``name`` is what the ledger calls the file, by default its name without its folder.

    :raises SignalFileError: the file is missing, a folder, or may not be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        raise SignalFileError(f"there is no signals file {path}") from None
    except OSError as error:
        raise SignalFileError(f"the signals file {path} cannot be read: {error.strerror}") from error
    if lines[-1] == b"":
        lines.pop()
    name = name or path.name
    return SignalSource(name, tuple(read_lines(lines, name)))


def read_lines(lines: Iterable[bytes], name: str) -> Iterable[SignalArrived | SignalUnreadable]:
    """Every line as an input; ``name`` and the line's number say where it stood."""
    for number, line in enumerate(lines, start=1):
        yield read_line(line, f"{name}:{number}")


def read_line(line: bytes, where: str) -> SignalArrived | SignalUnreadable:
    """One line as an input."""
    excerpt = "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in line[:EXCERPT_LENGTH])
    digest = sha256(line).hexdigest()[:DIGEST_LENGTH]
    refused = partial(SignalUnreadable, where, excerpt=excerpt if line.strip() else "", line=digest)
    if len(line) > LINE_BYTES_MAX:
        return refused((f"the line is {len(line):,} bytes long; at most {LINE_BYTES_MAX:,} are read",))
    if not line.strip():
        return refused(("the line is empty; a signal is one JSON object a line",))
    try:
        raw = json.loads(
            line, parse_int=_whole_number, parse_constant=_no_constant, object_pairs_hook=_once_each
        )
    except JSONDecodeError as error:
        return refused((f"not JSON: {error.msg} at character {error.pos + 1}",))
    except RecursionError:
        return refused(("not a signal: it is nested too deeply",))
    except (UnicodeDecodeError, _JsonFault) as error:
        return refused((f"not JSON: {error}",))
    try:
        return SignalArrived(parse_signal(raw), where, digest)
    except SignalError as error:
        found = raw.get("id") if isinstance(raw, dict) else None
        signal_id = found if isinstance(found, str) and found.isprintable() else ""
        return refused(error.reasons, signal_id[:64])


class _JsonFault(ValueError):
    """What Python's parser would let pass and JSON does not."""


def _no_constant(name: str) -> float:
    raise _JsonFault(f"{name} is not a JSON number")


def _whole_number(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise _JsonFault(f"a number of {len(digits):,} digits; at most {DIGITS_MAX} are read")
    return int(digits)


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise _JsonFault(f"the field {name[:64]!a} stands twice")
        found[name] = value
    return found
