"""Entries whose time is over: to the market, given up, or ended before they began."""

from collections.abc import Callable

from options.batch import Batch
from options.plan import Unfilled
from options.steering import Steering
from options.terms import ENTRY
from options.trade import Trade


def too_late(manager: Steering, batch: Batch, trade: Trade, reason: str, *, waits: bool) -> None:
    """What comes in now would have to go out at once: what waits ends, and what works is asked back."""
    if waits:
        manager.drop(batch, trade, reason)
    elif not trade.entry_done and trade.target_kind == ENTRY and trade.target != trade.position.qty:
        manager.aim(batch, trade, trade.position.qty, "give up", reason, "plan", urgency=1.0)


def time_over(
    manager: Steering, hurry: Callable[[Batch, Trade, str], None], batch: Batch, trade: Trade
) -> None:
    """An entry has not filled in its time: to the market (``hurry``), or given up, as the plan says."""
    wait_s = trade.entry.give_up_after_s
    if wait_s is None or not trade.parent_ids:
        return
    reason = f"not filled within {wait_s:g} s"
    if trade.entry.unfilled is Unfilled.MARKET:
        hurry(batch, trade, reason)
    else:
        manager.aim(batch, trade, trade.position.qty, "give up", reason, "plan", urgency=1.0)
