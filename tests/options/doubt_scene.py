"""An order manager, and a broker that is a plain list of what it was told: whatever gets lost is lost on purpose."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from options import commands as c
from options import events as e
from options import inputs as i
from options.book import Book
from options.contract import OptionContract, Right
from options.doubt_desk import DoubtLimits
from options.intent import Decision, Outcome, TradeProposal
from options.order import Order
from options.order_manager import OptionsOrderManager
from options.plan import EntryPlan, ExitPlan
from options.quote import Quote, QuoteCache
from options.risk import RiskLimits
from options.signal import Action, Signal
from options.values import SECOND, Micros, from_iso

OPEN = from_iso("2026-03-11T13:30:00Z")
CLOSE = from_iso("2026-03-11T20:00:00Z")
CALL = OptionContract(root="ACME", expiry=date(2026, 3, 27), right=Right.CALL, strike=Decimal(180))
KEY = CALL.key
LIMITS = DoubtLimits(ack_timeout_s=10.0, grace_s=30.0, look_every_s=5.0)
PRICE = Decimal("4.10")


@dataclass
class AtBroker:
    """An order as the broker has it."""

    sent: e.OrderSubmitRequested
    executions: list[i.ExecutionReport] = field(default_factory=list)
    over: str = ""

    @property
    def filled(self) -> int:
        """Contracts that traded."""
        return sum(one.qty for one in self.executions)


class Scene:
    """Drives a manager by hand; ``sent`` and ``cancels`` are what left it, ``broker`` what arrived."""

    def __init__(self) -> None:
        self.book, self.quotes = Book(), QuoteCache()
        self.manager = self.fresh_manager()
        self.at: Micros = OPEN
        self.events: list[e.TradeEvent] = []
        self.sent: list[e.OrderSubmitRequested] = []
        self.cancels: list[str] = []
        self.broker: dict[str, AtBroker] = {}
        self.give(i.SessionBegan("2026-03-11", "scene", OPEN, CLOSE))
        self.quote()

    def fresh_manager(self) -> OptionsOrderManager:
        """A manager over the book as it stands: what a restart makes."""
        return OptionsOrderManager(self.book, self.quotes, RiskLimits(), doubts=LIMITS)

    def restart(self) -> None:
        """Begin again from the book, with nothing heard from the broker yet."""
        self.manager = self.fresh_manager()
        self.manager.recover(self.at)
        self.manager.doubts.await_broker(self.at)

    def give(self, given: i.Input) -> list[e.TradeEvent]:
        """One input; what it sends is noted, and reaches nobody yet."""
        events = self.manager.decide(self.at, "scene", given)
        self.events += events
        self.sent += [event for event in events if isinstance(event, e.OrderSubmitRequested)]
        self.cancels += [event.client_ref for event in events if isinstance(event, e.OrderCancelRequested)]
        return events

    def wait(self, seconds: float) -> list[e.TradeEvent]:
        """Time passes."""
        self.at += round(seconds * SECOND)
        return self.quote()

    def quote(self) -> list[e.TradeEvent]:
        """The same market again, now."""
        share = Quote(self.at, 99.9, 100.1, 100.0, 5, 5)
        option = Quote(self.at, 3.9, 4.1, 4.0, 50, 50)
        return self.give(i.MarketMoved([("ACME", share), (KEY, option)]))

    def enter(self, qty: int = 4, number: int = 1, entry: EntryPlan | None = None) -> list[e.TradeEvent]:
        """A signal, and a trade made of it."""
        name = f"s{number}"
        signal = Signal(
            signal_id=name, ts=self.at, source="scene", symbol="ACME", action=Action.BUY, confidence=0.9
        )
        proposal = TradeProposal(
            instrument=CALL,
            direction=1,
            qty=qty,
            entry=entry or EntryPlan(),
            exits=ExitPlan(stop=Decimal("0.5")),
            reason="scene",
        )
        decision = Decision(
            strategy=f"scene-{name}", outcome=Outcome.OPENED, reason="scene", proposal=proposal
        )
        return self.give(i.SignalArrived(signal, name)) + self.give(i.SignalAnswered(name, decision))

    def command(self, command: c.Command) -> list[e.TradeEvent]:
        """A person steers."""
        return self.give(i.CommandGiven(command))

    # --- the broker's side ----------------------------------------------------------------------------------

    def arrive(self, sent: e.OrderSubmitRequested) -> i.OrderAcceptedReport:
        """An order reaches the broker; its acknowledgement is not read yet."""
        assert sent.client_ref not in self.broker, f"{sent.client_ref} reached the broker twice"
        self.broker[sent.client_ref] = AtBroker(sent)
        return i.OrderAcceptedReport(
            client_ref=sent.client_ref, broker_order_id=f"b-{sent.order_id}", venue="V"
        )

    def trade(self, ref: str, qty: int) -> i.ExecutionReport:
        """The broker trades; its report is not read yet."""
        known = self.broker[ref]
        report = i.ExecutionReport(
            client_ref=ref,
            exec_id=f"{ref}.{len(known.executions) + 1}.01",
            broker_order_id=f"b-{known.sent.order_id}",
            venue="V",
            instrument=known.sent.instrument,
            side=known.sent.side,
            qty=qty,
            price=PRICE,
            fee=Decimal("0.65") * qty,
        )
        known.executions.append(report)
        assert known.filled <= known.sent.qty
        if known.filled == known.sent.qty:
            known.over = "filled"
        return report

    def end(self, ref: str, why: str = "cancelled") -> i.OrderCancelledReport | i.OrderRejectedReport:
        """The broker ends an order; its report is not read yet."""
        self.broker[ref].over = why
        if why == "rejected":
            return i.OrderRejectedReport(client_ref=ref, reason="no")
        return i.OrderCancelledReport(client_ref=ref, reason="asked for")

    def look(
        self, *, complete: bool = True, positions: dict[str, int] | None = None, hidden: bool = False
    ) -> i.BrokerSnapshot:
        """Everything that the broker has, or nothing of it."""
        known = {} if hidden else self.broker
        return i.BrokerSnapshot(
            complete=complete,
            asked_at=self.at,
            open_orders=tuple(
                i.OpenOrder(client_ref=ref, broker_order_id=f"b-{one.sent.order_id}", venue="V")
                for ref, one in known.items()
                if not one.over
            ),
            executions=tuple(report for one in known.values() for report in one.executions),
            completed=tuple(
                i.CompletedOrder(
                    client_ref=ref, rejected=one.over == "rejected", filled=one.filled, reason=one.over
                )
                for ref, one in known.items()
                if one.over
            ),
            positions=self.positions if positions is None else positions,
        )

    @property
    def positions(self) -> dict[str, int]:
        """What the broker holds for us."""
        held = sum(report.qty * report.side.sign for one in self.broker.values() for report in one.executions)
        return {KEY: held} if held else {}

    def hear(self, *reports: i.BrokerReport) -> list[e.TradeEvent]:
        """What was said is read."""
        return self.give(i.BrokerReported(reports))

    # --- what is looked at ----------------------------------------------------------------------------------

    def order(self, ref: str) -> Order:
        """An order by its reference."""
        return self.book.order_of_ref[ref]

    @property
    def held(self) -> int:
        """Our position, over all trades."""
        return sum(trade.position.qty for trade in self.book.trades.values())


def names(events: list[e.TradeEvent]) -> list[str]:
    """The types of some events."""
    return [type(event).__name__ for event in events]
