"""Ours against the broker's: what a look at the broker proves about our orders and positions, as events.

Only evidence resolves a doubt: an order that rests there is live, one that is over there is over, executions are booked
once each. What a complete look does not show is absent; absent twice, far enough apart, it never arrived. It is never
sent again under its reference: its parent ends, and netting decides anew.
"""

from dataclasses import dataclass, field

from options import events as e
from options.assignment_desk import looks_assigned
from options.batch import Batch
from options.broker_reports import accept, book_report, give_up_bracket
from options.contract_sums import by_contract, contracts_held
from options.execution_key import execution_key
from options.fold_doubt import RECONCILE
from options.held_report import take_over
from options.inputs import BrokerSnapshot, CompletedOrder, OrderCancelledReport, OrderRejectedReport
from options.order import LIVE_STATES, Order, OrderState
from options.order_end import ask_back, close_parent
from options.terms import ParentStatus
from options.trade import Trade
from options.values import SECOND, from_iso, to_iso

REF_PREFIX = "CB"


@dataclass(slots=True)
class Reconciled:
    """The trades that a look has touched, by id: ``settled`` by proof, ``unsent`` because an order never arrived."""

    settled: dict[str, Trade] = field(default_factory=dict)
    unsent: dict[str, Trade] = field(default_factory=dict)


def doubt(batch: Batch, order: Order, reason: str, *, absent: bool = False, asks: bool = False) -> None:
    """Say that an order's fate is not proven; a doubt that adds nothing to what is known is not said again."""
    if order.state not in LIVE_STATES:
        return
    known = order.state is not OrderState.UNKNOWN
    if not known and (not absent or _looked_for(order, batch.ts)) and (not asks or order.asks):
        return
    ids = {"order_id": order.order_id, "client_ref": order.child.client_ref}
    batch.add(e.OrderUnknown(batch.ts, batch.cause, **ids, reason=reason, absent=absent, asks=asks))
    if known and not batch.book.broker_lost:  # else nobody can do anything about it
        take_over(batch, order, f"{order.order_id} is in doubt: {reason}", for_now=True)


def _looked_for(order: Order, now_ts: str) -> bool:
    """Whether a look has found nothing of an order; one that is still to come was before the clock was set back."""
    return "" < order.absent_ts <= now_ts


def reconcile(batch: Batch, snapshot: BrokerSnapshot, grace_s: float) -> Reconciled:
    """Book what a look at the broker proves; two looks that abandon an order lie at least ``grace_s`` apart."""
    found = Reconciled()
    for execution in snapshot.executions:
        _touch(found.settled, book_report(batch, execution))
    completed = {one.client_ref: one for one in snapshot.completed}
    resting = {one.client_ref: one for one in snapshot.open_orders}
    for order in list(batch.book.orders.values()):
        ref = order.child.client_ref
        if ref in resting:
            accept(batch, order, resting[ref].broker_order_id, resting[ref].venue)
            if order.cancel_requested:
                ask_back(batch, order, "it still rests at the broker", replaces=order.replaced)
        elif ref in completed:
            _touch(found.settled, _completed(batch, order, completed[ref], complete=snapshot.complete))
        else:
            _not_found(batch, order, snapshot, grace_s, found)
    _unexpected(batch, snapshot)
    if snapshot.complete and snapshot.positions is not None:
        _compare_positions(batch, snapshot.positions)
    return found


def _touch(touched: dict[str, Trade], trades: list[Trade]) -> None:
    touched.update((trade.trade_id, trade) for trade in trades)


def _completed(batch: Batch, order: Order, over: CompletedOrder, *, complete: bool) -> list[Trade]:
    """What is over there is over here once all that it filled is booked: quantity comes from executions alone.

    What a broker says that a corrected order has filled may be with or without the correction: then all executions of
    a complete look are all there are.
    """
    corrected = any(execution_key(one).revision > 1 for one in order.executions)
    if order.filled != over.filled and not (complete and corrected):
        reason = f"the broker says {over.filled} traded; executions are known for {order.filled}"
        doubt(batch, order, reason, asks=complete)
        return []
    ref = order.child.client_ref
    if over.rejected:
        return book_report(batch, OrderRejectedReport(client_ref=ref, reason=over.reason))
    return book_report(batch, OrderCancelledReport(client_ref=ref, reason=over.reason))


def _not_found(
    batch: Batch, order: Order, snapshot: BrokerSnapshot, grace_s: float, found: Reconciled
) -> None:
    asked_ts = to_iso(snapshot.asked_at)
    # What is still to come was sent before the clock was set back, and this was asked after that.
    sent_before = order.submitted_ts < asked_ts or asked_ts <= batch.ts < order.submitted_ts
    if not snapshot.complete or not sent_before:
        # What was asked before the order can have arrived, or answered in part, proves nothing absent.
        if not order.child.accepted:
            doubt(batch, order, "sent, and not seen at the broker yet")
        return
    if not _looked_for(order, batch.ts):
        doubt(batch, order, "no trace of it at the broker", absent=True)
        return
    apart_s = (snapshot.asked_at - from_iso(order.absent_ts)) / SECOND
    if apart_s < grace_s:
        return
    reason = f"no trace of it at the broker in two looks, {apart_s:.0f} s apart"
    ids = {"order_id": order.order_id, "client_ref": order.child.client_ref}
    batch.add(e.OrderAbandoned(batch.ts, batch.cause, **ids, reason=reason))
    take_over(batch, order, f"{order.order_id} never arrived")
    parent = batch.book.parents.get(order.parent_id)
    if parent is not None:
        give_up_bracket(batch, order, parent)
    if parent is not None and not any(one in batch.book.orders for one in parent.order_ids):
        _touch(found.unsent, close_parent(batch, parent, ParentStatus.FAILED, reason))


def _unexpected(batch: Batch, snapshot: BrokerSnapshot) -> None:
    """What rests there and not here: an order believed over is asked back, one never written down halts trading."""
    for resting in snapshot.open_orders:
        order = batch.book.order_of_ref.get(resting.client_ref)
        if order is not None and order.state not in LIVE_STATES:
            ask_back(batch, order, "it was believed over and rests at the broker")
        elif order is None and resting.client_ref.startswith(REF_PREFIX):
            _halt(batch, f"the broker has an order {resting.client_ref}, which this ledger never sent")


def _compare_positions(batch: Batch, theirs: dict[str, int]) -> None:
    """Hold what is held of every contract against the broker's, combos by their legs.

    A difference that is new halts until a person has answered it. Where both are the same there is none any more, and
    what a person has accepted there is over.
    """
    book = batch.book
    ours, theirs = contracts_held(book), by_contract(theirs.items())
    differ: list[str] = []
    for key in sorted({*ours, *theirs, *book.disagreements, *book.accepted_differences}):
        our, their = ours.get(key, 0), theirs.get(key, 0)
        if our == their:
            if key in book.accepted_differences or key in book.disagreements:
                batch.add(e.PositionCompared(batch.ts, batch.cause, instrument=key, ours=our, theirs=their))
            continue
        difference = their - our - book.accepted_differences.get(key, 0)
        if difference == book.disagreements.get(key, 0):
            continue
        batch.add(e.PositionCompared(batch.ts, batch.cause, instrument=key, ours=our, theirs=their))
        if difference:
            differ.append(f"{key}: ours {our:+d}, the broker's {their:+d}")
    if differ:
        seen = looks_assigned(book, theirs)
        _halt(batch, f"positions differ: {'; '.join([*differ, *seen])}")


def _halt(batch: Batch, reason: str) -> None:
    """Stop entries; a halt that stands is named too, so that its answer does not answer this one."""
    before = batch.book.halt_reason
    if reason in before:
        return
    whole = f"{before}; {reason}" if before else reason
    batch.add(e.TradingHalted(batch.ts, batch.cause, reason=whole, source=RECONCILE))
