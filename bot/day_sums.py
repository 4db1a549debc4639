"""The sums of the day that is on, read off the book."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import msgspec

from bot.day_tally import DayTally, Ended
from bot.summary import DaySummary
from options.book import Book
from options.trade import Trade
from storage.verify import Verdict, Verification

_json = msgspec.json.Encoder(decimal_format="number")


def summary_of(
    book: Book,
    tally: DayTally,
    mark_of: Callable[[Trade], float | None],
    signals_read: int,
    path: Path,
    found: Verification,
) -> DaySummary:
    """What the book's day came to; ``mark_of`` gives the newest mark of an open trade's position.

    ``tally`` is of the same ledger, and has taken in as much of it.
    """
    now, before = book.totals, book.day.totals_before
    held = [trade for trade in book.trades.values() if trade.position.qty]
    worth = [trade.position.open_pnl(trade.multiplier, mark_of(trade)) for trade in held]
    return DaySummary(
        feed=book.day.feed,
        day=book.day.day,
        signals_read=signals_read,
        signals_refused=now.signals_refused - before.signals_refused,
        signals_used=now.signals_used - before.signals_used,
        signals_ignored=now.signals_ignored - before.signals_ignored,
        trades_opened=now.trades_opened - before.trades_opened,
        trades_closed=tally.closed,
        trades_won=tally.count(Ended.WON),
        trades_lost=tally.count(Ended.LOST),
        trades_even=tally.count(Ended.EVEN),
        signals_turned_down=tally.turned_down,
        trades_not_entered=tally.not_entered,
        fills=now.fills - before.fills,
        contracts=now.contracts - before.contracts,
        realized=now.realized - before.realized,
        fees=now.fees - before.fees,
        open_pnl=sum((one for one in worth if one is not None), 0.0),
        open_positions=len(held),
        open_unmarked=worth.count(None),
        open_pnl_before=tally.open_before,
        open_positions_before=len(tally.held_before),
        net_before=float(before.realized - before.fees) + tally.open_before,
        day_number=tally.number,
        newest_trade=_newest_traded(book),
        halted=book.halt_reason,
        events=found.events,
        ledger_path=str(path),
        last_hash=found.last_hash,
        verified=found.sentence,
        sound=found.verdict is Verdict.SOUND,
    )


def _newest_traded(book: Book) -> str:
    """The id of the newest trade that has traded, of those that are kept."""
    kept = (*book.closed_trades.values(), *book.trades.values())
    newest = max((trade.number for trade in kept if trade.position.fills), default=0)
    return f"T{newest}" if newest else ""


def summary_json(summary: DaySummary, ending: str) -> bytes:
    """The summary as one JSON object; money in exact numbers, but for what hangs on marks."""
    nets = {"net": summary.net, "net_all_days": summary.net_all_days}
    return _json.encode({"ending": ending, **asdict(summary), **nets}) + b"\n"
