"""What one person sees of the loopback Discord: channels, messages, names and commands, for the page."""

from typing import Any

from bot.discord.loopback.message_payload import message_payload
from bot.discord.loopback.parts import Parts
from bot.discord.loopback.payloads import Payload
from bot.discord.loopback.permissions import Permission, may
from bot.discord.loopback.world import Channel, ChannelKind, Message, User, World

MESSAGES_SHOWN = 200


def people(world: World) -> list[Payload]:
    """Everybody that the page may act as."""
    return [person_payload(world, user) for user in world.users.values() if not user.bot]


def person_payload(world: World, user: User) -> Payload:
    """A user with the colour and the name of the highest role."""
    colour, role_name, rank = 0, "", 0
    for guild in world.guilds.values():
        member = guild.members.get(user.id)
        roles = [guild.roles[role_id] for role_id in member.roles] if member else []
        for role in sorted(roles, key=lambda one: one.position):
            colour, role_name, rank = role.colour or colour, role.name, -role.position
    about = {"id": str(user.id), "name": user.shown_name, "bot": user.bot}
    return about | {"colour": colour, "role": role_name, "rank": rank}


def snapshot(parts: Parts, user_id: int) -> Payload:
    """Everything that a person sees, at once."""
    world = parts.world
    channels = [c for c in world.channels.values() if may(world, c, user_id, Permission.VIEW_CHANNEL)]
    return {
        "me": str(user_id),
        "people": people(world),
        "users": {str(user.id): person_payload(world, user) for user in world.users.values()},
        "roles": {
            str(role.id): {"name": role.name, "colour": role.colour}
            for guild in world.guilds.values()
            for role in guild.roles.values()
        },
        "guilds": [
            {"id": str(guild.id), "name": guild.name}
            for guild in world.guilds.values()
            if user_id in guild.members
        ],
        "channels": [_channel(parts, channel, user_id) for channel in channels],
        "messages": {str(channel.id): _messages(parts, channel, user_id) for channel in channels},
        "commands": {
            str(guild.id): parts.commands.usable(guild.id, user_id) for guild in world.guilds.values()
        },
        "myRoles": [
            str(role_id)
            for guild in world.guilds.values()
            if user_id in guild.members
            for role_id in guild.members[user_id].roles
        ],
        "botOnline": parts.gateway.connected,
    }


def _channel(parts: Parts, channel: Channel, user_id: int) -> Payload:
    name = channel.name
    if channel.kind is ChannelKind.DIRECT:
        name = parts.world.users[parts.world.bot_id].shown_name
    wanted = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    return {
        "id": str(channel.id),
        "kind": "direct" if channel.guild_id is None else "thread" if channel.is_thread else "text",
        "name": name,
        "topic": channel.topic,
        "guild": None if channel.guild_id is None else str(channel.guild_id),
        "parent": None if channel.parent_id is None else str(channel.parent_id),
        "position": channel.position,
        "archived": channel.archived,
        "writable": may(parts.world, channel, user_id, wanted),
        "commandable": may(parts.world, channel, user_id, Permission.USE_APPLICATION_COMMANDS),
        "moderated": channel.guild_id is not None
        and may(parts.world, channel, user_id, Permission.MANAGE_MESSAGES),
    }


def _messages(parts: Parts, channel: Channel, user_id: int) -> list[Payload]:
    seen = [m for m in channel.messages.values() if m.seen_only_by in {None, user_id}]
    return [page_message(parts, message) for message in seen[-MESSAGES_SHOWN:]]


def page_message(parts: Parts, message: Message) -> dict[str, Any]:
    """A message with what the page needs beside Discord's own payload."""
    payload = message_payload(parts.world, parts.board.files_base, message)
    payload["ephemeral"] = message.seen_only_by is not None
    return payload
