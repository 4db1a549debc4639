"""Rounds from submit to fill a second, with few and with many closed trades behind them: what is over costs nothing.

Everything but the disk is real: signals through ``follow_signal``, risk, netting, orders, the paper broker's fills,
exits armed and taken back, every event folded, encoded and hashed. The other benchmarks take their trades from here.
"""

import os
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter

from bot.runner import Desk, Runner
from options.book import Book
from options.chain import Chain
from options.contract import parse_occ
from options.execution.paper import PaperBroker
from options.inputs import MarketMoved, SessionBegan, SignalArrived
from options.order_manager import OptionsOrderManager
from options.quote import Quote, QuoteCache
from options.risk import RiskLimits
from options.session import Session
from options.signal import Action, Signal
from options.values import DAY, SECOND, Micros, from_iso
from storage.codec import GENESIS
from storage.files import AppendFile
from storage.ledger import Ledger
from storage.ledger_reader import Ending
from strategies.base import MarketView
from strategies.follow_signal import FollowSignal, FollowSignalSettings
from tests.benchmarks.result import Result

ORDERS_A_TRADE = 2
SYMBOL = "GOOG"
# They outlive every day that the longest run takes.
KEYS = tuple(f"GOOG  261218C{strike:05d}000" for strike in range(700, 780, 5))
FIRST_DAY = date(2024, 1, 2)
FIRST_OPEN = from_iso("2024-01-02T14:30:00Z")
SESSION_LENGTH: Micros = 23_400 * SECOND
TRADE_EVERY: Micros = 20 * SECOND
TRADES_A_DAY = SESSION_LENGTH // TRADE_EVERY - 1
LIMITS = RiskLimits(
    premium_trade_max=Decimal(100_000),
    premium_day_max=Decimal(10**9),
    loss_day_max=Decimal(10**9),
    contract_qty_max=10**9,
    orders_day_max=10**9,
    trades_day_max=10**9,
    orders_per_minute_max=1_000,
)


class NoFile(AppendFile):
    """A file without a disk: what is appended is counted and gone."""

    def __init__(self) -> None:
        self.path = Path(os.devnull)
        self.size = 0

    def append(self, data: bytes | bytearray) -> None:
        """Count."""
        self.size += len(data)

    def sync(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to give back."""


def ledger_without_disk() -> Ledger:
    """A ledger that numbers, encodes and chains its lines, and then lets them go."""
    return Ledger(NoFile(), Ending(0, GENESIS, "", 0))


def session_on(day: date) -> Session:
    """Made by rule and not from the calendar: every day is a trading day here."""
    opened = FIRST_OPEN + (day - FIRST_DAY).days * DAY
    return Session(day, opened, opened + SESSION_LENGTH)


class Floor:
    """A trader's floor in small: quotes, book, order manager, paper broker and runner, and one trade after the other.

    Every ``TRADE_EVERY`` a signal that names its contract opens a trade and another one closes it; every
    ``TRADES_A_DAY`` trades a new day begins.
    """

    def __init__(
        self,
        ledger: Ledger,
        broker: Callable[[QuoteCache], PaperBroker] | None = None,
        strategy: FollowSignal | None = None,
    ) -> None:
        self.quotes = QuoteCache()
        self.book = Book()
        self.manager = OptionsOrderManager(self.book, self.quotes, LIMITS)
        self.broker = PaperBroker(self.quotes, LIMITS.quotes) if broker is None else broker(self.quotes)
        self.strategy = FollowSignal(FollowSignalSettings()) if strategy is None else strategy
        self.runner = Runner(Desk(self.manager, self.broker, (self.strategy,)), ledger)
        self.chain = Chain((parse_occ(key), 1000) for key in KEYS)
        self.session = session_on(FIRST_DAY)
        self.at: Micros = 0
        self.trades = 0

    def trade(self) -> None:
        """One trade from its signal to its end."""
        self.move()
        self.enter()
        self.leave()

    def move(self) -> None:
        """Time for the next trade: the market says something, on a new day if this one is used up."""
        days, place = divmod(self.trades, TRADES_A_DAY)
        if not place:
            self.session = session_on(FIRST_DAY + timedelta(days=days))
            day = self.session.day.isoformat()
            began = SessionBegan(day, "made", self.session.open, self.session.close)
            self.runner.process(self.session.open, "session", began)
        self.at = self.session.open + (place + 1) * TRADE_EVERY
        self.quote(500 + self.trades % 37)

    def enter(self) -> None:
        """A signal that opens the next trade."""
        self.signal(Action.BUY, self.key)

    def leave(self) -> None:
        """Some seconds later the market has moved, and a signal closes what is open."""
        self.at += 10 * SECOND
        self.quote(500 + self.trades % 41)
        self.signal(Action.CLOSE, None)
        self.trades += 1

    @property
    def key(self) -> str:
        """The contract of the trade that is on, or of the next one."""
        return KEYS[self.trades % len(KEYS)]

    def quote(self, cents: int) -> None:
        """The underlying and the contract of the moment are quoted anew."""
        price = cents / 100
        quotes = [(SYMBOL, Quote(self.at, 740.0, 740.2)), (self.key, Quote(self.at, price, price + 0.1))]
        self.runner.process(self.at, "market", MarketMoved(quotes))
        self.broker.on_quotes(self.at, quotes)
        self.runner.listen(self.at)

    def signal(self, action: Action, contract: str | None) -> None:
        """A signal for this moment, handed to the runner as a trading day does it."""
        given = self.arrived(action, contract)
        self.runner.signal(self.at, given, self.view())

    def arrived(self, action: Action, contract: str | None) -> SignalArrived:
        """A signal as it comes out of an intake."""
        name = f"{action}-{self.trades}"
        signal = Signal(
            signal_id=name,
            ts=self.at,
            source="made",
            symbol=SYMBOL,
            action=action,
            confidence=0.8,
            contract=contract,
        )
        return SignalArrived(signal, f"made:{name}")

    def view(self) -> MarketView:
        """What strategies get to see."""
        return MarketView(
            now=self.at,
            book=self.book,
            quotes=self.quotes,
            quote_limits=LIMITS.quotes,
            chain=self.chain,
            session=self.session,
            last_session=session_on,
        )


def floor_after(trades: int) -> Floor:
    """A floor without a disk with that many closed trades behind it."""
    floor = Floor(ledger_without_disk())
    for _ in range(trades):
        floor.trade()
    assert floor.book.totals.trades_closed == trades, f"{floor.book.totals} after {trades} trades"
    return floor


def rounds_per_s(floor: Floor, trades: int) -> float:
    """Orders submitted and filled per second over so many trades more."""
    fills = floor.book.totals.fills
    started = perf_counter()
    for _ in range(trades):
        floor.trade()
    spent = perf_counter() - started
    assert floor.book.totals.fills - fills == ORDERS_A_TRADE * trades, "every order fills once, and whole"
    return ORDERS_A_TRADE * trades / spent


def run(quick: bool) -> list[Result]:
    """Rounds a second in a book with few and in one with many closed trades, by turns."""
    few, many, turns, trades = (1_000, 10_000, 5, 100) if quick else (1_000, 100_000, 11, 200)
    large, small = floor_after(many), floor_after(few)
    rates = [(rounds_per_s(small, trades), rounds_per_s(large, trades)) for _ in range(turns)]
    at_few, at_many = median(rate for rate, _ in rates), median(rate for _, rate in rates)
    return [
        Result(
            name=f"submit to fill, {few:,} closed trades in the book",
            figure=at_few,
            unit="rounds/s",
            note="all but the disk: signal, risk, order, fill, exits, fold, encoding; two rounds a trade",
        ),
        Result(
            name=f"submit to fill, {many:,} closed trades in the book",
            figure=at_many,
            unit="rounds/s",
            floor=0.9 * at_few,
            bare=at_few,
            bare_name=f"the same at {few:,}, by turns",
            note="closed trades must cost nothing",
        ),
    ]
