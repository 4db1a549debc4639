"""What a contingent order leads to when its condition comes true: the trade should hold less, or more."""

from options import events as e
from options.batch import Batch
from options.exit_engine import DueExit
from options.exit_order import longest_s, order_for, patience
from options.order import ParentOrder
from options.plan import AT_MARKET, ExitOrder
from options.steering import Steering
from options.terms import ExitKind
from options.values import SECOND


def trigger(manager: Steering, batch: Batch, due: DueExit) -> None:
    """A contingent order came true: the trade should hold that much less, or that much more."""
    trade, armed = due.trade, due.armed
    if all(other.exit_id != armed.exit_id for other in trade.armed) or not trade.position.qty:
        return
    quote = manager.quotes.get(trade.instrument)
    batch.add(
        e.ExitTriggered(
            batch.ts,
            batch.cause,
            trade_id=trade.trade_id,
            position_id=trade.position.position_id,
            exit_id=armed.exit_id,
            kind=armed.kind,
            qty=armed.qty,
            level=manager.exits.level_of(armed),
            mark=manager.exits.mark_of(trade),
            bid=None if quote is None else quote.bid,
            ask=None if quote is None else quote.ask,
        )
    )
    if armed.kind is ExitKind.TRAIL_ON:
        manager.exits.arm(batch, trade)
        return
    if armed.kind is ExitKind.SCALE_IN:
        target = trade.target + armed.qty * trade.held_side
    else:
        target = trade.target_without(armed.qty)
    order = _how(batch, due, leaving=abs(trade.target) < abs(trade.position.qty))
    reason = f"{armed.kind} {armed.exit_id}"
    manager.aim(batch, trade, target, armed.kind, reason, armed.exit_id, urgency=1.0, order=order)


def _how(batch: Batch, due: DueExit, *, leaving: bool) -> ExitOrder:
    """As the plan has it; but what is to be out before it expires goes to the market where that would take too long."""
    plan, armed = due.trade.exits, due.armed
    order = order_for(plan, armed)
    if (
        armed.kind is not ExitKind.FLAT
        or plan.flat_before_expiry is None
        or plan.flat_before_expiry > batch.at
    ):
        return order
    left_s = (batch.book.day.closes_at - batch.at) / SECOND
    return AT_MARKET if leaving or longest_s(order) > left_s / 2 else order


def hurry_bracket(manager: Steering, batch: Batch, parent: ParentOrder) -> None:
    """A stop at the broker was met and has not filled at its limit in its time: what is left goes to the market."""
    for trade_id in parent.shares:
        trade = batch.book.trades.get(trade_id)
        if trade is not None and patience(trade.exit_order):
            reason = f"{trade.target_kind} not filled at its limit by {parent.deadline}"
            manager.aim(batch, trade, trade.target, trade.target_kind, reason, "plan", 1.0, AT_MARKET)
