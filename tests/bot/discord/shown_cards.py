"""What a ledger says must be shown, and what a message of the loopback Discord shows."""

from pathlib import Path

import discord

from bot.card import Card, card_of
from bot.card_book import CardBook
from bot.discord.loopback.world import Message
from storage.ledger_reader import read


def cards_of(ledger: Path, through_seq: int | None = None) -> dict[str, Card]:
    """Each position's card, rendered from whole batches of the ledger up to an event."""
    book = CardBook()
    for batch in read(ledger):
        if through_seq is None or batch.first_seq + len(batch.events) - 1 <= through_seq:
            for event in batch.events:
                book.fold(event)
    return {position_id: card_of(book.view(position_id)) for position_id in book.position_ids()}


def embed_in(message: Message) -> discord.Embed:
    """The one embed of a message."""
    (embed,) = message.embeds
    return discord.Embed.from_dict(embed)
