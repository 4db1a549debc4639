"""Slash commands end to end: people of every tier in the loopback Discord, the real discord.py, a day that runs."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.discord.loopback.cast import (
    ADMIN_ID,
    GUILD_ID,
    HELPER_ID,
    POSITIONS_CHANNEL_ID,
    SECOND_ADMIN_ID,
    TALK_CHANNEL_ID,
    TRADER_ID,
    VIEWER_ID,
    desk_access,
)
from bot.discord.loopback.interactions import Interaction
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.service import DiscordService, Place, ServicePlan
from bot.door.day_desk import SteeredDay
from bot.door.handover import DeskClosed, Handover
from options import commands as c
from options.events import CommandRefused, CommandTaken, TradingHalted, TradingResumed
from options.values import Micros
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from strategies.base import MarketView
from tests.bot.command_room import KEY, CommandRoom


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
        raise NotImplementedError


class Community:
    """A room that trades, served by a thread of its own, with Discord beside it."""

    def __init__(self, server: LoopbackDiscord, data: Path, *, second_admin: bool = False) -> None:
        self.server = server
        self.data = data
        self.said: list[str] = []
        self.access = desk_access().model_copy(update={"second_admin": second_admin})
        self._open = ExitStack()

    def start(self) -> None:
        self.room = self._open.enter_context(CommandRoom(self.data))
        self.handover: Handover[SteeredDay] = Handover()
        self.handover.open(_Day(self.room))
        over = threading.Event()

        def serve() -> None:
            while not over.wait(0.002):
                self.handover.serve()

        thread = threading.Thread(target=serve)
        thread.start()
        self._open.callback(self.handover.close)
        self._open.callback(thread.join)
        self._open.callback(over.set)
        server = self.server
        place = Place(
            server.api_base,
            server.gateway_url,
            GUILD_ID,
            (POSITIONS_CHANNEL_ID,),
            lambda: server.token,
            self.access,
        )
        plan = ServicePlan(
            self.data / LEDGER_PATH,
            self.data / "discord.sqlite3",
            lambda: None,
            self.said.append,
            SystemClock(),
            place,
            0.0,
            handover=self.handover,
        )
        self.service = self._open.enter_context(DiscordService(plan))

    def stop(self) -> None:
        self._open.close()

    async def ready(self) -> None:
        server = self.server
        await server.until(
            lambda: bool(server.commands.all(GUILD_ID)) and server.gateway.happened["identify"] > 0
        )

    async def asks(self, user_id: int, name: str, **options: object) -> str:
        """What a person is answered to a command, in one text."""
        return await self.answer(await self.server.command(user_id, TALK_CHANNEL_ID, name, dict(options)))

    async def answer(self, done: Interaction) -> str:
        await self.server.until(lambda: any(m.content or m.embeds for m in done.messages))
        texts = [m.content + "".join(str(e.get("description", "")) for e in m.embeds) for m in done.messages]
        return "\n".join(texts)

    def commands(self) -> list[CommandTaken | CommandRefused]:
        events = [event for batch in read(self.data / LEDGER_PATH) for event in batch.events]
        return [event for event in events if isinstance(event, CommandTaken | CommandRefused)]


@pytest.fixture
async def community(server: LoopbackDiscord, tmp_path: Path) -> AsyncIterator[Community]:
    """A community with a position of eight contracts, T1."""
    made = Community(server, tmp_path)
    await asyncio.to_thread(made.start)
    made.room.quote(3.9, 4.1)
    made.room.command(c.NewTrade(command_id="n", who="test", instrument=KEY, qty=8))
    made.room.command(c.ActivateTrade(command_id="a", who="test", trade_id="T1"))
    made.room.quote(4.0, 4.2)
    await made.ready()
    yield made
    await asyncio.to_thread(made.stop)


TIERS = {VIEWER_ID: 1, HELPER_ID: 2, TRADER_ID: 3, ADMIN_ID: 4}
NEEDED = {"help": 1, "status": 1, "positions": 1, "trim": 2, "halt": 3, "resume": 4}
OPTIONS: dict[str, dict[str, object]] = {
    "trim": {"trade": "T1", "amount": "2"},
    "resume": {"reason": "halted by hand"},
}


@pytest.mark.parametrize("name", NEEDED)
async def test_every_command_as_every_tier(community: Community, name: str) -> None:
    """Who has the tier is answered; who has not is not shown the command, and refused if they send it all the same."""
    for command in community.server.commands.all(GUILD_ID):
        command["default_member_permissions"] = None
    for user_id, tier in TIERS.items():
        before = len(community.commands())
        text = await community.asks(user_id, name, **OPTIONS.get(name, {}))
        if tier < NEEDED[name]:
            assert "You may not use" in text
            assert len(community.commands()) == before
        else:
            assert "You may not use" not in text
            assert len(community.commands()) == before + (NEEDED[name] > 1)


async def test_commands_are_hidden_from_who_may_not_use_them(community: Community) -> None:
    """Discord's menu shows each person the commands of their tier and no others."""
    for user_id, tier in TIERS.items():
        shown = {one["name"] for one in community.server.commands.usable(GUILD_ID, user_id)}
        assert shown == {name for name, needed in NEEDED.items() if needed <= tier}


async def test_a_trim_follows_and_is_recorded_with_who_asked(community: Community) -> None:
    """A helper's trim is one command in the ledger, by name and id; beyond the limit nothing is done."""
    text = await community.asks(HELPER_ID, "trim", trade="T1", amount="2")
    assert "trim T1**: taken" in text
    taken = community.commands()[-1]
    assert isinstance(taken, CommandTaken)
    assert taken.who == f"Hugo ({HELPER_ID})"
    assert taken.command_id.startswith("discord-")
    before = len(community.commands())
    assert "at most 2 at a time, this is 3" in await community.asks(HELPER_ID, "trim", trade="T1", amount="½")
    assert len(community.commands()) == before
    assert "taken" in await community.asks(TRADER_ID, "trim", trade="T1", amount="½")
    assert "neither" not in await community.asks(TRADER_ID, "trim", trade="T9", amount="1")


async def test_k21_a_doubled_deed_is_done_once(community: Community) -> None:
    """The same interaction delivered twice gives one command, in one process and over a restart."""
    server = community.server
    done = await server.command(TRADER_ID, TALK_CHANNEL_ID, "halt", {"reason": "too hot"})
    assert "taken" in await community.answer(done)
    channel = server.world.channel(TALK_CHANNEL_ID)
    again = server.people._payload(done, channel)
    from bot.discord.loopback.announcements import Announcement

    server.board.announcements.tell(Announcement("INTERACTION_CREATE", again))
    assert "trading is halted already" in await community.asks(TRADER_ID, "halt", reason="once more")
    ids = [one.command_id for one in community.commands()]
    assert len(ids) == len(set(ids))
    halts = [e for b in read(community.data / LEDGER_PATH) for e in b.events if isinstance(e, TradingHalted)]
    assert len(halts) == 1


async def test_positions_and_status_tell_the_truth(community: Community) -> None:
    """What is held is shown at its newest mark, and a halt is named."""
    text = await community.asks(VIEWER_ID, "positions")
    assert "T1" in text
    assert "as quoted now" in text
    assert "Trading." in await community.asks(VIEWER_ID, "status")
    await community.asks(TRADER_ID, "halt", reason="@everyone is hot")
    status = await community.asks(VIEWER_ID, "status")
    assert "Halted" in status
    assert "@" not in status


async def test_commands_are_registered_once(community: Community) -> None:
    """A second start with the same commands tells Discord nothing."""

    def told() -> int:
        return len(community.server.journal.of("PUT", "/commands"))

    assert told() == 1
    await asyncio.to_thread(community.stop)
    again = Community(community.server, community.data)
    await asyncio.to_thread(again.start)
    try:
        await community.server.until(lambda: community.server.gateway.happened["identify"] == 2)
        assert "Trading." in await again.asks(VIEWER_ID, "status")
        assert told() == 1
    finally:
        await asyncio.to_thread(again.stop)


async def test_a_second_admin_confirms_resume_even_after_a_restart(
    server: LoopbackDiscord, tmp_path: Path
) -> None:
    """Who asks cannot confirm; another admin can, once, with a button that an earlier process posted."""
    first = Community(server, tmp_path, second_admin=True)
    await asyncio.to_thread(first.start)
    await first.ready()
    await first.asks(TRADER_ID, "halt", reason="too hot")
    asked = await server.command(ADMIN_ID, TALK_CHANNEL_ID, "resume", {"reason": "too hot"})
    assert "another admin must confirm" in await first.answer(asked)
    await asyncio.to_thread(first.stop)
    second = Community(server, tmp_path, second_admin=True)
    await asyncio.to_thread(second.start)
    try:
        await server.until(lambda: server.gateway.happened["identify"] == 2)
        question = asked.messages[0]
        confirm = question.components[0]["components"][0]["custom_id"]
        own = await server.press(ADMIN_ID, question, confirm)
        assert "Another admin must confirm" in await second.answer(own)
        await server.press(SECOND_ADMIN_ID, question, confirm)
        await server.until(lambda: "taken" in question.content)
        assert not question.components
        events = [event for batch in read(tmp_path / LEDGER_PATH) for event in batch.events]
        assert sum(isinstance(event, TradingResumed) for event in events) == 1
    finally:
        await asyncio.to_thread(second.stop)


def test_who_asks_after_the_day_hears_that_it_is_over() -> None:
    """A handover that is closed refuses what waits and what comes."""
    handover: Handover[int] = Handover()
    waiting: Future[int] = handover.ask(lambda day: day)
    handover.close()
    for future in (waiting, handover.ask(lambda day: day)):
        with pytest.raises(DeskClosed, match="the day is over"):
            future.result(timeout=0)
