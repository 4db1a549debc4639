"""When an entry, or an addition, has had its time: to the market, given up, or out of it because it comes too late."""

from typing import Protocol

from options.batch import Batch
from options.book import Book
from options.lifecycle import WORKING
from options.plan import Unfilled
from options.steering import Aiming
from options.terms import ENTRY, ExitKind
from options.trade import Trade
from options.values import SECOND, from_iso, to_iso


class Timed(Aiming, Protocol):
    """What the clock may move: the order manager, as seen from here."""

    book: Book

    def drop(self, batch: Batch, trade: Trade, reason: str) -> None:
        """End a trade of which nothing has filled and nothing is on its way."""

    def hurry(self, batch: Batch, trade: Trade, reason: str) -> None:
        """Send what is left of a trade's working orders to the market."""


def waits(trade: Trade) -> bool:
    """Whether a trade waits for what its entry is to wait for."""
    return trade.status == WORKING and not trade.target_kind


def out_of_time(manager: Timed, batch: Batch, trade: Trade) -> bool:
    """End what has had its time, as the plan says; whether a trade that waits may not enter any more."""
    out_by = trade.exits.out_by
    if out_by is not None and batch.at >= out_by:
        _too_late(manager, batch, trade, f"nothing of it may be held after {to_iso(out_by)}")
        return True
    if not waits(trade) and _is_coming_in(trade):
        _time_over(manager, batch, trade)
    return False


def _is_coming_in(trade: Trade) -> bool:
    adding = trade.target_kind == ExitKind.SCALE_IN
    entering = trade.target_kind == ENTRY and not trade.entry_done
    return (adding or entering) and trade.target != trade.position.qty


def _too_late(manager: Timed, batch: Batch, trade: Trade, reason: str) -> None:
    """What comes in now would have to go out at once: what waits ends, and what works is asked back."""
    if waits(trade):
        manager.drop(batch, trade, reason)
    elif _is_coming_in(trade):
        manager.aim(batch, trade, trade.position.qty, "give up", reason, "plan", urgency=1.0)


def _time_over(manager: Timed, batch: Batch, trade: Trade) -> None:
    """An entry has not filled in its time: to the market, or given up, as the plan says. So with an addition."""
    wait_s = trade.entry.fill_within_s
    if wait_s is None or not trade.parent_ids:
        return
    adding = trade.target_kind == ExitKind.SCALE_IN
    sent = manager.book.entry_opened_ts(trade) if adding else trade.entry_sent_ts
    if not sent or batch.at < from_iso(sent) + round(wait_s * SECOND):
        return  # the time that is over is that of an order of before
    reason = f"not filled within {wait_s:g} s"
    if trade.entry.unfilled is Unfilled.MARKET:
        manager.hurry(batch, trade, reason)
    else:
        manager.aim(batch, trade, trade.position.qty, "give up", reason, "plan", urgency=1.0)
