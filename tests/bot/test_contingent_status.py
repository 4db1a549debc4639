"""A contingent order goes through six words, and the tree shows which, with its group and its entry."""

from decimal import Decimal

from bot.trade_branches import ExitBranch, TradeTree
from bot.trade_show import show_lines
from bot.trade_tree import trade_tree
from options import inputs as i
from options.lifecycle import ContingentStatus
from options.plan import Algo, ExitOrder, ExitPlan, Held, TargetPlan
from tests.options.desk import Desk, accepted, cancelled, executed

WALK = ExitOrder(algo=Algo.WALK, every_s=10.0, steps=2)
PLAN = ExitPlan(
    targets=(TargetPlan(gain=Decimal("0.3"), share=Decimal("0.5")),), stop=Decimal("0.2"), target_order=WALK
)


def tree_of(desk: Desk) -> TradeTree:
    """The tree of the first trade."""
    tree = trade_tree(enumerate(desk.events, start=1), "T1")
    assert tree is not None
    return tree


def statuses(desk: Desk) -> dict[str, str]:
    """The status of each contingent order by the end of its id."""
    return {branch.exit_id.removeprefix("T1-1-"): str(branch.status) for branch in tree_of(desk).exits}


def branch(desk: Desk, name: str) -> ExitBranch:
    """One contingent order."""
    return next(one for one in tree_of(desk).exits if one.exit_id == f"T1-1-{name}")


def test_the_six_words_in_their_order() -> None:
    """Pending, Ready, Submitted, Working, Filled; and the sibling whose group is through is Cancelled."""
    desk = Desk()
    desk.propose(4, exits=PLAN)
    assert statuses(desk) == {"stop": "Pending", "target-1": "Pending"}
    desk.accept()
    desk.fill(4)
    assert statuses(desk) == {"stop": "Ready", "target-1": "Ready"}
    assert (branch(desk, "stop").oca_group, branch(desk, "stop").entry_id) == ("T1-1-oca", "P1")
    desk.mark(7.9)
    assert statuses(desk) == {"stop": "Contingent Order Submitted", "target-1": "Cancelled"}
    desk.accept()
    assert statuses(desk)["stop"] == "Contingent Order Working"
    desk.fill(4, "7.8")
    assert statuses(desk) == {"stop": "Filled", "target-1": "Cancelled"}
    assert {str(one) for one in ContingentStatus} == {
        "Pending", "Ready", "Contingent Order Submitted", "Contingent Order Working", "Filled", "Cancelled",
    }  # fmt: skip


def test_a_stop_that_takes_over_leaves_the_target_cancelled() -> None:
    """All four walk out at the target when the stop comes: it goes on with their order, and is Filled in the end."""
    desk = Desk()
    plan = ExitPlan(targets=(TargetPlan(gain=Decimal("0.3")),), stop=Decimal("0.2"), target_order=WALK)
    desk.opened(4, exits=plan)
    desk.mark(13.0)
    desk.accept()
    assert statuses(desk) == {"stop": "Ready", "target-1": "Contingent Order Working"}
    desk.mark(7.9)
    assert statuses(desk) == {"stop": "Contingent Order Working", "target-1": "Cancelled"}
    desk.report(cancelled(desk.orders[0]))
    desk.fill(4, "7.8")
    assert statuses(desk) == {"stop": "Filled", "target-1": "Cancelled"}
    assert branch(desk, "stop").parent_id == "P2"


def test_a_trailing_stop_that_starts_late_is_filled_by_starting() -> None:
    """What switches the trailing stop on is done with that, and is linked to no order."""
    desk = Desk()
    plan = ExitPlan(trail=Decimal("0.1"), trail_after=Decimal("0.2"))
    desk.propose(2, exits=plan)
    assert statuses(desk) == {"trail-on": "Pending"}
    desk.accept()
    desk.fill(2)
    desk.mark(12.1)
    assert statuses(desk) == {"trail-on": "Filled", "trail": "Ready"}
    desk.mark(10.0)
    assert branch(desk, "trail-on").parent_id == ""
    assert branch(desk, "trail").parent_id == "P2"


def test_what_rests_at_the_broker_says_so_and_its_orders_stand_below_it() -> None:
    """Sent, working there, given back to the engine, and filled there: the tree says which at every moment."""
    desk = Desk()
    plan = ExitPlan(targets=(TargetPlan(gain=Decimal("0.3")),), stop=Decimal("0.2"), held=Held.BROKER)
    trade = desk.opened(4, exits=plan)
    assert statuses(desk) == {"stop": "Contingent Order Submitted", "target-1": "Contingent Order Submitted"}
    assert branch(desk, "stop").held == "here"
    stop, target = (desk.book.order_of_ref[one] for one in list(desk.book.order_of_ref)[-2:])
    desk.report(accepted(stop), accepted(target))
    assert statuses(desk) == {"stop": "Contingent Order Working", "target-1": "Contingent Order Working"}
    assert [branch(desk, one).held for one in ("stop", "target-1")] == ["at the broker"] * 2
    assert [one.order_id for one in branch(desk, "stop").resting] == [stop.order_id]
    shown = "\n".join(show_lines(tree_of(desk)))
    assert "T1-1-stop  stop 4 at 8.00: Contingent Order Working, held at the broker" in shown
    assert f"{stop.order_id}  4 from 8.00: at the broker, 0 filled" in shown
    desk.report(i.OrderInDoubtReport(client_ref=stop.child.client_ref, reason="no answer"))
    assert branch(desk, "stop").held == "here"
    desk.report(accepted(stop))
    gone = i.OrderCancelledReport(client_ref=target.child.client_ref, reason="group", by_group=True)
    desk.report(executed(stop, 4, "7.90", "X1"), gone)
    assert statuses(desk) == {"stop": "Filled", "target-1": "Cancelled"}
    assert trade.position.qty == 0
