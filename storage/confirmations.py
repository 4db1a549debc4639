"""What Discord's commands must remember over a restart: confirmations that were asked for, and what was registered."""

import sqlite3
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path

from options.values import Micros
from storage.files import OWNER_ONLY, FolderUnusable, StorageFailed

_CONFIRMATIONS = """CREATE TABLE IF NOT EXISTS confirmations
    (token TEXT PRIMARY KEY, command BLOB NOT NULL, asked_by INTEGER NOT NULL, asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, by_another INTEGER NOT NULL, state TEXT NOT NULL, decided_by INTEGER NOT NULL)
    STRICT"""
_REGISTERED = """CREATE TABLE IF NOT EXISTS registered_commands
    (place TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT"""
_DECIDE = "UPDATE confirmations SET state = ?, decided_by = ? WHERE token = ? AND state = 'open'"
_BUSY_S = 5


class Decision(StrEnum):
    """What became of a confirmation that was asked for."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A command that waits for a person's yes, under a token that is used once.

    ``command`` is what the door takes, ``asked_by`` and ``decided_by`` are user ids (0: nobody yet). Times are
    microseconds UTC. ``by_another``: who asked may not be who confirms.
    """

    token: str
    command: bytes
    asked_by: int
    asked_at: Micros
    expires_at: Micros
    by_another: bool = False
    state: Decision = Decision.OPEN
    decided_by: int = 0


class Confirmations:
    """Confirmations by their token, and the definition of the commands that Discord was told last.

    All of it may be lost: a lost token cannot be confirmed, and commands are registered once more.

    :raises FolderUnusable: the store cannot be opened.
    """

    __slots__ = ("_connection", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S)
            path.chmod(OWNER_ONLY)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute(_CONFIRMATIONS)
            self._connection.execute(_REGISTERED)
        except sqlite3.Error as error:
            raise FolderUnusable(f"{path} cannot be opened: {error}") from error

    def keep(self, asked: Confirmation) -> None:
        """Remember durably what was asked; what has long expired is dropped. A known token stays as it is.

        :raises StorageFailed: it could not be made durable.
        """
        horizon = asked.asked_at - (asked.expires_at - asked.asked_at) * 10
        self._run("DELETE FROM confirmations WHERE expires_at < ?", (horizon,))
        self._run("INSERT OR IGNORE INTO confirmations VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(asked))

    def get(self, token: str) -> Confirmation | None:
        """What was asked under a token.

        :raises StorageFailed: the store cannot be read any more.
        """
        row = self._run("SELECT * FROM confirmations WHERE token = ?", (token,)).fetchone()
        if row is None:
            return None
        found, command, asked_by, asked_at, expires_at, by_another, state, decided_by = row
        return Confirmation(
            found, command, asked_by, asked_at, expires_at, bool(by_another), Decision(state), decided_by
        )

    def decide(self, token: str, state: Decision, user_id: int) -> bool:
        """Decide once and for all; false if that had been done before, in whatever way.

        :raises StorageFailed: it could not be made durable.
        """
        return self._run(_DECIDE, (state, user_id, token)).rowcount == 1

    def registered(self, place: str) -> str:
        """The definition that a place was told last; empty for none.

        :raises StorageFailed: the store cannot be read any more.
        """
        row = self._run("SELECT definition FROM registered_commands WHERE place = ?", (place,)).fetchone()
        return "" if row is None else str(row[0])

    def set_registered(self, place: str, definition: str) -> None:
        """Remember what a place was told.

        :raises StorageFailed: it could not be made durable.
        """
        self._run("INSERT OR REPLACE INTO registered_commands VALUES (?, ?)", (place, definition))

    def close(self) -> None:
        """Give the store back. Closing twice is allowed."""
        self._connection.close()

    def _run(self, statement: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise StorageFailed(f"{self.path} failed: {error}") from error
