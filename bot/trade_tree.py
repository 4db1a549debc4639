"""One trade with everything that belongs to it: plans, orders, exits with where they rest, fills, money."""

from collections.abc import Iterable

from bot.blind_words import held_words, unguarded_words
from bot.fill_causes import ADMIN, cause_of
from bot.trade_branches import HERE, PAST, THERE, ExitBranch, FillBranch, OrderBranch, ParentBranch, TradeTree
from options import events as e
from options.book import Book
from options.contract import parse_key
from options.correction_events import FillCorrected
from options.fold import apply
from options.held_events import OrderReduced
from options.lifecycle import (
    DRAFT,
    ENTERING,
    HELD_PENDING,
    WORKING,
    ContingentStatus,
    OrderStatus,
    TradeStatus,
)
from options.outlook import Outlook, outlook
from options.plan import Held
from options.planned_exits import oca_group, planned_exits
from options.position import Position
from options.rebooking import walk
from options.resting import at_broker, live_of, resting_parents, stands_for
from options.terms import ExitKind
from options.trade import Trade
from options.values import ZERO


class _Gatherer:
    """Follows one trade through the ledger."""

    def __init__(self, trade_id: str) -> None:
        self.trade_id = trade_id
        self.book = Book()
        self.parents: dict[str, ParentBranch] = {}
        self.exits: dict[str, ExitBranch] = {}
        self.fills: list[FillBranch] = []
        self._orders: dict[str, OrderBranch] = {}
        self._parent_of: dict[str, ParentBranch] = {}
        self._wanted: list[ExitBranch] = []
        self._by = self._ended = ""
        self._fees = self._realized = ZERO

    def take(self, event: e.TradeEvent) -> None:
        """Fold an event, and note what it means for the trade."""
        apply(self.book, event)
        match event:
            case e.ParentOrderOpened():
                self._parent(event)
            case e.OrderSubmitRequested(parent_id=parent_id) if parent_id in self.parents:
                order = OrderBranch(
                    order_id=event.order_id,
                    qty=event.qty,
                    limit_price=event.limit_price,
                    stop_price=event.stop_price,
                    exit_id=event.exit_id,
                    sent=event.ts,
                )
                self._orders[event.order_id] = order
                self._parent_of[event.order_id] = self.parents[parent_id]
                self.parents[parent_id].orders.append(order)
            case e.OrderAccepted(order_id=order_id) if order_id in self._orders:
                self._orders[order_id].at_broker = True
                self._exits_of(self._parent_of[order_id], ContingentStatus.WORKING)
            case e.ParentOrderClosed(parent_id=parent_id) if parent_id in self.parents:
                parent = self.parents[parent_id]
                parent.status, parent.reason = event.status, event.reason
                self._exits_of(
                    parent,
                    ContingentStatus.FILLED if parent.filled >= parent.share else ContingentStatus.CANCELLED,
                )
            case e.ExitsArmed(trade_id=self.trade_id):
                self._armed(event)
            case e.ExitTriggered(trade_id=self.trade_id, exit_id=exit_id) if exit_id in self.exits:
                self._triggered(event, self.exits[exit_id])
            case e.IntentDecided(trade_id=self.trade_id):
                self._by = event.source if event.kind == ADMIN else cause_of(event)
                # What went out with orders that were there already is not linked to any that comes later.
                self._wanted = [branch for branch in self._wanted if not branch.parent_id]
            case e.ParentOrderHurried(parent_id=parent_id) if parent_id in self.parents and self._wanted:
                self._taken_over(self.parents[parent_id])
            case e.OrderFilled():
                self._filled(event)
            case FillCorrected():
                self._corrected(event)
            case e.TradeRejected() | e.TradeCancelled() | e.TradeActivated() if (
                event.trade_id == self.trade_id
            ):
                self._ended = _ended_by(event)
            case OrderReduced(order_id=order_id) if order_id in self._orders:
                self._orders[order_id].qty = event.qty
            case (
                e.OrderRejected()
                | e.OrderCancelled()
                | e.OrderUnknown()
                | e.OrderAbandoned()
                | e.OrderCancelRequested()
            ) if event.order_id in self._orders:
                self._orders[event.order_id].state = _STATES[type(event)]
            case _:
                pass

    def _parent(self, event: e.ParentOrderOpened) -> None:
        share = next((share.qty for share in event.shares if share.trade_id == self.trade_id), 0)
        if not share:
            return
        trade = self.book.trades[self.trade_id]
        opens = event.side is trade.entry_side
        self.parents[event.parent_id] = ParentBranch(
            parent_id=event.parent_id,
            side=event.side,
            qty=event.qty,
            share=share,
            opens=opens,
            schedule=event.schedule,
            opened=event.ts,
            bracket=event.bracket,
            by="" if event.bracket else self._by,
        )
        if event.bracket:
            return
        for branch in self._wanted:
            branch.parent_id = event.parent_id
        self._wanted.clear()

    def _triggered(self, event: e.ExitTriggered, branch: ExitBranch) -> None:
        if event.kind is ExitKind.TRAIL_ON:  # it leads to a trailing stop, and to no order
            branch.status = ContingentStatus.FILLED
            return
        branch.status = ContingentStatus.SUBMITTED
        if event.client_ref:
            branch.status, branch.held = ContingentStatus.WORKING, THERE
            branch.parent_id = self.book.order_of_ref[event.client_ref].parent_id
        self._wanted.append(branch)

    def _taken_over(self, parent: ParentBranch) -> None:
        """What worked under a parent gives way to what was triggered, which goes on with its orders."""
        self._exits_of(parent, ContingentStatus.CANCELLED)
        for branch in self._wanted:
            branch.parent_id = parent.parent_id
            branch.status = ContingentStatus.WORKING

    def _armed(self, event: e.ExitsArmed) -> None:
        armed_ids = {armed.exit_id for armed in event.exits}
        entry_id = self._entry_id()
        for branch in self.exits.values():
            if branch.status is ContingentStatus.READY and branch.exit_id not in armed_ids:
                branch.status = ContingentStatus.CANCELLED
        for armed in event.exits:
            self.exits[armed.exit_id] = ExitBranch(
                exit_id=armed.exit_id,
                armed=armed,
                oca_group=event.oca_group,
                status=ContingentStatus.READY,
                entry_id=entry_id,
            )

    def _entry_id(self) -> str:
        return next((parent.parent_id for parent in self.parents.values() if parent.opens), "")

    def _planned(self, trade: Trade) -> None:
        """Before anything filled the contingent orders are those of the plan, as it stands now."""
        group, entry_id = oca_group(trade.position.position_id), self._entry_id()
        over = trade.order_status in (OrderStatus.CANCELLED, OrderStatus.REJECTED)
        status = ContingentStatus.CANCELLED if over else ContingentStatus.PENDING
        for armed in planned_exits(trade):
            self.exits[armed.exit_id] = ExitBranch(
                exit_id=armed.exit_id, armed=armed, oca_group=group, status=status, entry_id=entry_id
            )

    def _exits_of(self, parent: ParentBranch, status: ContingentStatus) -> None:
        for branch in self.exits.values():
            if branch.parent_id == parent.parent_id and branch.status not in PAST:
                branch.status = status

    def _filled(self, event: e.OrderFilled) -> None:
        order = self._orders.get(event.order_id)
        if order is not None:
            order.filled += event.qty
            order.state = "FILLED" if order.filled >= order.qty else "PARTIAL"
        if event.trade_id != self.trade_id:
            return
        if event.parent_id in self.parents:  # an expiry has no parent order
            self.parents[event.parent_id].filled += event.qty
        self._fees += event.fee
        self._realized += event.realized_pnl
        self.fills.append(
            FillBranch(
                ts=event.ts,
                side=event.side,
                qty=event.qty,
                price=event.price,
                fee=event.fee,
                effect=str(event.effect),
                order_id=event.order_id,
                parent_id=event.parent_id,
                realized=event.realized_pnl,
                exec_id=event.exec_id,
            )
        )

    def _corrected(self, event: FillCorrected) -> None:
        """Orders have filled what the newest revision says, and the trade's fills are told again."""
        order, change = self._orders.get(event.order_id), event.qty - event.was_qty
        if order is not None:
            order.filled += change
        if event.trade_id != self.trade_id:
            return
        if event.parent_id in self.parents:
            self.parents[event.parent_id].filled += change
        self._fees += event.fee - event.was_fee
        self._realized += event.realized_pnl
        trade = self.book.trade(self.trade_id)
        assert trade is not None, f"{event.exec_id} corrects {self.trade_id}, which is not kept"
        self.fills = [branch for one in trade.positions for branch in _fill_branches(one, trade.multiplier)]

    def _rest(self, trade: Trade) -> None:
        """Note which contingent orders rest at the broker, and whether it has said that it has them."""
        for branch in self.exits.values():
            resting = [
                order
                for parent in resting_parents(self.book, trade)
                for order in live_of(self.book, parent)
                if branch.armed.held is Held.BROKER and stands_for(order, branch.armed)
            ]
            if branch.status is ContingentStatus.READY and resting:
                branch.resting = [self._orders[order.order_id] for order in resting]
                there = at_broker(self.book, trade, branch.armed)
                branch.status = ContingentStatus.WORKING if there else ContingentStatus.SUBMITTED
                branch.held = THERE if there else HERE

    def tree(self, trade: Trade) -> TradeTree:
        """Everything, as it stands now."""
        position = trade.position
        self._rest(trade)
        if not self.exits and not self.fills:
            self._planned(trade)
        if trade.trade_status is not TradeStatus.FILLED:
            for branch in self.exits.values():
                if branch.status is ContingentStatus.READY:
                    branch.status = ContingentStatus.CANCELLED
        return TradeTree(
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            instrument=trade.instrument,
            direction=trade.direction,
            qty_planned=trade.qty,
            order_status=str(trade.order_status),
            trade_status=str(trade.trade_status),
            source=trade.source,
            reason=trade.reason,
            entry=trade.entry,
            exit_plan=trade.exits,
            qty=position.qty,
            average=position.average(trade.multiplier),
            mark=position.mark if position.qty else None,
            open_pnl=position.open_pnl(trade.multiplier) if position.qty else None,
            best=(position.high if position.qty > 0 else position.low) if position.qty else None,
            outlook=_outlook(trade),
            realized=self._realized,
            fees=self._fees,
            held_reason=held_words(trade, self.book.last_ts),
            put_off=trade.put_off,
            unguarded=unguarded_words(trade, self.book.last_ts),
            ended=self._ended,
            as_of=self.book.last_ts,
            parents=list(self.parents.values()),
            exits=list(self.exits.values()),
            fills=self.fills,
        )


def _fill_branches(position: Position, multiplier: int) -> list[FillBranch]:
    """The fills of a position as they stand after a correction; a bust has no effect."""
    counted = walk(Position(position_id="", fills=position.fills), multiplier)
    outcomes = {fill.number: outcome for fill, outcome in counted}
    found = []
    for fill in position.fills:
        outcome = outcomes.get(fill.number)
        found.append(
            FillBranch(
                ts=fill.ts,
                side=fill.side,
                qty=fill.qty,
                price=fill.price,
                fee=fill.fee,
                effect="busted" if outcome is None else str(outcome.effect),
                order_id=fill.order_id,
                parent_id=fill.parent_id,
                realized=ZERO if outcome is None else outcome.realized,
                exec_id=fill.exec_id,
                was_qty=None if fill.was is None else fill.was[0],
                was_price=None if fill.was is None else fill.was[1],
            )
        )
    return found


def _outlook(trade: Trade) -> Outlook | None:
    """What holding to expiry can come to; ``None`` once the trade is over, or while no price is known."""
    held, limit = trade.position.qty, trade.entry.limit_price
    if held:
        return outlook(parse_key(trade.instrument), held, trade.position.cost / (held * trade.multiplier))
    if limit is None or trade.status not in (DRAFT, WORKING, ENTERING, HELD_PENDING):
        return None
    return outlook(parse_key(trade.instrument), trade.qty * trade.direction, limit)


def _ended_by(event: e.TradeRejected | e.TradeCancelled | e.TradeActivated) -> str:
    """Why a trade is over; empty for one that goes for its entry again."""
    match event:
        case e.TradeRejected(reasons=reasons):
            return "; ".join(reasons)
        case e.TradeCancelled(reason=reason):
            return reason
        case _:
            return ""


_STATES: dict[type[e.TradeEvent], str] = {
    e.OrderRejected: "REJECTED",
    e.OrderCancelled: "CANCELLED",
    e.OrderUnknown: "UNKNOWN",
    e.OrderAbandoned: "CANCELLED",
    e.OrderCancelRequested: "to be CANCELLED",
}


def trade_tree(events: Iterable[tuple[int, e.TradeEvent]], trade_id: str) -> TradeTree | None:
    """A trade and all that belongs to it, from numbered events; ``None`` if there is no such trade.

    Of trades that are over a bounded number is kept; an older one is found in the ledger's events only.
    """
    gatherer = _Gatherer(trade_id)
    for _, event in events:
        gatherer.take(event)
    trade = gatherer.book.trade(trade_id)
    return None if trade is None else gatherer.tree(trade)
