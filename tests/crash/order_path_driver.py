"""The process that the crash tests kill: the real runner, ledger and broker client on a short day.

``python -m tests.crash.order_path_driver DATA SERVICE SEED [ending|combos|legs]``: ``ending`` lets the day end by hand,
``combos`` makes it a day of combos, ``legs`` one on which a person reads that the legs of one differ.
Where ``CALLBOARD_KILL`` names a boundary and a count (``K5:2``), the process writes that to ``DATA/killed`` and kills
itself there. The hooks are subclasses in this file.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from select import select
from socket import MSG_PEEK

from bot.feeds.market import MarketSlice
from bot.paper_service.client import PaperServiceBroker
from bot.paper_service.messages import Answer, Cancel, Request, Submit
from bot.runner import Desk, Runner
from bot.trading_day import Ending, RunIdentity, TradingDay
from options import events as e
from options.book import Book
from options.commands import Command
from options.fold import apply
from options.inputs import CommandGiven
from options.order_manager import OptionsOrderManager
from options.quote import QuoteCache
from options.risk import RiskLimits
from options.values import Micros, to_iso
from storage.files import InstanceLock, make_folder
from storage.ledger import LEDGER_PATH, Ledger
from tests.crash.order_path_day import (
    COMBO_PLANS,
    COMMANDS,
    ENDING,
    LEGS_READ,
    OPEN,
    PLANS,
    OrderPathFeed,
    Plans,
    ScriptedStrategy,
    day_signals,
)

KILL_VARIABLE = "CALLBOARD_KILL"
KILLED_NAME = "killed"
_TORN: dict[str, type[e.TradeEvent]] = {
    "K1": e.SignalAccepted,
    "K2": e.IntentDecided,
    "K3": e.ParentOrderOpened,
    "K10": e.OrderFilled,
}
_UNSYNCED: dict[str, type[e.TradeEvent]] = {
    "K0": e.SignalAccepted,
    "K7": e.OrderAccepted,
    "K9": e.OrderFilled,
}


class Killer:
    """Kills this process when it comes to one boundary for the n-th time."""

    def __init__(self, wanted: str, folder: Path) -> None:
        self._boundary, _, count = wanted.partition(":")
        self._left = int(count or 1)
        self._folder = folder

    def reached(self, boundary: str) -> bool:
        """Whether the process is to die here; what must be done before may be done."""
        if boundary != self._boundary:
            return False
        self._left -= 1
        return self._left == 0

    def kill(self) -> None:
        """Die as by ``kill -9``."""
        with (self._folder / KILLED_NAME).open("a") as log:
            log.write(f"{self._boundary}\n")
        os.kill(os.getpid(), signal.SIGKILL)

    def at(self, boundary: str) -> None:
        """Die here if it is the boundary."""
        if self.reached(boundary):
            self.kill()


class KilledLedger(Ledger):
    """A ledger that dies around its sync, or in the middle of a batch of lines."""

    killer: Killer | None = None
    batch: Sequence[e.TradeEvent] = ()
    halted = False
    ending = ""

    def write(self, batch: Sequence[e.TradeEvent]) -> int:
        """As a ledger does."""
        self.batch = batch
        return super().write(batch)

    def sync(self) -> None:
        """As a ledger does, if it lives."""
        batch, self.batch = self.batch, ()
        killer = self.killer  # none yet while the ledger is opened and repaired
        if batch and killer is not None:
            self._before(batch, killer)
        super().sync()
        if batch and killer is not None:
            self._after(batch, killer)

    def _before(self, batch: Sequence[e.TradeEvent], killer: Killer) -> None:
        by_hand = _by_hand(batch)
        if by_hand:
            killer.at(f"{by_hand} unsynced")
        if by_hand and killer.reached(f"{by_hand} torn"):
            self._tear(len(batch) // 2, killer)
        for boundary, kind in _UNSYNCED.items():
            if any(isinstance(event, kind) for event in batch):
                killer.at(boundary)
        for boundary, kind in _TORN.items():
            cut = next((number for number, event in enumerate(batch, 1) if isinstance(event, kind)), 0)
            if 0 < cut < len(batch) and killer.reached(boundary):
                self._tear(cut, killer)

    def _tear(self, cut: int, killer: Killer) -> None:
        """Leave ``cut`` lines of the batch and half of the next, and die."""
        lines = self.take_staged().data.split(b"\n")
        self._file.append(b"\n".join(lines[:cut]) + b"\n" + lines[cut][: len(lines[cut]) // 2])
        self._file.sync()
        killer.kill()

    def _after(self, batch: Sequence[e.TradeEvent], killer: Killer) -> None:
        by_hand = _by_hand(batch)
        if by_hand:
            killer.at(f"{by_hand} durable")
            self.ending = by_hand
        if any(isinstance(event, e.TradeClosed) and event.close_kind == "roll" for event in batch):
            killer.at("roll half done")
        self.halted = any(isinstance(event, e.TradingHalted) for event in batch)
        if any(isinstance(event, e.OrderSubmitRequested) for event in batch):
            killer.at("K4")
        over = {event.parent_id for event in batch if isinstance(event, e.ParentOrderClosed)}
        if any(isinstance(event, e.OrderFilled) and event.parent_id not in over for event in batch):
            killer.at("K11")


def _by_hand(batch: Sequence[e.TradeEvent]) -> str:
    """The verb of a command by which trades end, where the batch holds one."""
    verbs = (event.verb for event in batch if isinstance(event, e.CommandTaken))
    return next((verb for verb in verbs if verb in ("roll", "close-all")), "")


class KilledBroker(PaperServiceBroker):
    """A client that dies with bytes on their way: after it sent, and before it reads what has come."""

    killer: Killer
    ledger: KilledLedger
    request: Request | None = None
    cancels_of_halt = 0
    seen_ending = ""

    def cancel(self, client_ref: str, at: Micros) -> None:
        """As a client does; between the first and the second cancel of a halt it may die."""
        if self.ledger.halted:
            self.cancels_of_halt += 1
            if self.cancels_of_halt == 2:
                self.killer.at("K20")
        super().cancel(client_ref, at)

    def _ask(self, request: Request) -> Answer | None:
        self.request = request
        return super()._ask(request)

    def _send(self, line: bytes) -> None:
        super()._send(line)
        if self.ledger.ending and isinstance(self.request, Submit | Cancel):
            if self.ledger.ending != self.seen_ending:
                self.seen_ending = self.ledger.ending
                self.killer.at(f"{self.ledger.ending} sent")
            else:
                self.killer.at(f"{self.ledger.ending} sent more")
        if isinstance(self.request, Submit):
            self.killer.at("K5")
        if isinstance(self.request, Cancel):
            self.killer.at("K12")

    def _receive_line(self) -> bytes:
        assert self._socket is not None
        select([self._socket], [], [], 10)
        come = self._socket.recv(65_536, MSG_PEEK)
        if isinstance(self.request, Submit):
            self.killer.at("K6")
        if b'"ExecutionReport"' in come and b'"BrokerSnapshot"' not in come:
            self.killer.at("K8")
        return super()._receive_line()


class CommandedDay(TradingDay):
    """A trading day with commands in it, each given until the ledger has it."""

    commands: tuple[tuple[Micros, Command], ...] = COMMANDS

    def _market(self, piece: MarketSlice) -> None:
        for due, command in self.commands:
            if due <= piece.ts and command.command_id not in self._book.command_ids:
                self._at = max(self._at, piece.ts)
                self._runner.process(self._at, "command", CommandGiven(command))
        super()._market(piece)


def run(
    data: Path,
    service: Path,
    seed: int,
    kill: str,
    *,
    more: tuple[tuple[Micros, Command], ...] = (),
    plans: Plans = PLANS,
) -> Ending:
    """The day, from wherever the ledger stands, with ``more`` commands than it always has."""
    make_folder((data / LEDGER_PATH).parent)
    with InstanceLock(data):
        killer, book, quotes = Killer(kill, data), Book(), QuoteCache()

        def fold(_first_seq: int, events: Sequence[e.TradeEvent]) -> None:
            for event in events:
                apply(book, event)

        ledger = KilledLedger.open(data / LEDGER_PATH, now_ts=to_iso(OPEN), sink=fold)
        ledger.killer = killer
        broker = KilledBroker(service, quotes)
        broker.killer, broker.ledger = killer, ledger
        manager = OptionsOrderManager(book, quotes, RiskLimits(), mark_every_s=300)
        runner = Runner(Desk(manager, broker, (ScriptedStrategy(plans),)), ledger)
        day = CommandedDay(
            runner,
            broker,
            OrderPathFeed(seed),
            day_signals(plans),
            RunIdentity("test", "0"),
            pace=lambda _at: None,
            stopping=lambda: False,
        )
        day.commands = COMMANDS + more
        ending = day.run()
        broker.close()
        ledger.close()
        return ending


if __name__ == "__main__":
    where = Path(sys.argv[1]), Path(sys.argv[2])
    kind = "".join(sys.argv[4:])
    how = run(
        *where,
        int(sys.argv[3]),
        os.environ.get(KILL_VARIABLE, ""),
        more={"ending": ENDING, "legs": LEGS_READ}.get(kind, ()),
        plans=COMBO_PLANS if kind in ("combos", "legs") else PLANS,
    )
    print(how)
