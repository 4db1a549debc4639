"""The broker changes its word on an execution: all is as if it had said the newest at once, and it is acted on."""

from dataclasses import asdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options import commands as c
from options import events as e
from options import inputs as i
from options.correction_events import FillCorrected
from options.execution_key import ExecutionKey, execution_key
from options.lifecycle import CANCELLED, CLOSED, FLATTENED, GUARDED, TradeStatus
from options.order import Order
from options.plan import EntryCondition, EntryPlan, Watch
from options.terms import Effect
from options.values import ZERO
from tests.options.any_order import one_order, tell_in_any_order
from tests.options.desk import (
    Desk,
    accepted,
    cancelled,
    executed,
    fold,
    ladder,
    one,
    signed_sum,
)
from tests.options.trading_room import KEY as ROOM_KEY
from tests.options.trading_room import Room


def said(order: Order, base: str, revision: int, qty: int, price: str, fee: str = "0") -> i.ExecutionReport:
    """What the broker says of an execution in one of its revisions."""
    return executed(order, qty, price, f"{base}.{revision:02d}", fee)


def settled(desk: Desk) -> tuple[object, ...]:
    """Everything that fills lead to: positions, money, counts and limits used."""
    book = desk.book
    assert fold(desk.events) == book, "I4: the events give another book"
    trades = (*book.trades.values(), *book.closed_trades.values())
    totals = {name: value for name, value in asdict(book.totals).items() if name != "events"}
    return (
        [
            (one.trade_id, one.position.qty, one.position.cost, one.position.realized, one.position.fees,
             one.position.cash, one.position.entered, one.position.qty_traded, one.position.first_price)
            for one in trades
        ],
        totals,
        book.risk.held,
        book.risk.entering,
        book.day.premium_used,
        {name: (day.made, day.premium_bought) for name, day in book.day.counts.by_strategy.items()},
        [(order.order_id, order.filled, order.fees, order.pending) for order in book.order_of_ref.values()],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("exec_id", "key"),
    [
        ("0000e0d5.6578f37f.01.01", ExecutionKey("0000e0d5.6578f37f.01", 1)),
        ("0000e0d5.6578f37f.01.12", ExecutionKey("0000e0d5.6578f37f.01", 12)),
        ("E1", ExecutionKey("E1", 1)),
        ("X1.7", ExecutionKey("X1.7", 1)),
        (".01", ExecutionKey(".01", 1)),
        ("a.\u0660\u0661", ExecutionKey("a.\u0660\u0661", 1)),
    ],
)
def test_an_execution_id_names_its_base_and_its_revision(exec_id: str, key: ExecutionKey) -> None:
    """Two digits after the last point are the revision; an id without them is whole."""
    assert execution_key(exec_id) == key


def test_a_corrected_price_changes_cost_profit_and_fee_and_nothing_else() -> None:
    """Same quantity at another price: the average moves, the exits with it, and no order goes out."""
    desk = Desk()
    desk.propose(4, exits=ladder(stop="0.1"))
    order = desk.order
    desk.report(accepted(order), said(order, "X", 1, 4, "10.00", "2.60"))
    found = desk.report(said(order, "X", 2, 4, "9.00", "1.60"))
    corrected = one(FillCorrected, found)
    assert (corrected.was_price, corrected.price, corrected.was_fee, corrected.fee) == (
        Decimal(10), Decimal(9), Decimal("2.60"), Decimal("1.60"),
    )  # fmt: skip
    trade = desk.trade()
    assert (trade.position.cost, trade.position.fees, trade.status) == (
        Decimal(3600),
        Decimal("1.60"),
        GUARDED,
    )
    assert [armed.level for armed in trade.armed] == [Decimal("8.10")]
    assert desk.orders == []
    assert desk.book.day.premium_bought == Decimal(3600)


def test_what_a_correction_takes_from_an_entry_is_not_bought_again() -> None:
    """Four were told, three it is: the trade keeps three, guarded as three, and wants no fourth."""
    desk = Desk()
    desk.propose(4, exits=ladder(stop="0.1"))
    order = desk.order
    desk.report(said(order, "X", 1, 4, "10"))
    desk.report(said(order, "X", 2, 3, "10"))
    trade = desk.trade()
    assert (trade.position.qty, trade.target, trade.status) == (3, 3, GUARDED)
    assert [armed.qty for armed in trade.armed] == [3]
    assert desk.orders == []


def test_a_busted_entry_ends_its_trade() -> None:
    """All that filled is taken back: nothing is held, nothing was made, and the trade is over."""
    desk = Desk()
    desk.propose(4)
    order = desk.order
    desk.report(said(order, "X", 1, 4, "10", "2.60"))
    desk.report(said(order, "X", 2, 0, "0"))
    assert (desk.status(), desk.trade().position.qty, desk.orders) == (FLATTENED, 0, [])
    totals = desk.book.totals
    assert (totals.realized, totals.fees, totals.cash) == (ZERO, ZERO, ZERO)
    assert (totals.contracts, totals.fills, totals.trades_opened) == (0, 0, 0)
    assert desk.book.day.premium_used == ZERO
    assert desk.book.risk.held == {}


def test_a_busted_exit_opens_its_trade_again_and_it_is_closed_again() -> None:
    """What an exit did not sell after all is held again in the same position, and goes out again."""
    desk = Desk()
    desk.opened(4, "10")
    desk.out("T1")
    first = desk.order
    desk.report(said(first, "X", 1, 4, "11", "1"))
    assert (desk.status(), desk.book.totals.trades_won) == (CLOSED, 1)
    found = desk.report(said(first, "X", 2, 1, "11", "1"))
    assert one(FillCorrected, found).realized_pnl == Decimal(-300)
    trade = desk.trade()
    assert (trade.trade_status, trade.position.position_id, trade.position.qty) == (
        TradeStatus.FILLED, "T1-1", 3,
    )  # fmt: skip
    assert (desk.book.totals.trades_closed, desk.book.totals.trades_won) == (0, 0)
    again = one(e.OrderSubmitRequested, found)
    assert (again.side, again.qty, again.approval.reducing) == ("SELL", 3, True)
    closed = one(e.TradeClosed, desk.fill(3, "9"))
    assert (closed.realized_pnl, closed.qty, closed.fees) == (Decimal(-200), 4, Decimal(1))
    assert (desk.book.totals.trades_closed, desk.book.totals.trades_opened) == (1, 1)


def test_an_exit_that_turns_out_to_have_sold_too_much_is_bought_back_and_halts() -> None:
    """Five sold of four: short one after all was over, so one is bought back, and entries stop."""
    desk = Desk()
    desk.opened(4, "10")
    desk.out("T1")
    first = desk.order
    desk.report(said(first, "X", 1, 4, "11"))
    found = desk.report(said(first, "X", 2, 5, "11"))
    assert one(e.TradingHalted, found).reason == "order O2 for 4 has filled 5"
    back = one(e.OrderSubmitRequested, found)
    assert (back.side, back.qty) == ("BUY", 1)
    desk.fill(1, "11")
    assert (desk.trade().position.qty, desk.trade().position.realized) == (0, Decimal(400))


def test_what_works_beside_a_corrected_execution_is_asked_back() -> None:
    """Half an entry filled, then that half shrinks: the rest is taken out of the market, and what is held is kept."""
    desk = Desk()
    desk.propose(4, exits=ladder(stop="0.1"))
    order = desk.order
    desk.report(said(order, "X", 1, 3, "10"))
    found = desk.report(said(order, "X", 2, 2, "10"))
    assert one(e.OrderCancelRequested, found).order_id == order.order_id
    desk.cancelled(order)
    trade = desk.trade()
    assert (trade.position.qty, trade.target, desk.orders) == (2, 2, [])
    assert [armed.qty for armed in trade.armed] == [2]


def test_a_corrected_exit_goes_on_for_all_that_is_held() -> None:
    """An exit half filled whose fill is busted is asked back, and goes out again for all."""
    desk = Desk()
    desk.opened(4, "10")
    desk.out("T1")
    first = desk.order
    desk.report(said(first, "X", 1, 2, "11"))
    desk.report(said(first, "X", 2, 0, "11"))
    assert first.cancel_requested
    sent = one(e.OrderSubmitRequested, desk.cancelled(first))
    assert (sent.side, sent.qty) == ("SELL", 4)


def test_a_busted_entry_takes_its_exit_back() -> None:
    """While an exit is out for what never was: it is cancelled, and nothing is sold short."""
    desk = Desk()
    desk.propose(4)
    entry = desk.order
    desk.report(said(entry, "X", 1, 4, "10"))
    desk.out("T1")
    leaving = desk.order
    found = desk.report(said(entry, "X", 2, 0, "10"))
    assert one(e.OrderCancelRequested, found).order_id == leaving.order_id
    desk.cancelled(leaving)
    assert (desk.trade().trade_status, desk.trade().position.qty) == (TradeStatus.CLOSED, 0)


def test_whoever_is_short_through_a_bust_can_only_get_out() -> None:
    """Three of four are sold when the entry is taken back: a strategy that still wants one does not get it."""
    desk = Desk()
    desk.propose(4)
    entry = desk.order
    desk.report(said(entry, "X", 1, 4, "10"))
    desk.out("T1", 1)
    desk.fill(3)
    back = one(e.OrderSubmitRequested, desk.report(said(entry, "X", 2, 0, "10")))
    assert (back.side, back.qty, desk.trade().position.qty) == ("BUY", 3, -3)
    refusal = one(e.IntentRefused, desk.out("T1", 1))
    assert refusal.reasons == ("T1: the other side of what it wants is held; it can only be closed",)
    desk.fill(3)
    assert (desk.trade().trade_status, desk.trade().position.qty) == (TradeStatus.CLOSED, 0)


def test_a_bust_may_come_before_what_it_busts() -> None:
    """The end of an execution that was never heard of is written down, and its late first word changes nothing."""
    desk = Desk()
    desk.propose(2)
    order = desk.order
    first, bust = said(order, "X", 1, 2, "10"), said(order, "X", 2, 0, "10")
    assert one(FillCorrected, desk.report(bust)).qty == 0
    assert one(e.OrderCancelRequested, desk.report(first)).order_id == order.order_id
    assert (order.filled, desk.trade().position.qty) == (0, 0)
    desk.cancelled(order)
    assert desk.status() == CANCELLED
    assert desk.report(first, bust) == []


def test_a_first_word_of_nothing_is_no_execution() -> None:
    """Without a revision above the first, no quantity is a mistake: it halts trading as it ever did."""
    desk = Desk()
    desk.propose(2)
    found = desk.report(said(desk.order, "X", 1, 0, "10"))
    assert one(e.FillUnmatched, found).reason == "execution X.01: 0 contracts is no quantity"


def test_a_bust_that_is_taken_back_counts_again() -> None:
    """Busted, and then good after all: the trade is on again in the position that it had."""
    desk = Desk()
    desk.propose(2, exits=ladder(stop="0.1"))
    order = desk.order
    desk.report(said(order, "X", 1, 2, "10"))
    desk.report(said(order, "X", 2, 0, "10"))
    assert desk.status() == FLATTENED
    desk.report(said(order, "X", 3, 2, "9.50"))
    trade = desk.trade()
    assert (trade.position.position_id, trade.position.qty, trade.position.cost) == ("T1-1", 2, Decimal(1900))
    assert desk.book.trades_on == 1


def test_a_correction_of_a_position_before_joins_what_came_after() -> None:
    """An execution after the end opened a second position; the first is open after all: both are one."""
    desk = Desk()
    desk.opened(4, "10")
    desk.out("T1")
    leaving = desk.order
    desk.report(said(leaving, "X", 1, 2, "11"), said(leaving, "Y", 1, 2, "11"))
    desk.report(said(leaving, "Z", 1, 1, "11"))
    assert (desk.trade().position.position_id, desk.trade().position.qty) == ("T1-2", -1)
    found = desk.report(said(leaving, "X", 2, 1, "11"))
    corrected = one(FillCorrected, found)
    assert (corrected.position_id, corrected.position) == ("T1-2", 0)
    trade = desk.trade()
    assert [one.position_id for one in trade.positions] == ["T1-2"]
    assert (trade.position.qty, trade.position.realized) == (0, Decimal(400))


def test_a_netted_execution_is_divided_again() -> None:
    """One order for two trades: each keeps its share of what is left, and money adds up to the execution's."""
    desk = Desk()
    desk.quote(0.99, 1.01)
    waits = EntryPlan(condition=EntryCondition(watch=Watch.OPTION, level=Decimal("0.9"), above=False))
    desk.propose(6, strategy="a", entry=waits)
    desk.propose(4, strategy="b", entry=waits)
    desk.quote(0.89, 0.91, after_s=1)
    desk.quote(0.88, 0.9, after_s=1)
    order = desk.order
    assert order.qty == 10
    desk.report(said(order, "X", 1, 10, "10", "6.50"))
    desk.report(said(order, "X", 2, 5, "10", "3.25"))
    assert [desk.trade(name).position.qty for name in ("T1", "T2")] == [3, 2]
    assert desk.book.totals.fees == Decimal("3.25")
    desk.report(said(order, "X", 3, 0, "10"))
    assert [desk.trade(name).position.qty for name in ("T1", "T2")] == [0, 0]


def test_the_effect_of_later_fills_is_that_of_the_new_history() -> None:
    """The first of two entry fills is busted: the second one opened the position."""
    desk = Desk()
    desk.propose(4)
    order = desk.order
    desk.report(said(order, "X", 1, 2, "10"), said(order, "Y", 1, 2, "11"))
    desk.report(said(order, "X", 2, 0, "10"))
    position = desk.trade().position
    assert (position.qty, position.first_price, position.entered) == (2, Decimal(11), 2)
    assert desk.all(e.OrderFilled)[-1].effect is Effect.ADD  # that is what it was called when it came


lives = st.lists(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(900, 1100), st.integers(0, 130)), min_size=1, max_size=3
    ),
    min_size=1,
    max_size=3,
)


@given(lives, st.booleans(), st.booleans(), st.data())
def test_i11_i12_i15_revisions_in_any_order_end_as_if_the_newest_had_been_alone(
    executions: list[list[tuple[int, int, int]]], leaving: bool, ends: bool, data: st.DataObject
) -> None:
    """Doubled, shuffled, batched anyhow, with every revision or the newest alone: the same positions and money."""
    executions = [[(max(1, life[0][0]), *life[0][1:]), *life[1:]] for life in executions]
    qty = max(1, sum(max(told for told, _, _ in life) for life in executions)) + ends

    def run(how: str) -> tuple[object, ...]:
        desk, order = one_order(qty, leaving=leaving)
        reports: list[i.BrokerReport] = [accepted(order)]
        for number, life in enumerate(executions):
            told = [
                said(order, f"X{number}", revision, count, f"{price / 1000:.2f}", f"{fee / 100:.2f}")
                for revision, (count, price, fee) in enumerate(life, start=1)
            ]
            reports += told[-1:] if how == "newest" else told
        if how == "shuffled":
            tell_in_any_order(desk, reports, data)
        else:
            desk.report(*reports)
        desk.report(cancelled(order))
        counts = desk.book.totals
        held = desk.trade().position.qty
        assert held == signed_sum_of_newest(executions, qty, leaving=leaving)
        assert counts.cash == counts.realized - counts.fees - desk.trade().position.cost
        found = settled(desk)
        totals = found[1]
        assert isinstance(totals, dict)
        return (
            [row[1:6] for row in found[0]],  # type: ignore[attr-defined]
            {name: value for name, value in totals.items() if name != "trades_won"},
            *found[2:4],
            *found[5:],
        )

    assert run("told") == run("newest")
    assert run("shuffled") == run("newest")


def signed_sum_of_newest(executions: list[list[tuple[int, int, int]]], qty: int, *, leaving: bool) -> int:
    """What is held by the newest revisions alone."""
    newest = sum(life[-1][0] for life in executions)
    return qty - newest if leaving else newest


def test_the_sum_of_fills_in_the_ledger_is_not_the_position_any_more() -> None:
    """Fills stay as they were written: a reader must take the corrections in as well."""
    desk = Desk()
    desk.propose(2)
    order = desk.order
    desk.report(said(order, "X", 1, 2, "10"), said(order, "X", 2, 1, "10"))
    assert signed_sum(desk.all(e.OrderFilled)) == 2
    changes = [event.qty - event.was_qty for event in desk.all(FillCorrected)]
    assert (changes, desk.trade().position.qty) == ([-1], 1)


def test_the_paper_broker_can_be_scripted_to_correct_itself() -> None:
    """Filled on quotes, corrected by script, after a restart too: the core takes it from there."""
    room = Room()
    room.quote(9.9, 10.1)
    room.take(c.NewTrade(command_id=room.name(), who="ann", instrument=ROOM_KEY, qty=4))
    room.take(c.ActivateTrade(command_id=room.name(), who="ann", trade_id="T1"))
    (told,) = [event for event in room.ledger if isinstance(event, e.OrderFilled)]
    assert (told.qty, told.exec_id[-6:]) == (4, ".01.01")
    room.restart()
    order = room.book.order_of_ref[told.client_ref]
    base = told.exec_id.removesuffix(".01")
    room.broker.say(said(order, base, 2, 3, "10.05", "1.95"))
    room.quote(9.9, 10.1)
    assert (room.trade().position.qty, room.trade().position.cost) == (3, Decimal(3015))
    room.take(c.CloseTrade(command_id=room.name(), who="ann", trade_id="T1"))
    assert room.status() == "Inactive / Closed"
    assert room.book.totals.contracts == 6
