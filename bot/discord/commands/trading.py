"""``/trade new``, ``/trade activate``, ``/trade modify``, ``/trade cancel``: a trade from draft to closed."""

from typing import Literal

import discord
from discord import app_commands

from bot.discord.commands import chain_completions
from bot.discord.commands.completions import Choices, any_trade, complete_trades
from bot.discord.commands.confirming import Confirming
from bot.discord.commands.desk_preview import desk_preview
from bot.discord.commands.plan_options import (
    PLAN_OPTIONS,
    every_fault,
    plan_reader,
    split_words,
)
from bot.discord.commands.replies import Said, text_said
from bot.discord.commands.room import Room, command_names
from bot.discord.commands.steering import steer, steer_all
from bot.discord.commands.trade_name import TradeName
from bot.discord.commands.tree import CommandTree
from bot.every_fault import Readings, changed_trade, new_trade
from bot.refusal_text import reason_text
from bot.trade_words import PlanReader, PlanWords
from options import commands as c

Text = app_commands.Range[str, 1, 80]
AlgoName = Literal["market", "limit", "walk", "twap"]
_REASON_MAX = 200
_NEW = {
    "symbol": "The underlying; or a whole contract, GOOG 2015-12-31 750 C, or an OCC symbol.",
    "qty": "How many.",
    "expiry": "When it expires, e.g. 2015-12-31.",
    "strike": "Its strike in dollars.",
    "right": "Call or put.",
    "side": "Buy to open, or sell to open.",
    "activate": "Let it go for its entry at once, instead of a draft.",
    "strategy": "Whose trade it is; there is one per strategy and underlying.",
    "reason": "Why.",
}


async def _all_wrong(room: Room, verb: str, reader: PlanReader, readings: Readings) -> Said:
    """What was typed and cannot be read, with all that the desk has against the rest."""
    return wrong(verb, await every_fault(room, reader.faults, readings))


def wrong(verb: str, faults: list[str]) -> Said:
    """What was typed cannot be meant."""
    return text_said(
        f"❌ **{verb}**: nothing was done.", *(f"– {reason_text(one, _REASON_MAX)}" for one in faults)
    )


def add_trading(tree: CommandTree, room: Room, group: app_commands.Group, confirming: Confirming) -> None:
    """Add these commands to the group ``/trade``."""
    _add_new(room, group)
    _add_modify(room, group)
    _add_simple(room, group, confirming)
    tree.add_command(group, guild=tree.guild)


def _add_new(room: Room, group: app_commands.Group) -> None:
    described = _NEW | {name: PLAN_OPTIONS[name] for name in PLAN_OPTIONS if name not in _ONLY_MODIFY}

    @group.command(name="new", description="Draft a trade, and let it go if you like.")
    @app_commands.describe(**described)
    async def new(  # noqa: PLR0913, PLR0917 # every part of a plan is an option
        interaction: discord.Interaction,
        symbol: Text,
        qty: app_commands.Range[int, 1, 100_000],
        expiry: Text | None = None,
        strike: Text | None = None,
        right: Literal["call", "put"] | None = None,
        side: Literal["long", "short"] = "long",
        activate: bool = False,  # as Discord hands it over
        limit: Text | None = None,
        algo: AlgoName | None = None,
        bound: Text | None = None,
        give_up: float | None = None,
        then: Literal["cancel", "market"] | None = None,
        tif: Literal["DAY", "GTC"] | None = None,
        when_option: Text | None = None,
        when_underlying: Text | None = None,
        at: Text | None = None,
        stop: Text | None = None,
        targets: Text | None = None,
        trail: Text | None = None,
        trail_after: Text | None = None,
        break_even_after: int | None = None,
        hold_max: float | None = None,
        flat_at: Text | None = None,
        strategy: app_commands.Range[str, 1, 40] = "manual",
        reason: app_commands.Range[str, 1, 200] = "",
    ) -> None:
        words = PlanWords(
            limit=limit, algo=algo, bound=bound, give_up=give_up, then=then, tif=tif, when_option=when_option,
            when_underlying=when_underlying, at=at, stop=stop,
            targets=split_words(targets), trail=trail, trail_after=trail_after,
            break_even_after=break_even_after, hold_max=hold_max, flat_at=flat_at,
        )  # fmt: skip
        command_id, who = command_names(interaction)
        plain = c.NewTrade(
            command_id=command_id, who=who, instrument="", qty=0, direction=1 if side == "long" else -1,
            strategy=strategy, reason=reason,
        )  # fmt: skip
        contract = " ".join(filter(None, (symbol, expiry, strike, (right or "")[:1].upper())))
        reader = plan_reader(room)
        readings = new_trade(reader, contract, qty, words, plain)
        if reader.faults:
            await room.look(interaction, _all_wrong(room, "trade new", reader, readings))
            return

        def then_activate(trade_id: str) -> list[c.Command]:
            go = c.ActivateTrade(command_id=f"{command_id}-activate", who=who, trade_id=trade_id)
            return [go] if activate else []

        await steer_all(room, interaction, readings[0], then_activate)

    _complete_new(room, new)


def _complete_new(room: Room, new: "app_commands.Command[app_commands.Group, ..., None]") -> None:
    """Offer what the chain lists."""

    @new.autocomplete("symbol")
    async def symbols(_interaction: discord.Interaction, typed: str) -> Choices:
        return await chain_completions.symbols(room, typed)

    @new.autocomplete("expiry")
    async def expiries(interaction: discord.Interaction, typed: str) -> Choices:
        return await chain_completions.expiries(room, interaction.namespace.symbol or "", typed)

    @new.autocomplete("strike")
    async def strikes(interaction: discord.Interaction, typed: str) -> Choices:
        typed_before = interaction.namespace
        right = (typed_before.right or "call")[:1].upper()
        return await chain_completions.strikes(
            room, typed_before.symbol or "", typed_before.expiry or "", right, typed
        )


_ONLY_MODIFY = frozenset({"every", "steps", "when_spread", "scale_in", "average_down", "basis"})


def _add_modify(room: Room, group: app_commands.Group) -> None:
    described = {"trade": "Which trade.", "qty": "How many instead.", "hold": "Out of the market, unguarded."}

    @group.command(
        name="modify", description="Exchange parts of a trade's plans; the word none takes a part away."
    )
    @app_commands.describe(**described, **PLAN_OPTIONS)
    async def modify(  # noqa: PLR0913, PLR0917 # every part of a plan is an option
        interaction: discord.Interaction,
        trade: TradeName,
        qty: app_commands.Range[int, 1, 100_000] | None = None,
        hold: bool = False,  # as Discord hands it over
        limit: Text | None = None,
        algo: AlgoName | None = None,
        every: float | None = None,
        steps: int | None = None,
        bound: Text | None = None,
        give_up: Text | None = None,
        then: Literal["cancel", "market"] | None = None,
        tif: Literal["DAY", "GTC"] | None = None,
        when_option: Text | None = None,
        when_underlying: Text | None = None,
        when_spread: Text | None = None,
        at: Text | None = None,
        stop: Text | None = None,
        targets: Text | None = None,
        trail: Text | None = None,
        trail_after: Text | None = None,
        break_even_after: Text | None = None,
        hold_max: Text | None = None,
        flat_at: Text | None = None,
        scale_in: Text | None = None,
        average_down: bool | None = None,  # as Discord hands it over
        basis: Literal["mid", "far side", "last", "two marks"] | None = None,
    ) -> None:
        words = PlanWords(
            limit=limit, algo=algo, every=every, steps=steps, bound=bound, give_up=give_up, then=then, tif=tif,
            when_option=when_option, when_underlying=when_underlying, when_spread=when_spread, at=at, stop=stop,
            targets=split_words(targets), trail=trail, trail_after=trail_after,
            break_even_after=break_even_after, hold_max=hold_max, flat_at=flat_at,
            scale_ins=split_words(scale_in), average_down=average_down, basis=basis,
        )  # fmt: skip
        command_id, who = command_names(interaction)
        plain = c.ModifyTrade(command_id=command_id, who=who, trade_id=trade, hold=hold)
        reader = plan_reader(room)
        readings = changed_trade(reader, room.cards.book.trade(trade), qty, words, plain)
        if reader.faults:
            await room.look(interaction, _all_wrong(room, "trade modify", reader, readings))
            return
        await steer(room, interaction, readings[0])

    complete_trades(room, any_trade, modify)


def _add_simple(room: Room, group: app_commands.Group, confirming: Confirming) -> None:
    @group.command(name="activate", description="Let a draft go for its entry, or guard a held trade again.")
    @app_commands.describe(trade="Which trade.")
    async def activate(interaction: discord.Interaction, trade: TradeName) -> None:
        command_id, who = command_names(interaction)
        await steer(room, interaction, c.ActivateTrade(command_id=command_id, who=who, trade_id=trade))

    @group.command(
        name="cancel", description="End a trade: out of the market before a fill, flattened after."
    )
    @app_commands.describe(trade="Which trade.")
    async def cancel(interaction: discord.Interaction, trade: TradeName) -> None:
        command_id, who = command_names(interaction)
        command = c.CancelTrade(command_id=command_id, who=who, trade_id=trade)
        await confirming.propose(interaction, command, desk_preview)

    complete_trades(room, any_trade, activate, cancel)
