"""An instance that really listens: core, paper broker, ledger file and door, with a market that the test moves."""

from contextlib import ExitStack
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Self

from typer.testing import CliRunner, Result

from bot.app import fold_into
from bot.cli import app
from bot.clock import SystemClock
from bot.door.day_desk import answer_line
from bot.door.protocol import command_cause
from bot.door.server import Door
from bot.exchange import EXCHANGE
from bot.runner import Desk, Runner
from options.book import Book
from options.commands import Command
from options.events import TradeEvent
from options.execution.fill_models import QUOTE_RULES, FillRules
from options.execution.paper import PaperBroker
from options.inputs import CommandGiven, MarketMoved, SessionBegan
from options.order_manager import OptionsOrderManager
from options.quote import Quote, QuoteCache
from options.risk import RiskLimits
from options.values import SECOND, Micros, from_iso
from storage.files import InstanceLock, make_folder
from storage.ledger import LEDGER_PATH, Ledger

KEY = "GOOG  151231C00750000"
OPEN: Micros = from_iso("2015-12-24T14:30:00Z")
CLOSE: Micros = from_iso("2015-12-24T18:00:00Z")


class CommandRoom:
    """A running day on a data folder. Commands come through its door, served by a thread of their own."""

    def __init__(self, data: Path, rules: FillRules = QUOTE_RULES, limits: RiskLimits | None = None) -> None:
        self.data = data
        self.rules = rules
        self.limits = limits or RiskLimits()
        self.at: Micros = OPEN
        self._open = ExitStack()
        self._lock = Lock()
        self._over = Event()

    def __enter__(self) -> Self:
        make_folder((self.data / LEDGER_PATH).parent)
        self._open.enter_context(InstanceLock(self.data))
        path = self.data / LEDGER_PATH
        book = Book()
        self._ledger = Ledger.open(path, now_ts="2015-12-24T14:30:00.000000Z", sink=fold_into(book))
        self._open.callback(self._ledger.close)
        quotes = QuoteCache()
        self.manager = OptionsOrderManager(book, quotes, self.limits, calendar=EXCHANGE)
        self.broker = PaperBroker(quotes, self.limits.quotes, self.rules)
        self.runner = Runner(Desk(self.manager, self.broker, ()), self._ledger)
        self.runner.process(OPEN, "session", SessionBegan("2015-12-24", "room", OPEN, CLOSE))
        door = Door(self.data, lambda line: answer_line(self, path, line), SystemClock().monotonic_s)
        self._open.enter_context(door)
        thread = Thread(target=self._serve, args=(door,))
        self._open.callback(thread.join)
        self._open.callback(self._over.set)
        thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _serve(self, door: Door) -> None:
        while not self._over.wait(0.001):
            with self._lock:
                door.poll()

    @property
    def book(self) -> Book:
        """The state."""
        return self.manager.book

    @property
    def last_seq(self) -> int:
        """The ledger's last number."""
        return self._ledger.last_seq

    def command(self, command: Command) -> list[TradeEvent]:
        """Process a command at the day's time."""
        return self.runner.process(self.at, command_cause(command), CommandGiven(command))

    def quote(
        self, bid: float, ask: float, key: str = KEY, after_s: int = 60, sizes: tuple[int, int] = (50, 50)
    ) -> None:
        """The market moves, some seconds later."""
        with self._lock:
            self.at += after_s * SECOND
            bid_size, ask_size = sizes
            quote = Quote(ts=self.at, bid=bid, ask=ask, last=bid, bid_size=bid_size, ask_size=ask_size)
            self.runner.process(self.at, "market", MarketMoved([(key, quote)]))
            self.broker.on_quotes(self.at, [(key, quote)])
            self.runner.listen(self.at)


def callboard(data: Path, *words: str) -> Result:
    """Run the command line on a data folder, in a wide terminal."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [*words, "--data", str(data)])
