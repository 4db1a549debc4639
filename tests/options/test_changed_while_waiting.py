"""Trades that are changed while they wait to get in, or while nothing can be sent."""

from decimal import Decimal

from options import commands as c
from options.inputs import BrokerLostReport, BrokerReported
from options.plan import EntryCondition, EntryPlan, Watch
from tests.options.test_command_desk import about, new, quoted
from tests.options.trading_room import Room


def waiting(qty: int = 4) -> Room:
    """A trade that waits for its contract to be cheaper."""
    room = quoted()
    cheaper = EntryCondition(watch=Watch.OPTION, level=Decimal(9), above=False)
    room.take(new(room, qty=qty, entry=EntryPlan(condition=cheaper)))
    room.take(about(c.ActivateTrade, room))
    return room


def test_what_is_to_wait_for_nothing_any_more_goes_in() -> None:
    """The condition of a trade that waits is taken away: nothing else would ever let it in."""
    room = waiting()
    room.take(about(c.ModifyTrade, room, entry=EntryPlan()))
    assert room.trade().position.qty == 4


def test_what_would_go_in_at_once_is_held_against_the_limits() -> None:
    """As an activation is; while it goes on waiting, it is asked when its time comes."""
    room = waiting()
    room.take(c.Halt(command_id=room.name(), who="ann", reason="look first"))
    reasons = room.refuse(about(c.ModifyTrade, room, entry=EntryPlan(), qty=500))
    assert any("halted" in reason for reason in reasons)
    assert any("500" in reason for reason in reasons)
    room.take(about(c.ModifyTrade, room, qty=2))
    assert (room.trade().qty, room.trade().position.qty) == (2, 0)


def test_what_was_to_be_sent_is_not_what_a_change_wants() -> None:
    """Let go while the broker is not heard, and made smaller before it is: the smaller one goes in."""
    room = quoted()
    room.give(BrokerReported((BrokerLostReport(reason="gone"),)))
    room.take(new(room, qty=4))
    room.take(about(c.ActivateTrade, room))
    room.take(about(c.ModifyTrade, room, qty=2))
    room.broker.snapshot(room.at)
    for _ in range(3):
        room.quote(9.9, 10.1)
    assert room.trade().position.qty == 2
