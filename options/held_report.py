"""What the broker says of exits that it holds: one came true there, or it does not hold one any more."""

from options import events as e
from options.batch import Batch
from options.decided_intent import decide_intent
from options.exit_order import order_at_broker
from options.held_events import ExitsTakenOver
from options.order import LIVE_STATES, Order, ParentOrder
from options.plan import Algo, Held
from options.resting import stands_for
from options.terms import ArmedExit, ExitKind
from options.trade import Trade


def holder(batch: Batch, parent: ParentOrder) -> Trade | None:
    """The open trade whose exits rest in a bracket."""
    return next((batch.book.trades[one] for one in parent.shares if one in batch.book.trades), None)


def came_true(batch: Batch, order: Order, parent: ParentOrder, qty: int) -> None:
    """Before ``qty`` contracts of a resting order are booked: its exit is due, and the trade should hold less.

    What traded of an order that its trade has changed or given up since takes out its own contracts and no more.
    """
    trade = holder(batch, parent)
    if parent.schedule.algo is not Algo.REST or parent.due or trade is None:
        return
    if not trade.target or trade.position.qty * parent.side.sign >= 0:
        return
    armed = next((one for one in trade.armed if one.exit_id == order.exit_id), None)
    given_up = order.cancel_requested or order.state not in LIVE_STATES
    if given_up and order.submitted_ts <= trade.modified_ts:
        armed = None
    if armed is not None:
        _trigger(batch, trade, armed, order)
        qty = armed.qty
    if not qty:
        return
    kind = ExitKind.TARGET if order.stop_price is None else ExitKind.STOP
    kind = kind if armed is None else armed.kind
    wanted = order_at_broker(trade.exits, kind, order)
    reason = f"{kind} {order.exit_id} at the broker"
    decide_intent(batch, trade, trade.target_without(qty), kind, reason, order.exit_id, 1.0, wanted)


def _trigger(batch: Batch, trade: Trade, armed: ArmedExit, order: Order) -> None:
    level = order.limit_price if order.stop_price is None else order.stop_price
    batch.add(
        e.ExitTriggered(
            batch.ts,
            batch.cause,
            trade_id=trade.trade_id,
            position_id=trade.position.position_id,
            exit_id=armed.exit_id,
            kind=armed.kind,
            qty=armed.qty,
            level=None if level is None else float(level),
            client_ref=order.child.client_ref,
        )
    )


def take_over(batch: Batch, order: Order, reason: str, *, for_now: bool = False) -> None:
    """Say that the engine guards what an order should have held at the broker; nothing where none is needed."""
    parent = batch.book.parents.get(order.parent_id) if order.exit_id else None
    trade = None if parent is None else holder(batch, parent)
    if parent is None or trade is None or parent.due or parent.filled >= parent.qty:
        return
    exits = [one for one in trade.armed if one.held is Held.BROKER and stands_for(order, one)]
    ids = tuple(one.exit_id for one in exits if for_now or one.exit_id not in trade.taken_over)
    if ids:
        batch.add(
            ExitsTakenOver(
                batch.ts,
                batch.cause,
                trade_id=trade.trade_id,
                position_id=trade.position.position_id,
                exit_ids=ids,
                order_id=order.order_id,
                reason=reason,
                for_now=for_now,
            )
        )
