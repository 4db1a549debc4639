"""No order outlives the day that it was good for, also where nobody was there to hear of its end."""

from decimal import Decimal

from options import commands as c
from options import events as e
from options import inputs as i
from options.inputs import SessionBegan
from options.lifecycle import CANCELLED, CLOSED, GUARDED
from options.plan import Algo, EntryPlan, ExitOrder, ExitPlan, ScaleInPlan, TimeInForce
from options.values import DAY, SECOND
from tests.options import trading_room as room
from tests.options.desk import CLOSE, OPEN, SPOT, Desk, accepted, limit, of, one

RESTING = ExitOrder(algo=Algo.LIMIT, limit_price=Decimal(12))


def next_day(desk: Desk) -> list[e.TradeEvent]:
    """The next session opens; of the end of the day before nothing was heard."""
    desk.at = OPEN + DAY + SECOND
    found = desk.open_day("2015-12-28", OPEN + DAY, CLOSE + DAY)
    return [*found, *desk.quote(9.9, 10.1), *desk.quote(749.9, 750.1, key=SPOT)]


def look(desk: Desk, *live: i.OpenOrder) -> list[e.TradeEvent]:
    """A complete look at the broker, and the input after it."""
    found = desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=live))
    return [*found, *desk.wait(31)]


def test_an_entry_of_yesterday_is_asked_back_and_not_sent_again() -> None:
    """It is found nowhere in two looks, and what was wanted yesterday is not bought today."""
    desk = Desk()
    desk.propose(4, entry=limit("9.50"))
    desk.accept()
    desk.restart()
    desk.manager.doubts.await_broker(desk.at)
    desk.at = OPEN + DAY
    desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=()))
    found = next_day(desk)
    assert one(e.OrderCancelRequested, found).client_ref == desk.order.child.client_ref
    found = [*look(desk), *look(desk), *look(desk)]
    assert one(e.OrderAbandoned, found).client_ref == desk.order.child.client_ref
    assert of(e.OrderSubmitRequested, found) == []
    assert desk.status() == CANCELLED


def test_what_of_it_fills_all_the_same_is_sold() -> None:
    """It traded at the close: that is heard the next day, when nobody wants it any more."""
    desk = Desk()
    desk.propose(4, entry=limit("9.50"))
    entry = desk.order
    desk.accept()
    next_day(desk)
    desk.fill(1, "9.50", order=entry)
    out = one(e.OrderSubmitRequested, desk.cancelled(entry))
    assert (out.side, out.qty) == ("SELL", 1)


def test_what_an_entry_has_brought_is_kept_without_the_rest() -> None:
    """One part of four had filled, and the other three were to follow: they do not, and the one is guarded."""
    desk = Desk()
    in_parts = EntryPlan(algo=Algo.TWAP, every_s=60.0, steps=4)
    desk.propose(4, entry=in_parts, exits=ExitPlan(stop=Decimal("0.3")))
    desk.fill(1)
    desk.restart()
    found = next_day(desk)
    assert of(e.OrderSubmitRequested, found) == []
    assert one(e.ParentOrderClosed, found).filled == 1
    assert (desk.status(), desk.trade().position.qty, desk.trade().target) == (GUARDED, 1, 1)


def test_an_addition_of_yesterday_is_given_up() -> None:
    """What was to be added has had its day; what is held stays."""
    desk = Desk()
    adding = ExitPlan(scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=2),))
    desk.opened(2, entry=limit("10.10"), exits=adding)
    addition = one(e.OrderSubmitRequested, desk.mark(11.0))
    desk.accept()
    assert one(e.OrderCancelRequested, next_day(desk)).client_ref == addition.client_ref
    assert of(e.OrderSubmitRequested, desk.cancelled()) == []
    assert (desk.trade().position.qty, desk.trade().target) == (2, 2)


def test_what_an_exit_sold_too_much_of_is_not_bought_again_the_next_day() -> None:
    """A trim that was believed cancelled had filled, as did the one in its place: two were to be bought back in."""
    desk = Desk()
    desk.opened(4, entry=limit("10"))
    desk.out("T1", 2)
    first = desk.order
    desk.cancelled(first)
    desk.fill(2)
    back_in = one(e.OrderSubmitRequested, desk.fill(2, order=first))
    assert (back_in.side, back_in.qty, desk.trade().position.qty) == ("BUY", 2, 0)
    desk.accept()
    next_day(desk)
    assert of(e.OrderSubmitRequested, desk.cancelled()) == []
    assert desk.status() == CLOSED


def test_an_exit_of_yesterday_is_asked_back_and_sent_anew() -> None:
    """It is not in the market any more, so it does not count as on its way: another goes out once that is proven."""
    desk = Desk()
    desk.opened(4)
    desk.give_command(c.CloseTrade(command_id="c1", who="ann", trade_id="T1", order=RESTING))
    leaving = desk.order
    desk.accept()
    found = next_day(desk)
    assert one(e.OrderCancelRequested, found).client_ref == leaving.child.client_ref
    assert of(e.OrderSubmitRequested, found) == []
    again = one(e.OrderSubmitRequested, [*look(desk), *look(desk), *look(desk)])
    assert (again.qty, again.limit_price) == (4, Decimal(12))


def test_what_is_good_till_cancelled_goes_on() -> None:
    """An entry for longer than a day, and a stop at the broker, are left alone."""
    desk = Desk()
    desk.propose(4, entry=limit("9.50", tif=TimeInForce.GTC))
    desk.accept()
    found = next_day(desk)
    assert of(e.OrderCancelRequested, found) == []
    assert desk.report(accepted(desk.order)) == []
    assert desk.trade().target == 4


def test_a_session_that_opens_before_the_last_one_is_over_ends_nothing() -> None:
    """The same day by another feed: its orders are good for that day."""
    desk = Desk()
    desk.propose(4, entry=limit("9.50"))
    desk.accept()
    found = desk.decide(i.SessionBegan("2015-12-24", "other", OPEN, CLOSE))
    assert of(e.OrderCancelRequested, found) == []


def test_the_paper_broker_keeps_no_order_for_the_next_day() -> None:
    """The program was killed before the close: what is quoted the next day fills nothing of the day before."""
    desk = room.Room()
    desk.quote(9.9, 10.1)
    desk.take(c.NewTrade(command_id=desk.name(), who="ann", instrument=room.KEY, qty=2, entry=limit("9.50")))
    desk.take(c.ActivateTrade(command_id=desk.name(), who="ann", trade_id="T1"))
    desk.at = OPEN + DAY
    desk.restart()
    desk.give(SessionBegan("2015-12-28", "room", OPEN + DAY, CLOSE + DAY))
    desk.quote(9.0, 9.2)
    assert of(e.OrderFilled, desk.ledger) == []
    assert desk.trade().status == CANCELLED
