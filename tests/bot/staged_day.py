"""Days of quotes written by hand, and people who give commands while they run: from the feed to the ledger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from bot.app import fold_into
from bot.exchange import EXCHANGE
from bot.feeds.market import MarketFeed, MarketSlice
from bot.runner import Desk, Runner
from bot.sessions import NEW_YORK, session_of
from bot.trading_day import Ending, RunIdentity, TradingDay
from options import commands as c
from options import events as e
from options.book import Book
from options.chain import Chain
from options.execution.fill_models import QUOTE_RULES, FillRules
from options.execution.paper import PaperBroker
from options.fold import apply
from options.inputs import CommandGiven
from options.order_manager import OptionsOrderManager
from options.quote import Quote, QuoteCache
from options.risk import RiskLimits
from options.session import Session
from options.values import Micros, micros_of, to_iso
from storage.ledger import LEDGER_PATH, Ledger
from storage.ledger_reader import records
from storage.verify import Verification, verify

Sides = tuple[float | None, float | None]


def new_york(day: date, clock: str) -> Micros:
    """A time of a day in New York, ``10:00`` or ``10:00:30``."""
    return micros_of(datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=NEW_YORK))


class StagedFeed:
    """Quotes by time of the day in New York: ``{"10:00": {key: (bid, ask)}}``; sizes are large."""

    def __init__(self, day: date, quotes: dict[str, dict[str, Sides]]) -> None:
        session = session_of(day)
        assert session is not None, f"{day} is no trading day"
        self.session: Session = session
        self.name = f"staged_{day}"
        self.own_time = False
        self.symbols: tuple[str, ...] = ()
        self.chain = Chain()
        self._quotes = {new_york(day, clock): changes for clock, changes in quotes.items()}

    def slices(self) -> Iterator[MarketSlice]:
        """The slices as they were written down."""
        for at, changes in self._quotes.items():
            yield MarketSlice(
                at,
                [(key, Quote(at, bid, ask, None, 1000, 1000)) for key, (bid, ask) in sorted(changes.items())],
            )


@dataclass
class StagedAccount:
    """One ledger in a folder, run over days one after the other; ``said`` maps times in New York to commands."""

    folder: Path
    limits: RiskLimits = field(default_factory=RiskLimits)
    rules: FillRules = QUOTE_RULES
    book: Book = field(default_factory=Book)

    @property
    def path(self) -> Path:
        """The ledger."""
        return self.folder / LEDGER_PATH

    def run(self, feed: MarketFeed, said: dict[str, Sequence[c.Command]]) -> Ending:
        """Run one day; each command is given at its time, before the first quotes that come later."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.book, quotes = Book(), QuoteCache()
        ledger = Ledger.open(self.path, now_ts=to_iso(feed.session.open), sink=fold_into(self.book))
        broker = PaperBroker(quotes, self.limits.quotes, self.rules)
        runner = Runner(
            Desk(OptionsOrderManager(self.book, quotes, self.limits, calendar=EXCHANGE), broker, ()), ledger
        )
        waiting = [(new_york(feed.session.day, clock), list(commands)) for clock, commands in said.items()]

        def give(at: Micros) -> None:
            while waiting and waiting[0][0] < at:
                when, commands = waiting.pop(0)
                for command in commands:
                    runner.process(when, "command", CommandGiven(command))

        identity = RunIdentity("test", "0")
        day = TradingDay(runner, broker, feed, (), identity, pace=give, stopping=lambda: False)
        ending = day.run()
        ledger.close()
        assert not waiting, "a command was meant for later than the last quotes"
        return ending

    def events(self) -> list[e.TradeEvent]:
        """Everything in the ledger."""
        return [record.event for record, _ in records(self.path)]

    def folded(self) -> Book:
        """The state, from the ledger alone."""
        book = Book()
        for event in self.events():
            apply(book, event)
        return book

    def proof(self) -> Verification:
        """What the verification of the ledger finds."""
        return verify(self.path)


def enter(number: int, key: str, qty: int = 1, direction: int = 1, **plans: object) -> list[c.Command]:
    """The two commands that draft trade ``number`` and let it go."""
    draft = c.NewTrade(
        command_id=f"new-{number}",
        who="alice",
        instrument=key,
        qty=qty,
        direction=direction,
        **plans,  # type: ignore[arg-type]
    )
    return [draft, c.ActivateTrade(command_id=f"go-{number}", who="alice", trade_id=f"T{number}")]
