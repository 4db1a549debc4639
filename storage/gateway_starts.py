"""When the bot began its last sessions on Discord's gateway, so that a crash loop cannot begin too many."""

import sqlite3
from pathlib import Path

from options.values import Micros
from storage.files import StorageFailed
from storage.store import opened

_SCHEMA = "CREATE TABLE IF NOT EXISTS gateway_starts (at INTEGER PRIMARY KEY) STRICT"


class GatewayStarts:
    """The moments (microseconds UTC) of the last starts, in the same file as the posted messages.

    :raises FolderUnusable: the store cannot be opened.
    """

    __slots__ = ("_connection", "_path")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = opened(path, _SCHEMA)

    def since(self, at: Micros) -> list[Micros]:
        """The starts after a moment, oldest first.

        :raises StorageFailed: the store cannot be read any more.
        """
        try:
            rows = self._connection.execute("SELECT at FROM gateway_starts WHERE at > ? ORDER BY at", (at,))
            return [row[0] for row in rows]
        except sqlite3.Error as error:
            raise StorageFailed(f"{self._path} cannot be read: {error}") from error

    def add(self, at: Micros, *, forget_before: Micros) -> None:
        """Remember a start durably, and forget those that count no more.

        :raises StorageFailed: it could not be made durable.
        """
        try:
            self._connection.execute("INSERT OR IGNORE INTO gateway_starts VALUES (?)", (at,))
            self._connection.execute("DELETE FROM gateway_starts WHERE at <= ?", (forget_before,))
        except sqlite3.Error as error:
            raise StorageFailed(f"{self._path} could not keep a start of the gateway: {error}") from error

    def close(self) -> None:
        """Give the store back. Closing twice is allowed."""
        self._connection.close()
