"""One line of the ledger: its head, its event, and the one way to write both.

``{"v":1,"seq":12,"prev":"<64 hex>","more":1,"type":"OrderFilled","ts":"…",…}``: ``v`` is the schema's version, ``seq``
counts from 1 without gaps, ``prev`` is the SHA-256 of the line before without its newline (64 zeros for the first),
``more`` says that the next line belongs to the same batch. The rest is the event as :mod:`options.events` has it, its
decimals as JSON numbers. There is one spelling for every event: what was read is written back to the same bytes.
"""

import re
from binascii import hexlify
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Union

import msgspec

from options.events import EVENT_TYPES, TradeEvent
from storage.files import StorageError

VERSION = 1
GENESIS = b"0" * 64

# A quotation mark inside a text is always escaped, so these bytes can only be a head's.
MORE_MARK = b'","more":1,"type":"'

_HEAD = re.compile(
    rb'\{"v":(?P<version>\d+),"seq":(?P<seq>[1-9]\d*),"prev":"(?P<prev>[0-9a-f]{64})",(?P<more>"more":1,)?"type":"'
)

# How a float that is no number (null), a decimal that is none (NaN, Infinity) and a negative zero begin after their
# field's colon. Some harmless texts and negative fractions look like that too; they only take a second look.
_suspect = re.compile(rb":[nNIs-][u0aInNs]").search

_encoder = msgspec.json.Encoder(decimal_format="number")
_encode = _encoder.encode
_encode_all = _encoder.encode_lines
# Built at run time from every event type, which a type checker cannot follow.
_EVENT: Any = Union[EVENT_TYPES]  # noqa: UP007
_decoder: msgspec.json.Decoder[TradeEvent] = msgspec.json.Decoder(_EVENT)

# Whole lines at once, heads and all; the head's fields are no event's and are passed over. Raises msgspec.DecodeError.
decode_lines = _decoder.decode_lines


class EventUnwritable(ValueError):
    """An event holds what the ledger cannot give back (a float that is no number, a text that is no Unicode)."""


class LineError(ValueError):
    """A line is no line of this ledger; the text says what is wrong with it."""


class LedgerDamaged(StorageError):
    """A line of the ledger is not what was written. It is never repaired and never skipped."""

    def __init__(self, path: object, line: int, reason: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}")
        self.line = line
        self.reason = reason


class Record(msgspec.Struct, frozen=True, gc=False):
    """One line as it was read: ``prev`` is the hash that it carries, ``more`` that its batch goes on."""

    seq: int
    prev: bytes
    more: bool
    event: TradeEvent


def line_hash(line: bytes) -> bytes:
    """SHA-256 of a line without its newline, as 64 hexadecimal digits."""
    return hexlify(sha256(line).digest())


def encode_line(seq: int, prev: bytes, event: TradeEvent, more: bool = False) -> bytes:
    """A line without its newline. ``prev`` is :func:`line_hash` of the line before, or :data:`GENESIS`.

    :raises EventUnwritable: the event could not be read back as it is.
    """
    try:
        body = _encode(event)
    except (TypeError, ValueError, OverflowError) as error:
        raise EventUnwritable(f"{type(event).__name__} cannot be written: {error}") from error
    if _suspect(body):
        body = _settled(event, body)
    return b'{"v":1,"seq":%d,"prev":"%b",%b%b' % (seq, prev, b'"more":1,' if more else b"", body[1:])


def encode_batch(seq: int, prev: bytes, batch: Sequence[TradeEvent]) -> tuple[list[bytes], bytes]:
    """The lines of a batch from ``seq`` on, and the last one's hash: as :func:`encode_line` gives them, in one go.

    :raises EventUnwritable: one of the events could not be read back as it is.
    """
    try:
        text = _encode_all(batch)
    except (TypeError, ValueError, OverflowError):
        text = b""  # which event it is, and why, is told below
    lines: list[bytes] = []
    if not text or _suspect(text):
        last = seq + len(batch) - 1
        for number, event in enumerate(batch, start=seq):
            line = encode_line(number, prev, event, number < last)
            lines.append(line)
            prev = line_hash(line)
        return lines, prev
    *bodies, last_body, _ = text.split(b"\n")
    for body in bodies:
        line = b'{"v":1,"seq":%d,"prev":"%b","more":1,%b' % (seq, prev, body[1:])
        lines.append(line)
        prev = hexlify(sha256(line).digest())
        seq += 1
    line = b'{"v":1,"seq":%d,"prev":"%b",%b' % (seq, prev, last_body[1:])
    lines.append(line)
    return lines, hexlify(sha256(line).digest())


def decode_line(line: bytes, *, canonical: bool = False) -> Record:
    """Read one line without its newline; with ``canonical`` it must also be spelled as :func:`encode_line` spells it.

    :raises LineError: it is not whole, of another version, of an unknown type, or a field is not what it must be.
    """
    head = _HEAD.match(line)
    if head is None:
        raise LineError('it does not begin with {"v":1,"seq":…,"prev":"…","type":"…')
    if int(head["version"]) != VERSION:
        raise LineError(f"its schema version is {int(head['version'])}; this program reads version {VERSION}")
    try:
        event = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LineError(f"its event cannot be read: {error}") from error
    record = Record(int(head["seq"]), head["prev"], head["more"] is not None, event)
    if canonical and encode_line(record.seq, record.prev, event, record.more) != line:
        raise LineError("it is not spelled as this program writes it")
    return record


def _settled(event: TradeEvent, body: bytes) -> bytes:
    """The spelling that stays the same when it is read and written again (a decimal -0 becomes 0)."""
    try:
        back = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise EventUnwritable(f"{type(event).__name__} would not read back: {error}: {event}") from error
    if back != event:
        raise EventUnwritable(f"{type(event).__name__} would read back as something else: {event}")
    return _encode(back)
