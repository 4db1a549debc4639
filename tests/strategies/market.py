"""A small world for strategies: two expiries of five strikes around a spot of 750, quoted and listed."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from options.book import Book
from options.chain import Chain
from options.contract import OptionContract, Right
from options.pricing import price, years_to_expiry
from options.quote import Quote, QuoteCache, QuoteLimits
from options.session import Session
from options.values import MINUTE, Micros, micros_of
from strategies.base import MarketView
from tests.options.desk import CLOSE, OPEN, SPOT

TODAY = Session(date(2015, 12, 24), OPEN, CLOSE, half_day=True)
NEAR, FAR = date(2016, 1, 8), date(2016, 1, 29)
STRIKES = (730, 740, 750, 760, 770)
NOW: Micros = OPEN + 5 * MINUTE


def session_of(day: date) -> Session:
    """A full session on a day."""
    opens = micros_of(datetime.combine(day, time(14, 30), UTC))
    return Session(day, opens, opens + 390 * MINUTE)


def option(strike: int, expiry: date = NEAR, right: Right = Right.CALL, root: str = SPOT) -> OptionContract:
    """A contract of this world."""
    return OptionContract(root=root, expiry=expiry, right=right, strike=Decimal(strike))


def market(
    *,
    spread: float = 0.04,
    open_interest: int | None = 100,
    book: Book | None = None,
    spot: float | None = 750.0,
    symbol: str = SPOT,
    root: str = SPOT,
) -> MarketView:
    """The view, with every contract priced at a volatility of 30% and quoted ``spread`` of its mid wide."""
    quotes = QuoteCache()
    listed = [
        option(strike, expiry, right, root) for expiry in (NEAR, FAR) for strike in STRIKES for right in Right
    ]
    changes = [] if spot is None else [(symbol, Quote(ts=NOW, bid=spot - 0.1, ask=spot + 0.1))]
    for contract in listed:
        years = years_to_expiry(NOW, contract.expiry, TODAY)
        mid = price(contract.right, 750.0, float(contract.strike), years, 0.01, 0.3)
        bid, ask = round(mid * (1 - spread / 2), 2), round(mid * (1 + spread / 2), 2)
        changes.append((contract.key, Quote(ts=NOW, bid=bid, ask=ask, bid_size=10, ask_size=10)))
    quotes.update(NOW, changes)
    return MarketView(
        now=NOW,
        book=Book() if book is None else book,
        quotes=quotes,
        quote_limits=QuoteLimits(),
        chain=Chain((contract, open_interest) for contract in listed),
        session=TODAY,
        last_session=session_of,
    )
