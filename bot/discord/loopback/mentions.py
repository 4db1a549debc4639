"""Which mentions of a text resolve: what the text names, what was allowed, and what the author may."""

import re

from bot.discord.loopback.drafts import AllowedMentions
from bot.discord.loopback.permissions import Permission, may
from bot.discord.loopback.world import Channel, Mentions, World

_USER = re.compile(r"<@!?(\d{15,20})>")
_ROLE = re.compile(r"<@&(\d{15,20})>")
_EVERYONE = re.compile(r"@(everyone|here)")


def resolve(
    world: World, channel: Channel, author_id: int, content: str, allowed: AllowedMentions
) -> Mentions:
    """The mentions of a content that reach somebody. Embeds never mention anybody."""
    users = [
        user_id
        for user_id in dict.fromkeys(int(found) for found in _USER.findall(content))
        if user_id in world.users and ("users" in allowed.parse or user_id in allowed.users)
    ]
    if channel.guild_id is None:
        return Mentions(users=users)
    all_roles = may(world, channel, author_id, Permission.MENTION_EVERYONE)
    known = world.guilds[channel.guild_id].roles
    roles = [
        role_id
        for role_id in dict.fromkeys(int(found) for found in _ROLE.findall(content))
        if role_id in known
        and ("roles" in allowed.parse or role_id in allowed.roles)
        and (known[role_id].mentionable or all_roles)
    ]
    everyone = bool(_EVERYONE.search(content)) and "everyone" in allowed.parse and all_roles
    return Mentions(users=users, roles=roles, everyone=everyone)
