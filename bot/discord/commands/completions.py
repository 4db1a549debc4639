"""What Discord offers while somebody types: the trades that are on, from the newest state of the ledger."""

from collections.abc import Callable, Iterable
from typing import Any

import discord
from discord import app_commands

from bot.card_text import clip, contract_words
from bot.discord.commands.room import Room
from options.trade import Trade

CHOICES_MAX = 25
CHOICE_CHARACTERS = 100
Choices = list[app_commands.Choice[str]]
Wanted = Callable[[Trade], bool]


def any_trade(_trade: Trade) -> bool:
    """Every trade that is not over."""
    return True


def held(trade: Trade) -> bool:
    """Trades that hold something."""
    return bool(trade.position.qty)


def trades_like(room: Room, typed: str, wanted: Wanted = any_trade) -> Choices:
    """The open trades that fit what was typed, newest first: by id, symbol or contract."""
    words = typed.casefold().split()
    found = []
    for trade in reversed(room.cards.book.open_trades()):
        if not wanted(trade):
            continue
        label = trade_label(trade)
        if all(word in label.casefold() for word in words):
            found.append((label, trade.trade_id))
    return choices(found)


def complete_trades(room: Room, wanted: Wanted, *commands: "app_commands.Command[Any, ..., None]") -> None:
    """Complete the option ``trade`` of these commands with the open trades that are wanted."""

    async def trades(_interaction: discord.Interaction, typed: str) -> Choices:
        return trades_like(room, typed, wanted)

    for command in commands:
        command.autocomplete("trade")(trades)


def trade_label(trade: Trade) -> str:
    """A trade in one line to choose by."""
    side = "long" if trade.direction > 0 else "short"
    qty = abs(trade.position.qty) or trade.qty
    held_now = "" if trade.position.qty else f", {trade.order_status} / {trade.trade_status}"
    return f"{trade.trade_id} · {side} {qty} {contract_words(trade.instrument)}{held_now}"


def choices(found: Iterable[tuple[str, str]]) -> Choices:
    """Names and values as Discord takes them: at most 25, neither too long; a value is never cut."""
    made: Choices = []
    for name, value in found:
        if len(made) < CHOICES_MAX and 0 < len(value) <= CHOICE_CHARACTERS:
            made.append(app_commands.Choice(name=clip(name, CHOICE_CHARACTERS), value=value))
    return made
