"""A data folder that may not be searched, or an instance of somebody else: one sentence, and exit code 2."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.door.protocol import SOCKET_NAME
from tests.bot.command_room import callboard
from tests.nobody import as_nobody

CONTRACT = "GOOG 2015-12-31 750 C"
COMMANDS = [
    ("trade", "new", CONTRACT, "1"),
    ("trade", "modify", "T1", "--stop", "0.3"),
    ("trade", "cancel", "T1"),
    ("trade", "cancel", "T1", "--preview"),
    ("trade", "show", "T1"),
    ("trade", "list"),
    ("halt",),
    ("resume", "lunch"),
    ("explain", "P1"),
    ("close", "T1", "--preview"),
    ("trades",),
    ("positions",),
    ("events",),
    ("verify",),
]


@contextmanager
def made() -> Iterator[Path]:
    """A folder that others may enter; the tests' own are for their user alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("below", ["", "data"])
def test_a_data_folder_that_may_not_be_searched_is_named(words: tuple[str, ...], below: str) -> None:
    """The folder itself, or the one that it lies in: the sentence names it and the reason, no traceback."""
    with made() as folder:
        locked = folder / "locked"
        locked.mkdir(mode=0o000)
        with as_nobody():
            found = callboard(locked / below, *words)
        assert (found.exit_code, found.output.count("\n")) == (2, 1), found.output
        assert isinstance(found.exception, SystemExit)
        assert str(locked) in found.output
        assert "Permission denied" in found.output


def test_an_instance_of_somebody_else_is_not_asked() -> None:
    """Its door is there and may not be opened: said, and no ledger is touched."""
    with made() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(str(folder / SOCKET_NAME))
        door.listen(1)
        (folder / SOCKET_NAME).chmod(0o000)
        with as_nobody():
            found = callboard(folder, "halt")
        assert (found.exit_code, found.output.count("\n")) == (2, 1), found.output
        assert "cannot be asked by this user: Permission denied" in found.output
        assert [one.name for one in folder.iterdir()] == [SOCKET_NAME]
