"""One more order of an entry that was let through: held against the limits again when it goes out.

Parts and steps follow each other over minutes. Meanwhile the day may have lost too much, or sent too much, and the
price may have gone where the whole costs more than a trade may.
"""

from decimal import Decimal

import msgspec

from options.batch import Batch
from options.collar import beyond_words, collar_price, is_beyond
from options.contract import Instrument, parse_key
from options.entry_counts import Asked, Passed, count_faults, premium_faults
from options.exposure import Exposure
from options.order import ParentOrder
from options.quote import QuoteCache
from options.risk import approve_entry, exposure_of, whole_premium_faults
from options.risk_limits import RiskLimits
from options.terms import Approval
from options.trade import Trade


class PartCheck(msgspec.Struct, frozen=True, gc=False):
    """What came of it: an approval with the limit to send at, or reasons, or neither while there is no price."""

    approval: Approval | None = None
    limit_price: Decimal | None = None
    reasons: tuple[str, ...] = ()


def check_part(
    batch: Batch,
    quotes: QuoteCache,
    limits: RiskLimits,
    parent: ParentOrder,
    trades: list[Trade],
    size: int,
    limit_price: Decimal | None,
) -> PartCheck:
    """Approve ``size`` more of an entry at a limit (``None``: at the market), or say why not."""
    instrument = parse_key(parent.instrument)
    capped, fault = _collared(quotes, limits, instrument, parent, limit_price)
    exposure = exposure_of(quotes, instrument, parent.side, size, capped)
    if exposure is None:
        return PartCheck()
    reasons: list[str] = []
    # The first goes out with the checks of the whole, in the same breath.
    if parent.order_ids or parent.opened_ts != batch.ts:
        reasons += _later_faults(batch, limits, parent, trades, size, exposure)
    reasons += [] if fault is None else [fault]
    if reasons:
        return PartCheck(reasons=tuple(dict.fromkeys(reasons)))
    wanted = None if capped == limit_price else limit_price
    return PartCheck(approve_entry(batch.book, exposure, instrument, limits, wanted), capped)


def _later_faults(
    batch: Batch, limits: RiskLimits, parent: ParentOrder, trades: list[Trade], size: int, exposure: Exposure
) -> list[str]:
    book, premium, reasons = batch.book, exposure.usd, []
    used = book.day.premium_used
    if used + premium > limits.premium_day_max:
        reasons.append(
            f"{exposure.text} on top of ${used:,.2f} is above ${limits.premium_day_max:,.2f} a day"
        )
    for trade in trades:
        left = parent.shares[trade.trade_id] - parent.allocated.get(trade.trade_id, 0)
        qty = max(0, min(size, left))
        asked = Asked(
            trade.strategy, parent.instrument, qty, trade.direction, trade.trade_id, new=False, whole=False
        )
        reasons += count_faults(book, limits, asked, batch.at, Passed(qty=size - qty))
        part = premium * qty / size
        reasons += premium_faults(book, limits, trade.strategy, exposure, part, None)
        reasons += whole_premium_faults(limits, trade, trade.strategy, exposure, part)
    return reasons


def _collared(
    quotes: QuoteCache,
    limits: RiskLimits,
    instrument: Instrument,
    parent: ParentOrder,
    limit_price: Decimal | None,
) -> tuple[Decimal | None, str | None]:
    """The limit that may be sent, and why none may."""
    if limit_price is None:
        return None, None
    worst = collar_price(quotes, instrument, parent.side, limits)
    if worst is None or not is_beyond(limit_price, parent.side, worst):
        return limit_price, None
    if limits.collar_caps:
        return worst, None
    return None, beyond_words("the limit", limit_price, parent.side, worst)
