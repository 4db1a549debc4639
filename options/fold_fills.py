"""How executions change the book, and how a correction does; a part of :func:`options.fold.apply`.

A correction is put in the place of what was counted and its position is added up again from its fills, so that all is
as if the newest revision had been the only one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from options import events as e
from options.book import Book
from options.correction_events import FillCorrected
from options.fold_orders import finish
from options.fold_premium import premium_used
from options.fold_risk import move, note_part
from options.fold_trades import revive
from options.lifecycle import CLOSED, ENTERING, FLATTENED, Step, TradeStatus, advance
from options.order import FILLED, LIVE_STATES, NEW, PARTIAL, UNKNOWN
from options.position import ENTERS, OPEN, BookedFill, Position, paid_for
from options.rebooking import (
    booked_as,
    fill_number,
    put_back,
    rebooked,
    revised_fill,
    walk,
)
from options.trade import Trade
from options.values import ZERO

ENTRY_FILLED, ON = Step.ENTRY_FILLED, TradeStatus.FILLED


def _order_filled(book: Book, event: e.OrderFilled) -> None:
    qty, order_id, parent_id, trade_id = event.qty, event.order_id, event.parent_id, event.trade_id
    trade = book.trades.get(trade_id) or book.closed_trades.get(trade_id)
    assert trade is not None, f"execution {event.exec_id} for {trade_id}, which was never opened"
    if event.client_ref:  # a cross inside the house has no order
        order = book.order_of_ref[event.client_ref]
        order_id, wanted, before = order.order_id, order.qty, order.filled
        if order.opens and order.state in LIVE_STATES:
            move(book.risk.entering, order.instrument, -min(qty, wanted - before))
        book.risk.rejections = 0
        order.count(event.exec_id)
        order.filled = before + qty
        order.last_fill_ts = event.ts
        if event.fee:
            order.fees += event.fee
        if before + qty >= wanted:
            finish(book, order, FILLED)
        elif order.state in LIVE_STATES:
            order.state = PARTIAL if order.state is NEW else order.state
            if order.opens:
                note_part(book, order, trade.strategy)
    if parent_id:  # an expiry has not even a parent
        parent = book.parents.get(parent_id) or book.finished_parents.get(parent_id)
        assert parent is not None, f"execution {event.exec_id} outlived its parent {parent_id}"
        parent_id, trade_id, allocated = parent.parent_id, trade.trade_id, parent.allocated
        allocated[trade_id] = allocated.get(trade_id, 0) + qty
    if trade.position.position_id != event.position_id:
        trade.past += (trade.position,)
        trade.position = Position(position_id=event.position_id)
        trade.incarnation += 1
        trade.additions = 0
    _fill_trade(book, trade, event, order_id, parent_id)


def _fill_trade(book: Book, trade: Trade, event: e.OrderFilled, order_id: str, parent_id: str) -> None:
    """The ids are the texts that the order and its parent have, so that no copies of them are kept."""
    position, status, side, totals = trade.position, trade.status, event.side, book.totals
    qty, price, fee, realized = event.qty, event.price, event.fee or ZERO, event.realized_pnl
    paid = price * (qty * side.sign * event.multiplier)
    enters, towards, held_before = event.effect in ENTERS, side is trade.entry_side, position.qty
    premium = premium_used(book, event, paid) if towards and parent_id else ZERO
    book.fill_count = number = book.fill_count + 1
    fill = BookedFill(number, event.exec_id, side, qty, price, fee, event.ts, order_id, parent_id, premium)
    position.fills += (fill,)
    position.take(fill, paid, realized, enters)
    held = qty if enters else abs(position.qty) - abs(held_before)
    if held:
        move(book.risk.held, trade.instrument, held)
    totals.fills += 1
    totals.contracts += qty
    totals.cash -= paid
    of_strategy = book.day.counts.by_strategy[trade.strategy]
    if enters:
        totals.trades_opened += event.effect is OPEN
        if towards:
            book.day.counts.premium_used += premium
            of_strategy.premium_bought += premium
    if realized:
        totals.realized += realized
        of_strategy.made += realized
    if fee:
        totals.fees += fee
        totals.cash -= fee
        of_strategy.made -= fee
    trade.rejections = 0
    if status[1] is not ON and status != ENTERING:
        revive(book, trade, event.ts)
    elif enters and towards:
        trade.status = advance(status, ENTRY_FILLED)


# --- corrections ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sums:
    """What the fills of a trade's positions come to, as the book's totals count it."""

    held: int = 0
    opened: int = 0
    fills: int = 0
    contracts: int = 0
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    cash: Decimal = ZERO
    premium: Decimal = ZERO


def _sums(trade: Trade, day_open: str) -> _Sums:
    sums = _Sums()
    for position in trade.positions:
        fresh = Position(position_id="", fills=position.fills)
        for fill, outcome in walk(fresh, trade.multiplier):
            sums.fills += 1
            sums.contracts += fill.qty
            sums.opened += outcome.effect is OPEN
            if fill.side is trade.entry_side and outcome.effect in ENTERS and fill.ts >= day_open:
                sums.premium += fill.premium
        sums.held += abs(fresh.qty)
        sums.realized += fresh.realized
        sums.fees += fresh.fees
        sums.cash += fresh.cash
    return sums


def _fill_corrected(book: Book, event: FillCorrected) -> None:
    trade = book.trade(event.trade_id)
    assert trade is not None, f"a correction of {event.exec_id} for {event.trade_id}, which was never opened"
    _correct_order(book, event)
    parent = book.parent(event.parent_id)
    assert parent is not None, f"a correction of {event.exec_id} outlived its parent {event.parent_id}"
    was = booked_as(trade, event.exec_id)
    number = was.number if was else fill_number(book, tuple(parent.shares), event.exec_id)
    book.fill_count = max(book.fill_count, number)
    premium = premium_used(book, event, paid_for(event.side, event.qty, event.price, event.multiplier))
    found = rebooked(trade, revised_fill(was, event, number, premium))
    home, was_over = found.home, trade.trade_id not in book.trades
    ended = home is not trade.position or (was_over and trade.status in (CLOSED, FLATTENED))
    counted, was_won = ended and home.qty_traded > 0, _won(home)
    before = _sums(trade, book.day.open)
    put_back(trade, found)
    after = _sums(trade, book.day.open)
    move(book.risk.held, trade.instrument, after.held - before.held)
    _correct_totals(book, trade.strategy, before, after)
    if counted and (home.qty or found.joins):
        book.totals.trades_closed -= 1
        book.totals.trades_won -= was_won
    elif counted:
        book.totals.trades_won += _won(home) - was_won
    if trade.position.qty and trade.status == ENTERING:
        trade.status = advance(trade.status, ENTRY_FILLED)
    elif trade.position.qty and trade.status[1] is not ON:
        revive(book, trade, event.ts)


def _won(position: Position) -> bool:
    return position.realized > position.fees


def _correct_order(book: Book, event: FillCorrected) -> None:
    """The order and its parent have filled what the newest revision says; what was over stays over."""
    order, change = book.order_of_ref[event.client_ref], event.qty - event.was_qty
    pending = order.pending
    order.count(event.exec_id)
    order.filled += change
    order.fees += event.fee - event.was_fee
    if order.state in LIVE_STATES:
        if order.opens:
            move(book.risk.entering, order.instrument, max(0, order.pending) - max(0, pending))
        if order.filled >= order.qty:
            finish(book, order, FILLED)
        else:
            if order.state is not UNKNOWN:
                order.state = PARTIAL if order.filled else NEW
            if order.opens:
                note_part(book, order, event.strategy)
    parent = book.parent(event.parent_id)
    assert parent is not None, f"a correction of {event.exec_id} outlived its parent {event.parent_id}"
    parent.allocated[event.trade_id] = parent.allocated.get(event.trade_id, 0) + change


def _correct_totals(book: Book, strategy: str, before: _Sums, after: _Sums) -> None:
    totals = book.totals
    totals.trades_opened += after.opened - before.opened
    totals.fills += after.fills - before.fills
    totals.contracts += after.contracts - before.contracts
    totals.realized += after.realized - before.realized
    totals.fees += after.fees - before.fees
    totals.cash += after.cash - before.cash
    premium = after.premium - before.premium
    book.day.counts.premium_used += premium
    of_strategy = book.day.counts.by_strategy[strategy]
    of_strategy.made += after.realized - before.realized - after.fees + before.fees
    of_strategy.premium_bought += premium


FILL_HANDLERS: dict[type[e.TradeEvent], Callable[[Book, Any], None]] = {
    e.OrderFilled: _order_filled,
    FillCorrected: _fill_corrected,
}
