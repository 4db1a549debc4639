"""The notifier beside the trading day: a thread with an event loop of its own, which only reads what is durable.

Trading never waits for it. Where Discord cannot be used, one sentence says what to change and the day goes on. A fault
of our own in it is kept, so that the process can end in good order: see :attr:`DiscordService.died`.
"""

import asyncio
import logging
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, closing
from types import TracebackType
from typing import Any, Self

import discord

from bot.chart_render import ChartRenderer, drawing_command, find_browser
from bot.discord.channel_desk import FAILURES
from bot.discord.check import faults_of, findings_of, said_once
from bot.discord.client import BoardClient, Ears, GatewayBudget, gateway_lost_text, token_refused
from bot.discord.commands.desk_link import DeskLink
from bot.discord.demo_channels import demo_channels
from bot.discord.edit_room import EditRoom
from bot.discord.embed import ledger_mark
from bot.discord.loopback.cast import GUILD_ID, desk_access
from bot.discord.loopback.pointing import point_discord_py_at
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.messages import ChannelMessages
from bot.discord.people import People
from bot.discord.pictures import Charting
from bot.discord.publisher import POLL_S, Publisher
from bot.discord.publishing import NotifierOff, Publishing
from bot.discord.sentences import NO_PLACE, REFUSED_SENTENCE, REVOKED_SENTENCE
from bot.discord.service_plan import Place, ServicePlan
from bot.discord.thread_news import thread_posts
from bot.door.handover import DeskBusy, DeskClosed
from bot.position_view import PositionView
from bot.settings import SettingsError
from options.commands import Halt
from storage.gateway_starts import GatewayStarts
from storage.ledger_tail import LedgerTail
from storage.store import PostedMessages
from storage.thread_news import ThreadNewsStore

__all__ = ["STORE_NAME", "DiscordService", "Place", "ServicePlan"]

STORE_NAME = "discord.sqlite3"
REQUIRED_WITHIN_S = 30.0
"""How long a start waits for Discord where it is required."""
LOST_REASON = "Discord is required and was lost"
_RETRY_S = (1.0, 60.0)


def untold_words(behind: int, *, of_page: bool) -> str:
    """What is said where a run ends before all is posted; ``behind`` is 0 where nothing could be, or nobody counted.

    Where the run has only its own page there is no Discord to speak of.
    """
    whose = "The page" if of_page else "Discord"
    waiting = {0: "all messages wait", 1: "1 message waits"}.get(behind, f"{behind} messages wait")
    return f"{whose} could not be told all: {waiting} for the next start."


class DiscordService:
    """Runs from ``with`` to :meth:`close`. ``page_url`` is the loopback's page, empty without one."""

    def __init__(self, plan: ServicePlan) -> None:
        self.page_url = ""
        self.publisher: Publisher | None = None
        self._plan = plan
        self._drain_s = 0.0
        self._unreachable = False
        self._ready: Future[asyncio.AbstractEventLoop] = Future()
        self._usable: Future[str] = Future()
        """Empty once Discord can be used, else what is to be changed."""
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="discord")
        self._ended: Future[None] | None = None
        self._stop: asyncio.Event | None = None
        self._edits = EditRoom()

    def __enter__(self) -> Self:
        # Without a handler of its own discord.py's warnings would be written over the picture of the day.
        logging.getLogger("discord").addHandler(logging.NullHandler())
        self._ended = self._executor.submit(asyncio.run, self._main())
        self._ended.add_done_callback(self._never_ready)
        self._ready.result()
        if self._plan.required:
            self._refuse_unless_usable()
        return self

    def _refuse_unless_usable(self) -> None:
        try:
            sentence = self._usable.result(REQUIRED_WITHIN_S)
        except TimeoutError:
            sentence = f"it did not answer within {REQUIRED_WITHIN_S:g} s"
        if sentence:
            self._finish(0.0)
            self._executor.shutdown()
            raise SettingsError(f"Discord is required (discord.required) and cannot be used: {sentence}")

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
        self._tell_usable("it ended before it began")

    def _tell_usable(self, sentence: str) -> None:
        if not self._usable.done():
            self._usable.set_result(sentence)

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
                    demo_channels(),
                    lambda: loopback.token,
                    desk_access(),
                )
            store = open_things.enter_context(closing(PostedMessages(self._plan.store)))
            starts = open_things.enter_context(closing(GatewayStarts(self._plan.store)))
            self._budget = GatewayBudget(starts, self._plan.clock, self._plan.say)
            self._ready.set_result(asyncio.get_running_loop())
            try:
                await self._until_stopped(self._publish(place, store))
            except NotifierOff as off:
                await self._is_off(str(off))
            await self._stop.wait()

    async def _is_off(self, sentence: str) -> None:
        """Discord cannot be used any more, or never could: say so, and stop entries where it is required."""
        began = self._usable.done() and not self._usable.result()
        self._tell_usable(sentence)
        plan = self._plan
        if not (began and plan.required and plan.handover is not None):
            plan.say(f"Discord is off, trading goes on: {sentence}.")
            return
        plan.say(f"Discord is off and required: nothing is entered until a resume, exits go on: {sentence}.")
        halt = Halt(command_id=f"discord-lost-{plan.clock.now()}", who="callboard", reason=LOST_REASON)
        try:
            await DeskLink(plan.handover, plan.ledger).give(halt)
        except (DeskClosed, DeskBusy) as error:
            plan.say(f"Discord is off, and trading could not be halted: {error}.")

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
        if self.publisher is not None and self.publisher.holding:
            self._plan.say("Discord: what is too young for the delayed channels is shown at the next start.")

    def _say_what_is_missing(self) -> None:
        behind = self.publisher.behind if self.publisher is not None else 0
        if self._drain_s and (behind or self.publisher is None):
            self._plan.say(untold_words(behind, of_page=bool(self.page_url)))

    async def _publish(self, place: Place, store: PostedMessages) -> None:
        try:
            token = place.token()
        except SettingsError as error:
            raise NotifierOff(str(error)) from None
        if not place.channels or not all(channel.guild_id for channel in place.channels):
            raise NotifierOff(NO_PLACE)
        point_discord_py_at(place.api_base, place.gateway_url)
        pause_s, longest_s = _RETRY_S
        ears = Ears(self._deleted, self._look_again, self._check_again)
        while True:
            async with BoardClient(ears, self._budget, self._edits, self._plan.say) as client:
                try:
                    await client.login(token)
                    charts = self._plan.chart_every_s is not None
                    found = await findings_of(client, place.channels, charts=charts)
                except discord.LoginFailure:
                    raise NotifierOff(REFUSED_SENTENCE) from None
                except FAILURES as error:
                    if not self._unreachable:
                        self._plan.say(
                            f"Discord cannot be reached, it is tried again: {type(error).__name__}."
                        )
                    self._unreachable = True
                    self._tell_usable(f"it cannot be reached ({type(error).__name__})")
                else:
                    self._unreachable = False
                    self._tell_usable(said_once(found.faults.values()))
                    for hint in found.hints.values():
                        self._plan.say(f"Discord: {hint}.")
                    await self._serve(client, place, store, found.faults)
                    return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, longest_s)

    async def _serve(
        self, client: BoardClient, place: Place, store: PostedMessages, faults: dict[int, str]
    ) -> None:
        plan = self._plan
        await self._first_line()
        ledger = ledger_mark(plan.ledger)
        by_id = {channel.id: channel for channel in place.channels}

        async def fault_of(channel_id: int) -> str:
            found = await faults_of(client, (by_id[channel_id],))
            return found.get(channel_id, "")

        charting = None
        if plan.chart_every_s is not None:
            charting = Charting(ChartRenderer(drawing_command(find_browser()), plan.say), plan.chart_every_s)
        with ExitStack() as open_things:
            people = open_things.enter_context(closing(People(plan, place, client, ledger, self._view)))
            how = Publishing(
                ledger,
                plan.say,
                plan.durable_offset,
                plan.mark_every_s,
                plan.live,
                fault_of=fault_of,
                charting=charting,
                listeners=people.listeners,
                edits=self._edits,
            )
            told = open_things.enter_context(closing(ThreadNewsStore(plan.store)))
            channels = []
            for one in place.channels:
                messages = ChannelMessages(client, one.id, store, ledger, plan.clock, people.buttons_in(one))
                channels.append((messages, one, thread_posts(client, one, messages, told, ledger, plan.say)))
            self.publisher = Publisher(lambda: LedgerTail(plan.ledger), channels, store, how, plan.clock)
            for desk in self.publisher.desks:
                if desk.channel.id in faults:
                    desk.close(faults[desk.channel.id])
            if self._stop is not None and self._stop.is_set():
                self.publisher.drain()
            await self._run_all(client, self.publisher, people, charting)

    async def _run_all(
        self, client: BoardClient, publisher: Publisher, people: People, charting: Charting | None
    ) -> None:
        """Run the publisher to its end, and all that goes on beside it."""
        client.control = people.open_commands(publisher.cards)
        gateway = asyncio.create_task(client.run_gateway())
        gateway.add_done_callback(self._gateway_ended)
        beside = [gateway, *(asyncio.create_task(one) for one in people.beside(client.control))]
        if charting is not None:
            beside.append(asyncio.create_task(charting.renderer.run()))
        try:
            await _until_refused(people.tell_beside(publisher.run()), gateway)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    def _view(self, position_id: str) -> PositionView:
        """A position as the cards have it."""
        assert self.publisher is not None, "who asks was told of the position by the publisher"
        return self.publisher.cards.view(position_id)

    async def _first_line(self) -> None:
        """Wait until the ledger has begun: it is told from others by its first line."""
        while True:
            if self._plan.durable_offset() != 0:
                return
            await asyncio.sleep(POLL_S)

    def _gateway_ended(self, gateway: "asyncio.Task[None]") -> None:
        """Without the gateway deletions are seen at the next edit; the messages go on."""
        error = None if gateway.cancelled() else gateway.exception()
        if error is not None and not token_refused(error):
            self._plan.say(gateway_lost_text(error))

    def _deleted(self, channel_id: int, message_id: int) -> None:
        if self.publisher is not None:
            self.publisher.message_deleted(channel_id, message_id)

    def _look_again(self) -> None:
        if self.publisher is not None:
            self.publisher.look_again()

    def _check_again(self) -> None:
        if self.publisher is not None:
            self.publisher.check_again()


async def _until_refused(work: Coroutine[Any, Any, None], gateway: "asyncio.Task[None]") -> None:
    """Run the work to its end. A gateway that refuses the token ends it: REST would, a request later.

    :raises NotifierOff: the token is not taken any more.
    """
    working = asyncio.create_task(work)
    try:
        await asyncio.wait({working, gateway}, return_when=asyncio.FIRST_COMPLETED)
        if gateway.done() and not gateway.cancelled() and token_refused(gateway.exception()):
            raise NotifierOff(REVOKED_SENTENCE)
        await working
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
