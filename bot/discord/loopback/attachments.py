"""Files on messages: kept in memory, measured if they are PNG pictures, found again by the CDN's path."""

import re
from struct import unpack

from bot.discord.loopback.drafts import Upload
from bot.discord.loopback.world import Attachment, Message, World

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_BYTES = 24


def attach(world: World, message: Message, uploads: list[tuple[Upload, str | None]]) -> None:
    """Put files on a message; names are made safe for an address, as Discord does."""
    for upload, description in uploads:
        attachment = Attachment(
            id=world.snowflakes.next(),
            filename=_UNSAFE.sub("_", upload.filename).strip(".") or "file",
            content=upload.content,
            content_type=upload.content_type,
            size_px=png_size_px(upload.content),
            description=description,
        )
        message.attachments.append(attachment)
        world.files[_place(message, attachment)] = attachment


def kept_attachments(message: Message, kept_ids: list[int] | None) -> list[Attachment]:
    """The files that stay on an edited message: those named, or all if none were."""
    if kept_ids is None:
        return list(message.attachments)
    return [a for a in message.attachments if a.id in kept_ids]


def detach(world: World, message: Message, kept: list[Attachment]) -> None:
    """Take all other files off a message; the CDN has them no longer."""
    for attachment in message.attachments:
        if attachment not in kept:
            del world.files[_place(message, attachment)]
    message.attachments = kept


def _place(message: Message, attachment: Attachment) -> str:
    return f"{message.channel_id}/{attachment.id}/{attachment.filename}"


def png_size_px(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG picture; None for anything else."""
    if not content.startswith(_PNG) or len(content) < _PNG_HEADER_BYTES:
        return None
    width_px, height_px = unpack(">II", content[16:24])
    return width_px, height_px
