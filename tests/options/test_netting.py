"""What must be sent is what is wanted, less what is held, less what is on its way."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from options import events as e
from options import inputs as i
from options.book import Book
from options.commands import CancelTrade, CloseAll
from options.intent import Outcome
from options.lifecycle import CANCELLED, CLOSED
from options.netting import Need, Requirement, group_requirements, live_orders, requirement
from options.order import OrderState
from options.plan import Algo, EntryCondition, EntryPlan, TimeInForce, Unfilled, Watch
from options.trade import Trade
from options.values import Side
from tests.options.desk import KEY, Desk, accepted, leave, limit, of, one


def test_a_trade_without_an_intent_needs_nothing() -> None:
    """A reversal's second half asks for nothing until its turn comes."""
    desk = Desk()
    desk.opened(2)
    desk.propose(2, entry=EntryPlan(after="T1"))
    assert requirement(desk.book, desk.trade("T2")).need is Need.NOTHING


def test_what_is_on_its_way_counts_as_held() -> None:
    """A burst of the same wish sends one order."""
    desk = Desk()
    desk.opened(4)
    for _ in range(3):
        desk.out("T1")
    assert len(desk.all(e.OrderSubmitRequested)) == 2
    assert requirement(desk.book, desk.trade()).need is Need.NOTHING


def test_more_in_the_same_direction_sends_the_difference() -> None:
    """Two are on their way out when all four shall go: two more are sent."""
    desk = Desk()
    desk.opened(4)
    desk.out("T1", 2)
    events = desk.out("T1", 0)
    assert one(e.OrderSubmitRequested, events).qty == 2


def test_an_order_that_works_against_the_wish_is_taken_back_first() -> None:
    """An entry on its way is cancelled, once, and nothing is sent beside it."""
    desk = Desk()
    desk.propose(4)
    desk.fill(1)
    events = desk.out("T1")
    assert one(e.OrderCancelRequested, events).order_id == "O1"
    assert not of(e.OrderSubmitRequested, events)
    assert all(order.cancel_requested for order in live_orders(desk.book, desk.trade()))
    after = desk.cancelled(desk.orders[0])
    assert (one(e.OrderSubmitRequested, after).side, one(e.OrderSubmitRequested, after).qty) == (Side.SELL, 1)


def test_an_order_in_doubt_blocks_its_like() -> None:
    """While an exit's fate is unknown, no other exit of the trade is sent."""
    desk = Desk()
    desk.opened(4)
    desk.out("T1", 2)
    order = desk.order
    unknown = e.OrderUnknown(
        "2015-12-24T14:36:00.000000Z", order_id=order.order_id, client_ref=order.child.client_ref, reason="?"
    )
    desk.manager.note(unknown)
    assert order.state is OrderState.UNKNOWN
    assert not of(e.OrderSubmitRequested, desk.out("T1", 0))
    assert requirement(desk.book, desk.trade()).need is Need.WAIT
    assert one(e.OrderSubmitRequested, desk.report(accepted(order))).qty == 2


def test_the_way_to_the_other_side_stops_at_flat() -> None:
    """An exit takes out what is held; what is wanted beyond waits until flat is proven."""
    desk = Desk()
    trade = desk.opened(2)
    trade.target = -3
    assert requirement(desk.book, trade).qty == -2
    desk.out("T1", 1)
    trade.target = -3
    assert requirement(desk.book, trade).qty == -1


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4]), max_size=8))
def test_i8_no_burst_of_wishes_overshoots(targets: list[int]) -> None:
    """Whatever is wished for while nothing fills, what is on its way never exceeds what is held."""
    desk = Desk()
    trade = desk.opened(4)
    for target in targets:
        desk.out("T1", target)
        assert -4 <= desk.book.in_flight(trade) <= 0


def test_wishes_that_can_be_met_together_make_one_order() -> None:
    """Two trades that leave on one input share a parent order; the shares are written on it."""
    desk = Desk()
    desk.opened(2)
    desk.opened(3, strategy="other")
    events = desk.answer(Outcome.CLOSING, intents=(leave("T1"), leave("T2")))
    parent = one(e.ParentOrderOpened, events)
    assert (parent.qty, parent.side) == (5, Side.SELL)
    assert [(share.trade_id, share.qty) for share in parent.shares] == [("T1", 2), ("T2", 3)]
    desk.fill(5, "11", fee="3.25")
    fills = desk.all(e.OrderFilled)[-2:]
    assert [(fill.trade_id, fill.qty, fill.fee) for fill in fills] == [
        ("T1", 2, Decimal("1.30")),
        ("T2", 3, Decimal("1.95")),
    ]


@pytest.mark.parametrize(
    ("first", "second", "groups"),
    [
        (EntryPlan(), EntryPlan(), 1),
        (EntryPlan(), limit("10"), 2),
        (limit("10"), limit("10"), 1),
        (limit("10"), limit("11"), 2),
        (limit("10"), limit("10", tif=TimeInForce.GTC), 2),
    ],
)
def test_only_orders_alike_are_put_together(first: EntryPlan, second: EntryPlan, groups: int) -> None:
    """Same side and same way of meeting the market, or each its own parent."""
    desk = Desk()
    trade = desk.opened(1)
    wanted = [
        (replace(trade, trade_id="T8", entry=first), 2),
        (replace(trade, trade_id="T9", entry=second), 3),
    ]
    found = group_requirements(wanted, None)
    assert len(found) == groups
    assert sum(group.qty for group in found) == 5


def test_an_exit_meets_the_market_whatever_the_entry_did() -> None:
    """A trade that was entered at a limit leaves at the market, and apart from entries."""
    desk = Desk()
    trade = desk.opened(2, entry=limit("10.2"))
    out, into = group_requirements([(trade, -2), (trade, 2)], None)
    assert (out.reducing, out.schedule.algo, out.schedule.limit_price) == (True, Algo.MARKET, None)
    assert (into.reducing, into.schedule.algo, into.schedule.limit_price) == (
        False,
        Algo.LIMIT,
        Decimal("10.2"),
    )
    assert desk.orders == []
    assert trade.instrument == KEY


@pytest.mark.parametrize("parts", [(1, 1, 1, 1, 1), (3, 2), (4, 1), (5,)])
def test_a_trade_whose_part_of_a_shared_exit_is_out_first_is_over_with_it(parts: tuple[int, ...]) -> None:
    """Two trades leave by one order, the smaller is out before the order is done: in the end both are closed."""
    desk = Desk()
    desk.opened(1)
    desk.opened(4, strategy="other")
    desk.give_command(CloseAll(command_id="c1", who="ann"))
    shared = desk.order
    assert shared.qty == 5
    for qty in parts:
        desk.fill(qty, order=shared)
    assert [desk.status(trade_id) for trade_id in ("T1", "T2")] == [CLOSED, CLOSED]
    assert not desk.book.trades
    assert len(desk.all(e.TradeClosed)) == 2


def entering_together() -> Desk:
    """Two trades that enter by one order in parts, and have one contract each when the second part is not out yet."""
    desk = Desk()
    in_parts = EntryPlan(algo=Algo.TWAP, every_s=60.0, steps=2)
    desk.report(i.BrokerLostReport(reason="gone"))
    desk.propose(2, entry=in_parts)
    desk.propose(2, entry=in_parts, strategy="other")
    desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=()))
    desk.wait(1)
    desk.fill(2)
    assert [desk.trade(one).position.qty for one in ("T1", "T2")] == [1, 1]
    return desk


def test_i8_two_that_give_up_the_order_they_share_are_each_asked_once() -> None:
    """The first ends the order, which frees the second, who was to be asked anyway: two contracts go out, not four."""
    desk = entering_together()
    sent = one(e.OrderSubmitRequested, desk.give_command(CloseAll(command_id="c1", who="ann")))
    assert (sent.side, sent.qty) == ("SELL", 2)
    opened = desk.all(e.ParentOrderOpened)[-1]
    assert [(share.trade_id, share.qty) for share in opened.shares] == [("T1", 1), ("T2", 1)]


@pytest.mark.parametrize(("leaver", "stayer"), [("T1", "T2"), ("T2", "T1")])
def test_who_shares_an_order_that_another_gives_up_is_netted_again(leaver: str, stayer: str) -> None:
    """Two enter by one order in parts; one leaves between two of them, and the other still gets all that it wants."""
    desk = entering_together()
    events = desk.out(leaver)
    assert one(e.ParentOrderClosed, events[:4]).filled == 2
    assert desk.status(leaver) == CLOSED
    trade = desk.trade(stayer)
    assert trade.position.qty + desk.book.in_flight(trade) == 2


def waiting_together(*entries: EntryPlan) -> Desk:
    """A desk on which several trades wait for one price, and it has come."""
    desk = Desk()
    cheaper = EntryCondition(watch=Watch.OPTION, level=Decimal("9.95"), above=False)
    for number, entry in enumerate(entries):
        desk.propose(2, entry=replace(entry, condition=cheaper), strategy=f"s{number}")
    desk.mark(9.9)
    for order in desk.orders:
        desk.accept(order)
    return desk


@pytest.mark.parametrize("filled", [0, 1])
def test_who_shares_an_order_in_the_market_goes_on_alone_once_it_is_out(filled: int) -> None:
    """One of two is cancelled while their order rests, filled in part or not: the other one's rest is sent anew."""
    desk = waiting_together(limit("9.50"), limit("9.50"))
    if filled:
        desk.fill(filled, "9.50")
    desk.give_command(CancelTrade(command_id="c1", who="ann", trade_id="T1"))
    shared = desk.order
    sent = of(e.OrderSubmitRequested, desk.cancelled(shared))
    assert desk.trade("T1").target == 0
    assert [(each.qty, each.limit_price) for each in sent if each.side == "BUY"] == [(2, Decimal("9.50"))]
    assert sum(each.qty for each in sent if each.side == "SELL") == filled
    assert desk.trade("T2").target == 2


def test_an_entry_that_the_broker_ends_is_over_for_all_who_share_it() -> None:
    """Nobody here has given it up: one keeps what it got, and the other lets go."""
    desk = waiting_together(limit("9.50"), limit("9.50"))
    desk.fill(1, "9.50")
    assert of(e.OrderSubmitRequested, desk.cancelled()) == []
    assert [desk.trade(each).target_kind for each in ("T1", "T2")] == ["entry ended", "entry"]
    assert desk.status("T2") == CANCELLED


def test_who_goes_to_the_market_when_its_time_is_over_takes_nobody_along() -> None:
    """Two at one limit, one of which is to go to the market after five seconds: the other stays at its limit."""
    hasty = replace(limit("9.50"), give_up_after_s=5.0, unfilled=Unfilled.MARKET)
    desk = waiting_together(limit("9.50"), hasty)
    desk.wait(6)
    asked = [order for order in desk.orders if order.cancel_requested]
    assert [desk.book.parents[order.parent_id].shares for order in asked] == [{"T2": 2}]
    sent = one(e.OrderSubmitRequested, desk.cancelled(asked[0]))
    assert (sent.qty, sent.limit_price) == (2, None)


def test_i8_an_input_about_one_trade_looks_at_that_trade_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight trades hold one contract: what one of them wants is asked of it, and of none of the others."""
    desk = Desk()
    for number in range(8):
        desk.opened(1, strategy=f"follow_{number}")
    asked: list[str] = []

    def note(book: Book, trade: Trade) -> Requirement:
        asked.append(trade.trade_id)
        return requirement(book, trade)

    monkeypatch.setattr("options.execution_desk.requirement", note)
    desk.out("T7")
    desk.fill(1, "11")
    desk.propose(1, strategy="last")
    desk.fill(1, "11")
    assert desk.status("T7") == CLOSED
    assert set(asked) == {"T7", "T9"}
