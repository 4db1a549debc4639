"""A card as Discord takes it: an embed, its mark for finding it again, and mentions that never resolve."""

from hashlib import sha256
from pathlib import Path

import discord

from bot.card import DESCRIPTION_MAX, FOOTER_MAX, TITLE_MAX, TOTAL_MAX, Card
from bot.card_text import clip, safe_text, width
from bot.position_view import PositionView
from options.values import SECOND, from_iso

NONCE_DIGITS = 20
NOBODY = discord.AllowedMentions.none()
"""Nobody is pinged, whatever the text says; a request that does not say so would ping everybody it names."""
_SEPARATOR = " · "
_LEDGER_DIGITS = 8
_ID_MAX = 120


def ledger_mark(path: Path) -> str:
    """Eight characters that tell a ledger from any other, for positions of the same name in one channel."""
    with path.open("rb") as ledger:
        return sha256(ledger.readline()).hexdigest()[:_LEDGER_DIGITS]


def embed_of(card: Card, ledger: str, when: str = "") -> discord.Embed:
    """The card as an embed. Its footer ends with the ledger's mark and begins with the position's id.

    ``when`` ends the description, left out where there is no room: see :func:`relative_text`.
    """
    embed = discord.Embed(title=card.title, description=card.description, colour=card.colour)
    for name, value, inline in card.fields:
        embed.add_field(name=name, value=value, inline=inline)
    end = f"{_SEPARATOR}{ledger}"
    footer = clip(card.footer, FOOTER_MAX - len(end)) + end
    room = TOTAL_MAX - card.length - len(end)
    line = f"{_SEPARATOR if card.description else ''}{when}"
    if when and width(line) <= room and width(card.description) + width(line) <= DESCRIPTION_MAX:
        embed.description = f"{card.description}{line}"
    while room < 0 and embed.fields:
        room += width(embed.fields[-1].name or "") + width(embed.fields[-1].value or "")
        embed.remove_field(-1)
    return embed.set_footer(text=footer)


def relative_text(view: PositionView) -> str:
    """When the position was opened or closed, as a time that each reader sees relative to their own clock."""
    ts = view.closed_ts or view.opened_ts
    word = "Closed" if view.closed_ts else "Opened"
    return f"{word} <t:{from_iso(ts) // SECOND}:R>" if ts else ""


def plain_embed(card: Card, ledger: str) -> discord.Embed:
    """The least that a card can be, for when Discord does not take the whole."""
    embed = discord.Embed(title=clip(card.title, TITLE_MAX), colour=card.colour)
    return embed.set_footer(text=f"{clip(card.footer, TITLE_MAX)}{_SEPARATOR}{ledger}")


def position_of(embed: discord.Embed, ledger: str) -> str | None:
    """The position that an embed of ours shows, as its footer names it; ``None`` for any other embed."""
    parts = (embed.footer.text or "").split(_SEPARATOR)
    return parts[0] if len(parts) >= 3 and parts[-1] == ledger else None


def footer_name(position_id: str) -> str:
    """A position's id as it stands in a footer."""
    return safe_text(position_id, _ID_MAX)


def same_text(one: discord.Embed, other: discord.Embed) -> bool:
    """Whether two embeds say the same, whatever a server added to them."""
    return _texts(one) == _texts(other)


def nonce_of(position_id: str, ledger: str, generation: int) -> str:
    """What makes the same post the same message: at most 25 characters, another one after each deletion."""
    digits = sha256(f"{ledger} {position_id}".encode()).hexdigest()[:NONCE_DIGITS]
    return f"{digits}.{generation % 1000}"


def _texts(embed: discord.Embed) -> tuple[object, ...]:
    fields = [((field.name or "").strip(), (field.value or "").strip()) for field in embed.fields]
    return (embed.title or "").strip(), (embed.description or "").strip(), fields, embed.footer.text
