"""Entries against what has been used: contracts, losses, orders and trades of the day, of the minute, of a strategy.

Every check reads a counter; none looks at other trades. What only takes out what is held never comes here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from options.book import Book
from options.exposure import Exposure
from options.risk_counts import Entered
from options.risk_limits import PREMIUM_CEILING, RiskLimits
from options.values import MINUTE, SECOND, ZERO, Micros, from_iso, to_iso


@dataclass(slots=True)
class Passed:
    """What one input's netting of an instrument has let through and the book has not seen yet."""

    entries: int = 0
    premium: Decimal = ZERO
    orders: int = 0
    qty: int = 0
    entered: set[Entered] = field(default_factory=set)
    premium_of: dict[str, Decimal] = field(default_factory=dict)


class Asked(msgspec.Struct, frozen=True, gc=False):
    """An entry, or a part of one, as it is held against the counters.

    ``trade_id`` is empty for a trade that is only proposed; ``new``: it would be one more trade today; ``whole``: it is
    a commitment of its own and no further part of one that was let through.
    """

    strategy: str
    instrument: str
    qty: int
    direction: int
    trade_id: str = ""
    new: bool = True
    whole: bool = True

    @property
    def key(self) -> Entered:
        """What would make another entry its double."""
        return self.strategy, self.instrument, self.qty * self.direction


def count_faults(
    book: Book, limits: RiskLimits, asked: Asked, now: Micros, passed: Passed | None
) -> Iterator[str]:
    """Every counter that stands against an entry, premium apart."""
    day, counts, sent = book.day.counts, book.risk, (0 if passed is None else passed.orders)
    on = counts.on(asked.instrument) + (0 if passed is None else passed.qty)
    if on + asked.qty > limits.contract_qty_max:
        yield f"{asked.qty} more on top of {on} is above {limits.contract_qty_max} of one contract"
    yield from loss_faults(book, limits, asked.strategy)
    if day.orders + sent >= limits.orders_day_max:
        yield f"{day.orders + sent} orders were sent today; at most {limits.orders_day_max}"
    if asked.new and day.trades + sent >= limits.trades_day_max:
        yield f"{day.trades + sent} trades were entered today; at most {limits.trades_day_max}"
    left = limits.orders_per_minute_max - sent
    if left <= 0 or (len(counts.submitted) >= left and counts.submitted[-left] > to_iso(now - MINUTE)):
        yield f"{limits.orders_per_minute_max} orders were sent within a minute; wait until fewer were"
    if asked.whole and limits.duplicate_window_s:
        yield from _double(book, limits, asked, now, passed)
    own = limits.strategies.get(asked.strategy)
    if own is None:
        return
    of_strategy = day.by_strategy.get(asked.strategy)
    orders, trades = (0, 0) if of_strategy is None else (of_strategy.orders, of_strategy.trades)
    if own.qty_max is not None and asked.qty > own.qty_max:
        yield f"quantity {asked.qty} is above {own.qty_max} for {asked.strategy}"
    if own.orders_day_max is not None and orders + sent >= own.orders_day_max:
        yield f"{asked.strategy} has sent {orders + sent} orders today; at most {own.orders_day_max}"
    if own.trades_day_max is not None and asked.new and trades + sent >= own.trades_day_max:
        yield f"{asked.strategy} has entered {trades + sent} trades today; at most {own.trades_day_max}"


def loss_faults(book: Book, limits: RiskLimits, strategy: str) -> Iterator[str]:
    """The day's realized loss, of all and of one strategy, where it has reached its limit."""
    lost = -book.day.made(book.totals)
    if lost >= limits.loss_day_max:
        yield f"the day has lost ${lost:,.2f}; entries stop at ${limits.loss_day_max:,.2f}"
    own = limits.strategies.get(strategy)
    of_strategy = book.day.counts.by_strategy.get(strategy)
    if own is not None and own.loss_day_max is not None and of_strategy is not None:
        lost = -of_strategy.made
        if lost >= own.loss_day_max:
            yield f"{strategy} has lost ${lost:,.2f} today; its entries stop at ${own.loss_day_max:,.2f}"


def trade_premium_faults(
    limits: RiskLimits, strategy: str, counted: Exposure, premium: Decimal
) -> Iterator[str]:
    """What the limits on one entry's premium say, those of all and its strategy's; ``counted`` names the premium."""
    premium_max = min(limits.premium_trade_max, PREMIUM_CEILING)
    if premium > premium_max:
        yield f"{counted.text} is above ${premium_max:,.2f} per trade"
    own = limits.strategies.get(strategy)
    if own is not None and own.premium_trade_max is not None and premium > own.premium_trade_max:
        yield f"{counted.text} is above ${own.premium_trade_max:,.2f} per trade for {strategy}"


def premium_faults(
    book: Book, limits: RiskLimits, strategy: str, counted: Exposure, premium: Decimal, passed: Passed | None
) -> Iterator[str]:
    """What a strategy's own limit on a day's premium says; ``counted`` names the premium."""
    own = limits.strategies.get(strategy)
    if own is None:
        return
    of_strategy = book.day.counts.by_strategy.get(strategy)
    used = ZERO if of_strategy is None else of_strategy.premium_used
    used += ZERO if passed is None else passed.premium_of.get(strategy, ZERO)
    if own.premium_day_max is not None and used + premium > own.premium_day_max:
        yield f"{counted.text} on top of ${used:,.2f} is above ${own.premium_day_max:,.2f} a day for {strategy}"


def _double(
    book: Book, limits: RiskLimits, asked: Asked, now: Micros, passed: Passed | None
) -> Iterator[str]:
    if passed is not None and asked.key in passed.entered:
        yield f"another trade of {asked.strategy} enters the very same at this moment"
        return
    ts, trade_id = book.day.counts.entered.get(asked.key, ("", ""))
    if not ts or trade_id == asked.trade_id:
        return
    ago_s = (now - from_iso(ts)) / SECOND
    if ago_s < limits.duplicate_window_s:
        yield f"{trade_id} has entered the very same {ago_s:.0f} s ago; again after {limits.duplicate_window_s:g} s"


def let_pass(passed: Passed, asked: Asked, premium: Decimal, *, new_position: bool) -> None:
    """Count what goes out together with the entries that are looked at next."""
    passed.entries += new_position
    passed.premium += premium
    passed.orders += 1
    passed.qty += asked.qty
    passed.entered.add(asked.key)
    passed.premium_of[asked.strategy] = passed.premium_of.get(asked.strategy, ZERO) + premium
