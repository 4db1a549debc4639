"""How the events move the counters that limits are held against; a part of :func:`options.fold.apply`."""

from decimal import ROUND_HALF_EVEN, Decimal

from options.book import Book
from options.events import OrderSubmitRequested
from options.order import Order, ParentOrder
from options.trade import Trade
from options.values import CENT, ZERO


def note_submitted(book: Book, event: OrderSubmitRequested, order: Order, parent: ParentOrder) -> None:
    """An order is on its way: it counts by the minute and the day, and what it opens as contracts and premium."""
    approval, counts = event.approval, book.day.counts
    book.risk.submitted.append(order.submitted_ts)
    counts.orders += 1
    wanted = approval.limit_wanted
    order.wanted_price = event.limit_price if wanted is None else wanted
    parts = _by_strategy(book, approval.premium, parent)
    for strategy, _ in parts:
        counts.by_strategy[strategy].orders += 1
    if approval.reducing:
        return
    order.opens, order.premium_of = True, parts
    counts.premium_used += approval.premium
    for strategy, premium in parts:
        counts.by_strategy[strategy].premium_in_flight += premium
    move(book.risk.entering, order.instrument, order.qty)


def _by_strategy(book: Book, premium: Decimal, parent: ParentOrder) -> tuple[tuple[str, Decimal], ...]:
    """The premium of an order by strategy, as the shares of its parent are; the first takes what rounding leaves."""
    if len(parent.shares) == 1:
        (trade_id,) = parent.shares
        return ((book.trades[trade_id].strategy, premium),)
    parts: dict[str, Decimal] = {}
    for trade_id, qty in parent.shares.items():
        strategy = book.trades[trade_id].strategy
        part = (premium * qty / parent.qty).quantize(CENT, ROUND_HALF_EVEN)
        parts[strategy] = parts.get(strategy, Decimal(0)) + part
    first = next(iter(parts))
    parts[first] += premium - sum(parts.values())
    return tuple(parts.items())


def note_finished(book: Book, order: Order) -> None:
    """An order that opens is over: what it has not filled is not on its way any more, as contracts and as premium."""
    if order.filled < order.qty:
        move(book.risk.entering, order.instrument, order.filled - order.qty)
    counts = book.day.counts
    for strategy, premium in order.premium_of:
        counts.premium_used -= premium
        counts.by_strategy[strategy].premium_in_flight -= premium


def note_carried(book: Book) -> None:
    """A day begins, and none of it has been used but by the orders that still open from before: their premium left."""
    counts = book.day.counts
    for order in book.orders.values():
        for strategy, premium in order.premium_of:
            counts.premium_used += premium
            counts.by_strategy[strategy].premium_in_flight += premium


def note_part(book: Book, order: Order, strategy: str) -> None:
    """An order that opens has filled a part, or less than was told: on its way is the premium of what is left.

    The strategy that filled gives of its own part first: then each has on its way what its trades still wait for.
    """
    counts, parts = book.day.counts, dict(order.premium_of)
    change = order.premium_left - sum(parts.values(), ZERO)
    counts.premium_used += change
    for name in sorted(parts, key=lambda one: one != strategy):
        moved = max(change, -parts[name])
        parts[name] += moved
        counts.by_strategy[name].premium_in_flight += moved
        change -= moved
    order.premium_of = tuple(parts.items())


def note_entry(book: Book, trade: Trade, qty: int, ts: str) -> None:
    """A commitment to enter with ``qty``: what would double it is known by this."""
    key = (trade.strategy, trade.instrument, qty * trade.direction)
    book.day.counts.entered[key] = (ts, trade.trade_id)


def note_trade(book: Book, strategy: str) -> None:
    """A trade goes for its entry for the first time."""
    counts = book.day.counts
    counts.trades += 1
    counts.by_strategy[strategy].trades += 1


def move(counts: dict[str, int], key: str, qty: int) -> None:
    """``qty`` contracts more (or fewer) of an instrument; one that has none left is not listed."""
    total = counts.get(key, 0) + qty
    if total:
        counts[key] = total
    else:
        counts.pop(key, None)
