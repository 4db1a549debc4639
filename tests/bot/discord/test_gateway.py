"""The gateway on bad days, through the real discord.py."""

import asyncio

import discord

from bot.discord.loopback.cast import GUILD_ID, TALK_CHANNEL_ID, VIEWER_ID
from bot.discord.loopback.server import LoopbackDiscord
from tests.patience import PATIENCE_S


class Heard:
    """The texts of the messages that a client heard, in order."""

    def __init__(self, client: discord.Client) -> None:
        self.texts: list[str] = []
        self._changed = asyncio.Event()

        @client.event
        async def on_message(message: discord.Message) -> None:
            self.texts.append(message.content)
            self._changed.set()

    async def until(self, count: int) -> list[str]:
        """Wait until so many were heard."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.texts) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.texts


async def test_resume_after_a_cut_replays(server: LoopbackDiscord, client: discord.Client) -> None:
    """What happened while the connection was cut comes after the resume, once and in order."""
    heard = Heard(client)
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "before")
    await heard.until(1)
    server.gateway.cut()
    await server.until(lambda: True)
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "while away")
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "still away")
    assert await heard.until(3) == ["before", "while away", "still away"]
    assert server.gateway.happened["resume"] == 1
    assert server.gateway.happened["identify"] == 1


async def test_close_with_4000_resumes(server: LoopbackDiscord, client: discord.Client) -> None:
    """A close with an unknown error is followed by a resume."""
    heard = Heard(client)
    await server.gateway.close(4000)
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "after")
    await heard.until(1)
    assert server.gateway.happened["resume"] == 1


async def test_asked_to_reconnect(server: LoopbackDiscord, client: discord.Client) -> None:
    """Opcode 7 makes the client come back and resume."""
    heard = Heard(client)
    server.gateway.ask_reconnect()
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "after")
    await heard.until(1)
    assert server.gateway.happened["resume"] == 1


async def test_invalid_session_that_may_be_resumed(server: LoopbackDiscord, client: discord.Client) -> None:
    """Opcode 9 with true makes the client resume."""
    heard = Heard(client)
    server.gateway.invalidate(resumable=True)
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "after")
    await heard.until(1)
    assert server.gateway.happened["resume"] == 1


async def test_invalid_session_identifies_anew(server: LoopbackDiscord, client: discord.Client) -> None:
    """Opcode 9 with false makes the client identify anew; what happened meanwhile is not told."""
    heard = Heard(client)
    ready = asyncio.create_task(client.wait_for("ready", timeout=PATIENCE_S))
    await asyncio.sleep(0)
    server.gateway.invalidate(resumable=False)
    await ready
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "after")
    assert await heard.until(1) == ["after"]
    assert server.gateway.happened["identify"] == 2
    assert server.gateway.identifies_left == 998


async def test_timed_out_session(server: LoopbackDiscord, client: discord.Client) -> None:
    """After 4009 the resume is refused and the client identifies anew."""
    ready = asyncio.create_task(client.wait_for("ready", timeout=PATIENCE_S))
    await asyncio.sleep(0)
    await server.gateway.close(4009)
    await ready
    assert server.gateway.happened["resume refused"] == 1
    assert server.gateway.happened["identify"] == 2


async def test_asked_for_a_heartbeat(server: LoopbackDiscord, client: discord.Client) -> None:
    """Opcode 1 is answered with a heartbeat at once."""
    before = server.gateway.happened["heartbeat"]
    server.gateway.ask_heartbeat()
    chunked = client.get_guild(GUILD_ID)
    assert chunked is not None
    await chunked.query_members("v")
    assert server.gateway.happened["heartbeat"] == before + 1


async def test_repeated_and_lost_events(server: LoopbackDiscord, client: discord.Client) -> None:
    """An event may come twice or never, as Discord says of its own."""
    heard = Heard(client)
    server.faults.repeat_dispatch("MESSAGE_CREATE")
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "twice")
    server.faults.lose_dispatch("MESSAGE_CREATE")
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "never")
    server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "once")
    assert await heard.until(3) == ["twice", "twice", "once"]
    assert server.faults.happened["dispatch repeated"] == 1
    assert server.faults.happened["dispatch lost"] == 1


async def test_kicked_and_invited(server: LoopbackDiscord, client: discord.Client) -> None:
    """A bot that is thrown out loses the guild, and gets it again when it is taken in."""
    left = asyncio.create_task(client.wait_for("guild_remove", timeout=PATIENCE_S))
    await asyncio.sleep(0)
    roles = server.world.guilds[GUILD_ID].members[server.world.bot_id].roles
    server.moderator.kick_bot(GUILD_ID)
    assert (await left).id == GUILD_ID
    joined = asyncio.create_task(client.wait_for("guild_join", timeout=PATIENCE_S))
    await asyncio.sleep(0)
    server.moderator.invite_bot(GUILD_ID, roles)
    assert (await joined).id == GUILD_ID
