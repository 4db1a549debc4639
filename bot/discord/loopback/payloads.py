"""The loopback Discord's things in the shapes that Discord answers with."""

from typing import Any

from bot.discord.loopback.snowflakes import iso_time
from bot.discord.loopback.world import (
    Attachment,
    Channel,
    ChannelKind,
    Guild,
    Member,
    Message,
    Role,
    User,
    World,
)

Payload = dict[str, Any]

_INTENTS_ALLOWED_FLAGS = (1 << 13) | (1 << 15) | (1 << 19)
"""The application may ask for presences, members and message content (a small bot's flags)."""


def user_payload(user: User) -> Payload:
    """A user as others see it."""
    payload: Payload = {
        "id": str(user.id),
        "username": user.username,
        "global_name": None if user.bot else user.shown_name,
        "discriminator": "0000" if user.bot else "0",
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }
    if user.bot:
        payload["bot"] = True
    return payload


def own_user_payload(user: User) -> Payload:
    """The bot as it sees itself."""
    own = {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}
    return user_payload(user) | own


def application_payload(world: World) -> Payload:
    """The application that the bot belongs to."""
    owner = world.users[next(iter(world.guilds.values())).owner_id]
    return {
        "id": str(world.application_id),
        "name": world.users[world.bot_id].shown_name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_payload(world.users[world.bot_id]),
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": _INTENTS_ALLOWED_FLAGS,
        "flags_new": str(_INTENTS_ALLOWED_FLAGS),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_payload(owner),
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


def role_payload(role: Role) -> Payload:
    """A role."""
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.colour,
        "colors": {"primary_color": role.colour, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def bare_member_payload(member: Member) -> Payload:
    """A member without the user, as on messages."""
    return {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": iso_time(member.joined),
        "nick": None,
        "pending": False,
        "premium_since": None,
        "roles": [str(role_id) for role_id in member.roles],
        "mute": False,
        "deaf": False,
    }


def member_payload(world: World, member: Member) -> Payload:
    """A member of a guild."""
    return bare_member_payload(member) | {"user": user_payload(world.users[member.user_id])}


def channel_payload(world: World, channel: Channel) -> Payload:
    """A channel, a thread or a direct message."""
    last = str(channel.last_message_id) if channel.last_message_id else None
    payload: Payload = {
        "id": str(channel.id),
        "type": int(channel.kind),
        "flags": 0,
        "last_message_id": last,
    }
    if channel.kind is ChannelKind.DIRECT:
        recipients = [user_payload(world.users[user_id]) for user_id in channel.recipients]
        return payload | {"recipients": recipients}
    payload |= {"guild_id": str(channel.guild_id), "name": channel.name}
    if channel.is_thread:
        return payload | _thread_part(channel)
    return payload | {
        "position": channel.position,
        "topic": channel.topic,
        "nsfw": False,
        "parent_id": None,
        "rate_limit_per_user": 0,
        "permission_overwrites": [
            {"id": str(o.id), "type": o.kind, "allow": str(o.allow), "deny": str(o.deny)}
            for o in channel.overwrites
        ],
    }


def _thread_part(thread: Channel) -> Payload:
    created = iso_time(thread.created)
    return {
        "parent_id": str(thread.parent_id),
        "owner_id": str(thread.owner_id),
        "rate_limit_per_user": 0,
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": created,
            "create_timestamp": created,
            "auto_archive_duration": thread.auto_archive_minutes,
            "locked": thread.locked,
        },
        "message_count": min(len(thread.messages), 50),
        "member_count": min(len(thread.followers), 50),
        "total_message_sent": thread.messages_ever,
    }


def thread_member_payload(thread: Channel, user_id: int) -> Payload:
    """A user's membership of a thread."""
    return {
        "id": str(thread.id),
        "user_id": str(user_id),
        "join_timestamp": iso_time(thread.created),
        "flags": 0,
    }


def guild_payload(guild: Guild) -> Payload:
    """A guild as REST answers it."""
    nothing = (
        "icon", "description", "home_header", "splash", "discovery_splash", "banner", "application_id",
        "afk_channel_id", "system_channel_id", "widget_channel_id", "max_presences", "vanity_url_code",
        "rules_channel_id", "safety_alerts_channel_id", "public_updates_channel_id", "incidents_data",
    )  # fmt: skip
    zero = (
        "system_channel_flags", "verification_level", "default_message_notifications", "mfa_level",
        "explicit_content_filter", "premium_tier", "premium_subscription_count", "nsfw_level",
    )  # fmt: skip
    return (
        dict.fromkeys(nothing)
        | dict.fromkeys(zero, 0)
        | {
            "id": str(guild.id),
            "name": guild.name,
            "features": [],
            "owner_id": str(guild.owner_id),
            "region": "us-east",
            "afk_timeout": 300,
            "widget_enabled": False,
            "roles": [role_payload(role) for role in guild.roles.values()],
            "max_members": 500_000,
            "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25,
            "preferred_locale": "en-US",
            "premium_progress_bar_enabled": False,
            "nsfw": False,
            "emojis": [],
            "stickers": [],
        }
    )


def guild_create_payload(world: World, guild: Guild, *, all_members: bool) -> Payload:
    """A guild as the gateway announces it, with its channels, threads and members."""
    channels = world.guild_channels(guild.id)
    seen = guild.members if all_members else {world.bot_id: guild.members[world.bot_id]}
    return guild_payload(guild) | {
        "joined_at": iso_time(guild.members[world.bot_id].joined),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_payload(world, member) for member in seen.values()],
        "channels": [channel_payload(world, channel) for channel in channels],
        "threads": [
            channel_payload(world, thread)
            for thread in world.threads(channel.id for channel in channels)
            if not thread.archived
        ],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment_payload(attachment: Attachment, url: str) -> Payload:
    """A file on a message."""
    payload: Payload = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": len(attachment.content),
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
    }
    if attachment.size_px:
        payload["width"], payload["height"] = attachment.size_px
    if attachment.description:
        payload["description"] = attachment.description
    return payload


def reactions_payload(world: World, message: Message) -> list[Payload]:
    """Who reacted, counted by emoji."""
    return [
        {
            "emoji": {"id": None, "name": emoji},
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "burst_colors": [],
            "me_burst": False,
            "me": world.bot_id in users,
        }
        for emoji, users in message.reactions.items()
        if users
    ]
