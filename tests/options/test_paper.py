"""The paper broker fills what could have filled, once, and takes up where it stopped."""

from decimal import Decimal
from typing import Any

import pytest

from options import inputs as i
from options.execution.fill_models import QUOTE_RULES, FillRules, realistic_rules
from options.execution.paper import PaperBroker
from options.execution.port import OrderTicket
from options.order import ChildOrder, Order
from options.plan import OrderType, TimeInForce
from options.quote import Quote, QuoteCache, QuoteLimits
from options.values import SECOND, ZERO, Micros, Side, to_iso
from tests.options.desk import KEY, OPEN

LIMITS = QuoteLimits(stale_after_s=60, feed_silence_s=30)


class Pit:
    """A paper broker and the quotes it sees."""

    def __init__(self, rules: FillRules = QUOTE_RULES) -> None:
        self.quotes = QuoteCache()
        self.rules = rules
        self.broker = PaperBroker(self.quotes, LIMITS, rules)
        self.at: Micros = OPEN

    def quote(
        self, bid: float | None, ask: float | None, *, size: int = 10, age_s: float = 0, after_s: float = 1
    ) -> list[i.ExecutionReport]:
        """A quote arrives; the executions that follow come back."""
        self.at += round(after_s * SECOND)
        ts = self.at - round(age_s * SECOND)
        self.quotes.update(self.at, [(KEY, Quote(ts=ts, bid=bid, ask=ask, bid_size=size, ask_size=size))])
        self.broker.on_quotes(self.at)
        return self.executions()

    def send(self, qty: int = 5, side: Side = Side.BUY, ref: str = "CB0000000001", **fields: Any) -> None:
        """Submit an order; at the market and for the day unless told otherwise."""
        terms: dict[str, Any] = {"order_type": OrderType.MARKET, "tif": TimeInForce.DAY} | fields
        ticket = OrderTicket(client_ref=ref, instrument=KEY, side=side, qty=qty, **terms)
        self.broker.submit(ticket, self.at)

    def executions(self) -> list[i.ExecutionReport]:
        return [report for report in self.broker.drain() if isinstance(report, i.ExecutionReport)]


def prices(found: list[i.ExecutionReport]) -> list[tuple[int, str]]:
    return [(report.qty, f"{report.price.normalize():f}") for report in found]


def test_a_market_order_fills_at_once_at_the_far_side() -> None:
    """Accepted first, then filled whole: a buy at the ask, a sell at the bid."""
    pit = Pit()
    pit.quote(9.9, 10.1)
    pit.send()
    accepted, executed = pit.broker.drain()
    assert isinstance(accepted, i.OrderAcceptedReport)
    assert isinstance(executed, i.ExecutionReport)
    assert (executed.qty, executed.price, executed.fee) == (5, Decimal("10.1"), ZERO)
    pit.send(side=Side.SELL, ref="CB0000000002")
    assert prices(pit.executions()) == [(5, "9.9")]
    assert pit.broker.drain() == ()


@pytest.mark.parametrize(
    ("bid", "ask", "age_s"), [(10.2, 10.1, 0), (None, None, 0), (9.9, 10.1, 61), (-1.0, 10.1, 0)]
)
def test_nothing_fills_on_a_quote_that_cannot_be_trusted(
    bid: float | None, ask: float | None, age_s: float
) -> None:
    """Crossed, empty, stale, or no price: the order rests until a healthy quote comes."""
    pit = Pit()
    pit.send()
    assert pit.quote(bid, ask, age_s=age_s) == []
    assert prices(pit.quote(9.9, 10.3)) == [(5, "10.3")]


def test_nothing_fills_while_the_feed_is_silent() -> None:
    """A quote of a feed that stopped is no market."""
    pit = Pit()
    pit.quote(9.9, 10.1)
    pit.at += 31 * SECOND
    pit.send()
    assert pit.executions() == []


@pytest.mark.parametrize(
    ("side", "limit", "misses", "meets", "price"),
    [
        (Side.BUY, "10.00", (9.9, 10.01), (9.8, 10.0), "10"),
        (Side.BUY, "10.00", (9.9, 10.01), (9.8, 9.9), "9.9"),
        (Side.SELL, "10.00", (9.99, 10.1), (10.0, 10.1), "10"),
    ],
)
def test_a_limit_order_waits_for_its_price_and_gets_the_better(
    side: Side, limit: str, misses: tuple[float, float], meets: tuple[float, float], price: str
) -> None:
    """Never worse than the limit; at the quote where the quote is better."""
    pit = Pit()
    pit.send(side=side, order_type=OrderType.LIMIT, limit_price=Decimal(limit))
    assert pit.quote(*misses) == []
    assert prices(pit.quote(*meets)) == [(5, price)]


def test_a_stop_order_waits_for_its_trigger_and_then_takes_the_market() -> None:
    """A sell stop at 9.50 rests at 9.60 and sells at whatever is bid once 9.50 is."""
    pit = Pit()
    pit.send(side=Side.SELL, order_type=OrderType.STOP, stop_price=Decimal("9.5"))
    assert pit.quote(9.6, 9.8) == []
    assert prices(pit.quote(9.4, 9.6)) == [(5, "9.4")]
    pit.send(ref="CB0000000002", order_type=OrderType.STOP, stop_price=Decimal("10.5"))
    assert pit.quote(10.2, 10.4) == []
    assert prices(pit.quote(10.6, 10.7)) == [(5, "10.7")]


def test_a_stop_limit_order_that_was_met_stays_met_and_keeps_its_limit() -> None:
    """Triggered below its limit it rests as a limit order, and fills when the price is back."""
    pit = Pit()
    pit.send(
        side=Side.SELL,
        order_type=OrderType.STOP_LIMIT,
        stop_price=Decimal("9.5"),
        limit_price=Decimal("9.4"),
    )
    assert pit.quote(9.45 + 0.1, 9.8) == []
    assert pit.quote(9.0, 9.2) == []
    assert prices(pit.quote(9.7, 9.9)) == [(5, "9.7")]


def test_displayed_size_is_taken_once_a_quote() -> None:
    """Two shown: two fill. The same quote gives no more; the next one does, until the order is done."""
    pit = Pit(realistic_rules(0, 0.0))
    pit.quote(9.9, 10.1, size=2)
    pit.send()
    assert prices(pit.executions()) == [(2, "10.1")]
    pit.broker.on_quotes(pit.at)
    pit.at += SECOND
    pit.broker.on_quotes(pit.at)
    assert pit.executions() == []
    assert prices(pit.quote(9.9, 10.2, size=2)) == [(2, "10.2")]
    (last,) = pit.quote(9.9, 10.3, size=2)
    assert (last.qty, last.exec_id) == (1, "CB0000000001.03.01")
    assert pit.quote(9.9, 10.1, size=9) == []


def test_slippage_never_breaks_a_limit() -> None:
    """A tick worse than 10.00 is 10.10, but the limit is 10.05."""
    pit = Pit(realistic_rules(1, 0.0))
    pit.send(order_type=OrderType.LIMIT, limit_price=Decimal("10.05"))
    assert prices(pit.quote(9.9, 10.0)) == [(5, "10.05")]
    pit.send(ref="CB0000000002")
    assert prices(pit.quote(9.9, 10.0)) == [(5, "10.1")]


def test_an_order_takes_its_time_to_the_market() -> None:
    """With half a second of delay it meets the quote of then, not the one it was sent on."""
    pit = Pit(realistic_rules(0, 0.5))
    pit.quote(9.9, 10.1)
    pit.send()
    assert pit.quote(9.9, 10.2, after_s=0.4) == []
    assert prices(pit.quote(9.9, 10.3, after_s=0.2)) == [(5, "10.3")]


def test_commissions_are_charged_per_order() -> None:
    """Five contracts in parts of 1, 1 and 3 cost 3.25 in all, the dollar that is the least first."""
    pit = Pit(realistic_rules(0, 0.0))
    pit.send()
    fees = [pit.quote(9.9, 10.1, size=size)[0].fee for size in (1, 1, 3)]
    assert fees == [Decimal("1.00"), Decimal("0.30"), Decimal("1.95")]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"qty": 0}, "quantity 0 is not above zero"),
        ({"qty": -2}, "quantity -2"),
        ({"order_type": OrderType.LIMIT}, "needs a limit price"),
        ({"order_type": OrderType.STOP}, "needs a stop price"),
        ({"order_type": OrderType.STOP_LIMIT, "stop_price": Decimal(9)}, "needs a limit price"),
        ({"order_type": OrderType.STOP_LIMIT, "limit_price": Decimal(9)}, "needs a stop price"),
    ],
)
def test_an_order_that_makes_no_sense_is_rejected_with_its_reason(fields: dict[str, Any], why: str) -> None:
    """A rejection is a report like any other."""
    pit = Pit()
    pit.quote(9.9, 10.1)
    pit.send(**fields)
    (report,) = pit.broker.drain()
    assert isinstance(report, i.OrderRejectedReport)
    assert why in report.reason


def test_a_cancel_takes_an_order_out_once() -> None:
    """Confirmed once; what is not there changes nothing; a cancelled order never fills."""
    pit = Pit()
    pit.send()
    pit.broker.drain()
    pit.broker.cancel("CB0000000001", pit.at)
    pit.broker.cancel("CB0000000001", pit.at)
    pit.broker.cancel("unknown", pit.at)
    (report,) = pit.broker.drain()
    assert isinstance(report, i.OrderCancelledReport)
    assert pit.quote(9.9, 10.1) == []


def test_i6_the_same_reference_is_one_order() -> None:
    """Sent twice while it rests, it is one order and fills once."""
    pit = Pit()
    pit.send()
    pit.send()
    assert prices(pit.quote(9.9, 10.1)) == [(5, "10.1")]
    assert pit.quote(9.9, 10.1) == []


def test_the_close_cancels_day_orders_and_leaves_the_others() -> None:
    """DAY ends with the session, GTC rests through the night."""
    pit = Pit()
    pit.send()
    pit.send(ref="CB0000000002", tif=TimeInForce.GTC)
    pit.broker.drain()
    pit.broker.on_close()
    (report,) = pit.broker.drain()
    assert report == i.OrderCancelledReport(client_ref="CB0000000001", reason="the day is over")
    assert [found.client_ref for found in pit.quote(9.9, 10.1)] == ["CB0000000002"]


def recorded(pit: Pit, **fields: Any) -> Order:
    """An order as the ledger has it: two of five filled on the first quote, for 1.30."""
    terms: dict[str, Any] = {
        "order_id": "O1", "parent_id": "P1", "instrument": KEY, "side": Side.BUY, "qty": 5,
        "order_type": OrderType.MARKET, "tif": TimeInForce.DAY, "limit_price": None, "stop_price": None,
        "submitted_ts": to_iso(OPEN), "child": ChildOrder("CB0000000001"), "premium": ZERO, "filled": 2,
        "last_fill_ts": to_iso(pit.at), "fees": Decimal("1.30"),
        "executions": ("CB0000000001.01.01",),
    }  # fmt: skip
    return Order(**(terms | fields))


def said(pit: Pit) -> list[i.BrokerReport]:
    """What the broker has said of orders, without its look at everything."""
    return [report for report in pit.broker.drain() if not isinstance(report, i.BrokerSnapshot)]


def test_after_a_crash_it_goes_on_where_the_ledger_stands() -> None:
    """The rest fills under the next execution id, on a later quote, with the fee that is still due."""
    pit = Pit(realistic_rules(0, 0.0))
    pit.quote(9.9, 10.1)
    pit.broker.recover([recorded(pit)], pit.at)
    (accepted,) = said(pit)
    assert isinstance(accepted, i.OrderAcceptedReport)
    (executed,) = pit.quote(9.9, 10.1)
    assert (executed.qty, executed.exec_id, executed.fee) == (3, "CB0000000001.02.01", Decimal("1.95"))
    assert pit.quote(9.9, 10.1) == []


def test_an_order_that_was_sent_into_the_crash_fills_after_it() -> None:
    """Durable and never heard of: the broker has it, and fills it on what is quoted."""
    pit = Pit()
    pit.quote(9.9, 10.1)
    never = recorded(pit, filled=0, last_fill_ts="", fees=ZERO, executions=())
    pit.broker.recover([never], pit.at)
    assert prices(pit.executions()) == [(5, "10.1")]


def test_an_order_that_was_to_be_cancelled_is_cancelled_after_a_crash() -> None:
    """The cancel that was asked for before is done first, and nothing of it fills."""
    pit = Pit()
    pit.quote(9.9, 10.1)
    pit.broker.recover([recorded(pit, cancel_requested=True)], pit.at)
    assert isinstance(said(pit)[-1], i.OrderCancelledReport)
    assert pit.quote(9.9, 10.1) == []
