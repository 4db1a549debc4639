"""Orders in doubt: what counts as proof, what waits for it, and what a difference to the broker leads to."""

from collections.abc import Callable
from itertools import count
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options import commands as c
from options import events as e
from options import inputs as i
from options.order import OrderState
from options.plan import Algo, EntryPlan
from options.values import Side
from tests.options.doubt_scene import KEY, Scene, names


class Deliver(Protocol):
    """Hands what was sent to the broker."""

    def __call__(self, *, lossy: bool) -> None:
        """With or without losses."""


Collect = Callable[[list[e.TradeEvent]], None]


def sent_entry(qty: int = 4) -> tuple[Scene, e.OrderSubmitRequested]:
    """A scene whose entry order has been sent."""
    scene = Scene()
    scene.enter(qty)
    return scene, scene.sent[0]


def test_an_order_that_is_not_acknowledged_in_time_is_in_doubt_and_asked_after() -> None:
    """Ten seconds without an answer put an order in doubt once, and the broker is to be asked at once."""
    scene, sent = sent_entry()
    assert "OrderUnknown" not in names(scene.wait(9))
    assert scene.manager.doubts.next_look is None
    assert "OrderUnknown" in names(scene.wait(1))
    assert scene.order(sent.client_ref).state is OrderState.UNKNOWN
    assert scene.manager.doubts.ask_due(scene.at)
    assert "OrderUnknown" not in names(scene.wait(60))


def test_an_acknowledged_order_is_never_in_doubt_by_time() -> None:
    """An order that the broker has may rest for hours."""
    scene, sent = sent_entry()
    scene.hear(scene.arrive(sent))
    scene.wait(3_600)
    assert scene.order(sent.client_ref).state is OrderState.NEW


def test_a_cancel_that_is_not_answered_is_asked_again_when_the_order_is_found() -> None:
    """A lost cancel puts its order in doubt; a look that finds it resting resolves that and cancels again."""
    scene, sent = sent_entry()
    scene.hear(scene.arrive(sent))
    scene.command(c.CancelTrade(command_id="1", who="alice", trade_id="T1"))
    assert scene.cancels == [sent.client_ref]
    assert "OrderUnknown" in names(scene.wait(10))
    assert names(scene.hear(scene.look())) == ["OrderAccepted", "OrderCancelRequested"]
    assert scene.cancels == [sent.client_ref] * 2
    scene.hear(scene.end(sent.client_ref))
    assert not scene.book.trades


@pytest.mark.parametrize("filled", [0, 1, 4])
def test_found_at_the_broker_resolves_a_doubt(filled: int) -> None:
    """An order in doubt that a look shows is live again, with every execution booked once."""
    scene, sent = sent_entry()
    scene.arrive(sent)
    if filled:
        scene.trade(sent.client_ref, filled)
    scene.wait(10)
    scene.hear(scene.look())
    order = scene.order(sent.client_ref)
    assert order.state is {0: OrderState.NEW, 1: OrderState.PARTIAL, 4: OrderState.FILLED}[filled]
    assert order.filled == scene.held == filled
    assert scene.manager.doubts.next_look is None
    assert not scene.hear(scene.look())


def test_absent_twice_and_far_enough_apart_abandons_and_nets_anew() -> None:
    """Two complete looks 30 s apart abandon an order; the wish goes out again, under a new reference."""
    scene, sent = sent_entry()
    scene.wait(10)
    assert names(scene.hear(scene.look())) == ["OrderUnknown"]
    scene.wait(29)
    assert not scene.hear(scene.look())
    scene.wait(1)
    events = names(scene.hear(scene.look()))
    assert events == ["OrderAbandoned", "ParentOrderClosed", "ParentOrderOpened", "OrderSubmitRequested"]
    assert len(scene.sent) == 2
    assert scene.sent[1].client_ref != sent.client_ref
    assert scene.sent[1].qty == sent.qty


def test_an_entry_that_never_arrives_is_given_up_at_last() -> None:
    """After three attempts of which the broker never saw one, the trade is let go."""
    scene, _ = sent_entry()
    for _ in range(20):
        scene.wait(10)
        scene.hear(scene.look())
    assert len(scene.sent) == 3
    assert not scene.book.trades


def test_an_incomplete_look_proves_nothing_absent() -> None:
    """However often a look that is not complete shows nothing, the order stays in doubt."""
    scene, sent = sent_entry()
    for _ in range(20):
        scene.wait(30)
        scene.hear(scene.look(complete=False))
    assert scene.order(sent.client_ref).state is OrderState.UNKNOWN
    assert len(scene.sent) == 1


def test_a_look_asked_before_the_order_proves_nothing_absent() -> None:
    """A snapshot that was asked for at the moment an order was sent, or before, says nothing about it."""
    scene, sent = sent_entry()
    scene.hear(scene.look())
    assert not scene.order(sent.client_ref).absent_ts


def test_an_order_found_after_it_was_absent_begins_its_count_anew() -> None:
    """Absent, then found, then absent: only the last absence counts towards abandoning."""
    scene, sent = sent_entry()
    scene.wait(10)
    scene.hear(scene.look())
    assert scene.order(sent.client_ref).absent_ts
    scene.arrive(sent)
    scene.wait(10)
    scene.hear(scene.look())
    assert not scene.order(sent.client_ref).absent_ts
    scene.wait(60)
    assert names(scene.hear(scene.look(hidden=True, positions={}))) == ["OrderUnknown"]


def test_an_end_whose_executions_are_not_known_stays_in_doubt() -> None:
    """Quantity comes from executions alone: an end that claims more than is booked ends nothing."""
    scene, sent = sent_entry()
    scene.hear(scene.arrive(sent))
    over = i.CompletedOrder(client_ref=sent.client_ref, rejected=False, filled=2, reason="cancelled")
    look = i.BrokerSnapshot(complete=False, asked_at=scene.at, open_orders=(), completed=(over,))
    assert names(scene.hear(look)) == ["OrderUnknown"]
    assert scene.order(sent.client_ref).pending == 4


def test_an_abandoned_order_that_turns_up_is_asked_back_and_its_fill_is_booked() -> None:
    """Proof can be wrong: what was believed never to have arrived is cancelled when seen, and what it filled counts."""
    scene, sent = sent_entry()
    for seconds in (10, 30):
        scene.wait(seconds)
        scene.hear(scene.look())
    scene.hear(scene.arrive(scene.sent[1]), scene.trade(scene.sent[1].client_ref, 4))
    scene.arrive(sent)
    scene.hear(scene.look())
    assert scene.cancels == [sent.client_ref]
    scene.hear(scene.trade(sent.client_ref, 3))
    assert scene.held == 7
    assert [(one.side, one.qty) for one in scene.sent[2:]] == [(Side.SELL, 3)]


def test_i10_doubt_is_exposure_and_blocks_its_like() -> None:
    """A doubtful order counts as in flight, and nothing more is sent for its trade until it is resolved."""
    scene, sent = sent_entry()
    scene.wait(10)
    trade = scene.book.trades["T1"]
    assert scene.book.in_flight(trade) == scene.order(sent.client_ref).pending == 4
    used = scene.book.day.premium_used
    assert used == scene.order(sent.client_ref).premium > 0
    scene.command(c.CancelTrade(command_id="1", who="alice", trade_id="T1"))
    scene.wait(10)
    assert len(scene.sent) == 1
    assert not scene.cancels
    scene.arrive(sent)
    scene.hear(scene.look())
    assert scene.cancels == [sent.client_ref], "what it was blocked for happens when it is proven"


@pytest.mark.parametrize("algo", [Algo.WALK, Algo.TWAP])
def test_i10_an_entry_in_steps_stands_still_while_an_attempt_is_in_doubt(algo: Algo) -> None:
    """No step is taken beside a doubtful attempt; once it is found, the steps go on."""
    scene = Scene()
    scene.enter(4, entry=EntryPlan(algo=algo, every_s=15.0, steps=4))
    (sent,) = scene.sent
    for _ in range(6):
        scene.wait(10)
    assert scene.sent == [sent]
    assert not scene.cancels
    scene.arrive(sent)
    scene.hear(scene.look())
    scene.wait(1)
    assert scene.cancels == ([sent.client_ref] if algo is Algo.WALK else [])
    assert len(scene.sent) == (1 if algo is Algo.WALK else 2)


@given(data=st.data())
def test_i12_reports_lost_doubled_and_reordered_end_in_the_same_book(data: st.DataObject) -> None:
    """I12: whatever part of the reports came, in whatever order and however often, a look ends in the same book."""
    fills = data.draw(st.lists(st.integers(1, 3), max_size=3))
    ended = data.draw(st.sampled_from(["", "cancelled"]))
    qty = sum(fills) + 1

    def told(pick: bool) -> tuple[int, str, str, str]:
        scene, sent = sent_entry(qty)
        reports: list[i.BrokerReport] = [scene.arrive(sent)]
        reports += [scene.trade(sent.client_ref, part) for part in fills]
        if pick:
            chosen = data.draw(st.lists(st.sampled_from(reports), max_size=8))
            for report in chosen:
                scene.hear(report)
        if ended:
            scene.end(sent.client_ref)
        scene.wait(10)
        scene.hear(scene.look())
        scene.hear(*reports)
        assert not scene.book.halt_reason
        order = scene.order(sent.client_ref)
        totals = scene.book.totals
        return scene.held, order.state.value, str(totals.cash), str(totals.fees)

    assert told(pick=True) == told(pick=False)


@given(data=st.data())
def test_i6_whatever_is_lost_no_order_is_sent_twice_and_the_books_agree_in_the_end(
    data: st.DataObject,
) -> None:
    """I6, I8, I14: requests, answers, looks and processes get lost at random; then all heals, and everything agrees."""
    scene = Scene()
    numbers = count(1)
    pending: list[e.OrderSubmitRequested] = []
    wanted = 0

    def deliver(*, lossy: bool) -> None:
        while pending:
            sent = pending.pop(0)
            if lossy and data.draw(st.booleans(), label="request lost"):
                continue
            report = scene.arrive(sent)
            if not lossy or data.draw(st.booleans(), label="answer read"):
                hear(report)

    def hear(*reports: i.BrokerReport) -> None:
        collect(scene.hear(*reports))

    def collect(events: list[e.TradeEvent]) -> None:
        pending.extend(event for event in events if isinstance(event, e.OrderSubmitRequested))
        assert_bound(scene, wanted)

    steps = data.draw(
        st.lists(st.sampled_from(["enter", "wait", "trade", "look", "lose", "restart"]), max_size=12)
    )
    for step in [*steps, "enter"]:
        if step == "enter":
            qty = data.draw(st.integers(1, 5))
            wanted += qty
            collect(scene.enter(qty, next(numbers)))
            deliver(lossy=True)
        elif step == "wait":
            collect(scene.wait(data.draw(st.sampled_from([1, 5, 12, 31]))))
        elif step == "trade":
            for ref, known in scene.broker.items():
                if not known.over:
                    report = scene.trade(ref, data.draw(st.integers(1, known.sent.qty - known.filled)))
                    if data.draw(st.booleans(), label="execution read"):
                        hear(report, report)
                    break
        elif step == "look":
            hear(scene.look(complete=data.draw(st.booleans(), label="complete")))
        elif step == "lose":
            hear(i.BrokerLostReport(reason="gone"))
        else:
            scene.restart()
            pending.clear()
        deliver(lossy=True)
    heal(scene, deliver, collect)
    assert not [order for order in scene.book.orders.values() if order.state is OrderState.UNKNOWN]
    assert ({KEY: scene.held} if scene.held else {}) == scene.positions
    assert not scene.book.halt_reason
    refs = [sent.client_ref for sent in scene.sent]
    assert len(refs) == len(set(refs))


def assert_bound(scene: Scene, wanted: int) -> None:
    """I8: no parent, and not all that reached the broker together, exceeds what is wanted."""
    for parent in scene.book.parents.values():
        orders = [scene.book.orders[one] for one in parent.order_ids if one in scene.book.orders]
        assert parent.filled + sum(order.pending for order in orders) <= parent.qty
    assert sum(one.filled if one.over else one.sent.qty for one in scene.broker.values()) <= wanted


def heal(scene: Scene, deliver: Deliver, collect: Collect) -> None:
    """Nothing is lost any more; looks come as they are asked for."""
    for _ in range(12):
        collect(scene.wait(10))
        deliver(lossy=False)
        collect(scene.hear(scene.look()))
        deliver(lossy=False)


def test_i14_a_position_that_differs_halts_until_its_own_reason_is_answered() -> None:
    """I14: a difference is named, entries stop, only its own words resume, and then the same difference is accepted."""
    scene, sent = sent_entry()
    scene.hear(scene.arrive(sent), scene.trade(sent.client_ref, 4))
    assert not scene.hear(scene.look())
    events = scene.hear(scene.look(positions={KEY: 6}))
    assert names(events) == ["PositionCompared", "TradingHalted"]
    reason = scene.book.halt_reason
    assert reason == f"positions differ: {KEY}: ours +4, the broker's +6"
    assert not scene.hear(scene.look(positions={KEY: 6})), "it is said once"
    assert "CommandRefused" in names(scene.command(c.Resume(command_id="1", who="alice", answers="fine")))
    assert "TradingResumed" in names(scene.command(c.Resume(command_id="2", who="alice", answers=reason)))
    assert not scene.hear(scene.look(positions={KEY: 6})), "a person has accepted it"
    assert names(scene.hear(scene.look(positions={KEY: 5}))) == ["PositionCompared", "TradingHalted"]


def test_i14_a_difference_found_while_halted_is_part_of_what_must_be_answered() -> None:
    """A halt that stands does not hide a difference: the answer must name both."""
    scene, sent = sent_entry()
    scene.hear(scene.arrive(sent), scene.trade(sent.client_ref, 4))
    scene.command(c.Halt(command_id="1", who="alice", reason="lunch"))
    scene.hear(scene.look(positions={}))
    assert scene.book.halt_reason == f"lunch; positions differ: {KEY}: ours +4, the broker's +0"
    refused = scene.command(c.Resume(command_id="2", who="alice", answers="lunch"))
    assert "CommandRefused" in names(refused)


def test_i14_an_order_that_the_ledger_never_sent_halts() -> None:
    """An order of ours at the broker that this ledger does not know belongs to another one: trading halts."""
    scene = Scene()
    stranger = i.OpenOrder(client_ref="CBffff", broker_order_id="b", venue="V")
    look = i.BrokerSnapshot(complete=True, asked_at=scene.at, open_orders=(stranger,), positions={})
    assert names(scene.hear(look)) == ["TradingHalted"]


def test_i26_nothing_is_sent_between_a_start_and_a_complete_look() -> None:
    """I26: after a start wishes are taken and kept; the first input after a complete look sends them."""
    scene = Scene()
    scene.restart()
    scene.enter()
    scene.wait(5)
    scene.hear(scene.look(complete=False))
    scene.wait(5)
    assert not scene.sent
    assert not [event for event in scene.hear(scene.look()) if isinstance(event, e.OrderSubmitRequested)]
    scene.wait(1)
    assert len(scene.sent) == 1


def test_i26_a_lost_broker_stops_everything_until_it_was_compared() -> None:
    """A loss puts every live order in doubt and sends nothing, exits too; a complete look ends that, and says so."""
    scene, sent = sent_entry()
    scene.hear(scene.arrive(sent), scene.trade(sent.client_ref, 2))
    events = names(scene.hear(i.BrokerLostReport(reason="gone")))
    assert events == ["BrokerLost", "OrderUnknown"]
    assert not scene.hear(i.BrokerLostReport(reason="gone")), "it is said once"
    scene.enter(number=2)
    scene.wait(5)
    assert len(scene.sent) == 1
    scene.trade(sent.client_ref, 2)
    events = names(scene.hear(scene.look()))
    assert "BrokerReconciled" in events
    assert scene.held == 4
    scene.wait(1)
    assert len(scene.sent) == 2


@given(seconds=st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_i26_recovering_again_and_again_changes_nothing(seconds: list[int]) -> None:
    """A process that dies in its recovery, however often, sends nothing and loses nothing of what it knew."""
    scene, sent = sent_entry()
    scene.hear(scene.arrive(sent), scene.trade(sent.client_ref, 1))
    for pause in seconds:
        scene.restart()
        scene.wait(pause)
    scene.restart()
    scene.hear(scene.look())
    scene.wait(1)
    assert len(scene.sent) == 1
    assert scene.held == 1
    assert scene.order(sent.client_ref).state is OrderState.PARTIAL


def test_an_ambiguous_answer_is_a_doubt_and_not_an_end() -> None:
    """An answer that proves nothing leaves the order as exposure, and asks for a look."""
    scene, sent = sent_entry()
    events = scene.hear(i.OrderInDoubtReport(client_ref=sent.client_ref, reason="code 399"))
    assert names(events) == ["OrderUnknown"]
    assert scene.order(sent.client_ref).pending == 4
    assert scene.manager.doubts.ask_due(scene.at)
