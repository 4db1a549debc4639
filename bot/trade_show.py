"""Trades as the command line shows them: one as a tree, all as a list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from bot.card_text import contract_words, dollars_text, new_york_time, price_text, safe_text
from bot.moment_words import in_new_york
from bot.outlook_text import at_expiry_words
from bot.plan_text import (
    armed_words,
    at_broker_words,
    contingent_words,
    entry_words,
    exit_words,
    order_at_words,
    schedule_words,
)
from bot.trade_branches import PAST, ExitBranch, OrderBranch, ParentBranch, TradeTree
from options.book import Book
from options.events import TradeEvent
from options.fold import apply
from options.lifecycle import TradeStatus
from options.terms import ExitKind
from options.trade import Trade
from options.values import Side

_encoder = msgspec.json.Encoder(decimal_format="number")
_TEXT = 120
_NAME = 60
_NUMBERS = (False, False, True, True, True, False)
"""Which columns of the list are numbers, set to the right."""


def tree_json(tree: TradeTree) -> bytes:
    """The tree as one JSON object; decimals are numbers that read back exactly."""
    return _encoder.encode(tree)


def show_lines(tree: TradeTree) -> Iterator[str]:
    """The tree, line by line, in plain words."""
    side = "Long" if tree.direction > 0 else "Short"
    what = f"{side} {tree.qty_planned} {contract_words(tree.instrument)}"
    yield f"{tree.trade_id}  {what}  ({safe_text(tree.strategy, 40)})"
    yield f"  Order status  {tree.order_status}"
    yield f"  Trade status  {tree.trade_status}"
    why = f": {safe_text(tree.reason, _TEXT)}" if tree.reason else ""
    yield f"  Wanted by     {safe_text(tree.source, 60)}{why}"
    yield f"  Entry plan    {entry_words(tree.entry, tree.as_of)}"
    yield f"  Exit plan     {'; '.join(exit_words(tree.exit_plan, tree.as_of)) or 'none'}"
    yield f"  Position      {_position(tree)}"
    yield f"  P&L           {_money(tree)}"
    if tree.outlook:
        yield f"  At expiry     {at_expiry_words(tree.outlook)}"
    if tree.put_off:
        yield f"  Entry waits   {safe_text(tree.put_off, _TEXT)}"
    if tree.held_reason and tree.qty:
        yield f"  Exits held    {safe_text(tree.held_reason, _TEXT)}"
    if tree.unguarded:
        yield f"  Not guarded   {safe_text(tree.unguarded, _TEXT)}"
    if tree.ended:
        yield f"  Ended         {safe_text(in_new_york(tree.ended), 2 * _TEXT)}"
    yield from _entry_orders(tree)
    yield from _exits(tree)
    yield from _other_orders(tree)
    yield from _fills(tree)


def _fills(tree: TradeTree) -> Iterator[str]:
    kinds = {branch.exit_id: str(branch.armed.kind) for branch in tree.exits}
    causes = {
        order.order_id: kinds.get(order.exit_id, parent.by)
        for parent in tree.parents
        for order in parent.orders
    }
    if tree.fills:
        yield "  Fills"
    for fill in tree.fills:
        did = "bought" if fill.side is Side.BUY else "sold"
        made = f", {dollars_text(fill.realized)}" if fill.effect in ("trim", "close") else ""
        fee = f", fee {dollars_text(fill.fee, signed=False)}" if fill.fee else ""
        by = fill.order_id or fill.parent_id or fill.exec_id
        what = f"{did} {fill.qty} at {price_text(fill.price)} ({fill.effect}, {by})"
        was = (
            "" if fill.was_qty is None else f", told first as {fill.was_qty} at {price_text(fill.was_price)}"
        )
        cause = causes.get(fill.order_id, "")
        by = f", by {safe_text(cause, _NAME)}" if cause else ""
        yield f"    {new_york_time(fill.ts, tree.as_of)}  {what}{made}{fee}{by}{was}"


def _position(tree: TradeTree) -> str:
    if not tree.qty:
        return "nothing is held"
    mark = "" if tree.mark is None else f", mark {price_text(tree.mark)}"
    return f"{tree.qty:+d} at {price_text(tree.average)}{mark}"


def _money(tree: TradeTree) -> str:
    booked = f"{dollars_text(tree.realized)} realized, {dollars_text(tree.fees, signed=False)} fees"
    return booked if tree.open_pnl is None else f"{booked}, {dollars_text(tree.open_pnl)} open"


def _entry_orders(tree: TradeTree) -> Iterator[str]:
    entries = [parent for parent in tree.parents if parent.opens]
    if entries:
        yield "  Entry orders"
    for parent in entries:
        yield from _parent(parent)


def _other_orders(tree: TradeTree) -> Iterator[str]:
    linked = {branch.parent_id for branch in tree.exits}
    others = [
        parent
        for parent in tree.parents
        if not parent.opens and parent.parent_id not in linked and (parent.filled or not parent.bracket)
    ]
    if others:
        yield "  Closing orders"
    for parent in others:
        yield from _parent(parent)


def _parent(parent: ParentBranch) -> Iterator[str]:
    side = parent.side.value.lower()
    of = f" of {parent.qty}" if parent.qty != parent.share else ""
    how = schedule_words(parent.schedule)
    yield f"    {parent.parent_id}  {side} {parent.share}{of}, {how}: {parent.status}, {parent.filled} filled"
    yield from (f"      {_order(order)}" for order in parent.orders)


def _order(order: OrderBranch) -> str:
    at = order_at_words(order.limit_price, order.stop_price)
    held = "at the broker" if order.at_broker else "sent"
    state = order.state if order.state != "NEW" else held
    return f"{order.order_id}  {order.qty} {at}: {state}, {order.filled} filled"


def _exits(tree: TradeTree) -> Iterator[str]:
    if tree.exits:
        yield "  Contingent orders"
    if tree.exits and not tree.fills:
        yield f"    OCA group {tree.exits[0].oca_group}"
        status = tree.exits[0].status
        where = "" if status in PAST else ", held here"
        yield from (
            f"      {words}: {status}{where}" for words in contingent_words(tree.exit_plan, tree.as_of)
        )
        rest = at_broker_words(tree.exit_plan)
        if rest and where:
            yield f"      With the first fill: {rest}"
        return
    parents = {parent.parent_id: parent for parent in tree.parents}
    group = ""
    for branch in tree.exits:
        if branch.oca_group != group:
            group = branch.oca_group
            yield f"    OCA group {group}"
        yield f"      {branch.exit_id}  {armed_words(branch.armed, tree.as_of)}: {branch.status}{_where(tree, branch)}"
        yield from (f"          {_order(order)}" for order in branch.resting)
        if branch.parent_id in parents:
            yield from (f"    {line}" for line in _parent(parents[branch.parent_id]))


def _where(tree: TradeTree, branch: ExitBranch) -> str:
    """Where an exit is held, and where a trailing stop stands."""
    return "" if branch.status in PAST else f", held {branch.held}{_trails_at(tree, branch)}"


def _trails_at(tree: TradeTree, branch: ExitBranch) -> str:
    """Where a trailing stop that rests would take the position out, as far as the recorded marks tell."""
    armed, side = branch.armed, 1 if tree.qty > 0 else -1
    if branch.status in PAST or branch.parent_id or armed.kind is not ExitKind.TRAILING:
        return ""
    seen = [mark for mark in (armed.water, tree.best) if mark is not None]
    best = max(seen) if side > 0 else min(seen)
    away = best * float(armed.trail) if armed.trail is not None else float(armed.trail_amount or 0)
    return f", now at {price_text(best - away * side)}"


@dataclass(frozen=True, slots=True)
class ListRow:
    """A trade in one line. ``qty`` is planned, ``held`` signed and open; money in dollars.

    ``open_pnl`` goes by the newest recorded mark; ``None`` where nothing is held, or nothing was marked.
    """

    trade_id: str
    contract: str
    instrument: str
    strategy: str
    side: str
    qty: int
    held: int
    order_status: str
    trade_status: str
    average: Decimal | None
    realized: Decimal
    fees: Decimal
    saved: str
    open_pnl: float | None = None

    @property
    def pnl(self) -> float | None:
        """Realized and open, after fees; ``None`` while nothing has traded, or what is held has no mark."""
        if self.held and self.open_pnl is None:
            return None
        over = self.trade_status == TradeStatus.CLOSED
        traded = self.held or self.realized or self.fees or over
        return float(self.realized - self.fees) + (self.open_pnl or 0.0) if traded else None


def list_rows(events: Iterable[tuple[int, TradeEvent]], *, is_open: bool | None = None) -> list[ListRow]:
    """Every trade that is open and those that were over lately, in the order they were saved."""
    book = Book()
    for _, event in events:
        apply(book, event)
    found = [
        *([] if is_open is False else book.trades.values()),
        *([] if is_open else book.closed_trades.values()),
    ]
    return [_row(trade) for trade in sorted(found, key=lambda trade: int(trade.trade_id[1:]))]


def _row(trade: Trade) -> ListRow:
    position = trade.position
    return ListRow(
        trade_id=trade.trade_id,
        contract=contract_words(trade.instrument),
        instrument=trade.instrument,
        strategy=trade.strategy,
        side="long" if trade.direction > 0 else "short",
        qty=trade.qty,
        held=position.qty,
        order_status=str(trade.order_status),
        trade_status=str(trade.trade_status),
        average=position.average(trade.multiplier),
        realized=position.realized,
        fees=position.fees,
        saved=trade.saved_ts,
        open_pnl=position.open_pnl(trade.multiplier) if position.qty else None,
    )


def list_json(rows: list[ListRow]) -> bytes:
    """The rows as a JSON array; decimals are numbers that read back exactly."""
    return _encoder.encode(rows)


def list_lines(rows: list[ListRow]) -> list[str]:
    """The rows in columns, with their names above."""
    if not rows:
        return ["No trades."]
    cells = [("Trade", "What", "Held", "At", "P&L", "Status")]
    for row in rows:
        what = f"{row.side} {row.qty} {row.contract}"
        held = f"{row.held:+d}" if row.held else "0"
        cells.append(
            (
                row.trade_id,
                what,
                held,
                price_text(row.average),
                dollars_text(row.pnl),
                f"{row.order_status} / {row.trade_status}",
            )
        )
    widths = [max(len(line[column]) for line in cells) for column in range(6)]
    return ["  ".join(map(_in_column, line, widths, _NUMBERS)).rstrip() for line in cells]


def _in_column(text: str, width: int, number: bool) -> str:
    return text.rjust(width) if number else text.ljust(width)
