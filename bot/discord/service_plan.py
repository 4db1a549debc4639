"""What the service beside a day is told: which Discord, where in it, and what of the day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.access_settings import NOBODY_AT_ALL, DiscordAccess
from bot.channel_settings import ChannelSettings
from bot.clock import Clock
from bot.discord.following.followers import FollowPace
from bot.door.day_desk import SteeredDay
from bot.door.handover import Handover


@dataclass(frozen=True, slots=True)
class Place:
    """Which Discord, as whom, and where in it. The token is never part of a text."""

    api_base: str
    gateway_url: str
    guild_id: int
    """Where the commands are; 0: where the first channel is."""
    channels: tuple[ChannelSettings, ...]
    """Each with its server; the cards of those with buttons have them once anybody may steer."""
    token: Callable[[], str]
    """:raises SettingsError: there is none, or its file cannot be read."""
    access: DiscordAccess = NOBODY_AT_ALL
    """Who may use which commands; without anybody there are none."""


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """What the service is told. Without a ``place`` it opens a loopback Discord, whose page is the only way in."""

    ledger: Path
    store: Path
    durable_offset: Callable[[], int | None]
    say: Callable[[str], None]
    clock: Clock
    place: Place | None
    mark_every_s: float
    live: bool = False
    """The day is now: see :class:`~bot.discord.publishing.Publishing`."""
    required: bool = False
    """Refuse to begin while Discord cannot be used."""
    chart_every_s: float | None = None
    """The pace of charts; ``None``: there are none."""
    handover: Handover[SteeredDay] | None = None
    """The way to the trading thread; without one there are no commands."""
    strategies: tuple[str, ...] = ()
    """The names of the strategies that run."""
    follow_pace: FollowPace | None = field(default_factory=FollowPace)
    """How fast followers get their direct messages; ``None``: nobody can follow."""

    def steered(self, place: Place) -> bool:
        """Whether anybody can do anything from Discord."""
        return self.handover is not None and place.access.anybody
