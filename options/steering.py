"""What a command may move: the order manager, as the desk for commands sees it."""

from typing import Protocol

from options.batch import Batch
from options.book import Book
from options.calendar import Calendar
from options.exit_engine import ExitEngine
from options.inputs import BrokerReport
from options.known_plans import KnownPlans
from options.plan import AT_MARKET, ExitOrder
from options.quote import QuoteCache
from options.risk_limits import RiskLimits
from options.trade import Trade


class Aiming(Protocol):
    """What may say how much a trade should hold: the order manager, as most that decides sees it."""

    def aim(
        self,
        batch: Batch,
        trade: Trade,
        target: int,
        kind: str,
        reason: str,
        source: str,
        urgency: float,
        order: ExitOrder = AT_MARKET,
    ) -> None:
        """A trade should hold ``target`` from now on."""


class Steering(Aiming, Protocol):
    """What a command may move: the order manager, as seen from here."""

    book: Book
    exits: ExitEngine
    quotes: QuoteCache
    limits: RiskLimits
    calendar: Calendar | None
    known: KnownPlans

    def activate(self, batch: Batch, trade: Trade) -> None:
        """Let a trade go for its entry, or guard a held position again."""

    def end_day(self, batch: Batch, over: str = "") -> None:
        """End the day's orders of which nothing is in the market; the others too where the day was ``over`` before."""

    def drop(self, batch: Batch, trade: Trade, reason: str) -> None:
        """End a trade of which nothing has filled and nothing is on its way."""

    def forget(self, trade: Trade) -> None:
        """Nothing of a trade is watched any more."""

    def take_back(self, batch: Batch, trade: Trade, reason: str) -> None:
        """Ask for everything that works for a trade."""

    def hear(self, batch: Batch, reports: tuple[BrokerReport, ...]) -> None:
        """Take in what the broker says, or what a person says in its place."""

    def vouch(self, trade: Trade) -> None:
        """A trade has just passed the limits."""

    def reject(self, batch: Batch, trade: Trade, reasons: tuple[str, ...]) -> None:
        """A trade of which nothing has filled and nothing is on its way may not enter."""

    def settle(self, batch: Batch, trade: Trade) -> None:
        """Bring a trade in line after its fills."""

    def wait_again(self, batch: Batch, trade: Trade) -> None:
        """Watch for a changed entry condition in place of the old one, or go in."""
