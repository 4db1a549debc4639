"""The paper broker: fills orders on the quotes that are known, and never on one that cannot be trusted.

It lives in the program and its memory is the ledger: an order whose request is durable is an order it has, so after a
crash :meth:`PaperBroker.recover` takes up exactly those and goes on filling.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from options.combo_quote import is_combo
from options.contract import Combo, parse_key
from options.execution.combo_fill import combo_fill
from options.execution.fill_models import QUOTE_RULES, FillRules, far_side
from options.execution.port import OrderTicket
from options.execution.resting_orders import RestingOrder, RestingOrders
from options.inputs import (
    BrokerReport,
    BrokerSnapshot,
    ExecutionReport,
    OpenOrder,
    OrderAcceptedReport,
    OrderCancelledReport,
    OrderReducedReport,
    OrderRejectedReport,
    StopElectedReport,
)
from options.order import Order
from options.plan import OrderType, TimeInForce
from options.quote import Quote, QuoteCache, QuoteLimits
from options.terms import LegPrice
from options.values import SECOND, Micros, Side, from_iso, price_from_float

VENUE = "PAPER"


class PaperBroker:
    """A broker port over cached quotes; ``rules`` say how orders fill.

    What was tried on a quote is tried on the next one. ``_again`` are those that something else may let fill.
    """

    name = "paper"

    def __init__(
        self, quotes: QuoteCache, limits: QuoteLimits, rules: FillRules = QUOTE_RULES, account: str = "PAPER"
    ) -> None:
        self.account = account
        self._quotes = quotes
        self._limits = limits
        self._rules = rules
        self._resting = RestingOrders()
        self._again: dict[str, RestingOrder] = {}
        self._said: list[BrokerReport] = []
        self._group_traded: Counter[str] = Counter()

    def submit(self, ticket: OrderTicket, at: Micros) -> None:
        """Take an order; it fills at once if it can."""
        if ticket.client_ref in self._resting:
            return
        fault = _ticket_fault(ticket)
        if fault is not None:
            self._said.append(OrderRejectedReport(client_ref=ticket.client_ref, reason=fault))
            return
        resting = RestingOrder(ticket, at + round(self._rules.latency_s * SECOND), ticket.qty)
        self._resting.add(resting)
        self._accept(resting)
        self._reduce(resting, self._group_traded[ticket.oca_group] if ticket.oca_group else 0)
        self._try(resting, at)

    def cancel(self, client_ref: str, at: Micros) -> None:
        """Take an order out of the market at once."""
        if self._resting.drop(client_ref):
            self._said.append(OrderCancelledReport(client_ref=client_ref, reason="cancelled on request"))

    def recover(self, orders: Iterable[Order], at: Micros) -> None:
        """Take up the orders that the ledger has as live; one that we asked to be cancelled is.

        An order is tried at once only where a try may have been lost: on the quotes of this very moment, or when it
        was sent at this moment. Every other one waits for the next quote, as it did before.
        """
        for order in orders:
            ticket = OrderTicket(
                client_ref=order.child.client_ref,
                instrument=order.instrument,
                side=order.side,
                qty=order.qty,
                order_type=order.order_type,
                tif=order.tif,
                limit_price=order.limit_price,
                stop_price=order.stop_price,
                oca_group=order.oca_group,
            )
            resting = RestingOrder(
                ticket,
                from_iso(order.submitted_ts) + round(self._rules.latency_s * SECOND),
                order.qty,
                filled=order.filled,
                executions=len(order.executions),
                charged=order.fees,
                filled_at=from_iso(order.last_fill_ts) if order.last_fill_ts else -1,
                triggered=order.elected or bool(order.filled),
            )
            self._resting.add(resting)
            self._again[ticket.client_ref] = resting
            self._accept(resting)
            if order.cancel_requested:
                self.cancel(ticket.client_ref, at)
            elif at in (self._quotes.feed_ts, from_iso(order.submitted_ts)):
                self._try(resting, at)
        self.snapshot(at)

    def remember_groups(self, traded: Mapping[str, int]) -> None:
        """Know again how many contracts each group of orders has traded."""
        self._group_traded.update(traded)

    def snapshot(self, at: Micros) -> None:
        """All that rests here; what is over was reported, and positions are the ledger's own."""
        resting = tuple(
            OpenOrder(client_ref=ref, broker_order_id=broker_id(ref), venue=VENUE)
            for ref in (order.ticket.client_ref for order in self._resting)
        )
        self._said.append(BrokerSnapshot(complete=True, asked_at=at, open_orders=resting))

    def say(self, report: BrokerReport) -> None:
        """Report what no order led to, as a broker may: another revision of an execution, for one.

        Rehearsals and tests script with it what nothing here makes happen by itself.
        """
        self._said.append(report)

    def drain(self) -> tuple[BrokerReport, ...]:
        """What was said since the last call."""
        said, self._said = tuple(self._said), []
        return said

    def on_quotes(self, at: Micros, changes: Sequence[tuple[str, Quote]] | None = None) -> None:
        """Try on what is quoted now every order that may fill by that: without ``changes`` each that rests."""
        again, self._again = self._again, {}
        if changes is None:
            tried = list(self._resting)
        else:
            moved = self._resting.quoted_in(key for key, _ in changes)
            found = {order.number: order for order in (*again.values(), *moved)}
            tried = [found[number] for number in sorted(found)]
        for resting in tried:
            self._try(resting, at)

    def on_close(self) -> None:
        """The session is over: what was good for the day is cancelled."""
        for resting in self._resting:
            if resting.ticket.tif is TimeInForce.DAY:
                ref = resting.ticket.client_ref
                self._resting.drop(ref)
                self._said.append(OrderCancelledReport(client_ref=ref, reason="the day is over"))

    def _accept(self, resting: RestingOrder) -> None:
        ref = resting.ticket.client_ref
        self._said.append(OrderAcceptedReport(client_ref=ref, broker_order_id=broker_id(ref), venue=VENUE))

    def _try(self, resting: RestingOrder, at: Micros) -> None:
        """Fill what the newest quote allows; each quote's size is taken once."""
        ticket = resting.ticket
        if not self._resting.has(resting):
            return  # another of its group has traded
        silent = at - self._quotes.feed_ts > self._limits.feed_silence_s * SECOND
        if at < resting.live_at or silent:
            self._again[ticket.client_ref] = resting
        quote = self._quotes.get(ticket.instrument)
        if quote is None or at < resting.live_at or quote.ts <= resting.filled_at:
            return
        if self._quotes.fault(ticket.instrument, at, self._limits) is not None:
            return
        met = resting.triggered
        found = self._fill(resting, quote) if _marketable(resting, quote) else None
        if found is None:
            if resting.triggered and not met:
                self._said.append(StopElectedReport(client_ref=ticket.client_ref))
            return
        qty, price, fee, legs = found
        resting.filled += qty
        resting.executions += 1
        resting.charged += fee
        resting.filled_at = at
        self._said.append(
            ExecutionReport(
                client_ref=ticket.client_ref,
                exec_id=f"{ticket.client_ref}.{resting.executions:02d}.01",
                broker_order_id=broker_id(ticket.client_ref),
                venue=VENUE,
                instrument=ticket.instrument,
                side=ticket.side,
                qty=qty,
                price=price,
                fee=fee,
                legs=legs,
            )
        )
        if resting.filled >= resting.qty:
            self._resting.drop(ticket.client_ref)
        if ticket.oca_group:
            self._group_traded[ticket.oca_group] += qty
            for other in self._resting.of_group(ticket.oca_group):
                if other is not resting:
                    self._reduce(other, qty)

    def _reduce(self, resting: RestingOrder, qty: int) -> None:
        """Take from an order what another of its group has traded; what has nothing left is cancelled."""
        if not qty:
            return
        ref = resting.ticket.client_ref
        resting.qty = max(resting.filled, resting.qty - qty)
        if resting.qty > resting.filled:
            self._again[ref] = resting
            self._said.append(OrderReducedReport(client_ref=ref, qty=resting.qty))
        else:
            self._resting.drop(ref)
            why = "another of its group has traded"
            self._said.append(OrderCancelledReport(client_ref=ref, reason=why, by_group=True))

    def _fill(
        self, resting: RestingOrder, quote: Quote
    ) -> tuple[int, Decimal, Decimal, tuple[LegPrice, ...]] | None:
        """How much of an order fills, its price, its fee, and the legs of a combo."""
        ticket, rules, limit = resting.ticket, self._rules, resting.ticket.limit_price
        instrument = parse_key(ticket.instrument)
        if isinstance(instrument, Combo):
            whole = combo_fill(instrument, ticket.side, resting.qty, self._quotes, rules, limit)
            return None if whole is None else (resting.qty, whole.price, whole.fee, whole.legs)
        filled = rules.fill.fill(ticket.side, resting.qty - resting.filled, quote)
        if filled is None:
            return None
        qty, price = filled[0], rules.slippage_of(instrument).price(ticket.side, filled[1])
        if limit is not None:
            price = (min if ticket.side is Side.BUY else max)(price, limit)
        return qty, price, rules.fee_of(instrument).fee(qty, price, resting.filled, resting.charged), ()


def broker_id(client_ref: str) -> str:
    """What the paper broker calls an order."""
    return f"paper-{client_ref[2:10]}"


def _ticket_fault(ticket: OrderTicket) -> str | None:
    if ticket.qty <= 0:
        return f"quantity {ticket.qty} is not above zero"
    if is_combo(ticket.instrument) and ticket.stop_price is not None:
        return "a combo has no stop orders: its stops are held by the engine"
    if ticket.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT) and ticket.limit_price is None:
        return f"a {ticket.order_type} order needs a limit price"
    if ticket.order_type in (OrderType.STOP, OrderType.STOP_LIMIT) and ticket.stop_price is None:
        return f"a {ticket.order_type} order needs a stop price"
    return None


def _marketable(resting: RestingOrder, quote: Quote) -> bool:
    """Whether an order would trade on a quote; a stop that is met stays met."""
    ticket = resting.ticket
    if is_combo(ticket.instrument):  # its limit is held against the whole fill
        return True
    far = far_side(ticket.side, quote)
    if far is None:
        return False
    price, sign = price_from_float(far), ticket.side.sign
    if ticket.stop_price is not None and not resting.triggered:
        resting.triggered = (price - ticket.stop_price) * sign >= 0
        if not resting.triggered:
            return False
    return ticket.limit_price is None or (ticket.limit_price - price) * sign >= 0
