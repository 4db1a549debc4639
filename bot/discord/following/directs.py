"""One direct message, there once: asked for durably before it is, with a nonce, and looked for after any doubt."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import aiohttp
import discord

from bot.clock import Clock
from bot.discord.embed import NOBODY, NONCE_DIGITS
from bot.discord.following.direct_text import DirectText, told_by
from bot.discord.messages import created_at
from options.values import MINUTE, Micros
from storage.follows import DirectMessage, Follower, FollowStore, Telling

CLOSED_CODES = frozenset({50007, 50278})
"""The member takes no direct messages from the bot, or shares no server with it any more."""
OPENING_TOO_FAST = 40003
FLAGGED = 20026
"""Discord takes the bot for a source of spam."""
FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError)
_HISTORY_MAX = 200
_CLOCKS_APART: Micros = 5 * MINUTE


class Directs:
    """Writes to members. Errors are discord.py's own; where one member stands is kept in the store.

    :param open_every_s: the fewest seconds between two channels that are opened: Discord takes haste for spam.
    """

    def __init__(
        self, client: discord.Client, store: FollowStore, ledger: str, clock: Clock, open_every_s: float = 1.0
    ) -> None:
        self._client = client
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._open_every_s = open_every_s
        self._opening = asyncio.Lock()
        self._may_open_s = 0.0
        self._followers = {one.user_id: one for one in store.followers()}
        self._messages = {(one.user_id, one.position_id): one for one in store.messages()}

    def keep(self, follower: Follower) -> None:
        """Remember where a member stands."""
        self._store.keep_follower(follower)
        self._followers[follower.user_id] = follower

    def refused(self, user_id: int) -> bool:
        """Whether Discord refused a message to the member, who was not told of that yet."""
        known = self._followers.get(user_id)
        return known is not None and bool(known.refused_at)

    def is_refused(self, user_id: int) -> None:
        """Discord refuses messages to the member."""
        known = self._followers.get(user_id) or Follower(user_id)
        self.keep(replace(known, refused_at=self._clock.now()))

    def told_through(self, user_id: int, position_id: str) -> int:
        """The last event of a position that a member was surely told of."""
        known = self._followers.get(user_id)
        message = self._messages.get((user_id, position_id))
        return max(known.seq if known else 0, message.told_through if message else 0)

    def told_all(self, seq: int, but: set[int]) -> None:
        """Everybody was told all through an event, but these members."""
        self._store.told_all(seq, but)
        for user_id, known in self._followers.items():
            if user_id not in but and known.seq < seq:
                self._followers[user_id] = replace(known, seq=seq)
        done = [key for key, one in self._messages.items() if key[0] not in but and one.seq <= seq]
        for key in done:
            del self._messages[key]

    def forget(self, user_id: int) -> None:
        """The member follows nothing any more."""
        self._store.forget_follower(user_id)
        for key in [key for key in self._messages if key[0] == user_id]:
            del self._messages[key]
        known = self._followers.get(user_id)
        if known is not None:
            self._followers[user_id] = replace(known, refused_at=0)

    async def greet(self, user_id: int, content: str, view: discord.ui.View | None, nonce: str) -> None:
        """Write to a member outside of any news, which shows whether that can be done at all."""
        channel = await self._channel(user_id)
        shown = view or discord.utils.MISSING
        await channel.send(content, view=shown, nonce=nonce, allowed_mentions=NOBODY, suppress_embeds=True)

    async def tell(
        self, user_id: int, position_id: str, first_seq: int, text: Callable[[], DirectText]
    ) -> int:
        """Tell a member what happened from ``first_seq`` on; through which event they are told now.

        After a doubt that may be less than the text tells: what was there already is not said again.

        :raises discord.DiscordException, aiohttp.ClientError, OSError: it could not be said, or found out.
        """
        key = user_id, position_id
        asked = self._messages.get(key)
        channel = await self._channel(user_id)
        if asked is not None and asked.state is Telling.ASKED:
            found = await self._found(channel, asked)
            if found:
                return self._told(asked, found)
            first_seq = asked.first_seq
        said = text()
        at = asked.asked_at if asked is not None and asked.state is Telling.ASKED else self._clock.now()
        row = DirectMessage(user_id, position_id, first_seq, said.through_seq, Telling.ASKED, at)
        self._keep(row)
        message = await channel.send(
            said.content,
            embed=said.embed,
            view=said.view or discord.utils.MISSING,
            nonce=self._nonce(row),
            allowed_mentions=NOBODY,
        )
        # It may be the one that an earlier attempt left there.
        return self._told(row, told_by(message, position_id, self._ledger) or said.through_seq)

    def _told(self, row: DirectMessage, through_seq: int) -> int:
        self._keep(replace(row, seq=through_seq, state=Telling.TOLD))
        return through_seq

    def _keep(self, row: DirectMessage) -> None:
        self._store.keep_message(row)
        self._messages[row.user_id, row.position_id] = row

    async def _channel(self, user_id: int) -> discord.PartialMessageable:
        """The member's direct messages, opened once and for all."""
        known = self._followers.get(user_id) or Follower(user_id)
        if not known.channel_id:
            async with self._opening:
                now_s = asyncio.get_running_loop().time
                await asyncio.sleep(max(self._may_open_s - now_s(), 0.0))
                self._may_open_s = now_s() + self._open_every_s
                opened = await self._client.create_dm(discord.Object(user_id))
            known = replace(self._followers.get(user_id) or known, channel_id=opened.id)
            self.keep(known)
        return self._client.get_partial_messageable(known.channel_id)

    async def _found(self, channel: discord.PartialMessageable, asked: DirectMessage) -> int:
        """Through which event a message tells that was asked for and not heard of; 0 if it is not there."""
        since = asked.asked_at - _CLOCKS_APART
        async for message in channel.history(limit=_HISTORY_MAX):
            if created_at(message.id) < since:
                break
            through_seq = told_by(message, asked.position_id, self._ledger)
            if through_seq >= asked.first_seq:
                return through_seq
        return 0

    def _nonce(self, row: DirectMessage) -> str:
        about = f"{self._ledger} {row.user_id} {row.position_id} {row.first_seq}"
        return sha256(about.encode()).hexdigest()[:NONCE_DIGITS]
