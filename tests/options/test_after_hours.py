"""Outside the session's hours nothing is sent, but what is not wanted any more is asked back at once."""

import msgspec
import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options import lifecycle as lc
from options.intent import Decision, Outcome
from options.plan import TimeInForce
from options.values import MINUTE, Side
from tests.options.desk import CLOSE, KEY, OPEN, PUT_KEY, Desk, executed, leave, limit, of
from tests.options.doubt_scene import Scene

HOUR = 60 * MINUTE
GTC = limit("9.50", tif=TimeInForce.GTC)


def resting(at: int = CLOSE + HOUR) -> Desk:
    """A desk with an entry that rests until it is cancelled; it is ``at``."""
    desk = Desk()
    desk.propose(4, entry=GTC)
    desk.accept()
    desk.at = at
    desk.decide(i.ClockTicked())
    assert not desk.all(e.OrderCancelRequested)
    return desk


@pytest.mark.parametrize("at", [CLOSE, CLOSE + HOUR, OPEN + 24 * HOUR - MINUTE])
def test_a_halt_takes_resting_entries_back_at_any_hour(at: int) -> None:
    """At the closing bell, over night and before the next open: the cancel stands in the same batch as the halt."""
    desk = resting(at)
    events = desk.give_command(c.Halt(command_id="1", who="alice", reason="fire drill"))
    assert of(e.TradingHalted, events)
    assert [one.client_ref for one in of(e.OrderCancelRequested, events)] == [desk.order.child.client_ref]
    desk.cancelled()
    assert desk.status() == lc.CANCELLED
    assert not desk.orders


def test_a_halt_before_the_first_session_of_a_ledger_takes_back_what_an_earlier_run_left() -> None:
    """After a restart at night the first input asks the entry back that the halt was about."""
    desk = resting()
    desk.restart()
    events = desk.give_command(c.Halt(command_id="1", who="alice", reason="fire drill"))
    assert of(e.OrderCancelRequested, events)


def test_i23_a_halt_by_the_engine_itself_takes_resting_entries_back_over_night() -> None:
    """An execution of nobody's halts trading, and the entries leave the market in the same batch."""
    desk = resting()
    stranger = executed(desk.order, 1, "10", "E99")
    events = desk.report(msgspec.structs.replace(stranger, client_ref="CBnobody"))
    assert desk.book.halt_reason
    assert of(e.OrderCancelRequested, events)


@pytest.mark.parametrize("held", [0, 1])
def test_a_cancel_at_night_takes_the_entry_back_and_sells_nothing_before_the_open(held: int) -> None:
    """What has filled is flattened with the open; what has not is out of the market at once."""
    desk = Desk()
    desk.propose(4, entry=GTC)
    desk.accept()
    if held:
        desk.fill(held, "9.5")
    desk.at = CLOSE + HOUR
    events = desk.give_command(c.CancelTrade(command_id="1", who="alice", trade_id="T1"))
    assert of(e.OrderCancelRequested, events)
    after = desk.cancelled()
    assert not of(e.OrderSubmitRequested, after)
    if held:
        desk.at = OPEN + 24 * HOUR
        opened = desk.open_day("2015-12-25", desk.at, desk.at + HOUR)
        (sold,) = of(e.OrderSubmitRequested, [*opened, *desk.quote(9.9, 10.1)])
        assert (sold.side, sold.qty) == (Side.SELL, held)
    else:
        assert desk.status() == lc.CANCELLED


def test_a_signal_out_of_a_resting_entry_and_a_hold_work_at_night() -> None:
    """A strategy's wish and a person's hold both take the entry out of the market before the open."""
    desk = resting()
    assert of(
        e.OrderCancelRequested,
        desk.give_command(c.ModifyTrade(command_id="1", who="alice", trade_id="T1", hold=True)),
    )
    desk.cancelled()
    assert desk.status() == lc.HELD_PENDING
    desk = resting()
    wish = Decision(strategy="desk", outcome=Outcome.CLOSING, reason="out", intents=(leave("T1"),))
    desk.decide(i.SignalAnswered("s1", wish))
    assert len(desk.all(e.OrderCancelRequested)) == 1


def test_an_entry_in_doubt_is_asked_back_as_soon_as_it_is_found() -> None:
    """The broker is lost, then a halt; at night it is heard again, and the cancel goes out with the next input."""
    scene = Scene()
    scene.enter(entry=limit("3.50", tif=TimeInForce.GTC))
    (sent,) = scene.sent
    scene.hear(scene.arrive(sent))
    scene.hear(i.BrokerLostReport(reason="the line is dead"))
    scene.command(c.Halt(command_id="1", who="alice", reason="fire drill"))
    assert not scene.cancels
    scene.wait(8 * 3600)
    scene.hear(scene.look())
    assert not scene.cancels
    events = scene.give(i.ClockTicked())
    assert scene.cancels == [sent.client_ref]
    assert not of(e.OrderSubmitRequested, events)


def test_f47_cancels_go_before_everything_else_on_reconnect() -> None:
    """An exit and a cancel wait for the broker: once it is heard again the entry is taken back first."""
    desk = Desk()
    desk.opened(2)
    desk.propose(4, key=PUT_KEY, entry=GTC, strategy="other")
    desk.accept()
    entry = desk.order
    desk.report(i.BrokerLostReport(reason="the line is dead"))
    desk.out("T1")
    desk.give_command(c.Halt(command_id="1", who="alice", reason="fire drill"))
    assert not desk.all(e.OrderCancelRequested)
    found = i.OpenOrder(client_ref=entry.child.client_ref, broker_order_id="B", venue="V")
    desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(found,)))
    events = desk.wait(1)
    sends = [
        type(one).__name__
        for one in events
        if isinstance(one, e.OrderSubmitRequested | e.OrderCancelRequested)
    ]
    assert sends == ["OrderCancelRequested", "OrderSubmitRequested"]
    assert of(e.OrderSubmitRequested, events)[0].instrument == KEY
