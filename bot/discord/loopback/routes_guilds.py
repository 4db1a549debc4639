"""The bot itself, its guilds and its application's commands over REST."""

from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.payloads import (
    application_payload,
    channel_payload,
    guild_payload,
    member_payload,
    own_user_payload,
    role_payload,
    user_payload,
)
from bot.discord.loopback.refusals import missing_access, unknown
from bot.discord.loopback.routing import Answer, Call, Route
from bot.discord.loopback.world import Guild

_GLOBAL = "/applications/{application_id}/commands"
_LOCAL = "/applications/{application_id}/guilds/{guild_id}/commands"


def _guild(call: Call) -> Guild:
    """A guild that the bot is in; to a bot outside, a guild is not there."""
    guild = call.parts.world.guild(call.id("guild_id"))
    if call.parts.world.bot_id not in guild.members:
        raise unknown("Guild")
    return guild


def get_me(call: Call) -> Answer:
    """GET the bot's user."""
    return Answer(200, own_user_payload(call.parts.world.users[call.parts.world.bot_id]))


def get_application(call: Call) -> Answer:
    """GET the bot's application."""
    return Answer(200, application_payload(call.parts.world))


def get_gateway(call: Call) -> Answer:
    """GET the gateway's address."""
    return Answer(200, {"url": call.parts.gateway.url})


def get_gateway_bot(call: Call) -> Answer:
    """GET the gateway's address and how many identifies are left today."""
    gateway = call.parts.gateway
    limit = {
        "total": gateway.identifies_a_day,
        "remaining": gateway.identifies_left,
        "reset_after": gateway.counts_anew_in_ms,
        "max_concurrency": 1,
    }
    return Answer(200, {"url": gateway.url, "shards": 1, "session_start_limit": limit})


def get_user(call: Call) -> Answer:
    """GET a user."""
    return Answer(200, user_payload(call.parts.world.user(call.id("user_id"))))


def post_direct_channel(call: Call) -> Answer:
    """POST: open the direct-message channel with a user."""
    world = call.parts.world
    known = len(world.channels)
    channel = world.direct_channel(int(call.fields.get("recipient_id") or 0))
    payload = channel_payload(world, channel)
    if len(world.channels) > known:
        # Bots hear nothing of it; the person's client shows a new conversation.
        call.parts.announcements.tell(Announcement("CHANNEL_CREATE", payload, to_bot=False))
    return Answer(200, payload)


def get_guild(call: Call) -> Answer:
    """GET a guild."""
    guild = _guild(call)
    counts = {}
    if call.query.get("with_counts") in {"1", "true"}:
        counts = {
            "approximate_member_count": len(guild.members),
            "approximate_presence_count": len(guild.members),
        }
    return Answer(200, guild_payload(guild) | counts)


def get_guild_channels(call: Call) -> Answer:
    """GET a guild's channels."""
    channels = call.parts.world.guild_channels(_guild(call).id)
    return Answer(200, [channel_payload(call.parts.world, channel) for channel in channels])


def get_guild_roles(call: Call) -> Answer:
    """GET a guild's roles."""
    return Answer(200, [role_payload(role) for role in _guild(call).roles.values()])


def get_active_threads(call: Call) -> Answer:
    """GET a guild's threads that are not archived."""
    world = call.parts.world
    parents = [channel.id for channel in world.guild_channels(_guild(call).id)]
    threads = [channel_payload(world, t) for t in world.threads(parents) if not t.archived]
    return Answer(200, {"threads": threads, "members": [], "has_more": False})


def get_member(call: Call) -> Answer:
    """GET a member."""
    member = call.parts.world.member(_guild(call).id, call.id("user_id"))
    return Answer(200, member_payload(call.parts.world, member))


def get_members(call: Call) -> Answer:
    """GET members, in order of their ids."""
    guild = _guild(call)
    after = int(call.query.get("after", 0))
    found = [guild.members[user_id] for user_id in sorted(guild.members) if user_id > after]
    limit = int(call.query.get("limit", 1))
    return Answer(200, [member_payload(call.parts.world, member) for member in found[:limit]])


def _place(call: Call) -> int | None:
    if call.id("application_id") != call.parts.world.application_id:
        raise missing_access()
    return _guild(call).id if "guild_id" in call.ids else None


def get_commands(call: Call) -> Answer:
    """GET the registered commands."""
    return Answer(200, call.parts.commands.all(_place(call)))


def put_commands(call: Call) -> Answer:
    """PUT: register these commands and no others."""
    forms = call.form if isinstance(call.form, list) else []
    answer = Answer(200, call.parts.commands.replace_all(_place(call), forms))
    call.parts.announcements.tell(Announcement("COMMANDS_CHANGED", {}, to_bot=False))
    return answer


def post_command(call: Call) -> Answer:
    """POST one command."""
    return Answer(201, call.parts.commands.put(_place(call), call.fields))


def get_command(call: Call) -> Answer:
    """GET one command."""
    return Answer(200, call.parts.commands.one(_place(call), call.id("command_id")))


def patch_command(call: Call) -> Answer:
    """PATCH one command."""
    place = _place(call)
    before = call.parts.commands.one(place, call.id("command_id"))
    return Answer(200, call.parts.commands.put(place, before | call.fields))


def delete_command(call: Call) -> Answer:
    """DELETE one command."""
    call.parts.commands.delete(_place(call), call.id("command_id"))
    return Answer(204)


ROUTES = [
    Route("GET", "/users/@me", get_me),
    Route("GET", "/oauth2/applications/@me", get_application),
    Route("GET", "/applications/@me", get_application),
    Route("GET", "/gateway", get_gateway, authorised=False),
    Route("GET", "/gateway/bot", get_gateway_bot),
    Route("GET", "/users/{user_id}", get_user),
    Route("POST", "/users/@me/channels", post_direct_channel),
    Route("GET", "/guilds/{guild_id}", get_guild),
    Route("GET", "/guilds/{guild_id}/channels", get_guild_channels),
    Route("GET", "/guilds/{guild_id}/roles", get_guild_roles),
    Route("GET", "/guilds/{guild_id}/threads/active", get_active_threads),
    Route("GET", "/guilds/{guild_id}/members", get_members),
    Route("GET", "/guilds/{guild_id}/members/{user_id}", get_member),
    *(
        route
        for place in (_GLOBAL, _LOCAL)
        for route in (
            Route("GET", place, get_commands),
            Route("PUT", place, put_commands),
            Route("POST", place, post_command),
            Route("GET", f"{place}/{{command_id}}", get_command),
            Route("PATCH", f"{place}/{{command_id}}", patch_command),
            Route("DELETE", f"{place}/{{command_id}}", delete_command),
        )
    ),
]
