"""Inputs decided and applied a second with 1, 100 and 10,000 open trades: what one input costs must not grow with them.

Each book goes through the life of one trade again and again while all its others stay open: a signal opens it, the
broker fills it, its mark moves, the clock ticks, a command moves its stop, a mark goes through that, the broker fills
the exit. Each of these is one kind of input, timed alone, in the three books by turns. Only deciding and folding are
in the times. The open trades are spread over a contract each, or all on one contract and of a strategy each. The feed
was silent for ten minutes after they were opened, so each of them was blind and is back.

Counted in the processor's instructions, which no other load can touch, no kind of input grows by more than four in a
hundred from one open trade to ten thousand, each on a contract of its own. On one contract a mark that crosses nothing
takes a tenth more steps, for beside others a trade's new high may meet theirs. What else a rate loses is the wait for
memory that is not in the processor's caches.
"""

import gc
from decimal import Decimal
from statistics import median
from time import perf_counter

import msgspec

from options.book import Book
from options.chain import Chain
from options.commands import SetStop
from options.contract import parse_occ
from options.events import OrderSubmitRequested, SignalAccepted, TradeEvent
from options.execution.paper import PaperBroker
from options.execution.port import OrderTicket
from options.inputs import (
    BrokerReported,
    ClockTicked,
    CommandGiven,
    Input,
    MarketMoved,
    SessionBegan,
    SignalAnswered,
    SignalArrived,
)
from options.order_manager import OptionsOrderManager
from options.quote import Quote, QuoteCache
from options.signal import Action, Signal
from options.values import SECOND, Micros
from strategies.base import MarketView
from strategies.follow_signal import FollowSignal, FollowSignalSettings
from tests.benchmarks.bench_rounds import FIRST_DAY, LIMITS, session_on
from tests.benchmarks.result import Result

SIZES = (1, 100, 10_000)
STEP: Micros = 100_000
QUIET: Micros = 600 * SECOND
FEW, _, MANY = SIZES
ALLOWED = 0.8
"""How much of the rate must be left. Thousands of trades are not in the processor's cache: they may cost that alone."""
DESK = msgspec.structs.replace(LIMITS, open_positions_max=10**9)
SESSION = session_on(FIRST_DAY)
SIGNAL, FILLED, IDLE, MARK, TICK, COMMAND, FIRES, CLOSED = KINDS = (
    "a signal that opens a trade",
    "the report that fills an entry",
    "a mark of a contract that nobody holds",
    "a mark that crosses nothing",
    "a clock tick",
    "a command that moves a stop",
    "a mark that fires an exit",
    "the report that closes a trade",
)
Times = dict[str, list[float]]


def letters(number: int) -> str:
    """A symbol for each number: four capital letters."""
    found = ""
    for _ in range(4):
        number, place = divmod(number, 26)
        found = chr(ord("A") + place) + found
    return found


def contract_of(symbol: str) -> str:
    """The one contract that is traded on a symbol."""
    return f"{symbol:<6}261218C00100000"


class FullBook:
    """A book with so many open trades, the last of which comes and goes.

    ``shared``: all on one contract, each of a strategy of its own; else each on a contract of its own underlying.
    """

    def __init__(self, size: int, *, shared: bool) -> None:
        self.size = size
        self.shared = shared
        self.quotes = QuoteCache()
        self.book = Book()
        self.manager = OptionsOrderManager(self.book, self.quotes, DESK)
        self.broker = PaperBroker(self.quotes, DESK.quotes)
        self.at = SESSION.open + size  # so that no book finds its times written out for another one
        self.count = 0
        symbols = [letters(0)] if shared else [letters(one) for one in range(size)]
        self.keys = [contract_of(symbol) for symbol in symbols]
        self.unheld = contract_of("ZZZZ")
        self.chain = Chain((parse_occ(key), 1000) for key in self.keys)
        began = SessionBegan(FIRST_DAY.isoformat(), "made", SESSION.open, SESSION.close)
        self.decide("session", began)
        for number in range(size - 1):
            self.open(number, {kind: [] for kind in KINDS})
        assert len(self.book.trades) == size - 1
        self.at += QUIET  # until nothing of the openings is waited for any more
        self.quote(self.unheld, 3.0)

    def decide(self, cause: str, given: Input, taken: list[float] | None = None) -> list[TradeEvent]:
        """One input; what it took is added to ``taken``, and its orders go to the broker."""
        started = perf_counter()
        events = self.manager.decide(self.at, cause, given)
        seconds = perf_counter() - started
        if taken is not None:
            taken.append(seconds)
        self.send(events)
        return events

    def send(self, events: list[TradeEvent]) -> None:
        """Hand the orders of a decision to the broker."""
        for event in events:
            if isinstance(event, OrderSubmitRequested):
                ticket = OrderTicket(
                    client_ref=event.client_ref,
                    instrument=event.instrument,
                    side=event.side,
                    qty=event.qty,
                    order_type=event.order_type,
                    tif=event.tif,
                    limit_price=event.limit_price,
                    stop_price=event.stop_price,
                )
                self.broker.submit(ticket, self.at)

    def quote(self, key: str, price: float, taken: list[float] | None = None) -> list[TradeEvent]:
        """A moment later the contract is quoted anew."""
        self.at += STEP
        changes = [(key, Quote(self.at, price, price + 0.1))]
        return self.decide("market", MarketMoved(changes), taken)

    def open(self, number: int, times: Times) -> str:
        """A signal opens a trade, and the broker fills it; its id comes back."""
        key = self.keys[0 if self.shared else number]
        symbol = parse_occ(key).symbol
        self.at += STEP
        self.decide(
            "market", MarketMoved([(symbol, Quote(self.at, 100.0, 100.2)), (key, Quote(self.at, 5.0, 5.1))])
        )
        self.count += 1
        strategy = FollowSignal(FollowSignalSettings())
        if self.shared:
            strategy.name = f"follow_{number}"
        signal = Signal(
            signal_id=f"s{self.count}",
            ts=self.at,
            source="made",
            symbol=symbol,
            action=Action.BUY,
            confidence=0.8,
            contract=key,
        )
        view = MarketView(
            now=self.at,
            book=self.book,
            quotes=self.quotes,
            quote_limits=DESK.quotes,
            chain=self.chain,
            session=SESSION,
            last_session=session_on,
        )
        cause = f"signal {signal.signal_id}"
        arrived = SignalArrived(signal, f"made:{self.count}")
        started = perf_counter()
        events = self.manager.decide(self.at, cause, arrived)
        assert isinstance(events[0], SignalAccepted), events
        decision = strategy.on_signal(view, signal)
        events = self.manager.decide(self.at, cause, SignalAnswered(signal.signal_id, decision))
        times[SIGNAL].append(perf_counter() - started)
        trade_id = next(reversed(self.book.trades))
        self.send(events)
        self.report(times[FILLED])
        assert self.book.trades[trade_id].position.qty, "the entry has filled"
        return trade_id

    def report(self, taken: list[float]) -> None:
        """What the broker has to say, timed as one input."""
        self.decide("broker", BrokerReported(self.broker.drain()), taken)

    def live(self, times: Times) -> None:
        """One trade from its signal to its end, beside all the others."""
        number = self.size - 1
        key = self.keys[-1]
        trade_id = self.open(number, times)
        self.quote(self.unheld, 3.0 + self.count % 7 / 100, times[IDLE])
        self.quote(key, 5.0 + self.count % 7 / 100, times[MARK])
        self.decide("clock", ClockTicked(), times[TICK])
        stop = Decimal("4.90")
        command = SetStop(command_id=f"c{self.count}", who="someone", trade_id=trade_id, level=stop)
        self.decide(f"command {command.command_id}", CommandGiven(command), times[COMMAND])
        level = max(one.level for one in self.book.trades[trade_id].armed if one.kind == "stop" and one.level)
        assert level == stop, "the stop was moved"
        fired = self.quote(key, 4.8, times[FIRES])
        assert any(isinstance(event, OrderSubmitRequested) for event in fired), "the exit was sent"
        self.report(times[CLOSED])
        assert trade_id not in self.book.trades, "the trade is closed"
        assert len(self.book.trades) == self.size - 1, "all the others are open"


def by_turns(sizes: tuple[int, ...], lives: int, *, shared: bool) -> dict[int, Times]:
    """The seconds of every input of every kind, by how many trades were open; the books take turns."""
    books = {size: FullBook(size, shared=shared) for size in sizes}
    times: dict[int, Times] = {size: {kind: [] for kind in KINDS} for size in sizes}
    gc.collect()
    for _ in range(lives):
        for size, full in books.items():
            full.live(times[size])
    return times


def rows(times: dict[int, Times], sizes: tuple[int, ...], where: str) -> list[Result]:
    """For each kind of input how many a second there are with the most open trades, beside the rate with the fewest."""
    found = []
    few, some, many = sizes
    for kind in KINDS:
        rates = {size: 1 / median(times[size][kind]) for size in sizes}
        found.append(
            Result(
                name=f"{many:,} open trades on {where}: {kind}",
                figure=rates[many],
                unit="inputs/s",
                floor=ALLOWED * rates[few],
                bare=rates[few],
                bare_name=f"with {few:,} open, by turns",
                note=f"with {some:,} open {rates[some]:,.0f}; decided and applied, medians",
            )
        )
    return found


def run(quick: bool) -> list[Result]:
    """Every kind of input, with the trades spread over contracts and all on one."""
    sizes = (FEW, 100, 1_000) if quick else SIZES
    lives = 50 if quick else 400
    spread = rows(by_turns(sizes, lives, shared=False), sizes, "as many contracts")
    return spread + rows(by_turns(sizes, lives, shared=True), sizes, "one contract")
