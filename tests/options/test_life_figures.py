"""Walks, scale-ins, break-even and trailing stops, with figures worked out from the rules."""

from decimal import Decimal

from options import events as e
from options.plan import Basis, ExitPlan, ScaleInPlan, TargetPlan
from options.risk_limits import RiskLimits
from options.terms import ExitKind
from tests.options.desk import Desk, leave, of, one


def test_a_scale_in_moves_the_stop_to_the_new_average() -> None:
    """4 at 10.00 and 2 at 11.50 are 6 at 10.50: the stop of 20% moves from 8.00 to 8.40 and is for six."""
    desk = Desk(RiskLimits(premium_trade_max=Decimal(6300)))
    scale = (ScaleInPlan(gain=Decimal("0.1"), qty=2),)
    desk.opened(4, exits=ExitPlan(stop=Decimal("0.2"), scale_ins=scale))
    assert one(e.OrderSubmitRequested, desk.mark(11.0)).qty == 2
    desk.fill(2, "11.5")
    stop = next(armed for armed in desk.trade().armed if armed.kind is ExitKind.STOP)
    assert (stop.level, stop.qty) == (Decimal("8.40"), 6)
    assert not of(e.ExitTriggered, desk.mark(11.1))


def test_after_its_rung_the_stop_stands_at_the_entry() -> None:
    """The first half goes at 11.00: the stop of the rest moves from 8.00 to 10.00."""
    desk = Desk()
    rung = TargetPlan(gain=Decimal("0.1"), share=Decimal("0.5"))
    desk.opened(4, exits=ExitPlan(stop=Decimal("0.2"), targets=(rung,), break_even_after=1))
    desk.mark(11.0)
    desk.fill(2, "11")
    assert not of(e.ExitTriggered, desk.mark(10.01))
    fired = one(e.ExitTriggered, desk.mark(10.0))
    assert (fired.kind, fired.qty, fired.level) == (ExitKind.STOP, 2, 10.0)


def test_a_dollar_trail_starts_late() -> None:
    """On from 11.00 (10%), a dollar below the best: at 12.00 it stands at 11.00, and before 11.00 it is not there."""
    desk = Desk()
    desk.opened(2, exits=ExitPlan(trail_amount=Decimal(1), trail_after=Decimal("0.1")))
    assert not of(e.ExitTriggered, desk.mark(8.5))
    assert one(e.ExitTriggered, desk.mark(11.0)).kind is ExitKind.TRAIL_ON
    for mark in (12.0, 11.01):
        assert not of(e.ExitTriggered, desk.mark(mark))
    fired = one(e.ExitTriggered, desk.mark(11.0))
    assert (fired.kind, fired.level) == (ExitKind.TRAILING, 11.0)


def test_two_marks_in_a_row_must_agree() -> None:
    """Below the stop, above it, below it: nothing; below it twice running: out."""
    desk = Desk()
    desk.opened(2, exits=ExitPlan(stop=Decimal("0.2"), basis=Basis.TWO_MARKS))
    for mark in (7.9, 8.1, 7.9):
        assert not of(e.ExitTriggered, desk.mark(mark))
    assert one(e.ExitTriggered, desk.mark(7.8)).kind is ExitKind.STOP


def test_the_far_side_is_each_positions_own() -> None:
    """Long and short of one contract, bid 9.75 and ask 10.25: a long's 9.70 and a short's 10.30 stand; then both go."""
    desk = Desk()
    plan = ExitPlan(stop=Decimal("0.03"), basis=Basis.FAR_SIDE)
    desk.opened(1, exits=plan)
    desk.opened(1, exits=plan, direction=-1, strategy="other")
    assert not of(e.ExitTriggered, desk.quote(9.75, 10.25, after_s=1))
    fired = of(e.ExitTriggered, desk.quote(9.7, 10.3, after_s=1))
    assert [trigger.trade_id for trigger in fired] == ["T1", "T2"]


def test_opposite_wishes_cross_at_the_mid_and_count_as_positions() -> None:
    """One strategy sells 2, another buys 3: two change hands at 10.00 for nothing, one is bought in the market."""
    desk = Desk()
    desk.opened(2, price="9")
    events = desk.propose(3, intents=(leave("T1"),), strategy="other")
    assert [(fill.qty, fill.price, fill.fee) for fill in of(e.OrderFilled, events)] == [
        (2, Decimal(10), Decimal(0)),
        (2, Decimal(10), Decimal(0)),
    ]
    assert one(e.OrderSubmitRequested, events).qty == 1
    assert one(e.TradeClosed, events).realized_pnl == Decimal(200)
    assert (desk.book.trades_on, desk.book.totals.trades_opened) == (1, 2)
