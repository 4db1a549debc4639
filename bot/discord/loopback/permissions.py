"""Who may do what where: Discord's permission bits, and how roles and overwrites add up to them."""

from enum import IntFlag

from bot.discord.loopback.refusals import missing_access, missing_permissions
from bot.discord.loopback.world import Channel, ChannelKind, World


class Permission(IntFlag):
    """Discord's bits, those that matter here."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38


EVERYTHING = (1 << 53) - 1
READER = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY | Permission.USE_APPLICATION_COMMANDS
WRITER = (
    READER
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.ADD_REACTIONS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
)
POSTER = WRITER | Permission.CREATE_PUBLIC_THREADS | Permission.MANAGE_THREADS


def guild_permissions(world: World, guild_id: int, user_id: int) -> int:
    """What a member may do in a guild before any channel's overwrites; nothing for a stranger."""
    guild = world.guild(guild_id)
    if user_id == guild.owner_id:
        return EVERYTHING
    if user_id not in guild.members:
        return 0
    bits = guild.roles[guild.id].permissions
    for role_id in guild.members[user_id].roles:
        bits |= guild.roles[role_id].permissions
    return EVERYTHING if bits & Permission.ADMINISTRATOR else bits


def channel_permissions(world: World, channel: Channel, user_id: int) -> int:
    """What a member may do in a channel; a thread has its parent's overwrites."""
    if channel.kind is ChannelKind.DIRECT:
        return EVERYTHING if user_id in (*channel.recipients, world.bot_id) else 0
    assert channel.guild_id is not None, "only a direct message has no guild"
    bits = guild_permissions(world, channel.guild_id, user_id)
    if bits == EVERYTHING or not bits:
        return bits
    home = world.channels[channel.parent_id] if channel.is_thread and channel.parent_id else channel
    roles = world.guilds[channel.guild_id].members[user_id].roles
    everyone = [o for o in home.overwrites if o.id == channel.guild_id]
    by_role = [o for o in home.overwrites if o.kind == 0 and o.id in roles]
    by_member = [o for o in home.overwrites if o.kind == 1 and o.id == user_id]
    for level in (everyone, by_role, by_member):
        for overwrite in level:
            bits &= ~overwrite.deny
        for overwrite in level:
            bits |= overwrite.allow
    return bits if bits & Permission.VIEW_CHANNEL else 0


def may(world: World, channel: Channel, user_id: int, wanted: Permission) -> bool:
    """True if a user has all the wanted permissions in a channel."""
    return channel_permissions(world, channel, user_id) & wanted == wanted


def demand(world: World, channel: Channel, user_id: int, wanted: Permission) -> None:
    """Refuse who may not.

    :raises Refused: 403, 50001 where the channel is hidden, else 50013.
    """
    if not may(world, channel, user_id, Permission.VIEW_CHANNEL):
        raise missing_access()
    if not may(world, channel, user_id, wanted):
        raise missing_permissions()
