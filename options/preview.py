"""What a command would do, found by doing it to a copy of the desk: the very code that would obey it answers.

The copy has the same trades, orders, quotes and doubts. What it sends is then filled at the far side of the quotes, so
that what follows a fill or a cancel is seen too.
"""

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import msgspec
from msgspec.structs import replace as changed

from options import events as e
from options import inputs as i
from options.book import Book
from options.commands import Command
from options.contract import parse_key
from options.execution.fill_models import far_side
from options.order import Order, OrderState
from options.order_manager import OptionsOrderManager
from options.outlook import Outlook, greeks_now, outlook
from options.plan import OrderType
from options.quote import QuoteCache
from options.risk import market_faults
from options.seen import state_mark
from options.terms import ArmedExit, Effect
from options.trade import Trade
from options.values import ZERO, Micros, Side, price_from_float

_ROUNDS_MAX = 8


class PreviewOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order that would be sent: with the command, or (``later``) once what goes before it is proven."""

    trade_ids: tuple[str, ...]
    instrument: str
    side: Side
    qty: int
    order_type: OrderType
    limit_price: Decimal | None = None
    later: bool = False


class PreviewTrade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A trade that would change: signed contracts and exits before and after, and the statuses that it ends with.

    ``outlook`` is what it can come to with what it then holds.
    """

    trade_id: str
    instrument: str
    order_status: str
    trade_status: str
    held: int = 0
    remains: int = 0
    exits_before: tuple[ArmedExit, ...] = ()
    exits: tuple[ArmedExit, ...] = ()
    outlook: Outlook | None = None


class Preview(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a command would do. ``reasons`` say why it would be refused: then there is nothing else.

    Dollars before fees: ``proceeds`` of what is closed, and its ``pnl``, at the side of the quote that closing meets
    (the bid for a long) and at the mid; ``None`` where that is not quoted, or nothing is closed. ``cancels`` are the
    orders that are asked back. ``seen`` marks the state that it is true for: a command that carries it is refused once
    that has changed.
    """

    verb: str
    reasons: tuple[str, ...] = ()
    orders: tuple[PreviewOrder, ...] = ()
    cancels: tuple[str, ...] = ()
    trades: tuple[PreviewTrade, ...] = ()
    proceeds: Decimal | None = None
    proceeds_mid: Decimal | None = None
    pnl: Decimal | None = None
    pnl_mid: Decimal | None = None
    warnings: tuple[str, ...] = ()
    seen: str = ""


def preview(manager: OptionsOrderManager, at: Micros, command: Command, *, running: bool = True) -> Preview:
    """What ``command`` would do at ``at``. Nothing of the desk is changed.

    Without a ``running`` instance nobody sends orders: all of them come later.
    """
    twin = _twin(manager, at)
    known = dict(twin.book.trades)  # a book keeps only so many that are over
    now = twin.decide(at, "preview", i.CommandGiven(command))
    refused = [one for one in now if isinstance(one, e.CommandRefused)]
    if refused:
        return Preview(verb=command.verb, reasons=refused[0].reasons)
    later = _carry_through(twin, at, frozenset(manager.book.orders))
    trades = [
        changed(one, outlook=_outlook(twin, at, one))
        for one in _changed(manager.book, known | twin.book.closed_trades | twin.book.trades)
    ]
    money = _money(manager.quotes, [*now, *later])
    return Preview(
        verb=command.verb,
        orders=(*_orders(twin.book, now, later=not running), *_orders(twin.book, later, later=True)),
        cancels=tuple(one.order_id for one in now if isinstance(one, e.OrderCancelRequested)),
        trades=tuple(trades),
        warnings=(*_absent(running=running), *_warnings(manager, at, trades)),
        proceeds=money.proceeds,
        proceeds_mid=money.proceeds_mid,
        pnl=money.pnl,
        pnl_mid=money.pnl_mid,
        seen=state_mark(manager.book, command),
    )


def _twin(manager: OptionsOrderManager, at: Micros) -> OptionsOrderManager:
    """A desk of its own that stands where this one stands, as after a restart."""
    book, quotes = copy_of(manager.book), manager.quotes.copy()
    twin = OptionsOrderManager(book, quotes, manager.limits, calendar=manager.calendar)
    twin.exits.take_marks(manager.exits)
    twin.recover(at)
    twin.doubts = deepcopy(manager.doubts, {id(manager.book): book})
    return twin


def copy_of(book: Book) -> Book:
    """A book that can be changed without changing this one. Command ids are left out: nothing counts as a repeat."""
    trades = {key: _copy_of_trade(trade) for key, trade in book.trades.items()}
    parents = {
        key: changed(one, shares=dict(one.shares), allocated=dict(one.allocated))
        for key, one in book.parents.items()
    }
    orders = {key: changed(one, child=changed(one.child)) for key, one in book.orders.items()}
    return replace(
        book,
        trades=trades,
        parents=parents,
        orders=orders,
        by_instrument={key: {one: trades[one] for one in ids} for key, ids in book.by_instrument.items()},
        by_idea={key: {one: trades[one] for one in ids} for key, ids in book.by_idea.items()},
        waiting_for={key: list(ids) for key, ids in book.waiting_for.items()},
        closed_trades={key: _copy_of_trade(trade) for key, trade in book.closed_trades.items()},
        finished_parents=dict(book.finished_parents),
        order_of_ref=book.order_of_ref | {one.child.client_ref: one for one in orders.values()},
        finished_refs=book.finished_refs.copy(),
        forgotten_executions=set(book.forgotten_executions),
        command_ids=set(),
        unmatched=set(book.unmatched),
        assignments=set(book.assignments),
        disagreements=dict(book.disagreements),
        accepted_differences=dict(book.accepted_differences),
        risk=book.risk.copy(),
        day=replace(book.day, counts=book.day.counts.copy()),
        totals=replace(book.totals),
    )


def _copy_of_trade(trade: Trade) -> Trade:
    return changed(
        trade,
        position=changed(trade.position),
        past=tuple(changed(one) for one in trade.past),
    )


def _carry_through(twin: OptionsOrderManager, at: Micros, before: frozenset[str]) -> list[e.TradeEvent]:
    """Confirm every cancel of the copy and fill what was not out ``before``, until nothing follows any more."""
    found: list[e.TradeEvent] = []
    for _ in range(_ROUNDS_MAX):
        reports = [report for order in twin.book.orders.values() for report in _reports(twin, order, before)]
        if not reports:
            break
        found += twin.decide(at, "preview", i.BrokerReported(tuple(reports)))
    return found


def _reports(twin: OptionsOrderManager, order: Order, before: frozenset[str]) -> list[i.BrokerReport]:
    ref = order.child.client_ref
    if order.state is OrderState.UNKNOWN:
        return []
    if order.cancel_requested:
        return [i.OrderCancelledReport(client_ref=ref, reason="preview")]
    if order.exit_id and not twin.book.parents[order.parent_id].due:  # it protects, and waits for its price
        accepted = i.OrderAcceptedReport(client_ref=ref, broker_order_id="preview", venue="preview")
        return [] if order.child.accepted else [accepted]
    if order.order_id in before and order.order_type is not OrderType.MARKET:
        return []
    quote = twin.quotes.get(order.instrument)
    far = None if quote is None else far_side(order.side, quote)
    price = order.limit_price
    if price is None:
        price = ZERO if far is None else price_from_float(far)
    executed = i.ExecutionReport(
        client_ref=ref,
        exec_id=f"preview-{order.order_id}",
        broker_order_id="preview",
        venue="preview",
        instrument=order.instrument,
        side=order.side,
        qty=order.pending,
        price=price,
        fee=ZERO,
    )
    return [i.OrderAcceptedReport(client_ref=ref, broker_order_id="preview", venue="preview"), executed]


def _orders(book: Book, events: list[e.TradeEvent], *, later: bool) -> list[PreviewOrder]:
    found = []
    for sent in events:
        if isinstance(sent, e.OrderSubmitRequested) and not sent.exit_id:
            parent = book.parent(sent.parent_id)
            found.append(
                PreviewOrder(
                    trade_ids=() if parent is None else tuple(parent.shares),
                    instrument=sent.instrument,
                    side=sent.side,
                    qty=sent.qty,
                    order_type=sent.order_type,
                    limit_price=sent.limit_price,
                    later=later,
                )
            )
    return found


def _changed(before: Book, after: dict[str, Trade]) -> list[PreviewTrade]:
    """The trades that hold something else, rest otherwise, or are in another state."""
    found = []
    for trade in after.values():
        old = before.trade(trade.trade_id)
        held, exits = (0, ()) if old is None else (old.position.qty, old.armed)
        same = old is not None and old.status == trade.status and old.target == trade.target
        if same and held == trade.position.qty and exits == trade.armed:
            continue
        found.append(
            PreviewTrade(
                trade_id=trade.trade_id,
                instrument=trade.instrument,
                order_status=str(trade.order_status),
                trade_status=str(trade.trade_status),
                held=held,
                remains=trade.position.qty,
                exits_before=exits,
                exits=trade.armed,
            )
        )
    return sorted(found, key=lambda one: int(one.trade_id[1:]))


def _outlook(twin: OptionsOrderManager, at: Micros, found: PreviewTrade) -> Outlook | None:
    trade = twin.book.trades.get(found.trade_id)
    price = None if trade is None else trade.position.average(trade.multiplier)
    if trade is None or price is None:
        return None
    instrument = parse_key(trade.instrument)
    session = None if twin.calendar is None else twin.calendar.open_at(at)
    now = None if session is None else greeks_now(twin.quotes, instrument, at, session)
    return outlook(instrument, trade.position.qty, price, now)


class _Money(NamedTuple):
    proceeds: Decimal | None
    proceeds_mid: Decimal | None
    pnl: Decimal | None
    pnl_mid: Decimal | None


def _money(quotes: QuoteCache, events: list[e.TradeEvent]) -> _Money:
    closing = [
        one for one in events if isinstance(one, e.OrderFilled) and one.effect in (Effect.TRIM, Effect.CLOSE)
    ]
    proceeds = pnl = better = ZERO
    far_known = mid_known = bool(closing)
    for fill in closing:
        if not fill.order_id:  # assigned or exercised: it leaves at what it was worth, on nobody's quote
            proceeds -= fill.side.sign * fill.price * fill.qty * fill.multiplier
            pnl += fill.realized_pnl
            continue
        quote = quotes.get(fill.instrument)
        mid = None if quote is None else quote.mid
        far_known &= quote is not None and far_side(fill.side, quote) is not None
        mid_known &= mid is not None
        sold = -fill.side.sign * fill.qty * fill.multiplier
        better += ZERO if mid is None else (price_from_float(round(mid, 4)) - fill.price) * sold
        proceeds += fill.price * sold
        pnl += fill.realized_pnl
    return _Money(
        proceeds if far_known else None,
        proceeds + better if mid_known else None,
        pnl if far_known else None,
        pnl + better if mid_known else None,
    )


def _absent(*, running: bool) -> list[str]:
    return [] if running else ["Callboard is not running: orders go out when it runs again"]


def _warnings(manager: OptionsOrderManager, at: Micros, trades: list[PreviewTrade]) -> list[str]:
    """What a person should know before saying yes."""
    book = manager.book
    found = [f"{reason}: orders go out when it is open" for reason in market_faults(book, at)]
    if manager.doubts.awaiting:
        found.append("the broker is not heard: orders go out when all was compared with it")
    if book.halt_reason:
        found.append(f"trading is halted: {book.halt_reason}")
    for key in dict.fromkeys(one.instrument for one in trades):
        fault = manager.quotes.fault(key, at, manager.limits.quotes)
        if fault is not None:
            found.append(f"{parse_key(key).plain}: {fault}")
    for one in trades:
        working = [
            order_id for order_id, order in book.orders.items() if _works_for(book, order, one.trade_id)
        ]
        if working:
            found.append(f"{one.trade_id} has orders in flight: {', '.join(working)}")
    return found


def _works_for(book: Book, order: Order, trade_id: str) -> bool:
    parent = book.parents.get(order.parent_id)
    resting = parent is not None and bool(parent.bracket) and not parent.due
    return parent is not None and trade_id in parent.shares and not resting
