"""Short lives of trades, told in inputs; together they walk through the table of the life cycle."""

from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from unittest.mock import patch

from options import fold, fold_fills, fold_orders, fold_trades
from options.lifecycle import Status, Step
from options.lifecycle import advance as real_advance
from options.plan import EntryPlan
from options.risk import RiskLimits
from options.terms import ExitKind
from options.values import DAY
from tests.options.desk import CLOSE, OPEN, PUT_KEY, Desk, accepted, ladder, leave

Scenario = Callable[[], None]


def rows_taken(scenario: Scenario) -> set[tuple[Status, Step]]:
    """The rows of the table that the fold went through."""
    rows: set[tuple[Status, Step]] = set()

    def noting(status: Status, step: Step) -> Status:
        then = real_advance(status, step)
        rows.add((status, step))
        return then

    with ExitStack() as stack:
        for module in (fold, fold_fills, fold_orders, fold_trades):
            stack.enter_context(patch.object(module, "advance", noting))
        scenario()
    return rows


def whole_life() -> None:
    """In, partly and then whole; a stop; out in two parts."""
    desk = Desk()
    desk.propose(4, exits=ladder(stop="0.2"))
    desk.accept()
    desk.fill(1)
    desk.fill(1)
    desk.fill(2)
    desk.mark(7.5)
    desk.accept()
    desk.fill(1, "7.5")
    desk.fill(3, "7.5")


def exit_fills_before_it_is_acknowledged_and_ends_with_a_rest() -> None:
    """The exit is cancelled by the broker with a rest, sent again, and fills."""
    desk = Desk()
    desk.opened(4)
    desk.out("T1")
    desk.cancelled()
    desk.accept()
    desk.cancelled()
    desk.fill(4)


def entry_rejected() -> None:
    """The broker refuses the entry, and then an execution of it arrives all the same."""
    desk = Desk()
    desk.propose()
    desk.reject()
    desk.fill(4)


def entry_cancelled() -> None:
    """The entry is taken back, and then an execution of it arrives, and another."""
    desk = Desk()
    desk.propose()
    order = desk.order
    desk.cancelled()
    desk.fill(2, order=order)
    desk.fill(1, order=order)


def waiting_trade_cancelled() -> None:
    """A reversal waits, and the next signal takes it back."""
    desk = Desk()
    desk.opened(4)
    waits = EntryPlan(after="T1")
    desk.propose(key=PUT_KEY, entry=waits, intents=(leave("T1", 0, ExitKind.REVERSAL),))
    desk.out("T2")


def refused_after_waiting() -> None:
    """A reversal's entry is over the limits once its turn has come."""
    desk = Desk(RiskLimits(premium_day_max=Decimal(8_500)))
    desk.opened(4)
    waits = EntryPlan(after="T1")
    desk.propose(key=PUT_KEY, entry=waits, intents=(leave("T1", 0, ExitKind.REVERSAL),))
    desk.quote(12.0, 12.2, key=PUT_KEY)
    desk.fill(4)


def exit_while_the_entry_still_fills() -> None:
    """A stop fires on half an entry: the rest is taken back, one contract of it fills first."""
    desk = Desk()
    desk.propose(4, exits=ladder(stop="0.2"))
    entry = desk.order
    desk.fill(2)
    desk.mark(7.5)
    desk.fill(1, order=entry)
    desk.cancelled(entry)
    desk.fill(3)


def late_entry_fill_while_an_exit_is_out() -> None:
    """The entry was believed dead with a rest; while the exit is on its way, the rest fills."""
    for heard in (False, True):
        desk = Desk()
        desk.propose(4)
        entry = desk.order
        desk.fill(2)
        desk.cancelled(entry)
        desk.out("T1")
        if heard:
            desk.accept()
        desk.fill(1, order=entry)


def two_exits_at_once() -> None:
    """A trim is on its way when the rest is wanted out too; both are accepted, one ends with a rest."""
    desk = Desk()
    desk.opened(4)
    desk.out("T1", 2)
    trim = desk.order
    desk.out("T1", 0)
    rest = desk.order
    desk.report(accepted(trim), accepted(rest))
    desk.fill(1, order=trim)
    desk.cancelled(trim)
    desk.fill(2, order=rest)


def filled_before_the_close_and_closed_by_hand() -> None:
    """A late execution re-opens a trade that was closed."""
    desk = Desk()
    desk.opened(2)
    desk.out("T1")
    exit_order = desk.order
    desk.fill(2)
    desk.fill(1, order=exit_order)


def overfilled_exit_is_bought_back() -> None:
    """The broker sells more than was held; the difference is bought back."""
    desk = Desk()
    desk.opened(2)
    desk.out("T1")
    desk.fill(3)
    desk.fill(1)


def day_ends() -> None:
    """A waiting trade's day ends before its turn."""
    desk = Desk()
    desk.opened(4)
    waits = EntryPlan(after="T1")
    desk.propose(key=PUT_KEY, entry=waits, intents=(leave("T1", 0, ExitKind.REVERSAL),))
    desk.at = OPEN + DAY
    desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)


SCENARIOS: tuple[Scenario, ...] = (
    whole_life,
    exit_fills_before_it_is_acknowledged_and_ends_with_a_rest,
    entry_rejected,
    entry_cancelled,
    waiting_trade_cancelled,
    refused_after_waiting,
    exit_while_the_entry_still_fills,
    late_entry_fill_while_an_exit_is_out,
    two_exits_at_once,
    filled_before_the_close_and_closed_by_hand,
    overfilled_exit_is_bought_back,
    day_ends,
)
