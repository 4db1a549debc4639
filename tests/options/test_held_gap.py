"""The gap between the cancel of a stop at the broker and its successor: the engine guards, once, whatever crosses."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.order import Order, OrderState
from options.plan import ExitPlan, Held, OrderType
from options.terms import ExitKind
from options.values import Side
from tests.options.desk import Desk, cancelled, executed, of
from tests.options.held_desk import AT_BROKER, guarded, rests

TRAIL = ExitPlan(trail=Decimal("0.25"), held=Held.BROKER)
QTY = 4


def by_a_mark() -> Desk:
    """A trailing stop ratchets when the price makes a new high."""
    desk, _ = guarded(QTY, TRAIL)
    desk.mark(12.0)
    desk.mark(12.0, after_s=15)
    return desk


def by_the_clock() -> Desk:
    """It had to wait for its pause, and no mark comes."""
    desk, _ = guarded(QTY, TRAIL)
    desk.mark(12.0)
    desk.wait(15)
    return desk


def by_a_person() -> Desk:
    """The stop is moved up."""
    desk, _ = guarded(QTY)
    desk.give_command(c.SetStop(command_id="c1", who="ann", trade_id="T1", level=Decimal(9)))
    return desk


def by_a_trim() -> Desk:
    """One leaves, so the stop must be for three."""
    desk, _ = guarded(QTY, AT_BROKER)
    desk.give_command(c.TrimTrade(command_id="c1", who="ann", trade_id="T1", qty=1))
    return desk


def by_more_of_the_entry() -> Desk:
    """One was guarded; three more have come in since, and the pause is over."""
    desk = Desk()
    desk.propose(QTY, exits=AT_BROKER)
    entry = desk.order
    desk.accept(entry)
    desk.fill(1, order=entry)
    desk.accept(rests(desk)[0])
    desk.fill(3, order=entry)
    desk.wait(15)
    return desk


def by_an_exercise() -> Desk:
    """One of four was exercised over night."""
    desk, _ = guarded(QTY)
    command = c.RecordAssignment(command_id="a", who="ann", trade_id="T1", qty=1, underlying=Decimal(755))
    desk.give_command(command)
    return desk


OPENED = [by_a_mark, by_the_clock, by_a_person, by_a_trim, by_more_of_the_entry, by_an_exercise]
STAGES = ["asked back", "in doubt", "successor sent", "asked back, restarted", "successor sent, restarted"]


def by_price(desk: Desk) -> list[e.ExitTriggered]:
    """The stops and trailing stops that came true."""
    kinds = (ExitKind.STOP, ExitKind.TRAILING)
    return [one for one in of(e.ExitTriggered, desk.events) if one.kind in kinds]


def stop_of(desk: Desk) -> Order:
    """The stop order that was or is at the broker."""
    return next(order for order in desk.orders if order.stop_price is not None)


def brought_to(desk: Desk, stage: str) -> None:
    """The gap as far as it has come when the price falls."""
    old = stop_of(desk)
    assert old.cancel_requested
    if stage.startswith("successor sent"):
        desk.report(cancelled(old))
        for order in [one for one in desk.orders if one.stop_price is None]:
            desk.accept(order)
            desk.report(executed(order, order.pending, "10", f"first-{order.order_id}"))
        new = stop_of(desk)
        assert new is not old
        assert not new.child.accepted
    if stage == "in doubt":
        desk.wait(11)
        assert old.state is OrderState.UNKNOWN
    if stage.endswith("restarted"):
        desk.restart()


def carry_through(desk: Desk, *, crosses: bool) -> None:
    """An honest broker to the end; where it ``crosses``, the stop traded before its cancel came."""
    for number in range(20):
        if not desk.orders:
            return
        for order_id in list(desk.book.orders):
            order = desk.book.orders.get(order_id)
            if order is None:
                continue
            if not order.child.accepted:
                desk.accept(order)
            if order.stop_price is not None and crosses:
                desk.report(executed(order, order.pending, "5", f"crossed-{order_id}"))
            elif order.cancel_requested:
                desk.report(cancelled(order))
            elif order.order_type is OrderType.MARKET:
                desk.report(executed(order, order.pending, "5", f"out-{order_id}-{number}"))
    raise AssertionError(f"orders are left: {desk.orders}")


@pytest.mark.parametrize("crosses", [False, True])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("opened", OPENED)
def test_i16_a_mark_through_the_stop_in_the_gap_takes_the_position_out_once(
    opened: Callable[[], Desk], stage: str, crosses: bool
) -> None:
    """One trigger, everything out, never one contract more, and nothing left behind at the broker."""
    desk = opened()
    brought_to(desk, stage)
    held = desk.trade().position.qty
    desk.mark(5.0)
    desk.mark(4.9)
    desk.mark(5.1)
    (triggered,) = by_price(desk)
    assert triggered.client_ref == "", "it is the engine that saw it"
    carry_through(desk, crosses=crosses)
    assert len(by_price(desk)) == 1
    # The stop of four trades although one was exercised: what it sells too much of is bought back.
    over = int(opened is by_an_exercise and crosses and not stage.startswith("successor"))
    fills = [one for one in of(e.OrderFilled, desk.events) if one.trade_id == "T1"]
    assert sum(one.qty for one in fills if one.side is Side.SELL) == QTY + over
    assert min(one.position for one in fills) == -over
    assert desk.trade().position.qty == 0
    assert held > 0
    assert "T1" not in desk.book.trades
    assert not desk.book.parents
    assert desk.book.halt_reason == ""


@pytest.mark.parametrize("opened", OPENED)
def test_i16_without_a_mark_the_successor_rests_and_the_broker_holds_again(
    opened: Callable[[], Desk],
) -> None:
    """The cancel is confirmed, the new stop accepted: from then on a mark through it is the broker's to answer."""
    desk = opened()
    brought_to(desk, "successor sent")
    desk.accept(stop_of(desk))
    assert [order.qty for order in rests(desk)] == [desk.trade().position.qty]
    desk.mark(5.0)
    assert not by_price(desk)


def test_the_engine_s_level_in_the_gap_is_the_new_one() -> None:
    """Ratcheted from 7.50 to 9.00: in the gap 8.90 is through it, although the old copy stood at 7.50."""
    desk = by_a_mark()
    desk.mark(8.9)
    assert [one.kind for one in of(e.ExitTriggered, desk.events)] == [ExitKind.TRAILING]


def test_a_look_in_the_gap_that_still_shows_the_old_stop_gives_it_no_say() -> None:
    """It is asked back once more, and stays asked back: the engine goes on guarding."""
    desk = by_a_person()
    old = stop_of(desk)
    shown = i.OpenOrder(client_ref=old.child.client_ref, broker_order_id="B", venue="TEST")
    desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(shown,)))
    assert old.cancel_requested
    desk.mark(8.9)
    assert len(of(e.ExitTriggered, desk.events)) == 1
