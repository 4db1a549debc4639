"""A wish that no trade can take changes nothing, is written down with its reasons, and stops nobody."""

import msgspec

from options import events as e
from options.commands import NewTrade
from options.inputs import CommandGiven
from options.intent import Outcome
from options.lifecycle import GUARDED, WORKING
from options.plan import EntryCondition, EntryPlan
from options.values import MINUTE
from tests.options.desk import KEY, OPEN, Desk, leave, of, one


def refused(desk: Desk, trade_id: str, target: int = 0, strategy: str = "desk") -> tuple[str, ...]:
    """The reasons for which an intent is refused; the signal it came from is answered all the same."""
    held = {trade.trade_id: trade.target for trade in desk.book.open_trades()}
    events = desk.answer(Outcome.CLOSING, intents=(leave(trade_id, target),), strategy=strategy)
    assert of(e.SignalDecided, events)
    assert not of(e.IntentDecided, events)
    assert not of(e.OrderSubmitRequested, events)
    assert {trade.trade_id: trade.target for trade in desk.book.open_trades()} == held
    return one(e.IntentRefused, events).reasons


def test_an_intent_for_a_trade_that_never_was_is_refused() -> None:
    """A wrong id is named, without what cannot be printed, and the trades that are there go on."""
    desk = Desk()
    desk.opened(2)
    assert refused(desk, "T9") == ("T9: there is no such trade",)
    assert refused(desk, "T\n9") == ("T?9: there is no such trade",)
    assert desk.status() == GUARDED


def test_an_intent_for_a_trade_that_is_over_is_refused() -> None:
    """What a slow strategy wants of a closed trade says that it is over."""
    desk = Desk()
    desk.opened(2)
    desk.out("T1")
    desk.fill(2)
    assert refused(desk, "T1") == ("T1: it is over (Inactive / Closed)",)


def test_an_intent_for_the_wrong_side_is_refused() -> None:
    """A long trade does not become a short one, nor the other way round."""
    desk = Desk()
    desk.opened(2)
    desk.opened(1, direction=-1, strategy="other")
    assert refused(desk, "T1", -2) == ("T1: -2 is on the other side of a long trade",)
    assert refused(desk, "T2", 1, "other") == ("T2: 1 is on the other side of a short trade",)


def test_all_that_is_wrong_with_an_intent_comes_at_once() -> None:
    """A draft, a quantity beyond all measure and an urgency that is none."""
    desk = Desk()
    desk.decide(CommandGiven(NewTrade(command_id="c1", who="ann", instrument=KEY, qty=1)))
    wish = msgspec.structs.replace(leave("T1", 10**9), urgency=7.0)
    events = desk.answer(Outcome.CLOSING, intents=(wish,))
    assert one(e.IntentRefused, events).reasons == (
        "T1: it is Draft / –: activate it first",
        "T1: a target of 1000000000 is beyond 1000",
        "T1: urgency 7 is not between 0 and 1",
    )


def test_a_trade_that_waits_can_be_given_up_and_not_enlarged() -> None:
    """Before it has entered, a trade holds nothing that a strategy could add to."""
    desk = Desk()
    later = EntryPlan(condition=EntryCondition(at=OPEN + 60 * MINUTE))
    desk.propose(2, entry=later)
    assert desk.status() == WORKING
    assert refused(desk, "T1", 3) == ("T1: it still waits to enter; until then it can only be given up",)
    assert one(e.TradeCancelled, desk.out("T1")).trade_id == "T1"


def test_a_good_intent_beside_a_bad_one_is_taken() -> None:
    """One wrong wish in a decision does not cost the right one."""
    desk = Desk()
    desk.opened(2)
    events = desk.answer(Outcome.CLOSING, intents=(leave("T9"), leave("T1")))
    assert one(e.IntentRefused, events).trade_id == "T9"
    assert one(e.OrderSubmitRequested, events).qty == 2
