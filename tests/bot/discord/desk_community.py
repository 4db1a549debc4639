"""A day that trades, with the loopback Discord and its people beside it, and the real discord.py between them."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot.channel_settings import ChannelSettings
from bot.clock import SystemClock
from bot.discord.following.followers import FollowPace
from bot.discord.loopback.cast import (
    DESK_CHANNEL_ID,
    GUILD_ID,
    POSITIONS_CHANNEL_ID,
    TALK_CHANNEL_ID,
    desk_access,
)
from bot.discord.loopback.interactions import Interaction
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.service import DiscordService, Place, ServicePlan
from bot.door.day_desk import SteeredDay
from bot.door.handover import Handover
from bot.sessions import last_session
from options import commands as c
from options.chain import Chain
from options.contract import OptionContract, Right
from options.events import CommandRefused, CommandTaken
from options.plan import ExitPlan
from options.values import Micros
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from strategies.base import MarketView
from tests.bot.command_room import KEY, CommandRoom
from tests.patience import PATIENCE_S

EXPIRIES = ("2015-12-18", "2015-12-24", "2015-12-31", "2016-01-15")
_UNGUARDED = ExitPlan()
STRIKES = (*(str(strike) for strike in range(600, 905, 5)), "752.5", "12345.25")
CHAIN = Chain(
    (
        OptionContract(
            root="GOOG", expiry=date.fromisoformat(expiry), right=Right.CALL, strike=Decimal(strike)
        ),
        None,
    )
    for expiry in EXPIRIES
    for strike in STRIKES
)


class _Day:
    """A command room as a day that a handover serves."""

    def __init__(self, room: CommandRoom) -> None:
        self._room = room
        self.book, self.manager, self.command = room.book, room.manager, room.command

    @property
    def at(self) -> Micros:
        return self._room.at

    @property
    def last_seq(self) -> int:
        return self._room.last_seq

    def view(self) -> MarketView:
        """The room's market, with a chain that lists two expiries that have passed and some that have not."""
        manager, day = self._room.manager, date(2015, 12, 24)
        return MarketView(
            now=self._room.at,
            book=manager.book,
            quotes=manager.quotes,
            quote_limits=manager.limits.quotes,
            chain=CHAIN,
            session=last_session(day),
            last_session=last_session,
        )


class Community:
    """A room that trades, served by a thread of its own, with Discord beside it. ``access`` is set as it says."""

    def __init__(self, server: LoopbackDiscord, data: Path, **access: object) -> None:
        self.server = server
        self.data = data
        self.said: list[str] = []
        self.heard = threading.Condition()
        self.required = False
        self.access = desk_access().model_copy(update=access)
        self._open = ExitStack()

    def start(self) -> None:
        self.room = self._open.enter_context(CommandRoom(self.data))
        self.handover: Handover[SteeredDay] = Handover()
        self.handover.open(_Day(self.room))
        over = threading.Event()

        def serve() -> None:
            while not over.wait(0.002):
                with self.room._lock:
                    self.handover.serve()

        thread = threading.Thread(target=serve)
        thread.start()
        self._open.callback(self.handover.close)
        self._open.callback(thread.join)
        self._open.callback(over.set)
        self.service = self._open.enter_context(self.again())

    def again(self) -> DiscordService:
        """The service as a fresh process would make it."""
        server = self.server
        place = Place(
            server.api_base,
            server.gateway_url,
            GUILD_ID,
            (
                ChannelSettings(id=POSITIONS_CHANNEL_ID, guild_id=GUILD_ID),
                ChannelSettings(id=DESK_CHANNEL_ID, guild_id=GUILD_ID, buttons=True),
            ),
            lambda: server.token,
            self.access,
        )
        plan = ServicePlan(
            self.data / LEDGER_PATH,
            self.data / "discord.sqlite3",
            lambda: None,
            self._say,
            SystemClock(),
            place,
            0.0,
            required=self.required,
            handover=self.handover,
            strategies=("follow_signal",),
            follow_pace=FollowPace(0.0, 0.0, 0.0, 0.0, (0.01, 0.05)),
        )
        return DiscordService(plan)

    def _say(self, sentence: str) -> None:
        with self.heard:
            self.said.append(sentence)
            self.heard.notify_all()

    def hears(self, words: str) -> list[str]:
        """What was said with these words, once something was."""
        with self.heard:
            assert self.heard.wait_for(lambda: any(words in one for one in self.said), PATIENCE_S), self.said
        return [one for one in self.said if words in one]

    def stop(self) -> None:
        self._open.close()

    async def ready(self) -> None:
        server = self.server
        await server.until(
            lambda: bool(server.commands.all(GUILD_ID)) and server.gateway.happened["identify"] > 0
        )

    async def buys_eight(self, bid: float, ask: float, exits: ExitPlan = _UNGUARDED) -> None:
        """Begin with a trade, T1, that buys eight contracts at 4.10; then its market is another."""
        await asyncio.to_thread(self.start)
        self.room.quote(3.9, 4.1)
        self.room.command(c.NewTrade(command_id="n", who="test", instrument=KEY, qty=8, exits=exits))
        self.room.command(c.ActivateTrade(command_id="a", who="test", trade_id="T1"))
        self.room.quote(bid, ask)
        await self.ready()

    async def asks(self, user_id: int, name: str, **options: object) -> str:
        """What a person is answered to a command, in one text."""
        return await self.answer(await self.server.command(user_id, TALK_CHANNEL_ID, name, dict(options)))

    async def confirms(self, user_id: int, name: str, **options: object) -> str:
        """What a person is answered who confirms what a command would do."""
        asked = await self.server.command(user_id, TALK_CHANNEL_ID, name, dict(options))
        told = await self.answer(asked)
        question = asked.messages[0]
        if not question.components:
            return told
        await self.server.press(user_id, question, question.components[0]["components"][0]["custom_id"])
        await self.server.until(lambda: not question.components)
        return question.content

    async def asks_until(self, wanted: str, user_id: int, name: str) -> None:
        """Ask again until the answer has it: what is read follows the desk by a moment."""
        async with asyncio.timeout(PATIENCE_S):
            while wanted not in await self.asks(user_id, name):
                continue

    async def answer(self, done: Interaction) -> str:
        await self.server.until(lambda: any(m.content or m.embeds for m in done.messages))
        texts = [m.content + "".join(str(e.get("description", "")) for e in m.embeds) for m in done.messages]
        return "\n".join(texts)

    def commands(self) -> list[CommandTaken | CommandRefused]:
        events = [event for batch in read(self.data / LEDGER_PATH) for event in batch.events]
        return [event for event in events if isinstance(event, CommandTaken | CommandRefused)]


@asynccontextmanager
async def holding_eight(community: Community) -> AsyncIterator[Community]:
    """A community from its start to its end, that holds eight contracts, T1."""
    await community.buys_eight(4.0, 4.2)
    yield community
    await asyncio.to_thread(community.stop)


@asynccontextmanager
async def next_process(first: Community) -> AsyncIterator[Community]:
    """What comes after a community's process has ended, on the same data, from when it has signed in."""
    await asyncio.to_thread(first.stop)
    second = Community(first.server, first.data)
    second.access = first.access
    await asyncio.to_thread(second.start)
    try:
        await second.server.until(lambda: second.server.gateway.happened["identify"] == 2)
        yield second
    finally:
        await asyncio.to_thread(second.stop)
