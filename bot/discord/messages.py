"""The messages of one channel: each position has one, found again after any crash, posted once more if deleted."""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from io import BytesIO

import aiohttp
import discord

from bot.clock import Clock
from bot.discord.embed import NOBODY, footer_name, nonce_of, position_of, same_text
from options.values import MINUTE, Micros
from storage.store import PostedMessage, PostedMessages, Posting

PICTURE_NAME = "chart.png"
UNKNOWN_MESSAGE = 10008
NOT_OURS = 50005
_HISTORY_MAX = 2_000
OLD_AFTER: Micros = 60 * MINUTE
_CLOCKS_APART: Micros = 5 * MINUTE
_DISCORD_EPOCH_MS = 1_420_070_400_000
_LOST = frozenset({UNKNOWN_MESSAGE, NOT_OURS})
_PICTURE_ADDRESS = re.compile(rf"/(\d{{15,20}})/{re.escape(PICTURE_NAME)}(?:\?|$)")
_Found = tuple[int, int]
"""A message's id, and that of the picture on it or 0."""


def created_at(message_id: int) -> Micros:
    """When a message was made, which its id tells (microseconds UTC)."""
    return ((message_id >> 22) + _DISCORD_EPOCH_MS) * 1_000


def _picture_on(message: discord.Message) -> int:
    """The attachment that a message's card shows as its picture; 0 if it shows none.

    What a card shows is not among the attachments that Discord tells of: only the picture's address names it.
    """
    address = message.embeds[0].image.url if message.embeds else None
    found = _PICTURE_ADDRESS.search(address or "")
    return int(found[1]) if found else 0


class ChannelMessages:
    """Shows embeds in a channel. What is about to be posted is durable before it is, so a crash leaves no doubt.

    :param ledger: the ledger's mark, which the footers end with.
    :param buttons: what stands under a position's card; ``None`` where there is nothing to press.
    """

    def __init__(
        self,
        client: discord.Client,
        channel_id: int,
        store: PostedMessages,
        ledger: str,
        clock: Clock,
        buttons: Callable[[str], discord.ui.View | None] = lambda _: None,
    ) -> None:
        self.channel_id = channel_id
        self._channel = client.get_partial_messageable(channel_id)
        self._client = client
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._buttons = buttons
        self._rows = store.messages(channel_id)
        self._all_in_doubt = bool(store.rebuilt)
        self._history: dict[str, _Found] | None = None

    def seq_shown(self, position_id: str) -> int:
        """The last event that a position's message shows, in the archive too; 0 without one."""
        row = self._row(position_id)
        return row.seq if row is not None and row.state in {Posting.SHOWN, Posting.GONE} else 0

    def looks_after(self, position_id: str) -> bool:
        """Whether there is or was a message of the position that is not in the archive."""
        return position_id in self._rows

    def message_of(self, position_id: str) -> int:
        """The id of the message that shows a position; 0 without one."""
        row = self._row(position_id)
        return row.message_id if row is not None else 0

    def is_old(self, position_id: str) -> bool:
        """Whether the message is an hour old, after which Discord lets it be edited less often."""
        row = self._rows.get(position_id)
        if row is None or not row.message_id:
            return False
        return self._clock.now() - created_at(row.message_id) > OLD_AFTER

    def is_gone(self, position_id: str) -> bool:
        """Whether the message was taken away twice: then it stays away."""
        row = self._row(position_id)
        return row is not None and row.state is Posting.GONE

    def archive(self, days: Mapping[str, str]) -> None:
        """Put aside the messages of positions that are over, each with its last day: nobody looks after them any more.

        A position that changes all the same is shown on the message that it had.
        """
        known = {position_id: day for position_id, day in days.items() if position_id in self._rows}
        if known:
            self._store.archive(self.channel_id, known)
            for position_id in known:
                del self._rows[position_id]

    async def show(
        self, position_id: str, embed: discord.Embed, seq: int, picture: bytes | None = None
    ) -> None:
        """Make the position's message say what the embed says, which is true as of event ``seq``.

        A ``picture`` (PNG) takes the place of the one before, which stays without. A new message has none at first.

        :raises discord.DiscordException, aiohttp.ClientError, OSError: it could not be said.
        """
        row = self._row(position_id)
        if row is not None and row.message_id and await self._edited(row, embed, seq, picture):
            return
        if self.is_gone(position_id):
            return
        found = await self._found(position_id)
        if found:
            asked = self._rows.get(position_id) or self._asked(position_id, None)
            bound = self._keep(
                replace(asked, message_id=found[0], seq=0, state=Posting.SHOWN, attachment_id=found[1])
            )
            if await self._edited(bound, embed, seq) or self.is_gone(position_id):
                return
        await self._post(position_id, embed, seq)

    def deleted(self, message_id: int) -> str | None:
        """Somebody took a message away; the position that it showed, if it is to be shown again."""
        for row in self._rows.values():
            if row.message_id == message_id and row.state is Posting.SHOWN:
                return row.position_id if self._lose(row).state is Posting.DELETED else None
        return None

    async def lost_unheard(self, position_ids: Collection[str]) -> list[str]:
        """Which of these positions' messages are not there any more and are to be shown again.

        :raises discord.DiscordException, aiohttp.ClientError, OSError: it could not be found out.
        """
        live = {
            row.message_id: row
            for row in self._rows.values()
            if row.state is Posting.SHOWN and row.message_id and row.position_id in position_ids
        }
        if not live:
            return []
        oldest = min(live)
        reached = 0
        count = 0
        async for message in self._channel.history(limit=_HISTORY_MAX):
            count += 1
            reached = message.id
            live.pop(reached, None)
            if reached <= oldest or not live:
                break
        # Of what lies further back than was read nothing is known: the next edit will tell.
        whole = count < _HISTORY_MAX
        missing = [row for message_id, row in live.items() if whole or message_id > reached]
        lost = [self._lose(self._rows[row.position_id]) for row in missing if self._is_still(row)]
        return [row.position_id for row in lost if row.state is Posting.DELETED]

    def _is_still(self, row: PostedMessage) -> bool:
        """Whether a row is what it was before a request was waited for."""
        known = self._rows.get(row.position_id)
        return known is not None and known.message_id == row.message_id

    async def _edited(
        self, row: PostedMessage, embed: discord.Embed, seq: int, picture: bytes | None = None
    ) -> bool:
        """Edit a message; false if it is not there any more."""
        message = self._channel.get_partial_message(row.message_id)
        kept = row.attachment_id != 0
        if picture is not None or kept:
            embed = embed.copy().set_image(url=f"attachment://{PICTURE_NAME}")
        if picture is not None and kept:
            row = self._keep(
                replace(row, attachment_id=0)
            )  # from now on it may be the old one or the new one
        try:
            view = self._buttons(row.position_id)
            if kept and picture is None:
                await message.edit(embed=embed, view=view, allowed_mentions=NOBODY)
            else:
                # Naming every file that stays takes off one that we do not know of.
                files = [] if picture is None else [discord.File(BytesIO(picture), PICTURE_NAME)]
                edited = await message.edit(
                    embed=embed, view=view, attachments=files, allowed_mentions=NOBODY
                )
                row = replace(row, attachment_id=_picture_on(edited))
        except (discord.NotFound, discord.Forbidden) as error:
            if error.code not in _LOST:
                raise
            self._lose(row)
            return False
        self._keep(replace(row, seq=seq, state=Posting.SHOWN))
        return True

    async def _post(self, position_id: str, embed: discord.Embed, seq: int) -> None:
        row = self._keep(self._asked(position_id, self._rows.get(position_id)))
        try:
            message = await self._send(row, embed)
        except (discord.DiscordException, aiohttp.ClientError, OSError, asyncio.CancelledError):
            self._history = None  # it may have got there after all: look before the next time
            raise
        if message is None:
            return
        row = self._rows[position_id]  # of another generation, if it was deleted meanwhile
        told = bool(message.embeds) and same_text(message.embeds[0], embed)
        row = self._keep(replace(row, message_id=message.id, seq=seq if told else 0, state=Posting.SHOWN))
        if not told:  # it was there from an earlier attempt, and says what was true then
            await self._edited(row, embed, seq)

    async def _send(self, row: PostedMessage, embed: discord.Embed) -> discord.Message | None:
        """Post; ``None`` if the message was taken away twice."""
        while True:
            nonce = nonce_of(row.position_id, self._ledger, row.generation)
            try:
                view = self._buttons(row.position_id) or discord.utils.MISSING
                return await self._channel.send(embed=embed, view=view, nonce=nonce, allowed_mentions=NOBODY)
            except discord.NotFound as error:
                if error.code != UNKNOWN_MESSAGE:
                    raise
            # The nonce is that of a message which was posted, and deleted before we heard of it.
            row = self._lose(row)
            if row.state is Posting.GONE:
                return None

    def _row(self, position_id: str) -> PostedMessage | None:
        """What is known of a position's message, in the archive too."""
        row = self._rows.get(position_id)
        if row is None and (archived := self._store.archived(self.channel_id, position_id)):
            row = archived[1]
        return row

    async def _found(self, position_id: str) -> _Found | None:
        """The message that shows a position already, if there may be one, and the picture on it."""
        row = self._rows.get(position_id)
        if row is not None and row.state is not Posting.ASKED:
            return None
        if row is None and not self._all_in_doubt:
            return None
        if self._history is None:
            self._history = await self._read_history()
        return self._history.pop(footer_name(position_id), None)

    async def _read_history(self) -> dict[str, _Found]:
        """Our messages by position, as far back as one that we do not know of can be."""
        asked = [row.asked_at for row in self._rows.values() if row.state is Posting.ASKED]
        since = 0 if self._all_in_doubt else min(asked, default=0) - _CLOCKS_APART
        known = {row.message_id for row in self._rows.values()}
        me = self._client.user.id if self._client.user else 0
        found: dict[str, _Found] = {}
        async for message in self._channel.history(limit=_HISTORY_MAX):
            if created_at(message.id) < since:
                break
            if message.author.id != me or message.id in known or not message.embeds:
                continue
            position = position_of(message.embeds[0], self._ledger)
            if position is not None:
                found[position] = message.id, _picture_on(message)
        return found

    def _asked(self, position_id: str, row: PostedMessage | None) -> PostedMessage:
        generation = 0 if row is None else row.generation
        asked_at = row.asked_at if row is not None and row.state is Posting.ASKED else self._clock.now()
        return PostedMessage(position_id, self.channel_id, 0, generation, 0, Posting.ASKED, asked_at)

    def _lose(self, row: PostedMessage) -> PostedMessage:
        state = Posting.GONE if row.generation else Posting.DELETED
        lost = replace(row, message_id=0, generation=row.generation + 1, state=state, attachment_id=0)
        return self._keep(lost)

    def _keep(self, row: PostedMessage) -> PostedMessage:
        self._store.keep(row)
        self._rows[row.position_id] = row
        return row
