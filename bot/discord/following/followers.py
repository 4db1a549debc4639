"""Who is to be told what, and the telling: beside the channels, at a pace that leaves them their part of the limits.

Driven by levels: what waits is which member is behind on which position and since when, so a burst or an outage ends in
one message a member and position, with all that happened and the newest truth.

A member whose direct messages are closed gets no more of them; with the next command or button they are told so, once,
and what they followed has ended then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import discord

from bot.discord.following.direct_text import DirectText, direct_text
from bot.discord.following.directs import CLOSED_CODES, FAILURES, FLAGGED, OPENING_TOO_FAST, Directs
from bot.discord.following.news import NewsBook
from bot.discord.publishing import backoff_s
from bot.position_view import PositionView
from options.events import TradeEvent
from storage.follows import Follow, FollowKind, FollowStore

WRITERS = 4
"""So many members are written to at a time; one who is slow to be reached holds the others up no more than that."""
_CHECK_EVERY_S = 900.0
_CURSOR_EVERY_S = 2.0
_TOO_FAST_S = 600.0
_BANNED_S = 60.0


@dataclass(frozen=True, slots=True)
class FollowPace:
    """How fast followers are told, in seconds.

    ``settle_s`` lets a burst become one message, ``every_s`` is the least between two messages to a member about a
    position (news that it is over does not wait for it), ``message_every_s`` between any two messages, ``open_every_s``
    between two channels that are opened. ``backoff_s`` is the first and the longest pause after a failure.
    """

    settle_s: float = 1.0
    every_s: float = 10.0
    message_every_s: float = 0.1
    open_every_s: float = 1.0
    backoff_s: tuple[float, float] = (1.0, 300.0)


@dataclass(slots=True)
class _Behind:
    """A member is behind on a position: since which event; when that may be told."""

    first_seq: int
    due_s: float


class _Stopped(Exception):
    """The member stopped following while the message was on its way."""


Key = tuple[int, str]


class Followers:
    """Follows by member, and what each has yet to be told. ``hear`` is called for every event, oldest first.

    :param view: a position as it is now. :param may_look: whether a member may still see what the bot tells.
    """

    def __init__(
        self,
        store: FollowStore,
        directs: Directs,
        view: Callable[[str], PositionView],
        ledger: str,
        say: Callable[[str], None],
        may_look: Callable[[int], Awaitable[bool]],
        pace: FollowPace,
    ) -> None:
        self.seq = 0
        self._store = store
        self.directs = directs
        self._news = NewsBook(view)
        self._ledger = ledger
        self._say = say
        self._may_look = may_look
        self._pace = pace
        self._follows: dict[tuple[FollowKind, str], dict[int, Follow]] = {}
        self._behind: dict[Key, _Behind] = {}
        self._busy: set[int] = set()
        self._told_s: dict[Key, float] = {}
        self._checked_s: dict[int, float] = {}
        self._failures: dict[int, int] = {}
        self._paused_until_s: dict[int, float] = {}
        self._next_s = 0.0
        self._cursor = 0
        self._cursor_due_s = 0.0
        self._wake = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._draining = False
        self._off = False
        for follow in store.follows():
            self._index(follow)

    # --- who follows what ---------------------------------------------------------------------------------------

    def follows_of(self, user_id: int) -> list[Follow]:
        """Everything that a member follows: strategies first, then positions, each in order."""
        found = [users[user_id] for users in self._follows.values() if user_id in users]
        return sorted(found, key=lambda one: (one.kind is FollowKind.POSITION, one.name))

    def follow(self, user_id: int, kind: FollowKind, name: str) -> bool:
        """A member follows from now on; false if they did before."""
        follow = Follow(user_id, kind, name, self.seq)
        if not self._store.add(follow):
            return False
        self._index(follow)
        return True

    def unfollow(self, user_id: int, kind: FollowKind, name: str) -> bool:
        """A member follows something no more; false if they did not."""
        gone = self._store.remove(user_id, kind, name)
        self._follows.get((kind, name), {}).pop(user_id, None)
        for user, position_id in list(self._behind):
            if user == user_id and not self._reasons(user_id, position_id):
                self._settle(user_id, position_id)
        return gone

    def unfollow_all(self, user_id: int) -> list[Follow]:
        """A member follows nothing any more; what they had followed."""
        had = self.follows_of(user_id)
        self.directs.forget(user_id)
        for users in self._follows.values():
            users.pop(user_id, None)
        for user, position_id in list(self._behind):
            if user == user_id:
                self._settle(user_id, position_id)
        return had

    def _index(self, follow: Follow) -> None:
        self._follows.setdefault((follow.kind, follow.name), {})[follow.user_id] = follow

    def _reasons(self, user_id: int, position_id: str) -> list[Follow]:
        """Why a member is told of a position."""
        strategy = self._news.strategy_of(position_id)
        names = ((FollowKind.POSITION, position_id), (FollowKind.STRATEGY, strategy))
        return [found for key in names if (found := self._follows.get(key, {}).get(user_id)) is not None]

    # --- what is news -------------------------------------------------------------------------------------------

    def hear(self, seq: int, event: TradeEvent, changed: Sequence[str]) -> None:
        """An event was taken into the cards, and changed these positions."""
        self.seq = seq
        fresh = self._news.take(seq, event, changed)
        if fresh is None:
            return
        listening = dict(self._follows.get((FollowKind.POSITION, fresh.position_id), {}))
        if fresh.entered:
            for user_id, follow in self._follows.get((FollowKind.STRATEGY, fresh.strategy), {}).items():
                listening.setdefault(user_id, follow)
        heard = False
        for user_id, follow in listening.items():
            known = self.directs.told_through(user_id, fresh.position_id)
            if seq > max(follow.since_seq, known) and not self.directs.refused(user_id):
                self._note((user_id, fresh.position_id), seq, over=fresh.over)
                heard = True
        if heard:
            self._news.keep(fresh.position_id)
        else:
            self._let_go(fresh.position_id)
        if fresh.over and not heard:
            self._end_follows(fresh.position_id)

    def _note(self, key: Key, seq: int, *, over: bool) -> None:
        now_s = _now_s()
        due_s = now_s + self._pace.settle_s
        if not over:
            due_s = max(due_s, self._told_s.get(key, -self._pace.every_s) + self._pace.every_s)
        waiting = self._behind.get(key)
        if waiting is None:
            self._behind[key] = _Behind(seq, due_s)
        elif over:
            waiting.due_s = min(waiting.due_s, due_s)
        self._wake.set()

    def _settle(self, user_id: int, position_id: str) -> None:
        """A member is not behind on a position any more."""
        self._behind.pop((user_id, position_id), None)
        if self._news.is_over(position_id):
            self._told_s.pop((user_id, position_id), None)
        self._let_go(position_id)

    def _let_go(self, position_id: str) -> None:
        """Keep nothing of a position that nobody waits for; whoever followed it, and it is over, follows it no more."""
        if any(waits == position_id for _, waits in self._behind):
            return
        over = self._news.is_over(position_id)
        self._news.forget(position_id)
        if over:
            self._end_follows(position_id)

    def _end_follows(self, position_id: str) -> None:
        for user_id in self._follows.pop((FollowKind.POSITION, position_id), {}):
            self._store.remove(user_id, FollowKind.POSITION, position_id)

    # --- telling ------------------------------------------------------------------------------------------------

    def caught_up(self) -> None:
        """Everything that was in the ledger at the start was heard: from now on members are told."""
        self._caught_up.set()
        self._wake.set()

    async def ready(self) -> None:
        """Wait until :meth:`caught_up`: who follows before that would be told of what was."""
        await self._caught_up.wait()

    def drain(self) -> None:
        """Tell everybody what waits, without waiting for more of it, then end."""
        self._draining = True
        self._wake.set()

    @property
    def behind(self) -> int:
        """How many messages wait."""
        return len(self._behind)

    async def run(self) -> None:
        """Tell members until :meth:`drain` was called and nothing waits.

        :raises StorageError: the store failed.
        """
        writers = [asyncio.create_task(self._write()) for _ in range(WRITERS)]
        try:
            await asyncio.gather(*writers)
        finally:
            for writer in writers:
                writer.cancel()
            await asyncio.gather(*writers, return_exceptions=True)
        self._move_cursor()

    async def _write(self) -> None:
        while not self._off:
            if self._draining and not self._behind:
                self._wake.set()  # the other writers are to see it too
                return
            self._wake.clear()
            self._move_cursor_at_times()
            key, wait_s = self._next()
            if key is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), wait_s)
                continue
            self._busy.add(key[0])
            try:
                pause_s = self._next_s - _now_s()
                self._next_s = max(self._next_s, _now_s()) + self._pace.message_every_s
                await asyncio.sleep(max(pause_s, 0.0))
                await self._tell(key)
            finally:
                self._busy.discard(key[0])
                self._wake.set()

    def _next(self) -> tuple[Key | None, float | None]:
        """Who is told next; or nobody yet, and in how many seconds somebody may be."""
        if not self._caught_up.is_set():
            return None, None
        now_s, soonest_s = _now_s(), None
        for key, waiting in self._behind.items():
            if key[0] in self._busy:
                continue
            due_s = 0.0 if self._draining else waiting.due_s
            due_s = max(due_s, self._paused_until_s.get(key[0], 0.0))
            if due_s <= now_s:
                return key, None
            soonest_s = due_s if soonest_s is None else min(soonest_s, due_s)
        return None, _CURSOR_EVERY_S if soonest_s is None else min(soonest_s - now_s, _CURSOR_EVERY_S)

    async def _tell(self, key: Key) -> None:
        user_id, position_id = key
        waiting = self._behind.get(key)
        if waiting is None:
            return
        try:
            if not await self._may_still_look(user_id):
                self.unfollow_all(user_id)
                return
            through_seq = await self.directs.tell(
                user_id, position_id, waiting.first_seq, lambda: self._text(key, waiting.first_seq)
            )
        except _Stopped:
            return
        except FAILURES as error:
            self._failed(user_id, error)
            return
        self._failures.pop(user_id, None)
        self._told_s[key] = _now_s()
        self._is_told(key, through_seq)

    def _text(self, key: Key, first_seq: int) -> DirectText:
        user_id, position_id = key
        if key not in self._behind:
            raise _Stopped
        news = self._news.since(position_id, first_seq)
        return direct_text(
            self._news.view(position_id), news, self._reasons(user_id, position_id), self._ledger
        )

    def _is_told(self, key: Key, through_seq: int) -> None:
        if key not in self._behind:
            return  # stopped meanwhile
        lines, _ = self._news.since(key[1], through_seq + 1)
        if lines:
            first_seq, over = lines[0].seq, self._news.is_over(key[1])
            del self._behind[key]
            self._note(key, first_seq, over=over)
        else:
            self._settle(*key)

    async def _may_still_look(self, user_id: int) -> bool:
        """Whether a member may be told at all, as it was found out in the last minutes."""
        now_s = _now_s()
        if now_s < self._checked_s.get(user_id, 0.0):
            return True
        may = await self._may_look(user_id)
        if may:
            self._checked_s[user_id] = now_s + _CHECK_EVERY_S
        else:
            self._checked_s.pop(user_id, None)
        return may

    def _failed(self, user_id: int, error: Exception) -> None:
        """Draw the consequence of a failure: leave the member be, wait, or stop writing to anybody."""
        code = error.code if isinstance(error, discord.HTTPException) else 0
        status = error.status if isinstance(error, discord.HTTPException) else 0
        if code in CLOSED_CODES:
            self.closed_to(user_id)
            return
        if code == FLAGGED or status == 401:
            self._off = True
            self._wake.set()
            self._say(f"Discord: followers are told nothing more, Discord answers {error}; the cards go on.")
            return
        failures = self._failures.get(user_id, 0)
        self._failures[user_id] = failures + 1
        pause_s = backoff_s(self._pace.backoff_s, failures)
        if code == OPENING_TOO_FAST:
            pause_s = max(pause_s, _TOO_FAST_S)
        elif isinstance(error, discord.RateLimited):
            pause_s = error.retry_after
        elif status == 429:
            pause_s = max(pause_s, _BANNED_S)
        everybody = code == OPENING_TOO_FAST or isinstance(error, aiohttp.ClientError | OSError)
        for one in {key[0] for key in self._behind} if everybody else {user_id}:
            until_s = _now_s() + pause_s
            self._paused_until_s[one] = max(self._paused_until_s.get(one, 0.0), until_s)

    def closed_to(self, user_id: int) -> None:
        """The member's direct messages are closed: nothing more is sent, and they are told when they come by."""
        self.directs.is_refused(user_id)
        for user, position_id in list(self._behind):
            if user == user_id:
                self._settle(user_id, position_id)

    def _move_cursor_at_times(self) -> None:
        now_s = _now_s()
        if now_s >= self._cursor_due_s:
            self._move_cursor()
            self._cursor_due_s = now_s + _CURSOR_EVERY_S

    def _move_cursor(self) -> None:
        if self._caught_up.is_set() and self.seq > self._cursor:
            self.directs.told_all(self.seq, {key[0] for key in self._behind} | self._busy)
            self._cursor = self.seq


def _now_s() -> float:
    return asyncio.get_running_loop().time()
