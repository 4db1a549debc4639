"""A desk with a scripted broker: inputs go into the order manager one by one, and what it decided is kept."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from options import events as e
from options import inputs as i
from options.book import Book
from options.commands import Command
from options.contract import Instrument, parse_key
from options.fold import apply
from options.intent import Decision, Intent, Outcome, TradeProposal
from options.lifecycle import Status
from options.order import Order
from options.order_manager import OptionsOrderManager
from options.plan import Algo, EntryPlan, ExitPlan, TargetPlan, TimeInForce
from options.quote import Quote, QuoteCache
from options.risk import RiskLimits
from options.signal import Action, Signal
from options.terms import ExitKind
from options.trade import Trade
from options.values import MINUTE, SECOND, ZERO, Micros, Side, from_iso, to_iso

KEY = "GOOG  151231C00750000"
PUT_KEY = "GOOG  151231P00750000"
SPOT = "GOOG"
OPEN = from_iso("2015-12-24T14:30:00Z")
CLOSE = from_iso("2015-12-24T18:00:00Z")
STARTED = e.ProcessStarted(
    ts=to_iso(OPEN - MINUTE), version="0.1.0", account="PAPER", broker="paper", feed="test", settings_hash="0"
)
MARKET = EntryPlan()
NO_EXITS = ExitPlan()

EventT = TypeVar("EventT", bound=e.TradeEvent)


def ladder(*rungs: tuple[str, str], stop: str | None = None, trail: str | None = None) -> ExitPlan:
    """An exit plan of ``(gain, share)`` rungs, with a stop and a trailing stop if they are given."""
    return ExitPlan(
        targets=tuple(TargetPlan(gain=Decimal(gain), share=Decimal(share)) for gain, share in rungs),
        stop=None if stop is None else Decimal(stop),
        trail=None if trail is None else Decimal(trail),
    )


class Desk:
    """An order manager over an open session, five minutes after the open, with healthy quotes of 9.90 to 10.10."""

    def __init__(self, limits: RiskLimits | None = None, *, mark_every_s: float = 60.0) -> None:
        self.limits = RiskLimits(naked_max_loss_usd=Decimal(10**9)) if limits is None else limits
        self.mark_every_s = mark_every_s
        self.book = Book()
        self.quotes = QuoteCache()
        self.manager = OptionsOrderManager(self.book, self.quotes, self.limits, mark_every_s=mark_every_s)
        self.at: Micros = OPEN + 5 * MINUTE
        self.events: list[e.TradeEvent] = []
        self.executions = 0
        self.signals = 0
        self.manager.note(STARTED)
        self.events.append(STARTED)
        self.open_day()
        self.quote(9.9, 10.1)
        self.quote(9.9, 10.1, key=PUT_KEY)
        self.quote(749.9, 750.1, key=SPOT)

    # --- inputs ---------------------------------------------------------------------------------------------

    def decide(self, given: i.Input) -> list[e.TradeEvent]:
        """Hand one input to the manager now."""
        found = self.manager.decide(self.at, f"input {len(self.events)}", given)
        self.events += found
        return found

    def give_command(self, command: Command) -> list[e.TradeEvent]:
        """A person gives a command."""
        return self.decide(i.CommandGiven(command))

    def open_day(
        self, day: str = "2015-12-24", opens: Micros = OPEN, closes: Micros = CLOSE
    ) -> list[e.TradeEvent]:
        """A trading day begins."""
        return self.decide(i.SessionBegan(day=day, feed="test", open=opens, close=closes))

    def quote(
        self,
        bid: float | None,
        ask: float | None,
        *,
        key: str = KEY,
        last: float | None = None,
        size: int = 10,
        after_s: float = 0.0,
    ) -> list[e.TradeEvent]:
        """The feed says something about one instrument, ``after_s`` seconds from now."""
        self.at += round(after_s * SECOND)
        quote = Quote(ts=self.at, bid=bid, ask=ask, last=last, bid_size=size, ask_size=size)
        return self.decide(i.MarketMoved([(key, quote)]))

    def mark(self, mark: float, *, key: str = KEY, after_s: float = 1.0) -> list[e.TradeEvent]:
        """A healthy quote with this mid, ten cents to either side, a second later."""
        return self.quote(round(mark - 0.1, 4), round(mark + 0.1, 4), key=key, after_s=after_s)

    def wait(self, seconds: float) -> list[e.TradeEvent]:
        """Time passes, and the feed shows that it is alive."""
        self.at += round(seconds * SECOND)
        self.quotes.update(self.at, [])
        return self.decide(i.ClockTicked())

    def restart(self) -> None:
        """The process ends and comes back: a book folded from the events, a manager that has just recovered."""
        self.book = fold(self.events)
        self.manager = OptionsOrderManager(
            self.book, self.quotes, self.limits, mark_every_s=self.mark_every_s
        )
        self.manager.recover(self.at)

    # --- wishes ---------------------------------------------------------------------------------------------

    def propose(
        self,
        qty: int = 4,
        *,
        key: str = KEY,
        direction: int = 1,
        entry: EntryPlan = MARKET,
        exits: ExitPlan = NO_EXITS,
        intents: tuple[Intent, ...] = (),
        strategy: str = "desk",
    ) -> list[e.TradeEvent]:
        """A strategy answers a fresh signal with a new trade."""
        proposal = TradeProposal(
            instrument=instrument(key), direction=direction, qty=qty, entry=entry, exits=exits, reason="idea"
        )
        return self.answer(Outcome.OPENED, proposal, intents, strategy)

    def answer(
        self,
        outcome: Outcome,
        proposal: TradeProposal | None = None,
        intents: tuple[Intent, ...] = (),
        strategy: str = "desk",
    ) -> list[e.TradeEvent]:
        """A signal arrives and a strategy answers it."""
        self.signals += 1
        signal_id = f"s{self.signals}"
        signal = Signal(
            signal_id=signal_id, ts=self.at, source="test", symbol=SPOT, action=Action.BUY, confidence=1.0
        )
        taken = self.decide(i.SignalArrived(signal, "test:1"))
        decision = Decision(
            strategy=strategy, outcome=outcome, reason="idea", proposal=proposal, intents=intents
        )
        return taken + self.decide(i.SignalAnswered(signal_id, decision))

    def out(self, trade_id: str, target: int = 0) -> list[e.TradeEvent]:
        """A signal says that a trade should hold ``target``."""
        return self.answer(Outcome.CLOSING, intents=(leave(trade_id, target),))

    def opened(self, qty: int = 4, price: str = "10", **wish: Any) -> Trade:
        """A trade that was proposed, accepted and filled whole at one price."""
        self.propose(qty, **wish)
        trade_id = f"T{self.book.trade_count}"
        self.accept()
        self.fill(qty, price)
        return self.trade(trade_id)

    # --- the scripted broker --------------------------------------------------------------------------------

    def report(self, *reports: i.BrokerReport) -> list[e.TradeEvent]:
        """The broker says something."""
        return self.decide(i.BrokerReported(reports))

    def accept(self, order: Order | None = None) -> list[e.TradeEvent]:
        """The broker has an order (the newest one)."""
        return self.report(accepted(order or self.order))

    def reject(self, order: Order | None = None, reason: str = "no") -> list[e.TradeEvent]:
        """The broker refuses an order."""
        ref = (order or self.order).child.client_ref
        return self.report(i.OrderRejectedReport(client_ref=ref, reason=reason))

    def cancelled(self, order: Order | None = None, reason: str = "cancelled") -> list[e.TradeEvent]:
        """The broker says that the rest of an order will not trade."""
        return self.report(cancelled(order or self.order, reason))

    def fill(
        self, qty: int, price: str = "10", *, order: Order | None = None, fee: str = "0"
    ) -> list[e.TradeEvent]:
        """The broker trades ``qty`` for an order (the newest one)."""
        self.executions += 1
        return self.report(executed(order or self.order, qty, price, f"E{self.executions}", fee))

    # --- what became of it ----------------------------------------------------------------------------------

    @property
    def order(self) -> Order:
        """The newest order, live or not."""
        return next(reversed(self.book.order_of_ref.values()))

    @property
    def orders(self) -> list[Order]:
        """The orders that live."""
        return list(self.book.orders.values())

    def trade(self, trade_id: str = "T1") -> Trade:
        """A trade that is open or closed lately."""
        found = self.book.trade(trade_id)
        assert found is not None
        return found

    def status(self, trade_id: str = "T1") -> Status:
        """The two statuses of a trade."""
        return self.trade(trade_id).status

    def all(self, kind: type[EventT]) -> list[EventT]:
        """Every event of one type so far."""
        return of(kind, self.events)


def of(kind: type[EventT], events: Sequence[e.TradeEvent]) -> list[EventT]:
    """The events of one type."""
    return [event for event in events if isinstance(event, kind)]


def one(kind: type[EventT], events: Sequence[e.TradeEvent]) -> EventT:
    """The one event of a type."""
    (found,) = of(kind, events)
    return found


def instrument(key: str) -> Instrument:
    """The instrument of a key."""
    return parse_key(key)


def limit(price: str, *, tif: TimeInForce = TimeInForce.DAY) -> EntryPlan:
    """An entry at a limit."""
    return EntryPlan(algo=Algo.LIMIT, limit_price=Decimal(price), tif=tif)


def leave(trade_id: str, target: int = 0, kind: ExitKind = ExitKind.SIGNAL) -> Intent:
    """The wish that a trade should hold ``target``."""
    return Intent(trade_id=trade_id, target=target, urgency=1.0, kind=kind, reason="out", source="s")


def accepted(order: Order) -> i.OrderAcceptedReport:
    """The broker has an order."""
    return i.OrderAcceptedReport(
        client_ref=order.child.client_ref, broker_order_id=f"B-{order.order_id}", venue="TEST"
    )


def cancelled(order: Order, reason: str = "cancelled") -> i.OrderCancelledReport:
    """The rest of an order will not trade."""
    return i.OrderCancelledReport(client_ref=order.child.client_ref, reason=reason)


def executed(order: Order, qty: int, price: str, exec_id: str, fee: str = "0") -> i.ExecutionReport:
    """The broker traded for an order."""
    return i.ExecutionReport(
        client_ref=order.child.client_ref,
        exec_id=exec_id,
        broker_order_id=f"B-{order.order_id}",
        venue="TEST",
        instrument=order.instrument,
        side=order.side,
        qty=qty,
        price=Decimal(price),
        fee=Decimal(fee),
    )


def fold(events: Sequence[e.TradeEvent]) -> Book:
    """The book that events add up to."""
    book = Book()
    for event in events:
        apply(book, event)
    return book


def signed_sum(fills: Sequence[e.OrderFilled]) -> int:
    """Contracts bought less contracts sold."""
    return sum(fill.qty if fill.side is Side.BUY else -fill.qty for fill in fills)


def cash_of(fills: Sequence[e.OrderFilled]) -> Decimal:
    """Every dollar in minus every dollar out, fees included."""
    return sum(
        (-fill.side.sign * fill.qty * fill.price * fill.multiplier - fill.fee for fill in fills), start=ZERO
    )
