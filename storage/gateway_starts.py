"""When the bot began its last sessions on Discord's gateway, so that a crash loop cannot begin too many."""

from pathlib import Path

from options.values import Micros
from storage.tables import Tables, opened

_SCHEMA = "CREATE TABLE IF NOT EXISTS gateway_starts (at INTEGER PRIMARY KEY) STRICT"


class GatewayStarts(Tables):
    """The moments (microseconds UTC) of the last starts, in the same file as the posted messages.

    :raises FolderUnusable: the store cannot be opened.
    """

    __slots__ = ()

    def __init__(self, path: Path) -> None:
        super().__init__(path, opened(path, _SCHEMA))

    def since(self, at: Micros) -> list[Micros]:
        """The starts after a moment, oldest first.

        :raises StorageFailed: the store cannot be read any more.
        """
        return [row[0] for row in self._select("SELECT at FROM gateway_starts WHERE at > ? ORDER BY at", at)]

    def add(self, at: Micros, *, forget_before: Micros) -> None:
        """Remember a start durably, and forget those that count no more.

        :raises StorageFailed: it could not be made durable.
        """
        what = "could not keep a start of the gateway"
        self._change("INSERT OR IGNORE INTO gateway_starts VALUES (?)", (at,), what)
        self._change("DELETE FROM gateway_starts WHERE at <= ?", (forget_before,), what)
