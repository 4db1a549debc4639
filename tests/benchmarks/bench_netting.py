"""Netting: one input that gives every trade on an instrument a new target, from the intents to the order or the cross.

A trade for each strategy, all in one stock. The intents come in one decision, so they are netted together: into one
parent order with a share for each trade, or, where half of the trades are short, against each other inside the house.
Every intent is checked, written down and folded, and the exits of its trade are armed anew. What an intent costs must
not grow with how many there are.

The steps of the interpreter do not: a test counts them. What a rate still loses from a hundred to a thousand goes to
Python's collector of cycles, which passes over what one large input has made more than once. With it switched
off an execution is divided among a thousand as fast, for each, as among a hundred.
"""

from decimal import Decimal
from statistics import median
from time import perf_counter

import msgspec

from options.book import Book
from options.contract import Stock
from options.events import OrderFilled, OrderSubmitRequested, ParentOrderOpened, TradeEvent
from options.inputs import (
    BrokerReported,
    ExecutionReport,
    MarketMoved,
    SessionBegan,
    SignalAnswered,
)
from options.intent import Decision, Intent, Outcome, TradeProposal
from options.order_manager import OptionsOrderManager
from options.plan import EntryPlan, ExitPlan
from options.quote import Quote, QuoteCache
from options.terms import ExitKind
from options.values import ZERO, Micros
from tests.benchmarks.bench_rounds import FIRST_DAY, LIMITS, SYMBOL, session_on
from tests.benchmarks.result import Result

STEP: Micros = 100_000
SESSION = session_on(FIRST_DAY)
PRICE = 740.2
EXITS = ExitPlan(stop=Decimal("0.30"))
DESK = msgspec.structs.replace(LIMITS, open_positions_max=10**9, premium_trade_max=Decimal(10**6))
ALLOWED = 0.8


class Crowd:
    """So many strategies with ``qty`` shares of the same stock each, every other one short if ``mixed``."""

    def __init__(self, size: int, qty: int, *, mixed: bool) -> None:
        self.size = size
        self.mixed = mixed
        self.quotes = QuoteCache()
        self.book = Book()
        self.manager = OptionsOrderManager(self.book, self.quotes, DESK)
        self.at: Micros = SESSION.open
        self.count = 0
        began = SessionBegan(FIRST_DAY.isoformat(), "made", SESSION.open, SESSION.close)
        self.manager.decide(self.at, "session", began)
        for number in range(size):
            self.move()
            proposal = TradeProposal(
                instrument=Stock(symbol=SYMBOL),
                direction=-1 if mixed and number % 2 else 1,
                qty=qty,
                entry=EntryPlan(),
                exits=EXITS,
                reason="made",
            )
            self.fill(self.answer(f"s{number}", (), proposal))
        assert all(abs(trade.position.qty) == qty for trade in self.book.trades.values())

    def move(self) -> None:
        """A moment later the stock is quoted anew."""
        self.at += STEP
        change = (SYMBOL, Quote(self.at, PRICE - 0.2, PRICE))
        self.manager.decide(self.at, "market", MarketMoved([change]))

    def answer(
        self, strategy: str, intents: tuple[Intent, ...], proposal: TradeProposal | None = None
    ) -> list[TradeEvent]:
        """One strategy's decision, as one input."""
        self.count += 1
        outcome = Outcome.OPENED if proposal else Outcome.CLOSING
        decision = Decision(
            strategy=strategy, outcome=outcome, reason="made", proposal=proposal, intents=intents
        )
        return self.manager.decide(self.at, "made", SignalAnswered(f"m{self.count}", decision))

    def fill(self, events: list[TradeEvent]) -> float:
        """The broker fills what was sent, whole; seconds for taking that in."""
        reports = tuple(
            ExecutionReport(
                client_ref=event.client_ref,
                exec_id=f"{event.client_ref}.1",
                broker_order_id="made",
                venue="made",
                instrument=event.instrument,
                side=event.side,
                qty=event.qty,
                price=Decimal(str(PRICE)),
                fee=ZERO,
            )
            for event in events
            if isinstance(event, OrderSubmitRequested)
        )
        started = perf_counter()
        self.manager.decide(self.at, "broker", BrokerReported(reports))
        return perf_counter() - started

    def aim_all(self, qty: int) -> tuple[float, float]:
        """Everybody should hold so many, long or short: seconds for netting, and for what the broker fills then."""
        self.move()
        intents = tuple(
            Intent(
                trade_id=trade.trade_id,
                target=qty * trade.direction,
                urgency=1.0,
                kind=ExitKind.ADMIN,
                reason="made",
                source="made",
            )
            for trade in self.book.trades.values()
        )
        started = perf_counter()
        events = self.answer("made", intents)
        seconds = perf_counter() - started
        parents = [event for event in events if isinstance(event, ParentOrderOpened)]
        crossed = [event for event in events if isinstance(event, OrderFilled)]
        assert len(parents) == (2 if self.mixed else 1), "netted into one commitment a side"
        assert len(crossed) == (self.size if self.mixed else 0), "opposite wishes cross, others go out"
        filled = self.fill(events)
        assert all(trade.position.qty == trade.target for trade in self.book.trades.values())
        return seconds, filled


def costs(few: int, many: int, rounds: int, *, mixed: bool) -> tuple[dict[int, float], dict[int, float]]:
    """Median seconds for an intent, and for a trade's part of the fill, by how many trades there are, by turns."""
    crowds = {size: Crowd(size, rounds + 1, mixed=mixed) for size in (few, many)}
    netted: dict[int, list[float]] = {few: [], many: []}
    filled: dict[int, list[float]] = {few: [], many: []}
    for left in range(rounds, 0, -1):
        for size, crowd in crowds.items():
            seconds, taken = crowd.aim_all(left)
            netted[size].append(seconds / size)
            filled[size].append(taken / size)
    return medians(netted), medians(filled)


def medians(times: dict[int, list[float]]) -> dict[int, float]:
    """The median for each size."""
    return {size: median(each) for size, each in times.items()}


def row(name: str, cost: dict[int, float], unit: str = "intents/s") -> Result:
    """One figure beside its rate with fewer."""
    few, many = cost
    return Result(
        name=name,
        figure=1 / cost[many],
        unit=unit,
        floor=ALLOWED / cost[few],
        bare=1 / cost[few],
        bare_name=f"{few} at a time, by turns",
        note=f"{cost[many] * many * 1000:.1f} ms for all {many:,}",
    )


def run(quick: bool) -> list[Result]:
    """Trades that trim together, trades that cross, and an execution that is divided among all of them."""
    few, many, rounds = (10, 100, 3) if quick else (100, 1_000, 11)
    one_way, filled = costs(few, many, rounds, mixed=False)
    both_ways, _ = costs(few, many, rounds, mixed=True)
    return [
        row(f"netting {many:,} intents into one order", one_way),
        row(f"netting {many:,} intents that cross inside the house", both_ways),
        row(f"dividing one execution among {many:,} trades", filled, "fills/s"),
    ]
