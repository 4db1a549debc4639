"""The second half of a roll or a reversal waits for a quote that can be trusted, as an entry with a condition does."""

from decimal import Decimal

import pytest

from options import commands as c
from options import events as e
from options.intent import Outcome, TradeProposal
from options.lifecycle import CANCELLED, REJECTED, WORKING
from options.order import Order
from options.plan import EntryCondition, EntryPlan, ExitPlan, Watch
from options.terms import ExitKind
from options.values import MINUTE, SECOND, Side
from tests.options.desk import CLOSE, NO_EXITS, PUT_KEY, Desk, instrument, leave, of, one
from tests.options.test_corrections import said
from tests.options.test_roll import NEXT

DAY = 24 * 60 * MINUTE
Sides = tuple[float | None, float | None]
UNHEALTHY: list[tuple[Sides, str]] = [
    ((12.2, 12.0), "crossed quote"),
    ((11.8, None), "GOOG 8 Jan 2016 $750 call: nothing is offered"),
    ((None, None), "GOOG 8 Jan 2016 $750 call: nothing is offered"),
]


def rolling(exits: ExitPlan = NO_EXITS) -> Desk:
    """A desk that is selling its four to roll them into the next month, which is quoted 11.80 to 12.00."""
    desk = Desk()
    desk.quote(11.8, 12.0, key=NEXT)
    desk.opened(4, exits=exits)
    desk.give_command(c.RollTrade(command_id="r", who="ann", trade_id="T1", expiry="2016-01-08"))
    desk.accept()
    return desk


def put_off() -> Desk:
    """The same, out of the old contract while the new one's quote is crossed."""
    desk = rolling()
    desk.quote(12.2, 12.0, key=NEXT, after_s=1)
    assert one(e.EntryPutOff, desk.fill(4, "9.90")).reason == "crossed quote"
    return desk


def bought(events: list[e.TradeEvent]) -> int:
    """What was sent to get in."""
    return sum(sent.qty for sent in of(e.OrderSubmitRequested, events) if sent.side is Side.BUY)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(("sides", "reason"), UNHEALTHY)
def test_a_roll_goes_in_with_the_first_healthy_quote(sides: Sides, reason: str, restarted: bool) -> None:
    """The old contract is out on a quote of the new one that cannot be bought at: it waits, and says so once."""
    desk = rolling()
    desk.quote(*sides, key=NEXT, after_s=1)
    events = desk.fill(4, "9.90")
    assert one(e.EntryPutOff, events).reason == reason
    assert not of(e.TradeRejected, events)
    if restarted:
        desk.restart()
    assert not desk.wait(5)
    assert not desk.quote(*sides, key=NEXT, after_s=1)
    assert (desk.status("T2"), desk.trade("T2").put_off) == (WORKING, reason)
    assert bought(desk.quote(11.8, 12.0, key=NEXT, after_s=1)) == 4
    assert desk.trade("T2").put_off == ""
    desk.accept()
    desk.fill(4, "12")
    assert desk.trade("T2").position.qty == 4


def test_a_roll_waits_for_a_feed_that_is_silent() -> None:
    """Nothing was heard for longer than is allowed: whatever the feed says next lets it in, of any contract."""
    desk = rolling()
    desk.at += 200 * SECOND
    assert one(e.EntryPutOff, desk.fill(4, "9.90")).reason == "the feed has been silent"
    desk.at += 5 * SECOND
    assert bought(desk.quote(9.9, 10.1, key=PUT_KEY)) == 4


def test_a_reversal_waits_likewise() -> None:
    """The call is out while nothing is offered of the put: it is bought as soon as something is."""
    desk = Desk()
    desk.opened(2)
    put = TradeProposal(
        instrument=instrument(PUT_KEY),
        direction=1,
        qty=2,
        entry=EntryPlan(after="T1"),
        exits=NO_EXITS,
        reason="turned",
    )
    desk.answer(Outcome.REVERSING, put, (leave("T1", 0, ExitKind.REVERSAL),))
    desk.accept()
    desk.quote(9.9, None, key=PUT_KEY, after_s=1)
    assert "nothing is offered" in one(e.EntryPutOff, desk.fill(2)).reason
    assert bought(desk.quote(9.9, 10.1, key=PUT_KEY, after_s=1)) == 2


def test_one_that_was_held_until_the_first_half_was_over_goes_in_when_it_is_let_go() -> None:
    """There is nothing left to wait for: it is sent at once."""
    desk = put_off()
    desk.give_command(c.ModifyTrade(command_id="m", who="ann", trade_id="T2", hold=True))
    desk.quote(11.8, 12.0, key=NEXT, after_s=1)
    go = c.ActivateTrade(command_id="g", who="ann", trade_id="T2")
    assert bought(desk.give_command(go)) == 4


def test_another_reason_to_wait_is_said_too() -> None:
    """First crossed, then nothing offered: each is said once."""
    desk = put_off()
    assert "nothing is offered" in one(e.EntryPutOff, desk.quote(11.8, None, key=NEXT, after_s=1)).reason
    assert one(e.EntryPutOff, desk.quote(12.2, 12.0, key=NEXT, after_s=1)).reason == "crossed quote"


def test_what_no_wait_will_change_refuses_at_once() -> None:
    """Trading is halted while the old contract goes out: the new one is refused, whatever its quote is."""
    desk = rolling()
    desk.give_command(c.Halt(command_id="h", who="ann", reason="look first"))
    desk.quote(12.2, 12.0, key=NEXT, after_s=1)
    events = desk.fill(4, "9.90")
    assert not of(e.EntryPutOff, events)
    assert any("halted" in reason for reason in one(e.TradeRejected, events).reasons)


def test_a_halt_ends_the_wait() -> None:
    """As it would refuse the entry at its turn."""
    desk = put_off()
    events = desk.give_command(c.Halt(command_id="h", who="ann", reason="look first"))
    assert any("halted" in reason for reason in one(e.TradeRejected, events).reasons)
    assert (desk.status("T2"), desk.trade("T2").put_off) == (REJECTED, "")
    assert not bought(desk.quote(11.8, 12.0, key=NEXT, after_s=1))


def test_the_wait_ends_with_the_day() -> None:
    """The close comes and goes: with the next day it is cancelled, and nothing is bought at its open."""
    desk = put_off()
    desk.at = CLOSE + MINUTE
    desk.quote(11.8, 12.0, key=NEXT)
    desk.at += DAY
    events = desk.open_day("2015-12-28", desk.at, desk.at + 60 * MINUTE)
    assert one(e.TradeCancelled, events).reason == "its day ended before it could enter"
    assert not bought(desk.quote(11.8, 12.0, key=NEXT, after_s=1))


@pytest.mark.parametrize("restarted", [False, True])
def test_the_wait_ends_when_nothing_of_it_may_be_held_any_more(restarted: bool) -> None:
    """It is to be flat at a moment that comes while it waits: it is given up then."""
    flat_at = Desk().at + 10 * MINUTE
    desk = rolling(ExitPlan(flat_at=flat_at))
    desk.quote(12.2, 12.0, key=NEXT, after_s=1)
    desk.fill(4, "9.90")
    if restarted:
        desk.restart()
    desk.at = flat_at - 2 * SECOND
    assert not of(e.TradeCancelled, desk.wait(1))
    assert "nothing of it may be held after" in one(e.TradeCancelled, desk.wait(1)).reason
    assert desk.status("T2") == CANCELLED


def test_a_person_may_end_the_wait() -> None:
    """Cancelled, it is over; held, it does not go in on the next healthy quote."""
    desk = put_off()
    desk.give_command(c.CancelTrade(command_id="x", who="ann", trade_id="T2"))
    assert desk.status("T2") == CANCELLED
    desk = put_off()
    desk.give_command(c.ModifyTrade(command_id="m", who="ann", trade_id="T2", hold=True))
    assert desk.trade("T2").put_off == ""
    assert not bought(desk.quote(11.8, 12.0, key=NEXT, after_s=1))


def test_what_was_believed_out_and_is_not_comes_first() -> None:
    """The sale of the old contract is busted while the new one waits: that goes out before anything is bought."""
    desk = rolling()
    sale = desk.order
    desk.quote(12.2, 12.0, key=NEXT, after_s=1)
    desk.report(said(sale, "X", 1, 4, "9.90"))
    desk.report(said(sale, "X", 2, 0, "9.90"))
    assert (desk.trade("T1").position.qty, desk.trade("T2").put_off) == (4, "T1 is open again")
    assert not bought(desk.quote(11.8, 12.0, key=NEXT, after_s=1))
    again = desk.order
    assert (again.side, again.qty) == (Side.SELL, 4)
    assert bought(desk.fill(4, "9.80", order=again)) == 4


CHEAPER = EntryCondition(watch=Watch.OPTION, level=Decimal(9), above=False)


def out_and_in_again(desk: Desk) -> Order:
    """The sale of the old contract is heard of, and then busted; what is sold in its place."""
    sale = desk.order
    desk.report(said(sale, "X", 1, 4, "9.90"))
    desk.report(said(sale, "X", 2, 0, "9.90"))
    assert desk.trade("T1").position.qty == 4
    return desk.order


@pytest.mark.parametrize("restarted", [False, True])
def test_what_is_let_go_while_the_first_half_is_open_again_goes_in_after_it(restarted: bool) -> None:
    """Held until the first half was out, activated after that was busted: it waits for the second end, and goes in."""
    desk = rolling()
    desk.give_command(c.ModifyTrade(command_id="m", who="ann", trade_id="T2", hold=True))
    again = out_and_in_again(desk)
    assert not bought(desk.give_command(c.ActivateTrade(command_id="g", who="ann", trade_id="T2")))
    if restarted:
        desk.restart()
    assert bought(desk.fill(4, "9.80", order=again)) == 4


@pytest.mark.parametrize("restarted", [False, True])
def test_a_condition_that_comes_true_while_the_first_half_is_open_again_lets_nothing_in(
    restarted: bool,
) -> None:
    """It is to be held in place of the first, never beside it: the price lets it in once that is out again."""
    desk = Desk()
    desk.quote(11.8, 12.0, key=PUT_KEY)
    desk.opened(4)
    put = TradeProposal(
        instrument=instrument(PUT_KEY),
        direction=1,
        qty=2,
        entry=EntryPlan(after="T1", condition=CHEAPER),
        exits=NO_EXITS,
        reason="turned",
    )
    desk.answer(Outcome.REVERSING, put, (leave("T1", 0, ExitKind.REVERSAL),))
    desk.accept()
    again = out_and_in_again(desk)
    if restarted:
        desk.restart()
    assert not bought(desk.quote(8.7, 8.9, key=PUT_KEY, after_s=1))
    assert not bought(desk.fill(4, "9.80", order=again))
    assert bought(desk.quote(8.7, 8.9, key=PUT_KEY, after_s=1)) == 2
