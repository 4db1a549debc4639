"""A trade that comes after another waits for a quote that can be trusted, should there be none when its turn comes.

That is the second half of a roll or a reversal: nobody chose its moment, the end of the first half did.
"""

from collections.abc import Sequence

from options.batch import Batch
from options.contract import parse_key
from options.events import EntryPutOff
from options.quote import QuoteCache
from options.risk import price_fault
from options.risk_limits import RiskLimits
from options.trade import Trade


def put_off(
    batch: Batch, trade: Trade, qty: int, faults: Sequence[str], quotes: QuoteCache, limits: RiskLimits
) -> bool:
    """Whether an entry of ``qty`` waits, as nothing but its quote is among the ``faults`` found; why is written down.

    So it does where the trade that it follows is open again, by an execution that came late or was busted.
    """
    entry = trade.entry
    if entry.after is None or entry.condition is not None or trade.entry_sent_ts or trade.position.qty:
        return False
    instrument = parse_key(trade.instrument)
    fault = price_fault(quotes, instrument, trade.entry_side, qty, batch.at, limits)
    if any(one != fault for one in faults):
        return False
    reason = _steady(fault or "", quotes.fault(instrument.key, batch.at, limits.quotes))
    if entry.after in batch.book.trades:
        reason = f"{entry.after} is open again"
    if reason and reason != trade.put_off:
        batch.add(EntryPutOff(batch.ts, batch.cause, trade_id=trade.trade_id, reason=reason))
    return bool(reason)


def _steady(fault: str, of_quote: str | None) -> str:
    """A fault without the figures that change from moment to moment, so that it is said once."""
    return fault if of_quote is None else of_quote.partition(",")[0].partition(" for ")[0]
