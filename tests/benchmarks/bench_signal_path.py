"""From a signal to its order at the broker: first the processor's part, then with the disk in the loop.

Measured from the signal's arrival at the runner to the broker's ``submit``: checks, ``follow_signal``, risk, netting,
the order, every event folded, encoded and hashed, one append, one sync. The signals name their contract; choosing one
from the chain is a figure of its own. What the broker answers and the closing of each trade are not in the times.

What the times consist of is shown beside them. The work itself is the same with the disk and without it; what makes
it slower is that everything else has run since the signal before, or that the processor has waited for the disk, and
its caches hold something else: how much that is shows in the same answer of the strategy asked for again at once.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from bot.strategy_watch import StrategyWatch
from options.chain import Chain
from options.contract import OptionContract, Right
from options.events import TradeEvent
from options.execution.paper import PaperBroker
from options.execution.port import OrderTicket
from options.inputs import BrokerReport
from options.intent import Decision, Outcome
from options.pricing import price, years_to_expiry
from options.quote import Quote, QuoteCache
from options.signal import Action, Signal
from options.values import Micros
from storage.codec import GENESIS
from storage.files import AppendFile
from storage.ledger import Ledger, Staged
from storage.ledger_reader import Ending
from storage.stall_note import StallNote
from strategies.base import MarketView
from strategies.follow_signal import FollowSignal, FollowSignalSettings
from strategies.selection import Selected, SelectionSettings, select
from tests.benchmarks.bench_rounds import LIMITS, SYMBOL, Floor, NoFile, session_on
from tests.benchmarks.result import Result

CHECKOUT = Path(__file__).resolve().parents[2]
TS = "2024-01-02T14:30:00.000000Z"
MICRO = 1e6


class TimedBroker(PaperBroker):
    """The paper broker, that looks at the clock when an order reaches it and answers when it is told to."""

    def __init__(self, quotes: QuoteCache) -> None:
        super().__init__(quotes, LIMITS.quotes)
        self.submitted_s = 0.0
        self.silent = False

    def submit(self, ticket: OrderTicket, at: Micros) -> None:
        """The end of the measured path."""
        self.submitted_s = perf_counter()
        super().submit(ticket, at)

    def drain(self) -> tuple[BrokerReport, ...]:
        """Nothing while it is silent."""
        return () if self.silent else super().drain()


class TimedStrategy(FollowSignal):
    """The strategy, that notes how long its last answer took, and how long the same answer takes at once again."""

    def __init__(self) -> None:
        super().__init__(FollowSignalSettings())
        self.took_s = 0.0
        self.again_s: list[float] = []

    def on_signal(self, view: MarketView, signal: Signal) -> Decision:
        """The same answer."""
        started = perf_counter()
        decision = super().on_signal(view, signal)
        self.took_s = perf_counter() - started
        return decision

    def again(self, view: MarketView, signal: Signal) -> None:
        """Ask three times, and keep what the last time took."""
        for _ in range(3):
            decision = self.on_signal(view, signal)
            assert decision.outcome is Outcome.OPENED, "it is the answer that is timed on the path"
        self.again_s.append(self.took_s)


class CountingLedger(Ledger):
    """A ledger that counts its syncs, keeps the bytes of the last one, and notes when it was at what."""

    __slots__ = ("encoding_s", "newest", "persist_at_s", "syncs")

    def __init__(self, file: AppendFile, ending: Ending) -> None:
        super().__init__(file, ending)
        self.syncs = 0
        self.newest = b""
        self.encoding_s = 0.0
        self.persist_at_s = 0.0

    def write(self, batch: Sequence[TradeEvent]) -> int:
        """Encode, hash and chain, and note how long that took."""
        started = perf_counter()
        last_seq = super().write(batch)
        self.encoding_s = perf_counter() - started
        return last_seq

    def persist(self, staged: Staged) -> None:
        """Append and sync, once more."""
        self.syncs += 1
        self.newest = staged.data
        self.persist_at_s = perf_counter()
        super().persist(staged)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one signal took on its way to its order, in seconds, and parts of it.

    ``before`` is all until the append: ``strategy``, ``encoding`` (with hashing), and the rest, deciding and folding.
    """

    whole: float
    before: float
    strategy: float
    encoding: float

    @property
    def deciding(self) -> float:
        """Checks, risk, netting, orders, and every event made and folded."""
        return self.before - self.strategy - self.encoding


class SignalPath:
    """A floor on which the way from a signal to its order is measured, trade after trade."""

    def __init__(self, ledger: CountingLedger) -> None:
        self.ledger = ledger
        self.strategy = TimedStrategy()
        self.floor = Floor(ledger, TimedBroker, self.strategy)
        broker = self.floor.broker
        assert isinstance(broker, TimedBroker)
        self.broker = broker

    def enter(self) -> Taken:
        """Open the next trade; what it took from its signal to its order. The broker has not answered yet."""
        floor, ledger = self.floor, self.ledger
        floor.move()
        arrived = floor.arrived(Action.BUY, floor.key)
        self.broker.silent = True
        syncs = ledger.syncs
        started = perf_counter()
        floor.runner.signal(floor.at, arrived, floor.view())
        whole = self.broker.submitted_s - started
        assert ledger.syncs == syncs + 1, "an input's events share one sync"
        assert whole > 0, f"the signal led to no order: {floor.book.totals}"
        return Taken(whole, ledger.persist_at_s - started, self.strategy.took_s, ledger.encoding_s)

    def leave(self) -> None:
        """Let the broker answer, and close the trade."""
        floor = self.floor
        self.broker.silent = False
        floor.runner.listen(floor.at)
        floor.leave()
        assert not floor.book.trades, "every trade is closed before the next"


def processor_part(trades: int) -> tuple[list[Taken], list[float]]:
    """What signals took, the file replaced by one that takes everything at once; and the strategy's answer again."""
    path = SignalPath(CountingLedger(NoFile(), Ending(0, GENESIS, "", 0)))
    taken = []
    for _ in range(trades):
        taken.append(path.enter())
        path.leave()
    floor = path.floor
    for _ in range(trades // 10):
        path.strategy.again(floor.view(), floor.arrived(Action.BUY, floor.key).signal)
    return taken, path.strategy.again_s


def with_the_disk(folder: Path, trades: int) -> tuple[list[Taken], list[float]]:
    """What signals took with the ledger on the disk, and seconds for a bare append and sync of the same bytes."""
    ledger = CountingLedger.open(folder / "trade_events.jsonl", now_ts=TS)
    path = SignalPath(ledger)
    bare = os.open(folder / "bare.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    ours, bares = [], []
    for _ in range(trades):
        ours.append(path.enter())
        data = ledger.newest
        started = perf_counter()
        os.write(bare, data)
        os.fdatasync(bare)
        bares.append(perf_counter() - started)
        path.leave()
    os.close(bare)
    ledger.close()
    return ours, bares


def selection(times: int) -> tuple[list[float], int]:
    """Seconds for choosing a contract from one expiry of a chain, and how many contracts it was chosen from."""
    session = session_on(date(2024, 1, 2))
    expiry = session.day + timedelta(days=17)
    now, spot = session.open + 60_000_000, 741.3
    years = years_to_expiry(now, expiry, session)
    contracts = [
        OptionContract(root=SYMBOL, expiry=expiry, right=Right.CALL, strike=Decimal(strike))
        for strike in range(640, 845, 5)
    ]
    quotes = QuoteCache()
    quotes.update(now, [(SYMBOL, Quote(now, spot, spot))])
    for contract in contracts:
        value = price(Right.CALL, spot, float(contract.strike), years, 0.01, 0.25)
        quotes.update(
            now, [(contract.key, Quote(now, round(value * 0.98, 2), round(value * 1.02 + 0.01, 2)))]
        )
    view = MarketView(
        now=now,
        book=Floor(Ledger(NoFile(), Ending(0, GENESIS, "", 0))).book,
        quotes=quotes,
        quote_limits=LIMITS.quotes,
        chain=Chain((contract, 1000) for contract in contracts),
        session=session,
        last_session=session_on,
    )
    seconds = []
    for _ in range(times):
        started = perf_counter()
        found = select(view, SYMBOL, Right.CALL, SelectionSettings())
        seconds.append(perf_counter() - started)
        assert isinstance(found, Selected), found
    return seconds, len(contracts)


def watching(folder: Path, times: int) -> list[float]:
    """Seconds that it takes to watch over a strategy that answers at once."""
    note = StallNote(folder)
    watch, seconds = StrategyWatch(note, 10.0), []
    for number in range(times):
        started = perf_counter()
        with watch.over(SYMBOL, f"made-{number}"):
            pass
        seconds.append(perf_counter() - started)
    note.close()
    return seconds


def p99(seconds: list[float]) -> float:
    """What 99 of 100 stay below, in microseconds."""
    return quantiles(seconds, n=100)[98] * MICRO


def p50(seconds: list[float]) -> float:
    """The median, in microseconds."""
    return median(seconds) * MICRO


def parts_of(taken: list[Taken], again: list[float]) -> list[Result]:
    """What the processor's part consists of, and what the same work takes where the caches hold it already."""
    name = "signal to order, without the disk: of that"
    return [
        microseconds(f"{name}, deciding and folding", p50([one.deciding for one in taken])),
        microseconds(f"{name}, encoding and hashing", p50([one.encoding for one in taken])),
        microseconds(
            f"{name}, the strategy",
            p50([one.strategy for one in taken]),
            bare=p50(again),
            bare_name="the same answer, asked for again at once",
            note="the ratio is what caches cost that have seen a whole trade since: all of the path bears it",
        ),
    ]


def parts_with_the_disk(ours: list[Taken], alone: list[Taken]) -> list[Result]:
    """What the way with the disk consists of."""
    name = "signal to durable to submitted: of that"
    return [
        microseconds(
            f"{name}, before the append",
            p50([one.before for one in ours]),
            bare=p50([one.before for one in alone]),
            bare_name="the same work without the disk",
            note="the ratio is what it costs that the processor waited for the disk just before",
        ),
        microseconds(
            f"{name}, append, sync and submit",
            p50([one.whole - one.before for one in ours]),
        ),
    ]


def run(quick: bool) -> list[Result]:
    """The processor's part, the whole way with the disk, and the choice of a contract."""
    taken, again = processor_part(1_000 if quick else 10_000)
    var = CHECKOUT / "var"
    var.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-signal-", dir=var))
    try:
        ours, bare = with_the_disk(folder, 500 if quick else 5_000)
        watched = watching(folder, 500 if quick else 5_000)
    finally:
        shutil.rmtree(folder)
    alone = [one.whole for one in taken]
    chosen, listed = selection(50 if quick else 300)
    return [
        microseconds(
            "signal to order, without the disk: p50",
            p50(alone),
            floor=40.0,
            note="checks, strategy, risk, order, fold, encoding and hashes of 7 events; the contract is named",
        ),
        microseconds("signal to order, without the disk: p99", p99(alone)),
        *parts_of(taken, again),
        *whole_way([one.whole for one in ours], bare),
        *parts_with_the_disk(ours, taken),
        microseconds(
            "watching that a strategy answers: p50",
            p50(watched),
            note="on top in a live run, for each strategy that is asked; the figures above are without it",
        ),
        microseconds(
            "choosing the contract from a chain: p50",
            p50(chosen),
            note=f"on top where a signal names none; {listed} calls of one expiry, each with its delta",
        ),
    ]


def whole_way(ours: list[float], bare: list[float]) -> list[Result]:
    """The way with the disk beside the bare sync."""
    bare_name = "append + fdatasync of the same bytes, by turns"
    return [
        microseconds(
            "signal to durable to submitted: p50",
            p50(ours),
            floor=1.3 * p50(bare),
            bare=p50(bare),
            bare_name=bare_name,
            note="one sync for an input's events, which is asserted; floor: 1.3 times the bare sync",
        ),
        microseconds(
            "signal to durable to submitted: p99",
            p99(ours),
            floor=2 * p99(bare),
            bare=p99(bare),
            bare_name=bare_name,
            note="floor: twice the bare sync",
        ),
    ]


def microseconds(
    name: str,
    figure: float,
    *,
    floor: float | None = None,
    bare: float | None = None,
    bare_name: str = "",
    note: str = "",
) -> Result:
    """A delay: the less the better."""
    return Result(
        name=name,
        figure=figure,
        unit="µs",
        floor=floor,
        bare=bare,
        bare_name=bare_name,
        higher_is_better=False,
        note=note,
    )
