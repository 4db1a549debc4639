"""How what the broker says is heard, and what it says without being asked: corrections, assignments."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from options import inputs as i
from options.assignment_desk import legs_held
from options.combo_quote import is_combo
from options.execution_key import execution_key
from options.expiry import shares_delivered
from options.order import LIVE_STATES, Order
from tests.options.scripted_broker import SentOrder, by_leg
from tests.options.standing_laws import StandingLaws

picks = st.integers(0, 7)
cents = st.integers(500, 1500)
seldom = st.integers(0, 5)


class HeardBroker(StandingLaws):
    """A broker that changes its word, and whose every word is noted before the desk takes it in."""

    def price_of(self, order: SentOrder, price: int) -> Decimal:
        """A price in cents as this order may meet it: a combo's net price lies around zero."""
        return Decimal(price - 1000 if is_combo(order.request.instrument) else price) / 100

    @precondition(lambda self: any(order.executions for order in self.broker.orders.values()))
    @rule(
        pick=picks,
        at=picks,
        change=st.integers(-6, 2),
        price=cents,
        fee=st.sampled_from([0, 65]),
        really=seldom,
    )
    def correct(self, pick: int, at: int, change: int, price: int, fee: int, really: int) -> None:
        """The broker changes its word on an execution, or takes it back (seldom)."""
        if really:
            return
        traded = [order for order in self.broker.orders.values() if order.executions]
        order = traded[-1 - pick % len(traded)]
        at %= len(order.executions)
        qty = max(0, order.executions[at].qty + (0 if change < -4 else change))
        self.broker.correct(order, at, qty, self.price_of(order, price), Decimal(fee) / 100)

    @precondition(lambda self: any(legs_held(trade) for trade in self.desk.book.open_trades()))
    @rule(
        pick=picks,
        qty=st.integers(1, 4),
        price=st.integers(60_000, 90_000),
        really=seldom,
        times=st.integers(1, 2),
    )
    def assign(self, pick: int, qty: int, price: int, really: int, times: int) -> None:
        """Options are assigned or exercised early (seldom): the strike moves, and nothing else (I11, I15)."""
        held = [
            (trade, contract, count)
            for trade in self.desk.book.open_trades()
            for contract, count in legs_held(trade)
            if count
        ]
        if really or not held:
            return
        _, contract, count = held[pick % len(held)]
        on_side = [(trade, part) for trade, part, has in held if part == contract and has * count > 0]
        all_held = sum(has for _, part, has in held if part == contract and has * count > 0)
        qty = min(qty, abs(all_held))
        self.raced |= {trade.trade_id for trade, _ in on_side}
        report = i.AssignmentReport(
            assignment_id=f"A{len(self.desk.events)}", instrument=contract.key, qty=qty, exercised=count > 0,
            underlying=Decimal(price) / 100,
        )  # fmt: skip
        cash, spot = self.account.cash, self.account.positions.get(contract.symbol, 0)
        self.hear((report,) * times)
        shares = shares_delivered(contract, qty if count > 0 else -qty)
        assert self.account.positions.get(contract.symbol, 0) - spot == shares, "I11: other shares"
        assert self.account.cash - cash == -shares * contract.strike, "I15: not the strike"

    @property
    def trades_known(self) -> bool:
        """Whether there has been any trade."""
        return bool(self.desk.book.trade_count)

    @rule(complete=st.sampled_from([True, True, True, False]))
    def look(self, complete: bool) -> None:
        """We look at everything that the broker has."""
        self.count("look" if complete else "incomplete look")
        self.hear((self.broker.look(self.desk.at, complete=complete),))
        if complete:
            self._i14_positions_agree_or_are_said_to_differ()
            self.awaiting = False

    def _i14_positions_agree_or_are_said_to_differ(self) -> None:
        self.holds("I14")
        book, theirs, ours = self.desk.book, by_leg(self.broker.positions), by_leg(self.account.positions)
        for key in theirs.keys() | ours.keys():
            difference = theirs[key] - ours[key]
            said = book.disagreements.get(key, 0) + book.accepted_differences.get(key, 0)
            assert difference == said, "I14: a position differs and nobody says so"
            assert not book.disagreements.get(key) or book.halt_reason, "I14: differs, and trading goes on"

    def hear(self, reports: tuple[i.BrokerReport, ...]) -> None:
        """Take reports in, noting those that find their order over, or ending, or full."""
        told = [one for report in reports for one in _told(report)]
        book = self.desk.book
        unbooked: set[str] = set()
        for report in told:
            order = book.order_of_ref.get(getattr(report, "client_ref", ""))
            if order is None or not isinstance(report, i.ExecutionReport):
                continue
            base, revision = execution_key(report.exec_id)
            counted = order.counted(base)
            if report.exec_id == counted:
                continue
            settled = report.client_ref in self.account.settled
            if counted is None and settled:
                self.count("told after it was settled")
                unbooked.add(report.exec_id)
                continue
            if counted is not None or revision > 1:
                if counted is None or revision > execution_key(counted).revision:
                    self._note_correction(order, report)
                    if settled:
                        self.count("corrected after it was settled")
                continue
            ref = report.client_ref
            ended = any(
                isinstance(other, i.OrderRejectedReport | i.OrderCancelledReport) and other.client_ref == ref
                for other in told
            )
            fresh = {one.exec_id: one for one in told if isinstance(one, i.ExecutionReport)}.values()
            coming = sum(
                one.qty
                for one in fresh
                if one.client_ref == ref and order.counted(execution_key(one.exec_id).base) is None
            )
            if order.state not in LIVE_STATES or ended or order.filled + coming > order.qty:
                self.count("late fill" if order.state not in LIVE_STATES else "fill beside an end")
                self._raced(order)
        self.account.hear(told)
        self.decide(i.BrokerReported(reports))
        assert unbooked <= book.unmatched, "I12: nobody says what is not booked because it was settled"

    def _note_correction(self, order: Order, report: i.ExecutionReport) -> None:
        self.count("corrected" if report.qty else "busted")
        if order.state not in LIVE_STATES:
            self.count("corrected when over")
        self._raced(order)

    def _raced(self, order: Order) -> None:
        parent = self.desk.book.parent(order.parent_id)
        assert parent is not None
        self.raced |= set(parent.shares)


def _told(report: i.BrokerReport) -> tuple[i.BrokerReport, ...]:
    return report.executions if isinstance(report, i.BrokerSnapshot) else (report,)
