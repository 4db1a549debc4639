"""The tree of commands that Discord shows, and the one place where a deed is let through or not."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.discord.commands.replies import AnsweredElsewhere, TooLate, text_said
from bot.discord.commands.room import Room
from bot.discord.commands.tiers import TIER_OF_COMMAND, Tier

_AGAIN_S = (5.0, 300.0)


class CommandTree(app_commands.CommandTree[discord.Client]):
    """Commands of one server. Nobody gets past :meth:`interaction_check` without the tier that a command takes."""

    def __init__(self, client: discord.Client, room: Room) -> None:
        super().__init__(client, fallback_to_global=False)
        self.guild = discord.Object(room.guild_id)
        self._room = room

    def close_doors(self) -> None:
        """Hide every command from those whom the settings do not show it; called when all commands are added."""
        for command in self.get_commands(guild=self.guild):
            assert not isinstance(command, app_commands.ContextMenu), "there are slash commands only"
            inner = command.commands if isinstance(command, app_commands.Group) else [command]
            # A group is one entry in Discord's menu; what it is for decides who is shown it.
            tier = max(TIER_OF_COMMAND[one.qualified_name] for one in inner)
            command.default_permissions = self._room.access.shown_with(tier)
            command.guild_only = True

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        """Whether a deed may go on; who may not is told why, once."""
        room, command = self._room, interaction.command
        completing = interaction.type is discord.InteractionType.autocomplete
        if not completing and not room.is_new(interaction.id):
            return False
        name = command.qualified_name if command is not None else ""
        needed, has = TIER_OF_COMMAND.get(name), room.tier_of(interaction)
        if needed is not None and Tier.NONE is not needed <= has:
            return True
        if completing:
            await _quietly(interaction.response.autocomplete([]))
            return False
        takes = "nobody may" if needed is None else f"it takes the tier {needed.word}"
        mine = "you have none" if has is Tier.NONE else f"you have {has.word}"
        await _quietly(
            room.reply(interaction).say(text_said(f"⛔ You may not use /{name}: {takes}, {mine}."))
        )
        return False

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """A command failed: the operator is told what, the person that it did, and nothing else stops."""
        cause = error.__cause__ or error
        self._room.say(
            f"a command in Discord failed ({interaction.data and interaction.data.get('name')}): {cause!r}"
        )
        stale = isinstance(error, app_commands.CommandSignatureMismatch | app_commands.CommandNotFound)
        text = (
            "this command has changed: type it anew in a minute" if stale else "it failed, see the bot's log"
        )
        await _quietly(self._room.reply(interaction).say(text_said(f"❌ {text}.")))

    def definition(self) -> str:
        """What Discord is told of the commands, as a fingerprint."""
        told = [command.to_dict(self) for command in self.get_commands(guild=self.guild)]
        text = json.dumps(sorted(told, key=_name), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    async def register(self, application_id: int, sleep: Callable[[float], Any] = asyncio.sleep) -> None:
        """Tell Discord the commands if they are not those that it was told last, again and again until it listens."""
        place, definition = f"{application_id}/{self.guild.id}", self.definition()
        store = self._room.confirmations
        pause_s, longest_s = _AGAIN_S
        while store.registered(place) != definition:
            try:
                await self.sync(guild=self.guild)
            except discord.Forbidden as error:
                self._room.say(
                    "Discord: the bot may not register commands in the server: invite it again with the scope "
                    f"applications.commands ({error.text})"
                )
                return
            except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                self._room.say(f"Discord: the commands could not be registered, it is tried again: {error}")
                await sleep(pause_s)
                pause_s = min(pause_s * 2, longest_s)
            else:
                store.set_registered(place, definition)

    def forget_registration(self, application_id: int) -> None:
        """The server may not have the commands any more: they are registered anew."""
        self._room.confirmations.set_registered(f"{application_id}/{self.guild.id}", "")


def _name(told: dict[str, Any]) -> str:
    return str(told["name"])


async def _quietly(answer: Awaitable[object]) -> None:
    """Say something to which it does not matter whether it arrives."""
    try:
        await answer
    except (TooLate, AnsweredElsewhere, discord.DiscordException, aiohttp.ClientError, OSError):
        # Who was not answered sees that in Discord itself; nothing was done and nothing is lost.
        return
