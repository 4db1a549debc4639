"""A trading room in memory: the core, the paper broker and a ledger that is a list."""

from options import commands as c
from options.book import Book
from options.events import (
    CommandRefused,
    CommandTaken,
    OrderCancelRequested,
    OrderSubmitRequested,
    TradeEvent,
)
from options.execution.fill_models import QUOTE_RULES
from options.execution.paper import PaperBroker
from options.execution.port import OrderTicket
from options.fold import apply
from options.inputs import BrokerReported, CommandGiven, Input, MarketMoved, SessionBegan
from options.order_manager import OptionsOrderManager
from options.quote import Quote, QuoteCache
from options.risk import RiskLimits
from options.trade import Trade
from options.values import SECOND, Micros, from_iso

KEY = "GOOG  151231C00750000"
OTHER_KEY = "GOOG  151231P00745000"
OPEN: Micros = from_iso("2015-12-24T14:30:00Z")
CLOSE: Micros = from_iso("2015-12-24T18:00:00Z")


class Room:
    """One writer, its broker and its memory. ``restart`` is what a kill between two inputs leaves."""

    def __init__(self) -> None:
        self.ledger: list[TradeEvent] = []
        self.at: Micros = OPEN
        self.limits = RiskLimits()
        self.number = 0
        self._begin(Book())
        self.give(SessionBegan("2015-12-24", "room", OPEN, CLOSE))

    def _begin(self, book: Book) -> None:
        self.book = book
        self.quotes = QuoteCache()
        self.broker = PaperBroker(self.quotes, self.limits.quotes, QUOTE_RULES)
        self.manager = OptionsOrderManager(book, self.quotes, self.limits)

    def restart(self) -> None:
        """Only the ledger is left; then the newest quotes come again."""
        quotes = dict(self.quotes.quotes)
        book = Book()
        for event in self.ledger:
            apply(book, event)
        self._begin(book)
        self.manager.recover(self.at)
        self.broker.recover(list(book.orders.values()), self.at)
        self._listen()
        self.give(MarketMoved(list(quotes.items())))

    def give(self, given: Input, cause: str = "test") -> list[TradeEvent]:
        """Take an input in and hear the broker out; the input's own events come back."""
        events = self.manager.decide(self.at, cause, given)
        self._commit(events)
        self._listen()
        return events

    def _commit(self, events: list[TradeEvent]) -> None:
        self.ledger += events
        for event in events:
            if isinstance(event, OrderSubmitRequested):
                names = OrderTicket.__struct_fields__
                self.broker.submit(OrderTicket(**{name: getattr(event, name) for name in names}), self.at)
            elif isinstance(event, OrderCancelRequested):
                self.broker.cancel(event.client_ref, self.at)

    def _listen(self) -> None:
        while reports := self.broker.drain():
            self._commit(self.manager.decide(self.at, "broker", BrokerReported(reports)))

    def quote(self, bid: float, ask: float, key: str = KEY, after_s: int = 1) -> None:
        """A new quote, ``after_s`` seconds later."""
        self.at += after_s * SECOND
        quote = Quote(ts=self.at, bid=bid, ask=ask, last=bid, bid_size=50, ask_size=50)
        self.give(MarketMoved([(key, quote)]))
        self.broker.on_quotes(self.at, [(key, quote)])
        self._listen()

    def name(self) -> str:
        """A command id that has not been used."""
        self.number += 1
        return f"c{self.number}"

    def say(self, command: c.Command) -> TradeEvent | None:
        """Give a command; what became of it comes back, or nothing if it was known."""
        events = self.give(CommandGiven(command), f"command {command.command_id}")
        assert not events or isinstance(events[0], CommandTaken | CommandRefused)
        return events[0] if events else None

    def take(self, command: c.Command) -> None:
        """Give a command that must be taken."""
        said = self.say(command)
        assert isinstance(said, CommandTaken), said

    def refuse(self, command: c.Command) -> tuple[str, ...]:
        """Give a command that must be refused: its reasons come back, and nothing else has changed."""
        before = _state(self.book)
        written = len(self.ledger)
        said = self.say(command)
        assert isinstance(said, CommandRefused), said
        assert len(self.ledger) == written + 1
        assert _state(self.book) == before
        return said.reasons

    def trade(self, trade_id: str = "T1") -> Trade:
        """A trade, open or over."""
        trade = self.book.trade(trade_id)
        assert trade is not None
        return trade

    def status(self, trade_id: str = "T1") -> str:
        """Both statuses as they are shown."""
        trade = self.trade(trade_id)
        return f"{trade.order_status} / {trade.trade_status}"


def _state(book: Book) -> str:
    """Everything that a refused command must leave alone."""
    names = [
        name for name in Book.__slots__ if name not in {"command_ids", "totals", "last_ts", "last_cause"}
    ]
    return repr({name: getattr(book, name) for name in names})
