"""What an entry brings beside what was planned: contracts that nobody waits for, and less where a part of it ends."""

from options.batch import Batch
from options.events import OrderFilled, ParentOrderClosed
from options.shared_order import given_up_by_another
from options.steering import Aiming
from options.terms import ADDS, ENTRY_ENDED, ParentStatus
from options.trade import Trade


def see_what_came(manager: Aiming, batch: Batch, trade: Trade) -> None:
    """Bring the target of a trade that holds something in line with what its entry is still to bring.

    A trade that waits to be let in again wants nothing yet: what an order of before brings goes out at once, as it
    would have before it was let go. What had filled before the entry's order ended, and is heard of only after that, is
    kept as if it had been heard of before.
    """
    if not trade.target_kind:
        reason = "it waits to go in again, and its order of before has filled"
        manager.aim(batch, trade, 0, "give up", reason, "broker", urgency=1.0)
    elif trade.target_kind == ENTRY_ENDED:
        more = (trade.position.qty - trade.target) * trade.direction > 0
        if more and _came_late(batch, trade):
            reason = "more of the entry had filled before it ended"
            manager.aim(batch, trade, trade.position.qty, ENTRY_ENDED, reason, "broker", urgency=0.0)
    elif trade.parent_ids and trade.target_kind in ADDS and _part_ended(batch, trade):
        coming = trade.position.qty + batch.book.in_flight(trade)
        if abs(coming) < abs(trade.target) and not given_up_by_another(batch.book, trade):
            reason = "a part of it ended with a rest"
            manager.aim(batch, trade, coming, trade.target_kind, reason, "broker", urgency=0.0)


def _came_late(batch: Batch, trade: Trade) -> bool:
    """Whether what was just booked is of the order that ended, which none has followed, and no more than it was for."""
    finished = reversed(batch.book.finished_parents.values())
    orders = (one for one in finished if trade.trade_id in one.shares and one.side is trade.entry_side)
    last = next(orders, None)
    if last is None or last.allocated.get(trade.trade_id, 0) > last.shares[trade.trade_id]:
        return False
    return any(
        isinstance(event, OrderFilled)
        and (event.trade_id, event.parent_id) == (trade.trade_id, last.parent_id)
        for event in batch.events
    )


def _part_ended(batch: Batch, trade: Trade) -> bool:
    """Whether an order that was to bring more has just ended with a rest."""
    for event in batch.events:
        if isinstance(event, ParentOrderClosed) and event.status is not ParentStatus.DONE:
            parent = batch.book.parent(event.parent_id)
            if parent is not None and trade.trade_id in parent.shares and parent.side is trade.entry_side:
                return True
    return False
