"""The notifier beside the trading day: a thread with an event loop of its own, which only reads what is durable.

Trading never waits for it. Where Discord cannot be used, one sentence says what to change and the day goes on. A fault
of our own in it is kept, so that the process can end in good order: see :attr:`DiscordService.died`.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import discord

from bot.access_settings import NOBODY_AT_ALL, DiscordAccess
from bot.chart_render import ChartRenderer, drawing_command, find_browser
from bot.clock import Clock
from bot.discord.check import faults_of
from bot.discord.commands.card_buttons import card_view
from bot.discord.commands.control import Control
from bot.discord.commands.desk_link import DeskLink
from bot.discord.commands.room import Room
from bot.discord.commands.tiers import Access
from bot.discord.embed import ledger_mark
from bot.discord.loopback.cast import DESK_CHANNEL_ID, GUILD_ID, POSITIONS_CHANNEL_ID, desk_access
from bot.discord.loopback.pointing import point_discord_py_at
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.messages import ChannelMessages
from bot.discord.pictures import Charting
from bot.discord.publisher import POLL_S, NotifierOff, Publisher, Publishing
from bot.door.day_desk import SteeredDay
from bot.door.handover import Handover
from bot.settings import SettingsError
from storage.confirmations import Confirmations
from storage.ledger_tail import LedgerTail
from storage.store import PostedMessages

STORE_NAME = "discord.sqlite3"
RATELIMIT_MAX_S = 30.0
"""A longer wait than this is ours to arrange: inside discord.py it would hold every message of the channel up."""
_RETRY_S = (1.0, 60.0)


@dataclass(frozen=True, slots=True)
class Place:
    """Which Discord, as whom, and where in it. The token is never part of a text."""

    api_base: str
    gateway_url: str
    guild_id: int
    channel_ids: tuple[int, ...]
    token: Callable[[], str]
    """:raises SettingsError: there is none, or its file cannot be read."""
    access: DiscordAccess = NOBODY_AT_ALL
    """Who may use which commands; without anybody there are none."""
    desk_channel_ids: tuple[int, ...] = ()
    """Channels whose cards have buttons; each is shown every position too."""

    @property
    def every_channel(self) -> tuple[int, ...]:
        """The channels where positions are shown, each once."""
        return tuple(dict.fromkeys((*self.channel_ids, *self.desk_channel_ids)))


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """What the service is told. Without a ``place`` it opens a loopback Discord, whose page is the only way in."""

    ledger: Path
    store: Path
    durable_offset: Callable[[], int | None]
    say: Callable[[str], None]
    clock: Clock
    place: Place | None
    mark_every_s: float
    relative_times: bool = False
    chart_every_s: float | None = None
    """The pace of charts; ``None``: there are none."""
    handover: Handover[SteeredDay] | None = None
    """The way to the trading thread; without one there are no commands."""


class _Client(discord.Client):
    """A client that hears of messages that were taken away."""

    def __init__(self, on_deleted: Callable[[int, int], None], say: Callable[[str], None]) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True)
        super().__init__(intents=intents, max_ratelimit_timeout=RATELIMIT_MAX_S, max_messages=None)
        self.control: Control | None = None
        self._on_deleted = on_deleted
        self._say = say

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Somebody did something; commands go to the tree by themselves, presses of buttons from here."""
        if self.control is not None:
            await self.control.pressed(interaction)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was let into the server again: its commands went when it left."""
        if self.control is not None and self.application_id is not None:
            await self.control.register_again(guild.id, self.application_id)

    async def on_error(self, event_method: str, /, *_args: object, **_kwargs: object) -> None:
        """Something of ours failed on news from Discord: it is told, and the rest goes on."""
        self._say(f"Discord: {event_method} failed: {sys.exc_info()[1]!r}")

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """One message was taken away."""
        self._on_deleted(payload.channel_id, payload.message_id)

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Many messages were taken away."""
        for message_id in payload.message_ids:
            self._on_deleted(payload.channel_id, message_id)


class DiscordService:
    """Runs from ``with`` to :meth:`close`. ``page_url`` is the loopback's page, empty without one."""

    def __init__(self, plan: ServicePlan) -> None:
        self.page_url = ""
        self.publisher: Publisher | None = None
        self._plan = plan
        self._drain_s = 0.0
        self._unreachable = False
        self._ready: Future[asyncio.AbstractEventLoop] = Future()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="discord")
        self._ended: Future[None] | None = None
        self._stop: asyncio.Event | None = None

    def __enter__(self) -> Self:
        # Without a handler of its own discord.py's warnings would be written over the picture of the day.
        logging.getLogger("discord").addHandler(logging.NullHandler())
        self._ended = self._executor.submit(asyncio.run, self._main())
        self._ended.add_done_callback(self._never_ready)
        self._ready.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(0.0)
        self._executor.shutdown()
        if kind is None and self._ended is not None:
            self._ended.result()

    @property
    def died(self) -> bool:
        """True if it has ended by a fault of its own, which leaving the ``with`` raises."""
        return self._ended is not None and self._ended.done()

    def close(self, drain_s: float) -> None:
        """Bring every message up to date, for at most so long, and end. What is missing is shown at the next start."""
        self._finish(drain_s)
        if self._ended is not None:
            self._ended.result()

    def _finish(self, drain_s: float) -> None:
        if self._ended is None or self._ended.done() or self._stop is None:
            return
        self._drain_s = drain_s
        self._ready.result().call_soon_threadsafe(self._stop.set)
        self._ended.exception()

    def _never_ready(self, ended: "Future[None]") -> None:
        if not self._ready.done():
            self._ready.set_exception(ended.exception() or NotifierOff("it ended before it began"))

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        async with AsyncExitStack() as open_things:
            place = self._plan.place
            if place is None:
                loopback = await open_things.enter_async_context(LoopbackDiscord(self._plan.clock))
                self.page_url = loopback.page_url
                place = Place(
                    loopback.api_base,
                    loopback.gateway_url,
                    GUILD_ID,
                    (POSITIONS_CHANNEL_ID,),
                    lambda: loopback.token,
                    desk_access(),
                    (DESK_CHANNEL_ID,),
                )
            store = open_things.enter_context(closing(PostedMessages(self._plan.store)))
            tail = open_things.enter_context(closing(LedgerTail(self._plan.ledger)))
            self._ready.set_result(asyncio.get_running_loop())
            try:
                await self._until_stopped(self._publish(place, store, tail))
            except NotifierOff as off:
                self._plan.say(f"Discord is off, trading goes on: {off}.")
            await self._stop.wait()

    async def _until_stopped(self, work: Coroutine[None, None, None]) -> None:
        """Run until asked to stop, then for as long as draining may take."""
        assert self._stop is not None, "the service has begun"
        task, stopping = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not task.done():
            if self.publisher is not None:
                self.publisher.drain()
            if not self._unreachable:
                await asyncio.wait({task}, timeout=self._drain_s)
            if not task.done():
                self._say_what_is_missing()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                return
        task.result()

    def _say_what_is_missing(self) -> None:
        behind = self.publisher.behind if self.publisher is not None else 0
        if self._drain_s and (behind or self.publisher is None):
            self._plan.say(
                f"Discord could not be told all: {behind or 'all'} messages wait for the next start."
            )

    async def _publish(self, place: Place, store: PostedMessages, tail: LedgerTail) -> None:
        try:
            token = place.token()
        except SettingsError as error:
            raise NotifierOff(str(error)) from None
        if not place.every_channel or not place.guild_id:
            raise NotifierOff(
                "it is not said where: set discord.guild_id to the server and discord.channel_ids to its channels"
            )
        point_discord_py_at(place.api_base, place.gateway_url)
        pause_s, longest_s = _RETRY_S
        while True:
            async with _Client(self._deleted, self._plan.say) as client:
                try:
                    await client.login(token)
                    faults = await faults_of(client, place.guild_id, place.every_channel)
                except discord.LoginFailure:
                    raise NotifierOff(
                        "Discord refuses the token: copy it anew from the Developer Portal's page Bot into "
                        "CALLBOARD_DISCORD__TOKEN"
                    ) from None
                except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                    if not self._unreachable:
                        self._plan.say(
                            f"Discord cannot be reached, it is tried again: {type(error).__name__}."
                        )
                    self._unreachable = True
                else:
                    self._unreachable = False
                    await self._serve(client, place, store, tail, faults)
                    return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, longest_s)

    async def _serve(
        self,
        client: _Client,
        place: Place,
        store: PostedMessages,
        tail: LedgerTail,
        faults: dict[int, str],
    ) -> None:
        for sentence in faults.values():
            self._plan.say(f"Discord: {sentence}.")
        plan = self._plan
        await self._first_line()
        ledger = ledger_mark(plan.ledger)
        usable = [channel_id for channel_id in place.every_channel if channel_id not in faults]
        if not usable:
            raise NotifierOff("no channel of discord.channel_ids can be used")
        desks = place.desk_channel_ids if self._steered(place) else ()
        channels = [
            ChannelMessages(
                client, channel_id, store, ledger, plan.clock,
                self._card_buttons(ledger) if channel_id in desks else lambda _: None,
            )
            for channel_id in usable
        ]  # fmt: skip
        charting = None
        if plan.chart_every_s is not None:
            charting = Charting(ChartRenderer(drawing_command(find_browser()), plan.say), plan.chart_every_s)
        how = Publishing(
            ledger,
            plan.say,
            plan.durable_offset,
            plan.mark_every_s,
            plan.relative_times,
            charting=charting,
        )
        self.publisher = Publisher(tail, channels, store, how)
        if self._stop is not None and self._stop.is_set():
            self.publisher.drain()
        with self._commands(client, place, self.publisher, ledger) as registering:
            gateway = asyncio.create_task(client.connect(reconnect=True))
            gateway.add_done_callback(self._gateway_ended)
            drawing = [asyncio.create_task(charting.renderer.run())] if charting is not None else []
            try:
                await self.publisher.run()
            finally:
                beside = [gateway, *registering, *drawing]
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    def _steered(self, place: Place) -> bool:
        """Whether anything can be steered from Discord."""
        return self._plan.handover is not None and place.access.anybody

    def _card_buttons(self, ledger: str) -> Callable[[str], discord.ui.View | None]:
        """The buttons under a card while its position holds something."""

        def buttons(position_id: str) -> discord.ui.View | None:
            publisher = self.publisher
            held = publisher is not None and publisher.cards.view(position_id).qty
            return card_view(position_id, ledger) if held else None

        return buttons

    @contextmanager
    def _commands(
        self, client: _Client, place: Place, publisher: Publisher, ledger: str
    ) -> Iterator[list["asyncio.Task[None]"]]:
        """The commands beside the messages; the tasks that tell Discord of them are the caller's to end."""
        plan = self._plan
        access = Access(place.access)
        if plan.handover is None or not self._steered(place):
            yield []
            return
        with closing(Confirmations(plan.store)) as confirmations:
            room = Room(
                guild_id=place.guild_id,
                access=access,
                desk=DeskLink(plan.handover, plan.ledger),
                cards=publisher.cards,
                ledger=plan.ledger,
                durable_offset=plan.durable_offset,
                confirmations=confirmations,
                clock=plan.clock,
                say=plan.say,
            )
            client.control = Control(client, room, ledger)
            assert client.application_id is not None, "the client is signed in"
            yield [asyncio.create_task(client.control.tree.register(client.application_id))]

    async def _first_line(self) -> None:
        """Wait until the ledger has begun: it is told from others by its first line."""
        while True:
            if self._plan.durable_offset() != 0:
                return
            await asyncio.sleep(POLL_S)

    def _gateway_ended(self, gateway: "asyncio.Task[None]") -> None:
        """Without the gateway deletions are seen at the next edit; the messages go on."""
        error = None if gateway.cancelled() else gateway.exception()
        if error is not None:
            self._plan.say(f"Discord's gateway is lost, deleted messages are noticed later: {error}")

    def _deleted(self, channel_id: int, message_id: int) -> None:
        if self.publisher is not None:
            self.publisher.message_deleted(channel_id, message_id)
