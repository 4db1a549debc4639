"""Keeps at the broker what it should hold for each trade: laid, asked back and laid anew, never two at a time.

An order that rests is never changed. It is asked back, and the one in its place goes out, under a reference of its own,
when it is proven to be out. Until then the engine guards.
"""

from heapq import heappop, heappush

import msgspec

from options import events as e
from options.batch import Batch
from options.book import Book
from options.bracket import Bracket, Leg, brackets_of, exit_side
from options.correction_events import FillCorrected
from options.execution_desk import client_ref
from options.exit_engine import ExitEngine
from options.held_events import ExitsTakenOver
from options.lifecycle import HELD_FILLED
from options.netting import live_orders
from options.order import Order, OrderState, ParentOrder
from options.order_end import ask_back
from options.plan import Algo, Held, TimeInForce
from options.quote import Quote
from options.resting import leaving_qty, live_of, resting_parents, resting_qty
from options.risk import approve_exit
from options.schedule import is_late
from options.stuck_exits import EXIT_REJECTIONS_MAX
from options.terms import ExitKind, Schedule, Share
from options.trade import Trade
from options.values import SECOND, Micros, from_iso

_REST = Schedule(algo=Algo.REST, tif=TimeInForce.GTC)
_OF_TRADE = frozenset(
    {
        e.ExitsArmed,
        e.ExitTriggered,
        e.IntentDecided,
        e.OrderFilled,
        e.TradeHeld,
        e.TradeModified,
        ExitsTakenOver,
        FillCorrected,
    }
)
_OF_ORDER = frozenset({e.OrderAccepted, e.OrderCancelled, e.OrderRejected, e.OrderAbandoned})


class RestLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How often what rests is changed: no sooner than ``every_s`` after it was laid, and a trailing stop by a ``step``.

    ``step`` is the least part of the stop's price. What the plan or a smaller position asks for is done at once.
    """

    step: float = 0.02
    every_s: float = 15.0


class RestDesk:
    """Looks at each trade of which something has changed. What it holds is rebuilt from the book by :meth:`recover`."""

    def __init__(self, book: Book, exits: ExitEngine, limits: RestLimits | None = None) -> None:
        self._book = book
        self._exits = exits
        self._limits = limits or RestLimits()
        self._look: dict[str, None] = {}
        self._trailing: dict[str, dict[str, None]] = {}
        self._due: list[tuple[Micros, str]] = []
        self._due_of: dict[str, Micros] = {}
        self.late: list[ParentOrder] = []

    def recover(self) -> None:
        """Look at every trade with the next input: after a start, and only then.

        A bracket that is due already does not rest any more, and its deadline is still to come.
        """
        for parent in self._book.parents.values():
            if parent.schedule.algo is Algo.REST:
                self._exits.at_broker.update(parent.shares)
        self._look = dict.fromkeys(self._book.trades)

    def note(self, batch: Batch, since: int = 0) -> None:
        """Remember which trades the events of a batch, from the one numbered ``since`` on, have changed."""
        if not self._exits.at_broker:
            return
        for event in batch.events[since:]:
            kind = type(event)
            if kind in _OF_TRADE:
                self._look[event.trade_id] = None  # type: ignore[attr-defined] # each of these has one
            elif kind in _OF_ORDER:
                self._look_at(self._book.order_of_ref[event.client_ref].parent_id)  # type: ignore[attr-defined]
            elif kind is e.ParentOrderClosed:
                self._look_at(event.parent_id)  # type: ignore[attr-defined]
            elif kind is e.SessionOpened:  # what was taken over for a day rests there again
                self._look.update((one, None) for one in self._book.trades if one in self._exits.at_broker)

    def _look_at(self, parent_id: str) -> None:
        parent = self._book.parent(parent_id)
        if parent is not None:
            self._look.update(dict.fromkeys(parent.shares))

    def on_market(self, changes: list[tuple[str, Quote]]) -> None:
        """Marks have moved: what trails them at the broker may have to follow."""
        if self._trailing:
            for key, _ in changes:
                following = self._trailing.get(key)
                if following is not None and self._exits.take_stretch(key):
                    self._look.update(following)

    # --- asking back ----------------------------------------------------------------------------------------

    def withdraw(self, batch: Batch, since: int = 0) -> None:
        """Ask back whatever should not rest any more, of every trade that has changed."""
        if not self._exits.at_broker:  # which is every day of most traders
            self._look.clear()
            return
        self.note(batch, since)
        self._look_when_due(batch.at)
        for trade_id in self._look.keys() - self._book.trades.keys():
            self._exits.at_broker.discard(trade_id)
        changed, self._look = self._book.oldest_first(self._look), {}
        for trade in changed:
            if self._concerns(trade):
                self._look[trade.trade_id] = None
                wanted = {bracket.name: bracket for bracket in self._wanted(trade)}
                for parent in resting_parents(self._book, trade):
                    self._keep_or_withdraw(batch, trade, parent, wanted.get(parent.bracket))
                self._see_to_due(batch, trade)

    def take_late(self) -> list[ParentOrder]:
        """The brackets whose stop was met and has not filled at its limit in its time, since the last call."""
        late, self.late = self.late, []
        return late

    def _look_when_due(self, at: Micros) -> None:
        while self._due and self._due[0][0] <= at:
            when, trade_id = heappop(self._due)
            if self._due_of.get(trade_id) == when:
                del self._due_of[trade_id]
                self._look[trade_id] = None

    def _look_again(self, at: Micros, trade: Trade) -> None:
        """Look at a trade again at a moment, if not before."""
        if self._due_of.get(trade.trade_id, at + 1) > at:
            self._due_of[trade.trade_id] = at
            heappush(self._due, (at, trade.trade_id))

    def withdraw_unwanted(self, batch: Batch) -> None:
        """While nothing can be sent: ask back what must not trade before the open.

        That is what is not in the plan any more, what rests for more than is held, and all of a position that is no
        more or that is held inactive. What is only to move, or stands beside an exit, protects until the open: before
        that nothing could take its place.
        """
        self.note(batch)
        for trade in self._book.open_trades() if self._exits.at_broker else ():
            held = abs(trade.position.qty)
            if not trade.resting_ids or (
                abs(trade.target) < held
                and trade.status != HELD_FILLED
                and resting_qty(self._book, trade) <= held
            ):
                continue
            wanted = {bracket.name: bracket for bracket in self._wanted(trade)}
            for parent in resting_parents(self._book, trade):
                unwanted = _beyond(wanted.get(parent.bracket), parent, live_of(self._book, parent))
                self._ask_back(batch, unwanted, _why_not(trade))

    def _concerns(self, trade: Trade) -> bool:
        """Whether anything of a trade rests or should; which marks it follows is noted on the way."""
        held = [armed for armed in trade.armed if armed.held is Held.BROKER]
        following = self._trailing.setdefault(trade.instrument, {})
        if any(armed.kind is ExitKind.TRAILING for armed in held):
            following[trade.trade_id] = None
        else:
            following.pop(trade.trade_id, None)
        if not following:
            del self._trailing[trade.instrument]
        working = self._book.working_parents(trade)
        return bool(held or trade.resting_ids or any(one.schedule.algo is Algo.REST for one in working))

    def _wanted(self, trade: Trade) -> list[Bracket]:
        held, target = trade.position.qty, trade.target
        if held * target <= 0:
            return []
        qty = min(abs(target), abs(held) - leaving_qty(self._book, trade))
        return brackets_of(trade, qty, self._exits.level_now)

    def _keep_or_withdraw(
        self, batch: Batch, trade: Trade, parent: ParentOrder, bracket: Bracket | None
    ) -> None:
        orders = live_of(self._book, parent)
        if all(order.cancel_requested for order in orders):
            return
        if bracket is None:
            self._ask_back(batch, orders, _why_not(trade))
            return
        resting = {order.exit_id: _leg_of(order) for order in orders}
        if parent.qty == bracket.qty and _same(resting, bracket.legs):
            return
        laid_ts = max(order.submitted_ts for order in orders)
        at_once = parent.qty > bracket.qty or trade.modified_ts >= laid_ts
        if not at_once and parent.qty == bracket.qty and self._too_small(trade, resting, bracket.legs):
            return
        due = from_iso(laid_ts) + round(self._limits.every_s * SECOND)
        if not at_once and batch.at < due:
            self._look_again(due, trade)
            return
        self._exits.record(batch, trade)
        self._ask_back(batch, orders, _change(parent, resting, bracket))

    def _too_small(self, trade: Trade, resting: dict[str, Leg], legs: tuple[Leg, ...]) -> bool:
        """Whether all that differs is a trailing stop, which would not get better by a whole step."""
        side = exit_side(trade).sign
        for leg in legs:
            old = next(
                (one for one in resting.values() if (one.stop_price is None) == (leg.stop_price is None)),
                None,
            )
            if old is None:
                return False
            if old.stop_price is None or leg.stop_price is None or not leg.trailing:
                if (old.stop_price, old.limit_price) != (leg.stop_price, leg.limit_price):
                    return False
            elif float(old.stop_price - leg.stop_price) * side >= self._limits.step * float(old.stop_price):
                return False
        return len(resting) == len(legs)

    def _see_to_due(self, batch: Batch, trade: Trade) -> None:
        """See to brackets whose exit is due.

        One that has traded in full leaves nothing of its group at the broker, should the broker not have seen to it.
        """
        for parent in self._book.working_parents(trade):
            if parent.schedule.algo is not Algo.REST:
                continue
            if parent.filled >= parent.qty:
                self._ask_back(batch, live_of(self._book, parent), "another of its group has traded")
            elif is_late(parent, batch.at):
                self.late.append(parent)
            elif parent.deadline and not parent.hurried:
                self._look_again(from_iso(parent.deadline), trade)

    def _ask_back(self, batch: Batch, orders: list[Order], reason: str) -> None:
        for order in orders:
            if not order.cancel_requested:
                ask_back(batch, order, reason)

    # --- laying ---------------------------------------------------------------------------------------------

    def lay(self, batch: Batch) -> None:
        """Lay what should rest and does not, once whatever has to leave first is on its way."""
        for trade in self._book.oldest_first(self._look):
            if trade.rejections >= EXIT_REJECTIONS_MAX:
                continue
            if any(order.state is OrderState.UNKNOWN for order in live_orders(self._book, trade)):
                continue  # a doubt blocks its like; its end leads here again
            resting = {parent.bracket for parent in resting_parents(self._book, trade)}
            wanted = [bracket for bracket in self._wanted(trade) if bracket.name not in resting]
            leaving = leaving_qty(self._book, trade) + resting_qty(self._book, trade)
            room = abs(trade.position.qty) - leaving
            for bracket in wanted:
                if bracket.qty <= room:
                    self._open(batch, trade, bracket)
                    room -= bracket.qty
        self._look.clear()

    def _open(self, batch: Batch, trade: Trade, bracket: Bracket) -> None:
        parent_id, side = f"P{self._book.parent_count + 1}", exit_side(trade)
        batch.add(
            e.ParentOrderOpened(
                batch.ts,
                batch.cause,
                parent_id=parent_id,
                instrument=trade.instrument,
                side=side,
                qty=bracket.qty,
                schedule=_REST,
                urgency=0.0,
                shares=(Share(trade_id=trade.trade_id, qty=bracket.qty),),
                bracket=bracket.name,
            )
        )
        group = ""
        for leg in bracket.legs:
            order_id = f"O{self._book.order_count + 1}"
            ref = client_ref(self._book.account, order_id, parent_id, batch.ts)
            group = group or (f"{parent_id}-{ref}" if len(bracket.legs) > 1 else "")
            batch.add(
                e.OrderSubmitRequested(
                    batch.ts,
                    batch.cause,
                    order_id=order_id,
                    parent_id=parent_id,
                    client_ref=ref,
                    instrument=trade.instrument,
                    side=side,
                    qty=bracket.qty,
                    order_type=leg.order_type,
                    tif=_REST.tif,
                    approval=approve_exit([trade], side, bracket.qty),
                    limit_price=leg.limit_price,
                    stop_price=leg.stop_price,
                    exit_id=leg.exit_id,
                    oca_group=group,
                )
            )


def _leg_of(order: Order) -> Leg:
    return Leg(order.exit_id, order.order_type, order.limit_price, order.stop_price)


def _beyond(bracket: Bracket | None, parent: ParentOrder, orders: list[Order]) -> list[Order]:
    """The orders of a bracket that should not rest at any price: all where it is too large, else a stop or a target."""
    if bracket is None or parent.qty > bracket.qty:
        return orders
    stops = {leg.stop_price is not None for leg in bracket.legs}
    return [order for order in orders if (order.stop_price is not None) not in stops]


def _same(resting: dict[str, Leg], legs: tuple[Leg, ...]) -> bool:
    """Whether exactly the wanted orders rest; which of two stops one of them stands for does not matter."""
    prices = [(leg.order_type, leg.limit_price, leg.stop_price) for leg in legs]
    return sorted(map(str, prices)) == sorted(
        str((leg.order_type, leg.limit_price, leg.stop_price)) for leg in resting.values()
    )


def _why_not(trade: Trade) -> str:
    """Why something does not rest for a trade any more, in words."""
    if not trade.position.qty:
        return "nothing is held"
    if trade.status == HELD_FILLED:
        return "held inactive"
    leaving = abs(trade.target) < abs(trade.position.qty)
    return (trade.target_reason if leaving else "") or "the exits have changed"


def _change(parent: ParentOrder, resting: dict[str, Leg], bracket: Bracket) -> str:
    """Why a bracket is laid anew, in words."""
    if parent.qty != bracket.qty:
        return f"{bracket.qty} instead of {parent.qty} contracts"
    old = next((leg.stop_price for leg in resting.values() if leg.stop_price is not None), None)
    new = next((leg.stop_price for leg in bracket.legs if leg.stop_price is not None), None)
    if old is not None and new is not None and old != new:
        return f"the stop moves from {old} to {new}"
    return "the exits have changed"
