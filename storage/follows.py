"""Who follows what in Discord, how far each follower was told, and which direct messages were asked for."""

from collections.abc import Collection
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path

from options.values import Micros
from storage.tables import Tables, Values, opened

_FOLLOWS = """CREATE TABLE IF NOT EXISTS follows
    (user_id INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, since_seq INTEGER NOT NULL,
    PRIMARY KEY (user_id, kind, name)) STRICT"""
_FOLLOWERS = """CREATE TABLE IF NOT EXISTS followers
    (user_id INTEGER PRIMARY KEY, channel_id INTEGER NOT NULL, seq INTEGER NOT NULL, refused_at INTEGER NOT NULL)
    STRICT"""
_DIRECTS = """CREATE TABLE IF NOT EXISTS direct_messages
    (user_id INTEGER NOT NULL, position_id TEXT NOT NULL, first_seq INTEGER NOT NULL, seq INTEGER NOT NULL,
    state TEXT NOT NULL, asked_at INTEGER NOT NULL, PRIMARY KEY (user_id, position_id)) STRICT"""
_END = "DELETE FROM follows WHERE user_id = ? AND kind = ? AND name = ?"
_MOVE = """UPDATE followers SET seq = :seq
    WHERE seq < :seq AND user_id NOT IN (SELECT value FROM json_each(:but))"""
_DROP = """DELETE FROM direct_messages
    WHERE seq <= :seq AND user_id NOT IN (SELECT value FROM json_each(:but))"""


class FollowKind(StrEnum):
    """What can be followed."""

    POSITION = "position"
    STRATEGY = "strategy"


@dataclass(frozen=True, slots=True)
class Follow:
    """A member's wish to be told: of one position by its id, or of all that a strategy does, after ``since_seq``."""

    user_id: int
    kind: FollowKind
    name: str
    since_seq: int


@dataclass(frozen=True, slots=True)
class Follower:
    """A member who follows something, or did.

    ``channel_id`` is that of the direct messages, 0 while it was not opened. Up to ``seq`` there is nothing more to
    tell. ``refused_at`` is when Discord refused a direct message to the member, 0 if it takes them.
    """

    user_id: int
    channel_id: int = 0
    seq: int = 0
    refused_at: Micros = 0


class Telling(StrEnum):
    """What is known of a direct message."""

    ASKED = "asked"
    """It was asked for, and no answer has come: it may be there."""
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """The last direct message to a member about a position: the news from ``first_seq`` through ``seq``."""

    user_id: int
    position_id: str
    first_seq: int
    seq: int
    state: Telling
    asked_at: Micros

    @property
    def told_through(self) -> int:
        """The last event that the member was surely told of."""
        return self.seq if self.state is Telling.TOLD else self.first_seq - 1


class FollowStore(Tables):
    """Follows, followers and their messages, in Discord's own store. What is lost here is lost: members follow anew.

    :raises FolderUnusable: the store cannot be opened.
    """

    __slots__ = ()

    def __init__(self, path: Path) -> None:
        super().__init__(path, opened(path, _FOLLOWS, _FOLLOWERS, _DIRECTS))

    def follows(self) -> list[Follow]:
        """Everything that anybody follows, in the order of members and names.

        :raises StorageFailed: the store cannot be read any more; so for every method here.
        """
        rows = self._select("SELECT * FROM follows ORDER BY user_id, kind, name")
        return [Follow(user_id, FollowKind(kind), name, since) for user_id, kind, name, since in rows]

    def add(self, follow: Follow) -> bool:
        """Remember a follow durably; false if it was there, which stays as it is."""
        return self._change("INSERT OR IGNORE INTO follows VALUES (?, ?, ?, ?)", astuple(follow)) == 1

    def remove(self, user_id: int, kind: FollowKind, name: str) -> bool:
        """End a follow; false if there was none."""
        return self._change(_END, (user_id, kind, name)) == 1

    def followers(self) -> list[Follower]:
        """Everybody who follows or did."""
        return [Follower(*row) for row in self._select("SELECT * FROM followers")]

    def keep_follower(self, follower: Follower) -> None:
        """Remember a follower durably."""
        self._change("INSERT OR REPLACE INTO followers VALUES (?, ?, ?, ?)", astuple(follower))

    def forget_follower(self, user_id: int) -> None:
        """End everything that a member follows; where to write to them is kept."""
        self._change("DELETE FROM follows WHERE user_id = ?", (user_id,))
        self._change("DELETE FROM direct_messages WHERE user_id = ?", (user_id,))
        self._change("UPDATE followers SET refused_at = 0 WHERE user_id = ?", (user_id,))

    def messages(self) -> list[DirectMessage]:
        """The last message of each member and position that is kept."""
        rows = self._select("SELECT * FROM direct_messages")
        return [
            DirectMessage(user_id, position_id, first_seq, seq, Telling(state), asked_at)
            for user_id, position_id, first_seq, seq, state, asked_at in rows
        ]

    def keep_message(self, message: DirectMessage) -> None:
        """Remember a message durably, in place of the one before about the position."""
        self._change("INSERT OR REPLACE INTO direct_messages VALUES (?, ?, ?, ?, ?, ?)", astuple(message))

    def told_all(self, seq: int, but: Collection[int]) -> None:
        """Everybody was told everything up to an event, ``but`` these members: their messages need not be kept."""
        values: Values = {"seq": seq, "but": f"[{', '.join(str(user_id) for user_id in but)}]"}
        self._change_all([(_MOVE, values), (_DROP, values)])
