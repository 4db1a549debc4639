"""The news of a channel's positions: one short post each in the position's thread, which may ping one role.

An edit of a message notifies nobody; such a post does. It is level-triggered as the messages are: what is kept is how
much has been told, so whatever comes together (a burst, an outage, a restart) is told by one post as it stands now.
A post is durable before it is asked for, and carries its number: after a crash it is looked for, never told twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import discord

from bot.channel_settings import ChannelSettings, ThreadNews
from bot.dealings import Dealings, dealings_from
from bot.discord.embed import footer_name, nonce_of
from bot.discord.messages import UNKNOWN_MESSAGE, ChannelMessages
from bot.news_text import news_moment, news_text, thread_name
from bot.position_view import PositionView
from storage.thread_news import ThreadNewsStore, ThreadRow

UNKNOWN_CHANNEL = 10003
THREAD_THERE = 160004
_ARCHIVED_AFTER_MINUTES: Literal[1440] = 1440
_LOOK_BACK = 200
_FORBIDDEN = 403
_THREADS_MAX = 2
"""Threads of one position: one that somebody deletes is opened once more."""


def thread_posts(
    client: discord.Client,
    channel: ChannelSettings,
    messages: ChannelMessages,
    store: ThreadNewsStore,
    ledger: str,
    say: Callable[[str], None],
) -> "ThreadPosts | None":
    """Who tells a channel's news; ``None`` where nothing is told in threads."""
    if channel.thread_news is ThreadNews.NONE:
        return None
    return ThreadPosts(client, channel, messages, store, ledger, say)


class CardLost(Exception):
    """The message that a thread was to begin at is not there any more; it is to be shown again first."""


class ThreadPosts:
    """Tells a channel's news.

    :param ledger: the ledger's mark, which every post ends with. :param say: is told of what cannot be done.
    """

    def __init__(
        self,
        client: discord.Client,
        channel: ChannelSettings,
        messages: ChannelMessages,
        store: ThreadNewsStore,
        ledger: str,
        say: Callable[[str], None],
    ) -> None:
        self._client = client
        self._channel = channel
        self._messages = messages
        self._store = store
        self._ledger = ledger
        self._say = say
        self._rows = store.rows(channel.id)
        self._refused = False
        roles = [discord.Object(channel.ping_role_id)] if channel.ping_role_id else False
        self._allowed = discord.AllowedMentions(everyone=False, users=False, roles=roles, replied_user=False)

    def begin(self, position_id: str, now: Dealings) -> None:
        """Whatever was dealt up to now is not news, unless the position is known already.

        A correction may have taken back what was told: then what comes from now on is told all the same.
        """
        row = self._rows.get(position_id) or self._store.row(self._channel.id, position_id)
        if row is None:
            row = self._keep(ThreadRow(position_id, self._channel.id, now.text))
        told = row.told if row.asked else dealings_from(row.told).no_more_than(now).text
        if position_id not in self._rows or told != row.told:
            self._keep(replace(row, told=told))

    def is_due(self, position_id: str, now: Dealings) -> bool:
        """Whether there is something to tell, or a post whose fate is not known."""
        row = self._rows.get(position_id)
        if row is None or row.off or self._refused:
            return False
        return bool(row.asked) or self._is_news(now.since(dealings_from(row.told)))

    def look_again(self) -> None:
        """Something changed on Discord's side: threads may be allowed now."""
        self._refused = False

    def archive(self, days: Mapping[str, str]) -> None:
        """Put aside what was told of positions that are over, each with its last day."""
        known = {position_id: day for position_id, day in days.items() if position_id in self._rows}
        if known:
            self._store.archive(self._channel.id, known)
            for position_id in known:
                del self._rows[position_id]

    async def tell(self, position_id: str, view: PositionView, now: Dealings) -> None:
        """Post what is due, if anything is.

        :raises CardLost: see there.
        :raises discord.DiscordException, aiohttp.ClientError, OSError: it could not be told now.
        """
        while self.is_due(position_id, now):
            try:
                row = await self._settled(self._rows[position_id])
                if not self._is_news(now.since(dealings_from(row.told))):
                    return
                await self._post(await self._in_thread(row, view), view, now)
            except discord.NotFound as error:
                if error.code != UNKNOWN_CHANNEL or not self._rows[position_id].thread_id:
                    raise
                self._thread_lost(position_id)
            except discord.HTTPException as error:
                if error.status not in {400, _FORBIDDEN}:
                    raise
                self._refusal(position_id, error)

    def _is_news(self, news: Dealings) -> bool:
        return bool(news.qty_out or (news.qty_added and self._channel.thread_news is ThreadNews.ALL))

    async def _settled(self, row: ThreadRow) -> ThreadRow:
        """The row, once it is known what became of a post whose answer was lost."""
        if not row.asked:
            return row
        if await self._is_there(row):
            return self._keep(replace(row, told=row.asked, asked=""))
        return self._keep(replace(row, posts=row.posts - 1, asked=""))

    async def _is_there(self, row: ThreadRow) -> bool:
        me = self._client.user.id if self._client.user else 0
        thread = self._client.get_partial_messageable(row.thread_id)
        async for message in thread.history(limit=_LOOK_BACK):
            if message.author.id == me and message.content.endswith(self._mark(row)):
                return True
        return False

    async def _in_thread(self, row: ThreadRow, view: PositionView) -> ThreadRow:
        """The row with its thread, which is opened if there is none."""
        if row.thread_id:
            return row
        message_id = self._messages.message_of(row.position_id)
        if not message_id:
            raise CardLost
        try:
            thread = await self._client.http.start_thread_with_message(
                self._channel.id,
                message_id,
                name=thread_name(view),
                auto_archive_duration=_ARCHIVED_AFTER_MINUTES,
            )
            thread_id = int(thread["id"])
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            self._messages.deleted(message_id)
            raise CardLost from error
        except discord.HTTPException as error:
            if error.code != THREAD_THERE:
                raise
            thread_id = (
                message_id  # opened before, by us or by somebody: a message's thread has the message's id
            )
        return self._keep(replace(row, thread_id=thread_id))

    async def _post(self, row: ThreadRow, view: PositionView, now: Dealings) -> None:
        news = now.since(dealings_from(row.told))
        row = self._keep(replace(row, posts=row.posts + 1, asked=now.text))
        ping = f"<@&{self._channel.ping_role_id}> " if self._channel.ping_role_id else ""
        content = (
            f"{ping}{news_text(view, news, self._channel.detail)}\n-# {news_moment(view)} · {self._mark(row)}"
        )
        nonce = nonce_of(f"news {row.position_id}", self._ledger, row.posts)
        thread = self._client.get_partial_messageable(row.thread_id)
        try:
            message = await thread.send(content, nonce=nonce, allowed_mentions=self._allowed)
            if message.content != content:  # it was there from an attempt before, and says what was true then
                await message.edit(content=content, allowed_mentions=self._allowed)
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                self._keep(replace(row, posts=row.posts - 1, asked=""))
                raise
            # It was posted, and deleted before we heard of it: it was told.
        self._keep(replace(row, told=row.asked, asked=""))

    def _mark(self, row: ThreadRow) -> str:
        """What every post ends with, and no other."""
        return f"{footer_name(row.position_id)} · {row.posts} · {self._ledger}"

    def _thread_lost(self, position_id: str) -> None:
        """Somebody deleted the thread: a post whose answer was lost went with it, and another is opened once."""
        row = self._rows[position_id]
        row = self._keep(
            replace(row, thread_id=0, threads=row.threads + 1, told=row.asked or row.told, asked="")
        )
        if row.threads >= _THREADS_MAX:
            self._give_up(position_id, "its thread was deleted again")

    def _refusal(self, position_id: str, error: discord.HTTPException) -> None:
        if error.status == _FORBIDDEN:
            self._refused = True
            self._say(
                f"Discord: channel {self._channel.id} gets no posts in threads for now, Discord answers {error}: see "
                "that the bot may create public threads and send messages in threads there"
            )
        else:
            self._give_up(position_id, f"Discord answers {error}")

    def _give_up(self, position_id: str, why: str) -> None:
        self._keep(replace(self._rows[position_id], asked="", off=True))
        self._say(
            f"Discord: nothing more goes into the thread of {position_id} in channel {self._channel.id}, its message "
            f"goes on: {why}"
        )

    def _keep(self, row: ThreadRow) -> ThreadRow:
        self._store.keep(row)
        self._rows[row.position_id] = row
        return row
