"""``callboard discord check``: everything that a run needs of Discord, tried now, each in one sentence."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import discord

from bot.discord.channel_desk import FAILURES
from bot.discord.check import findings_of
from bot.discord.client import gateway_refusal
from bot.discord.commands.tiers import Access
from bot.discord.loopback.pointing import point_discord_py_at
from bot.discord.publishing import NotifierOff
from bot.discord.sentences import NO_PLACE, REFUSED_SENTENCE, unreachable
from bot.settings import DiscordSettings, SettingsError

GATEWAY_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Found:
    """What one look found: all well, or what to change."""

    well: bool
    text: str


async def check_discord(settings: DiscordSettings) -> AsyncIterator[Found]:
    """Look at one thing after the other; what cannot be looked at without what failed is left out."""
    try:
        token = settings.read_token()
    except SettingsError as error:
        yield Found(False, str(error))
        return
    if not settings.every_channel or not all(channel.guild_id for channel in settings.every_channel):
        yield Found(False, NO_PLACE)
        return
    point_discord_py_at(settings.api_base, settings.gateway_url)
    async with _Probe() as client:
        try:
            await client.login(token)
            assert client.user is not None, "a login tells who one is"
            yield Found(True, f"the token is that of the bot {client.user.name}")
            findings = await findings_of(client, settings.every_channel, charts=settings.charts)
        except discord.LoginFailure:
            yield Found(False, REFUSED_SENTENCE)
            return
        except FAILURES as error:
            yield Found(False, unreachable(error))
            return
        for channel in settings.every_channel:
            fault = findings.faults.get(channel.id) or findings.hints.get(channel.id, "")
            yield Found(not fault, fault or f"channel {channel.id} can show cards")
        if len(findings.faults) < len(settings.every_channel):
            yield await _commands(client, settings)
        yield await _gateway(client)


class _Probe(discord.Client):
    """A client with the intents of a run, which only looks whether it is let in."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True, guild_messages=True), max_messages=None)
        self.in_ = asyncio.Event()

    async def on_connect(self) -> None:
        """The gateway took the token and the intents."""
        self.in_.set()


async def _commands(client: discord.Client, settings: DiscordSettings) -> Found:
    """Whether commands can be registered, and whether anybody may use them."""
    if not settings.access.anybody:
        return Found(
            True, "nobody may use commands or follow: name roles or users in discord.access if they are to"
        )
    try:
        Access(settings.access)
        assert client.application_id is not None, "a login tells the application"
        guild_id = settings.guild_id or settings.every_channel[0].guild_id
        await client.http.get_guild_commands(client.application_id, guild_id)
    except NotifierOff as off:
        return Found(False, str(off))
    except discord.Forbidden:
        return Found(
            False,
            "the bot may not register commands: invite it again with the scope applications.commands",
        )
    except FAILURES as error:
        return Found(False, unreachable(error))
    return Found(True, "commands can be registered")


async def _gateway(client: _Probe) -> Found:
    """Whether the gateway lets the bot in, which buttons, commands and deletions need."""
    connecting, let_in = asyncio.create_task(client.connect()), asyncio.create_task(client.in_.wait())
    try:
        await asyncio.wait(
            {connecting, let_in}, timeout=GATEWAY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED
        )
        if client.in_.is_set():
            return Found(True, "the gateway lets the bot in")
        error = connecting.exception() if connecting.done() else TimeoutError("it did not answer")
        assert error is not None, "a gateway that ends has a reason"
        return Found(False, gateway_refusal(error))
    finally:
        let_in.cancel()
        await client.close()
        await asyncio.gather(connecting, let_in, return_exceptions=True)
