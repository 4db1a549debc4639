"""How the events move the counters that limits are held against; a part of :func:`options.fold.apply`."""

from decimal import ROUND_HALF_EVEN, Decimal

from options.book import Book
from options.events import OrderFilled, OrderSubmitRequested
from options.order import LIVE_STATES, Order, ParentOrder
from options.trade import Trade
from options.values import CENT


def note_submitted(book: Book, event: OrderSubmitRequested, order: Order, parent: ParentOrder) -> None:
    """An order is on its way: it counts by the minute and the day, and what it opens as contracts and premium."""
    approval, day = event.approval, book.day.counts
    book.risk.submitted.append(event.ts)
    day.orders += 1
    limit = event.limit_price if approval.limit_wanted is None else approval.limit_wanted
    if limit is not None:
        order.wanted_price = limit
    if approval.reducing:
        for strategy in dict.fromkeys(book.trades[trade_id].strategy for trade_id in parent.shares):
            day.of(strategy).orders += 1
        return
    order.opens = True
    order.premium_of = parts = _by_strategy(book, order.premium, parent)
    for strategy, premium in parts:
        of_strategy = day.of(strategy)
        of_strategy.orders += 1
        of_strategy.premium_in_flight += premium
    _add(book.risk.entering, order.instrument, order.qty)


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


def note_execution(book: Book, order: Order, qty: int) -> None:
    """Contracts of an order are about to be counted as filled: so many fewer are on their way in."""
    book.risk.rejections = 0
    if order.opens and order.state in LIVE_STATES:
        _add(book.risk.entering, order.instrument, -min(qty, order.qty - order.filled))


def note_finished(book: Book, order: Order) -> None:
    """An order that opens is over: what it has not filled is not on its way any more."""
    if order.filled < order.qty:
        _add(book.risk.entering, order.instrument, order.filled - order.qty)
    if order.submitted_ts >= book.day.open:
        for strategy, premium in order.premium_of:
            book.day.counts.of(strategy).premium_in_flight -= premium


def note_fill(book: Book, event: OrderFilled, held: int, premium: Decimal) -> None:
    """A trade's share of an execution: ``held`` contracts more (or fewer), and the ``premium`` that they used up."""
    if held:
        note_held(book, event.instrument, held)
    of_strategy = book.day.counts.of(event.strategy)
    if premium:
        of_strategy.premium_bought += premium
    if event.realized_pnl:
        of_strategy.made += event.realized_pnl
    if event.fee:
        of_strategy.made -= event.fee


def note_corrected(book: Book, order: Order, pending: int) -> None:
    """A correction has left an order with ``pending`` contracts more (or fewer) that may still fill."""
    if order.opens:
        _add(book.risk.entering, order.instrument, pending)


def note_held(book: Book, instrument: str, held: int) -> None:
    """``held`` contracts more (or fewer) are in positions."""
    _add(book.risk.held, instrument, held)


def note_entry(book: Book, trade: Trade, qty: int, ts: str) -> None:
    """A commitment to enter with ``qty``: what would double it is known by this."""
    key = (trade.strategy, trade.instrument, qty * trade.direction)
    book.day.counts.entered[key] = (ts, trade.trade_id)


def note_trade(book: Book, strategy: str) -> None:
    """A trade goes for its entry for the first time."""
    book.day.counts.trades += 1
    book.day.counts.of(strategy).trades += 1


def _add(counts: dict[str, int], key: str, qty: int) -> None:
    total = counts.get(key, 0) + qty
    if total:
        counts[key] = total
    else:
        counts.pop(key, None)
