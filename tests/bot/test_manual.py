"""The manual's examples are run as they stand there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from storage.ledger import LEDGER_PATH
from storage.verify import Verdict, verify
from tests.bot.command_room import KEY, CommandRoom, callboard

PAGE = Path(__file__).resolve().parents[2] / "docs" / "manual" / "commands.md"
_QUOTED = re.compile(r"^> The (?P<which>.*)call is quoted (?P<bid>\d+\.\d+) / (?P<ask>\d+\.\d+)\.$")
_KEYS = {"": KEY, "15 January 760 ": "GOOG  160115C00760000"}
_PROMPT = "$ callboard "


def replayed(page: str, room: CommandRoom) -> Iterator[str]:
    """The page's lines with what its commands answer now, the market moving where the page says so."""
    in_block = False
    for line in page.splitlines():
        if line.startswith("```"):
            in_block = line == "```console"
        elif in_block and not line.startswith(_PROMPT):
            continue
        yield line
        moved = _QUOTED.match(line)
        if moved is not None:
            room.quote(float(moved["bid"]), float(moved["ask"]), _KEYS[moved["which"]])
        elif in_block and line.startswith(_PROMPT):
            yield from callboard(room.data, *shlex.split(line.removeprefix(_PROMPT))).output.splitlines()


def test_the_commands_of_the_manual_answer_as_it_says(tmp_path: Path) -> None:
    """Every answer on the page is what the program says, word for word, and the ledger it leaves is sound."""
    page = PAGE.read_text(encoding="utf-8")
    with CommandRoom(tmp_path) as room:
        found = "\n".join(replayed(page, room)) + "\n"
    assert found == page
    assert page.count(_PROMPT) > 20
    assert verify(tmp_path / LEDGER_PATH).verdict is Verdict.SOUND
