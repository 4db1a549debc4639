"""A loopback Discord, and the real discord.py signed in to it."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

with warnings.catch_warnings():
    # discord.py imports a module for sound that Python gives up; nothing here makes a sound.
    warnings.simplefilter("ignore", DeprecationWarning)
    import discord

from bot.channel_settings import ChannelSettings
from bot.discord.loopback.cast import POSITIONS_CHANNEL_ID
from bot.discord.loopback.pointing import point_discord_py_at
from bot.discord.loopback.server import LoopbackDiscord
from tests.bot.discord.desk_community import Community, holding_eight
from tests.bot.discord.openapi_held import openapi_held
from tests.bot.discord.publishing_desk import Desk
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.e2e.day_runs import ledger_of

__all__ = ["openapi_held"]


@pytest.fixture
def clock() -> ShiftedClock:
    """The clock of the server; moving it on costs no time."""
    return ShiftedClock()


@pytest.fixture
async def server(clock: ShiftedClock) -> AsyncIterator[LoopbackDiscord]:
    """A loopback Discord; its exchanges are held to Discord's document as those of every other, see below."""
    async with LoopbackDiscord(clock) as loopback:
        yield loopback


@asynccontextmanager
async def signed_in(
    server: LoopbackDiscord, client: discord.Client, token: str | None = None
) -> AsyncIterator[discord.Client]:
    """Sign a client in and wait until it is ready."""
    point_discord_py_at(server.api_base, server.gateway_url, server.cdn_base)
    running = asyncio.create_task(client.start(token or server.token))
    try:
        await until_ready(client, running)
        yield client
    finally:
        await client.close()
        await asyncio.gather(running, return_exceptions=True)


async def until_ready(client: discord.Client, running: asyncio.Task[None]) -> None:
    """Wait until a client that is being started is ready; what ends it before is raised."""
    became_ready = asyncio.Event()

    @client.event
    async def on_ready() -> None:
        became_ready.set()

    waiting = asyncio.create_task(became_ready.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done():
        running.result()


def plain_client() -> discord.Client:
    """A client that does not wait for guilds that will never come."""
    return discord.Client(intents=discord.Intents.all(), guild_ready_timeout=0.05)


@pytest.fixture
async def client(server: LoopbackDiscord) -> AsyncIterator[discord.Client]:
    """A plain discord.py client, ready, with members and message content."""
    async with signed_in(server, plain_client()) as ready:
        yield ready


@pytest.fixture
def channels() -> Sequence[int | ChannelSettings]:
    """Where :func:`desk` publishes, unless a test file says otherwise."""
    return [POSITIONS_CHANNEL_ID]


@pytest.fixture
def desk(
    client: discord.Client,
    clock: ShiftedClock,
    data: Path,
    tmp_path: Path,
    server: LoopbackDiscord,
    channels: Sequence[int | ChannelSettings],
) -> Desk:
    """A publisher over the day that has been traded; the server takes whatever comes however fast."""
    server.limits.settings.enabled = False
    return Desk(client, clock, ledger_of(data), tmp_path / "discord.sqlite3", channels)


@pytest.fixture
async def community(server: LoopbackDiscord, tmp_path: Path) -> AsyncIterator[Community]:
    """A community with a position of eight contracts, T1."""
    async with holding_eight(Community(server, tmp_path)) as made:
        yield made
