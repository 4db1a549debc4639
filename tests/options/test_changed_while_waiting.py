"""Trades that are changed while they wait to get in, or while nothing can be sent."""

from decimal import Decimal

import pytest

from options import commands as c
from options.inputs import BrokerLostReport, BrokerReported
from options.plan import Algo, EntryCondition, EntryPlan, ExitPlan, Watch
from options.values import MINUTE
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


def in_minutes(room: Room, minutes: int) -> EntryPlan:
    """An entry that waits for a moment so many minutes from now."""
    return EntryPlan(condition=EntryCondition(at=room.at + minutes * MINUTE))


@pytest.mark.parametrize("then", ["later", "a price", "another trade"])
@pytest.mark.parametrize("held_meanwhile", [False, True])
def test_a_moment_that_was_changed_lets_nobody_in(then: str, held_meanwhile: bool) -> None:
    """A trade that waited for a moment, and waits for something else now, does not go in at the old moment."""
    room = quoted()
    room.take(new(room, strategy="other", qty=1, entry=in_minutes(room, 60)))
    room.take(about(c.ActivateTrade, room))
    room.take(new(room, qty=4, entry=in_minutes(room, 5)))
    room.take(about(c.ActivateTrade, room, "T2"))
    entry = {
        "later": in_minutes(room, 10),
        "a price": EntryPlan(condition=EntryCondition(watch=Watch.OPTION, level=Decimal(20))),
        "another trade": EntryPlan(after="T1"),
    }[then]
    if held_meanwhile:
        room.take(about(c.ModifyTrade, room, "T2", hold=True))
    room.take(about(c.ModifyTrade, room, "T2", entry=entry))
    if held_meanwhile:
        room.take(about(c.ActivateTrade, room, "T2"))
    room.quote(9.9, 10.1, after_s=6 * 60)
    assert room.trade("T2").position.qty == 0
    room.quote(9.9, 10.1, after_s=5 * 60)
    assert room.trade("T2").position.qty == (4 if then == "later" else 0)


def test_a_moment_of_before_at_which_to_be_out_lets_nobody_in() -> None:
    """Where the moment at which nothing may be held is put off, the old one only passes."""
    room = quoted()
    dearer = EntryCondition(watch=Watch.OPTION, level=Decimal(20))
    out = ExitPlan(flat_at=room.at + 5 * MINUTE)
    room.take(new(room, qty=4, entry=EntryPlan(condition=dearer), exits=out))
    room.take(about(c.ActivateTrade, room))
    room.take(about(c.ModifyTrade, room, exits=ExitPlan(flat_at=room.at + 50 * MINUTE)))
    room.quote(9.9, 10.1, after_s=6 * 60)
    assert room.status() == "Working / Pending"


def test_an_entry_that_was_held_and_let_go_again_has_all_its_time() -> None:
    """The time of the order that was taken back counts for that one alone."""
    room = quoted()
    patient = EntryPlan(algo=Algo.LIMIT, limit_price=Decimal(9), give_up_after_s=60)
    room.take(new(room, qty=4, entry=patient))
    room.take(about(c.ActivateTrade, room))
    room.quote(9.9, 10.1, after_s=30)
    room.take(about(c.ModifyTrade, room, hold=True))
    room.take(about(c.ActivateTrade, room))
    room.quote(9.9, 10.1, after_s=40)
    assert room.status() == "Entry Order Submitted / Pending"
    room.quote(9.9, 10.1, after_s=20)
    assert room.status() == "Cancelled / –"
