"""The expiries of a day: which of the contracts that are held end with it, and at what price of their underlying."""

from collections.abc import Sequence
from decimal import Decimal

from bot.runner import Runner
from bot.sessions import last_session
from options.contract import OptionContract
from options.expiry import expiring, settlement_day
from options.inputs import ExpiryReached
from options.session import Session
from options.values import Micros, price_from_float

EXPIRY = "expiry"


class DayExpiries:
    """Settles what ends in one session, once each: what has ended is in the book no more."""

    def __init__(self, runner: Runner, session: Session) -> None:
        self._runner = runner
        self._session = session
        self._opening_due = True

    def settle_open(self, at: Micros) -> None:
        """Settle what settles at opening prices, as soon as its underlying is quoted in the session."""
        if not self._opening_due or at < self._session.open:
            return
        manager = self._runner.desk.manager
        ended = expiring(manager.book, self._session.day, last_session, at_open=True)
        quoted = [one for one in ended if self._quoted_since_open(one.symbol)]
        self._settle(at, quoted)
        self._opening_due = len(quoted) < len(ended)

    def settle_close(self, at: Micros) -> None:
        """Settle what settles at the close, after everything that was good for the day is out of the market."""
        book = self._runner.desk.manager.book
        self._settle(at, expiring(book, self._session.day, last_session, at_open=False))

    def _quoted_since_open(self, symbol: str) -> bool:
        quote = self._runner.desk.manager.quotes.get(symbol)
        return quote is not None and quote.ts >= self._session.open

    def _settle(self, at: Micros, ended: Sequence[OptionContract]) -> None:
        """Book expiries at the last prices. A contract whose own day was not run has none, and none is made up."""
        today, late = [], []
        prices: dict[str, Decimal] = {}
        for contract in ended:
            if settlement_day(contract, last_session) != self._session.day:
                late.append(contract.key)
                continue
            today.append(contract.key)
            quote = self._runner.desk.manager.quotes.get(contract.symbol)
            price = None if quote is None else (quote.mark if quote.last is None else quote.last)
            if price is not None:
                prices[contract.symbol] = price_from_float(price)
        if late:
            self._runner.process(at, EXPIRY, ExpiryReached(tuple(late), ()))
        if today:
            self._runner.process(at, EXPIRY, ExpiryReached(tuple(today), tuple(prices.items())))
