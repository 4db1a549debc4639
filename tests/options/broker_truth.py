"""What could still trade at the broker, held against what is there: sums of the broker's own, and nothing of the book.

A law of the book says what we believe; this one says what could come of it, heard of or not.
"""

from collections import Counter, defaultdict

from hypothesis.stateful import invariant

from options import events as e
from options import inputs as i
from tests.options.heard_broker import HeardBroker
from tests.options.scripted_broker import SentOrder


class BrokerTruth(HeardBroker):
    """Keeps for each trade which orders are for it, what it has got in the house, and whether the broker misled us.

    Where an order serves several trades, which of them it has taken out is not the broker's to say: those are left to
    the laws of the book, and so are trades whose executions were corrected, exceeded, or said after their order's end.
    """

    def __init__(self) -> None:
        self.serves: dict[str, tuple[str, ...]] = {}
        self.in_house: Counter[str] = Counter()
        self.misled: set[str] = set()
        super().__init__()

    def watch(self, events: list[e.TradeEvent]) -> None:
        """Note whom each order is for, and what moves without an order."""
        for found in events:
            if isinstance(found, e.ParentOrderOpened):
                self.serves[found.parent_id] = tuple(share.trade_id for share in found.shares)
            elif isinstance(found, e.OrderFilled) and not found.client_ref:
                self.in_house[found.trade_id] += found.qty * found.side.sign
        super().watch(events)

    def hear(self, reports: tuple[i.BrokerReport, ...]) -> None:
        """An end that is heard before all that had traded may be believed too early."""
        told = {
            one.exec_id
            for report in reports
            for one in (report.executions if isinstance(report, i.BrokerSnapshot) else (report,))
            if isinstance(one, i.ExecutionReport)
        }
        for report in reports:
            if isinstance(report, i.OrderCancelledReport | i.OrderRejectedReport):
                order = self.broker.orders[report.client_ref]
                heard = told | self.account.seen
                if any(one.exec_id not in heard for one in (*order.executions, *order.forgotten)):
                    self._misled_by(order)
        super().hear(reports)

    def _misled_by(self, order: SentOrder) -> None:
        self.misled |= set(self.serves[order.request.parent_id])

    @invariant()
    def i16_no_more_can_leave_than_there_is(self) -> None:
        """What could still take a trade out at the broker, each group once, never exceeds what it has there."""
        self.holds("I16")
        there: Counter[str] = Counter(self.in_house)
        leaving: dict[str, dict[str, int]] = defaultdict(dict)
        beside: set[str] = set()
        for ref, order in self.broker.orders.items():
            trades, request = self.serves[order.request.parent_id], order.request
            if len(trades) > 1:
                beside |= set(trades)
                continue
            (trade_id,) = trades
            there[trade_id] += order.really * request.side.sign
            corrected = any(not one.exec_id.endswith(".01") for one in order.executions)
            if order.traded > request.qty or corrected or order.misread:
                self._misled_by(order)
            if order.left and request.approval.reducing:
                group = leaving[trade_id]
                name = request.oca_group or ref
                group[name] = max(group.get(name, 0), order.left * request.side.sign, key=abs)
        for trade_id, groups in leaving.items():
            if trade_id in self.raced | self.misled | beside:
                continue
            qty = sum(groups.values())
            assert qty * there[trade_id] < 0, f"I16: {trade_id} could turn round at the broker"
            assert abs(qty) <= abs(there[trade_id]), f"I16: {trade_id} could turn round at the broker"
