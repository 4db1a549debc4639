"""An order in doubt of which the broker cannot tell any more is settled by a person, and all goes on from there."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from options import commands as c
from options import events as e
from options import inputs as i
from options.lifecycle import CLOSED, TradeStatus
from options.order import Order, OrderState
from options.plan import ExitPlan
from options.values import Side
from tests.options.desk import Desk, executed, fold, of, one


def in_doubt(filled: int = 0, *, acknowledged: bool = True) -> tuple[Desk, Order]:
    """A close of four went out; the broker says that it is over with three, of which it lists ``filled``."""
    desk = Desk()
    desk.opened(4, exits=ExitPlan(stop=Decimal("0.3")))
    desk.out("T1")
    leaving = desk.order
    if acknowledged:
        desk.accept()
    if filled:
        desk.fill(filled, "9.9")
    over = i.CompletedOrder(client_ref=leaving.child.client_ref, filled=3, rejected=False, reason="done")
    for _ in range(2):
        desk.wait(60)
        desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(), completed=(over,)))
    assert leaving.state is OrderState.UNKNOWN
    assert desk.all(e.OrderUnknown)[-1].asks
    return desk, leaving


def settle(
    desk: Desk, order_id: str, filled: int, price: str | None = None, fee: str = "0"
) -> list[e.TradeEvent]:
    """A person says what became of an order."""
    at = None if price is None else Decimal(price)
    asked = c.SettleOrder(
        command_id=f"c{len(desk.events)}",
        who="ann",
        order_id=order_id,
        filled=filled,
        price=at,
        fee=Decimal(fee),
    )
    return desk.give_command(asked)


def test_i10_what_a_person_has_read_ends_the_doubt_and_the_rest_goes_out() -> None:
    """Three of four were sold at 9.80 for 1.95: they are booked, and the fourth, which was blocked, is sent."""
    desk, leaving = in_doubt()
    assert of(e.OrderSubmitRequested, desk.mark(10.0)) == []
    found = settle(desk, leaving.order_id, 3, "9.8", "1.95")
    fill = one(e.OrderFilled, found)
    assert (fill.qty, fill.price, fill.fee, fill.realized_pnl) == (
        3,
        Decimal("9.8"),
        Decimal("1.95"),
        Decimal(-60),
    )
    assert one(e.OrderCancelled, found).reason == "settled by ann"
    sent = one(e.OrderSubmitRequested, found)
    assert (sent.side, sent.qty) == (Side.SELL, 1)
    desk.accept()
    desk.fill(1, "9.9")
    assert desk.status() == CLOSED
    position = desk.trade().position
    assert position.cash == position.realized - position.fees
    assert fold(desk.events) == desk.book


def test_what_was_booked_before_counts() -> None:
    """Two of its three executions are known: the price is that of the third alone."""
    desk, leaving = in_doubt(filled=2)
    assert one(e.OrderFilled, settle(desk, leaving.order_id, 3, "9.7")).qty == 1
    assert desk.trade().position.qty == 1


def test_i6_an_order_that_filled_nothing_is_over_and_its_like_goes_out_anew() -> None:
    """Nothing was sold: all four go out again, under a reference of their own."""
    desk, leaving = in_doubt()
    sent = one(e.OrderSubmitRequested, settle(desk, leaving.order_id, 0))
    assert (sent.qty, sent.client_ref != leaving.child.client_ref) == (4, True)


def test_i12_what_the_broker_tells_of_later_is_not_booked_again() -> None:
    """The execution turns up the next day: it is shown as one that belongs to nothing, and nothing is sold twice."""
    desk, leaving = in_doubt()
    settle(desk, leaving.order_id, 3, "9.8")
    late = executed(leaving, 3, "9.8", "X1.01")
    for _ in range(2):
        desk.restart()
        desk.report(late)
    assert one(e.FillUnmatched, desk.events).reason.endswith(f"{leaving.order_id} was settled by hand")
    assert desk.trade().position.qty == 1


def test_i11_what_was_booked_before_is_still_corrected() -> None:
    """Two were sold at 9.90 and a third at 9.70, as a person says; the exchange then corrects the two to 9.80."""
    desk, leaving = in_doubt(filled=2)
    settle(desk, leaving.order_id, 3, "9.7")
    booked = desk.all(e.OrderFilled)[1].exec_id
    desk.report(executed(leaving, 2, "9.8", f"{booked}.02"))
    assert desk.all(e.FillUnmatched) == []
    assert desk.trade().position.cash == 100 * (2 * Decimal("9.8") + Decimal("9.7") - 40)
    assert fold(desk.events) == desk.book


def test_what_was_never_acknowledged_is_settled_too() -> None:
    """The broker had said no word of it: what a person read there is booked like any other, and the rest goes out."""
    desk, leaving = in_doubt(acknowledged=False)
    settle(desk, leaving.order_id, 3, "9.8")
    assert (desk.trade().position.qty, [order.qty for order in desk.orders]) == (1, [1])
    assert fold(desk.events) == desk.book


def test_a_doubt_that_the_broker_cannot_end_asks_once_though_it_was_one_before() -> None:
    """It was in doubt as the connection had gone; what then contradicts itself asks for a person, and once."""
    desk = Desk()
    desk.opened(4)
    desk.out("T1")
    leaving = desk.order
    desk.accept()
    desk.report(i.BrokerLostReport(reason="gone"))
    over = i.CompletedOrder(client_ref=leaving.child.client_ref, filled=3, rejected=False, reason="done")
    for _ in range(3):
        desk.wait(60)
        desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(), completed=(over,)))
    assert [told.asks for told in desk.all(e.OrderUnknown)] == [False, True]
    desk.report(executed(leaving, 3, "9.8", "X1.01"))
    assert not leaving.asks


@given(st.integers(0, 2), st.integers(0, 4), st.integers(1, 2_000))
def test_i11_i15_whatever_is_said_quantity_and_money_add_up(booked: int, filled: int, cents: int) -> None:
    """What was booked before and what a person adds are all that was sold, at what was said; the rest is sold after."""
    assume(booked <= filled)
    desk, leaving = in_doubt(booked)
    price = Decimal(cents) / 100
    settle(desk, leaving.order_id, filled, str(price) if filled > booked else None)
    position = desk.trade().position
    assert (leaving.filled, position.qty) == (filled, 4 - filled)
    assert position.cash == 100 * (booked * Decimal("9.9") + (filled - booked) * price - 40)
    assert [order.qty for order in desk.orders] == ([4 - filled] if filled < 4 else [])
    assert (desk.status() == CLOSED) == (filled == 4)
    assert fold(desk.events) == desk.book


def test_an_entry_that_is_settled_is_guarded() -> None:
    """Two of four were bought while nobody looked: the trade holds two, under its stop."""
    desk = Desk()
    desk.propose(4, exits=ExitPlan(stop=Decimal("0.3")))
    desk.accept()
    entering = desk.order
    over = i.CompletedOrder(client_ref=entering.child.client_ref, filled=2, rejected=False, reason="done")
    desk.wait(60)
    desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(), completed=(over,)))
    armed = one(e.ExitsArmed, settle(desk, entering.order_id, 2, "10"))
    assert [(one.kind, one.qty, one.level) for one in armed.exits] == [("stop", 2, Decimal("7.00"))]
    assert desk.trade().trade_status is TradeStatus.FILLED


@pytest.mark.parametrize(
    ("filled", "price", "fee", "reasons"),
    [
        (5, "9.8", "0", ["5 filled is not between 0 and 4, which were ordered"]),
        (-1, None, "0", ["-1 filled is not between 0 and 4, which were ordered"]),
        (3, None, "0", ["give the price of the 3 that are not booked yet"]),
        (0, "9.8", "0", ["all 0 are booked: there is nothing more to give a price or a fee for"]),
        (3, "0", "-1", ["price 0 is not above 0 and at most 100,000 dollars",
                        "fee -1 is not above 0 and at most 100,000 dollars"]),
        (3, "NaN", "sNaN", ["price NaN is not above 0 and at most 100,000 dollars",
                            "fee sNaN is not above 0 and at most 100,000 dollars"]),
    ],
)  # fmt: skip
def test_what_cannot_be_so_is_refused_with_every_reason(
    filled: int, price: str | None, fee: str, reasons: list[str]
) -> None:
    """A wrong number changes nothing: the order stays in doubt."""
    desk, leaving = in_doubt()
    refused = one(e.CommandRefused, settle(desk, leaving.order_id, filled, price, fee))
    assert list(refused.reasons) == reasons
    assert leaving.state is OrderState.UNKNOWN


def test_only_what_is_in_doubt_is_settled_by_hand() -> None:
    """Neither an order that works, nor one that is over, nor one that never was, nor any while the broker is away."""
    desk = Desk()
    desk.opened(4)
    desk.out("T1")
    working = desk.order
    desk.accept()
    assert (
        "O2 is NEW, not in doubt" in one(e.CommandRefused, settle(desk, working.order_id, 4, "9")).reasons[0]
    )
    desk.report(i.BrokerLostReport(reason="gone"))
    assert "the broker is away" in one(e.CommandRefused, settle(desk, working.order_id, 4, "9")).reasons[0]
    for name in ("O1", "O99", "\x1b[2J"):
        refused = one(e.CommandRefused, settle(desk, name, 4, "9"))
        assert "is no order that is in the market" in refused.reasons[0]
        assert refused.reasons[0].isprintable()
