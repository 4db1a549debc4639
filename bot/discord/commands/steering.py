"""Commands that change something: acknowledged first, then given once, then what became of them is said.

A command whose acknowledgement Discord refuses as too late is not given: its person was told that it failed, and may
have asked again. Only a halt is given whatever becomes of the answer.
"""

from collections.abc import Callable, Sequence

import aiohttp
import discord

from bot.discord.commands.desk_link import Allowed, Given
from bot.discord.commands.replies import AnsweredElsewhere, Reply, Said, TooLate, text_said
from bot.discord.commands.room import Room
from bot.door.handover import DeskBusy, DeskClosed
from options.commands import Command, Halt


async def steer(room: Room, interaction: discord.Interaction, command: Command) -> None:
    """Give a command and say what became of it, to who asked alone."""
    await steer_all(room, interaction, command, lambda _trade_id: [])


async def steer_all(
    room: Room,
    interaction: discord.Interaction,
    command: Command,
    after: Callable[[str], Sequence[Command]],
) -> None:
    """Give a command, and if it was taken those that come ``after`` it, made from the id of its trade."""
    reply = room.reply(interaction)
    trouble = await acknowledged(reply)
    if trouble is not None and not isinstance(command, Halt):
        if isinstance(trouble, TooLate):
            await reply.say_in_channel(
                text_said(f"/{command.verb} reached the bot too late and was not done. Please ask again.")
            )
        elif not isinstance(trouble, AnsweredElsewhere):
            room.say(f"/{command.verb} could not be acknowledged and was not done: {trouble}")
            await reply.say_not_done(
                text_said(
                    f"❌ **{command.verb}**: not done, Discord did not let it through. Please ask again."
                )
            )
        return
    said = await outcome(room, command, after=after)
    if trouble is None:
        await reply.say(said)
    else:
        await reply.say_in_channel(said)


async def acknowledged(reply: Reply, *, ephemeral: bool = True, press: bool = False) -> Exception | None:
    """Acknowledge a deed, or the press of a button; what kept it from being acknowledged, if anything did."""
    try:
        await (reply.acknowledge_press() if press else reply.acknowledge(ephemeral=ephemeral))
    except (TooLate, AnsweredElsewhere, discord.HTTPException, aiohttp.ClientError, OSError) as trouble:
        return trouble
    return None


async def outcome(
    room: Room,
    command: Command,
    allowed: Allowed = lambda _: "",
    after: Callable[[str], Sequence[Command]] = lambda _: [],
) -> Said:
    """Give a command, and those after it; what became of them, in words."""
    lines: list[str] = []
    try:
        given: Given = await room.desk.give(command, allowed)
        lines += given.lines()
        if given.answer.taken:
            for more in after(given.answer.trade_id):
                lines += (await room.desk.give(more)).lines()
    except (DeskClosed, DeskBusy) as error:
        return text_said(*lines, f"❌ **{command.verb}**: not done, {error}.")
    return text_said(*lines)
