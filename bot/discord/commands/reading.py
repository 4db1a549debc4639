"""Commands that read the ledger: ``/orders``, ``/trade show``, ``/pnl``, ``/report``, ``/why``."""

import asyncio
from collections.abc import Callable
from contextlib import closing

import discord
from discord import app_commands

from bot.card_book import CardBook
from bot.card_text import count_text, dollars_text, safe_text
from bot.close_words import close_words
from bot.day_sums import summary_of
from bot.day_tally import Ended
from bot.discord.commands.completions import (
    Choices,
    any_trade,
    choices,
    complete_trades,
    trade_label,
    trades_like,
)
from bot.discord.commands.looking import asked
from bot.discord.commands.positions_text import LiveMark, live_marks
from bot.discord.commands.replies import Said, pages, text_said
from bot.discord.commands.room import Room
from bot.discord.commands.trade_name import TradeName
from bot.discord.commands.tree import CommandTree
from bot.event_text import numbered
from bot.ledger_views import TradeRow, trades
from bot.summary import DaySummary
from bot.trade_show import show_lines
from bot.trade_tree import trade_tree
from bot.why import why
from options.events import TradeEvent
from options.trade import Trade
from storage.ledger_tail import LedgerTail
from storage.verify import verify

_TREES_MAX = 10
_ROWS_MAX = 20
_NAME_MAX = 40
Events = list[tuple[int, TradeEvent]]


def events_of(room: Room) -> Events:
    """Everything in the ledger that is durable now."""
    found: Events = []
    end = room.durable_offset()
    with closing(LedgerTail(room.ledger)) as tail:
        while batches := tail.poll(end):
            found += numbered(batches)
    return found


async def read_once(room: Room, work: Callable[[Events], Said]) -> Said:
    """Read the ledger beside everything else, one reader at a time: a crowd that asks must not slow trading."""
    async with room.reading:
        return await asyncio.to_thread(lambda: work(events_of(room)))


def orders_said(events: Events, trade_ids: list[str]) -> Said:
    """The trees of some trades: entry, contingent orders with their groups, what is held here or at the broker."""
    lines: list[str] = []
    for trade_id in trade_ids[:_TREES_MAX]:
        tree = trade_tree(events, trade_id)
        if tree is None:
            lines.append(
                f"{safe_text(trade_id, _NAME_MAX)}: there is no such trade, or it was over long ago."
            )
        else:
            lines += [*show_lines(tree), ""]
    if len(trade_ids) > _TREES_MAX:
        lines.append(f"And {count_text(len(trade_ids) - _TREES_MAX, 'more trade')}: name one to see it.")
    return Said(pages(lines or ["No trade is open."], drawn=True), private=True)


def pnl_said(cards: CardBook, marks: dict[str, LiveMark]) -> Said:
    """The day's money: booked, fees, open, and each position."""
    book, tally = cards.book, cards.tally
    now, before = book.totals, book.day.totals_before
    realized, fees = now.realized - before.realized, now.fees - before.fees
    held = [trade for trade in book.open_trades() if trade.position.qty]
    open_pnl = {trade.trade_id: _open_pnl(trade, marks) for trade in held}
    known = sum(pnl for pnl in open_pnl.values() if pnl is not None)
    net, day = (
        float(realized - fees) + known - tally.open_before,
        safe_text(book.day.day or "no day", _NAME_MAX),
    )
    booked = f"{dollars_text(realized)} realized, {dollars_text(fees, signed=False)} fees"
    began = f" ({dollars_text(tally.open_before)} when the day began)" if tally.held_before else ""
    lines = [
        f"**{dollars_text(net)}** on {day}: {booked}, {dollars_text(known)} open{began}.",
        f"{count_text(tally.closed, 'trade')} closed{_ended(*map(tally.count, Ended))}.",
        *(f"– {trade_label(trade)}: {dollars_text(open_pnl[trade.trade_id])} open" for trade in held),
    ]
    return text_said(*lines, private=True)


def _open_pnl(trade: Trade, marks: dict[str, LiveMark]) -> float | None:
    live = marks.get(trade.trade_id)
    return trade.position.open_pnl(trade.multiplier) if live is None or live.mark is None else live.open_pnl


def _ended(won: int, lost: int, even: int) -> str:
    return f": {won:,} won, {lost:,} lost, {even:,} even" if won or lost or even else ""


def report_said(summary: DaySummary, rows: list[TradeRow]) -> Said:
    """The day as a report: what came in, what was traded, the money, and the proof of the ledger."""
    fees, net = dollars_text(summary.fees, signed=False), dollars_text(summary.net)
    held = f"{dollars_text(summary.open_pnl)} open in {count_text(summary.open_positions, 'position')}"
    if summary.open_positions_before:
        held += f" ({dollars_text(summary.open_pnl_before)} when the day began)"
    signals = (
        f"{summary.signals_used} used, {summary.signals_ignored} ignored, {summary.signals_refused} refused"
    )
    outcomes = _ended(summary.trades_won, summary.trades_lost, summary.trades_even)
    ended = f"{summary.trades_closed:,} closed{outcomes}"
    fills = f"{count_text(summary.fills, 'fill')} of {count_text(summary.contracts, 'contract')}"
    proof = f"its {summary.events:,} events prove every number, last hash {summary.last_hash[:16]}…"
    lines = [
        f"**{safe_text(summary.day or 'No day yet', _NAME_MAX)}** · {safe_text(summary.feed or '–', 60)}",
        f"Signals: {signals}.",
        f"Trades: {summary.trades_opened} opened, {ended}; {fills}.",
        f"Money: {dollars_text(summary.realized)} realized, {fees} fees, {held}: **net {net}**.",
        f"✔ The ledger is sound: {proof}"
        if summary.sound
        else "✘ **The ledger is broken**: see callboard verify.",
        *map(_closed_line, rows[-_ROWS_MAX:]),
    ]
    return text_said(*lines)


def _closed_line(row: TradeRow) -> str:
    how = close_words(row.close_kind, 20)
    return f"– {row.id} {row.side} {row.qty} {row.contract}: {dollars_text(row.net)} by {how}"


def add_reading(tree: CommandTree, room: Room, group: app_commands.Group) -> None:
    """Add these commands to the tree and to the group ``/trade``."""
    _add_orders(tree, room, group)
    _add_money(tree, room)
    _add_why(tree, room)


def _add_orders(tree: CommandTree, room: Room, group: app_commands.Group) -> None:
    @tree.command(
        name="orders",
        description="Orders as a tree: entry, exits, their groups, where each is.",
        guild=tree.guild,
    )
    @app_commands.describe(trade="Which trade; without one every open trade.")
    async def orders(interaction: discord.Interaction, trade: TradeName | None = None) -> None:
        ids = [trade] if trade else [one.trade_id for one in room.cards.book.open_trades()]
        await room.look(interaction, read_once(room, lambda events: orders_said(events, ids)))

    @group.command(
        name="show", description="A trade with all that belongs to it: plans, orders, fills, money."
    )
    @app_commands.describe(trade="Which trade.")
    async def show(interaction: discord.Interaction, trade: TradeName) -> None:
        await room.look(interaction, read_once(room, lambda events: orders_said(events, [trade])))

    complete_trades(room, any_trade, orders, show)


def _add_money(tree: CommandTree, room: Room) -> None:
    @tree.command(name="pnl", description="The day's money: booked, fees, open.", guild=tree.guild)
    async def pnl(interaction: discord.Interaction) -> None:
        async def work() -> Said:
            return pnl_said(room.cards, await asked(room, live_marks) or {})

        await room.look(interaction, work())

    @tree.command(
        name="report", description="The day's report, with the proof of its ledger.", guild=tree.guild
    )
    async def report(interaction: discord.Interaction) -> None:
        async def work() -> Said:
            marks = await asked(room, live_marks) or {}
            async with room.reading:
                found, rows = await asyncio.to_thread(
                    lambda: (verify(room.ledger), trades(events_of(room), is_open=False))
                )
            book = room.cards.book

            def mark_of(trade: Trade) -> float | None:
                live = marks.get(trade.trade_id)
                return trade.position.mark if live is None else live.mark

            read = book.totals.signals_accepted + book.totals.signals_refused
            closed = [row for row in rows if row.close_kind and row.closed >= (book.day.open or "")]
            return report_said(summary_of(book, room.cards.tally, mark_of, read, room.ledger, found), closed)

        await room.look(interaction, work())


def _add_why(tree: CommandTree, room: Room) -> None:
    @tree.command(
        name="why",
        description="Why an order is there, why something was refused, why a stop is held.",
        guild=tree.guild,
    )
    @app_commands.describe(
        about="A trade T3, an order O12 or P9, a signal or a command; without one: refused last."
    )
    async def why_(interaction: discord.Interaction, about: TradeName = "") -> None:
        def tell(events: Events) -> Said:
            return Said(pages(why(events, about), drawn=True), private=True)

        await room.look(interaction, read_once(room, tell))

    @why_.autocomplete("about")
    async def known(_interaction: discord.Interaction, typed: str) -> Choices:
        book, wanted = room.cards.book, typed.strip().upper()
        parents = [
            (f"{parent.parent_id} · order", parent.parent_id)
            for parent in reversed(list(book.parents.values()))
            if parent.parent_id.startswith(wanted)
        ]
        return choices([*((one.name, one.value) for one in trades_like(room, typed)), *parents])
