"""Whether the servers, the channels and the permissions are what the settings need; if not, what to change."""

from collections.abc import Iterable, Sequence

import discord

from bot.channel_settings import ChannelSettings

_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}


async def faults_of(client: discord.Client, channels: Sequence[ChannelSettings]) -> dict[int, str]:
    """What keeps the bot from showing cards, a sentence for each channel; empty if nothing does.

    :raises discord.DiscordException, aiohttp.ClientError, OSError: it could not be found out.
    """
    faults: dict[int, str] = {}
    for guild_id in dict.fromkeys(channel.guild_id for channel in channels):
        here = [channel for channel in channels if channel.guild_id == guild_id]
        faults |= await _faults_in(client, guild_id, here)
    return faults


async def _faults_in(
    client: discord.Client, guild_id: int, channels: Sequence[ChannelSettings]
) -> dict[int, str]:
    assert client.user is not None, "the client is signed in"
    try:
        guild = await client.fetch_guild(guild_id)
        me = await guild.fetch_member(client.user.id)
        there = {one.id: one for one in await guild.fetch_channels()}
    except (discord.NotFound, discord.Forbidden):
        absent = f"the bot {client.user.name} is not in the server {guild_id}"
        sentence = f"{absent}: invite it there, or correct discord.guild_id"
        return {channel.id: sentence for channel in channels}
    faults = {}
    for channel in channels:
        found = there.get(channel.id)
        if found is None:
            faults[channel.id] = (
                f"there is no channel {channel.id} in the server {guild.name}: correct its id in the settings "
                "(discord.channel_ids, discord.channels)"
            )
            continue
        allowed = found.permissions_for(me)
        missing = [name for field, name in _NEEDED.items() if not getattr(allowed, field)]
        if missing:
            faults[channel.id] = (
                f"the bot lacks {', '.join(missing)} in #{found.name}: allow it in the channel's permissions"
            )
    return faults


def said_once(sentences: Iterable[str]) -> str:
    """Some sentences as one text, each once."""
    return "; ".join(dict.fromkeys(sentences))
