"""What a trade is added to by its plan: against the limits of the whole, and never while something is going out."""

from decimal import Decimal

import pytest

from options import commands as c
from options import events as e
from options.lifecycle import ENTERING_FILLED, GUARDED
from options.order import Order
from options.plan import Algo, EntryPlan, ExitOrder, ExitPlan, ScaleInPlan, TargetPlan
from options.risk import RiskLimits
from options.terms import ExitKind
from options.values import Side
from tests.options.desk import Desk, fold, of, one

RISING = ExitPlan(scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=2),))


def limited(premium: int) -> Desk:
    """A desk that lets in so many dollars a trade."""
    return Desk(RiskLimits(premium_trade_max=Decimal(premium), premium_day_max=Decimal(10**6)))


@pytest.mark.parametrize(("most", "added"), [(6239, 0), (6240, 2)])
def test_an_addition_counts_with_what_the_trade_holds(most: int, added: int) -> None:
    """Four at 10 are 4,000 dollars; two more at 11.20 are 2,240: in one trade they are 6,240."""
    desk = limited(most)
    desk.opened(4, exits=RISING)
    events = desk.quote(11.0, 11.2, after_s=1)
    assert sum(sent.qty for sent in of(e.OrderSubmitRequested, events)) == added
    if not added:
        why = "premium $6,240.00 is above $6,239.00 per trade"
        assert one(e.IntentRefused, events).reasons == (why,)
    assert (desk.trade().target, desk.trade().position.qty) == (4 + added, 4)


def test_what_was_taken_out_counts_no_more() -> None:
    """Three of four at 10 are sold: with two at 12 a trade holds 1,000 + 2,400 dollars."""
    desk = limited(4040)
    desk.opened(4)
    desk.out("T1", 1)
    desk.fill(3, "11")
    desk.quote(11.9, 12.0)
    desk.out("T1", 3)
    assert desk.order.qty == 2
    desk.fill(2, "12")
    assert desk.trade().position.qty == 3


def test_an_addition_to_a_short_counts_with_the_most_that_all_can_lose() -> None:
    """A put sold at 9.90 can lose 740.10 a share, the second at 8.80 another 741.20: 148,130 dollars in all."""
    put = "GOOG  151231P00750000"
    for most, sent in ((148_129, 0), (148_130, 1)):
        desk = limited(most)
        desk.propose(
            1, key=put, direction=-1, exits=ExitPlan(scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=1),))
        )
        desk.accept()
        desk.fill(1, "9.90")
        events = desk.quote(8.8, 8.9, key=put, after_s=1)
        assert len(of(e.OrderSubmitRequested, events)) == sent


def test_nothing_is_added_while_a_target_is_on_its_way_out() -> None:
    """Half rests at its target when the price falls to where it would double down: the target stays in the market."""
    exits = ExitPlan(
        targets=(TargetPlan(gain=Decimal("0.5"), share=Decimal("0.5")),),
        target_order=ExitOrder(algo=Algo.LIMIT),
        scale_ins=(ScaleInPlan(gain=Decimal("-0.2"), qty=2),),
        average_down=True,
    )
    desk = Desk()
    desk.opened(4, exits=exits)
    assert ExitKind.SCALE_IN in [armed.kind for armed in desk.trade().armed]
    assert one(e.OrderSubmitRequested, desk.mark(15.0)).qty == 2
    desk.accept()
    assert ExitKind.SCALE_IN not in [armed.kind for armed in desk.trade().armed]
    events = desk.mark(8.0)
    assert not of(e.ExitTriggered, events)
    assert not of(e.OrderCancelRequested, events)
    assert (desk.trade().target, desk.status()[1]) == (2, GUARDED[1])


def test_an_entry_that_is_still_coming_in_can_be_added_to() -> None:
    """Two of four have filled when the price rises: the rest is still wanted, and the addition besides."""
    desk = Desk()
    desk.propose(4, entry=EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("10.10")), exits=RISING)
    desk.accept()
    desk.fill(2)
    assert of(e.ExitTriggered, desk.mark(11.0))
    assert desk.trade().target == 6


def leaving(exits: ExitPlan = RISING) -> tuple[Desk, Order]:
    """Two of four rest on their way out when all are wanted again: they are asked back, and the price rises."""
    desk = limited(20_000)
    desk.opened(4, exits=exits)
    resting = ExitOrder(algo=Algo.LIMIT, limit_price=Decimal("10.80"))
    desk.give_command(c.TrimTrade(command_id="trim", who="ann", trade_id="T1", qty=2, order=resting))
    desk.accept()
    trim = desk.order
    assert one(e.OrderCancelRequested, desk.out("T1", 4)).order_id == trim.order_id
    events = desk.mark(11.0)
    assert one(e.ExitTriggered, events).kind is ExitKind.SCALE_IN
    assert not of(e.OrderSubmitRequested, events)
    return desk, trim


@pytest.mark.parametrize("restarted", [False, True])
def test_an_addition_comes_once_what_is_asked_back_is_out(restarted: bool) -> None:
    """Nothing is bought while the trim may still fill; when it is proven not to, the two are added."""
    desk, trim = leaving()
    if restarted:
        desk.restart()
    sent = one(e.OrderSubmitRequested, desk.cancelled(desk.book.orders[trim.order_id]))
    assert (sent.side, sent.qty) == (Side.BUY, 2)
    desk.accept()
    desk.fill(2, "11")
    assert (desk.trade().target, desk.trade().position.qty, desk.status()) == (6, 6, GUARDED)


@pytest.mark.parametrize("filled", [1, 2])
def test_no_addition_comes_where_the_trim_filled_after_all(filled: int) -> None:
    """What was taken out ends additions: the trade keeps what is left, and the ledger says why."""
    desk, trim = leaving()
    events = desk.fill(filled, "10.80", order=trim)
    if filled < 2:
        events += desk.cancelled(trim)
    kept = one(e.IntentDecided, events)
    assert (kept.target, kept.reason) == (
        4 - filled,
        "nothing is added any more: an exit that was asked back has filled",
    )
    assert not of(e.OrderSubmitRequested, events)
    assert not of(e.OrderSubmitRequested, desk.mark(11.5))


def test_an_addition_that_waited_is_held_against_the_limits() -> None:
    """Trading is halted while the trim is asked back: nothing is added, and all that is held is kept."""
    desk, trim = leaving()
    desk.give_command(c.Halt(command_id="halt", who="ann", reason="look first"))
    events = desk.cancelled(trim)
    assert not of(e.OrderSubmitRequested, events)
    assert "halted" in one(e.IntentRefused, events).reasons[0]
    assert (desk.trade().target, desk.trade().position.qty) == (4, 4)


def test_two_additions_that_waited_come_together() -> None:
    """Both levels are passed while the trim is asked back: four go in when it is out."""
    desk, trim = leaving(
        ExitPlan(scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=2), ScaleInPlan(gain=Decimal("0.2"), qty=2)))
    )
    desk.mark(12.0)
    assert one(e.OrderSubmitRequested, desk.cancelled(trim)).qty == 4


def test_an_addition_whose_own_order_ends_is_not_sent_again() -> None:
    """The trim is out, the addition is sent, and the broker takes it back: the trade keeps its four."""
    desk, trim = leaving()
    desk.cancelled(trim)
    desk.accept()
    events = desk.cancelled()
    assert one(e.IntentDecided, events).reason == "the entry ended with a rest"
    assert not of(e.OrderSubmitRequested, events)
    assert desk.trade().target == 4


def half_in(desk: Desk, entry: EntryPlan, exits: ExitPlan = RISING) -> Order:
    """Two of four have filled at 10 and the price has risen to 11.20; the entry's order, which rests with two."""
    desk.propose(4, entry=entry, exits=exits)
    desk.accept()
    resting = desk.order
    desk.fill(2)
    desk.mark(11.2)
    return resting


AT_TEN = EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("10.00"), give_up_after_s=60)


@pytest.mark.parametrize("how", ["cancelled", "reject"])
@pytest.mark.parametrize("which", ["entry", "addition"])
def test_the_part_that_ends_is_not_bought_again_beside_the_other(how: str, which: str) -> None:
    """The broker ends the entry's rest, or the addition, while the other works: that one alone is still to come."""
    desk = Desk()
    orders = {"entry": half_in(desk, AT_TEN), "addition": desk.order}
    sent = len(desk.all(e.OrderSubmitRequested))
    getattr(desk, how)(orders[which])
    assert len(desk.all(e.OrderSubmitRequested)) == sent
    assert (desk.trade().target, desk.trade().additions) == (4, 1)
    (other,) = desk.orders
    desk.fill(2, order=other)
    assert (desk.trade().position.qty, desk.status()) == (4, GUARDED)
    assert fold(desk.events) == desk.book


@pytest.mark.parametrize("ends", ["by its time", "by the broker"])
def test_an_entry_beside_an_addition_that_is_refused_is_an_entry_still(ends: str) -> None:
    """What rests of it is given up in its time, and is not bought again when the broker ends it."""
    desk = limited(4100)
    resting = half_in(desk, AT_TEN)
    assert desk.all(e.IntentRefused)
    assert desk.trade().target == 4
    if ends == "by its time":
        assert one(e.OrderCancelRequested, desk.wait(60)).order_id == resting.order_id
    desk.cancelled(resting)
    assert (desk.orders, desk.trade().target, desk.status()) == ([], 2, GUARDED)


def test_an_entry_is_in_when_all_of_it_is() -> None:
    """The addition has filled and two of the entry still rest: it is shown as an entry at work until they end too."""
    desk = Desk()
    resting = half_in(desk, AT_TEN)
    desk.accept()
    desk.fill(2, "11.3")
    assert desk.status() == ENTERING_FILLED
    desk.fill(2, order=resting)
    assert (desk.trade().position.qty, desk.status()) == (6, GUARDED)
