"""What moderators and admins of a community do to a bot: delete, forbid, close, kick, revoke."""

from bot.discord.loopback.announcements import Announcement, Intent
from bot.discord.loopback.drafts import Draft
from bot.discord.loopback.parts import Parts
from bot.discord.loopback.payloads import channel_payload, guild_create_payload
from bot.discord.loopback.permissions import Permission
from bot.discord.loopback.world import Member, Message, Overwrite


class Moderator:
    """Acts on the world as people do, with the announcements that follow."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def say(self, user_id: int, channel_id: int, text: str) -> Message:
        """A person writes a message."""
        return self._parts.board.post(self._parts.world.channel(channel_id), user_id, Draft(content=text))

    def delete_message(self, channel_id: int, message_id: int) -> None:
        """Take a message away."""
        self._parts.board.delete(self._parts.world.message(channel_id, message_id))
        self._parts.faults.happened["message deleted"] += 1

    def delete_channel(self, channel_id: int) -> None:
        """Take a channel away, with its threads."""
        world = self._parts.world
        channel = world.channel(channel_id)
        payload = channel_payload(world, channel)
        for thread in world.threads([channel_id]):
            del world.channels[thread.id]
        del world.channels[channel_id]
        self._parts.faults.happened["channel deleted"] += 1
        name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self._parts.announcements.tell(Announcement(name, payload, Intent.GUILDS))

    def forbid(self, channel_id: int, permission: Permission) -> None:
        """Take permissions in a channel from the bot."""
        self._overwrite(channel_id, Overwrite(self._parts.world.bot_id, 1, deny=int(permission)))
        self._parts.faults.happened["permission lost"] += 1

    def permit(self, channel_id: int, permission: Permission) -> None:
        """Give the bot permissions in a channel, whatever was forbidden before."""
        self._overwrite(channel_id, Overwrite(self._parts.world.bot_id, 1, allow=int(permission)))

    def _overwrite(self, channel_id: int, overwrite: Overwrite) -> None:
        channel = self._parts.world.channel(channel_id)
        channel.overwrites = [o for o in channel.overwrites if o.id != overwrite.id] + [overwrite]
        payload = channel_payload(self._parts.world, channel)
        self._parts.announcements.tell(Announcement("CHANNEL_UPDATE", payload, Intent.GUILDS))

    def archive(self, thread_id: int, *, locked: bool = False) -> None:
        """Archive a thread; a locked one stays so when somebody posts."""
        thread = self._parts.world.channel(thread_id)
        thread.archived, thread.locked = True, locked
        payload = channel_payload(self._parts.world, thread)
        self._parts.announcements.tell(Announcement("THREAD_UPDATE", payload, Intent.GUILDS))

    def takes_direct_messages(self, user_id: int, *, takes: bool) -> None:
        """A person lets members of the server write to them, or does not."""
        self._parts.world.user(user_id).takes_direct_messages = takes
        if not takes:
            self._parts.faults.happened["direct messages closed"] += 1

    def kick_bot(self, guild_id: int) -> None:
        """Throw the bot out."""
        del self._parts.world.guild(guild_id).members[self._parts.world.bot_id]
        self._parts.faults.happened["bot kicked"] += 1
        self._parts.announcements.tell(Announcement("GUILD_DELETE", {"id": str(guild_id)}, Intent.GUILDS))

    def invite_bot(self, guild_id: int, roles: list[int]) -> None:
        """Take the bot in."""
        world = self._parts.world
        guild = world.guild(guild_id)
        guild.members[world.bot_id] = Member(world.bot_id, roles, world.clock.now())
        payload = guild_create_payload(world, guild, all_members=True)
        # A guild that comes with this is one that came back, not one that was joined.
        del payload["unavailable"]
        self._parts.announcements.tell(Announcement("GUILD_CREATE", payload, Intent.GUILDS))

    async def revoke_token(self) -> None:
        """Make the token worthless: 401 to every request, and the gateway closes with 4004."""
        self._parts.faults.token_revoked = True
        await self._parts.gateway.close(4004)
