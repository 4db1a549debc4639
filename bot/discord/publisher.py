"""Keeps one message per position and channel as true as the ledger, whatever Discord does meanwhile.

Driven by levels: what waits is which messages are behind, never what happened to them, so a burst or an outage ends in
one request a message with the newest truth. It only reads: nothing here can hold trading up.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from bot.card_book import CardBook
from bot.card_text import NEW_YORK
from bot.channel_settings import ChannelSettings
from bot.clock import Clock
from bot.discord.backlog import News, Urgency
from bot.discord.channel_desk import ChannelDesk
from bot.discord.messages import ChannelMessages
from bot.discord.publishing import Publishing
from bot.discord.stage import RELEASE_ALL, Stage
from bot.discord.thread_news import ThreadPosts
from options.events import PositionMarked, ProcessStopped, SessionOpened, TradeEvent
from options.values import Micros, datetime_of, from_iso
from storage.ledger_tail import LedgerTail
from storage.store import ReaderCursors

POLL_S = 0.05
_CURSOR_EVERY_S = 1.0


def reader_of(channel_id: int) -> str:
    """The name of a channel's cursor."""
    return f"discord {channel_id}"


class Publisher:
    """Reads the ledger and brings the channels' messages up to date until it is drained.

    :param open_tail: opens the ledger; each delay reads it by a tail of its own.
    """

    def __init__(
        self,
        open_tail: Callable[[], LedgerTail],
        channels: Sequence[tuple[ChannelMessages, ChannelSettings, ThreadPosts | None]],
        cursors: ReaderCursors,
        how: Publishing,
        clock: Clock,
    ) -> None:
        delays_s = {0.0, *(channel.delay_s for _, channel, _ in channels)}
        # The one without delay comes first: what it has read says how late it is.
        self._stages = [Stage(open_tail(), delay_s, how.durable_offset) for delay_s in sorted(delays_s)]
        stages = {stage.delay_s: stage for stage in self._stages}
        self.desks = [
            ChannelDesk(messages, channel, stages[channel.delay_s], how, threads)
            for messages, channel, threads in channels
        ]
        self._of_stage = {
            stage.delay_s: [desk for desk in self.desks if desk.stage is stage] for stage in self._stages
        }
        self._cursors = cursors
        self._cursor_of = {desk.channel.id: cursors.get(reader_of(desk.channel.id)) for desk in self.desks}
        self._fresh = {channel_id for channel_id, seq in self._cursor_of.items() if not seq}
        self._cursor_due_s = 0.0
        self._how = how
        self._clock = clock
        self._draining = asyncio.Event()
        self._read_all = False
        self._day_ended = False

    @property
    def cards(self) -> CardBook:
        """Every position as the ledger has it, without delay."""
        return self._stages[0].cards

    @property
    def requests(self) -> int:
        """How many times a message was brought up to date, or was tried to be."""
        return sum(desk.requests for desk in self.desks)

    @property
    def behind(self) -> int:
        """How many messages are behind what their channel may know."""
        return sum(len(desk.backlog) for desk in self.desks)

    @property
    def holding(self) -> bool:
        """True while something is held back for a delayed channel."""
        return any(stage.holding for stage in self._stages)

    def drain(self) -> None:
        """Bring everything up to date as it is now, then end."""
        self._draining.set()
        for desk in self.desks:
            desk.wake()

    def message_deleted(self, channel_id: int, message_id: int) -> None:
        """A moderator took a message away: it comes back once."""
        for desk in self.desks:
            if desk.channel.id == channel_id:
                position_id = desk.messages.deleted(message_id)
                if position_id in desk.stage.changed:
                    desk.again(position_id, News(Urgency.TRADE, desk.stage.changed[position_id]))

    def check_again(self) -> None:
        """Deletions may have gone unheard: look which messages are still there."""
        for desk in self.desks:
            desk.check_again()

    def look_again(self) -> None:
        """Something about servers, channels or roles changed: what was closed to us may be open."""
        for desk in self.desks:
            desk.look_again()

    async def run(self) -> None:
        """Publish until :meth:`drain` was called and everything is shown.

        :raises NotifierOff: the token is not taken any more. :raises StorageError: the ledger or the store failed.
        """
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._catch_up()
            for listener in self._how.listeners:
                listener.caught_up()
            work = [self._read(), *(desk.serve(self._is_over, self._draining.is_set) for desk in self.desks)]
            tasks = [asyncio.create_task(one) for one in work]
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for stage in self._stages:
                stage.close()
        self._move_cursors()
        if self._day_ended:
            self._archive()

    def _is_over(self) -> bool:
        return self._draining.is_set() and self._read_all

    # --- reading ---------------------------------------------------------------------------------------------

    async def _catch_up(self) -> None:
        for stage in self._stages:
            while self._step(stage, catching_up=True):  # noqa: ASYNC110 - it gives way, it does not wait
                await asyncio.sleep(0)
            for position_id, seq in stage.changed.items():
                for desk in self._of_stage[stage.delay_s]:
                    desk.begin_news(position_id)
                    if self._is_behind(desk, position_id, seq):
                        desk.note(position_id, News(_urgency(stage, position_id), seq))

    async def _read(self) -> None:
        while True:
            draining = self._draining.is_set()
            moved = [self._step(stage, catching_up=False) for stage in self._stages]
            if any(moved):
                await asyncio.sleep(0)
                continue
            self._move_cursors_at_times()
            if draining:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(self._draining.wait(), POLL_S)
        self._read_all = True
        for desk in self.desks:
            desk.wake()

    def _step(self, stage: Stage, *, catching_up: bool) -> bool:
        """Take in what is new for a stage; false if nothing was."""
        moved = False
        for seq, event, changed in stage.poll(self._moment()):
            moved = True
            if stage is self._stages[0]:
                self._day_ended = isinstance(event, ProcessStopped) and event.day_ended
                for listener in self._how.listeners:
                    listener.hear(seq, event, changed)
            if isinstance(event, SessionOpened):
                self._forget_yesterday(stage, catching_up=catching_up)
            if catching_up:
                continue
            for position_id in changed:
                urgency = _urgency(stage, position_id, event)
                for desk in self._of_stage[stage.delay_s]:
                    desk.note(position_id, News(urgency, seq))
        return moved

    def _moment(self) -> Micros:
        """What delays are measured from: now, or in a day that is not now, how far that day has come."""
        if self._how.live:
            return self._clock.now()
        newest = self._stages[0].newest_ts
        return RELEASE_ALL if self._day_ended or not newest else from_iso(newest)

    def _is_behind(self, desk: ChannelDesk, position_id: str, seq: int) -> bool:
        """Whether a channel has yet to be told event ``seq`` of a position."""
        if not desk.messages.looks_after(position_id) and seq <= self._cursor_of[desk.channel.id]:
            return False  # it was shown, and is in the archive
        return desk.messages.seq_shown(position_id) < seq or desk.news_due(position_id)

    def _forget_yesterday(self, stage: Stage, *, catching_up: bool) -> None:
        """Let go of what closed before this session and is shown; a channel that is new does not dig up the past."""
        desks = self._of_stage[stage.delay_s]
        days: dict[str, str] = {}
        for position_id in stage.cards.position_ids():
            if not stage.cards.is_closed(position_id):
                continue
            seq = stage.changed[position_id]
            behind = [
                desk
                for desk in desks
                if not desk.closed
                and not (catching_up and desk.channel.id in self._fresh)
                and self._is_behind(desk, position_id, seq)
            ]
            if not behind:
                days[position_id] = closing_day(stage, position_id)
                stage.forget(position_id)
                for desk in desks:
                    desk.forget(position_id)
        for desk in desks:
            desk.archive(days)

    def _archive(self) -> None:
        """Put aside the messages of what closed and is shown: with the day over nobody looks after them any more."""
        for desk in self.desks:
            stage = desk.stage
            over = [one for one in stage.changed if stage.cards.is_closed(one)]
            shown = [one for one in over if not self._is_behind(desk, one, stage.changed[one])]
            desk.archive({one: closing_day(stage, one) for one in shown})

    def _move_cursors_at_times(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._cursor_due_s:
            self._move_cursors()
            self._cursor_due_s = now_s + _CURSOR_EVERY_S

    def _move_cursors(self) -> None:
        for desk in self.desks:
            channel_id, seq = desk.channel.id, desk.stage.seq
            if not desk.backlog and not desk.closed and seq > self._cursor_of[channel_id]:
                self._cursors.set(reader_of(channel_id), seq)
                self._cursor_of[channel_id] = seq


def _urgency(stage: Stage, position_id: str, event: TradeEvent | None = None) -> Urgency:
    if stage.cards.is_closed(position_id):
        return Urgency.CLOSING
    return Urgency.MARK if isinstance(event, PositionMarked) else Urgency.TRADE


def closing_day(stage: Stage, position_id: str) -> str:
    """The day in New York, ISO, on which a position was over."""
    closed = from_iso(stage.cards.view(position_id).closed_ts)
    return datetime_of(closed).astimezone(NEW_YORK).date().isoformat()
