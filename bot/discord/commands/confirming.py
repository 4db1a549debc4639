"""Commands that are shown before they are done: a preview, two buttons, and a yes that counts once.

What is asked is kept durably under a token before its buttons are shown, and the buttons' ids hold nothing but the
token: a press after a restart finds what it confirms. The command keeps the id of the deed that asked for it, so it is
taken once, however often its button is pressed and wherever the process was killed.

A previewer is what a command is shown with: it runs in the trading thread, only looks, and returns a :class:`Preview`.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Protocol

import discord
import msgspec

from bot.discord.commands.allowances import allowance
from bot.discord.commands.buttons import custom_id
from bot.discord.commands.desk_link import Allowed
from bot.discord.commands.replies import AnsweredElsewhere, Said, TooLate, no_more, pages, text_said
from bot.discord.commands.room import Room
from bot.discord.commands.steering import acknowledged, outcome
from bot.discord.commands.tiers import tier_of_verb
from bot.door.day_desk import SteeredDay
from bot.door.handover import DeskBusy, DeskClosed
from bot.door.protocol import decode_command, encode_command
from options.commands import Command
from options.values import SECOND
from storage.confirmations import Confirmation, Decision

CONFIRM, DISMISS = "confirm", "dismiss"
_TOKEN_DIGITS = 24


class Preview(Protocol):
    """What a command would do as things stand; or, with ``refused``, why it would do nothing."""

    @property
    def lines(self) -> Sequence[str]:
        """In words, without mentions and links."""

    @property
    def refused(self) -> bool:
        """True if the command would be refused: there is nothing to confirm then."""

    @property
    def seen(self) -> str:
        """The state that it was shown for, which the command is held to; empty if it counts in any."""


Previewer = Callable[[SteeredDay, Command], Preview]


class Confirming:
    """Shows previews, and takes the presses of their buttons."""

    def __init__(self, room: Room) -> None:
        self._room = room
        room.buttons.add(CONFIRM, self._confirmed)
        room.buttons.add(DISMISS, self._dismissed)

    async def propose(
        self,
        interaction: discord.Interaction,
        command: Command,
        previewer: Previewer,
        *,
        allowed: Allowed = lambda _: "",
        by_another: bool = False,
    ) -> None:
        """Answer a deed with a preview of the command and the buttons that do it or leave it.

        With ``by_another`` a second admin must press, so the preview stands in the channel for all to see.
        """
        room = self._room
        reply = room.reply(interaction)
        trouble = await acknowledged(reply, ephemeral=not by_another)
        if trouble is not None:
            # Nothing was done, and there is nobody to ask: who wanted it sees that it failed.
            if not isinstance(trouble, TooLate | AnsweredElsewhere):
                said = f"❌ **{command.verb}**: Discord did not let it through. Please ask again."
                await reply.say_not_done(text_said(said))
            return

        def look(day: SteeredDay) -> tuple[str, Preview | None]:
            why_not = allowed(day)
            return why_not, None if why_not else previewer(day, command)

        try:
            why_not, preview = await room.desk.ask(look)
        except (DeskClosed, DeskBusy) as error:
            await reply.say(text_said(f"❌ **{command.verb}**: not done, {error}."))
            return
        if preview is None or preview.refused:
            lines = preview.lines if preview is not None else (why_not,)
            await reply.say(text_said(f"❌ **{command.verb}**: nothing has changed.", *lines))
            return
        command = msgspec.structs.replace(command, seen=preview.seen)
        await reply.say(self._question(interaction, command, preview, by_another=by_another))

    def _question(
        self, interaction: discord.Interaction, command: Command, preview: Preview, *, by_another: bool
    ) -> Said:
        room = self._room
        now, line = room.clock.now(), encode_command(command)
        within_s = room.access.settings.confirm_within_s
        token = sha256(line).hexdigest()[:_TOKEN_DIGITS]
        asked = Confirmation(
            token, line, interaction.user.id, now, now + int(within_s * SECOND), by_another=by_another
        )
        room.confirmations.keep(asked)
        who = "another admin" if by_another else "you"
        ends = f"Nothing is done yet: {who} must confirm within {within_s:g} s."
        first, *more = pages(preview.lines)
        cut = "\n… and more" if more else ""
        return Said(
            (f"{first}{cut}\n{ends}",),
            view=self._buttons(command, token),
            ephemeral=not by_another,
            instead=f"❌ **{command.verb}**: it could not be shown in time what it would do, and nothing has changed. "
            "Please ask again.",
        )

    @staticmethod
    def _buttons(command: Command, token: str) -> discord.ui.View:
        return no_more(
            [
                discord.ui.Button(
                    label=f"Confirm {command.verb}",
                    style=discord.ButtonStyle.danger,
                    custom_id=custom_id(CONFIRM, token),
                ),
                discord.ui.Button(
                    label="Leave it",
                    style=discord.ButtonStyle.secondary,
                    custom_id=custom_id(DISMISS, token),
                ),
            ]
        )

    async def _confirmed(self, interaction: discord.Interaction, token: str) -> None:
        await self._decided(interaction, token, Decision.CONFIRMED)

    async def _dismissed(self, interaction: discord.Interaction, token: str) -> None:
        await self._decided(interaction, token, Decision.DISMISSED)

    async def _decided(self, interaction: discord.Interaction, token: str, wanted: Decision) -> None:
        room = self._room
        if not room.is_new(interaction.id):
            return
        reply, asked = room.reply(interaction), room.confirmations.get(token)
        why_not = self._why_not(interaction, asked, wanted)
        if asked is None or why_not:
            await reply.say(text_said(f"⛔ {why_not}"))
            return
        if await acknowledged(reply, press=True) is not None:
            # Discord tells who pressed that it failed; nothing was decided.
            return
        room.confirmations.decide(token, wanted, interaction.user.id)
        decided, command = room.confirmations.get(token), decode_command(asked.command)
        if decided is None or decided.state is not Decision.CONFIRMED:
            await reply.change(text_said(f"**{command.verb}** was left: nothing has changed."))
            return
        allowed = allowance(room.access.settings, room.tier_of(interaction), command)
        await reply.change(await outcome(room, command, allowed))

    def _why_not(self, interaction: discord.Interaction, asked: Confirmation | None, wanted: Decision) -> str:
        """Why a press counts for nothing; empty if it counts."""
        room = self._room
        if asked is None:
            return "This was asked too long ago: ask again."
        needed = tier_of_verb(decode_command(asked.command).verb)
        if room.tier_of(interaction) < needed:
            return f"You may not decide this: it takes the tier {needed.word}."
        if asked.state is Decision.OPEN and room.clock.now() > asked.expires_at:
            return "This was asked too long ago, and nothing was done: ask again."
        mine = interaction.user.id == asked.asked_by
        if asked.by_another and mine and wanted is Decision.CONFIRMED:
            return "Another admin must confirm this: two people, not one."
        if not asked.by_another and not mine:
            return "Only who asked for this may decide it."
        return ""
