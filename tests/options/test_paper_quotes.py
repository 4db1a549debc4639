"""The paper broker looks at the orders that new quotes may fill and at no others; nothing fills otherwise by that."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from options import inputs as i
from options.contract import Combo, parse_key
from options.execution.fill_models import QUOTE_RULES, FillRules, realistic_rules
from options.execution.paper import PaperBroker
from options.execution.port import OrderTicket
from options.plan import OrderType, TimeInForce
from options.quote import Quote, QuoteCache, QuoteLimits
from options.values import SECOND, Micros, Side
from tests.options.desk import KEY, OPEN, PUT_KEY

LIMITS = QuoteLimits(stale_after_s=60, feed_silence_s=30)


STRADDLE = Combo.of((1, parse_key(KEY)), (1, parse_key(PUT_KEY))).key  # type: ignore[arg-type]
Step = tuple[Any, ...]
INSTRUMENTS = st.sampled_from([KEY, PUT_KEY, STRADDLE])
TERMS = st.sampled_from(
    [
        (OrderType.MARKET, None, None),
        (OrderType.LIMIT, Decimal(10), None),
        (OrderType.LIMIT, Decimal(20), None),
        (OrderType.STOP, None, Decimal("9.90")),
        (OrderType.STOP_LIMIT, Decimal("9.80"), Decimal("9.90")),
    ]
)
QUOTES = st.tuples(
    st.just("quote"),
    st.sampled_from([KEY, PUT_KEY]),
    st.integers(970, 1020),
    st.integers(-4, 20),  # crossed where below zero
    st.integers(1, 6),
    st.sampled_from([0, 45]),  # seconds old
)
ORDERS = st.tuples(
    st.just("order"),
    INSTRUMENTS,
    st.sampled_from(list(Side)),
    st.integers(1, 6),
    TERMS,
    st.sampled_from(["", "G", "H"]),
)
CANCELS = st.tuples(st.just("cancel"), st.integers(0, 20))
HISTORY = st.lists(
    st.tuples(st.sampled_from([0, 1, 5, 35, 70]), QUOTES | ORDERS | CANCELS), min_size=5, max_size=50
)


def said(
    history: list[tuple[int, Step]], rules: FillRules, *, told: bool
) -> list[tuple[i.BrokerReport, ...]]:
    """What a broker says to each step; ``told``: it hears which quotes have changed."""
    quotes, at = QuoteCache(), OPEN
    broker = PaperBroker(quotes, LIMITS, rules)
    answers, sent = [], 0
    for seconds, step in history:
        at += seconds * SECOND
        match step:
            case ("quote", key, bid, spread, size, age):
                quote = Quote(at - age * SECOND, bid / 100, (bid + spread) / 100, None, size, size)
                changes = [(key, quote)]
                quotes.update(at, changes)
                broker.on_quotes(at, changes if told else None)
            case ("order", key, side, qty, terms, group):
                sent += 1
                broker.submit(ticket(f"CB{sent:010d}", key, side, qty, terms, group), at)
            case ("cancel", number):
                broker.cancel(f"CB{number:010d}", at)
        answers.append(broker.drain())
    broker.snapshot(at)
    return [*answers, broker.drain()]


def ticket(ref: str, key: str, side: Side, qty: int, terms: Step, group: str) -> OrderTicket:
    """An order for the day."""
    order_type, limit, stop = terms
    return OrderTicket(
        client_ref=ref,
        instrument=key,
        side=side,
        qty=qty,
        order_type=order_type,
        tif=TimeInForce.DAY,
        limit_price=limit,
        stop_price=stop,
        oca_group=group,
    )


@given(history=HISTORY, rules=st.sampled_from([QUOTE_RULES, realistic_rules(0, 2.0)]))
def test_an_order_fills_as_if_every_order_were_tried_on_every_quote(
    history: list[tuple[int, Step]], rules: FillRules
) -> None:
    """Whatever comes, with silences, delays, combos and groups: the same reports in the same order."""
    assert said(history, rules, told=True) == said(history, rules, told=False)


class Counted(dict[str, Quote]):
    """Quotes that count how often one is asked for."""

    asked = 0

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        """As of any mapping."""
        self.asked += 1
        return super().get(key, default)


def test_orders_on_other_contracts_are_not_looked_at() -> None:
    """A quote of one contract, with one order in it, is the same work beside a hundred orders in another."""
    asked = []
    for others in (1, 100):
        quotes = QuoteCache()
        quotes.quotes = counted = Counted()
        broker = PaperBroker(quotes, LIMITS)
        quotes.update(OPEN, [(key, Quote(OPEN, 9.0, 9.2)) for key in (KEY, PUT_KEY)])
        far = (OrderType.LIMIT, Decimal(5), None)
        for number in range(others):
            broker.submit(ticket(f"CB{number:010d}", PUT_KEY, Side.BUY, 1, far, f"G{number}"), OPEN)
        broker.submit(ticket("CB9999999999", KEY, Side.BUY, 1, far, ""), OPEN)
        broker.drain()
        at: Micros = OPEN + SECOND
        changes = [(KEY, Quote(at, 4.8, 4.9))]
        quotes.update(at, changes)
        counted.asked = 0
        broker.on_quotes(at, changes)
        asked.append(counted.asked)
        assert [type(report) for report in broker.drain()] == [i.ExecutionReport]
    assert 0 < asked[1] == asked[0]
