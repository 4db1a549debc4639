"""The buttons under a position's card: Trim ¼, Trim ½, Close, Stop to break-even.

A button's id names the ledger, the position and the deed, so one on an old message works after any restart, and one of
another ledger or of a position that is over says so. Each leads to the preview of its command, and nothing is done
before that is confirmed: of two people who press opposite buttons the first confirmation counts, and the other is told
that the position has changed.
"""

from dataclasses import dataclass
from decimal import Decimal

import discord

from bot.discord.commands.allowances import allowance
from bot.discord.commands.buttons import custom_id
from bot.discord.commands.confirming import Confirming
from bot.discord.commands.desk_preview import desk_preview
from bot.discord.commands.replies import text_said
from bot.discord.commands.room import Room, command_names
from bot.discord.commands.tiers import tier_of_verb
from options import commands as c
from options.book import Book

KIND = "card"
_SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class CardButton:
    """A button: its label, its style, and the part that a trim takes."""

    label: str
    style: discord.ButtonStyle
    part: Decimal | None = None


CARD_BUTTONS = {
    "quarter": CardButton("Trim ¼", discord.ButtonStyle.primary, Decimal("0.25")),
    "half": CardButton("Trim ½", discord.ButtonStyle.primary, Decimal("0.5")),
    "close": CardButton("Close", discord.ButtonStyle.danger),
    "even": CardButton("Stop to break-even", discord.ButtonStyle.secondary),
}


def steering_buttons(position_id: str, ledger: str) -> list[discord.ui.Button[discord.ui.View]]:
    """The buttons that steer a position, for under its card; ``ledger`` is the ledger's mark."""
    return [
        discord.ui.Button(
            label=button.label,
            style=button.style,
            custom_id=custom_id(KIND, _SEPARATOR.join((ledger, name, position_id))),
        )
        for name, button in CARD_BUTTONS.items()
    ]


def command_of(name: str, trade_id: str, command_id: str, who: str) -> c.Command:
    """The command of a button."""
    part = CARD_BUTTONS[name].part
    if part is not None:
        return c.TrimTrade(command_id=command_id, who=who, trade_id=trade_id, fraction=part)
    if name == "close":
        return c.CloseTrade(command_id=command_id, who=who, trade_id=trade_id)
    return c.SetStop(command_id=command_id, who=who, trade_id=trade_id)


class CardButtons:
    """Takes the presses; ``ledger`` is the mark of the ledger that is traded on."""

    def __init__(self, room: Room, confirming: Confirming, ledger: str) -> None:
        self._room = room
        self._confirming = confirming
        self._ledger = ledger
        room.buttons.add(KIND, self._pressed)

    async def _pressed(self, interaction: discord.Interaction, what: str) -> None:
        room = self._room
        if not room.is_new(interaction.id):
            return
        ledger, _, rest = what.partition(_SEPARATOR)
        name, _, position_id = rest.partition(_SEPARATOR)
        why_not = self._why_not(ledger, name)
        if why_not:
            await room.reply(interaction).say(text_said(f"⛔ {why_not}"))
            return
        command_id, who = command_names(interaction)
        command = command_of(name, position_id.rpartition("-")[0], command_id, who)
        needed, tier = tier_of_verb(command.verb), room.tier_of(interaction)
        if tier < needed:
            why_not = f"⛔ You may not do this: it takes the tier {needed.word}."
            await room.reply(interaction).say(text_said(why_not))
            return
        may = allowance(room.access.settings, tier, command)
        await self._confirming.propose(
            interaction,
            command,
            desk_preview,
            allowed=lambda day: position_fault(day.book, position_id) or may(day),
        )

    def _why_not(self, ledger: str, name: str) -> str:
        if name not in CARD_BUTTONS:
            return "This button is none that there is any more."
        return (
            "" if ledger == self._ledger else "This card is of another ledger: nothing can be done with it."
        )


def position_fault(book: Book, position_id: str) -> str:
    """Why a position cannot be steered by its card; empty if it can."""
    trade = book.trades.get(position_id.rpartition("-")[0])
    if trade is None or trade.position.position_id != position_id:
        return f"the position {position_id} is over; nothing of it is left to steer"
    return ""
