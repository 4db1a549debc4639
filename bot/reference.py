"""Writes the parts of the documentation that are made from the code: ``python -m bot.reference``.

``docs/ledger.md`` comes from :mod:`options.events`, ``docs/lifecycle.md`` from :mod:`options.lifecycle`. With
``--check`` nothing is written and the exit code is 1 if a page is not what the code says.
"""

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from bot.reference_text import (
    ENVELOPE,
    LEDGER_HEAD,
    LEDGER_RULES,
    LIFECYCLE_HEAD,
    LIFECYCLE_STATUSES,
    MADE_BY,
)
from options import events, lifecycle
from options.events import EVENT_TYPES, TradeEvent
from options.plan import Algo
from options.terms import Schedule, Share
from options.values import Side
from storage.codec import GENESIS, encode_line, line_hash
from storage.files import replace_file

DOCS = Path(__file__).resolve().parent.parent / "docs"
_SECTION = re.compile(r"^# --- (?P<name>.+?) -{3,}$")
_EVENT_CLASS = re.compile(r"class (\w+)\(")
_WORDS: dict[Any, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", Decimal: "decimal number",
}  # fmt: skip


def ledger_page() -> str:
    """``docs/ledger.md``."""
    parts = [LEDGER_HEAD, MADE_BY, ENVELOPE, *_example(), LEDGER_RULES, "## The events\n"]
    parts.append("Every event has `type`, `ts` and `cause` (see above); they are not repeated below.\n")
    for section, kinds in _sections():
        parts.append(f"### {section}\n")
        parts += [_struct_text(kind, "####", inherited={"ts", "cause"}) for kind in kinds]
    parts.append("## What fields are made of\n")
    structs, enums = _parts_used()
    parts += [_struct_text(kind, "###", inherited=set()) for kind in structs]
    parts += [_enum_text(kind) for kind in enums]
    return "\n".join(parts).rstrip() + "\n"


def lifecycle_page() -> str:
    """``docs/lifecycle.md``."""
    parts = [LIFECYCLE_HEAD, MADE_BY, LIFECYCLE_STATUSES, "## The picture\n", "```mermaid\nstateDiagram-v2"]
    names = {status: f"s{number}" for number, status in enumerate(_statuses(), 1)}
    parts += [f'    state "{" / ".join(status)}" as {name}' for status, name in names.items()]
    parts.append(f"    [*] --> {names[lifecycle.DRAFT]}: saved")
    parts += [
        f"    {names[start]} --> {names[end]}: {' / '.join(steps)}"
        for (start, end), steps in _arrows().items()
    ]
    parts.append("```\n\n## The table\n")
    parts.append("| order status | trade status | what happens | order status after | trade status after |")
    parts.append("| --- | --- | --- | --- | --- |")
    parts += [
        f"| {start[0]} | {start[1]} | {step} | {end[0]} | {end[1]} |"
        for (start, step), end in lifecycle.TRANSITIONS.items()
    ]
    parts.append("\n## The status of an exit\n")
    parts.append("An exit has its own status beside its trade's: ")
    parts[-1] += ", ".join(f"*{status.value}*" for status in lifecycle.ContingentStatus) + "."
    return "\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """Every page that is made from the code, by its name under ``docs/``."""
    return {"ledger.md": ledger_page(), "lifecycle.md": lifecycle_page()}


def stale(folder: Path = DOCS) -> list[str]:
    """The pages in a folder that are missing or not what the code says."""
    return [
        name
        for name, text in pages().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: Sequence[str]) -> int:
    """Write the stale pages, or with ``--check`` name them. Exit code 2 for an argument that is neither."""
    if any(argument != "--check" for argument in arguments):
        sys.stderr.write("usage: python -m bot.reference [--check]\n")
        return 2
    names = stale()
    if arguments:
        sys.stdout.write("".join(f"docs/{name} is stale: run python -m bot.reference\n" for name in names))
        return 1 if names else 0
    for name in names:
        replace_file(DOCS / name, pages()[name].encode())
        # The storage writes for its owner alone; documentation is for everybody.
        (DOCS / name).chmod(0o644)
        sys.stdout.write(f"docs/{name} is new\n")
    return 0


def _example() -> Iterator[str]:
    """Two lines of one batch, so that ``more`` and ``prev`` are seen."""
    ts = "2015-12-24T15:12:33.000000Z"
    trade = events.TradeActivated(ts=ts, trade_id="T3")
    share = Share(trade_id="T3", qty=2)
    parent = events.ParentOrderOpened(
        ts=ts, parent_id="P5", instrument="GOOG  151231C00750000", side=Side.BUY, qty=2,
        schedule=Schedule(algo=Algo.MARKET),
        urgency=0.5, shares=(share,),
    )  # fmt: skip
    first = encode_line(1, GENESIS, trade, more=True)
    second = encode_line(2, line_hash(first), parent)
    yield f"Two lines that are one batch:\n\n```json\n{first.decode()}\n{second.decode()}\n```\n"


def _sections() -> Iterator[tuple[str, list[type[TradeEvent]]]]:
    """The event types under the headings that their modules have, in their order."""
    by_name = {kind.__name__: kind for kind in EVENT_TYPES}
    found: dict[str, list[type[TradeEvent]]] = {}
    for module in dict.fromkeys(kind.__module__ for kind in EVENT_TYPES):
        section = module.rpartition(".")[2].replace("_", " ")
        for line in inspect.getsource(sys.modules[module]).splitlines():
            if heading := _SECTION.match(line):
                section = heading["name"]
            elif (declared := _EVENT_CLASS.match(line)) and declared[1] in by_name:
                found.setdefault(section, []).append(by_name.pop(declared[1]))
    assert not by_name, f"event types without a place: {', '.join(by_name)}"
    for name, kinds in found.items():
        yield name[0].upper() + name[1:], kinds


def _struct_text(kind: type[msgspec.Struct], heading: str, inherited: set[str]) -> str:
    lines = [f"{heading} {kind.__name__}\n", f"{_prose(kind)}\n"]
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in inherited]
    if fields:
        lines += ["| field | type | left out when |", "| --- | --- | --- |"]
        hints = get_type_hints(kind)
        lines += [
            f"| `{field.name}` | {_type_text(hints[field.name])} | {_default_text(field)} |"
            for field in fields
        ]
        lines.append("")
    return "\n".join(lines)


def _enum_text(kind: type[Enum]) -> str:
    values = ", ".join(f"`{member.value}`" for member in kind)
    return f"### {kind.__name__}\n\n{_prose(kind)} One of {values}.\n"


def _prose(kind: type) -> str:
    """A docstring as Markdown: its marks for code and references become backticks."""
    text = inspect.cleandoc(kind.__doc__ or "")
    assert text, f"{kind.__name__} has no docstring"
    return re.sub(r"(?::\w+)?:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", text).replace("``", "`")


def _type_text(hint: Any) -> str:  # noqa: ANN401 (a type hint can be anything)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return " or ".join(_type_text(part) for part in arguments if part is not NoneType)
    if origin is tuple:
        return f"list of {_type_text(arguments[0])}"
    if hint in _WORDS:
        return _WORDS[hint]
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


def _default_text(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return ""
    default = () if field.default is msgspec.NODEFAULT else field.default
    if default is None:
        return "there is none"
    if isinstance(default, Enum):
        return f"`{default.value}`"
    return (
        "empty"
        if default in ("", ())
        else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    )


def _parts_used() -> tuple[list[type[msgspec.Struct]], list[type[Enum]]]:
    """The structs and enumerations that fields are made of, in the order in which they are met."""
    waiting: list[Any] = [hint for kind in EVENT_TYPES for hint in get_type_hints(kind).values()]
    structs: dict[type[msgspec.Struct], None] = {}
    enums: dict[type[Enum], None] = {}
    while waiting:
        hint = waiting.pop(0)
        waiting += get_args(hint)
        if not isinstance(hint, type) or get_args(hint):
            continue
        if issubclass(hint, Enum):
            enums[hint] = None
        elif issubclass(hint, msgspec.Struct) and hint not in structs:
            structs[hint] = None
            waiting += get_type_hints(hint).values()
    return list(structs), list(enums)


def _statuses() -> list[lifecycle.Status]:
    """Every status that the table knows, in the order in which it is met."""
    seen = {lifecycle.DRAFT: None}
    for (start, _), end in lifecycle.TRANSITIONS.items():
        seen |= {start: None, end: None}
    return list(seen)


def _arrows() -> dict[tuple[lifecycle.Status, lifecycle.Status], list[str]]:
    """The steps between each two statuses, so that the picture has one arrow for them."""
    arrows: dict[tuple[lifecycle.Status, lifecycle.Status], list[str]] = {}
    for (start, step), end in lifecycle.TRANSITIONS.items():
        arrows.setdefault((start, end), []).append(step.value)
    return arrows


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
