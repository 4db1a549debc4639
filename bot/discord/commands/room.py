"""What every command needs: who may do what, the way to the desk, the ledger's newest state, and how to answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import discord

from bot.card_book import CardBook
from bot.clock import Clock
from bot.discord.commands.buttons import Buttons
from bot.discord.commands.desk_link import DeskLink, command_id_of, who_asks
from bot.discord.commands.replies import AnsweredElsewhere, Notice, Reply, Said, TooLate
from bot.discord.commands.tiers import Access, Tier
from storage.confirmations import Confirmations

SEEN_MAX = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The parts that commands are made of. ``cards`` is folded from what is durable, in Discord's own thread."""

    guild_id: int
    access: Access
    desk: DeskLink
    cards: CardBook
    ledger: Path
    durable_offset: Callable[[], int | None]
    confirmations: Confirmations
    clock: Clock
    say: Callable[[str], None]
    strategies: tuple[str, ...] = ()
    """The names of the strategies that run."""
    notice: Notice | None = None
    buttons: Buttons = field(default_factory=Buttons)
    seen: dict[int, None] = field(default_factory=dict)
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def is_new(self, interaction_id: int) -> bool:
        """Whether a deed comes for the first time; Discord may deliver one twice."""
        if interaction_id in self.seen:
            return False
        self.seen[interaction_id] = None
        if len(self.seen) > SEEN_MAX:
            del self.seen[next(iter(self.seen))]
        return True

    def tier_of(self, interaction: discord.Interaction) -> Tier:
        """The tier of who acts."""
        return self.access.tier_of(interaction.user, self.guild_id)

    def reply(self, interaction: discord.Interaction) -> Reply:
        """The answer to a deed."""
        return Reply(interaction, self.say, self.notice)

    async def look(self, interaction: discord.Interaction, work: Awaitable[Said]) -> None:
        """Answer a deed that only looks."""
        try:
            await self.reply(interaction).after(work)
        except AnsweredElsewhere:
            # Another process of ours has answered it: two answers would be worse.
            return
        except TooLate:
            self.say("a question in Discord came too late to be answered")


def command_names(interaction: discord.Interaction) -> tuple[str, str]:
    """The id and the asker's name of the command that a deed gives."""
    user = interaction.user
    return command_id_of(interaction.id), who_asks(user.id, user.display_name)
