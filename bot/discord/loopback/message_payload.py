"""A message in the shape that Discord answers with, its files and pictures given their addresses."""

from typing import Any

from bot.discord.loopback.payloads import (
    Payload,
    attachment_payload,
    bare_member_payload,
    channel_payload,
    reactions_payload,
    user_payload,
)
from bot.discord.loopback.snowflakes import iso_time
from bot.discord.loopback.world import Attachment, Message, World

ATTACHED = "attachment://"
_REPLY = 19


def message_payload(world: World, files_base: str, message: Message) -> Payload:
    """A message as REST answers it; ``files_base`` is where the CDN serves attachments."""
    urls = {a.filename: attachment_url(files_base, message, a) for a in message.attachments}
    embedded: set[str] = set()
    embeds = [_embed(embed, message, urls, embedded) for embed in message.embeds]
    payload: Payload = {
        "id": str(message.id),
        "type": message.kind,
        "channel_id": str(message.channel_id),
        "author": user_payload(world.users[message.author_id]),
        "content": message.content,
        "timestamp": iso_time(message.created),
        "edited_timestamp": iso_time(message.edited) if message.edited is not None else None,
        "tts": False,
        "mention_everyone": message.mentions.everyone,
        "mentions": [user_payload(world.users[user_id]) for user_id in message.mentions.users],
        "mention_roles": [str(role_id) for role_id in message.mentions.roles],
        "attachments": [
            attachment_payload(a, urls[a.filename]) for a in message.attachments if a.filename not in embedded
        ],
        "embeds": embeds,
        "pinned": False,
        "flags": message.flags,
        "components": message.components,
    }
    if message.nonce is not None:
        payload["nonce"] = message.nonce
    if reactions := reactions_payload(world, message):
        payload["reactions"] = reactions
    if message.id in world.channels:
        payload["thread"] = channel_payload(world, world.channels[message.id])
    return payload | _links(world, files_base, message)


def _links(world: World, files_base: str, message: Message) -> Payload:
    payload: Payload = {}
    if message.author_id == world.bot_id and message.interaction:
        payload["application_id"] = str(world.application_id)
        payload["webhook_id"] = str(world.application_id)
        payload["interaction_metadata"] = message.interaction
    if message.reply_to:
        channel_id, message_id = message.reply_to
        payload["message_reference"] = {
            "type": 0,
            "channel_id": str(channel_id),
            "message_id": str(message_id),
        }
        origin = world.channels[channel_id].messages.get(message_id)
        if message.kind == _REPLY:
            shown = message_payload(world, files_base, origin) if origin and not origin.reply_to else None
            payload["referenced_message"] = shown
    return payload


def announced_message(world: World, files_base: str, message: Message) -> Payload:
    """A message as the gateway announces it: with its guild and the author's membership."""
    payload = message_payload(world, files_base, message)
    guild_id = world.channels[message.channel_id].guild_id
    if guild_id is not None:
        payload["guild_id"] = str(guild_id)
        member = world.guilds[guild_id].members.get(message.author_id)
        if member:
            payload["member"] = bare_member_payload(member)
    return payload


def attachment_url(files_base: str, message: Message, attachment: Attachment) -> str:
    """Where the CDN serves a file."""
    return f"{files_base}/attachments/{message.channel_id}/{attachment.id}/{attachment.filename}"


def _embed(
    embed: dict[str, Any], message: Message, urls: dict[str, str], embedded: set[str]
) -> dict[str, Any]:
    """The embed with the pictures that were attached; a picture that is not there is left out."""
    shown = dict(embed)
    sizes = {a.filename: a.size_px for a in message.attachments}
    for name in ("image", "thumbnail"):
        url = embed.get(name, {}).get("url", "")
        if not url.startswith(ATTACHED):
            continue
        filename = url.removeprefix(ATTACHED)
        if filename not in urls:
            del shown[name]
            continue
        embedded.add(filename)
        shown[name] = {"url": urls[filename], "proxy_url": urls[filename]}
        if size_px := sizes[filename]:
            shown[name]["width"], shown[name]["height"] = size_px
    return shown
