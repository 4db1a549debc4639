"""Exits are judged on healthy marks and by the clock, and kept in step with what is held."""

import pytest

from options import events as e
from options import inputs as i
from options.plan import ExitPlan
from options.quote import Quote, QuoteLimits
from options.risk import RiskLimits
from options.terms import ExitKind
from options.values import MINUTE, SECOND
from tests.options.desk import CLOSE, KEY, Desk, ladder, of, one


def test_a_stop_fires_at_its_level_and_sells_everything() -> None:
    """10.00 less 20%: a cent above nothing happens, at 8.00 all is sold at the market."""
    desk = Desk()
    desk.opened(4, exits=ladder(stop="0.2"))
    assert not of(e.ExitTriggered, desk.mark(8.01))
    events = desk.mark(8.0)
    fired = one(e.ExitTriggered, events)
    assert (fired.kind, fired.qty, fired.level, fired.mark) == (ExitKind.STOP, 4, 8.0, 8.0)
    assert one(e.OrderSubmitRequested, events).qty == 4


def test_a_short_position_is_guarded_the_other_way_round() -> None:
    """Sold at 10.00: the stop is at 12.00, the target at 7.00."""
    for mark, kind in ((12.0, ExitKind.STOP), (7.0, ExitKind.TARGET)):
        desk = Desk()
        desk.opened(2, exits=ladder(("0.3", "1"), stop="0.2"), direction=-1)
        events = desk.mark(mark)
        assert one(e.ExitTriggered, events).kind is kind
        assert one(e.OrderSubmitRequested, events).side.value == "BUY"


UNHEALTHY = [
    (Quote(ts=0, bid=5.1, ask=5.0), "crossed quote"),
    (Quote(ts=0, ask=5.0, last=5.0), "one-sided quote"),
    (Quote(ts=0, bid=5.0, last=5.0), "one-sided quote"),
    (Quote(ts=0), "one-sided quote"),
    (Quote(ts=0, bid=1.0, ask=9.0), "quote too wide"),
    (Quote(ts=0, bid=0.0, ask=0.0), "quote too wide"),
    (Quote(ts=-11 * MINUTE, bid=5.0, ask=5.1), "stale quote"),
]


@pytest.mark.parametrize(("quote", "reason"), UNHEALTHY)
def test_i17_no_exit_is_judged_on_an_unhealthy_quote(quote: Quote, reason: str) -> None:
    """Below the stop, but not to be trusted: held with its reason, said once, and judged on the next healthy mark."""
    desk = Desk(RiskLimits(quotes=QuoteLimits(stale_after_s=600)), mark_every_s=3600)
    desk.opened(4, exits=ladder(stop="0.2"))
    said = []
    for _ in range(3):
        desk.at += SECOND
        bad = Quote(ts=desk.at + quote.ts, bid=quote.bid, ask=quote.ask, last=quote.last)
        said += desk.decide(i.MarketMoved([(KEY, bad)]))
    assert [type(event) for event in said] == [e.ExitHeld]
    assert one(e.ExitHeld, said).reason == reason
    assert desk.trade().held_reason == reason
    desk.mark(9.0)
    assert desk.trade().held_reason == ""
    assert of(e.ExitTriggered, desk.mark(7.9))


def test_a_trailing_stop_follows_the_best_mark_and_never_comes_back() -> None:
    """20% below a high of 12.50 is 10.00: touched on the way down, and not before."""
    desk = Desk()
    desk.opened(2, exits=ladder(trail="0.2"))
    for mark in (11.0, 12.5, 12.0, 11.0, 10.01):
        assert not of(e.ExitTriggered, desk.mark(mark))
    fired = one(e.ExitTriggered, desk.mark(10.0))
    assert (fired.kind, fired.level) == (ExitKind.TRAILING, 10.0)


def test_a_trailing_stop_survives_a_restart() -> None:
    """The high that was written down is the high that is measured from."""
    desk = Desk(mark_every_s=0.5)
    desk.opened(2, exits=ladder(trail="0.2"))
    desk.mark(12.5)
    desk.mark(12.0)
    desk.restart()
    assert not of(e.ExitTriggered, desk.mark(10.01))
    assert one(e.ExitTriggered, desk.mark(10.0)).level == 10.0


def test_a_trailing_stop_does_not_fall_back_when_the_entry_goes_on() -> None:
    """A further fill enlarges it; where it stands stays."""
    desk = Desk()
    desk.propose(4, exits=ladder(trail="0.2"))
    desk.fill(1)
    desk.mark(12.5)
    desk.quote(12.0, 5.0)
    armed = one(e.ExitsArmed, desk.fill(3)).exits[0]
    assert (armed.water, armed.qty) == (12.5, 4)
    assert one(e.ExitTriggered, desk.mark(10.0)).qty == 4


def test_i16_a_partial_exit_shrinks_its_siblings() -> None:
    """Two of four are sold at the first target: the stop that is left is for two."""
    desk = Desk()
    desk.opened(4, exits=ladder(("0.3", "0.5"), ("0.6", "0.5"), stop="0.2"))
    assert one(e.OrderSubmitRequested, desk.mark(13.0)).qty == 2
    desk.fill(1, "13")
    assert {armed.exit_id: armed.qty for armed in desk.trade().armed} == {"T1-1-stop": 3, "T1-1-target-2": 2}
    desk.fill(1, "13")
    assert {armed.exit_id: armed.qty for armed in desk.trade().armed} == {"T1-1-stop": 2, "T1-1-target-2": 2}
    groups = {armed.oca_group for armed in desk.all(e.ExitsArmed)}
    assert groups == {"T1-1-oca"}


def test_i16_a_full_exit_cancels_its_siblings() -> None:
    """The stop takes everything: nothing else is armed, and nothing else can fire."""
    desk = Desk()
    desk.opened(4, exits=ladder(("0.3", "1"), stop="0.2", trail="0.5"))
    desk.mark(7.0)
    assert desk.trade().armed == ()
    assert not of(e.ExitTriggered, desk.mark(14.0))
    desk.fill(4, "8")
    assert not of(e.ExitTriggered, desk.mark(1.0))
    assert len(desk.all(e.ExitTriggered)) == 1


def test_i16_two_rungs_met_by_one_mark_sell_their_parts_once() -> None:
    """A jump over both targets sells two and two, in one order and no more than is held."""
    desk = Desk()
    desk.opened(4, exits=ladder(("0.3", "0.5"), ("0.6", "0.5"), stop="0.2"))
    events = desk.mark(17.0)
    assert [fired.exit_id for fired in of(e.ExitTriggered, events)] == ["T1-1-target-1", "T1-1-target-2"]
    assert one(e.OrderSubmitRequested, events).qty == 4


def test_the_time_is_up() -> None:
    """Ninety seconds after the first fill all is sold, and not a second before."""
    desk = Desk()
    desk.opened(2, exits=ExitPlan(hold_max_s=90.0))
    assert not desk.wait(89)
    fired = one(e.ExitTriggered, desk.wait(1))
    assert (fired.kind, fired.qty) == (ExitKind.TIME, 2)
    assert not of(e.ExitTriggered, desk.wait(90))


def test_flat_before_the_close() -> None:
    """At the planned moment nothing may be left: what is held goes, and what still enters is taken back."""
    desk = Desk()
    at = CLOSE - 10 * MINUTE
    desk.propose(4, exits=ExitPlan(flat_at=at))
    desk.fill(2)
    events = desk.wait((at - desk.at) / SECOND)
    assert one(e.ExitTriggered, events).kind is ExitKind.FLAT
    assert of(e.OrderCancelRequested, events)
    assert one(e.OrderSubmitRequested, desk.cancelled(desk.orders[0])).qty == 2


def test_timers_come_back_after_a_restart() -> None:
    """Holding time and give-up time run on through a restart."""
    desk = Desk()
    desk.opened(2, exits=ExitPlan(hold_max_s=90.0))
    desk.restart()
    assert one(e.ExitTriggered, desk.wait(90)).kind is ExitKind.TIME


def test_marks_are_written_at_their_pace_and_keep_the_extremes() -> None:
    """One mark a minute is enough; high and low of the whole minute are in it."""
    desk = Desk(mark_every_s=60)
    desk.opened(1)
    desk.mark(10.1, after_s=61)
    for mark in (12.0, 8.0, 10.0):
        assert not of(e.PositionMarked, desk.mark(mark))
    marked = one(e.PositionMarked, desk.mark(10.5, after_s=60))
    assert (marked.mark, marked.high, marked.low) == (10.5, 12.0, 8.0)
    position = desk.trade().position
    assert (position.mark, position.high, position.low) == (10.5, 12.0, 8.0)


def test_the_highs_before_a_crash_are_caught_up() -> None:
    """What the feed said and nobody wrote down is taken in again, and moves the trailing stop to where it was."""
    desk = Desk()
    desk.opened(2, exits=ladder(trail="0.2"))
    desk.at += SECOND
    high = Quote(ts=desk.at, bid=12.4, ask=12.6)
    desk.restart()
    desk.manager.catch_up(desk.at, [(KEY, high)])
    desk.manager.recover(desk.at)
    assert one(e.ExitTriggered, desk.mark(10.0)).level == 10.0
