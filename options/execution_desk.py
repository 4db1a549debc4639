"""Orders from requirements: netted, crossed inside the house, held against the limits, and worked by schedule.

A parent order is the commitment; each attempt under it is written down before anybody may send it.
"""

from decimal import Decimal
from hashlib import blake2b
from heapq import heappop, heappush

from options import events as e
from options.batch import Batch
from options.book import Book
from options.exit_order import overtaken, patience
from options.house_cross import Wanted, cross_price, crossed_at
from options.house_fill import fill_in_house
from options.netting import Need, Requirement, any_in_doubt, group_requirements, requirement
from options.order import OrderState, ParentOrder
from options.order_end import ask_all_back, ask_back, close_parent
from options.part_check import check_part
from options.plan import Algo, OrderType, TimeInForce
from options.quote import QuoteCache
from options.resting import leaving_qty, live_of, room_out
from options.risk import approve_exit
from options.risk_limits import RiskLimits
from options.schedule import attempt_at, is_late, next_step
from options.terms import Approval, ParentStatus, Schedule, Share
from options.trade import Trade
from options.values import SECOND, Micros, Side, to_iso


class ExecutionDesk:
    """Meets requirements. What it holds (timers) is rebuilt from the book by :meth:`rearm`."""

    def __init__(self, book: Book, quotes: QuoteCache, limits: RiskLimits) -> None:
        self._book = book
        self._quotes = quotes
        self._limits = limits
        self._steps: list[tuple[Micros, str]] = []
        self._freed: dict[str, None] = {}
        self.refused: list[tuple[ParentOrder, tuple[str, ...]]] = []

    def take_refused(self) -> list[tuple[ParentOrder, tuple[str, ...]]]:
        """The parent orders of which a part was refused since the last call, each with its reasons."""
        refused, self.refused = self.refused, []
        return refused

    def rearm(self, now: Micros) -> None:
        """Take up the schedules of every working parent order: after a start, and only then."""
        for parent in self._book.parents.values():
            due = next_step(parent, now)
            if due is not None:
                heappush(self._steps, (due, parent.parent_id))

    # --- requirements ---------------------------------------------------------------------------------------

    def wanted(
        self, batch: Batch, trades: list[Trade]
    ) -> tuple[list[tuple[Trade, int]], list[Trade], list[Trade]]:
        """What each of these trades on one instrument needs (signed), which wait for an order in doubt, and who is out.

        Orders that work against a requirement are asked back on the way. A parent order between two of its steps has
        nothing to ask back and ends at once: what the trades need that it served is seen now, or never.
        """
        found: list[tuple[Trade, int]] = []
        waiting: list[Trade] = []
        out: list[Trade] = []
        to_ask = {trade.trade_id: trade for trade in trades}
        while to_ask:
            trade = to_ask.pop(next(iter(to_ask)))
            if trade.parent_ids and self._overtake(batch, trade):
                out.append(trade)
            else:
                required = self._required(batch, trade, out)
                if required.need is Need.SEND:
                    found.append((trade, required.qty))
                if required.need is Need.WAIT or (required.qty and any_in_doubt(self._book, trade)):
                    waiting.append(trade)
            if self._freed:  # these are asked, or asked again, but each of them once
                freed = {one.trade_id: one for one in self.take_freed() if one is not trade}
                found = [one for one in found if one[0].trade_id not in freed]
                to_ask |= freed
        if len(found) > 1:
            found.sort(key=lambda one: one[0].number)
        return found, waiting, out

    def _required(self, batch: Batch, trade: Trade, out: list[Trade]) -> Requirement:
        """What a trade needs once what works against it was asked back; it is ``out`` where that leaves nothing."""
        if len(trade.parent_ids) > 1:
            self._take_back_against(batch, trade)
        required = requirement(self._book, trade)
        if required.need is Need.CANCEL:
            self.take_back(batch, trade, trade.target_reason)
            required = requirement(self._book, trade)  # what had nothing in the market has ended at once
            if required.need is Need.NOTHING and not trade.parent_ids:
                out.append(trade)
        return required

    def take_freed(self) -> list[Trade]:
        """The trades of which a parent order ended because another that it served gave it up, since the last call."""
        freed, self._freed = self._freed, {}
        return self._book.oldest_first(freed)

    def call_back(self, batch: Batch, trades: list[Trade]) -> tuple[list[Trade], list[Trade]]:
        """Ask back what works against what these trades want; who is out by that, and who waits for a doubt or to send.

        Nothing is sent by this, so it may be done at any hour.
        """
        out: list[Trade] = []
        waiting: list[Trade] = []
        for trade in trades:
            if len(trade.parent_ids) > 1:
                self._take_back_against(batch, trade)
            need = requirement(self._book, trade).need if trade.parent_ids else Need.NOTHING
            if need is Need.WAIT:
                waiting.append(trade)
            if need is Need.CANCEL:
                self.take_back(batch, trade, trade.target_reason)
                if not trade.parent_ids:
                    out.append(trade)
                elif requirement(self._book, trade).need is Need.SEND:
                    waiting.append(trade)
        return out, waiting

    def _overtake(self, batch: Batch, trade: Trade) -> bool:
        """Let a trade's newest exit take over from those that take their time; true if one of them is over by that.

        What serves this trade alone goes to the market as it is. Else it is asked back, and netted again once out.
        """
        over = False
        at_market = patience(trade.exit_order) == 0
        for parent in overtaken(trade, self._book.working_parents(trade)):
            reason = f"overtaken: {trade.target_reason}"
            # A correction or an assignment may just have left less than is to go out by it.
            fits = leaving_qty(self._book, trade) <= abs(trade.position.qty)
            if at_market and fits and len(parent.shares) == 1 and parent.schedule.algo is not Algo.REST:
                self._hurry(batch, parent, reason)
            else:
                over |= self._take_back(batch, parent, reason)
        return over

    def take_back(self, batch: Batch, trade: Trade, reason: str) -> None:
        """Ask for everything that works for a trade; a parent with nothing in the market ends at once."""
        for parent in self._book.working_parents(trade):
            self._take_back(batch, parent, reason)

    def _take_back_against(self, batch: Batch, trade: Trade) -> None:
        """Ask back what works against what is wanted, beside what works for it: an entry whose stop is met there."""
        need = trade.target - trade.position.qty
        for parent in self._book.working_parents(trade):
            if parent.in_flight(trade.trade_id) * need < 0:
                self._take_back(batch, parent, trade.target_reason)

    def _take_back(self, batch: Batch, parent: ParentOrder, reason: str) -> bool:
        orders = live_of(self._book, parent)
        ask_all_back(batch, orders, reason)
        if not orders:
            close_parent(batch, parent, ParentStatus.CANCELLED, reason)
            if len(parent.shares) > 1:
                self._freed.update(dict.fromkeys(parent.shares))
        return not orders

    def end_day(self, batch: Batch, over: str) -> list[Trade]:
        """End the day's parent orders of which nothing is in the market; the trades they served come back.

        Of those of a day that was ``over`` at a moment (ISO 8601 UTC) everything is asked back.
        """
        served: list[Trade] = []
        for parent in list(self._book.parents.values()):
            if parent.schedule.tif is not TimeInForce.DAY:
                continue
            orders = live_of(self._book, parent)
            if not orders:
                served += close_parent(batch, parent, ParentStatus.CANCELLED, "the day is over")
            elif parent.opened_ts < over:
                ask_all_back(batch, orders, "its day is over")
        return [trade for trade in served if trade.trade_id in self._book.trades]

    # --- sending --------------------------------------------------------------------------------------------

    def cross(self, batch: Batch, key: str, wanted: Wanted) -> tuple[list[Trade], Wanted]:
        """Cross what can be crossed: the trades that it has filled, and what is left for the market."""
        price = None
        if len(wanted) > 1:
            price = cross_price(self._quotes, self._limits.quotes, key, batch.at)
        if price is None:
            return [], wanted
        crossed, rest = crossed_at(wanted, price, self._quotes.get(key))
        self._cross(batch, key, crossed, price)
        return [trade for trade, _ in crossed], rest

    def meet(self, batch: Batch, key: str, wanted: Wanted) -> None:
        """Send what trades need."""
        for group in group_requirements(wanted, self._quotes.get(key)):
            parent = self._open(batch, key, group.side, group.schedule, group.shares, reducing=group.reducing)
            self.work(batch, parent)

    def _open(
        self, batch: Batch, key: str, side: Side, schedule: Schedule, shares: list[Share], *, reducing: bool
    ) -> ParentOrder:
        parent_id = f"P{self._book.parent_count + 1}"
        after = schedule.deadline_s
        batch.add(
            e.ParentOrderOpened(
                batch.ts,
                batch.cause,
                parent_id=parent_id,
                instrument=key,
                side=side,
                qty=sum(share.qty for share in shares),
                schedule=schedule,
                urgency=1.0 if reducing else 0.5,
                shares=tuple(shares),
                deadline="" if after is None else to_iso(batch.at + round(after * SECOND)),
            )
        )
        parent = self._book.parents[parent_id]
        due = next_step(parent, batch.at)
        if due is not None:
            heappush(self._steps, (due, parent_id))
        return parent

    def _cross(self, batch: Batch, key: str, crossed: Wanted, price: Decimal) -> None:
        """Fill opposite wishes against each other at the mid: nothing leaves the house, nothing is paid for it."""
        for side in (Side.BUY, Side.SELL):
            part = [(trade, abs(qty)) for trade, qty in crossed if qty * side.sign > 0]
            if not part:
                continue
            shares = [Share(trade_id=trade.trade_id, qty=qty) for trade, qty in part]
            parent = self._open(batch, key, side, Schedule(algo=Algo.CROSS), shares, reducing=False)
            for trade, qty in part:
                exec_id = f"cross-{batch.ts}-{parent.parent_id}"
                fill_in_house(batch, trade, side, qty, price, exec_id, parent.parent_id)
            close_parent(batch, parent, ParentStatus.DONE, "crossed inside the house")

    # --- working a parent -----------------------------------------------------------------------------------

    def steps_due(self, at: Micros) -> list[ParentOrder]:
        """The parent orders whose next step has come."""
        due: list[ParentOrder] = []
        while self._steps and self._steps[0][0] <= at:
            parent = self._book.parents.get(heappop(self._steps)[1])
            if parent is None:
                continue
            following = next_step(parent, at)
            if following is not None:
                heappush(self._steps, (following, parent.parent_id))
            due.append(parent)
        return due

    def hurry(self, batch: Batch, trade: Trade, reason: str) -> None:
        """Send what is left of a trade's working orders to the market."""
        for parent in self._book.working_parents(trade):
            self._hurry(batch, parent, reason)

    def _hurry(self, batch: Batch, parent: ParentOrder, reason: str) -> None:
        if not parent.hurried and parent.schedule.algo is not Algo.REST:
            batch.add(e.ParentOrderHurried(batch.ts, batch.cause, parent_id=parent.parent_id, reason=reason))
            self.work(batch, parent)

    def work(self, batch: Batch, parent: ParentOrder) -> None:
        """Bring what is in the market for a parent in line with its schedule: one thing at a time.

        An attempt at another price is asked back first; the next goes out when that is proven. Filled, working and
        doubtful quantity together never exceed the parent's. While trading is halted no entry goes out. A
        bracket is worked at the broker.
        """
        if parent.schedule.algo is Algo.REST:
            return
        if is_late(parent, batch.at):
            reason = f"not filled within {parent.schedule.deadline_s:g} s"
            batch.add(e.ParentOrderHurried(batch.ts, batch.cause, parent_id=parent.parent_id, reason=reason))
        wanted = attempt_at(parent, batch.at)
        pending = 0
        if parent.order_ids:
            orders = [self._book.orders[one] for one in parent.order_ids if one in self._book.orders]
            if any(order.state is OrderState.UNKNOWN or order.cancel_requested for order in orders):
                return
            old = [order for order in orders if order.wanted_price != wanted.limit_price]
            why = "to go to the market" if parent.hurried else f"next step of {parent.schedule.algo}"
            for order in old:
                ask_back(batch, order, why, replaces=True)
            if old:
                return
            pending = sum(order.pending for order in orders)
        trades, reducing = self._served(parent)
        size = wanted.qty - parent.filled - pending
        if reducing:  # a part that finds less held waits: what is in doubt beside it may leave first
            size = min(size, room_out(self._book, parent, trades) - pending)
        if size <= 0:
            return
        limit_price = wanted.limit_price
        approval: Approval | None = approve_exit(trades, parent.side, size) if reducing else None
        if not reducing:
            approval, limit_price = self._approval(batch, parent, trades, size, limit_price)
        if approval is None:
            return
        assert parent.filled + pending + size <= parent.qty
        order_id = f"O{self._book.order_count + 1}"
        batch.add(
            e.OrderSubmitRequested(
                batch.ts,
                batch.cause,
                order_id=order_id,
                parent_id=parent.parent_id,
                client_ref=client_ref(self._book.account, order_id, parent.parent_id, batch.ts),
                instrument=parent.instrument,
                side=parent.side,
                qty=size,
                order_type=OrderType.MARKET if limit_price is None else OrderType.LIMIT,
                tif=parent.schedule.tif,
                approval=approval,
                limit_price=limit_price,
            )
        )

    def _served(self, parent: ParentOrder) -> tuple[list[Trade], bool]:
        """The trades that a parent still works for, and whether all that it does is to take out what they hold."""
        trades = [
            self._book.trades[trade_id]
            for trade_id in parent.shares
            if trade_id in self._book.trades and parent.in_flight(trade_id)
        ]
        return trades, all(trade.position.qty * parent.side.sign < 0 for trade in trades)

    def _approval(
        self, batch: Batch, parent: ParentOrder, trades: list[Trade], size: int, limit_price: Decimal | None
    ) -> tuple[Approval | None, Decimal | None]:
        """What lets more of an entry go out, and at what limit; no approval where nothing does now."""
        if self._book.halt_reason:
            return None, None
        part = check_part(batch, self._quotes, self._limits, parent, trades, size, limit_price)
        if part.reasons:
            self.refused.append((parent, part.reasons))
        return part.approval, part.limit_price


def client_ref(account: str, order_id: str, parent_id: str, ts: str) -> str:
    """What the broker is told to call an order: 20 characters that derive from what it is for."""
    return "CB" + blake2b(f"{account}|{parent_id}|{order_id}|{ts}".encode(), digest_size=9).hexdigest()
