"""What the thread of each position has been told, so that nothing is told twice and nothing is forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.tables import Tables, opened

_SCHEMA = """CREATE TABLE IF NOT EXISTS thread_news
    (position_id TEXT NOT NULL, channel_id INTEGER NOT NULL, thread_id INTEGER NOT NULL, threads INTEGER NOT NULL,
    posts INTEGER NOT NULL, told TEXT NOT NULL, asked TEXT NOT NULL, off INTEGER NOT NULL,
    archived_day TEXT NOT NULL DEFAULT '', PRIMARY KEY (position_id, channel_id)) STRICT"""
_LIVE_INDEX = (
    """CREATE INDEX IF NOT EXISTS live_thread_news ON thread_news (channel_id) WHERE archived_day = ''"""
)
_LIVE = "SELECT * FROM thread_news WHERE channel_id = ? AND archived_day = ''"
_ONE = "SELECT * FROM thread_news WHERE channel_id = ? AND position_id = ?"
_KEEP = """INSERT OR REPLACE INTO thread_news (position_id, channel_id, thread_id, threads, posts, told, asked, off)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_ARCHIVE = "UPDATE thread_news SET archived_day = ? WHERE channel_id = ? AND position_id = ?"


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A position's thread in a channel.

    ``thread_id`` is 0 before there is one, ``threads`` how many were lost, ``posts`` the number of the last post that
    was asked for. ``told`` is what the posts have told, ``asked`` what the one tells whose answer has not come; empty
    without one. ``off``: nothing more goes there.
    """

    position_id: str
    channel_id: int
    told: str
    thread_id: int = 0
    threads: int = 0
    posts: int = 0
    asked: str = ""
    off: bool = False


class ThreadNewsStore(Tables):
    """The threads of all channels, in the same file as the posted messages.

    :raises FolderUnusable: the store cannot be opened.
    """

    __slots__ = ()

    def __init__(self, path: Path) -> None:
        super().__init__(path, opened(path, _SCHEMA, _LIVE_INDEX))

    def rows(self, channel_id: int) -> dict[str, ThreadRow]:
        """A channel's threads by position, without those in the archive.

        :raises StorageFailed: the store cannot be read any more.
        """
        return {row[0]: _thread(row) for row in self._select(_LIVE, channel_id)}

    def row(self, channel_id: int, position_id: str) -> ThreadRow | None:
        """A position's thread, in the archive too.

        :raises StorageFailed: the store cannot be read any more.
        """
        rows = self._select(_ONE, channel_id, position_id)
        return _thread(rows[0]) if rows else None

    def keep(self, row: ThreadRow) -> None:
        """Remember a thread durably, in place of what was known of it.

        :raises StorageFailed: it could not be made durable.
        """
        values = (
            row.position_id, row.channel_id, row.thread_id, row.threads, row.posts, row.told, row.asked, int(row.off)
        )  # fmt: skip
        self._change(_KEEP, values, f"could not keep the thread of {row.position_id}")

    def archive(self, channel_id: int, days: Mapping[str, str]) -> None:
        """Put the threads of positions that are over aside, each with the day (ISO) on which it was over.

        :raises StorageFailed: it could not be made durable.
        """
        moved = [(_ARCHIVE, (day, channel_id, position_id)) for position_id, day in days.items()]
        self._change_all(moved, "could not put threads into its archive")


def _thread(row: tuple[Any, ...]) -> ThreadRow:
    position_id, channel_id, thread_id, threads, posts, told, asked, off, _ = row
    return ThreadRow(position_id, channel_id, told, thread_id, threads, posts, asked, bool(off))
