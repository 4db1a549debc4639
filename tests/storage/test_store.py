"""Readers keep their place, and a lost store costs a second look, not an event."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.files import FolderUnusable, StorageFailed
from storage.store import PostedMessage, PostedMessages, Posting, ReaderCursors
from storage.thread_news import ThreadNewsStore, ThreadRow


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "callboard.sqlite3"


def test_a_place_is_kept_over_a_restart(path: Path) -> None:
    """What was set is there when the store is opened again, for each reader by itself."""
    cursors = ReaderCursors(path)
    assert (cursors.get("cards"), cursors.get("analytics")) == (0, 0)
    cursors.set("cards", 12)
    cursors.set("analytics", 3)
    cursors.set("cards", 15)
    cursors.close()
    cursors.close()
    again = ReaderCursors(path)
    assert (again.get("cards"), again.get("analytics"), again.rebuilt) == (15, 3, "")
    assert path.stat().st_mode & 0o777 == 0o600
    again.close()


@settings(max_examples=20)
@given(places=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2**62)), max_size=10))
def test_the_newest_place_counts(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[str, int]]
) -> None:
    """However often and in whatever order it is set, the last place of a reader is the one read."""
    path = tmp_path_factory.mktemp("store") / "callboard.sqlite3"
    cursors = ReaderCursors(path)
    for reader, seq in places:
        cursors.set(reader, seq)
    assert {reader: cursors.get(reader) for reader, _ in places} == dict(places)
    cursors.close()


def test_a_new_store_says_so(path: Path) -> None:
    """A store that was not there starts every reader from the beginning, and tells."""
    cursors = ReaderCursors(path)
    assert "was not there" in cursors.rebuilt
    cursors.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def zeroed_page(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:8192] = bytes(4096)
    path.write_bytes(data)


def other_table(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("DROP TABLE reader_cursors; CREATE TABLE reader_cursors (name TEXT)")
    connection.close()


@pytest.mark.parametrize("harm", [garbage, torn, zeroed_page, other_table])
def test_a_store_that_cannot_be_read_is_made_anew(path: Path, harm: Callable[[Path], None]) -> None:
    """Broken in any way it is set aside, said, and begun again from 0; it works from then on."""
    cursors = ReaderCursors(path)
    cursors.set("cards", 12)
    cursors.close()
    harm(path)
    cursors = ReaderCursors(path)
    assert "cannot be read" in cursors.rebuilt
    assert cursors.get("cards") == 0
    cursors.set("cards", 1)
    cursors.close()
    assert path.with_name("callboard.sqlite3.broken").exists()
    again = ReaderCursors(path)
    assert (again.get("cards"), again.rebuilt) == (1, "")
    again.close()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The error names the path."""
    with pytest.raises(FolderUnusable, match=r"none/callboard\.sqlite3 cannot be opened"):
        ReaderCursors(tmp_path / "none" / "callboard.sqlite3")


def test_a_place_that_cannot_be_kept_is_told(path: Path) -> None:
    """A store that fails in use fails loudly; a place is never thought kept that is not."""
    cursors = ReaderCursors(path)
    cursors.close()
    with pytest.raises(StorageFailed, match="cards"):
        cursors.set("cards", 1)
    with pytest.raises(StorageFailed, match="cannot be read"):
        cursors.get("cards")


def posted(position_id: str, channel_id: int = 7) -> PostedMessage:
    return PostedMessage(position_id, channel_id, 1000, 1, 12, Posting.SHOWN, 99, 2000)


def test_the_archive_keeps_day_and_channel(path: Path) -> None:
    """What is put aside is no longer read at a start, is found with its day, and comes back when it is kept again."""
    store = PostedMessages(path)
    for message in (posted("T1-1"), posted("T2-1"), posted("T1-1", 8)):
        store.keep(message)
    store.archive(7, {"T1-1": "2026-03-11", "T9-1": "2026-03-11"})
    store.close()
    again = PostedMessages(path)
    assert again.messages(7) == {"T2-1": posted("T2-1")}
    assert again.messages(8) == {"T1-1": posted("T1-1", 8)}
    assert again.archived(7, "T1-1") == ("2026-03-11", posted("T1-1"))
    assert again.archived(7, "T2-1") is again.archived(7, "T9-1") is None
    again.keep(posted("T1-1"))
    assert set(again.messages(7)) == {"T1-1", "T2-1"}
    assert again.archived(7, "T1-1") is None
    again.close()


def test_a_start_reads_no_archive(path: Path) -> None:
    """What a start reads of a channel is found by an index that holds nothing of the archive."""
    store = PostedMessages(path)
    plan = store._connection.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM posted_messages WHERE channel_id = ? AND archived_day = ''", (7,)
    ).fetchall()
    assert "live_messages" in str(plan)
    store.close()


def test_a_store_of_an_earlier_version_is_taken_over(path: Path) -> None:
    """A store that knows neither pictures nor an archive gets both and keeps its messages and places."""
    ReaderCursors(path).close()
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE posted_messages; CREATE TABLE posted_messages (position_id TEXT NOT NULL, channel_id INTEGER NOT "
        "NULL, message_id INTEGER NOT NULL, generation INTEGER NOT NULL, seq INTEGER NOT NULL CHECK (seq >= 0), state "
        "TEXT NOT NULL, asked_at INTEGER NOT NULL, PRIMARY KEY (position_id, channel_id)) STRICT;"
        "INSERT INTO posted_messages VALUES ('T1-1', 7, 1000, 1, 12, 'shown', 99);"
        "INSERT INTO reader_cursors VALUES ('discord 7', 12)"
    )
    connection.close()
    store = PostedMessages(path)
    assert store.rebuilt == ""
    assert store.messages(7) == {"T1-1": PostedMessage("T1-1", 7, 1000, 1, 12, Posting.SHOWN, 99)}
    assert store.get("discord 7") == 12
    store.close()


def test_what_threads_were_told_is_kept_and_archived(path: Path) -> None:
    """A thread's row is there after a restart, by its channel; from the archive it comes when it is asked for."""
    ReaderCursors(path).close()
    rows = [ThreadRow("T1-1", 7, "0 0 1 2.5", 99, 1, 3, "0 0 2 5"), ThreadRow("T2-1", 7, "0 0 0 0", off=True)]
    with closing(ThreadNewsStore(path)) as store:
        for row in rows:
            store.keep(row)
        store.archive(7, {"T2-1": "2026-03-11"})
    with closing(ThreadNewsStore(path)) as store:
        assert store.rows(7) == {"T1-1": rows[0]}
        assert store.rows(8) == {}
        assert store.row(7, "T2-1") == rows[1]
        assert store.row(7, "T3-1") is None
        store.keep(rows[1])
        assert set(store.rows(7)) == {"T1-1", "T2-1"}
        plan = store._connection.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM thread_news WHERE channel_id = ? AND archived_day = ''", (7,)
        ).fetchall()
        assert "live_thread_news" in str(plan)
    with pytest.raises(StorageFailed, match="T1-1"):
        store.keep(rows[0])
    with pytest.raises(StorageFailed, match="cannot be read"):
        store.rows(7)
