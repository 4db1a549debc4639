"""A broker that forgets executions which it has counted, and a person who has looked there and says what happened."""

from collections import Counter
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from options import commands as c
from options import events as e
from options import inputs as i
from options.order import LIVE_STATES, Order, OrderState
from options.values import ZERO
from tests.options.desk import of
from tests.options.heard_broker import HeardBroker, cents, picks, seldom

fees = st.sampled_from([0, 65])


class SettledBroker(HeardBroker):
    """Contradictions of the broker, how they are settled by hand, and what is heard of them afterwards."""

    def __init__(self) -> None:
        self.settled = 0
        super().__init__()

    @property
    def in_doubt(self) -> list[Order]:
        """The orders whose fate is not proven."""
        return [one for one in self.desk.book.orders.values() if one.state is OrderState.UNKNOWN]

    @precondition(lambda self: self.broker.live)
    @rule(
        pick=picks,
        qty=st.integers(1, 4),
        price=cents,
        fee=fees,
        listed=st.booleans(),
        over=st.sampled_from([True, True, False]),
        asked=st.sampled_from(["", "look", "settle", "settle"]),
    )
    def an_execution_is_forgotten(
        self, pick: int, qty: int, price: int, fee: int, listed: bool, over: bool, asked: str
    ) -> None:
        """The broker trades for an order, does not say so, and never lists it; often the order is over with that.

        One contract may have traded before that, and be listed. A look may follow, and who settles what it finds.
        """
        live = self.broker.live
        order = live[pick % len(live)]
        at = self.price_of(order, price)
        if listed and order.left > 1:
            self.broker.trade(order, 1, at, ZERO)
        self.broker.trade(order, min(qty, order.left), at, Decimal(fee) / 100)
        self.broker.forget(order)
        order.over = order.over or over
        self.count("execution forgotten")
        if asked:
            self.look(complete=True)
        if asked == "settle":
            self.settle_all_that_asks()

    @precondition(lambda self: any(order.forgotten for order in self.broker.orders.values()))
    @rule(pick=picks, said=st.booleans())
    def what_was_forgotten_turns_up(self, pick: int, said: bool) -> None:
        """The broker lists an execution after all, whoever has told of it meanwhile; it may say so by itself too."""
        orders = [order for order in self.broker.orders.values() if order.forgotten]
        self.broker.remember(orders[pick % len(orders)], said=said)

    def all_turns_up(self) -> None:
        """Nothing stays forgotten."""
        for order in self.broker.orders.values():
            while order.forgotten:
                self.broker.remember(order, said=True)

    def misread(self) -> Counter[str]:
        """What the broker holds for orders that a person has settled, less what was booked for them; by instrument."""
        differ: Counter[str] = Counter()
        for ref in self.account.settled:
            order = self.broker.orders[ref]
            booked = sum(one.qty for one in self.account.newest.values() if one.client_ref == ref)
            differ[order.request.instrument] += (order.really - booked) * order.request.side.sign
        return differ

    @precondition(lambda self: self.in_doubt)
    @rule(pick=picks, price=cents, fee=fees)
    def settle(self, pick: int, price: int, fee: int) -> None:
        """A person has looked at the broker, and says what became of an order in doubt that is over there."""
        over = [one for one in self.in_doubt if not self.broker.orders[one.child.client_ref].left]
        if over:
            self.settle_truly(over[pick % len(over)], price, fee)

    def settle_truly(self, order: Order, price: int, fee: int) -> None:
        """A person says what an order has really filled."""
        sent = self.broker.orders[order.child.client_ref]
        self.say_settled(order, sent.really, price, fee, priced=sent.really > order.filled)

    def settle_all_that_asks(self) -> None:
        """A person answers wherever the broker contradicts itself."""
        for order in [one for one in self.in_doubt if one.asks]:
            self.settle_truly(order, 1000, 0)

    @precondition(lambda self: any(self.broker.orders[ref].executions for ref in self.account.settled))
    @rule(pick=picks, qty=st.integers(0, 3), price=cents)
    def correct_what_was_settled(self, pick: int, qty: int, price: int) -> None:
        """The broker changes its word on an execution of an order that was settled, booked before or not."""
        settled = [one for ref in self.account.settled if (one := self.broker.orders[ref]).executions]
        order = settled[pick % len(settled)]
        self.broker.correct(order, 0, qty, self.price_of(order, price), ZERO)

    @precondition(lambda self: self.trades_known)
    @rule(
        pick=picks,
        off=st.sampled_from([-1, 0, 0, 1, 9]),
        price=cents,
        fee=fees,
        priced=st.booleans(),
        really=seldom,
    )
    def settle_wrongly(self, pick: int, off: int, price: int, fee: int, priced: bool, really: int) -> None:
        """A person mistakes an order, a number or the moment (seldom); most of that is refused."""
        known = self.in_doubt or list(self.desk.book.order_of_ref.values())
        if known and really == 0:
            order = known[-1 - pick % len(known)]
            sent = self.broker.orders[order.child.client_ref]
            self.say_settled(order, sent.really + off, price, fee, priced=priced)

    def say_settled(self, order: Order, filled: int, price: int, fee: int, *, priced: bool) -> None:
        """A person says that an order has filled so many; it is taken if it can be so, and ends the doubt."""
        ref, book = order.child.client_ref, self.desk.book
        sent, unbooked = self.broker.orders[ref], filled - order.filled
        doubtful = order.order_id in book.orders and order.state is OrderState.UNKNOWN
        can_be = doubtful and not book.broker_lost and order.filled <= filled <= order.qty
        plain = priced == (unbooked > 0) and (priced or not fee)
        self.settled += 1
        told = i.ExecutionReport(
            client_ref=ref, exec_id=f"{order.order_id} by hand", broker_order_id="", venue="",
            instrument=order.instrument, side=order.side, qty=unbooked, price=self.price_of(sent, price),
            fee=Decimal(fee) / 100,
        )  # fmt: skip
        command = c.SettleOrder(
            command_id=f"settle {self.settled}", who="ann", order_id=order.order_id, filled=filled,
            price=told.price if priced else None, fee=told.fee,
        )  # fmt: skip
        if can_be and plain:
            sent.misread |= filled != sent.really or bool(sent.left)
            if sent.misread and order.exit_id:  # another of its group there goes by what really happened
                self._raced(order)
            if unbooked:
                self.account.hear((told,))
                self.account.settled.add(ref)
        found = self.decide(i.CommandGiven(command))
        assert bool(of(e.CommandTaken, found)) == (can_be and plain), "settled against what is known"
        if can_be and plain:
            self.count("settled by hand" if unbooked else "settled as it stood")
            assert order.state not in LIVE_STATES, "I10: settled, and still in doubt"
            assert order.filled == filled
        else:
            self.count("settle refused")
