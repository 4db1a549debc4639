"""Which trades are in the working set, and how one that was over comes back; a part of :func:`options.fold.apply`."""

from typing import TypeVar

from options.book import CLOSED_TRADES_KEPT, Book
from options.lifecycle import Step, advance
from options.trade import Trade

Key = TypeVar("Key")
NONE: frozenset[str] = frozenset()


def try_again(trade: Trade) -> None:
    """What the broker has refused is forgotten where something is held: its way out may be tried again."""
    if trade.position.qty:
        trade.rejections = 0


def without(ids: tuple[str, ...], one: str) -> tuple[str, ...]:
    """The ids but for one of them, which is among them."""
    return () if len(ids) == 1 else tuple(other for other in ids if other != one)


def await_other(book: Book, trade: Trade) -> None:
    """A trade that must come after another is found by that one's id, while it lasts."""
    if trade.entry.after in book.trades:
        book.waiting_for.setdefault(trade.entry.after, []).append(trade.trade_id)


def await_no_more(book: Book, trade: Trade) -> None:
    """A trade does not wait for another any more."""
    after = trade.entry.after
    waiting = book.waiting_for.get(after, []) if after else []
    if after and trade.trade_id in waiting:
        waiting.remove(trade.trade_id)
        if not waiting:
            del book.waiting_for[after]


def index(book: Book, trade: Trade) -> None:
    """Put a trade into the working set, findable by what it holds and by its idea."""
    book.trades[trade.trade_id] = trade
    book.by_instrument.setdefault(trade.instrument, {})[trade.trade_id] = trade
    book.by_idea.setdefault((trade.strategy, trade.symbol), {})[trade.trade_id] = trade


def _leave(members_of: dict[Key, dict[str, Trade]], key: Key, trade_id: str) -> None:
    members = members_of[key]
    del members[trade_id]
    if not members:
        del members_of[key]


def retire(book: Book, trade: Trade) -> None:
    """Take a trade that is over out of the working set; the oldest kept one makes room."""
    trade_id = trade.trade_id
    del book.trades[trade_id]
    book.trades_on -= bool(trade.entry_sent_ts)
    _leave(book.by_instrument, trade.instrument, trade_id)
    _leave(book.by_idea, (trade.strategy, trade.symbol), trade_id)
    trade.armed = ()
    trade.taken_over = NONE
    trade.blind_since = trade.put_off = ""
    book.waiting_for.pop(trade_id, None)
    closed = book.closed_trades
    closed[trade_id] = trade
    if len(closed) > CLOSED_TRADES_KEPT:
        del closed[next(iter(closed))]
    if trade.entry.after:
        await_no_more(book, trade)


def revive(book: Book, trade: Trade, ts: str) -> None:
    """Something is held after the trade was believed over: the risk is on, so it is open again at ``ts``."""
    trade.status = advance(trade.status, Step.LATE_FILL)
    if trade.trade_id not in book.trades:
        reopen(book, trade)
        book.trades_on += bool(trade.entry_sent_ts)
    book.trades_on += not trade.entry_sent_ts
    trade.entry_sent_ts = trade.entry_sent_ts or ts


def reopen(book: Book, trade: Trade) -> Trade:
    """Take a trade that was over back into the working set; who is to come after it waits for it again."""
    del book.closed_trades[trade.trade_id]
    index(book, trade)
    await_other(book, trade)
    for other in book.trades.values():
        if other.entry.after == trade.trade_id:
            await_other(book, other)
    return trade
