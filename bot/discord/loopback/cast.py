"""The people and places of a fresh loopback Discord: a trading community with one bot and one person of each tier."""

from bot.access_settings import DiscordAccess
from bot.clock import Clock
from bot.discord.loopback.permissions import POSTER, READER, WRITER, Permission
from bot.discord.loopback.world import Channel, ChannelKind, Guild, Member, Overwrite, Role, User, World

TOKEN = "MTA3MDAwMDAwMDAwMDAwMDAx.loopback.the-demo-bot-signs-in-with-this"  # noqa: S105
"""What the bot signs in with. It opens nothing but this server."""

GUILD_ID = 1070_0000_0000_0000_100
BOT_ID = 1070_0000_0000_0000_001
VIEWER_ID = 1070_0000_0000_0000_011
HELPER_ID = 1070_0000_0000_0000_012
TRADER_ID = 1070_0000_0000_0000_013
ADMIN_ID = 1070_0000_0000_0000_014
SECOND_ADMIN_ID = 1070_0000_0000_0000_015

FOLLOWER_ROLE_ID = 1070_0000_0000_0000_201
HELPER_ROLE_ID = 1070_0000_0000_0000_202
TRADER_ROLE_ID = 1070_0000_0000_0000_203
ADMIN_ROLE_ID = 1070_0000_0000_0000_204
BOT_ROLE_ID = 1070_0000_0000_0000_205

POSITIONS_CHANNEL_ID = 1070_0000_0000_0000_301
DELAYED_CHANNEL_ID = 1070_0000_0000_0000_302
TALK_CHANNEL_ID = 1070_0000_0000_0000_303
DESK_CHANNEL_ID = 1070_0000_0000_0000_304

_HELPER = Permission.MANAGE_THREADS
_TRADER = _HELPER | Permission.MANAGE_MESSAGES
_ADMIN = _TRADER | Permission.MANAGE_GUILD


def desk_access() -> DiscordAccess:
    """Who may use which commands there: everybody may look, and each role does what its name says."""
    return DiscordAccess(
        viewer_roles=(GUILD_ID,),
        helper_roles=(HELPER_ROLE_ID,),
        trader_roles=(TRADER_ROLE_ID,),
        admin_roles=(ADMIN_ROLE_ID,),
        helper_shown_with="manage_threads",
        trader_shown_with="manage_messages",
        admin_shown_with="manage_guild",
    )


def trading_community(clock: Clock) -> World:
    """A guild with channels for positions, delayed positions, talk and the desk (hidden from most)."""
    world = World(clock, BOT_ID, TOKEN)
    for user in (
        User(BOT_ID, "callboard", "Callboard", bot=True),
        User(VIEWER_ID, "vera", "Vera"),
        User(HELPER_ID, "hugo", "Hugo"),
        User(TRADER_ID, "tara", "Tara"),
        User(ADMIN_ID, "ada", "Ada"),
        User(SECOND_ADMIN_ID, "abel", "Abel"),
    ):
        world.users[user.id] = user
    guild = Guild(GUILD_ID, "Options Desk", owner_id=ADMIN_ID)
    world.guilds[GUILD_ID] = guild
    for role in (
        Role(GUILD_ID, "@everyone", int(WRITER)),
        Role(FOLLOWER_ROLE_ID, "Followers", 0, 0x5BC0BE, 1),
        Role(HELPER_ROLE_ID, "Helper", int(_HELPER), 0x5B8DEF, 2),
        Role(TRADER_ROLE_ID, "Trader", int(_TRADER), 0x2ECC71, 3),
        Role(ADMIN_ROLE_ID, "Admin", int(_ADMIN), 0xF5A623, 4),
        Role(BOT_ROLE_ID, "Callboard", int(POSTER | Permission.MENTION_EVERYONE), 0x9B84EE, 5),
    ):
        guild.roles[role.id] = role
    for user_id, roles in (
        (BOT_ID, [BOT_ROLE_ID]),
        (VIEWER_ID, [FOLLOWER_ROLE_ID]),
        (HELPER_ID, [FOLLOWER_ROLE_ID, HELPER_ROLE_ID]),
        (TRADER_ID, [TRADER_ROLE_ID]),
        (ADMIN_ID, [ADMIN_ROLE_ID]),
        (SECOND_ADMIN_ID, [ADMIN_ROLE_ID]),
    ):
        guild.members[user_id] = Member(user_id, roles, clock.now())
    _add_channels(world)
    return world


def _add_channels(world: World) -> None:
    desk_roles = (HELPER_ROLE_ID, TRADER_ROLE_ID, ADMIN_ROLE_ID, BOT_ROLE_ID)
    closed = [Overwrite(GUILD_ID, 0, deny=int(Permission.VIEW_CHANNEL))]
    opened = [Overwrite(role_id, 0, allow=int(READER)) for role_id in desk_roles]
    read_only = [
        Overwrite(GUILD_ID, 0, deny=int(Permission.SEND_MESSAGES)),
        Overwrite(BOT_ROLE_ID, 0, allow=int(Permission.SEND_MESSAGES)),
    ]
    for position, (channel_id, name, topic, overwrites) in enumerate(
        (
            (POSITIONS_CHANNEL_ID, "positions", "One message per position, always true.", read_only),
            (DELAYED_CHANNEL_ID, "positions-delayed", "The same, some minutes later.", read_only),
            (TALK_CHANNEL_ID, "talk", "Ask, answer, follow.", []),
            (DESK_CHANNEL_ID, "desk", "Where admins steer.", closed + opened),
        )
    ):
        world.channels[channel_id] = Channel(
            channel_id,
            ChannelKind.TEXT,
            name,
            guild_id=GUILD_ID,
            topic=topic,
            position=position,
            overwrites=list(overwrites),
        )
