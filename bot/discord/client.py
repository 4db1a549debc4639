"""The discord.py client of the service: it hears what matters to the messages, and identifies only so often."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.clock import Clock
from bot.discord.commands.control import Control
from bot.discord.edit_room import EditRoom
from bot.discord.sentences import REVOKED_SENTENCE
from options.values import MINUTE, SECOND, Micros
from storage.gateway_starts import GatewayStarts

RATELIMIT_MAX_S = 30.0
"""A longer wait than this is ours to arrange: inside discord.py it would hold every message of the channel up."""
STARTS_WINDOW: Micros = 15 * MINUTE
STARTS_IN_WINDOW = 10
"""Identifies in fifteen minutes: one in 90 s on average, so that a crash loop stays below Discord's thousand a day."""
_TOKEN_REFUSED = 4004
STARTS_LEFT_MIN = 20
"""With fewer left of the day's starts the gateway is left alone until Discord counts anew."""


class GatewayBudget:
    """Counts identifies across restarts, for Discord takes the token from a bot that makes too many."""

    def __init__(self, starts: GatewayStarts, clock: Clock, say: Callable[[str], None]) -> None:
        self._starts = starts
        self._clock = clock
        self._say = say

    def wait_s(self) -> float:
        """Seconds until one more identify is within our own bound."""
        now = self._clock.now()
        recent = self._starts.since(now - STARTS_WINDOW)
        if len(recent) < STARTS_IN_WINDOW:
            return 0.0
        return max((recent[-STARTS_IN_WINDOW] + STARTS_WINDOW - now) / SECOND, 0.0)

    def spend(self) -> None:
        """An identify is about to be made."""
        now = self._clock.now()
        self._starts.add(now, forget_before=now - STARTS_WINDOW)

    async def wait(self, client: discord.Client) -> None:
        """Wait until an identify is allowed, by our own bound and by what Discord says is left of the day's starts.

        :raises discord.DiscordException, aiohttp.ClientError, OSError: Discord did not say.
        """
        if (pause_s := self.wait_s()) > 0:
            await asyncio.sleep(pause_s)
        _, _, limit = await client.http.get_bot_gateway()
        if limit["remaining"] < STARTS_LEFT_MIN:
            pause_s = limit["reset_after"] / 1000
            self._say(
                f"Discord lets the bot sign in to its gateway only {limit['remaining']} more times today: it waits "
                f"{pause_s / 60:.0f} minutes; messages go on, buttons and deletions are noticed later"
            )
            await asyncio.sleep(pause_s)


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told: of a message taken away (channel, message), of changed servers, channels or roles, of a new start.

    After a new start of the gateway what happened before it may never be told.
    """

    deleted: Callable[[int, int], None]
    changed: Callable[[], None]
    started: Callable[[], None]


class BoardClient(discord.Client):
    """A client that hears of messages that were taken away and of permissions that changed."""

    def __init__(self, ears: Ears, budget: GatewayBudget, room: EditRoom, say: Callable[[str], None]) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True),
            max_ratelimit_timeout=RATELIMIT_MAX_S,
            max_messages=None,
            http_trace=room.trace(),
        )
        self.control: Control | None = None
        self._ears = ears
        self._budget = budget
        self._say = say

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002 - discord.py's
        """Count the identify; one that discord.py makes by itself waits for the budget."""
        if not initial:
            await self._budget.wait(self)
        self._budget.spend()

    async def run_gateway(self) -> None:
        """Stay on the gateway until it is lost for good.

        :raises discord.DiscordException: Discord does not want us there.
        """
        await self._budget.wait(self)
        await self.connect(reconnect=True)

    async def on_ready(self) -> None:
        """The gateway began anew."""
        self._ears.started()

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """One message was taken away."""
        self._ears.deleted(payload.channel_id, payload.message_id)

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Many messages were taken away."""
        for message_id in payload.message_ids:
            self._ears.deleted(payload.channel_id, message_id)

    async def on_guild_channel_create(self, _channel: discord.abc.GuildChannel) -> None:
        """A channel is new, or became visible."""
        self._ears.changed()

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, _after: discord.abc.GuildChannel
    ) -> None:
        """A channel's permissions may have changed."""
        self._ears.changed()

    async def on_guild_role_update(self, _before: discord.Role, _after: discord.Role) -> None:
        """A role's permissions may have changed."""
        self._ears.changed()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Somebody did something; commands go to the tree by themselves, presses of buttons from here."""
        if self.control is not None:
            await self.control.pressed(interaction)

    async def on_error(self, event_method: str, /, *_args: object, **_kwargs: object) -> None:
        """Something of ours failed on news from Discord: it is told, and the rest goes on."""
        self._say(f"Discord: {event_method} failed: {sys.exc_info()[1]!r}")

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was taken into a server; its commands went when it left."""
        self._ears.changed()
        if self.control is not None and self.application_id is not None:
            await self.control.register_again(guild.id, self.application_id)

    async def on_guild_available(self, _guild: discord.Guild) -> None:
        """A server is there again."""
        self._ears.changed()


def token_refused(error: BaseException | None) -> bool:
    """Whether the gateway was lost because the token is worthless."""
    return isinstance(error, discord.ConnectionClosed) and error.code == _TOKEN_REFUSED


def gateway_refusal(error: BaseException) -> str:
    """Why the gateway does not let the bot in, and what to change."""
    if isinstance(error, discord.PrivilegedIntentsRequired):
        cure = "switch it on under Privileged Gateway Intents on the Developer Portal's page Bot"
        return f"Discord's gateway refuses the bot for want of an intent: {cure}"
    if token_refused(error):
        return REVOKED_SENTENCE
    return (
        f"Discord's gateway cannot be used ({type(error).__name__}): see the network of this machine and "
        "discord.gateway_url"
    )


def gateway_lost_text(error: BaseException) -> str:
    """What it means that the gateway is lost for good, and what to change."""
    meaning = "messages go on by REST, commands and buttons do not work and deletions are noticed later"
    return f"{gateway_refusal(error)}; {meaning}."
