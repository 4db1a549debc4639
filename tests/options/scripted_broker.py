"""A broker that does what a test tells it, and the naive account of what it said: sums, and nothing else."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from options import events as e
from options import inputs as i
from options.contract import parse_key
from options.execution_key import execution_key
from options.inputs import OrderReport
from options.values import ZERO, Micros

SPOT = "GOOG"


@dataclass(slots=True)
class SentOrder:
    """An order as the broker got it; ``over`` once it will not trade any more, ``lost`` if it never got there.

    ``taken`` are contracts that others of its group have traded; ``forgotten`` are executions that the broker counts
    and does not list; ``misread`` if a person has said something else of it than what really happened.
    """

    request: e.OrderSubmitRequested
    traded: int = 0
    taken: int = 0
    accepted: bool = False
    cancel_asked: bool = False
    over: bool = False
    rejected: bool = False
    lost: bool = False
    misread: bool = False
    executions: list[i.ExecutionReport] = field(default_factory=list)
    forgotten: list[i.ExecutionReport] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Contracts that may still trade."""
        return 0 if self.over else max(0, self.request.qty - self.traded - self.taken)

    @property
    def really(self) -> int:
        """Contracts that it has traded by the newest word on each execution, listed or not."""
        return sum(one.qty for one in (*self.executions, *self.forgotten))


@dataclass(slots=True)
class ScriptedBroker:
    """Orders by reference, and the reports that were written but not delivered yet, oldest first.

    ``strangers`` are contracts, signed, that somebody else has traded on our account; ``moved`` is what expiries,
    assignments and exercises have taken and left.
    """

    orders: dict[str, SentOrder] = field(default_factory=dict)
    mail: list[OrderReport] = field(default_factory=list)
    strangers: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    executions: int = 0

    def hear(self, events: Sequence[e.TradeEvent]) -> None:
        """Take the orders and the cancels that were written down."""
        for event in events:
            if isinstance(event, e.OrderSubmitRequested):
                assert event.client_ref not in self.orders, f"{event.client_ref} was sent twice"
                self.orders[event.client_ref] = SentOrder(event)
            elif isinstance(event, e.OrderCancelRequested):
                self.orders[event.client_ref].cancel_asked = True

    @property
    def live(self) -> list[SentOrder]:
        """Orders that may still trade, oldest first."""
        return [order for order in self.orders.values() if order.left]

    def accept(self, order: SentOrder) -> None:
        """Say that an order is here."""
        order.accepted = True
        ref = order.request.client_ref
        self.mail.append(
            i.OrderAcceptedReport(client_ref=ref, broker_order_id=f"B{order.request.order_id}", venue="TEST")
        )

    def trade(self, order: SentOrder, qty: int, price: Decimal, fee: Decimal) -> None:
        """Trade ``qty`` of an order, whatever is left of it."""
        self.executions += 1
        order.traded += qty
        request = order.request
        report = i.ExecutionReport(
            client_ref=request.client_ref,
            exec_id=f"E{self.executions}.01",
            broker_order_id=f"B{request.order_id}",
            venue="TEST",
            instrument=request.instrument,
            side=request.side,
            qty=qty,
            price=price,
            fee=fee,
        )
        order.executions.append(report)
        self.mail.append(report)
        self._take_from_group(order, qty)

    def _take_from_group(self, order: SentOrder, qty: int) -> None:
        """What one order of a group trades the others lose; one that has nothing left is over."""
        group = order.request.oca_group
        for other in self.live if group else ():
            if other is order or other.request.oca_group != group:
                continue
            other.taken += qty
            ref = other.request.client_ref
            if other.left:
                total = other.request.qty - other.taken
                self.mail.append(i.OrderReducedReport(client_ref=ref, qty=total))
            else:
                other.over = True
                self.mail.append(i.OrderCancelledReport(client_ref=ref, reason="its group", by_group=True))

    def correct(self, order: SentOrder, at: int, qty: int, price: Decimal, fee: Decimal) -> None:
        """Change the word on one of an order's executions; none is left of it if ``qty`` is 0."""
        base, revision = execution_key(order.executions[at].exec_id)
        newest = f"{base}.{revision + 1:02d}"
        report = replace(order.executions[at], exec_id=newest, qty=qty, price=price, fee=fee)
        order.executions[at] = report
        self.mail.append(report)

    def forget(self, order: SentOrder) -> None:
        """The newest execution of an order is neither listed nor reported from now on."""
        report = order.executions.pop()
        order.forgotten.append(report)
        self.mail.remove(report)

    def remember(self, order: SentOrder, *, said: bool) -> None:
        """List what was forgotten first, and report it if it is ``said``."""
        report = order.forgotten.pop(0)
        order.executions.append(report)
        if said:
            self.mail.append(report)

    def end(self, order: SentOrder, *, rejected: bool) -> None:
        """Reject an order, or cancel the rest of it."""
        order.over, order.rejected = True, rejected
        ref = order.request.client_ref
        if rejected:
            self.mail.append(i.OrderRejectedReport(client_ref=ref, reason="no"))
        else:
            self.mail.append(i.OrderCancelledReport(client_ref=ref, reason="cancelled"))

    def lose(self, order: SentOrder) -> None:
        """An order never arrived: nobody there knows of it."""
        order.over = order.lost = True

    def look(self, at: Micros, *, complete: bool) -> i.BrokerSnapshot:
        """Everything that the broker has, as it stands; what is on its way to us is part of it."""
        known = {ref: order for ref, order in self.orders.items() if not order.lost}
        return i.BrokerSnapshot(
            complete=complete,
            asked_at=at,
            open_orders=tuple(
                i.OpenOrder(client_ref=ref, broker_order_id=f"B{order.request.order_id}", venue="TEST")
                for ref, order in known.items()
                if order.left
            ),
            executions=tuple(report for order in known.values() for report in order.executions),
            completed=tuple(
                i.CompletedOrder(client_ref=ref, rejected=order.rejected, filled=order.traded, reason="over")
                for ref, order in known.items()
                if not order.left
            ),
            positions=self.positions,
        )

    def expire(self, price: Decimal) -> None:
        """Every contract is settled at a price of the underlying: it is gone, and shares may have come or gone."""
        shares, _ = settled(self.positions, price)
        for key, qty in self.positions.items():
            if key != SPOT:
                self.moved[key] -= qty
        self.moved[SPOT] += shares

    @property
    def positions(self) -> dict[str, int]:
        """What the broker holds for us: contracts by instrument, signed."""
        held = Counter(self.strangers)
        held.update(self.moved)
        for order in self.orders.values():
            for report in (*order.executions, *order.forgotten):
                held[report.instrument] += report.qty * report.side.sign
        return {key: qty for key, qty in held.items() if qty}


def legs(key: str) -> list[tuple[str, int]]:
    """The contracts of an instrument, each with how many of it."""
    parts = [leg.partition("*") for leg in (key.split("/") if "*" in key else [f"1*{key}"])]
    return [(symbol, int(ratio)) for ratio, _, symbol in parts]


def by_leg(positions: dict[str, int]) -> Counter[str]:
    """Positions by contract, combos by their legs."""
    held: Counter[str] = Counter()
    for key, qty in positions.items():
        for symbol, ratio in legs(key):
            held[symbol] += qty * ratio
    return held


def settled(positions: dict[str, int], price: Decimal) -> tuple[int, Decimal]:
    """The shares and the cash that options become at expiry: at their strikes, if a cent or more in the money."""
    shares, cash = 0, ZERO
    for key, held in positions.items():
        for symbol, ratio in legs(key):
            qty = held * ratio
            if symbol == SPOT:
                continue
            strike, call = Decimal(symbol[13:]) / 1000, symbol[12] == "C"
            if (price - strike if call else strike - price) >= Decimal("0.01"):
                shares += 100 * qty if call else -100 * qty
                cash -= (100 * qty if call else -100 * qty) * strike
    return shares, cash


@dataclass(slots=True)
class NaiveAccount:
    """What the delivered executions add up to, each once, in its newest revision.

    ``settled`` are orders of which a person has told what filled: no other execution of theirs counts from then on.
    """

    newest: dict[str, i.ExecutionReport] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    cash: Decimal = ZERO
    fees: Decimal = ZERO
    contracts: int = 0
    settled: set[str] = field(default_factory=set)

    @property
    def seen(self) -> set[str]:
        """The ids of the executions that count."""
        return {report.exec_id for report in self.newest.values()}

    def hear(self, reports: Sequence[i.BrokerReport]) -> None:
        """Add up what is new; the newest revision of an execution counts, in place of the one before."""
        for report in reports:
            if not isinstance(report, i.ExecutionReport):
                continue
            base, revision = execution_key(report.exec_id)
            before = self.newest.get(base)
            if before is None and report.client_ref in self.settled:
                continue
            if before is not None and execution_key(before.exec_id).revision >= revision:
                continue
            if before is not None:
                self._add(before, -1)
            self.newest[base] = report
            self._add(report, 1)

    def adjust(self, fill: e.OrderFilled) -> None:
        """What was booked without an order: options that ended, and what they left."""
        signed = fill.qty * fill.side.sign
        self.positions[fill.instrument] = self.positions.get(fill.instrument, 0) + signed
        self.cash -= signed * fill.price * fill.multiplier

    def expire(self, price: Decimal) -> None:
        """Options in the money turn into shares at their strikes, the others into nothing."""
        shares, cash = settled(self.positions, price)
        self.positions = {SPOT: self.positions.get(SPOT, 0) + shares}
        self.cash += cash

    def _add(self, report: i.ExecutionReport, times: int) -> None:
        signed = report.qty * report.side.sign * times
        self.positions[report.instrument] = self.positions.get(report.instrument, 0) + signed
        multiplier = parse_key(report.instrument).multiplier
        self.cash -= signed * report.price * multiplier + report.fee * times
        self.fees += report.fee * times
        self.contracts += report.qty * times
