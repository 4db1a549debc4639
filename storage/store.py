"""What can be rebuilt and is kept only to save time: where each reader stands, and which messages show positions."""

import sqlite3
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path

from options.values import Micros
from storage.files import OWNER_ONLY, FolderUnusable, StorageFailed

_SCHEMA = """CREATE TABLE IF NOT EXISTS reader_cursors
    (reader TEXT PRIMARY KEY, seq INTEGER NOT NULL CHECK (seq >= 0)) STRICT"""
_MESSAGES_SCHEMA = """CREATE TABLE IF NOT EXISTS posted_messages
    (position_id TEXT NOT NULL, channel_id INTEGER NOT NULL, message_id INTEGER NOT NULL, generation INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 0), state TEXT NOT NULL, asked_at INTEGER NOT NULL,
    PRIMARY KEY (position_id, channel_id)) STRICT"""
_MESSAGE_COLUMNS = ["position_id", "channel_id", "message_id", "generation", "seq", "state", "asked_at"]
_KEEP_MESSAGE = "INSERT OR REPLACE INTO posted_messages VALUES (?, ?, ?, ?, ?, ?, ?)"
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
    it shows, ``asked_at`` when it was asked for.
    """

    position_id: str
    channel_id: int
    message_id: int
    generation: int
    seq: int
    state: Posting
    asked_at: Micros


class ReaderCursors:
    """How far each reader of the ledger has come, in ``callboard.sqlite3``.

    A store that is missing or cannot be read is made anew with every cursor at 0: readers show everything again,
    which they must bear (at least once). ``rebuilt`` says why that happened and is empty when it did not; a store that
    cannot be read is kept beside as ``….broken``.

    :raises FolderUnusable: the folder cannot be written, or the store is locked by another process.
    """

    __slots__ = ("_connection", "path", "rebuilt")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rebuilt = (
            "" if path.exists() else f"{path} was not there: every reader starts from the beginning"
        )
        try:
            self._connection = _opened(path)
        except sqlite3.OperationalError as error:
            raise FolderUnusable(f"{path} cannot be opened: {error}") from error
        except sqlite3.DatabaseError as error:
            self.rebuilt = f"{path} cannot be read ({error}): every reader starts from the beginning"
            for suffix in _SIDE_FILES:
                side = path.with_name(path.name + suffix)
                if side.exists():
                    side.replace(path.with_name(f"{path.name}.broken{suffix}"))
            self._connection = _opened(path)

    def get(self, reader: str) -> int:
        """The seq that a reader is through with; 0 for one that has seen nothing.

        :raises StorageFailed: the store cannot be read any more.
        """
        try:
            row = self._connection.execute(
                "SELECT seq FROM reader_cursors WHERE reader = ?", (reader,)
            ).fetchone()
        except sqlite3.Error as error:
            raise StorageFailed(f"{self.path} cannot be read: {error}") from error
        return int(row[0]) if row else 0

    def set(self, reader: str, seq: int) -> None:
        """Remember durably that a reader is through with ``seq``.

        :raises StorageFailed: it could not be made durable.
        """
        try:
            self._connection.execute(_KEEP, (reader, seq))
        except sqlite3.Error as error:
            raise StorageFailed(f"{self.path} could not keep the place of {reader}: {error}") from error

    def close(self) -> None:
        """Give the store back. Closing twice is allowed."""
        self._connection.close()


class PostedMessages(ReaderCursors):
    """Which message shows which position, beside its readers' places; what is lost is found again in the channels."""

    __slots__ = ()

    def messages(self, channel_id: int) -> dict[str, PostedMessage]:
        """A channel's messages by position.

        :raises StorageFailed: the store cannot be read any more.
        """
        try:
            rows = self._connection.execute(
                "SELECT * FROM posted_messages WHERE channel_id = ?", (channel_id,)
            ).fetchall()
        except sqlite3.Error as error:
            raise StorageFailed(f"{self.path} cannot be read: {error}") from error
        return {
            position_id: PostedMessage(
                position_id, channel, message_id, generation, seq, Posting(state), asked_at
            )
            for position_id, channel, message_id, generation, seq, state, asked_at in rows
        }

    def keep(self, message: PostedMessage) -> None:
        """Remember a message durably, in place of what was known of it.

        :raises StorageFailed: it could not be made durable.
        """
        try:
            self._connection.execute(_KEEP_MESSAGE, astuple(message))
        except sqlite3.Error as error:
            raise StorageFailed(
                f"{self.path} could not keep the message of {message.position_id}: {error}"
            ) from error


def opened(path: Path, *schemas: str) -> sqlite3.Connection:
    """A connection for tables of other makers in a store that :class:`ReaderCursors` has opened before.

    It commits by itself and is durable when a statement returns.

    :raises FolderUnusable: the store cannot be opened.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        connection.execute("PRAGMA synchronous = FULL")
        for schema in schemas:
            connection.execute(schema)
    except sqlite3.Error as error:
        raise FolderUnusable(f"{path} cannot be opened: {error}") from error
    return connection


def _opened(path: Path) -> sqlite3.Connection:
    """A connection that commits by itself, its file whole and readable by its owner alone."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        path.chmod(OWNER_ONLY)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        connection.execute(_SCHEMA)
        connection.execute(_MESSAGES_SCHEMA)
        for table, wanted in (("reader_cursors", ["reader", "seq"]), ("posted_messages", _MESSAGE_COLUMNS)):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            if columns != wanted:
                raise sqlite3.DatabaseError(f"its table {table} has the columns {columns}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
