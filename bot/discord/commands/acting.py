"""Commands that steer: ``/trim``, ``/halt``, ``/resume``."""

import discord
from discord import app_commands

from bot.card_text import safe_text
from bot.discord.commands.allowances import allowance
from bot.discord.commands.completions import Choices, choices, complete_trades, held
from bot.discord.commands.confirming import Confirming
from bot.discord.commands.desk_preview import Words, desk_preview
from bot.discord.commands.room import Room, command_names
from bot.discord.commands.steering import steer
from bot.discord.commands.trade_name import TradeName
from bot.discord.commands.trading import wrong
from bot.discord.commands.tree import CommandTree
from bot.door.day_desk import SteeredDay
from bot.typed_amount import trim_amount
from bot.word_fault import WordFault
from options import commands as c

_TEXT_MAX = 200


def resume_preview(day: SteeredDay, command: c.Command) -> Words:
    """What resuming would let go on."""
    assert isinstance(command, c.Resume), "resume is what is previewed"
    reason = day.book.halt_reason
    if not reason:
        return Words(("Trading is not halted.",), refused=True)
    if command.answers != reason:
        return Words((f"The halt to answer is: {safe_text(reason, _TEXT_MAX)}",), refused=True)
    return Words((f"**Resume** trading after the halt: {safe_text(reason, _TEXT_MAX)}",))


def add_acting(tree: CommandTree, room: Room, confirming: Confirming) -> None:
    """Add these commands to the tree."""
    _add_trim(tree, room, confirming)
    _add_halt(tree, room, confirming)


def _add_trim(tree: CommandTree, room: Room, confirming: Confirming) -> None:
    @tree.command(name="trim", description="Take some contracts out of a position.", guild=tree.guild)
    @app_commands.describe(trade="Which position.", amount="Contracts, or a part of it: 2, ½, 25%.")
    async def trim(
        interaction: discord.Interaction,
        trade: TradeName,
        amount: app_commands.Range[str, 1, 20],
    ) -> None:
        try:
            qty, part = trim_amount(amount.strip())
        except WordFault as fault:
            await room.reply(interaction).say(wrong("trim", [str(fault)]))
            return
        command_id, who = command_names(interaction)
        command = c.TrimTrade(command_id=command_id, who=who, trade_id=trade, qty=qty, fraction=part)
        allowed = allowance(room.access.settings, room.tier_of(interaction), command)
        await confirming.propose(interaction, command, desk_preview, allowed=allowed)

    complete_trades(room, held, trim)

    @trim.autocomplete("amount")
    async def amounts(_interaction: discord.Interaction, typed: str) -> Choices:
        parts = [("¼ of it", "¼"), ("½ of it", "½"), ("¾ of it", "¾")]
        return choices(([(typed, typed)] if typed.strip() else []) + parts)


def _add_halt(tree: CommandTree, room: Room, confirming: Confirming) -> None:
    @tree.command(name="halt", description="Enter nothing from now on; exits go on.", guild=tree.guild)
    @app_commands.describe(reason="Why; who resumes must answer it.")
    async def halt(
        interaction: discord.Interaction, reason: app_commands.Range[str, 1, 200] = "halted by hand"
    ) -> None:
        command_id, who = command_names(interaction)
        await steer(room, interaction, c.Halt(command_id=command_id, who=who, reason=reason))

    @tree.command(name="resume", description="Let entries go on after a halt.", guild=tree.guild)
    @app_commands.describe(reason="The halt's reason, repeated: it was read.")
    async def resume(interaction: discord.Interaction, reason: app_commands.Range[str, 1, 300]) -> None:
        command_id, who = command_names(interaction)
        command = c.Resume(command_id=command_id, who=who, answers=reason)
        if room.access.settings.second_admin:
            await confirming.propose(interaction, command, resume_preview, by_another=True)
        else:
            await steer(room, interaction, command)

    @resume.autocomplete("reason")
    async def reasons(_interaction: discord.Interaction, _typed: str) -> Choices:
        reason = room.cards.book.halt_reason
        return choices([(reason, reason)] if reason else [])
