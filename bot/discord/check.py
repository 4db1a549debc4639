"""Whether the servers, the channels and the permissions are what the settings need; if not, what to change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import discord

from bot.channel_settings import ChannelSettings, ThreadNews

_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}
_NEEDED_FOR_THREADS = {
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
}


@dataclass(frozen=True, slots=True)
class Findings:
    """A sentence for each channel: ``faults`` keep cards from being shown there, ``hints`` only threads and charts."""

    faults: dict[int, str]
    hints: dict[int, str]


async def faults_of(client: discord.Client, channels: Sequence[ChannelSettings]) -> dict[int, str]:
    """What keeps the bot from showing cards, a sentence for each channel; empty if nothing does.

    :raises discord.DiscordException, aiohttp.ClientError, OSError: it could not be found out.
    """
    return (await findings_of(client, channels)).faults


async def findings_of(
    client: discord.Client, channels: Sequence[ChannelSettings], *, charts: bool = False
) -> Findings:
    """What is not as the settings need it; with ``charts`` files must be let through too.

    :raises discord.DiscordException, aiohttp.ClientError, OSError: it could not be found out.
    """
    found = Findings({}, {})
    for guild_id in dict.fromkeys(channel.guild_id for channel in channels):
        here = [channel for channel in channels if channel.guild_id == guild_id]
        await _look(client, guild_id, here, found, charts=charts)
    return found


async def _look(
    client: discord.Client,
    guild_id: int,
    channels: Sequence[ChannelSettings],
    found: Findings,
    *,
    charts: bool,
) -> None:
    assert client.user is not None, "the client is signed in"
    try:
        guild = await client.fetch_guild(guild_id)
        me = await guild.fetch_member(client.user.id)
        there = {one.id: one for one in await guild.fetch_channels()}
    except (discord.NotFound, discord.Forbidden):
        absent = f"the bot {client.user.name} is not in the server {guild_id}"
        sentence = f"{absent}: invite it there, or correct discord.guild_id"
        found.faults.update({channel.id: sentence for channel in channels})
        return
    for channel in channels:
        one = there.get(channel.id)
        if one is None:
            found.faults[channel.id] = (
                f"there is no channel {channel.id} in the server {guild.name}: correct its id in the settings "
                "(discord.channel_ids, discord.channels)"
            )
            continue
        allowed = one.permissions_for(me)
        if missing := _missing(allowed, _NEEDED):
            found.faults[channel.id] = (
                f"the bot lacks {missing} in #{one.name}: allow it in the channel's permissions"
            )
            continue
        hints = [_thread_hint(guild, channel, allowed)]
        if charts and not allowed.attach_files:
            hints.append("the bot lacks Attach Files: without it there are no charts")
        if told := "; ".join(filter(None, hints)):
            found.hints[channel.id] = f"in #{one.name} {told}"


def _thread_hint(guild: discord.Guild, channel: ChannelSettings, allowed: discord.Permissions) -> str:
    """What keeps the news from threads, or from whom it is to ping; empty if nothing does."""
    if channel.thread_news is ThreadNews.NONE:
        return ""
    if missing := _missing(allowed, _NEEDED_FOR_THREADS):
        return f"the bot lacks {missing}: without it nothing goes into threads"
    if not channel.ping_role_id:
        return ""
    role = guild.get_role(channel.ping_role_id)
    if role is None or role.is_default():
        return f"nobody is pinged: ping_role_id {channel.ping_role_id} is no role of {guild.name}"
    if not (role.mentionable or allowed.mention_everyone):
        return f"nobody is pinged: let everybody mention the role {role.name}, in its settings"
    return ""


def _missing(allowed: discord.Permissions, needed: dict[str, str]) -> str:
    return ", ".join(name for field, name in needed.items() if not getattr(allowed, field))


def said_once(sentences: Iterable[str]) -> str:
    """Some sentences as one text, each once."""
    return "; ".join(dict.fromkeys(sentences))
