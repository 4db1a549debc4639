"""Channels, messages, threads and reactions over REST."""

from urllib.parse import unquote

from bot.discord.loopback.announcements import Announcement, Intent
from bot.discord.loopback.drafts import EPHEMERAL, read_draft
from bot.discord.loopback.message_payload import message_payload
from bot.discord.loopback.payloads import Payload, channel_payload, thread_member_payload
from bot.discord.loopback.permissions import Permission, demand
from bot.discord.loopback.refusals import Refused, directs_closed, unknown
from bot.discord.loopback.routing import Answer, Bucket, Call, Route
from bot.discord.loopback.world import Channel, ChannelKind, Message

HISTORY_MAX = 100
_CHANNEL = "/channels/{channel_id}"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_MEMBER = "/channels/{channel_id}/thread-members/@me"
_REACTION = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"


def _channel(call: Call, wanted: Permission = Permission.VIEW_CHANNEL) -> Channel:
    channel = call.parts.world.channel(call.id("channel_id"))
    demand(call.parts.world, channel, call.parts.world.bot_id, wanted)
    return channel


def _message(call: Call, wanted: Permission = Permission.VIEW_CHANNEL) -> Message:
    _channel(call, wanted)
    message = call.parts.world.message(call.id("channel_id"), call.id("message_id"))
    if message.seen_only_by is not None:
        raise unknown("Message")
    return message


def shown(call: Call, message: Message) -> Payload:
    """A message as this server answers it."""
    return message_payload(call.parts.world, call.parts.board.files_base, message)


def get_channel(call: Call) -> Answer:
    """GET a channel."""
    return Answer(200, channel_payload(call.parts.world, _channel(call)))


def patch_channel(call: Call) -> Answer:
    """PATCH a channel's name and topic, or a thread's archive."""
    channel = call.parts.world.channel(call.id("channel_id"))
    need = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    _channel(call, need)
    form = call.fields
    channel.name = form.get("name", channel.name)
    channel.topic = form.get("topic", channel.topic)
    channel.archived = bool(form.get("archived", channel.archived))
    channel.locked = bool(form.get("locked", channel.locked))
    channel.auto_archive_minutes = form.get("auto_archive_duration", channel.auto_archive_minutes)
    payload = channel_payload(call.parts.world, channel)
    name = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    call.parts.announcements.tell(Announcement(name, payload, Intent.GUILDS))
    return Answer(200, payload)


def delete_channel(call: Call) -> Answer:
    """DELETE a channel or a thread."""
    channel = call.parts.world.channel(call.id("channel_id"))
    need = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    _channel(call, need)
    payload = channel_payload(call.parts.world, channel)
    del call.parts.world.channels[channel.id]
    name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
    call.parts.announcements.tell(Announcement(name, payload, Intent.GUILDS))
    return Answer(200, payload)


def get_messages(call: Call) -> Answer:
    """GET a channel's history, newest first."""
    channel = _channel(call, Permission.READ_MESSAGE_HISTORY)
    limit = min(int(call.query.get("limit", 50)), HISTORY_MAX)
    found = [m for m in channel.messages.values() if m.seen_only_by is None]
    if "after" in call.query:
        found = [m for m in found if m.id > int(call.query["after"])][:limit]
    elif "around" in call.query:
        around = int(call.query["around"])
        nearest = sorted(found, key=lambda m: abs(m.id - around))[:limit]
        found = sorted(nearest, key=lambda m: m.id)
    else:
        before = int(call.query.get("before", 1 << 63))
        found = [m for m in found if m.id < before][-limit:]
    return Answer(200, [shown(call, message) for message in reversed(found)])


def get_message(call: Call) -> Answer:
    """GET one message."""
    return Answer(200, shown(call, _message(call, Permission.READ_MESSAGE_HISTORY)))


def post_message(call: Call) -> Answer:
    """POST a message."""
    channel = call.parts.world.channel(call.id("channel_id"))
    need = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    _channel(call, need)
    world = call.parts.world
    if not all(world.users[user_id].takes_direct_messages for user_id in channel.recipients):
        raise directs_closed()
    draft = read_draft(call.fields, call.files)
    if draft.uploads:
        _channel(call, Permission.ATTACH_FILES)
    if draft.embeds:
        _channel(call, Permission.EMBED_LINKS)
    if draft.flags and draft.flags & EPHEMERAL:
        raise Refused(400, 50035, "Invalid Form Body")
    return Answer(200, shown(call, call.parts.board.post(channel, world.bot_id, draft)))


def patch_message(call: Call) -> Answer:
    """PATCH a message of ours."""
    message = _message(call)
    if message.author_id != call.parts.world.bot_id:
        raise Refused(403, 50005, "Cannot edit a message authored by another user")
    draft = read_draft(call.fields, call.files)
    if draft.uploads:
        _channel(call, Permission.ATTACH_FILES)
    return Answer(200, shown(call, call.parts.board.edit(message, draft)))


def delete_message(call: Call) -> Answer:
    """DELETE a message; somebody else's only with permission."""
    message = _message(call)
    if message.author_id != call.parts.world.bot_id:
        _channel(call, Permission.MANAGE_MESSAGES)
    call.parts.board.delete(message)
    return Answer(204)


def post_thread(call: Call) -> Answer:
    """POST a thread without a message."""
    parent = _channel(call, Permission.CREATE_PUBLIC_THREADS)
    form = call.fields
    kind = ChannelKind(form.get("type") or ChannelKind.PRIVATE_THREAD)
    return _started(call, parent, None, kind)


def post_message_thread(call: Call) -> Answer:
    """POST a thread from a message."""
    message = _message(call, Permission.CREATE_PUBLIC_THREADS)
    return _started(call, _channel(call), message, ChannelKind.PUBLIC_THREAD)


def _started(call: Call, parent: Channel, message: Message | None, kind: ChannelKind) -> Answer:
    if parent.is_thread or parent.kind is ChannelKind.DIRECT:
        raise Refused(400, 50024, "Cannot execute action on this channel type")
    form = call.fields
    thread = call.parts.board.start_thread(
        parent,
        call.parts.world.bot_id,
        str(form.get("name", "")),
        message=message,
        kind=kind,
        auto_archive_minutes=form.get("auto_archive_duration") or 1440,
    )
    member = thread_member_payload(thread, call.parts.world.bot_id)
    return Answer(201, channel_payload(call.parts.world, thread) | {"member": member})


def put_thread_member(call: Call) -> Answer:
    """PUT ourselves into a thread."""
    thread = _channel(call)
    if call.parts.world.bot_id not in thread.followers:
        thread.followers.append(call.parts.world.bot_id)
    return Answer(204)


def delete_thread_member(call: Call) -> Answer:
    """DELETE ourselves from a thread."""
    thread = _channel(call)
    if call.parts.world.bot_id in thread.followers:
        thread.followers.remove(call.parts.world.bot_id)
    return Answer(204)


def post_typing(call: Call) -> Answer:
    """POST that we are typing."""
    _channel(call, Permission.SEND_MESSAGES)
    return Answer(204)


def put_reaction(call: Call) -> Answer:
    """PUT a reaction of ours."""
    call.parts.board.react(_message(call), call.parts.world.bot_id, unquote(call.ids["emoji_name"]))
    return Answer(204)


def delete_reaction(call: Call) -> Answer:
    """DELETE a reaction of ours."""
    call.parts.board.unreact(_message(call), call.parts.world.bot_id, unquote(call.ids["emoji_name"]))
    return Answer(204)


ROUTES = [
    Route("GET", _CHANNEL, get_channel),
    Route("PATCH", _CHANNEL, patch_channel),
    Route("DELETE", _CHANNEL, delete_channel),
    Route("GET", f"{_CHANNEL}/messages", get_messages),
    Route("POST", f"{_CHANNEL}/messages", post_message, Bucket.POST_MESSAGE),
    Route("GET", _MESSAGE, get_message),
    Route("PATCH", _MESSAGE, patch_message, Bucket.EDIT_MESSAGE),
    Route("DELETE", _MESSAGE, delete_message, Bucket.DELETE_MESSAGE),
    Route("POST", f"{_CHANNEL}/threads", post_thread),
    Route("POST", f"{_MESSAGE}/threads", post_message_thread),
    Route("PUT", _MEMBER, put_thread_member),
    Route("DELETE", _MEMBER, delete_thread_member),
    Route("POST", f"{_CHANNEL}/typing", post_typing),
    Route("PUT", _REACTION, put_reaction),
    Route("DELETE", _REACTION, delete_reaction),
]
