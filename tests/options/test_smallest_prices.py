"""Options at a cent: levels below the smallest price are exact, and what no price can meet is not watched."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options import commands as c
from options import events as e
from options import inputs as i
from options.cents import to_cents
from options.plan import Algo, EntryPlan, ExitOrder, ExitPlan, Held, ScaleInPlan, TargetPlan
from options.plan_check import plan_faults
from options.quote import QuoteLimits
from options.risk_limits import RiskLimits
from options.terms import ExitKind
from options.values import CENT, Side
from tests.options.desk import KEY, Desk, accepted, executed, of, one
from tests.options.held_desk import rests

HALF = Decimal("0.5")
RESTING = ExitOrder(algo=Algo.LIMIT, deadline_s=60.0)
WALK = ExitOrder(algo=Algo.WALK, every_s=10.0, steps=2)


def bought_at_a_cent(exits: ExitPlan, direction: int = 1, limits: RiskLimits | None = None) -> Desk:
    """A desk with two of an option that cost a cent."""
    desk = Desk(limits)
    desk.quote(0.01, 0.02, after_s=1)
    desk.propose(2, exits=exits, direction=direction)
    desk.accept()
    desk.fill(2, "0.01")
    return desk


@pytest.mark.parametrize("held", Held)
def test_half_of_a_cent_is_a_stop_of_the_engine(held: Held) -> None:
    """It is not rounded to nothing; no broker has an order at such a price, so none is sent there."""
    desk = bought_at_a_cent(ExitPlan(stop=HALF, held=held))
    assert [one.level for one in desk.trade().armed] == [Decimal("0.005")]
    assert rests(desk) == []
    desk.restart()
    assert desk.trade().position.qty == 2


def test_a_target_below_a_cent_rests_nowhere() -> None:
    """Sold at a cent, to be bought back at half of that: the engine watches for it."""
    target = TargetPlan(gain=HALF, share=Decimal(1))
    desk = bought_at_a_cent(ExitPlan(targets=(target,), held=Held.BROKER), direction=-1)
    assert [one.level for one in desk.trade().armed] == [Decimal("0.005")]
    assert rests(desk) == []


@pytest.mark.parametrize(
    ("price", "gain", "level"),
    [
        ("0.01", "-0.3", "0.0070"),  # to the cent it would be the entry
        ("0.03", "0.1", "0.0330"),  # and so would this target be
        ("0.05", "-0.3", "0.0350"),  # to the cent that is 20%
        ("0.40", "-0.3", "0.28"),
        ("0.45", "-0.33", "0.30"),  # 0.3015: a cent is little of it
    ],
)
def test_a_cent_is_no_step_where_it_is_much_of_the_distance(price: str, gain: str, level: str) -> None:
    """A fraction of what costs little is met where it lies, not at the entry nor at half of it."""
    size = abs(Decimal(gain))
    rung = TargetPlan(gain=size, share=Decimal(1))
    desk = Desk()
    desk.propose(2, exits=ExitPlan(stop=size) if gain.startswith("-") else ExitPlan(targets=(rung,)))
    desk.accept()
    desk.fill(2, price)
    assert [str(one.level) for one in desk.trade().armed] == [level]


def test_a_target_of_a_cheap_option_does_not_sell_it_at_its_entry() -> None:
    """Bought at 0.03, out at 10% more: a mid of 0.03 is no gain, 0.035 is; and a stop of 30% at 0.05 is not 20%."""
    desk = Desk()
    desk.quote(0.02, 0.03, after_s=1)
    desk.propose(2, exits=ExitPlan(targets=(TargetPlan(gain=Decimal("0.1")),)))
    desk.accept()
    desk.fill(2, "0.03")
    assert not of(e.ExitTriggered, desk.quote(0.02, 0.04, after_s=1))
    assert len(of(e.ExitTriggered, desk.quote(0.03, 0.04, after_s=1))) == 1
    desk = Desk()
    desk.quote(0.04, 0.05, after_s=1)
    desk.propose(2, exits=ExitPlan(stop=Decimal("0.3")))
    desk.accept()
    desk.fill(2, "0.05")
    assert not of(e.ExitTriggered, desk.quote(0.03, 0.05, after_s=1))
    assert len(of(e.ExitTriggered, desk.quote(0.03, 0.04, after_s=1))) == 1


def test_an_addition_at_half_of_a_cent_is_watched() -> None:
    """Doubling down has a level above nothing as well."""
    desk = bought_at_a_cent(ExitPlan(scale_ins=(ScaleInPlan(gain=-HALF, qty=1),), average_down=True))
    assert [(one.kind, one.level) for one in desk.trade().armed] == [(ExitKind.SCALE_IN, Decimal("0.005"))]


def test_what_came_for_nothing_on_the_wrong_side_is_bought_back_without_a_stop() -> None:
    """Four were told, two of them exercised for nothing, and one had been bought: short one at an average of zero."""
    desk = Desk()
    desk.propose(4, exits=ExitPlan(stop=HALF))
    entry = desk.order
    desk.report(accepted(entry), executed(entry, 4, "10", "X.01"))
    desk.report(
        i.AssignmentReport(assignment_id="A", instrument=KEY, qty=2, exercised=True, underlying=Decimal(700))
    )
    desk.report(executed(entry, 1, "10", "X.02"))
    assert desk.trade().position.qty == -1
    assert desk.trade().armed == ()
    assert [(one.side, one.qty) for one in of(e.OrderSubmitRequested, desk.events[-3:])] == [("BUY", 1)]


def test_a_target_of_a_short_that_lies_below_a_cent_is_sent_at_a_cent() -> None:
    """Sold at a cent, out at half of that by a limit: at that mark a cent is bid, and no order at less is ever sent."""
    target = TargetPlan(gain=HALF, share=Decimal(1))
    wide = RiskLimits(naked_max_loss_usd=Decimal(10**9), quotes=QuoteLimits(spread_max=2.0))
    exits = ExitPlan(targets=(target,), target_order=RESTING)
    desk = bought_at_a_cent(exits, direction=-1, limits=wide)
    sent = one(e.OrderSubmitRequested, desk.quote(0.0, 0.01, after_s=1))
    assert (sent.side, sent.qty, sent.limit_price) == (Side.BUY, 2, CENT)
    desk.accept()
    desk.fill(2, "0.01")
    assert desk.trade().position.qty == 0


@pytest.mark.parametrize("order", [RESTING, WALK])
@pytest.mark.parametrize("direction", [1, -1])
def test_an_exit_from_the_mid_of_nothing_and_a_cent_is_sent_at_a_cent(
    order: ExitOrder, direction: int
) -> None:
    """The mid is half of a cent and nothing is bid: neither the first order nor a step of the walk is below a cent."""
    desk = bought_at_a_cent(ExitPlan(), direction)
    desk.quote(0.0, 0.01, after_s=1)
    close = c.CloseTrade(command_id="c", who="ann", trade_id="T1", order=order)
    sent = of(e.OrderSubmitRequested, desk.give_command(close))
    for _ in range(2):
        desk.accept()
        desk.quote(0.0, 0.01, after_s=10)
        if desk.order.cancel_requested:
            sent += of(e.OrderSubmitRequested, desk.cancelled())
    assert sent
    assert {one.limit_price for one in sent} <= {CENT, None}
    assert sent[0].limit_price == CENT


def test_an_entry_that_walks_from_half_of_a_cent_begins_at_a_cent() -> None:
    """Nothing bid, a cent asked: the walk has one price to be sent at."""
    desk = Desk()
    desk.quote(0.0, 0.01, after_s=1)
    (sent,) = of(e.OrderSubmitRequested, desk.propose(2, entry=EntryPlan(algo=Algo.WALK)))
    assert sent.limit_price == CENT


def test_a_limit_below_a_cent_is_refused_by_name() -> None:
    """As an entry's, as its bound and as an exit's: no order can have it. A combo's net price may be less."""
    low = Decimal("0.005")
    entry = EntryPlan(algo=Algo.WALK, limit_price=low, limit_bound=low)
    exits = ExitPlan(target_order=ExitOrder(algo=Algo.LIMIT, limit_price=low))
    below = "0.005 is below a cent, the least that an order can have"
    faults = plan_faults(1, 1, entry, exits, None)
    assert faults == [f"entry limit {below}", f"entry bound {below}", f"the targets' order: limit {below}"]
    assert plan_faults(1, 1, entry, exits, None, net=True) == []


@given(price=st.decimals("-2", "2", places=5), side=st.sampled_from(Side), net=st.booleans())
def test_what_is_sent_is_in_whole_cents_and_no_worse_than_wanted(
    price: Decimal, side: Side, net: bool
) -> None:
    """Never through the limit that was wanted nor a whole cent off; never below a cent, but for combos."""
    sent = to_cents(price, side, net=net)
    assert sent % CENT == 0
    if price < CENT and not net:
        assert sent == CENT
    else:
        assert 0 <= (price - sent) * side.sign < CENT
