"""Orders in doubt: noticed when an answer is overdue or the broker is lost, and looked for until something is proven.

Start-up, reconnection and doubt go one way: the runner asks the broker for a snapshot when :meth:`DoubtDesk.ask_due`
says so, and it comes in like every report. After a start or a loss nothing is sent until a complete one has come.
"""

from heapq import heappop, heappush

import msgspec

from options import events as e
from options.batch import Batch
from options.book import Book
from options.inputs import BrokerSnapshot
from options.order import LIVE_STATES, Order, OrderState
from options.reconcile import Reconciled, doubt, reconcile
from options.values import SECOND, Micros, from_iso

TO_BROKER = frozenset({e.OrderSubmitRequested, e.OrderCancelRequested})
"""The events that the broker is told of, and has to answer."""
_ENDS = frozenset({e.OrderCancelled, e.OrderRejected, e.OrderAbandoned})
_OVER_UNFILLED = (OrderState.CANCELLED, OrderState.REJECTED)


class DoubtLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: until an answer is overdue, between the two looks that abandon an order, and between other looks."""

    ack_timeout_s: float = 10.0
    grace_s: float = 30.0
    look_every_s: float = 5.0


class DoubtDesk:
    """Watches over every order that the broker has not answered. ``awaiting``: nothing may be sent yet.

    What it holds is rebuilt from the book by :meth:`await_broker`; that an order was absent once stands in the book.
    """

    def __init__(self, book: Book, limits: DoubtLimits | None = None) -> None:
        self.awaiting = False
        self._compared = True
        self._book = book
        self._limits = limits or DoubtLimits()
        self._overdue: list[tuple[Micros, str, bool]] = []
        self._noticed_at: Micros = 0
        self._ask_at: Micros | None = None

    def await_broker(self, at: Micros) -> None:
        """After a start: nothing is sent before a complete snapshot has been compared with what the ledger holds."""
        self.awaiting, self._compared = True, False
        self._ask_at = at + self._seconds(self._limits.look_every_s)
        self._overdue, self._noticed_at = [], at
        for order in self._book.orders.values():
            if not order.child.accepted or order.cancel_requested:
                self._expect(at, order.child.client_ref, to_cancel=order.cancel_requested)

    # --- what the runner asks -------------------------------------------------------------------------------

    def ask_due(self, at: Micros) -> bool:
        """Whether the broker should be asked now for all that it has of ours."""
        if self._ask_at is None:
            return False
        # No look is put off for longer than that: it is so far away as the clock was set back.
        longest = self._seconds(max(self._limits.grace_s, self._limits.look_every_s))
        return not at < self._ask_at <= at + longest

    def asked(self, at: Micros) -> None:
        """It was asked; without an answer it will be asked again."""
        self._ask_at = at + self._seconds(self._limits.look_every_s)

    @property
    def next_look(self) -> Micros | None:
        """When the broker is to be asked next; ``None`` while nothing is in doubt."""
        return self._ask_at

    # --- what an input does ---------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Something other than a report comes in: after a complete look, sending may go on with it.

        The reports that belong to a look are all booked by then, and that the recovery is over has been written down.
        """
        if self._compared:
            self.awaiting = False

    def notice(self, batch: Batch) -> None:
        """Put in doubt what should have been answered by now."""
        back = self._noticed_at - batch.at
        if back > 0:  # the clock was set back: every answer keeps the time that it had left
            self._overdue = [(due - back, ref, to_cancel) for due, ref, to_cancel in self._overdue]
        self._noticed_at = batch.at
        while self._overdue and self._overdue[0][0] <= batch.at:
            _, ref, to_cancel = heappop(self._overdue)
            order = self._book.order_of_ref.get(ref)
            if order is None or order.state not in LIVE_STATES or order.state is OrderState.UNKNOWN:
                continue
            if to_cancel or not order.child.accepted:
                what = "cancel was not answered" if to_cancel else "order was not acknowledged"
                self._put_in_doubt(batch, order, f"the {what} within {self._limits.ack_timeout_s:g} s")

    def watch(self, batch: Batch) -> None:
        """From now on, await the answers to everything that a decided batch sends.

        Whether something that was believed over is out of the market is looked for.
        """
        for event in [one for one in batch.events if type(one) in TO_BROKER]:
            if isinstance(event, e.OrderSubmitRequested):
                self._expect(batch.at, event.client_ref, to_cancel=False)
            elif isinstance(event, e.OrderCancelRequested):
                self._expect(batch.at, event.client_ref, to_cancel=True)
                if self._ask_at is None and self._was_over(batch, event.client_ref):
                    self._ask_at = batch.at + self._seconds(self._limits.look_every_s)

    def _was_over(self, batch: Batch, client_ref: str) -> bool:
        """Whether an order that was asked back in a batch had ended before it."""
        ended = any(type(one) in _ENDS and one.client_ref == client_ref for one in batch.events)  # type: ignore[attr-defined]
        return self._book.order_of_ref[client_ref].state in _OVER_UNFILLED and not ended

    def ambiguous(self, batch: Batch, client_ref: str, reason: str) -> None:
        """The broker's answer about one order proves nothing."""
        order = self._book.order_of_ref.get(client_ref)
        if order is not None:
            self._put_in_doubt(batch, order, reason)

    def lost(self, batch: Batch, reason: str) -> None:
        """The broker is gone: every live order is in doubt, and nothing is sent until it was found again."""
        self.awaiting, self._compared = True, False
        if self._ask_at is None:
            self._ask_at = batch.at + self._seconds(self._limits.look_every_s)
        if not self._book.broker_lost:
            batch.add(e.BrokerLost(batch.ts, batch.cause, reason=reason))
        for order in list(self._book.orders.values()):
            doubt(batch, order, reason)

    def compare(self, batch: Batch, snapshot: BrokerSnapshot) -> Reconciled:
        """Take a look at the broker into account, and say when the next one is due."""
        found = reconcile(batch, snapshot, self._limits.grace_s)
        if snapshot.complete:
            self._compared = True
            if self._book.broker_lost:
                doubtful = sum(order.state is OrderState.UNKNOWN for order in self._book.orders.values())
                batch.add(e.BrokerReconciled(batch.ts, batch.cause, orders_in_doubt=doubtful))
        self._ask_at = self._next_look(batch.at)
        return found

    def _next_look(self, at: Micros) -> Micros | None:
        soon = at + self._seconds(self._limits.look_every_s)
        grace = self._seconds(self._limits.grace_s)
        due = [
            max(from_iso(order.absent_ts) + grace, at + 1) if order.absent_ts else soon
            for order in self._book.orders.values()
            if order.state is OrderState.UNKNOWN
        ]
        if self._compared and self._book.disagreements:
            due.append(at + grace)  # what differs may come right, as a leg that is late does
        return min(due, default=None if self._compared else soon)

    def _put_in_doubt(self, batch: Batch, order: Order, reason: str) -> None:
        doubt(batch, order, reason)
        if self._ask_at is None or self._ask_at > batch.at:
            self._ask_at = batch.at

    def _expect(self, at: Micros, ref: str, *, to_cancel: bool) -> None:
        heappush(self._overdue, (at + self._seconds(self._limits.ack_timeout_s), ref, to_cancel))

    @staticmethod
    def _seconds(seconds: float) -> Micros:
        return round(seconds * SECOND)
