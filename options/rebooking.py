"""A position added up again from its fills, with a revision of one of them in its place."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from options.book import Book
from options.correction_events import FillCorrected
from options.execution_key import execution_base
from options.position import ENTERS, BookedFill, FillOutcome, Position, outcome_of_fill, paid_for
from options.trade import Trade


@dataclass(frozen=True, slots=True)
class Rebooked:
    """What a revision makes of the position ``home`` that it belongs to.

    A position of before that is not flat any more goes on in the present one, as it would have: then ``joins`` is true
    and ``fresh`` is both of them. ``realized`` is by how much the trade's profit changes, before fees.
    """

    home: Position
    fresh: Position
    joins: bool
    realized: Decimal


def booked_as(trade: Trade, exec_id: str) -> BookedFill | None:
    """What a trade has booked of an execution, in whatever revision."""
    base = execution_base(exec_id)
    return next((fill for one in trade.positions for fill in one.fills if fill.base == base), None)


def fill_number(book: Book, trade_ids: Sequence[str], exec_id: str) -> int:
    """The place among all fills of an execution that one of the trades has a part of; else the next there is."""
    for trade_id in trade_ids:
        trade = book.trade(trade_id)
        found = None if trade is None else booked_as(trade, exec_id)
        if found is not None:
            return found.number
    return book.fill_count + 1


def revised_fill(was: BookedFill | None, event: FillCorrected, number: int, premium: Decimal) -> BookedFill:
    """A trade's part of an execution in a new revision: in the place of what ``was``, or in that of its number."""
    if was is None:
        return BookedFill(
            number,
            event.exec_id,
            event.side,
            event.qty,
            event.price,
            event.fee,
            event.ts,
            event.order_id,
            event.parent_id,
            premium,
        )
    return replace(
        was,
        exec_id=event.exec_id,
        qty=event.qty,
        price=event.price,
        fee=event.fee,
        premium=premium,
        was=was.was or (was.qty, was.price),
    )


def rebooked(trade: Trade, fill: BookedFill) -> Rebooked:
    """What a trade's positions come to with this fill in its place; nothing is changed."""
    base = fill.base
    home = next(
        (one for one in trade.past if any(booked.base == base for booked in one.fills)), trade.position
    )
    fresh = added_up(home, _put(home.fills, fill), trade.multiplier)
    before = home.realized
    joins = home is not trade.position and fresh.qty != 0
    if joins:
        both = tuple(sorted([*fresh.fills, *trade.position.fills], key=lambda one: one.number))
        before += trade.position.realized
        fresh = added_up(trade.position, both, trade.multiplier)
    return Rebooked(home, fresh, joins, fresh.realized - before)


def added_up(position: Position, fills: tuple[BookedFill, ...], multiplier: int) -> Position:
    """The position that fills give, each in its place; its marks are those of ``position``."""
    fresh = Position(
        position_id=position.position_id,
        marked_ts=position.marked_ts,
        mark=position.mark,
        high=position.high,
        low=position.low,
        fills=fills,
    )
    for _ in walk(fresh, multiplier):
        pass
    return fresh


def walk(fresh: Position, multiplier: int) -> Iterator[tuple[BookedFill, FillOutcome]]:
    """Let a new position take its fills one by one; what was busted is passed over, but for what it cost."""
    for fill in fresh.fills:
        if fill.qty:
            outcome = outcome_of_fill(fresh, fill.side, fill.qty, fill.price, multiplier)
            paid = paid_for(fill.side, fill.qty, fill.price, multiplier)
            fresh.take(fill, paid, outcome.realized, outcome.effect in ENTERS)
            yield fill, outcome
        elif fill.fee:
            fresh.fees += fill.fee
            fresh.cash -= fill.fee


def put_back(trade: Trade, found: Rebooked) -> None:
    """Make a trade's positions what they were found to be. Others hold them, so they stay the same objects."""
    if found.joins:
        trade.past = tuple(one for one in trade.past if one is not found.home)
        _become(found.home, added_up(found.home, (), trade.multiplier))
    _become(trade.position if found.joins else found.home, found.fresh)


def _put(fills: tuple[BookedFill, ...], fill: BookedFill) -> tuple[BookedFill, ...]:
    base = fill.base
    if any(one.base == base for one in fills):
        return tuple(fill if one.base == base else one for one in fills)
    at = bisect_right(fills, fill.number, key=lambda one: one.number)
    return (*fills[:at], fill, *fills[at:])


def _become(position: Position, fresh: Position) -> None:
    for name in Position.__struct_fields__:
        setattr(position, name, getattr(fresh, name))
