"""The process that is killed while its exits rest at the broker: one trade on a short day whose price only rises.

``python -m tests.crash.held_driver DATA SERVICE``. ``CALLBOARD_KILL`` names a boundary of the order path and a
count, or ``slice`` and the number of the slice before which the process kills itself.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from bot.feeds.market import MarketSlice
from bot.runner import Desk, Runner
from bot.trading_day import Ending, RunIdentity, TradingDay
from options import events as e
from options.book import Book
from options.chain import Chain
from options.fold import apply
from options.inputs import SignalArrived, SignalUnreadable
from options.intent import Decision, Outcome, TradeProposal
from options.order_manager import OptionsOrderManager
from options.plan import EntryPlan, ExitPlan, Held, TargetPlan
from options.quote import Quote, QuoteCache
from options.rest_desk import RestLimits
from options.risk import RiskLimits
from options.signal import Action, Signal
from options.values import Micros, to_iso
from storage.files import InstanceLock, make_folder
from storage.ledger import LEDGER_PATH
from strategies.base import MarketView
from tests.crash.order_path_day import CONTRACTS, OPEN, SESSION, STEP
from tests.crash.order_path_driver import KILL_VARIABLE, KilledBroker, KilledLedger, Killer

CONTRACT = CONTRACTS[0]
QTY = 4
SLICES = 40
EXITS = ExitPlan(
    trail=Decimal("0.25"),
    targets=(TargetPlan(level=Decimal(9), share=Decimal("0.5")),),
    held=Held.BROKER,
)


def mid_of(number: int) -> float:
    """Dollars: from 4.00 up by a nickel a slice, and no further than 5.50."""
    return round(min(5.5, 4 + 0.05 * number), 2)


class RisingFeed:
    """One option and its shares, quoted anew in every slice."""

    name = "rising"
    own_time = True
    session = SESSION
    symbols = (CONTRACT.symbol,)
    chain = Chain([(CONTRACT, 1_000)])

    def slices(self) -> Iterator[MarketSlice]:
        """The day; every call gives the same."""
        for number in range(SLICES):
            now, mid = OPEN + number * STEP, mid_of(number)
            option = Quote(now, round(mid - 0.05, 2), round(mid + 0.05, 2), mid, 9, 9)
            yield MarketSlice(
                now, [(CONTRACT.symbol, Quote(now, 99.9, 100.1, 100.0, 5, 5)), (CONTRACT.key, option)]
            )


class OneTrade:
    """A strategy that buys the option and leaves its exits with the broker."""

    name = "one"

    def on_signal(self, view: MarketView, signal: Signal) -> Decision:
        """The trade."""
        proposal = TradeProposal(
            instrument=CONTRACT, direction=1, qty=QTY, entry=EntryPlan(), exits=EXITS, reason="scripted"
        )
        return Decision(strategy="one", outcome=Outcome.OPENED, reason="scripted", proposal=proposal)


def day_signals() -> list[SignalArrived | SignalUnreadable]:
    """One signal, half a step after the third slice."""
    signal = Signal(
        signal_id="s1",
        ts=OPEN + 2 * STEP + STEP // 2,
        source="script",
        symbol=CONTRACT.symbol,
        action=Action.BUY,
        confidence=0.9,
    )
    return [SignalArrived(signal, "script:1")]


def run(data: Path, service: Path, kill: str) -> Ending:
    """The day, from wherever the ledger stands."""
    make_folder((data / LEDGER_PATH).parent)
    with InstanceLock(data):
        killer, book, quotes = Killer(kill, data), Book(), QuoteCache()

        def fold(_first_seq: int, events: Sequence[e.TradeEvent]) -> None:
            for event in events:
                apply(book, event)

        def pace(at: Micros) -> None:
            boundary, _, number = kill.partition(":")
            if boundary == "slice" and at >= OPEN + int(number) * STEP:
                killer.kill()

        ledger = KilledLedger.open(data / LEDGER_PATH, now_ts=to_iso(OPEN), sink=fold)
        ledger.killer = killer
        broker = KilledBroker(service, quotes)
        broker.killer, broker.ledger = killer, ledger
        manager = OptionsOrderManager(
            book, quotes, RiskLimits(), mark_every_s=300, rest=RestLimits(every_s=5)
        )
        day = TradingDay(
            Runner(Desk(manager, broker, (OneTrade(),)), ledger),
            broker,
            RisingFeed(),
            day_signals(),
            RunIdentity("test", "0"),
            pace=pace,
            stopping=lambda: False,
        )
        ending = day.run()
        broker.close()
        ledger.close()
        return ending


if __name__ == "__main__":
    how = run(Path(sys.argv[1]), Path(sys.argv[2]), os.environ.get(KILL_VARIABLE, ""))
    print(how)
