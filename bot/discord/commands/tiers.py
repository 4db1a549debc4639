"""Who may use which command: tiers from the settings, checked by us whatever Discord shows. Nobody by default."""

from enum import IntEnum

import discord

from bot.access_settings import DiscordAccess
from bot.discord.publishing import NotifierOff

EVERYONE, NOBODY = "everyone", "nobody"


class Tier(IntEnum):
    """Each may do what the one before may, and more."""

    NONE = 0
    VIEWER = 1
    HELPER = 2
    TRADER = 3
    ADMIN = 4

    @property
    def word(self) -> str:
        """The tier's name as people and the settings use it."""
        return self.name.lower()


TIER_OF_COMMAND: dict[str, Tier] = {
    "help": Tier.VIEWER,
    "status": Tier.VIEWER,
    "positions": Tier.VIEWER,
    "orders": Tier.VIEWER,
    "pnl": Tier.VIEWER,
    "report": Tier.VIEWER,
    "why": Tier.VIEWER,
    "follow": Tier.VIEWER,
    "unfollow": Tier.VIEWER,
    "trade show": Tier.VIEWER,
    "trim": Tier.HELPER,
    "halt": Tier.TRADER,
    "trade new": Tier.TRADER,
    "trade activate": Tier.TRADER,
    "trade modify": Tier.TRADER,
    "trade cancel": Tier.TRADER,
    "close": Tier.TRADER,
    "roll": Tier.TRADER,
    "stop": Tier.TRADER,
    "target": Tier.TRADER,
    "trail": Tier.TRADER,
    "held": Tier.TRADER,
    "resume": Tier.ADMIN,
    "close-all": Tier.ADMIN,
}
"""The tier that each command takes, by its name with its group's. A command that is not here can be used by nobody."""


def tier_of_verb(verb: str) -> Tier:
    """The tier that a command of the desk takes; the highest for one that no slash command gives."""
    found = (TIER_OF_COMMAND.get(name) for name in (verb, f"trade {verb}"))
    return next((tier for tier in found if tier is not None), Tier.ADMIN)


class Access:
    """The settings' tiers as questions.

    :raises NotifierOff: a permission that is named for showing commands is none of Discord's.
    """

    def __init__(self, settings: DiscordAccess) -> None:
        self.settings = settings
        self._permissions: dict[Tier, discord.Permissions | None] = {
            tier: _permission(tier, getattr(settings, f"{tier.word}_shown_with"))
            for tier in Tier
            if tier is not Tier.NONE
        }

    def tier(self, user_id: int, role_ids: frozenset[int]) -> Tier:
        """The highest tier of a user who has these roles; the server's own id counts as one."""
        for tier in sorted(self._permissions, reverse=True):
            users = getattr(self.settings, f"{tier.word}_users")
            roles = getattr(self.settings, f"{tier.word}_roles")
            if user_id in users or not role_ids.isdisjoint(roles):
                return tier
        return Tier.NONE

    def tier_of(self, user: discord.User | discord.Member, guild_id: int) -> Tier:
        """The tier of who acts in a server: outside that server, and to strangers, none."""
        if not isinstance(user, discord.Member) or user.guild.id != guild_id:
            return Tier.NONE
        return self.tier(user.id, frozenset({guild_id, *(role.id for role in user.roles)}))

    def shown_with(self, tier: Tier) -> discord.Permissions | None:
        """What Discord wants of who is shown a tier's commands; ``None``: nothing."""
        return self._permissions[tier]


def _permission(tier: Tier, name: str) -> discord.Permissions | None:
    if name == EVERYONE:
        return None
    if name == NOBODY:
        return discord.Permissions.none()
    if name not in discord.Permissions.VALID_FLAGS:
        raise NotifierOff(
            f"discord.access.{tier.word}_shown_with says {name!r}: write everyone, nobody or one of Discord's "
            "permissions, e.g. manage_messages"
        )
    return discord.Permissions(**{name: True})
