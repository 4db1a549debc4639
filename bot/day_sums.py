"""The sums of the day that is on, read off the book."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import msgspec

from bot.summary import DaySummary
from options.book import Book
from options.trade import Trade
from storage.verify import Verdict, Verification

_json = msgspec.json.Encoder(decimal_format="number")


def summary_of(
    book: Book, mark_of: Callable[[Trade], float | None], signals_read: int, path: Path, found: Verification
) -> DaySummary:
    """What the book's day came to; ``mark_of`` gives the newest mark of an open trade's position."""
    now, before = book.totals, book.day.totals_before
    held = [trade for trade in book.trades.values() if trade.position.qty]
    open_pnl = sum(trade.position.open_pnl(trade.multiplier, mark_of(trade)) or 0.0 for trade in held)
    return DaySummary(
        feed=book.day.feed,
        day=book.day.day,
        signals_read=signals_read,
        signals_refused=now.signals_refused - before.signals_refused,
        signals_used=now.signals_used - before.signals_used,
        signals_ignored=now.signals_ignored - before.signals_ignored,
        trades_opened=now.trades_opened - before.trades_opened,
        trades_closed=now.trades_closed - before.trades_closed,
        trades_won=now.trades_won - before.trades_won,
        fills=now.fills - before.fills,
        contracts=now.contracts - before.contracts,
        realized=now.realized - before.realized,
        fees=now.fees - before.fees,
        open_pnl=open_pnl,
        open_positions=len(held),
        events=found.events,
        ledger_path=str(path),
        last_hash=found.last_hash,
        verified=found.sentence,
        sound=found.verdict is Verdict.SOUND,
    )


def summary_json(summary: DaySummary, ending: str) -> bytes:
    """The summary as one JSON object; money in exact numbers."""
    return _json.encode({"ending": ending, **asdict(summary)}) + b"\n"
