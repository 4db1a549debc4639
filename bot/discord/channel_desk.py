"""One channel's work: its messages brought up to date one request at a time, whatever the channel does meanwhile."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import aiohttp
import discord

from bot.card_detail import card_at
from bot.channel_settings import ChannelSettings
from bot.discord.backlog import Backlog, News, Urgency
from bot.discord.embed import embed_of, plain_embed, relative_text, same_text
from bot.discord.messages import ChannelMessages
from bot.discord.pictures import Pictures
from bot.discord.publishing import NotifierOff, Publishing, backoff_s
from bot.discord.sentences import REVOKED_SENTENCE
from bot.discord.stage import Stage
from bot.discord.thread_news import CardLost, ThreadPosts

_BANNED_S = 60.0
_ANSWER_S = 90.0
"""One that is not there by then will not come; what discord.py waits for limits and repeats is less."""
_INVALID_FORM = 50035
_CLOSED_STATUSES = frozenset({400, 403, 404})
FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError)
"""What a request may end in that is no fault of ours."""


class ChannelDesk:
    """Shows a stage's cards in a channel. A channel that is closed to us is left alone, and looked at again."""

    def __init__(
        self,
        messages: ChannelMessages,
        channel: ChannelSettings,
        stage: Stage,
        how: Publishing,
        threads: ThreadPosts | None = None,
    ) -> None:
        self.messages = messages
        self.channel = channel
        self.stage = stage
        self.backlog = Backlog(how.mark_every_s)
        self.requests = 0
        """How many times a message was brought up to date, or was tried to be."""
        self.closed = ""
        """Why nothing can be shown here for now; empty if it can."""
        self._how = how
        self._threads = threads
        self._pictures = Pictures(how.charting, channel.id, stage.cards.chart, self._picture_ready)
        self._wake = asyncio.Event()
        self._shown: dict[str, discord.Embed] = {}
        self._unchecked = True
        self._failures = 0
        self._looks = 0
        self._paused_until_s = 0.0
        self._aside: asyncio.Task[None] | None = None
        self._aside_id = ""

    def note(self, position_id: str, news: News) -> None:
        """A position has changed."""
        if not self.messages.is_gone(position_id):
            self.backlog.note(position_id, news)
            self._wake.set()

    def again(self, position_id: str, news: News) -> None:
        """A position's message was taken away: what was shown counts for nothing."""
        self._shown.pop(position_id, None)
        self.note(position_id, news)

    def forget(self, position_id: str) -> None:
        """Nothing more comes of a position."""
        self.backlog.drop(position_id)
        self._shown.pop(position_id, None)
        self._pictures.forget(position_id)

    def begin_news(self, position_id: str) -> None:
        """What has been dealt in a position that the channel shows already is not news."""
        if self._threads is not None and self.messages.looks_after(position_id):
            self._threads.begin(position_id, self.stage.cards.dealings(position_id))

    def news_due(self, position_id: str) -> bool:
        """Whether a position's thread is to be told something; never halfway through an order."""
        cards = self.stage.cards
        return (
            self._threads is not None
            and self._threads.is_due(position_id, cards.dealings(position_id))
            and not cards.is_dealing(position_id)
        )

    def archive(self, days: Mapping[str, str]) -> None:
        """Put aside what was kept of positions that are over, each with its last day."""
        self.messages.archive(days)
        if self._threads is not None:
            self._threads.archive(days)

    def wake(self) -> None:
        """Something changed that this waits for."""
        self._wake.set()

    def look_again(self) -> None:
        """Something changed on Discord's side: a closed channel may be open again."""
        if self.closed:
            self._paused_until_s = 0.0
            self._wake.set()
        if self._threads is not None:
            self._threads.look_again()
            for position_id, seq in self.stage.changed.items():
                if self.news_due(position_id):
                    self.note(position_id, News(Urgency.TRADE, seq))

    def check_again(self) -> None:
        """Messages may have been taken away unheard."""
        self._unchecked = True
        self._wake.set()

    def close(self, why: str) -> None:
        """Show nothing here until the channel is found open; said when it is news."""
        if not self.closed:
            self._how.say(
                f"Discord: nothing is shown in channel {self.channel.id} for now, trading goes on: {why}."
            )
        self.closed = why
        self._paused_until_s = _now_s() + backoff_s(self._how.look_again_s, self._looks)
        self._looks += 1

    async def serve(self, over: Callable[[], bool], hurry: Callable[[], bool]) -> None:
        """Work until ``over`` is true and nothing waits. In a ``hurry`` marks do not wait.

        :raises NotifierOff: the token is not taken any more.
        """
        try:
            while not self._is_done(over()):
                await self._step(hurry=hurry())
        finally:
            if self._aside is not None:
                self._aside.cancel()
                await asyncio.gather(self._aside, return_exceptions=True)

    def _is_done(self, over: bool) -> bool:
        if not over or self._aside is not None:
            return False
        return bool(self.closed) or not (self.backlog or self._unchecked or self._pictures.busy)

    async def _step(self, *, hurry: bool) -> None:
        """Do the next thing, or wait for one."""
        self._wake.clear()
        if self._aside is not None and self._aside.done():
            aside, self._aside = self._aside, None
            await aside
            return
        pause_s = self._paused_until_s - _now_s()
        if pause_s > 0:
            await (self._happened(pause_s) if self.closed else asyncio.sleep(pause_s))
        elif self.closed:
            await self._look()
        elif self._unchecked:
            await self._check()
        else:
            await self._bring_next(hurry=hurry)

    async def _bring_next(self, *, hurry: bool) -> None:
        """Bring the next message up to date; an hour-old one aside, for its limit is low and may take long."""
        is_old, under_way = self.messages.is_old, int(self._aside is not None)
        marks_from_s = self._how.edits.marks_from_s(self.channel.id, under_way)
        taken = self.backlog.take(
            _now_s(), is_old, marks_from_s=marks_from_s, held=self._is_held, hurry=hurry
        )
        if taken is None:
            await self._happened(
                self.backlog.wait_s(_now_s(), is_old, marks_from_s=marks_from_s, held=self._is_held)
            )
            return
        position_id, news = taken
        if is_old(position_id):
            self._aside_id = position_id
            self._aside = asyncio.create_task(self._bring(position_id, news, old=True))
            self._aside.add_done_callback(lambda _: self._wake.set())
        else:
            await self._bring(position_id, news, old=False)

    async def _bring(self, position_id: str, news: News, *, old: bool) -> None:
        # An edit of an hour-old message may have to wait long for its limit; a post has no such limit.
        if old and not await self._tell(position_id, news):
            return
        if await self._show(position_id, news):
            self._failures = self._looks = 0
            self.backlog.shown(position_id, _now_s(), old=old)

    def _is_held(self, position_id: str) -> bool:
        """While an hour-old message is under way nothing else of its position is, and no other as old."""
        if self._aside is None:
            return False
        return position_id == self._aside_id or self.messages.is_old(position_id)

    async def _show(self, position_id: str, news: News) -> bool:
        """Bring one message up to date; false if that failed and waits again."""
        view = self.stage.cards.view(position_id)
        card, seq = card_at(view, self.channel.detail), self.stage.changed[position_id]
        embed = embed_of(card, self._how.ledger, relative_text(view) if self._how.live else "")
        if self._threads is not None:
            self._threads.begin(position_id, self.stage.cards.dealings(position_id))
        picture = self._pictures.picture(position_id, news.urgency)
        last = self._shown.get(position_id)
        if picture is None and last is not None and last.colour == embed.colour and same_text(last, embed):
            self._is_shown(position_id, news, seq)
            return await self._tell(position_id, news)
        self.requests += 1
        try:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    await self._say_and_picture(position_id, embed, seq, picture)
            except discord.HTTPException as error:
                if error.code != _INVALID_FORM:
                    raise
                self._how.say(
                    f"Discord does not take the card of {position_id}, the least of it is shown: {error}"
                )
                await self.messages.show(position_id, plain_embed(card, self._how.ledger), seq)
        except FAILURES as error:
            self.backlog.note(position_id, news)
            self._shown.pop(position_id, None)
            self._failed(error)
            return False
        self._shown[position_id] = embed
        self._is_shown(position_id, news, seq)
        return await self._tell(position_id, news)

    async def _tell(self, position_id: str, news: News) -> bool:
        """Tell the position's thread what is due; false if that failed and waits again."""
        # The position may have been forgotten while its card was on its way.
        if self._threads is None or position_id not in self.stage.changed or not self.news_due(position_id):
            return True
        cards = self.stage.cards
        try:
            await self._threads.tell(position_id, cards.view(position_id), cards.dealings(position_id))
        except CardLost:
            self.again(position_id, news)
        except FAILURES as error:
            self.backlog.note(position_id, news)
            self._failed(error)
            return False
        return True

    def _is_shown(self, position_id: str, news: News, seq: int) -> None:
        self._pictures.shown(position_id, news.urgency, seq, _now_s())

    def _picture_ready(self, position_id: str) -> None:
        if self._pictures.waits(position_id) and position_id in self.stage.changed:
            self.note(position_id, News(Urgency.MARK, self.stage.changed[position_id]))
        self._wake.set()

    async def _say_and_picture(
        self, position_id: str, embed: discord.Embed, seq: int, picture: bytes | None
    ) -> None:
        """Show the text with a picture; a channel that does not take pictures gets the text alone, now and ever."""
        if picture is not None:
            try:
                await self.messages.show(position_id, embed, seq, picture)
            except discord.HTTPException as error:
                if error.status not in {400, 403, 413}:
                    raise
                self._pictures.off()
                self._how.say(
                    f"channel {self.channel.id} gets no charts, Discord answers {error}: see that the bot may attach "
                    "files there"
                )
            else:
                return
        await self.messages.show(position_id, embed, seq)

    def _failed(self, error: Exception) -> None:
        """Draw the consequence of a failure: wait, leave the channel alone for a while, or give up altogether."""
        status = error.status if isinstance(error, discord.HTTPException) else 0
        if status == 401:
            raise NotifierOff(REVOKED_SENTENCE)
        if status in _CLOSED_STATUSES:
            self.close(
                f"Discord answers {error}; see that the channel is there and that the bot may view it, read its "
                "history, send messages and embed links"
            )
            return
        pause_s = backoff_s(self._how.backoff_s, self._failures)
        self._failures += 1
        if isinstance(error, discord.RateLimited):
            pause_s = error.retry_after
        elif status == 429:
            pause_s = _BANNED_S
        self._paused_until_s = _now_s() + pause_s

    async def _check(self) -> None:
        """Find out which messages were taken away while nobody told us."""
        self._unchecked = False
        changed = self.stage.changed
        try:
            lost = await self.messages.lost_unheard(set(changed))
        except FAILURES as error:
            self._unchecked = True
            self._failed(error)
            return
        for position_id in lost:
            self.again(position_id, News(Urgency.TRADE, changed[position_id]))

    async def _look(self) -> None:
        """Look whether a channel that was closed to us is open again."""
        try:
            why = await self._how.fault_of(self.channel.id)
        except FAILURES as error:
            self._failed(error)
            return
        if why:
            self.close(why)
        else:
            self.closed = ""

    async def _happened(self, timeout_s: float | None) -> None:
        """Wait for something to do, but no longer than this."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), timeout_s)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
