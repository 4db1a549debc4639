"""What can be rebuilt and is kept only to save time: where each reader stands, and which messages show positions."""

import sqlite3
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from options.values import Micros
from storage.files import FolderUnusable
from storage.tables import Tables, connected

_SCHEMA = """CREATE TABLE IF NOT EXISTS reader_cursors
    (reader TEXT PRIMARY KEY, seq INTEGER NOT NULL CHECK (seq >= 0)) STRICT"""
_MESSAGES_SCHEMA = """CREATE TABLE IF NOT EXISTS posted_messages
    (position_id TEXT NOT NULL, channel_id INTEGER NOT NULL, message_id INTEGER NOT NULL, generation INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 0), state TEXT NOT NULL, asked_at INTEGER NOT NULL,
    attachment_id INTEGER NOT NULL DEFAULT 0, archived_day TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (position_id, channel_id)) STRICT"""
# What is in the archive is not in this index, so that a start reads what lives and nothing else.
_LIVE_MESSAGES = (
    """CREATE INDEX IF NOT EXISTS live_messages ON posted_messages (channel_id) WHERE archived_day = ''"""
)
_OLD_MESSAGE_COLUMNS = ["position_id", "channel_id", "message_id", "generation", "seq", "state", "asked_at"]
_MESSAGE_COLUMNS = [*_OLD_MESSAGE_COLUMNS, "attachment_id", "archived_day"]
_ADDED_COLUMNS = ("attachment_id INTEGER NOT NULL DEFAULT 0", "archived_day TEXT NOT NULL DEFAULT ''")
_KEEP_MESSAGE = """INSERT OR REPLACE INTO posted_messages (position_id, channel_id, message_id, generation, seq, state,
    asked_at, attachment_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_LIVE = "SELECT * FROM posted_messages WHERE channel_id = ? AND archived_day = ''"
_ARCHIVED = "SELECT * FROM posted_messages WHERE channel_id = ? AND position_id = ? AND archived_day != ''"
_ARCHIVE_MESSAGE = "UPDATE posted_messages SET archived_day = ? WHERE channel_id = ? AND position_id = ?"
_KEEP = "INSERT INTO reader_cursors VALUES (?, ?) ON CONFLICT (reader) DO UPDATE SET seq = excluded.seq"
_SIDE_FILES = ("", "-wal", "-shm")


class Posting(StrEnum):
    """What is known of a message."""

    ASKED = "asked"
    """It was asked for, and no answer has come: it may be there."""
    SHOWN = "shown"
    DELETED = "deleted"
    """Somebody took it away; it is to be posted once more."""
    GONE = "gone"
    """It was taken away again, and stays away."""


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """The message that shows a position in a channel.

    ``message_id`` is 0 while it is not known, ``generation`` how often it was taken away, ``seq`` the last event that
    it shows, ``asked_at`` when it was asked for. ``attachment_id`` is the picture that is on it; 0 when there is none,
    or when it is not known whether there is one.
    """

    position_id: str
    channel_id: int
    message_id: int
    generation: int
    seq: int
    state: Posting
    asked_at: Micros
    attachment_id: int = 0


class ReaderCursors(Tables):
    """How far each reader of the ledger has come, in ``callboard.sqlite3``.

    A store that is missing or cannot be read is made anew with every cursor at 0: readers show everything again,
    which they must bear (at least once). ``rebuilt`` says why that happened and is empty when it did not; a store that
    cannot be read is kept beside as ``….broken``.

    :raises FolderUnusable: the folder cannot be written, or the store is locked by another process.
    """

    __slots__ = ("rebuilt",)

    def __init__(self, path: Path) -> None:
        self.rebuilt = (
            "" if path.exists() else f"{path} was not there: every reader starts from the beginning"
        )
        try:
            connection = _opened(path)
        except sqlite3.OperationalError as error:
            raise FolderUnusable(f"{path} cannot be opened: {error}") from error
        except sqlite3.DatabaseError as error:
            self.rebuilt = f"{path} cannot be read ({error}): every reader starts from the beginning"
            for suffix in _SIDE_FILES:
                side = path.with_name(path.name + suffix)
                if side.exists():
                    side.replace(path.with_name(f"{path.name}.broken{suffix}"))
            connection = _opened(path)
        super().__init__(path, connection)

    def get(self, reader: str) -> int:
        """The seq that a reader is through with; 0 for one that has seen nothing.

        :raises StorageFailed: the store cannot be read any more.
        """
        rows = self._select("SELECT seq FROM reader_cursors WHERE reader = ?", reader)
        return int(rows[0][0]) if rows else 0

    def set(self, reader: str, seq: int) -> None:
        """Remember durably that a reader is through with ``seq``.

        :raises StorageFailed: it could not be made durable.
        """
        self._change(_KEEP, (reader, seq), f"could not keep the place of {reader}")


class PostedMessages(ReaderCursors):
    """Which message shows which position, beside its readers' places; what is lost is found again in the channels."""

    __slots__ = ()

    def messages(self, channel_id: int) -> dict[str, PostedMessage]:
        """A channel's messages by position, without those in the archive.

        :raises StorageFailed: the store cannot be read any more.
        """
        return {row[0]: _message(row) for row in self._select(_LIVE, channel_id)}

    def archived(self, channel_id: int, position_id: str) -> tuple[str, PostedMessage] | None:
        """The day and the message of a position in the archive; ``None`` if it is not there.

        :raises StorageFailed: the store cannot be read any more.
        """
        rows = self._select(_ARCHIVED, channel_id, position_id)
        return (rows[0][-1], _message(rows[0])) if rows else None

    def archive(self, channel_id: int, days: Mapping[str, str]) -> None:
        """Put the messages of positions that are over aside, each with the day (ISO) on which it was over.

        A message that is kept again comes back from the archive.

        :raises StorageFailed: it could not be made durable.
        """
        moved = [(_ARCHIVE_MESSAGE, (day, channel_id, position_id)) for position_id, day in days.items()]
        self._change_all(moved, "could not put messages into its archive")

    def keep(self, message: PostedMessage) -> None:
        """Remember a message durably, in place of what was known of it.

        :raises StorageFailed: it could not be made durable.
        """
        self._change(_KEEP_MESSAGE, astuple(message), f"could not keep the message of {message.position_id}")


def _message(row: tuple[Any, ...]) -> PostedMessage:
    position_id, channel_id, message_id, generation, seq, state, asked_at, attachment_id, _ = row
    return PostedMessage(
        position_id, channel_id, message_id, generation, seq, Posting(state), asked_at, attachment_id
    )


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to a file that is whole and has these tables as they should be."""
    connection = connected(path)
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        connection.execute(_SCHEMA)
        connection.execute(_MESSAGES_SCHEMA)
        have = len(_columns(connection, "posted_messages")) - len(_OLD_MESSAGE_COLUMNS)
        for column in _ADDED_COLUMNS[max(have, 0) :]:
            connection.execute(f"ALTER TABLE posted_messages ADD COLUMN {column}")
        for table, wanted in (("reader_cursors", ["reader", "seq"]), ("posted_messages", _MESSAGE_COLUMNS)):
            columns = _columns(connection, table)
            if columns != wanted:
                raise sqlite3.DatabaseError(f"its table {table} has the columns {columns}")
        connection.execute(_LIVE_MESSAGES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
