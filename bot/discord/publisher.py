"""Keeps one message per position and channel as true as the ledger, whatever Discord does meanwhile.

Driven by levels: what waits is which messages are behind, never what happened to them, so a burst or an outage ends in
one request a message with the newest truth. It only reads: nothing here can hold trading up.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import discord

from bot.card import card_of
from bot.card_book import CardBook
from bot.discord.backlog import Backlog, News, Urgency
from bot.discord.embed import embed_of, plain_embed, relative_text, same_text
from bot.discord.messages import ChannelMessages
from bot.discord.pictures import Charting, Pictures
from options.events import PositionMarked, SessionOpened, TradeEvent
from storage.ledger_tail import LedgerTail
from storage.store import ReaderCursors

READER = "discord"
POLL_S = 0.05
_BACKOFF_S = (0.5, 60.0)
_BANNED_S = 60.0
_INVALID_FORM = 50035


class NotifierOff(Exception):
    """Discord cannot be used as it is set up; the sentence says what to change."""


@dataclass
class Publishing:
    """How to publish: the ledger's mark, the pace of marks, who is told of trouble, and how far the ledger is safe.

    ``relative_times`` adds times relative to the reader's clock: for days that are now. ``backoff_s`` is the first and
    the longest pause after a failure.
    """

    ledger: str
    say: Callable[[str], None]
    durable_offset: Callable[[], int | None] = lambda: None
    mark_every_s: float = 15.0
    relative_times: bool = False
    backoff_s: tuple[float, float] = _BACKOFF_S
    charting: Charting | None = None
    """Who draws the charts on the messages; ``None``: there are none."""


@dataclass
class _Desk:
    """One channel's work. One request at a time; ``paused_until_s`` by the loop's clock."""

    messages: ChannelMessages
    backlog: Backlog
    pictures: Pictures
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    shown: dict[str, discord.Embed] = field(default_factory=dict)
    failures: int = 0
    paused_until_s: float = 0.0
    stopped: bool = False


class Publisher:
    """Reads the ledger by a tail of its own and brings the channels' messages up to date until it is drained."""

    def __init__(
        self, tail: LedgerTail, channels: Sequence[ChannelMessages], cursors: ReaderCursors, how: Publishing
    ) -> None:
        self.cards = CardBook()
        self.requests = 0
        """How many times a message was brought up to date, or was tried to be."""
        self._tail = tail
        self._cursors = cursors
        self._cursor = cursors.get(READER)
        self._fresh = not self._cursor
        self._how = how
        self._desks = [self._desk(messages) for messages in channels]
        self._seq = 0
        self._changed: dict[str, int] = {}
        self._draining = asyncio.Event()
        self._read_all = False

    def _desk(self, messages: ChannelMessages) -> _Desk:
        def ready(position_id: str) -> None:
            if desk.pictures.waits(position_id) and position_id in self._changed:
                self._note(desk, position_id, News(Urgency.MARK, self._changed[position_id]))
            desk.wake.set()

        pictures = Pictures(self._how.charting, messages.channel_id, self.cards.chart, ready)
        desk = _Desk(messages, Backlog(self._how.mark_every_s), pictures)
        return desk

    @property
    def behind(self) -> int:
        """How many messages are behind the ledger."""
        return sum(len(desk.backlog) for desk in self._desks)

    def drain(self) -> None:
        """Bring everything up to date as it is now, then end."""
        self._draining.set()
        for desk in self._desks:
            desk.wake.set()

    def message_deleted(self, channel_id: int, message_id: int) -> None:
        """A moderator took a message away: it comes back once."""
        for desk in self._desks:
            if desk.messages.channel_id != channel_id:
                continue
            position_id = desk.messages.deleted(message_id)
            if position_id in self._changed:
                desk.shown.pop(position_id, None)
                self._note(desk, position_id, News(Urgency.TRADE, self._changed[position_id]))

    async def run(self) -> None:
        """Publish until :meth:`drain` was called and everything is shown, or no channel is left.

        :raises NotifierOff: the token is not taken any more. :raises StorageError: the ledger or the store failed.
        """
        while batches := self._tail.poll(self._how.durable_offset()):
            for batch in batches:
                self._take(batch.first_seq, batch.events, catching_up=True)
            await asyncio.sleep(0)
        for position_id, seq in self._changed.items():
            for desk in self._desks:
                if seq > desk.messages.seq_shown(position_id):
                    self._note(desk, position_id, News(self._urgency(position_id), seq))
        work = [self._read(), *map(self._serve, self._desks)]
        tasks = [asyncio.create_task(one) for one in work]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._move_cursor()

    # --- reading ---------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        while not all(desk.stopped for desk in self._desks):
            draining = self._draining.is_set()
            batches = self._tail.poll(self._how.durable_offset())
            for batch in batches:
                self._take(batch.first_seq, batch.events, catching_up=False)
            if batches:
                await asyncio.sleep(0)
                continue
            self._move_cursor()
            if draining:
                break
            await _happened(self._draining, POLL_S)
        self._read_all = True
        for desk in self._desks:
            desk.wake.set()

    def _take(self, first_seq: int, events: Sequence[TradeEvent], *, catching_up: bool) -> None:
        for seq, event in enumerate(events, first_seq):
            self._seq = seq
            if isinstance(event, SessionOpened):
                self._forget_yesterday(catching_up=catching_up)
            for position_id in self.cards.fold(event):
                self._changed[position_id] = seq
                if not catching_up:
                    urgency = self._urgency(position_id, event)
                    for desk in self._desks:
                        self._note(desk, position_id, News(urgency, seq))

    def _urgency(self, position_id: str, event: TradeEvent | None = None) -> Urgency:
        if self.cards.is_closed(position_id):
            return Urgency.CLOSING
        return Urgency.MARK if isinstance(event, PositionMarked) else Urgency.TRADE

    def _note(self, desk: _Desk, position_id: str, news: News) -> None:
        if not desk.stopped and not desk.messages.is_gone(position_id):
            desk.backlog.note(position_id, news)
            desk.wake.set()

    def _forget_yesterday(self, *, catching_up: bool) -> None:
        """Let go of what closed before this session and is shown; a store that is new does not dig up the past."""
        for position_id in self.cards.position_ids():
            if not self.cards.is_closed(position_id):
                continue
            seq = self._changed[position_id]
            shown = all(desk.stopped or desk.messages.seq_shown(position_id) >= seq for desk in self._desks)
            if shown or (catching_up and self._fresh):
                self.cards.forget(position_id)
                del self._changed[position_id]
                for desk in self._desks:
                    desk.backlog.drop(position_id)
                    desk.shown.pop(position_id, None)
                    desk.pictures.forget(position_id)

    def _move_cursor(self) -> None:
        if not self.behind and self._seq > self._cursor:
            self._cursors.set(READER, self._seq)
            self._cursor = self._seq

    # --- showing ---------------------------------------------------------------------------------------------

    async def _serve(self, desk: _Desk) -> None:
        now_s = asyncio.get_running_loop().time
        while not desk.stopped:
            draining = self._draining.is_set()
            if draining and self._read_all and not desk.backlog and not desk.pictures.busy:
                return
            desk.wake.clear()
            if desk.paused_until_s > now_s():
                await asyncio.sleep(desk.paused_until_s - now_s())
                continue
            taken = desk.backlog.take(now_s(), desk.messages.is_old, hurry=draining)
            if taken is None:
                await _happened(desk.wake, desk.backlog.wait_s(now_s(), desk.messages.is_old))
                continue
            position_id, news = taken
            old = desk.messages.is_old(position_id)
            if await self._show(desk, position_id, news):
                desk.failures = 0
                desk.backlog.shown(position_id, now_s(), old=old)

    async def _show(self, desk: _Desk, position_id: str, news: News) -> bool:
        """Bring one message up to date; false if that failed and waits again."""
        view = self.cards.view(position_id)
        card, seq = card_of(view), self._changed[position_id]
        when = relative_text(view) if self._how.relative_times else ""
        embed = embed_of(card, self._how.ledger, when)
        picture = desk.pictures.picture(position_id, news.urgency)
        last = desk.shown.get(position_id)
        if picture is None and last is not None and last.colour == embed.colour and same_text(last, embed):
            self._is_shown(desk, position_id, news, seq)
            return True
        self.requests += 1
        try:
            try:
                await self._say_and_picture(desk, position_id, embed, seq, picture)
            except discord.HTTPException as error:
                if error.code != _INVALID_FORM:
                    raise
                self._how.say(
                    f"Discord does not take the card of {position_id}, the least of it is shown: {error}"
                )
                await desk.messages.show(position_id, plain_embed(card, self._how.ledger), seq)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            desk.backlog.note(position_id, news)
            desk.shown.pop(position_id, None)
            self._failed(desk, error)
            return False
        desk.shown[position_id] = embed
        self._is_shown(desk, position_id, news, seq)
        return True

    def _is_shown(self, desk: _Desk, position_id: str, news: News, seq: int) -> None:
        desk.pictures.shown(position_id, news.urgency, seq, asyncio.get_running_loop().time())

    async def _say_and_picture(
        self, desk: _Desk, position_id: str, embed: discord.Embed, seq: int, picture: bytes | None
    ) -> None:
        """Show the text with a picture; a channel that does not take pictures gets the text alone, now and ever."""
        if picture is not None:
            try:
                await desk.messages.show(position_id, embed, seq, picture)
            except discord.HTTPException as error:
                if error.status not in {400, 403, 413}:
                    raise
                desk.pictures.off()
                self._how.say(
                    f"channel {desk.messages.channel_id} gets no charts, Discord answers {error}: see that the bot may "
                    "attach files there"
                )
            else:
                return
        await desk.messages.show(position_id, embed, seq)

    def _failed(self, desk: _Desk, error: Exception) -> None:
        """Draw the consequence of a failure: wait, give the channel up, or give up altogether."""
        status = error.status if isinstance(error, discord.HTTPException) else 0
        if status == 401:
            raise NotifierOff(
                "Discord does not take the token any more: make a new one on the Developer Portal's page Bot and put "
                "it into CALLBOARD_DISCORD__TOKEN"
            )
        if status in {400, 403, 404}:
            desk.stopped = True
            desk.wake.set()
            self._how.say(
                f"nothing more is shown in channel {desk.messages.channel_id}, Discord answers {error}: see that the "
                "channel is there and that the bot may view it, read its history, send messages and embed links"
            )
            return
        first_s, longest_s = self._how.backoff_s
        pause_s = min(first_s * 2.0 ** min(desk.failures, 16), longest_s)
        desk.failures += 1
        if isinstance(error, discord.RateLimited):
            pause_s = error.retry_after
        elif status == 429:
            pause_s = _BANNED_S
        desk.paused_until_s = asyncio.get_running_loop().time() + pause_s


async def _happened(event: asyncio.Event, timeout_s: float | None) -> None:
    """Wait for an event, but no longer than this."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), timeout_s)
