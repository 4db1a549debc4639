"""An execution is divided among the trades of its parent by the stated rule, and nothing gets lost."""

from hypothesis import given
from hypothesis import strategies as st

from options.order import ChildOrder, Order, OrderState, ParentOrder
from options.plan import Algo, OrderType, TimeInForce
from options.terms import ParentStatus, Schedule
from options.values import ZERO, Side

shares = st.lists(st.integers(1, 30), min_size=1, max_size=6)


def parent(*wanted: int, allocated: tuple[int, ...] = (), side: Side = Side.BUY) -> ParentOrder:
    """A parent order for trades T1, T2, … that want so many contracts."""
    return ParentOrder(
        parent_id="P1",
        instrument="GOOG",
        side=side,
        qty=sum(wanted),
        shares={f"T{number}": qty for number, qty in enumerate(wanted, start=1)},
        allocated={f"T{number}": qty for number, qty in enumerate(allocated, start=1)},
        schedule=Schedule(algo=Algo.MARKET),
        opened_ts="2015-12-24T15:00:00.000000Z",
    )


@given(shares, st.data())
def test_parts_add_up_however_the_fills_come(wanted: list[int], data: st.DataObject) -> None:
    """Any run of fills gives everybody no more than wanted, all of it in the end, and each fill whole."""
    order = parent(*wanted)
    left = order.qty
    while left:
        qty = data.draw(st.integers(1, left))
        parts = order.allocate(qty)
        assert sum(part for _, part in parts) == qty
        assert all(part > 0 for _, part in parts)
        for trade_id, part in parts:
            order.allocated[trade_id] = order.allocated.get(trade_id, 0) + part
            assert order.allocated[trade_id] <= order.shares[trade_id]
        left -= qty
    assert order.allocated == order.shares


@given(shares, st.data())
def test_each_part_is_within_one_of_its_fair_share(wanted: list[int], data: st.DataObject) -> None:
    """Pro rata: nobody is a whole contract away from the exact proportion."""
    total = sum(wanted)
    qty = data.draw(st.integers(1, total))
    parts = dict(parent(*wanted).allocate(qty))
    for number, want in enumerate(wanted, start=1):
        assert abs(parts.get(f"T{number}", 0) - qty * want / total) < 1


def test_the_largest_remainder_gets_the_odd_contract_and_then_the_oldest() -> None:
    """5 of 10 wanted as 5, 3 and 2 is 2.5, 1.5 and 1: of two halves the older trade's is rounded up."""
    assert parent(5, 3, 2).allocate(5) == [("T1", 3), ("T2", 1), ("T3", 1)]
    assert parent(1, 3).allocate(2) == [("T1", 1), ("T2", 1)]
    assert parent(1, 1, 1).allocate(1) == [("T1", 1)]
    assert parent(1, 9).allocate(1) == [("T2", 1)]


def test_what_was_given_before_counts() -> None:
    """The next fill is divided by what each trade still wants."""
    assert parent(4, 4, allocated=(4, 0)).allocate(3) == [("T2", 3)]


def test_more_than_ordered_goes_to_the_oldest() -> None:
    """What nobody wants has an owner all the same, so that positions stay the sum of fills."""
    assert parent(2, 2).allocate(7) == [("T1", 5), ("T2", 2)]
    assert parent(2, 2, allocated=(5, 2)).allocate(1) == [("T1", 1)]
    assert parent(2, allocated=(2,)).allocate(3) == [("T1", 3)]


def test_in_flight_is_signed_and_ends_with_the_parent() -> None:
    """A buy in flight counts up, a sell down, and a parent that is over counts for nothing."""
    assert parent(3, 2, allocated=(1,)).in_flight("T1") == 2
    assert parent(3, 2, side=Side.SELL).in_flight("T2") == -2
    assert parent(3).in_flight("T9") == 0
    over = parent(3)
    over.status = ParentStatus.CANCELLED
    assert over.in_flight("T1") == 0


def an_order() -> Order:
    """Two of five contracts have filled."""
    return Order(
        order_id="O1", parent_id="P1", instrument="GOOG", side=Side.BUY, qty=5, order_type=OrderType.MARKET,
        tif=TimeInForce.DAY, limit_price=None, stop_price=None, submitted_ts="", child=ChildOrder("CB1"),
        premium=ZERO, filled=2,
    )  # fmt: skip


def test_only_a_live_order_has_something_pending() -> None:
    """New, partly filled and unknown orders may still fill; others never."""
    order = an_order()
    pending = {}
    for state in OrderState:
        order.state = state
        pending[state] = order.pending
    live = {OrderState.NEW, OrderState.PARTIAL, OrderState.UNKNOWN}
    assert pending == {state: 3 if state in live else 0 for state in OrderState}
    assert not order.child.accepted


def test_an_execution_is_remembered_by_its_newest_id_alone() -> None:
    """A part for another trade and a newer revision are the same execution; other executions stay beside it."""
    order = an_order()
    for exec_id in ("E1.01", "E2.01", "E2.01", "E1.02", "odd"):
        order.count(exec_id)
    assert sorted(order.executions) == ["E1.02", "E2.01", "odd"]
    assert (order.counted("E1"), order.counted("odd"), order.counted("E3")) == ("E1.02", "odd", None)
