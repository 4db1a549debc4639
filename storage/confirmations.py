"""What Discord's commands must remember over a restart: confirmations that were asked for, and what was registered."""

from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path

from options.values import Micros
from storage.tables import Tables, opened

_CONFIRMATIONS = """CREATE TABLE IF NOT EXISTS confirmations
    (token TEXT PRIMARY KEY, command BLOB NOT NULL, asked_by INTEGER NOT NULL, asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, by_another INTEGER NOT NULL, state TEXT NOT NULL, decided_by INTEGER NOT NULL)
    STRICT"""
_REGISTERED = """CREATE TABLE IF NOT EXISTS registered_commands
    (place TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT"""
_DECIDE = "UPDATE confirmations SET state = ?, decided_by = ? WHERE token = ? AND state = 'open'"


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


class Confirmations(Tables):
    """Confirmations by their token, and the definition of the commands that Discord was told last.

    All of it may be lost: a lost token cannot be confirmed, and commands are registered once more.

    :raises FolderUnusable: the store cannot be opened.
    """

    __slots__ = ()

    def __init__(self, path: Path) -> None:
        super().__init__(path, opened(path, _CONFIRMATIONS, _REGISTERED))

    def keep(self, asked: Confirmation) -> None:
        """Remember durably what was asked; what has long expired is dropped. A known token stays as it is.

        :raises StorageFailed: it could not be made durable.
        """
        horizon = asked.asked_at - (asked.expires_at - asked.asked_at) * 10
        self._change("DELETE FROM confirmations WHERE expires_at < ?", (horizon,))
        self._change("INSERT OR IGNORE INTO confirmations VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(asked))

    def get(self, token: str) -> Confirmation | None:
        """What was asked under a token.

        :raises StorageFailed: the store cannot be read any more.
        """
        rows = self._select("SELECT * FROM confirmations WHERE token = ?", token)
        if not rows:
            return None
        found, command, asked_by, asked_at, expires_at, by_another, state, decided_by = rows[0]
        return Confirmation(
            found, command, asked_by, asked_at, expires_at, bool(by_another), Decision(state), decided_by
        )

    def decide(self, token: str, state: Decision, user_id: int) -> bool:
        """Decide once and for all; false if that had been done before, in whatever way.

        :raises StorageFailed: it could not be made durable.
        """
        return self._change(_DECIDE, (state, user_id, token)) == 1

    def registered(self, place: str) -> str:
        """The definition that a place was told last; empty for none.

        :raises StorageFailed: the store cannot be read any more.
        """
        rows = self._select("SELECT definition FROM registered_commands WHERE place = ?", place)
        return str(rows[0][0]) if rows else ""

    def set_registered(self, place: str, definition: str) -> None:
        """Remember what a place was told.

        :raises StorageFailed: it could not be made durable.
        """
        self._change("INSERT OR REPLACE INTO registered_commands VALUES (?, ?)", (place, definition))
