"""Short lives of trades that people steer, that grow, and that are worked in steps."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from options import commands as c
from options import inputs as i
from options.plan import Algo, EntryCondition, EntryPlan, ExitPlan, ScaleInPlan, TimeInForce, Watch
from options.risk_limits import RiskLimits
from options.values import DAY, MINUTE
from tests.options.desk import CLOSE, KEY, OPEN, Desk, ladder, leave

WAITS = EntryPlan(condition=EntryCondition(watch=Watch.OPTION, level=Decimal(9), above=False))
WALK = EntryPlan(algo=Algo.WALK, every_s=10.0, steps=2)
ADDS = ExitPlan(scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=2),))


def say(desk: Desk, command: type[c.CommandBase], **fields: object) -> None:
    """A person gives a command."""
    said: dict[str, Any] = {"command_id": f"c{len(desk.events)}", "who": "ann"} | fields
    desk.decide(i.CommandGiven(command(**said)))  # type: ignore[arg-type] # the class decides its fields


def hold(desk: Desk, trade_id: str = "T1") -> None:
    """A person takes a trade out of the market."""
    say(desk, c.ModifyTrade, trade_id=trade_id, hold=True)


def draft_cancelled_and_taken_up_again() -> None:
    """A draft is cancelled, activated again, waits, is held, activated, held and cancelled for good."""
    desk = Desk()
    say(desk, c.NewTrade, instrument=KEY, qty=2, entry=WAITS)
    say(desk, c.CancelTrade, trade_id="T1")
    say(desk, c.ActivateTrade, trade_id="T1")
    hold(desk)
    say(desk, c.ActivateTrade, trade_id="T1")
    hold(desk)
    say(desk, c.CancelTrade, trade_id="T1")


def rejected_and_taken_up_again() -> None:
    """The broker refuses an entry; the trade is activated again and gets in."""
    desk = Desk()
    desk.propose(2)
    desk.reject()
    say(desk, c.ActivateTrade, trade_id="T1")
    desk.fill(2)


def held_while_entering_and_filled_late() -> None:
    """Held with its entry in the market: once it fills before it is out, once after, and once on the second try."""
    for again in (False, True):
        desk = Desk()
        desk.propose(2, entry=WAITS)
        desk.mark(8.9)
        entry = desk.order
        hold(desk)
        if again:
            desk.cancelled(entry)
            say(desk, c.ActivateTrade, trade_id="T1")
        desk.fill(1, order=entry)


def held_and_closed() -> None:
    """A position without its exits is guarded again, held again, closed by hand."""
    desk = Desk()
    desk.opened(2)
    hold(desk)
    say(desk, c.ActivateTrade, trade_id="T1")
    hold(desk)
    say(desk, c.CloseTrade, trade_id="T1")
    desk.fill(2)


def held_while_its_exit_is_out() -> None:
    """The exit of a close, or of a cancel, is at the broker when the position is held, and fills."""
    for end in (c.CloseTrade, c.CancelTrade):
        desk = Desk()
        desk.opened(2)
        say(desk, end, trade_id="T1")
        desk.accept()
        hold(desk)
        desk.fill(2)


def held_and_filled_late() -> None:
    """A dead entry fills more while the position is held; one that still works is done while it is held."""
    desk = Desk()
    desk.propose(4)
    entry = desk.order
    desk.fill(2)
    desk.cancelled(entry)
    hold(desk)
    desk.fill(1, order=entry)


def cancelled_after_a_fill() -> None:
    """Flattened by hand: before the exit is acknowledged, and after; then an execution too many arrives."""
    for heard in (False, True):
        desk = Desk()
        desk.opened(2)
        say(desk, c.CancelTrade, trade_id="T1")
        exit_order = desk.order
        if heard:
            desk.accept()
            desk.fill(2)
        else:
            desk.report(i.OrderCancelledReport(client_ref=exit_order.child.client_ref, reason="gone"))
            desk.fill(2)
        desk.fill(1, order=exit_order)


def walked_in() -> None:
    """The entry is repriced before it fills, and again after a part."""
    desk = Desk()
    desk.propose(4, entry=WALK)
    first = desk.order
    desk.accept(first)
    desk.wait(10)
    desk.cancelled(first)
    second = desk.order
    desk.accept(second)
    desk.fill(1, order=second)
    desk.wait(10)
    desk.cancelled(second)
    desk.fill(3)


def grown() -> None:
    """Two more are bought at a gain, and a stop for all of them closes it."""
    desk = Desk(RiskLimits(premium_trade_max=Decimal(6300)))
    desk.opened(4, exits=ExitPlan(scale_ins=ADDS.scale_ins, stop=Decimal("0.2")))
    desk.mark(11.0)
    desk.fill(2, "11")
    desk.mark(7.0)
    desk.fill(6, "7")


def exits_of_two_parents() -> None:
    """Two exits are out; both are heard of, one ends with a rest."""
    desk = Desk()
    desk.opened(4, exits=ladder(stop="0.2"))
    say(desk, c.TrimTrade, trade_id="T1", qty=1)
    trim = desk.order
    say(desk, c.CloseTrade, trade_id="T1")
    rest = desk.order
    desk.accept(trim)
    desk.accept(rest)
    desk.cancelled(trim)
    desk.fill(3, order=rest)


def crossed_inside_the_house() -> None:
    """What one strategy closes, another opens: nothing is sent, and the first trade is over."""
    desk = Desk()
    desk.opened(2)
    desk.propose(2, intents=(leave("T1"),), strategy="other")


def flattened_by_a_cross() -> None:
    """Cancelled by hand over night; at the open another trade's moment comes, and takes it over."""
    desk = Desk()
    desk.opened(2)
    condition = EntryCondition(at=OPEN + DAY + MINUTE)
    desk.propose(2, entry=EntryPlan(condition=condition, tif=TimeInForce.GTC), strategy="other")
    desk.at = CLOSE + MINUTE
    say(desk, c.CancelTrade, trade_id="T1")
    desk.at = OPEN + DAY
    desk.open_day("2015-12-25", OPEN + DAY + MINUTE, CLOSE + DAY)
    desk.at += MINUTE
    desk.mark(10.0, after_s=0)


def out_while_a_shared_entry_goes_on() -> None:
    """Two trades enter by one order; the first has its part and leaves, or is held, before the order is done."""
    for first in ("done", "heard", "held"):
        desk = Desk()
        condition = EntryCondition(watch=Watch.OPTION, level=Decimal(9), above=False)
        for qty, strategy in ((1, "desk"), (3, "other")):
            desk.propose(qty, entry=EntryPlan(condition=condition), strategy=strategy)
        desk.mark(8.9)
        shared = desk.order
        desk.fill(3, order=shared)
        say(desk, c.CloseTrade, trade_id="T1")
        if first != "done":
            desk.accept()
        if first == "held":
            hold(desk)
        desk.fill(1, order=shared)


BY_HAND: tuple[Callable[[], None], ...] = (
    draft_cancelled_and_taken_up_again,
    rejected_and_taken_up_again,
    held_while_entering_and_filled_late,
    held_and_closed,
    held_while_its_exit_is_out,
    held_and_filled_late,
    cancelled_after_a_fill,
    walked_in,
    grown,
    exits_of_two_parents,
    crossed_inside_the_house,
    flattened_by_a_cross,
    out_while_a_shared_entry_goes_on,
)
