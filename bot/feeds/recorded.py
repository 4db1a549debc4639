"""A recorded day as a market feed."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bot.feeds.market import MarketSlice
from bot.sessions import session_of
from options.chain import Chain
from storage.quote_sets import QuotesError
from storage.quotes import RecordedQuotes


class RecordedFeed:
    """One set of recorded one-minute quotes, in the order in which they became known.

    Slices come at whole minutes. Options are quoted within the session only, the underlying outside it too.

    :raises QuotesError: the set cannot be found or read, its day is no trading day, or it holds nothing of it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        with ExitStack() as refused:
            quotes = refused.enter_context(RecordedQuotes(folder, name))
            session = session_of(quotes.found.day, quotes.symbol)
            if session is None:
                raise QuotesError(f"set {name!r}: {quotes.found.day} is no trading day of the exchange")
            quotes.require_options(session.open, session.close)
            open_interest = quotes.open_interest(session.open)
            refused.pop_all()
        self.name = name
        self.own_time = True
        self.symbols: tuple[str, ...] = (quotes.symbol,)
        self.session = session
        self.chain = Chain((contract, open_interest.get(contract.key)) for contract in quotes.contracts)
        self._quotes = quotes

    def slices(self) -> Iterator[MarketSlice]:
        """The slices of the day, from its beginning."""
        for ts, changes in self._quotes.slices(self.session.open, self.session.close):
            yield MarketSlice(ts, changes)

    def close(self) -> None:
        """Give the reader's memory back."""
        self._quotes.close()
