"""Whether the server, the channels and the permissions are what the settings need; if not, what to change."""

from collections.abc import Sequence

import discord

from bot.discord.publisher import NotifierOff

_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}


async def faults_of(client: discord.Client, guild_id: int, channel_ids: Sequence[int]) -> dict[int, str]:
    """What keeps the bot from showing cards, a sentence for each channel; empty if nothing does.

    :raises NotifierOff: the server is not one that the bot is in.
    :raises discord.DiscordException, aiohttp.ClientError, OSError: it could not be found out.
    """
    assert client.user is not None, "the client is signed in"
    try:
        guild = await client.fetch_guild(guild_id)
        me = await guild.fetch_member(client.user.id)
    except (discord.NotFound, discord.Forbidden):
        raise NotifierOff(
            f"the bot {client.user.name} is not in the server {guild_id}: invite it there, or correct discord.guild_id"
        ) from None
    channels = {channel.id: channel for channel in await guild.fetch_channels()}
    faults = {}
    for channel_id in channel_ids:
        channel = channels.get(channel_id)
        if channel is None:
            faults[channel_id] = (
                f"there is no channel {channel_id} in the server {guild.name}: correct discord.channel_ids"
            )
            continue
        allowed = channel.permissions_for(me)
        missing = [name for field, name in _NEEDED.items() if not getattr(allowed, field)]
        if missing:
            faults[channel_id] = (
                f"the bot lacks {', '.join(missing)} in #{channel.name}: allow it in the channel's permissions"
            )
    return faults
