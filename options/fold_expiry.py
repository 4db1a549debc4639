"""How the facts of an expiry and of an assignment change the book, beside the fills that they come with."""

from collections.abc import Callable
from typing import Any

from options.book import Book
from options.contract import OptionContract, parse_key
from options.expiry import shares_delivered
from options.expiry_events import ContractsAssigned, LegSettled, PositionDelivered, Settlement
from options.terms import DELIVERED
from options.trade_event import TradeEvent


def _contracts_assigned(book: Book, event: ContractsAssigned) -> None:
    book.assignments.add(event.report_id)


def _leg_settled(book: Book, event: LegSettled) -> None:
    """What ended is there no more, neither here nor at the broker, and its shares have come or gone.

    A leg that is carried on only changes its trade.
    """
    contract = parse_key(event.instrument)
    if event.outcome is Settlement.CARRIED or not isinstance(contract, OptionContract):
        return
    _explained(book, event.instrument, -event.qty)
    if event.outcome in (Settlement.EXERCISED, Settlement.ASSIGNED):
        _explained(book, contract.symbol, shares_delivered(contract, event.qty))


def _position_delivered(book: Book, event: PositionDelivered) -> None:
    """The trade is on without an order of its own: the fill that follows finds it waiting and opens its position."""
    trade = book.trades[event.trade_id]
    trade.target, trade.target_kind = event.qty, DELIVERED
    trade.target_reason = f"from {event.from_trade}"
    trade.entry_sent_ts = event.ts
    trade.entry_done = True
    book.trades_on += 1


def _explained(book: Book, instrument: str, qty: int) -> None:
    """Our position moves by ``qty`` to where the broker's was seen: what was known as a difference is none any more."""
    for known in (book.disagreements, book.accepted_differences):
        difference = known.get(instrument, 0)
        if difference * qty <= 0:
            continue
        explained = min(abs(difference), abs(qty)) * (1 if qty > 0 else -1)
        qty -= explained
        known[instrument] = difference - explained
        if not known[instrument]:
            del known[instrument]


EXPIRY_HANDLERS: dict[type[TradeEvent], Callable[[Book, Any], None]] = {
    ContractsAssigned: _contracts_assigned,
    LegSettled: _leg_settled,
    PositionDelivered: _position_delivered,
}
