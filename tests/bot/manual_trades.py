"""The examples of the manual's page on trades, as they are written there: commands, markets, tables."""

import re
import shlex
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from bot.door.client import Heard
from bot.door.protocol import Answer
from options import commands as c
from tests.bot.command_room import callboard

PAGE = Path(__file__).resolve().parents[2] / "docs" / "manual" / "trades.md"
_PROMPT = "$ callboard "
Row = dict[str, str]


@dataclass(frozen=True)
class Example:
    """One section: its text, the commands in it, its tables by their first column, its JSON lines."""

    text: str
    commands: list[list[str]]
    tables: dict[str, list[Row]]
    json: str


def example(title: str) -> Example:
    """The section under a heading."""
    page = PAGE.read_text(encoding="utf-8")
    section = page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    assert section, f"the manual has no section {title!r}"
    commands = [
        shlex.split(line.removeprefix(_PROMPT)) for line in section.splitlines() if line.startswith(_PROMPT)
    ]
    json = "\n".join(re.findall(r"^```json\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
    return Example(section, commands, _tables(section), json)


def _tables(section: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for block in re.findall(r"(?:^\|.*\|\n)+", section, re.MULTILINE):
        names, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in block.splitlines()]
        assert names[0] not in found, f"two tables begin with {names[0]!r}"
        found[names[0]] = [dict(zip(names, row, strict=True)) for row in rows]
        assert found[names[0]], "a table without rows"
    return found


def meant(words: list[str]) -> list[c.Command]:
    """The commands that a line of the command line sends to whoever runs."""
    sent: list[c.Command] = []

    def ask(_data: object, command: c.Command, *_: object, **__: object) -> Heard:
        sent.append(command)
        answer = Answer(taken=True, command_id=command.command_id, verb=command.verb, trade_id="T1", seq=1)
        return Heard(answer, by_instance=False)

    with TemporaryDirectory() as folder, patch("bot.cli_ask.ask", ask):
        done = callboard(Path(folder), *words)
    assert done.exit_code == 0, done.output
    return sent


def dollars(text: str) -> Decimal:
    """A figure of a table."""
    return Decimal(text.replace(",", ""))


def day_of(text: str, year: int) -> date:
    """``5 June`` of a year; the examples know two months."""
    number, month = text.split()
    return date(year, {"June": 6, "December": 12}[month], int(number))
