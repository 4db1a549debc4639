"""Moments that a plan names: whether they are ones to trade at, and what is asked before an entry's comes."""

from collections.abc import Iterator

from options.book import Book
from options.calendar import Calendar
from options.combo_quote import is_combo
from options.plan import EntryPlan, ExitPlan
from options.plan_check import TIME_MAX, plan_faults
from options.quote import QuoteCache
from options.trade import Trade
from options.values import Micros, price_from_float, to_iso


def moment_faults(
    calendar: Calendar | None, key: str, entry: EntryPlan, exits: ExitPlan, now: Micros
) -> list[str]:
    """Why nothing can go in, or out, at the times that a plan names, with the next moments at which it could.

    What has passed, or is no time at all, is said elsewhere.
    """
    moment, flat_at = None if entry.condition is None else entry.condition.at, exits.flat_at
    if calendar is None or (moment is None and flat_at is None):
        return []
    faults: list[str] = []
    if moment is not None and now < moment < TIME_MAX:
        faults += _entry_faults(calendar, key, exits, moment)
    if flat_at is not None and now < flat_at < TIME_MAX and calendar.open_at(flat_at) is None:
        faults.append(_closed_at_exit(calendar, flat_at))
    return faults


def _closed_at_exit(calendar: Calendar, flat_at: Micros) -> str:
    """Nothing is out at a time at which nobody trades: it would be held until the market opens again."""
    following = calendar.next_after(flat_at)
    held = "" if following is None else f", so it would be held until {to_iso(following.open)}"
    return f"flat-at {to_iso(flat_at)}: the market is closed then{held}; give a time while it is open"


def _entry_faults(calendar: Calendar, key: str, exits: ExitPlan, moment: Micros) -> Iterator[str]:
    said, last, out_by = f"the entry's time {to_iso(moment)}", calendar.last_close(key), exits.out_by
    if last is not None and moment >= last.close:
        yield f"{said} is too late: it can be traded until {to_iso(last.close)}"
        return
    if out_by is not None and moment >= out_by:
        yield f"{said} is too late: nothing of it may be held after {to_iso(out_by)}"
        return
    if calendar.open_at(moment) is not None:
        return
    following = calendar.next_after(moment)
    end = min((at for at in (out_by, None if last is None else last.close) if at is not None), default=None)
    if following is None or (end is not None and following.open >= end):
        until = "" if end is None else f" before {to_iso(end)}, when it must be over"
        yield f"{said}: the market is closed then, and does not open again{until}"
    else:
        yield f"{said}: the market is closed then; the next possible moment is {to_iso(following.open)}"


def goes_in_later(book: Book, trade: Trade, now: Micros, quotes: QuoteCache) -> bool:
    """Whether a trade that waits cannot go in yet, whatever happens: not in this session, or with no market to see.

    What depends on the market and on the day is asked when it is sent; all of it is asked then.
    """
    condition, day = trade.entry.condition, book.day
    if condition is None and trade.entry.after is None:
        return False
    later = condition is not None and condition.at is not None and condition.at >= day.closes_at
    return later or not day.is_open(now) or not quotes.feed_ts


def gone_past(trade: Trade, quotes: QuoteCache) -> list[str]:
    """What is wrong with the levels of a trade that has waited, held against the market that it goes into.

    While it waited the price may have gone past them: it would go in and straight out again.
    """
    waited = trade.entry.condition is not None or trade.entry.after is not None
    if not waited or trade.entry_sent_ts or trade.position.qty:
        return []
    quote, limit = quotes.get(trade.instrument), trade.entry.limit_price
    price, priced = limit, "its limit"
    if quote is not None and quote.mid is not None:
        mid = price_from_float(round(quote.mid, 4))
        fills_at_mid = limit is None or (limit - mid) * trade.direction > 0
        price, priced = (mid, "the market") if fills_at_mid else (limit, "its limit")
    net = is_combo(trade.instrument)
    return plan_faults(trade.qty, trade.direction, trade.entry, trade.exits, price, net=net, priced=priced)
