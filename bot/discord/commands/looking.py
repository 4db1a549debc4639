"""Commands that only look: ``/help``, ``/status``, ``/positions``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import discord
from discord import app_commands

from bot.card_text import count_text, new_york_clock, safe_text
from bot.discord.commands.positions_text import at_live_marks, live_marks, positions_said
from bot.discord.commands.replies import Said, text_said
from bot.discord.commands.room import Room
from bot.discord.commands.tiers import TIER_OF_COMMAND, Tier
from bot.discord.commands.tree import CommandTree
from bot.door.day_desk import SteeredDay
from bot.door.handover import DeskBusy, DeskClosed
from options.book import Book
from options.order import OrderState
from options.values import SECOND, to_iso

_REASON_MAX = 200
_HEADINGS = {
    "Look": Tier.VIEWER,
    "Trim": Tier.HELPER,
    "Trade": Tier.TRADER,
    "Run the desk": Tier.ADMIN,
}
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """Where the running day stands. Times are ISO 8601 UTC; ``quote_age_s`` ``None``: nothing was quoted yet."""

    at: str
    quote_age_s: float | None
    waiting: int
    held: int
    working: int
    doubtful: int
    halt_reason: str
    broker_lost: bool
    blind: int = 0


def desk_status(day: SteeredDay) -> DeskStatus:
    """Where the day stands; asked in the trading thread."""
    book, feed_ts = day.book, day.manager.quotes.feed_ts
    trades = book.open_trades()
    orders = list(book.orders.values())
    return DeskStatus(
        at=to_iso(day.at),
        quote_age_s=(day.at - feed_ts) / SECOND if feed_ts else None,
        waiting=sum(not trade.position.qty for trade in trades),
        held=sum(bool(trade.position.qty) for trade in trades),
        working=len(orders),
        doubtful=sum(order.state is OrderState.UNKNOWN for order in orders),
        halt_reason=book.halt_reason,
        broker_lost=book.broker_lost,
        blind=sum(bool(trade.position.qty and trade.blind_since) for trade in trades),
    )


def status_said(status: DeskStatus | None, book: Book) -> Said:
    """The status as an answer; without one, nobody trades and what the ledger says is told."""
    day = f"{safe_text(book.day.day or 'no day yet', 20)}, quotes from {safe_text(book.day.feed or '–', 60)}"
    if status is None:
        return text_said(f"⚪ **Nobody trades at the moment.** Last day: {day}.", *_halted(book.halt_reason))
    if status.halt_reason:
        head = "🟠 **Halted**: nothing is entered, exits go on."
    elif status.broker_lost:
        head = "🔴 **The broker is lost**: nothing is sent until it is found again."
    else:
        head = "🟢 **Trading.**"
    blind = (f"🔴 **Stops are blind** on {status.blind} of them: no marks come in.",) if status.blind else ()
    heard = "none yet" if status.quote_age_s is None else f"{max(status.quote_age_s, 0):,.0f} s old"
    doubt = f", **{status.doubtful} in doubt**" if status.doubtful else ""
    return text_said(
        head,
        *_halted(status.halt_reason),
        f"Day {day}; it is {new_york_clock(status.at)} ET, newest quote {heard}.",
        f"{count_text(status.held, 'position')} held, {count_text(status.waiting, 'trade')} without one, "
        f"{count_text(status.working, 'order')} working{doubt}.",
        *blind,
    )


def _halted(reason: str) -> tuple[str, ...]:
    return (f"Halt: {safe_text(reason, _REASON_MAX)}",) if reason else ()


async def asked(room: Room, question: Callable[[SteeredDay], _Found]) -> _Found | None:
    """What the trading thread says; ``None`` if nobody trades, or too much waits there."""
    try:
        return await room.desk.ask(question)
    except (DeskClosed, DeskBusy):
        return None


def add_looking(tree: CommandTree, room: Room) -> None:
    """Add these commands to the tree."""

    @tree.command(name="status", description="Whether it trades, and what is on.", guild=tree.guild)
    async def status(interaction: discord.Interaction) -> None:
        async def work() -> Said:
            return status_said(await asked(room, desk_status), room.cards.book)

        await room.look(interaction, work())

    @tree.command(name="positions", description="What is held now: P&L, stops and targets.", guild=tree.guild)
    async def positions(interaction: discord.Interaction) -> None:
        async def work() -> Said:
            marks = await asked(room, live_marks)
            views = [room.cards.view(position_id) for position_id in room.cards.position_ids()]
            as_of = "as last recorded; nobody trades now" if marks is None else "as quoted now"
            return positions_said(at_live_marks([one for one in views if one.qty], marks or {}), as_of)

        await room.look(interaction, work())

    @tree.command(name="help", description="What you may do here.", guild=tree.guild)
    async def help_(interaction: discord.Interaction) -> None:
        await room.reply(interaction).say(help_said(tree, room.tier_of(interaction)))


def help_said(tree: CommandTree, tier: Tier) -> Said:
    """Every command that a tier may use, with what it does."""
    commands = {
        command.qualified_name: command.description
        for command in tree.walk_commands(guild=tree.guild)
        if isinstance(command, app_commands.Command)
    }
    lines = [f"You are **{tier.word}** here and may use:"]
    for heading, needed in _HEADINGS.items():
        # In the order of the tiers' table: what is asked most comes first.
        names = [name for name, takes in TIER_OF_COMMAND.items() if takes is needed and name in commands]
        if needed <= tier and names:
            lines += [f"**{heading}**", *(f"`/{name}` – {commands[name]}" for name in names)]
    return text_said(*lines)
