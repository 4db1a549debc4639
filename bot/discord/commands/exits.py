"""``/close``, ``/close-all``, ``/roll``, ``/stop``, ``/target``, ``/trail``, ``/held``: how what is held leaves."""

from collections.abc import Callable
from typing import Literal

import discord
from discord import app_commands
from msgspec.structs import replace

from bot.discord.commands import chain_completions
from bot.discord.commands.completions import Choices, any_trade, complete_trades, held
from bot.discord.commands.confirming import Confirming
from bot.discord.commands.desk_preview import desk_preview
from bot.discord.commands.room import Room, command_names
from bot.discord.commands.trade_name import TradeName
from bot.discord.commands.trading import Text, wrong
from bot.discord.commands.tree import CommandTree
from bot.held_words import held_by_all
from bot.typed_amount import fraction, price, stop_level
from bot.typed_contract import contract_key, typed_date
from bot.typed_name import typed_name
from bot.word_fault import WordFault
from options import commands as c
from options.contract import ContractError, OptionContract, parse_key
from options.plan import ExitPlan, Held


def add_exits(tree: CommandTree, room: Room, confirming: Confirming) -> None:
    """Add these commands to the tree."""
    _add_close(tree, room, confirming)
    _add_roll(tree, room, confirming)
    _add_levels(tree, room, confirming)
    _add_held(tree, room, confirming)


def _add_close(tree: CommandTree, room: Room, confirming: Confirming) -> None:
    @tree.command(name="close", description="Take everything of a position out.", guild=tree.guild)
    @app_commands.describe(trade="Which position.")
    async def close(interaction: discord.Interaction, trade: TradeName) -> None:
        command_id, who = command_names(interaction)
        command = c.CloseTrade(command_id=command_id, who=who, trade_id=trade)
        await confirming.propose(interaction, command, desk_preview)

    complete_trades(room, held, close)

    @tree.command(name="close-all", description="Take everything of every position out.", guild=tree.guild)
    @app_commands.describe(strategy="Only the trades of this strategy.")
    async def close_all(interaction: discord.Interaction, strategy: Text | None = None) -> None:
        command_id, who = command_names(interaction)
        command = c.CloseAll(command_id=command_id, who=who, strategy=strategy)
        another = room.access.settings.second_admin
        await confirming.propose(interaction, command, desk_preview, by_another=another)


def _add_roll(tree: CommandTree, room: Room, confirming: Confirming) -> None:
    @tree.command(
        name="roll", description="Close a trade, then open the same in another contract.", guild=tree.guild
    )
    @app_commands.describe(
        trade="Which position.",
        expiry="The new expiry, e.g. 2016-01-15.",
        strike="The new strike in dollars.",
        contract="A whole contract instead of the two.",
        qty="How many to open, instead of as many.",
    )
    async def roll(
        interaction: discord.Interaction,
        trade: TradeName,
        expiry: Text | None = None,
        strike: Text | None = None,
        contract: Text | None = None,
        qty: app_commands.Range[int, 1, 100_000] | None = None,
    ) -> None:
        try:
            key = None if contract is None else contract_key(contract)
            level = None if strike is None else price(strike)
            day = None if expiry is None else typed_date(expiry).isoformat()
        except WordFault as fault:
            await room.reply(interaction).say(wrong("roll", [str(fault)]))
            return
        command_id, who = command_names(interaction)
        command = c.RollTrade(
            command_id=command_id, who=who, trade_id=trade, contract=key, expiry=day, strike=level, qty=qty
        )
        await confirming.propose(interaction, command, desk_preview)

    complete_trades(room, held, roll)

    @roll.autocomplete("expiry")
    async def expiries(interaction: discord.Interaction, typed: str) -> Choices:
        now = _contract_of(room, interaction)
        return [] if now is None else await chain_completions.expiries(room, now.symbol, typed)

    @roll.autocomplete("strike")
    async def strikes(interaction: discord.Interaction, typed: str) -> Choices:
        now = _contract_of(room, interaction)
        if now is None:
            return []
        expiry = interaction.namespace.expiry or now.expiry.isoformat()
        return await chain_completions.strikes(room, now.symbol, expiry, now.right.value, typed)


def _contract_of(room: Room, interaction: discord.Interaction) -> OptionContract | None:
    """The option that the trade holds which was typed before."""
    trade = room.cards.book.trade(typed_name(interaction.namespace.trade or ""))
    if trade is None:
        return None
    try:
        found = parse_key(trade.instrument)
    except ContractError:
        return None  # nothing to offer for what is no contract of ours
    return found if isinstance(found, OptionContract) else None


def _add_levels(tree: CommandTree, room: Room, confirming: Confirming) -> None:
    @tree.command(
        name="stop", description="Put a trade's stop at a price, or at the entry.", guild=tree.guild
    )
    @app_commands.describe(trade="Which trade.", level="Dollars, or even: the entry.")
    async def stop(interaction: discord.Interaction, trade: TradeName, level: Text) -> None:
        def make(command_id: str, who: str) -> c.Command:
            return c.SetStop(command_id=command_id, who=who, trade_id=trade, level=stop_level(level))

        await _propose_words(room, confirming, interaction, "stop", make)

    @tree.command(name="target", description="Put one target for all that is left.", guild=tree.guild)
    @app_commands.describe(trade="Which trade.", level="Dollars.")
    async def target(interaction: discord.Interaction, trade: TradeName, level: Text) -> None:
        def make(command_id: str, who: str) -> c.Command:
            return c.SetTarget(command_id=command_id, who=who, trade_id=trade, level=price(level))

        await _propose_words(room, confirming, interaction, "target", make)

    @tree.command(name="trail", description="Trail the best mark with the stop.", guild=tree.guild)
    @app_commands.describe(trade="Which trade.", distance="From the best mark: 25% or $1.50.")
    async def trail(interaction: discord.Interaction, trade: TradeName, distance: Text) -> None:
        def make(command_id: str, who: str) -> c.Command:
            amount = price(distance) if distance.startswith(("$", "@")) else None
            part = None if amount is not None else fraction(distance)
            return c.SetTrail(command_id=command_id, who=who, trade_id=trade, fraction=part, amount=amount)

        await _propose_words(room, confirming, interaction, "trail", make)

    complete_trades(room, any_trade, stop, target, trail)


def _add_held(tree: CommandTree, room: Room, confirming: Confirming) -> None:
    @tree.command(
        name="held",
        description="Say who holds a trade's stops and targets until they are due.",
        guild=tree.guild,
    )
    @app_commands.describe(trade="Which trade.", by="The engine, or the broker: then they rest there.")
    async def held_(
        interaction: discord.Interaction, trade: TradeName, by: Literal["engine", "broker"]
    ) -> None:
        command_id, who = command_names(interaction)
        known = room.cards.book.trade(trade)
        exits = ExitPlan() if known is None else known.exits
        exits = replace(exits, **held_by_all(Held(by), exits))
        command = c.ModifyTrade(command_id=command_id, who=who, trade_id=trade, exits=exits)
        await confirming.propose(interaction, command, desk_preview)

    complete_trades(room, any_trade, held_)


async def _propose_words(
    room: Room,
    confirming: Confirming,
    interaction: discord.Interaction,
    verb: str,
    make: Callable[[str, str], c.Command],
) -> None:
    """Make a command of what was typed and show what it would do, or say why it is none."""
    command_id, who = command_names(interaction)
    try:
        command = make(command_id, who)
    except WordFault as fault:
        await room.reply(interaction).say(wrong(verb, [str(fault)]))
        return
    await confirming.propose(interaction, command, desk_preview)
