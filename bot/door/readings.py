"""What a request can mean of which some fields cannot be read, in two readings: see :mod:`bot.every_fault`."""

from collections.abc import Mapping
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import msgspec

from bot.door.shape import COMMANDS, PREVIEW
from bot.every_fault import STAND_IN_CONTRACTS, STAND_IN_QTYS, Readings
from options.commands import Command
from options.plan import EntryPlan, ExitPlan

_PLANS = (EntryPlan, ExitPlan)
_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_Fields = dict[str, object]


class _Unread(Exception):
    """A value, or what has to be in it, cannot be read."""


def readings_of(line: bytes) -> Readings | None:
    """The command of a line without what cannot be read, and with something right in its place.

    ``None`` where nothing can be asked about it: it is no command, or it is not said of which trade.
    """
    try:
        given = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(given, dict) and given.get("verb") == PREVIEW:
        given = given.get("command")
    verb = given.get("verb") if isinstance(given, dict) else None
    kind = COMMANDS.get(verb) if isinstance(verb, str) else None
    if kind is None:
        return None
    try:
        first = _command(kind, given, 0)
        return first, _command(kind, given, 1)
    except (_Unread, msgspec.DecodeError, UnicodeEncodeError, OverflowError):
        return None


def _command(kind: type[msgspec.Struct], given: _Fields, reading: int) -> Command:
    right: _Fields = {
        "command_id": "unread",
        "who": "unread",
        "qty": STAND_IN_QTYS[reading],
        "instrument": STAND_IN_CONTRACTS[reading],
        "direction": (1, -1)[reading],
    }
    fields = _kept(kind, given, right, whole=bool(reading))
    return _decoder.decode(msgspec.json.encode({**fields, "verb": given["verb"]}))


def _kept(kind: type[msgspec.Struct], given: _Fields, right: Mapping[str, object], *, whole: bool) -> _Fields:
    """The fields that can be read, or something ``right``; with ``whole`` a part is left out for one fault in it."""
    hints, kept = get_type_hints(kind), _Fields()
    for field in msgspec.structs.fields(kind):
        name = field.name
        try:
            if name in given:
                kept[name] = _value(hints[name], given[name], whole=whole)
            elif field.required:
                kept[name] = right[name]
        except _Unread:
            if name in right:
                kept[name] = right[name]
            elif field.required:
                raise
        except KeyError:
            raise _Unread from None
    return kept


def _value(hint: object, value: object, *, whole: bool) -> object:
    allowed = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    for one in allowed:
        if isinstance(value, dict) and isinstance(one, type) and issubclass(one, msgspec.Struct):
            if whole and one in _PLANS:
                return _kept(one, value, _right_in(value), whole=True)
            return _part(one, value) if whole else _kept(one, value, {}, whole=False)
        if isinstance(value, list) and get_origin(one) is tuple:
            return _elements(get_args(one)[0], value, whole=whole)
    try:
        msgspec.convert(value, hint)
    except (msgspec.ValidationError, OverflowError, UnicodeEncodeError) as error:
        raise _Unread from error
    return value


def _part(kind: type[msgspec.Struct], value: _Fields) -> _Fields:
    """A part of a plan, all of whose fields can be read."""
    kept = _kept(kind, value, {}, whole=True)
    if kept != value:
        raise _Unread
    return kept


def _elements(kind: object, values: list[object], *, whole: bool) -> list[object]:
    kept = []
    for value in values:
        try:
            kept.append(_value(kind, value, whole=True))
        except _Unread:
            if whole:
                raise
    return kept


def _right_in(plan: _Fields) -> _Fields:
    """What is right in a plan in the place of fields that others need."""
    ladder = plan.get("targets")
    rungs = len(ladder) if isinstance(ladder, list) else 0
    limited = "walk" if plan.get("limit_bound") is not None else "limit"
    return {
        "algo": "market" if plan.get("limit_price") is None and limited == "limit" else limited,
        "limit_price": 1,
        "give_up_after_s": 60,
        "trail": 0.25,
        "targets": [{"gain": number / 100, "share": 0.01} for number in range(1, rungs + 1)],
    }
