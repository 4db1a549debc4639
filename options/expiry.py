"""How listed options end: on which day, at whose price, and what each contract turns into.

Equity options are exercised by the clearing house when they are at least a cent in the money, into 100 shares at the
strike; index options pay the difference. Most settle at the close of their last day. Some index classes settle at the
opening prices of the day after their last: those can no longer be traded on the day that settles them.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from options.book import Book
from options.contract import Combo, OptionContract, Right, parse_key
from options.expiry_events import Settlement
from options.index_options import pays_cash, settles_at_open
from options.payoff import intrinsic
from options.session import Session
from options.values import CENT

LastSession = Callable[[date], Session]
"""The last session of the exchange on or before a date."""


def settlement_day(contract: OptionContract, last_session: LastSession) -> date:
    """The day whose price settles a contract: its expiry, or the session before where the exchange rests then.

    Monthly series expired on a Saturday until 2015: the Friday settles them.
    """
    return last_session(contract.expiry).day


def last_trading_day(contract: OptionContract, last_session: LastSession) -> date:
    """The last day on which a contract can be traded."""
    day = settlement_day(contract, last_session)
    return last_session(day - timedelta(days=1)).day if settles_at_open(contract) else day


def outcome_of(contract: OptionContract, qty: int, underlying: Decimal) -> tuple[Settlement, Decimal]:
    """What becomes of ``qty`` (signed) of a contract at a price of the underlying, and its worth per share."""
    worth = intrinsic(contract, underlying)
    if pays_cash(contract):
        return (Settlement.CASH, worth) if worth else (Settlement.WORTHLESS, worth)
    if worth < CENT:
        return Settlement.WORTHLESS, Decimal(0)
    return (Settlement.EXERCISED if qty > 0 else Settlement.ASSIGNED), worth


def shares_delivered(contract: OptionContract, qty: int) -> int:
    """Shares that come in (or, below zero, go out) when ``qty`` (signed) of a contract is exercised or assigned."""
    return qty * contract.multiplier * (1 if contract.right is Right.CALL else -1)


def options_in(key: str) -> Iterator[OptionContract]:
    """The option contracts of an instrument's key: itself, or its legs."""
    instrument = parse_key(key)
    legs = [leg.instrument for leg in instrument.legs] if isinstance(instrument, Combo) else [instrument]
    yield from (leg for leg in legs if isinstance(leg, OptionContract))


def expiring(book: Book, day: date, last_session: LastSession, *, at_open: bool) -> list[OptionContract]:
    """The contracts in open trades that are settled by ``day`` or were due before, in the order of their keys.

    ``at_open`` asks for those that settle at opening prices, else for those that settle at the close.
    """
    held = {contract.key: contract for key in book.by_instrument for contract in options_in(key)}
    return [
        contract
        for _, contract in sorted(held.items())
        if settles_at_open(contract) is at_open and settlement_day(contract, last_session) <= day
    ]
