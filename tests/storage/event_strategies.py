"""Events of every type with any values that their fields may hold, and ledgers made of them."""

import types
import typing
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from options.events import EVENT_TYPES, BatchVoided, LedgerRepaired, PositionMarked, TradeEvent, TradingHalted
from storage.codec import GENESIS, encode_line, line_hash

TS = "2015-12-24T14:30:00.000000Z"
LATER = "2015-12-25T09:00:00.000000Z"

texts = st.text(st.characters(codec="utf-8"), max_size=12)
times = st.datetimes().map(lambda at: at.isoformat(timespec="microseconds") + "Z")
decimals = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**12), 10**12), st.integers(0, 8)
) | st.sampled_from([Decimal(text) for text in ("-0.00", "-0E-9", "0E+3", "1E+20", "7E-12", "0.10")])
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    Decimal: decimals,
    type(None): st.none(),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if typing.get_origin(kind) in {types.UnionType, typing.Union}:
        return st.one_of([values_of(part) for part in typing.get_args(kind)])
    if typing.get_origin(kind) is tuple:
        return st.lists(values_of(typing.get_args(kind)[0]), max_size=3).map(tuple)
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    fields = {field.name: values_of(field.type) for field in msgspec.structs.fields(kind)}
    if issubclass(kind, TradeEvent):
        fields["ts"] = times
    return st.builds(kind, **fields)


events: st.SearchStrategy[TradeEvent] = st.one_of([values_of(kind) for kind in EVENT_TYPES])
facts = events.filter(lambda event: not isinstance(event, BatchVoided | LedgerRepaired))
batches = st.lists(st.lists(facts, min_size=1, max_size=4), min_size=1, max_size=5)


def mark(number: int) -> PositionMarked:
    """A small event that is told from others by its number."""
    return PositionMarked(
        ts=TS,
        cause=f"c{number}",
        trade_id=f"T{number}",
        position_id=f"T{number}-1",
        mark=1.5,
        high=2.0,
        low=1.25,
    )


def halt(reason: str) -> TradingHalted:
    """A small event with a text."""
    return TradingHalted(ts=TS, reason=reason, source="test")


def lines_of(plan: Sequence[Sequence[TradeEvent]]) -> list[bytes]:
    """The lines, without newlines, that a ledger of these batches has."""
    lines: list[bytes] = []
    prev = GENESIS
    for batch in plan:
        for index, event in enumerate(batch):
            line = encode_line(len(lines) + 1, prev, event, index < len(batch) - 1)
            prev = line_hash(line)
            lines.append(line)
    return lines


def write_lines(path: Path, lines: Sequence[bytes]) -> None:
    """A file of these lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
