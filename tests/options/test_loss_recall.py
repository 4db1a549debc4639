"""A loss of the day that no broker told of (a cross, an expiry, an assignment) calls entries back in its own input."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.lifecycle import CANCELLED, GUARDED, REJECTED
from options.plan import TimeInForce
from options.risk_limits import RiskLimits, StrategyLimits
from options.values import MINUTE
from tests.options.desk import CLOSE, KEY, PUT_KEY, SPOT, Desk, fold, leave, limit, of, one

LOST = "the day has lost $1,200.00; entries stop at $1,000.00"
OWN = {"desk": StrategyLimits(loss_day_max=Decimal(1_000))}


def desk_with(**limits: Any) -> Desk:
    """A desk with four calls bought at 10, and another strategy's entry that rests in the puts below the market."""
    desk = Desk(msgspec.structs.replace(RiskLimits(), **limits))
    desk.opened(4, "10")
    desk.propose(1, entry=limit("9.50", tif=TimeInForce.GTC), key=PUT_KEY, strategy="resting")
    desk.accept()
    return desk


def asked_back(desk: Desk, events: list[e.TradeEvent]) -> list[tuple[str, str]]:
    """What is asked back in one input, by instrument with the reason; the events give the same book."""
    assert fold(desk.events) == desk.book, "I4: the events give another book"
    found = of(e.OrderCancelRequested, events)
    return [(desk.book.order_of_ref[one.client_ref].instrument, one.reason) for one in found]


def sold_to(desk: Desk, qty: int, strategy: str = "other") -> list[e.TradeEvent]:
    """The four calls are wanted out at a mid of 7, which loses $1,200, as another strategy wants some of them."""
    desk.mark(7.0)
    return desk.propose(qty, intents=(leave("T1"),), strategy=strategy)


def test_a_loss_by_a_cross_calls_entries_back_at_once() -> None:
    """$1,200 are lost between two strategies of the house: what rests for a third is asked back in the same input."""
    desk = desk_with(loss_day_max=Decimal(1_000))
    events = sold_to(desk, 4)
    assert desk.trade("T3").position.qty == 4
    assert asked_back(desk, events) == [(PUT_KEY, LOST)]
    desk.cancelled(desk.orders[0])
    assert desk.status("T2") == CANCELLED


def test_one_dollar_less_and_what_rests_stays() -> None:
    """The limit is $1,201: the same cross leaves the resting entry where it is."""
    desk = desk_with(loss_day_max=Decimal(1_201))
    assert asked_back(desk, sold_to(desk, 4)) == []
    assert [order.instrument for order in desk.orders] == [PUT_KEY]


@pytest.mark.parametrize("limits", [{"loss_day_max": Decimal(1_000)}, {"strategies": {"other": OWN["desk"]}}])
def test_what_a_cross_has_left_goes_out_only_where_no_loss_stops_it(limits: dict[str, Any]) -> None:
    """Six are wanted and four cross at the loss of another: two more are bought, unless the day has lost too much.

    What has come in is kept and guarded.
    """
    desk = desk_with(**limits)
    events = sold_to(desk, 6)
    sent = of(e.OrderSubmitRequested, events)
    if "loss_day_max" in limits:
        assert not sent, "an entry left the house after the day's loss had reached its limit"
        assert one(e.IntentRefused, events).reasons == (LOST,)
        assert (desk.trade("T3").target, desk.trade("T3").position.qty) == (4, 4)
        assert desk.status("T3") == GUARDED
    else:
        assert [(one.instrument, one.qty) for one in sent] == [(KEY, 2)], (
            "only the loser's own limit was reached"
        )
        assert asked_back(desk, events) == []


def test_an_entry_in_the_same_netting_is_refused_where_the_cross_before_it_lost_too_much() -> None:
    """Two want in as a third goes out: the older one takes what crosses, and the other is not let in any more."""
    desk = desk_with(loss_day_max=Decimal(1_000))
    ref = desk.order.child.client_ref
    resting = i.OpenOrder(client_ref=ref, broker_order_id=f"B-{desk.order.order_id}", venue="TEST")
    desk.mark(7.0)
    desk.report(i.BrokerLostReport(reason="gone"))
    desk.propose(4, strategy="first", intents=(leave("T1"),))
    desk.propose(2, strategy="second")
    since = len(desk.events)
    desk.report(i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=(resting,)))
    desk.wait(1)
    events = desk.events[since:]
    assert desk.trade("T3").position.qty == 4
    assert desk.status("T4") == REJECTED
    assert not [one for one in of(e.OrderSubmitRequested, events) if one.instrument == KEY]
    assert (PUT_KEY, LOST) in asked_back(desk, events)


def test_a_strategys_own_loss_calls_its_own_entries_back_alone() -> None:
    """The loser's own limit is reached: what rests for another strategy stays in the market."""
    desk = desk_with(strategies=OWN)
    assert asked_back(desk, sold_to(desk, 4)) == []
    desk = desk_with(strategies={"resting": OWN["desk"], **OWN})
    assert asked_back(desk, sold_to(desk, 4)) == []


def test_a_loss_by_an_expiry_calls_back_what_rests_over_night() -> None:
    """The calls end worthless after the close, $4,000 are lost: the entry that rests over night is asked back."""
    desk = desk_with(loss_day_max=Decimal(4_000))
    desk.at = CLOSE + MINUTE
    desk.wait(0)
    assert [order.instrument for order in desk.orders] == [PUT_KEY]
    events = desk.decide(i.ExpiryReached((KEY,), ((SPOT, Decimal(740)),)))
    why = "the day has lost $4,000.00; entries stop at $4,000.00"
    assert asked_back(desk, events) == [(PUT_KEY, why)]


def test_a_loss_by_an_assignment_that_a_person_tells_calls_entries_back() -> None:
    """Exercised with the shares at 750, four calls of 10 are worth nothing: the entry is asked back by that command."""
    desk = desk_with(loss_day_max=Decimal(4_000))
    told = c.RecordAssignment(command_id="a", who="ann", trade_id="T1", qty=4, underlying=Decimal(750))
    why = "the day has lost $4,000.00; entries stop at $4,000.00"
    assert asked_back(desk, desk.give_command(told)) == [(PUT_KEY, why)]


def test_an_open_loss_does_not_count_before_it_is_booked() -> None:
    """Four calls of 10 stand at 7: entries still go. One sold there books $300 of $1,200; the last one ends the day."""
    desk = desk_with(loss_day_max=Decimal(1_200))
    assert asked_back(desk, desk.mark(7.0)) == []
    for left in (3, 2, 1):
        desk.out("T1", left)
        assert asked_back(desk, desk.fill(1, "7")) == []
    assert of(e.OrderSubmitRequested, desk.propose(1, strategy="other"))
    desk.fill(1, "7")
    desk.out("T1")
    events = desk.fill(1, "7")
    assert asked_back(desk, events) == [(PUT_KEY, LOST.replace("1,000", "1,200"))]
