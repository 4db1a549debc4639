"""What crosses inside the house: at a healthy mid, through nobody's limit, and never more than was wished for."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from options import commands as c
from options import events as e
from options import inputs as i
from options.plan import Algo, EntryPlan, ExitOrder
from tests.options.cross_machine import CrossMachine
from tests.options.desk import Desk, leave, of
from tests.options.trading_laws import record_steps

SHORT = settings(max_examples=30, stateful_step_count=30)
HAPPENED = ("crossed in house", "cross of 2", "order in doubt", "corrected")
LONG_ONLY = (
    "cross of 3",
    "cross of 4",
    "partial",
    "busted",
    "late fill",
    "assigned",
    "settled by hand",
    "day lost too much",
)


def crossed(desk: Desk, since: int) -> list[tuple[str, str, int]]:
    """What has crossed: trade, side, contracts."""
    fills = [one for one in of(e.OrderFilled, desk.events[since:]) if not one.client_ref]
    return [(one.trade_id, str(one.side), one.qty) for one in fills]


def reversed_into(desk: Desk, entry: EntryPlan) -> int:
    """One strategy leaves four calls as another one wants four; the number of the first event of that."""
    desk.opened(4, "10")
    since = len(desk.events)
    desk.propose(4, entry=entry, intents=(leave("T1"),), strategy="other")
    return since


@pytest.mark.parametrize(
    ("limit", "crosses"), [("10.01", True), ("10.00", True), ("9.99", False), ("12.00", True)]
)
def test_an_entry_at_a_limit_crosses_at_a_price_within_it_only(limit: str, crosses: bool) -> None:
    """The mid is 10: who wants to pay less than that is not filled at it, but rests in the market."""
    desk = Desk()
    since = reversed_into(desk, EntryPlan(algo=Algo.LIMIT, limit_price=Decimal(limit)))
    expected = [("T2", "BUY", 4), ("T1", "SELL", 4)] if crosses else []
    assert crossed(desk, since) == expected
    assert {(order.side, order.limit_price) for order in desk.orders} == (
        set() if crosses else {("SELL", None), ("BUY", Decimal(limit))}
    )


def test_an_exit_at_a_limit_does_not_cross_below_it() -> None:
    """A person wants 10.50 or better; another strategy's entry at the mid of 10 goes to the market by itself."""
    desk = Desk()
    desk.opened(4, "10")
    order = ExitOrder(algo=Algo.LIMIT, limit_price=Decimal("10.50"))
    desk.report(i.BrokerLostReport(reason="gone"))
    desk.give_command(c.CloseTrade(command_id="c", who="ann", trade_id="T1", order=order))
    desk.propose(4, strategy="other")
    since = len(desk.events)
    desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=()))
    desk.wait(1)
    assert crossed(desk, since) == []
    assert {(one.side, one.limit_price) for one in desk.orders} == {("SELL", Decimal("10.50")), ("BUY", None)}


def test_an_absurdly_wide_quote_is_no_price_to_cross_at() -> None:
    """Bid 0.01, ask 20: its middle is nobody's price; exits go to the market, as they must."""
    desk = Desk()
    desk.opened(4, "10")
    desk.propose(4, entry=EntryPlan(algo=Algo.LIMIT, limit_price=Decimal(12)), strategy="other")
    desk.reject(reason="no")
    desk.quote(0.01, 20.0, after_s=1)
    since = len(desk.events)
    desk.propose(
        4, entry=EntryPlan(algo=Algo.LIMIT, limit_price=Decimal(12)), intents=(leave("T1"),), strategy="third"
    )
    assert crossed(desk, since) == []
    assert any(order.side == "SELL" for order in desk.orders)


@pytest.mark.proof
def test_i8_i10_i11_crosses_move_nothing_out_of_the_house(
    proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """Many strategies, opposite wishes at one moment, partial fills, doubts and corrections; in the end all is out."""
    CrossMachine.happened.clear()
    CrossMachine.steps.clear()
    machine = CrossMachine if proof_is_long else seed(20151224)(CrossMachine)
    run_state_machine_as_test(machine, settings=settings() if proof_is_long else SHORT)
    record_steps(CrossMachine, record_property)
    kinds = (*HAPPENED, *(LONG_ONLY if proof_is_long else ()))
    for kind in kinds:
        record_property(kind, CrossMachine.happened[kind])
    assert [kind for kind in kinds if not CrossMachine.happened[kind]] == []
