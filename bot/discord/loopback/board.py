"""Messages, threads and reactions come, change and go: every change is announced."""

from bot.discord.loopback.announcements import Announcement, Announcements, Intent
from bot.discord.loopback.attachments import attach, detach, kept_attachments
from bot.discord.loopback.drafts import EPHEMERAL, LOADING, Draft
from bot.discord.loopback.mentions import resolve
from bot.discord.loopback.message_payload import announced_message
from bot.discord.loopback.payloads import Payload, channel_payload
from bot.discord.loopback.permissions import Permission, demand, may
from bot.discord.loopback.refusals import Refused, unknown
from bot.discord.loopback.world import Channel, ChannelKind, Message, World
from options.values import MINUTE

NONCE_REMEMBERED = 5 * MINUTE
THREAD_NAME_MAX = 100
_REPLY = 19


class Board:
    """The doing of messages; ``files_base`` is set when the server knows its port."""

    def __init__(self, world: World, announcements: Announcements) -> None:
        self.world = world
        self.announcements = announcements
        self.files_base = ""
        self.notified: list[Message] = []
        """Messages that notified somebody when they were posted, oldest first."""
        self._by_nonce: dict[tuple[int, int, str], tuple[int, int]] = {}

    def post(
        self,
        channel: Channel,
        author_id: int,
        draft: Draft,
        *,
        interaction: Payload | None = None,
        seen_only_by: int | None = None,
        loading: bool = False,
    ) -> Message:
        """Post a message; with an enforced nonce of the last minutes the first message comes back instead."""
        if draft.is_empty and not loading:
            raise Refused(400, 50006, "Cannot send an empty message")
        if channel.is_thread and channel.archived:
            self._unarchive(channel)
        if earlier := self._same_nonce(channel, author_id, draft):
            return earlier
        world = self.world
        message = Message(world.snowflakes.next(), channel.id, author_id, world.clock.now())
        message.content = draft.content or ""
        message.embeds = draft.embeds or []
        message.components = draft.components or []
        message.flags = (draft.flags or 0) | (LOADING if loading else 0)
        message.nonce = draft.nonce
        message.interaction = interaction
        message.seen_only_by = seen_only_by
        message.mentions = resolve(world, channel, author_id, message.content, draft.allowed)
        self._reply(channel, message, draft)
        attach(world, message, draft.uploads)
        channel.messages[message.id] = message
        channel.last_message_id = message.id
        channel.messages_ever += 1
        if draft.nonce is not None:
            key = (channel.id, author_id, str(draft.nonce))
            self._by_nonce[key] = (message.id, world.clock.now())
        if message.mentions.users or message.mentions.roles or message.mentions.everyone:
            self.notified.append(message)
        self.announce("MESSAGE_CREATE", message)
        return message

    def _same_nonce(self, channel: Channel, author_id: int, draft: Draft) -> Message | None:
        if not draft.enforce_nonce or draft.nonce is None:
            return None
        message_id, at = self._by_nonce.get((channel.id, author_id, str(draft.nonce)), (0, 0))
        if not message_id or self.world.clock.now() - at > NONCE_REMEMBERED:
            return None
        return self.world.message(channel.id, message_id)

    def _reply(self, channel: Channel, message: Message, draft: Draft) -> None:
        if draft.reply_to is None:
            return
        message_id, must_exist = draft.reply_to
        origin = channel.messages.get(message_id)
        if origin is None:
            if must_exist:
                errors = {"message_reference": {"_errors": [
                    {"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}
                ]}}  # fmt: skip
                raise Refused(400, 50035, "Invalid Form Body", errors)
            return
        message.kind = _REPLY
        message.reply_to = (channel.id, message_id)
        if draft.allowed.replied_user and origin.author_id not in message.mentions.users:
            message.mentions.users.append(origin.author_id)

    def edit(self, message: Message, draft: Draft) -> Message:
        """Change what the draft says; what it does not say stays. Mentions are resolved anew, nobody is notified."""
        channel = self.world.channel(message.channel_id)
        if channel.is_thread and channel.archived:
            raise Refused(400, 50083, "Thread is archived")
        content = message.content if draft.content is None else draft.content
        embeds = message.embeds if draft.embeds is None else draft.embeds
        kept = kept_attachments(message, draft.kept_attachment_ids)
        if not (content or embeds or draft.components or message.components or kept or draft.uploads):
            raise Refused(400, 50006, "Cannot send an empty message")
        message.content, message.embeds = content, embeds
        detach(self.world, message, kept)
        if draft.components is not None:
            message.components = draft.components
        if draft.flags is not None:
            message.flags = (message.flags & EPHEMERAL) | (draft.flags & ~EPHEMERAL)
        message.mentions = resolve(self.world, channel, message.author_id, content, draft.allowed)
        attach(self.world, message, draft.uploads)
        if message.flags & LOADING:
            message.flags &= ~LOADING
        else:
            message.edited = self.world.clock.now()
        self.announce("MESSAGE_UPDATE", message)
        return message

    def delete(self, message: Message) -> None:
        """Take a message away; its thread stays, as on Discord."""
        channel = self.world.channel(message.channel_id)
        del channel.messages[message.id]
        detach(self.world, message, [])
        payload = {"id": str(message.id), "channel_id": str(channel.id)}
        if channel.guild_id is not None:
            payload["guild_id"] = str(channel.guild_id)
        self._tell("MESSAGE_DELETE", payload, channel, message.seen_only_by)

    def announce(self, name: str, message: Message) -> None:
        """Announce a message as it now stands."""
        channel = self.world.channel(message.channel_id)
        payload = announced_message(self.world, self.files_base, message)
        self._tell(name, payload, channel, message.seen_only_by)

    def _tell(self, name: str, payload: Payload, channel: Channel, seen_only_by: int | None) -> None:
        intent = Intent.DIRECT_MESSAGES if channel.guild_id is None else Intent.GUILD_MESSAGES
        visible = seen_only_by is None and may(
            self.world, channel, self.world.bot_id, Permission.VIEW_CHANNEL
        )
        self.announcements.tell(Announcement(name, payload, intent, visible, seen_only_by))

    def start_thread(
        self,
        parent: Channel,
        owner_id: int,
        name: str,
        *,
        message: Message | None = None,
        kind: ChannelKind = ChannelKind.PUBLIC_THREAD,
        auto_archive_minutes: int = 1440,
    ) -> Channel:
        """Start a thread, alone or from a message (whose id it then has)."""
        if not 1 <= len(name.strip()) <= THREAD_NAME_MAX:
            error = {"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be between 1 and 100 in length."}
            raise Refused(400, 50035, "Invalid Form Body", {"name": {"_errors": [error]}})
        if message and message.id in self.world.channels:
            raise Refused(400, 160004, "A thread has already been created for this message")
        thread = Channel(
            id=message.id if message else self.world.snowflakes.next(),
            kind=kind,
            name=name.strip(),
            guild_id=parent.guild_id,
            parent_id=parent.id,
            owner_id=owner_id,
            created=self.world.clock.now(),
            auto_archive_minutes=auto_archive_minutes,
            followers=[owner_id],
        )
        self.world.channels[thread.id] = thread
        payload = channel_payload(self.world, thread) | {"newly_created": True}
        self.announcements.tell(Announcement("THREAD_CREATE", payload, Intent.GUILDS))
        if message:
            message.flags |= 1 << 5
            self.announce("MESSAGE_UPDATE", message)
        return thread

    def _unarchive(self, thread: Channel) -> None:
        if thread.locked:
            raise Refused(400, 50083, "Thread is archived")
        thread.archived = False
        self.announcements.tell(
            Announcement("THREAD_UPDATE", channel_payload(self.world, thread), Intent.GUILDS)
        )

    def react(self, message: Message, user_id: int, emoji: str) -> None:
        """Add a reaction."""
        channel = self.world.channel(message.channel_id)
        demand(self.world, channel, user_id, Permission.ADD_REACTIONS)
        users = message.reactions.setdefault(emoji, [])
        if user_id not in users:
            users.append(user_id)
            self._tell_reaction("MESSAGE_REACTION_ADD", channel, message, user_id, emoji)

    def unreact(self, message: Message, user_id: int, emoji: str) -> None:
        """Take a reaction back."""
        if user_id not in message.reactions.get(emoji, []):
            raise unknown("Message")
        message.reactions[emoji].remove(user_id)
        channel = self.world.channel(message.channel_id)
        self._tell_reaction("MESSAGE_REACTION_REMOVE", channel, message, user_id, emoji)

    def _tell_reaction(self, name: str, channel: Channel, message: Message, user_id: int, emoji: str) -> None:
        payload: Payload = {
            "user_id": str(user_id),
            "channel_id": str(channel.id),
            "message_id": str(message.id),
            "message_author_id": str(message.author_id),
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        }
        direct = channel.guild_id is None
        if not direct:
            payload["guild_id"] = str(channel.guild_id)
        intent = Intent.DIRECT_MESSAGE_REACTIONS if direct else Intent.GUILD_MESSAGE_REACTIONS
        self.announcements.tell(Announcement(name, payload, intent))
