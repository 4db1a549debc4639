"""What may be sent. An order carries an :class:`~options.terms.Approval`, and only this module makes one.

Limits hold back what opens or adds. What only takes out what is held is approved whatever they say.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from options.book import Book
from options.collar import collar_faults
from options.combo_check import combo_faults
from options.contract import Combo, Instrument, OptionContract, parse_key
from options.entry_counts import Asked, Passed, count_faults, let_pass, premium_faults, trade_premium_faults
from options.entry_limit import worst_limit
from options.exposure import Exposure, has_shorts, short_exposure
from options.fold_premium import premium_held
from options.intent import TradeProposal
from options.lifecycle import HELD_FILLED
from options.quote import QuoteCache
from options.risk_limits import PREMIUM_CEILING, QTY_CEILING, RiskLimits
from options.signal import Signal
from options.straight_out import straight_out_faults
from options.terms import Approval
from options.trade import Trade
from options.values import BUY, SECOND, SELL, ZERO, Micros, Side, price_from_float, to_iso

__all__ = [
    "PREMIUM_CEILING", "QTY_CEILING", "Passed", "RiskLimits", "approve_entry", "approve_exit", "entry_faults",
    "exposure_of", "later_faults", "market_faults", "premium_of", "price_fault", "signal_faults",
]  # fmt: skip


def signal_faults(
    book: Book, signal: Signal, now: Micros, quotes: QuoteCache, limits: RiskLimits
) -> list[str]:
    """Every reason why a well-formed signal must not be acted on at ``now``; empty if there is none."""
    reasons: list[str] = []
    if signal.signal_id in book.signal_ids:
        reasons.append(f"signal {signal.signal_id} was already taken; ids are used once")
    age_s = (now - signal.ts) / SECOND
    if age_s > limits.signal_age_max_s:
        reasons.append(f"the signal is {_span(age_s)} old; at most {limits.signal_age_max_s:.0f} s is taken")
    elif -age_s > limits.signal_ahead_max_s:
        reasons.append(f"the signal is {_span(-age_s)} ahead of the clock")
    reasons += market_faults(book, now)
    if quotes.get(signal.symbol) is None:
        reasons.append(f"{signal.symbol} has not been quoted by this feed")
    return reasons


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def market_faults(book: Book, now: Micros) -> list[str]:
    """Why nothing can be sent at ``now``: no session, or outside its hours."""
    day = book.day
    if day.is_open(now):
        return []
    if not day.day:
        return ["no trading session has been opened"]
    if now < day.opens_at:
        return [f"the market opens at {day.open}"]
    return [f"the market closed at {day.close}"]


def entry_faults(
    book: Book,
    wish: TradeProposal | Trade,
    now: Micros,
    quotes: QuoteCache,
    limits: RiskLimits,
    *,
    qty: int | None = None,
    passed: Passed | None = None,
    strategy: str = "",
) -> list[str]:
    """Every reason why a trade must not be entered, or not by ``qty`` more; empty if there is none.

    A proposal for which another trade makes room (a reversal) does not count as one more position. ``passed`` is what
    goes out together with it, and is added to when nothing stands against the entry; ``strategy`` is whose proposal it
    is.
    """
    instrument = wish.instrument if isinstance(wish, TradeProposal) else parse_key(wish.instrument)
    side = BUY if wish.direction > 0 else SELL
    qty = wish.qty if qty is None else qty
    reasons = [*market_faults(book, now), *_lasting_faults(book, wish, instrument, qty, now, limits)]
    on = book.trades_on + (0 if passed is None else passed.entries)
    replaces = isinstance(wish, TradeProposal) and bool(wish.entry.after)
    is_new = isinstance(wish, TradeProposal) or not wish.position.qty
    if is_new and not replaces and on >= limits.open_positions_max:
        reasons.append(f"{on} positions are open; at most {limits.open_positions_max}")
    asked = _asked(wish, instrument, qty, strategy)
    reasons += count_faults(book, limits, asked, now, passed)
    fault = quotes.fault(instrument.key, now, limits.quotes)
    if fault is not None:
        return [*reasons, f"{instrument.plain}: {fault}"]
    if isinstance(instrument, Combo) and isinstance(wish, TradeProposal):
        reasons += combo_faults(wish.entry, wish.exits)
    reasons += collar_faults(quotes, instrument, side, wish.entry, limits)
    if is_new and not isinstance(instrument, Combo):
        quote = quotes.get(instrument.key)
        reasons += straight_out_faults(quote, wish.direction, wish.entry, wish.exits)
    exposure = exposure_of(quotes, instrument, side, qty, worst_limit(wish))
    if exposure is None:
        return [*reasons, _unpriced(quotes, instrument, side, qty)]
    premium = exposure.usd
    if exposure.uncovered_usd is not None:
        reasons += _naked_faults(exposure.uncovered_usd, limits)
    reasons += whole_premium_faults(limits, wish, asked.strategy, exposure, premium)
    used = book.day.premium_used + (ZERO if passed is None else passed.premium)
    if used + premium > limits.premium_day_max:
        reasons.append(
            f"{exposure.text} on top of ${used:,.2f} is above ${limits.premium_day_max:,.2f} a day"
        )
    reasons += premium_faults(book, limits, asked.strategy, exposure, premium, passed)
    if passed is not None and not reasons:
        let_pass(passed, asked, premium, new_position=is_new)
    return reasons


def whole_premium_faults(
    limits: RiskLimits, wish: TradeProposal | Trade, strategy: str, exposure: Exposure, premium: Decimal
) -> Iterator[str]:
    """What the limits on one trade's premium say of ``premium`` more; ``exposure`` says what that is.

    What the trade holds counts with it: several small additions are one trade.
    """
    held = premium_held(wish.position) if isinstance(wish, Trade) else ZERO
    counted = exposure if not held else msgspec.structs.replace(exposure, usd=premium + held)
    yield from trade_premium_faults(limits, strategy, counted, premium + held)


def price_fault(
    quotes: QuoteCache, instrument: Instrument, side: Side, qty: int, now: Micros, limits: RiskLimits
) -> str | None:
    """What :func:`entry_faults` has against the quote that an entry would go in by, or ``None``."""
    fault = quotes.fault(instrument.key, now, limits.quotes)
    if fault is not None:
        return f"{instrument.plain}: {fault}"
    priced = exposure_of(quotes, instrument, side, qty) is not None
    return None if priced else _unpriced(quotes, instrument, side, qty)


def _unpriced(quotes: QuoteCache, instrument: Instrument, side: Side, qty: int) -> str:
    """What is missing to say what an entry puts at risk: its own price, or that of a short option's underlying."""
    if premium_of(quotes, instrument, side, qty) is None:
        return f"{instrument.plain}: nothing is {'offered' if side is BUY else 'bid'}"
    return f"{instrument.symbol}: no quote to measure by what {instrument.plain} could lose"


def later_faults(book: Book, trade: Trade, now: Micros, quotes: QuoteCache, limits: RiskLimits) -> list[str]:
    """Why a trade that cannot go in yet must not wait for it: what no market and no new day will change."""
    instrument = parse_key(trade.instrument)
    reasons = list(_lasting_faults(book, trade, instrument, trade.qty, now, limits))
    exposure = exposure_of(quotes, instrument, BUY if trade.direction > 0 else SELL, trade.qty)
    if exposure is not None and exposure.uncovered_usd is not None:
        reasons += _naked_faults(exposure.uncovered_usd, limits)
    return reasons


def _lasting_faults(
    book: Book,
    wish: TradeProposal | Trade,
    instrument: Instrument,
    qty: int,
    now: Micros,
    limits: RiskLimits,
) -> Iterator[str]:
    """What stands against an entry whatever the market does."""
    if book.halt_reason:
        yield f"trading is halted: {book.halt_reason}"
    qty_max = min(limits.qty_max, QTY_CEILING)
    if not 0 < qty <= qty_max:
        yield f"quantity {qty} is not between 1 and {qty_max}"
    if isinstance(wish, Trade) and wish.status == HELD_FILLED:
        yield f"{wish.trade_id} is held inactive: nothing is added to it"
    if wish.exits.out_by is not None and now >= wish.exits.out_by:
        yield f"nothing of it may be held after {to_iso(wish.exits.out_by)}"
    if isinstance(instrument, OptionContract) and instrument.adjusted:
        yield f"{instrument.root} has an adjusted deliverable, which is not traded"


def _asked(wish: TradeProposal | Trade, instrument: Instrument, qty: int, strategy: str) -> Asked:
    if isinstance(wish, TradeProposal):
        return Asked(strategy, instrument.key, qty, wish.direction)
    new = not wish.entry_sent_ts
    return Asked(wish.strategy, instrument.key, qty, wish.direction, wish.trade_id, new)


def premium_of(quotes: QuoteCache, instrument: Instrument, side: Side, qty: int) -> Decimal | None:
    """Dollars that ``qty`` costs or brings at the quoted far side, or ``None`` if that side is not quoted."""
    quote = quotes.get(instrument.key)
    price = None if quote is None else (quote.ask if side is BUY else quote.bid)
    return None if price is None else price_from_float(price) * qty * instrument.multiplier


def exposure_of(
    quotes: QuoteCache, instrument: Instrument, side: Side, qty: int, limit_price: Decimal | None = None
) -> Exposure | None:
    """What an entry counts as: its premium, or the worst case where it has short options; ``None`` without a price.

    At a limit nothing is entered at a worse price, so that one counts where it is better than the market's. A loss
    without a bound, and shares that are sold, count as at the market.
    """
    premium = premium_of(quotes, instrument, side, qty)
    if premium is None:
        return None
    better = premium
    if limit_price is not None:
        at_limit = limit_price * qty * instrument.multiplier
        better = min(premium, at_limit) if side is BUY else max(premium, at_limit)
    if not has_shorts(instrument, side.sign) or qty <= 0:
        return Exposure(better if side is BUY else premium)
    found = short_exposure(quotes, instrument, side, qty, premium)
    if found is None or not found.at_expiry or better == premium:
        return found
    return short_exposure(quotes, instrument, side, qty, better)


def _naked_faults(loss: Decimal, limits: RiskLimits) -> list[str]:
    """What stands against a loss without a bound: everything, unless it is allowed so many dollars at a double."""
    most = limits.naked_max_loss_usd
    if most and loss <= most:
        return []
    allowed = (
        f"naked_max_loss_usd allows ${most:,.2f}"
        if most
        else "buy a leg that bounds it, or set naked_max_loss_usd"
    )
    return [f"a loss without a bound (${loss:,.2f} at worst until the underlying doubles): {allowed}"]


def approve_entry(
    book: Book, exposure: Exposure, instrument: Instrument, limits: RiskLimits, limit_wanted: Decimal | None
) -> Approval:
    """The approval of an order against which nothing stands; ``limit_wanted`` if its limit was capped."""
    day = book.day
    return Approval(
        premium=exposure.usd,
        premium_trade_max=limits.premium_trade_max,
        premium_day_used=day.premium_used,
        premium_day_max=limits.premium_day_max,
        qty_max=limits.qty_max,
        contract_qty=book.risk.on(instrument.key),
        contract_qty_max=limits.contract_qty_max,
        loss_day=-day.made(book.totals),
        loss_day_max=limits.loss_day_max,
        orders_day=day.counts.orders,
        orders_day_max=limits.orders_day_max,
        trades_day=day.counts.trades,
        trades_day_max=limits.trades_day_max,
        limit_wanted=limit_wanted,
    )


def approve_exit(trades: list[Trade], side: Side, qty: int) -> Approval:
    """The approval of an order that only takes out what is held: nothing but that is asked of it."""
    held = sum(abs(trade.position.qty) for trade in trades if trade.position.qty * side.sign < 0)
    assert qty <= held, f"an exit of {qty} from {held} would open the other side"
    return Approval(premium=ZERO, reducing=True)
