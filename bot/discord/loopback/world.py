"""What the loopback Discord knows: people, roles, guilds, channels, threads and messages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.clock import Clock
from bot.discord.loopback.refusals import unknown
from bot.discord.loopback.snowflakes import Snowflakes
from options.values import Micros


class ChannelKind(IntEnum):
    """Discord's channel types, those that are spoken here."""

    TEXT = 0
    DIRECT = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


THREADS = (ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD)


@dataclass
class User:
    """A person, or the bot."""

    id: int
    username: str
    shown_name: str
    bot: bool = False
    takes_direct_messages: bool = True


@dataclass
class Role:
    """A role of one guild; the guild's own id is ``@everyone``."""

    id: int
    name: str
    permissions: int
    colour: int = 0
    position: int = 0
    mentionable: bool = False


@dataclass
class Overwrite:
    """Permissions of a role (kind 0) or a member (kind 1) in one channel."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass
class Member:
    """A user in a guild."""

    user_id: int
    roles: list[int]
    joined: Micros


@dataclass
class Attachment:
    """A file on a message; ``content`` is what the CDN serves."""

    id: int
    filename: str
    content: bytes
    content_type: str
    size_px: tuple[int, int] | None = None
    description: str | None = None


@dataclass
class Mentions:
    """Whom a text names so that it resolves: only these are notified."""

    users: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    everyone: bool = False


@dataclass
class Message:
    """One message as it stands now."""

    id: int
    channel_id: int
    author_id: int
    created: Micros
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: Mentions = field(default_factory=Mentions)
    flags: int = 0
    edited: Micros | None = None
    nonce: str | int | None = None
    kind: int = 0
    reply_to: tuple[int, int] | None = None
    interaction: dict[str, Any] | None = None
    seen_only_by: int | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)


@dataclass
class Channel:
    """A text channel, a thread or a direct message."""

    id: int
    kind: ChannelKind
    name: str
    guild_id: int | None = None
    topic: str | None = None
    position: int = 0
    overwrites: list[Overwrite] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    last_message_id: int | None = None
    recipients: list[int] = field(default_factory=list)
    parent_id: int | None = None
    owner_id: int | None = None
    created: Micros = 0
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    followers: list[int] = field(default_factory=list)
    messages_ever: int = 0

    @property
    def is_thread(self) -> bool:
        """True for a thread of either kind."""
        return self.kind in THREADS


@dataclass
class Guild:
    """A community."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)


@dataclass
class World:
    """Everything there is. Lookups refuse with Discord's own 404s."""

    clock: Clock
    bot_id: int
    token: str
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    files: dict[str, Attachment] = field(default_factory=dict)
    commands: dict[int | None, dict[int, dict[str, Any]]] = field(default_factory=dict)
    """Registered application commands by guild (None: everywhere) and id."""

    def __post_init__(self) -> None:
        self.snowflakes = Snowflakes(self.clock)

    @property
    def application_id(self) -> int:
        """The application; Discord gives it the bot's id."""
        return self.bot_id

    def user(self, user_id: int) -> User:
        """A user, or 10013."""
        if user_id not in self.users:
            raise unknown("User")
        return self.users[user_id]

    def guild(self, guild_id: int) -> Guild:
        """A guild, or 10004."""
        if guild_id not in self.guilds:
            raise unknown("Guild")
        return self.guilds[guild_id]

    def member(self, guild_id: int, user_id: int) -> Member:
        """A member, or 10007."""
        members = self.guild(guild_id).members
        if user_id not in members:
            raise unknown("Member")
        return members[user_id]

    def channel(self, channel_id: int) -> Channel:
        """A channel, thread or direct message, or 10003."""
        if channel_id not in self.channels:
            raise unknown("Channel")
        return self.channels[channel_id]

    def message(self, channel_id: int, message_id: int) -> Message:
        """A message, or 10008."""
        messages = self.channel(channel_id).messages
        if message_id not in messages:
            raise unknown("Message")
        return messages[message_id]

    def guild_channels(self, guild_id: int) -> list[Channel]:
        """A guild's channels without threads, in order."""
        found = (c for c in self.channels.values() if c.guild_id == guild_id and not c.is_thread)
        return sorted(found, key=lambda c: (c.position, c.id))

    def threads(self, parent_ids: Iterable[int]) -> list[Channel]:
        """The threads of some channels, oldest first."""
        parents = set(parent_ids)
        return [c for c in self.channels.values() if c.is_thread and c.parent_id in parents]

    def direct_channel(self, user_id: int) -> Channel:
        """The direct-message channel between the bot and a user, made when there is none."""
        for channel in self.channels.values():
            if channel.kind is ChannelKind.DIRECT and channel.recipients == [user_id]:
                return channel
        name = self.user(user_id).shown_name
        channel = Channel(self.snowflakes.next(), ChannelKind.DIRECT, name, recipients=[user_id])
        self.channels[channel.id] = channel
        return channel
