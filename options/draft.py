"""A trade written down for the first time, whoever wants it: a person, a strategy, a roll, or what an option left."""

from options.batch import Batch
from options.events import TradeSaved
from options.intent import TradeProposal
from options.trade import Trade


def save_trade(batch: Batch, wanted: TradeProposal, strategy: str, source: str) -> Trade:
    """Record a wanted trade under the next id, as a draft; the trade comes back."""
    trade_id = f"T{batch.book.trade_count + 1}"
    batch.add(
        TradeSaved(
            batch.ts,
            batch.cause,
            trade_id=trade_id,
            strategy=strategy,
            instrument=wanted.instrument.key,
            symbol=wanted.instrument.symbol,
            direction=wanted.direction,
            qty=wanted.qty,
            multiplier=wanted.instrument.multiplier,
            entry=wanted.entry,
            exits=wanted.exits,
            source=source,
            reason=wanted.reason,
        )
    )
    return batch.book.trades[trade_id]
