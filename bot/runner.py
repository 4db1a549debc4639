"""The one writer: inputs in order, events durable, then effects."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.decision_fault import Deciding
from bot.decision_watch import DecisionWatch
from bot.strategy_fault import SignalAsked
from bot.strategy_watch import UNWATCHED, Watch
from options.doubt_desk import TO_BROKER
from options.events import OrderCancelRequested, OrderSubmitRequested, SignalAccepted, TradeEvent
from options.execution.port import Broker, OrderTicket
from options.inputs import BrokerReported, Input, SignalAnswered, SignalArrived
from options.order_manager import OptionsOrderManager
from options.signal import Signal
from options.values import Micros
from storage.ledger import Ledger
from strategies.base import MarketView, Strategy


def cause_of(signal: Signal) -> str:
    """How the ledger names a signal as the cause of what followed."""
    return f"signal {signal.signal_id}"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a runner runs: the order manager with its book, a broker, and the strategies that hear of signals."""

    manager: OptionsOrderManager
    broker: Broker
    strategies: tuple[Strategy, ...]


class Runner:
    """Takes one input at a time. An input's events are one batch with one sync; only then does anything leave.

    A :class:`~storage.files.StorageFailed` passes through and must end the process: what is in memory may be ahead of
    the disk, and nothing that is not on the disk has happened. So does a :class:`~bot.decision_fault.DecisionFailed`.
    ``watch`` looks after strategies that do not answer, ``decisions`` after inputs that are never decided on.
    """

    def __init__(
        self, desk: Desk, ledger: Ledger, watch: Watch = UNWATCHED, decisions: DecisionWatch | None = None
    ) -> None:
        self.desk = desk
        self.ledger = ledger
        self._watch = watch
        self._deciding = Deciding(desk.manager, ledger, decisions or DecisionWatch())

    def process(self, at: Micros, cause: str, given: Input) -> list[TradeEvent]:
        """Decide on an input, make the events durable, let the effects out, and hear what the broker says to them.

        :returns: the input's own events, without those of the broker's answers.
        """
        events = self._deciding.on(at, cause, given)
        self._commit(at, events)
        self.listen(at)
        return events

    def signal(self, at: Micros, given: SignalArrived, view: MarketView) -> None:
        """A signal and what every strategy makes of it: one batch, so that it counts whole or not at all.

        :raises StrategyFailed: a strategy failed at it. The batch is durable by then, with the failure as its answer.
        """
        cause = cause_of(given.signal)
        events = self._deciding.on(at, cause, given)
        asked = SignalAsked(view, given.signal, self._watch)
        if events and isinstance(events[0], SignalAccepted):
            for strategy in self.desk.strategies:
                answered = SignalAnswered(given.signal.signal_id, asked.of(strategy))
                events += self._deciding.on(at, cause, answered)
        self._commit(at, events)
        self.listen(at)
        asked.end()

    def record(self, events: Sequence[TradeEvent]) -> None:
        """Make facts about the process itself durable."""
        if events:
            self.ledger.write(events)
            self.ledger.sync()

    def listen(self, at: Micros) -> None:
        """Take in what the broker has said, until it has nothing more to say; look for more where doubt asks for it."""
        desk = self.desk
        while True:
            while reports := desk.broker.drain():
                self._commit(at, self._deciding.on(at, "broker", BrokerReported(reports)))
            if not desk.manager.doubts.ask_due(at):
                return
            desk.manager.doubts.asked(at)
            desk.broker.snapshot(at)

    def _commit(self, at: Micros, events: Sequence[TradeEvent]) -> None:
        if not events:
            return
        self.record(events)
        for event in [one for one in events if type(one) in TO_BROKER]:
            if isinstance(event, OrderSubmitRequested):
                self._submit(event, at)
            elif isinstance(event, OrderCancelRequested):
                self.desk.broker.cancel(event.client_ref, at)

    def _submit(self, event: OrderSubmitRequested, at: Micros) -> None:
        self.desk.broker.submit(
            OrderTicket(
                client_ref=event.client_ref,
                instrument=event.instrument,
                side=event.side,
                qty=event.qty,
                order_type=event.order_type,
                tif=event.tif,
                limit_price=event.limit_price,
                stop_price=event.stop_price,
                oca_group=event.oca_group,
            ),
            at,
        )
