"""The open positions in Discord's words: two lines each, the money at the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import discord

from bot.card_text import contract_words, dollars_text, percent_text, price_text, safe_text
from bot.discord.commands.replies import Said, pages
from bot.door.day_desk import SteeredDay
from bot.position_view import PositionView

_COLOUR = 0x5B8DEF
_REASON_MAX = 160


@dataclass(frozen=True, slots=True)
class LiveMark:
    """What a position is worth now, as the trading thread sees it: per unit, and its open P&L in dollars."""

    mark: float | None
    open_pnl: float | None


def live_marks(day: SteeredDay) -> dict[str, LiveMark]:
    """The newest mark of everything that is held, by trade; asked in the trading thread."""
    found = {}
    for trade in day.book.open_trades():
        if trade.position.qty:
            mark = day.manager.exits.mark_of(trade)
            pnl = None if mark is None else trade.position.open_pnl(trade.multiplier, mark)
            found[trade.trade_id] = LiveMark(mark, pnl)
    return found


def at_live_marks(views: Iterable[PositionView], marks: dict[str, LiveMark]) -> list[PositionView]:
    """The views with the newest marks in place of the recorded ones, where there are any."""
    made = []
    for view in views:
        live = marks.get(view.trade_id)
        if live is not None and live.mark is not None:
            made.append(replace(view, mark=live.mark, open_pnl=live.open_pnl))
        else:
            made.append(view)
    return made


def positions_said(views: Sequence[PositionView], as_of: str) -> Said:
    """The positions as an answer; ``as_of`` says how new the marks are."""
    if not views:
        return Said(("No open positions.",), private=True)
    lines = [line for view in views for line in position_lines(view)]
    known = [view.pnl for view in views if view.pnl is not None]
    unknown = len(views) - len(known)
    rest = f", {unknown} without a mark" if unknown else ""
    lines.append(f"**P&L {dollars_text(sum(known))}** after fees{rest} · {as_of}")
    first, *more = pages(lines)
    title = "1 open position" if len(views) == 1 else f"{len(views)} open positions"
    embed = discord.Embed(title=title, description=first, colour=_COLOUR)
    return Said(("", *more) if more else ("",), embed=embed, private=True)


def position_lines(view: PositionView) -> tuple[str, ...]:
    """A position in two lines, and a third if its exits are held."""
    side = "Long" if view.direction > 0 else "Short"
    what = f"**{view.trade_id}** · {side} {abs(view.qty)} of {view.qty_in} {contract_words(view.instrument)}"
    parts = [f"{price_text(view.entry_average)} → {price_text(view.mark)}"]
    parts.append(f"**{percent_text(view.pnl_fraction)}** ({dollars_text(view.pnl)})")
    if stops := view.stop_levels():
        parts.append(f"stop {price_text(round(stops[0], 2))}")
    if targets := view.target_levels():
        word = "target" if len(targets) == 1 else "targets"
        parts.append(f"{word} {', '.join(price_text(round(level, 2)) for level in targets[:4])}")
    if not stops and not view.held_reason:
        parts.append("no stop")
    lines = [what, " · ".join(parts)]
    if view.held_reason:
        lines.append(f"⚠ exits held: {safe_text(view.held_reason, _REASON_MAX)}")
    if view.unguarded:
        lines.append(f"⚠ not guarded: {safe_text(view.unguarded, _REASON_MAX)}")
    return tuple(lines)
