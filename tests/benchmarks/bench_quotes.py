"""Quotes a second through feed, watcher and book on a real recorded day, with positions open and their exits armed.

As a program (``python -m tests.benchmarks.bench_quotes QUOTES SIGNALS DATA``) this file replays that day as
``callboard replay`` does and prints the most memory that it had.
"""

import os
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.console import Console

from bot.app import DayRun, run_day
from bot.clock import SystemClock
from bot.feeds.market import MarketSlice
from bot.feeds.recorded import RecordedFeed
from bot.runner import Desk, Runner
from bot.settings import Settings
from bot.signals.file import read_files
from options.book import Book
from options.execution.paper import PaperBroker
from options.inputs import MarketMoved, SessionBegan, SignalAnswered, SignalArrived
from options.intent import Decision, Outcome, TradeProposal
from options.order_manager import OptionsOrderManager
from options.plan import EntryPlan, ExitPlan, TargetPlan
from options.quote import Quote, QuoteCache
from options.signal import Action, Signal
from options.values import MINUTE, Micros
from tests.benchmarks.bench_recovery import CHECKOUT, MIB, memory_now_and_peak
from tests.benchmarks.bench_rounds import LIMITS, ledger_without_disk
from tests.benchmarks.result import Result
from tests.conftest import shared_data_folder

SET = "goog_20151224"
POSITIONS = 10
OPENED_AFTER = 5 * MINUTE  # of the session: by then most contracts are quoted
HALF = Decimal("0.5")
EXITS = ExitPlan(
    targets=(TargetPlan(gain=Decimal(90), share=HALF), TargetPlan(gain=Decimal(99), share=HALF)),
    stop=Decimal("0.98"),
    trail=Decimal("0.99"),
)


class Day:
    """A recorded day through the runner, without a disk; ``OPENED_AFTER`` its session began it takes positions."""

    def __init__(self, feed: RecordedFeed) -> None:
        self.feed = feed
        self.quotes = QuoteCache()
        self.book = Book()
        self.manager = OptionsOrderManager(self.book, self.quotes, LIMITS)
        self.broker = PaperBroker(self.quotes, LIMITS.quotes)
        self.runner = Runner(Desk(self.manager, self.broker, ()), ledger_without_disk())

    def run(self) -> tuple[int, float]:
        """How many quotes went through, and the seconds from opening the recording to its end."""
        session = self.feed.session
        began = SessionBegan(session.day.isoformat(), self.feed.name, session.open, session.close)
        self.runner.process(session.open, "session", began)
        quotes, held = 0, 0
        started = perf_counter()
        for piece in self.feed.slices():
            self.market(piece)
            quotes += len(piece.changes)
            if not held and piece.ts >= session.open + OPENED_AFTER:
                self.open_positions(piece.ts)
                held = len(self.book.trades)
        seconds = perf_counter() - started
        assert held == len(self.book.trades) == POSITIONS, "the positions are held to the end"
        assert all(len(trade.armed) == 4 for trade in self.book.trades.values()), "and their exits are armed"
        return quotes, seconds

    def market(self, piece: MarketSlice) -> None:
        """One slice, as a trading day takes it."""
        self.runner.process(piece.ts, "market", MarketMoved(piece.changes))
        self.broker.on_quotes(piece.ts, piece.changes)
        self.runner.listen(piece.ts)

    def open_positions(self, at: Micros) -> None:
        """Buy the contracts that are quoted narrowest, each by a signal of its own."""
        healthy = [
            contract
            for contract in self.feed.chain
            if self.manager.exits.fault_of(contract.key, at) is None
            and (self.quotes.quotes[contract.key].bid or 0) > 1
        ]
        healthy.sort(key=lambda contract: (spread(self.quotes.quotes[contract.key]), contract.key))
        for number, contract in enumerate(healthy[:POSITIONS], start=1):
            name = f"made-{number}"
            signal = Signal(
                signal_id=name,
                ts=at,
                source="made",
                symbol=contract.symbol,
                action=Action.BUY,
                confidence=1.0,
            )
            self.runner.process(at, name, SignalArrived(signal, name))
            proposal = TradeProposal(
                instrument=contract,
                direction=1,
                qty=3,
                entry=EntryPlan(),
                exits=EXITS,
                reason="to be watched",
            )
            decision = Decision(strategy=name, outcome=Outcome.OPENED, reason="made", proposal=proposal)
            self.runner.process(at, name, SignalAnswered(name, decision))


def spread(quote: Quote) -> float:
    """The spread in dollars of a quote with both sides."""
    assert quote.bid is not None
    assert quote.ask is not None
    return quote.ask - quote.bid


def feed_alone(feed: RecordedFeed) -> float:
    """Quotes a second when the same slices are read and nothing is done with them."""
    started = perf_counter()
    quotes = sum(len(piece.changes) for piece in feed.slices())
    return quotes / (perf_counter() - started)


def replayed_mib(data: Path) -> tuple[float, float]:
    """The peak memory of a replay in a process of its own and what it had before, in MiB."""
    var = CHECKOUT / "var"
    var.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-replay-", dir=var) as folder:
        signals = data / "signals" / f"{SET}.jsonl"
        places = [str(data / "quotes"), str(signals), folder]
        command = [sys.executable, "-m", "tests.benchmarks.bench_quotes", *places]
        done = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    base, peak = map(int, done.stdout.split())
    return base / MIB, peak / MIB


def run(quick: bool) -> list[Result]:
    """Quotes a second with positions open, and the memory of a whole replay; nothing without the recorded day."""
    data = shared_data_folder()
    if not (data / "quotes").is_dir():
        sys.stderr.write(f"quotes: the recorded day {SET} is not at {data}\n")
        return []
    feed = RecordedFeed(data / "quotes", SET)
    rates, alone = [], []
    for _ in range(3 if quick else 9):
        quotes, seconds = Day(feed).run()
        rates.append(quotes / seconds)
        alone.append(feed_alone(feed))
    feed.close()
    base, peak = replayed_mib(data)
    return [
        Result(
            name="quotes through feed, watcher and book, a real day",
            figure=median(rates),
            unit="quotes/s",
            floor=200_000.0,
            bare=median(alone),
            bare_name="reading the feed alone",
            note=f"{POSITIONS} positions with four exits each; from the Parquet file to the last decision,"
            " marks written down every minute",
        ),
        Result(
            name="peak memory of a replay of that day",
            figure=peak,
            unit="MiB",
            bare=base,
            bare_name="the interpreter with all imports",
            higher_is_better=False,
            note="as `callboard replay` runs it: Parquet reader, cards and final proof included",
        ),
    ]


def main(quotes: str, signals: str, data: str) -> int:
    """Replay the day into a folder; print the resident bytes of before and of the peak."""
    base, _ = memory_now_and_peak()
    settings = Settings()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        day = DayRun(RecordedFeed(Path(quotes), SET), read_files([Path(signals)]), Path(data), settings)
        run_day(day, Console(file=nowhere), SystemClock(), lambda: False)
    sys.stdout.write(f"{base} {memory_now_and_peak()[1]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
