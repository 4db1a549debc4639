"""Rows of :mod:`bot.ledger_views` as terminal tables and as JSON."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bot.card_text import (
    NOTHING,
    count_text,
    dollars_text,
    new_york_clock,
    new_york_day,
    price_text,
)
from bot.close_words import close_words
from bot.ledger_views import EventRow, PositionRow, TradeRow
from bot.terminal_panels import QUIET, money

_Row = TypeVar("_Row", TradeRow, PositionRow, EventRow)
_MIDDLE, _WIDE, _WIDEST = 110, 130, 170
"""Widths in characters from which on there is room for more columns."""


@dataclass(frozen=True)
class _Column(Generic[_Row]):
    """A column: its name (``>`` in front sets it to the right), its cells, and from which width on it is shown."""

    name: str
    cell: Callable[[_Row], Text]
    from_width: int = 0
    footer: Text | None = None


_json = msgspec.json.Encoder(decimal_format="number")


def as_json(rows: Sequence[TradeRow] | Sequence[PositionRow] | Sequence[EventRow]) -> bytes:
    """The rows as a JSON array, one row a line; decimals are numbers that read back exactly."""
    lines = b",\n".join(_json.encode(row) for row in rows)
    return b"[\n" + lines + b"\n]\n" if rows else b"[]\n"


def trades_table(rows: Sequence[TradeRow], width: int) -> RenderableType:
    """Trades, one a row, with the sum of the money below; ``width`` (characters) decides which columns there are."""
    if not rows:
        return Text("No trades.")
    total = sum((row.realized for row in rows), Decimal(0))
    fees = sum((row.fees for row in rows), Decimal(0))
    count = f"{count_text(len(rows), 'trade')}, net {dollars_text(total - fees)}"
    if any(row.left for row in rows):
        count += " without what is open"
    columns: list[_Column[TradeRow]] = [
        _Column("Trade", lambda row: Text(row.id)),
        _Column("Contract", lambda row: Text(f"{row.side.capitalize()} {row.contract}"), footer=Text(count)),
        _Column(">Qty", lambda row: Text(str(row.qty))),
        _Column(">In", lambda row: _price(row.entry_average)),
        _Column(">Out", lambda row: _price(row.exit_average)),
        _Column(">P&L", lambda row: money(row.realized), footer=money(total)),
        _Column(">Fees", lambda row: _dollars(row.fees), from_width=_MIDDLE, footer=_dollars(fees)),
        _Column("Opened", lambda row: _time(row.opened), from_width=_MIDDLE),
        _Column("Closed", lambda row: _time(row.closed), from_width=_WIDE),
        _Column("By", lambda row: Text(close_words(row.close_kind, 20))),
        _Column("Status", _status, from_width=_WIDEST),
    ]
    return _table(rows, columns, width)


def positions_table(rows: Sequence[PositionRow], width: int) -> RenderableType:
    """Open positions, one a row, with the sum of the open P&L below; ``width`` as in :func:`trades_table`."""
    if not rows:
        return Text("No open positions.")
    open_pnl = money(sum(row.open_pnl or 0.0 for row in rows))
    of_day = money(sum(row.day_pnl or 0.0 for row in rows))
    columns: list[_Column[PositionRow]] = [
        _Column("Trade", lambda row: Text(row.id)),
        _Column("Contract", lambda row: Text(f"{row.side.capitalize()} {row.contract}")),
        _Column(">Left", lambda row: Text(f"{abs(row.qty)} of {row.qty_in}")),
        _Column(">In", lambda row: _price(row.entry_average)),
        _Column(">Mark", lambda row: Text(price_text(row.mark))),
        _Column(">Open P&L", lambda row: money(row.open_pnl), footer=open_pnl),
        _Column(">Day's P&L", lambda row: money(row.day_pnl), from_width=_WIDE, footer=of_day),
        _Column(">Stop", lambda row: _levels(row.stops), from_width=_MIDDLE),
        _Column(">Targets", lambda row: _levels(row.targets), from_width=_MIDDLE),
        _Column("Since", lambda row: _time(row.opened), from_width=_WIDE),
        _Column("Status", _status, from_width=_WIDEST),
    ]
    return _table(rows, columns, width)


def events_table(rows: Sequence[EventRow], width: int) -> RenderableType:
    """Events in plain words, with their numbers and times in New York; ``width`` as in :func:`trades_table`."""
    if not rows:
        return Text("No events.")
    columns: list[_Column[EventRow]] = [
        _Column(">Seq", lambda row: Text(str(row.seq))),
        _Column("New York", lambda row: _time(row.ts)),
        _Column("Event", lambda row: Text(row.type, style=QUIET), from_width=_MIDDLE),
        _Column("What happened", lambda row: Text(row.text)),
    ]
    return _table(rows, columns, width)


def _table(rows: Sequence[_Row], columns: list[_Column[_Row]], width: int) -> Table:
    shown = [column for column in columns if width >= column.from_width]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, show_edge=False)
    table.show_footer = any(column.footer is not None for column in shown)
    for column in shown:
        right = column.name.startswith(">")
        table.add_column(
            column.name.removeprefix(">"),
            footer=column.footer or "",
            justify="right" if right else "left",
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(column.cell(row) for column in shown))
    return table


def _price(price: Decimal | None) -> Text:
    return Text(price_text(price))


def _dollars(amount: Decimal) -> Text:
    return Text(dollars_text(amount, signed=False))


def _status(row: TradeRow | PositionRow) -> Text:
    return Text(f"{row.order_status} / {row.trade_status}", style=QUIET)


def _time(ts: str) -> Text:
    return Text(f"{new_york_day(ts)} {new_york_clock(ts)}" if ts else NOTHING)


def _levels(levels: tuple[float, ...]) -> Text:
    return Text(", ".join(price_text(round(level, 2)) for level in levels) or NOTHING)
