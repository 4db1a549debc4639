"""The ledger as tables: trades, open positions and events, as rows that can be printed or written as JSON.

Every view is a pure function of numbered events; nothing is read here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.card_book import CardBook
from bot.card_text import contract_words
from bot.day_tally import DayTally
from bot.event_text import describe
from bot.position_view import PositionView
from options import events as e
from options.underlying import share_symbol

Numbered = Iterable[tuple[int, e.TradeEvent]]


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One position of a trade (a trade that was opened again has another). Prices and money in dollars, exact.

    ``realized`` is before ``fees``, ``net`` after. ``close_kind`` is empty while it is open; ``closed`` is also the
    time of a cancellation or rejection, whose reasons are in ``why_not``.
    """

    id: str
    position_id: str
    contract: str
    instrument: str
    strategy: str
    side: str
    qty: int
    left: int
    entry_average: Decimal | None
    exit_average: Decimal | None
    realized: Decimal
    fees: Decimal
    net: Decimal
    opened: str
    closed: str
    close_kind: str
    source: str
    order_status: str
    trade_status: str
    why_not: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One open position. ``mark`` and ``open_pnl`` (dollars) are of the newest recorded mark.

    ``day_pnl`` (dollars) is what it made on the ledger's newest day, realized and open, after fees.
    ``qty`` is signed and open, ``qty_in`` what was entered. Stops and targets are the armed prices, nearest first.
    """

    id: str
    position_id: str
    contract: str
    instrument: str
    strategy: str
    side: str
    qty: int
    qty_in: int
    entry_average: Decimal | None
    mark: float | None
    open_pnl: float | None
    day_pnl: float | None
    realized: Decimal
    fees: Decimal
    stops: tuple[float, ...]
    targets: tuple[float, ...]
    held: str
    opened: str
    source: str
    order_status: str
    trade_status: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event with its number and what it says in plain words."""

    seq: int
    ts: str
    type: str
    text: str
    event: e.TradeEvent


def trades(
    events: Numbered, *, is_open: bool | None = None, symbol: str | None = None, strategy: str | None = None
) -> list[TradeRow]:
    """Every trade in the order it was saved; ``is_open`` keeps those that are on, or those that are over.

    ``symbol`` keeps those on an underlying, in any case, with or without the dot of a share class.
    """
    wanted = None if symbol is None else share_symbol(symbol.strip().upper())
    cards = CardBook()
    rows: dict[str, TradeRow] = {}
    symbols: dict[str, str] = {}
    for _, event in events:
        for position_id in cards.fold(event):
            symbols.setdefault(position_id, cards.view(position_id).symbol)
            rows.setdefault(position_id, _trade_row(cards.view(position_id)))
            if cards.is_closed(position_id):
                # What comes after does not change it, and a long ledger must not be held whole.
                rows[position_id] = _trade_row(cards.view(position_id))
                cards.forget(position_id)
    rows |= {position_id: _trade_row(cards.view(position_id)) for position_id in cards.position_ids()}
    return [
        row
        for position_id, row in rows.items()
        if (is_open is None or is_open is (not row.closed))
        and wanted in (None, share_symbol(symbols[position_id]))
        and (strategy is None or row.strategy == strategy)
    ]


def positions(events: Numbered) -> list[PositionRow]:
    """Every position that holds something after the last event, oldest first."""
    cards = CardBook()
    for _, event in events:
        for position_id in cards.fold(event):
            if cards.is_closed(position_id):
                cards.forget(position_id)
    views = map(cards.view, cards.position_ids())
    return [_position_row(view, cards.tally) for view in views if view.qty]


def event_rows(
    events: Numbered,
    *,
    trade_id: str | None = None,
    types: Sequence[str] = (),
    since_seq: int = 0,
    last: int | None = None,
) -> list[EventRow]:
    """The events after ``since_seq`` that concern a trade and are of one of the types; the ``last`` so many of them.

    An order's events name no trade: they belong to the trades that its parent order serves.

    Types are named in any case.

    :raises ValueError: a type is none of the ledger's.
    """
    names = {kind.__name__.lower(): kind.__name__ for kind in e.EVENT_TYPES}
    unknown = {name for name in types if name.lower() not in names}
    types = [names.get(name.lower(), name) for name in types]
    if unknown:
        known = ", ".join(sorted(kind.__name__ for kind in e.EVENT_TYPES))
        raise ValueError(f"no such event type: {', '.join(sorted(unknown))}; there are {known}")
    concerns = _Concerns()
    rows: list[EventRow] = []
    for seq, event in events:
        about = concerns.trades(event)
        if seq <= since_seq or (trade_id is not None and trade_id not in about):
            continue
        name = type(event).__name__
        if not types or name in types:
            rows.append(EventRow(seq, event.ts, name, describe(event), event))
            if last is not None and len(rows) > 2 * last:
                del rows[:-last]
    return rows if last is None else rows[max(len(rows) - last, 0) :]


class _Concerns:
    """Which trades an event is about, found without folding: through its parent order if it names no trade."""

    def __init__(self) -> None:
        self._of_parent: dict[str, tuple[str, ...]] = {}
        self._of_order: dict[str, tuple[str, ...]] = {}

    def trades(self, event: e.TradeEvent) -> tuple[str, ...]:
        trade_id: str = getattr(event, "trade_id", "")
        if trade_id:
            return (trade_id,)
        if isinstance(event, e.ParentOrderOpened):
            self._of_parent[event.parent_id] = tuple(share.trade_id for share in event.shares)
        if isinstance(event, e.OrderSubmitRequested):
            self._of_order[event.order_id] = self._of_parent.get(event.parent_id, ())
        if isinstance(event, e.ParentOrderOpened | e.ParentOrderClosed):
            return self._of_parent.get(event.parent_id, ())
        return self._of_order.get(getattr(event, "order_id", ""), ())


def _trade_row(view: PositionView) -> TradeRow:
    return TradeRow(
        id=view.trade_id,
        position_id=view.position_id,
        contract=contract_words(view.instrument),
        instrument=view.instrument,
        strategy=view.strategy,
        side="long" if view.direction > 0 else "short",
        qty=view.qty_in or view.qty_planned,
        left=abs(view.qty),
        entry_average=view.entry_average,
        exit_average=view.exit_average,
        realized=view.realized,
        fees=view.fees,
        net=view.realized - view.fees,
        opened=view.opened_ts,
        closed=view.closed_ts,
        close_kind=view.closing_kind if view.closed else "",
        source=view.source,
        order_status=str(view.order_status),
        trade_status=str(view.trade_status),
        why_not=view.refusals,
    )


def _position_row(view: PositionView, tally: DayTally) -> PositionRow:
    return PositionRow(
        id=view.trade_id,
        position_id=view.position_id,
        contract=contract_words(view.instrument),
        instrument=view.instrument,
        strategy=view.strategy,
        side="long" if view.direction > 0 else "short",
        qty=view.qty,
        qty_in=view.qty_in,
        entry_average=view.entry_average,
        mark=view.mark,
        open_pnl=view.open_pnl,
        day_pnl=tally.made_by(view.position_id, view.pnl),
        realized=view.realized,
        fees=view.fees,
        stops=view.stop_levels(),
        targets=view.target_levels(),
        held=view.held_reason,
        opened=view.opened_ts,
        source=view.source,
        order_status=str(view.order_status),
        trade_status=str(view.trade_status),
    )
