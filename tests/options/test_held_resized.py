"""Exits that rest at the broker, after a correction or an assignment: never for more than is held."""

from decimal import Decimal

from options import inputs as i
from options.lifecycle import CLOSED
from tests.options.desk import KEY, Desk, accepted, cancelled, executed
from tests.options.held_desk import AT_BROKER, guarded, rests, shapes


def assigned(qty: int) -> i.AssignmentReport:
    """The broker has exercised long calls."""
    return i.AssignmentReport(
        assignment_id=f"A{qty}", instrument=KEY, qty=qty, exercised=True, underlying=Decimal(755)
    )


def test_a_partly_exercised_position_has_its_stop_laid_anew() -> None:
    """One of four is gone: the stop for four is asked back, and one for three rests once that is proven."""
    desk, trade = guarded()
    (stop,) = rests(desk)
    desk.report(assigned(1))
    assert stop.cancel_requested
    desk.report(cancelled(stop))
    assert shapes(rests(desk)) == [("stop", 3, "7.00", "")]
    assert (trade.position.qty, trade.target) == (3, 3)


def test_a_position_that_is_gone_leaves_no_stop_behind() -> None:
    """All exercised: the stop is asked back, and the trade is over when it is out."""
    desk, _ = guarded()
    (stop,) = rests(desk)
    desk.report(assigned(4))
    assert stop.cancel_requested
    desk.report(cancelled(stop))
    assert (desk.status(), rests(desk)) == (CLOSED, [])


def test_a_stop_that_fills_although_all_is_gone_is_put_right() -> None:
    """It had filled before the cancel came: short four that nobody wanted, so four are bought back."""
    desk, trade = guarded()
    (stop,) = rests(desk)
    desk.report(assigned(4))
    desk.report(executed(stop, 4, "6.90", "X1"))
    (back,) = desk.orders
    assert (back.side, back.qty) == ("BUY", 4)
    desk.fill(4, "6.95", order=back)
    assert trade.position.qty == 0


def test_a_corrected_entry_has_its_stop_laid_anew() -> None:
    """Of four that were told three were bought: the stop for four comes back, one for three goes out."""
    desk = Desk()
    desk.propose(4, exits=AT_BROKER)
    entry = desk.order
    desk.report(executed(entry, 4, "10", "X.01"))
    (stop,) = rests(desk)
    desk.report(accepted(stop))
    desk.report(executed(entry, 3, "10", "X.02"))
    assert stop.cancel_requested
    desk.report(cancelled(stop))
    assert shapes(rests(desk)) == [("stop", 3, "7.00", "")]


def test_a_stop_that_was_busted_rests_again() -> None:
    """What the stop sold was taken back: the position is open again, and goes out as the stop wanted."""
    desk, trade = guarded()
    (stop,) = rests(desk)
    desk.report(executed(stop, 4, "6.90", "X.01"))
    assert desk.status() == CLOSED
    desk.report(executed(stop, 0, "0", "X.02"))
    assert trade.position.qty == 4
    (again,) = desk.orders
    assert (again.side, again.qty, again.stop_price) == ("SELL", 4, None)
