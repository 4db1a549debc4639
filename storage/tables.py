"""Tables in a SQLite file: opened alike, durable when a statement returns, and failing in one sentence."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from storage.files import OWNER_ONLY, FolderUnusable, StorageFailed

_BUSY_S = 5
_NOT_KEPT = "failed"
Values = tuple[object, ...] | dict[str, object]


class Tables:
    """The tables of one maker in a file that others may have tables in too."""

    __slots__ = ("_connection", "path")

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def close(self) -> None:
        """Give the file back. Closing twice is allowed."""
        self._connection.close()

    def _select(self, query: str, *values: int | str) -> list[tuple[Any, ...]]:
        """All rows that a query finds.

        :raises StorageFailed: the file cannot be read any more.
        """
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StorageFailed(f"{self.path} cannot be read: {error}") from error

    def _change(self, statement: str, values: Values, what: str = _NOT_KEPT) -> int:
        """Run a statement durably; how many rows it changed. ``what`` is said of the file where that fails.

        :raises StorageFailed: it could not be made durable.
        """
        try:
            return self._connection.execute(statement, values).rowcount
        except sqlite3.Error as error:
            raise StorageFailed(f"{self.path} {what}: {error}") from error

    def _change_all(self, steps: Iterable[tuple[str, Values]], what: str = _NOT_KEPT) -> None:
        """Run statements durably, all of them or none; as :meth:`_change`."""
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for statement, values in steps:
                    self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise StorageFailed(f"{self.path} {what}: {error}") from error


def connected(path: Path) -> sqlite3.Connection:
    """A connection that commits by itself, to a file that its owner alone may read.

    :raises sqlite3.Error: the file cannot be opened, or is none of SQLite's.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S)
    try:
        path.chmod(OWNER_ONLY)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def opened(path: Path, *schemas: str) -> sqlite3.Connection:
    """A connection to a file with these tables in it.

    :raises FolderUnusable: the file cannot be opened.
    """
    try:
        connection = connected(path)
        for schema in schemas:
            connection.execute(schema)
    except sqlite3.Error as error:
        raise FolderUnusable(f"{path} cannot be opened: {error}") from error
    return connection
