"""Whether somebody may still see what the bot tells: asked of Discord, for a direct message knows no roles."""

import discord

from bot.discord.commands.tiers import Access, Tier


class Membership:
    """Asks the server that the commands are in."""

    def __init__(self, client: discord.Client, guild_id: int, access: Access) -> None:
        self._client = client
        self._guild_id = guild_id
        self._access = access

    async def may_look(self, user_id: int) -> bool:
        """Whether a user is in the server with at least the tier of a viewer.

        :raises discord.DiscordException, aiohttp.ClientError, OSError: it could not be found out.
        """
        guild = await self._client.fetch_guild(self._guild_id)
        try:
            member = await guild.fetch_member(user_id)
        except discord.NotFound:
            return False
        return self._access.tier_of(member, self._guild_id) >= Tier.VIEWER
