"""What is wrong with the shape of a request that cannot be decoded: every field of it, each in a sentence."""

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from math import isfinite
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import msgspec

from options.commands import Command
from options.shown_text import WORD_CHARACTERS, printable

_WORDS: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    Decimal: "a number",
    str: "a text",
    bool: "true or false",
}
COMMANDS: dict[str, type[msgspec.Struct]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(Command)
}
PREVIEW = "preview"


def shape_faults(line: bytes) -> list[str]:
    """Everything that keeps a line from being a request; empty if nothing here does."""
    try:
        given = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [f"it is no JSON: {error}"]
    if isinstance(given, dict) and given.get("verb") == PREVIEW:
        others = [
            f"{_shown(name)} is no field of a preview" for name in given if name not in ("verb", "command")
        ]
        return [*others, *_command_faults(given.get("command"))]
    return _command_faults(given)


def unsendable(given: object, path: str = "") -> Iterator[str]:
    """The floats of a request that are no numbers: JSON has no word for them, and none would arrive."""
    if isinstance(given, msgspec.Struct):
        for name in given.__struct_fields__:
            yield from unsendable(getattr(given, name), f"{path}.{name}" if path else name)
    elif isinstance(given, tuple):
        for number, one in enumerate(given, start=1):
            yield from unsendable(one, f"{path} {number}")
    elif isinstance(given, float) and not isfinite(given):
        yield f"{path}: {given} is no number"


def _command_faults(given: object) -> list[str]:
    if not isinstance(given, dict):
        return ["it is no JSON object"]
    verb = given.get("verb")
    kind = COMMANDS.get(verb) if isinstance(verb, str) else None
    if kind is None:
        return [f"verb {_shown(verb)} is none of {', '.join(COMMANDS)}"]
    return list(_struct_faults(kind, {name: one for name, one in given.items() if name != "verb"}, ""))


def _struct_faults(kind: type[msgspec.Struct], given: dict[str, object], path: str) -> Iterator[str]:
    hints = get_type_hints(kind)
    for name in given:
        if name not in kind.__struct_fields__:
            known = ", ".join(kind.__struct_fields__)
            yield f"{path}{_shown(name)} is no field here; there are {known}"
    for field in msgspec.structs.fields(kind):
        if field.name in given:
            yield from _field_faults(hints[field.name], given[field.name], f"{path}{field.name}")
        elif field.required:
            yield f"{path}{field.name} is missing"


def _field_faults(hint: object, value: object, path: str) -> Iterator[str]:
    """What is wrong with one value: inside it where it is a plan or a list of them, else it as a whole."""
    allowed = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    for one in allowed:
        if isinstance(value, dict) and isinstance(one, type) and issubclass(one, msgspec.Struct):
            yield from _struct_faults(one, value, f"{path}.")
            return
        if isinstance(value, list) and get_origin(one) is tuple:
            for number, element in enumerate(value, start=1):
                yield from _field_faults(get_args(one)[0], element, f"{path} {number}")
            return
    try:
        msgspec.convert(value, hint)
    except (msgspec.ValidationError, OverflowError, UnicodeEncodeError):
        yield f"{path}: {_shown(value)} is not {' or '.join(map(_wanted, allowed))}"


def _wanted(kind: object) -> str:
    if kind is type(None):
        return "null"
    if get_origin(kind) is tuple:
        return "a list"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(str(one.value) for one in kind)}"
    return _WORDS.get(kind, "an object")


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
    return printable(text, WORD_CHARACTERS)
