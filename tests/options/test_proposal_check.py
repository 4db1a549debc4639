"""What a strategy proposes is checked like a person's plan: absurd ones are refused, and the engine goes on."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from options import events as e
from options.intent import Decision, Outcome, TradeProposal
from options.known_plans import KnownPlans
from options.plan import Algo, EntryCondition, EntryPlan, ExitPlan, ScaleInPlan, TargetPlan
from options.proposal_check import proposal_faults, settled
from options.terms import ExitKind
from options.values import MINUTE
from tests.options.desk import KEY, NO_EXITS, PUT_KEY, Desk, instrument, leave, of, one

NAN = Decimal("NaN")
OTHER_SYMBOL = "ACME  151231C00750000"
GOOD = TradeProposal(
    instrument=instrument(KEY), direction=1, qty=2, entry=EntryPlan(), exits=NO_EXITS, reason="idea"
)


def changed(**parts: Any) -> TradeProposal:
    """A sound proposal but for these parts."""
    return msgspec.structs.replace(GOOD, **parts)


ABSURD: dict[str, tuple[TradeProposal, str]] = {
    "nothing": (changed(qty=0), "quantity 0 is not between 1"),
    "below nothing": (changed(qty=-3), "quantity -3"),
    "a digit too many": (changed(qty=10**60), "quantity of 200 bits"),
    "half a contract": (changed(qty=1.5), "Expected `int`"),
    "no side": (changed(direction=0), "neither 1 (long) nor -1 (short)"),
    "a stop above": (changed(exits=ExitPlan(stop_level=Decimal(12))), "must lie below"),
    "a target below": (changed(exits=ExitPlan(targets=(TargetPlan(level=Decimal(5)),))), "must lie above"),
    "no number": (changed(exits=ExitPlan(stop=NAN)), "stop NaN is not above 0"),
    "a time long past": (changed(exits=ExitPlan(flat_at=1)), "has passed"),
    "more than all": (
        changed(exits=ExitPlan(targets=(TargetPlan(gain=Decimal(1), share=Decimal(2)),))),
        "share 2",
    ),
    "doubling down": (
        changed(exits=ExitPlan(scale_ins=(ScaleInPlan(gain=Decimal("-0.1"), qty=1),))),
        "average-down",
    ),
    "a limit without one": (changed(entry=EntryPlan(algo=Algo.LIMIT)), "needs a limit price"),
    "waiting for nobody": (changed(entry=EntryPlan(after="T77")), "no other open trade"),
    "over since Friday": (changed(instrument=instrument("GOOG  151218C00750000")), "expired on 2015-12-18"),
    "no instrument": (changed(instrument="GOOG"), "Expected `object`"),
    "no plan": (changed(exits=None), "Expected `object`"),
    "prose for a price": (changed(exits=ExitPlan(stop="soon")), "decimal"),  # type: ignore[arg-type]
}


def propose(desk: Desk, proposal: TradeProposal, **parts: Any) -> list[e.TradeEvent]:
    """A strategy answers a fresh signal with this proposal."""
    return desk.answer(Outcome.OPENED, proposal, **parts)


@pytest.mark.parametrize(("proposal", "why"), ABSURD.values(), ids=ABSURD)
def test_f44_an_absurd_proposal_is_refused_and_the_next_is_taken(proposal: TradeProposal, why: str) -> None:
    """A fact with the reason, no trade, no order; and the engine goes on."""
    desk = Desk()
    events = propose(desk, proposal)
    refused = one(e.IntentRefused, events)
    assert why in " ".join(refused.reasons)
    assert (refused.trade_id, refused.strategy) == ("", "desk")
    decided = one(e.SignalDecided, events)
    assert (decided.outcome, decided.trade_id) == (Outcome.REFUSED, "")
    assert not of(e.TradeSaved, events)
    assert of(e.OrderSubmitRequested, propose(desk, GOOD))


@pytest.mark.parametrize("held", [True, False])
def test_a_strategy_has_one_trade_on_a_symbol(held: bool) -> None:
    """A second one, on whatever contract, is refused and names the first; other strategies and symbols are not."""
    desk = Desk()
    if held:
        desk.opened(2)
    else:
        desk.propose(2, entry=EntryPlan(condition=EntryCondition(at=desk.at + MINUTE)))
    desk.restart()
    events = propose(desk, changed(instrument=instrument(PUT_KEY)))
    why = "T1 is on GOOG already; one trade per symbol and strategy"
    assert one(e.IntentRefused, events).reasons == (why,)
    decided = one(e.SignalDecided, events)
    assert (decided.outcome, decided.reason) == (Outcome.REFUSED, f"idea; not entered: {why}")
    assert not of(e.TradeSaved, events)
    assert of(e.OrderSubmitRequested, propose(desk, GOOD, strategy="other"))
    desk.quote(9.9, 10.1, key=OTHER_SYMBOL)
    assert of(e.OrderSubmitRequested, propose(desk, changed(instrument=instrument(OTHER_SYMBOL))))


def test_a_second_trade_must_wait_for_the_one_that_leaves() -> None:
    """Closing the first in the same answer is not enough while it is held: what follows it says so by ``after``."""
    desk = Desk()
    desk.opened(2)
    out = (leave("T1", 0, ExitKind.REVERSAL),)
    events = propose(desk, changed(instrument=instrument(PUT_KEY)), intents=out)
    assert one(e.SignalDecided, events).outcome == Outcome.CLOSING
    assert not of(e.TradeSaved, events)
    desk.quote(9.9, 10.1)
    assert of(e.IntentRefused, propose(desk, GOOD))
    assert of(e.TradeSaved, propose(desk, changed(entry=EntryPlan(after="T1"))))
    events = propose(desk, changed(qty=3, entry=EntryPlan(after="T1")))
    assert one(e.IntentRefused, events).reasons == (
        "T2 is on GOOG already; one trade per symbol and strategy",
    )


def test_a_successor_that_is_given_up_makes_room_for_another() -> None:
    """A reversal that is reversed again: the one that waits is dropped, the new one waits in its place."""
    desk = Desk()
    desk.opened(2)
    put = changed(instrument=instrument(PUT_KEY), entry=EntryPlan(after="T1"))
    propose(desk, put, intents=(leave("T1", 0, ExitKind.REVERSAL),))
    again = changed(qty=3, entry=EntryPlan(after="T1"))
    events = propose(desk, again, intents=(leave("T2", 0, ExitKind.REVERSAL),))
    assert one(e.TradeSaved, events).trade_id == "T3"
    assert one(e.TradeCancelled, events).trade_id == "T2"
    assert one(e.OrderSubmitRequested, desk.fill(2)).qty == 3


@pytest.mark.parametrize("keep", [1, 2])
def test_a_trade_that_is_only_made_smaller_is_still_on_its_symbol(keep: int) -> None:
    """Trimming the first one in the same answer does not make room for a second."""
    desk = Desk()
    desk.opened(2)
    events = propose(desk, changed(qty=1), intents=(leave("T1", keep),))
    assert "T1 is on GOOG already" in one(e.SignalDecided, events).reason
    assert not of(e.TradeSaved, events)


def test_every_reason_is_said_at_once() -> None:
    """A plan that is wrong in four ways is told all four."""
    entry = EntryPlan(algo=Algo.MARKET, limit_price=Decimal(9))
    exits = ExitPlan(stop=Decimal(2), trail=Decimal(3), flat_at=1)
    refused = one(e.IntentRefused, propose(Desk(), changed(entry=entry, exits=exits)))
    assert len(refused.reasons) == 4


def test_what_should_make_room_goes_out_though_what_follows_is_absurd() -> None:
    """A reversal into nonsense closes what it was to reverse, and says why nothing comes after."""
    desk = Desk()
    desk.opened(2)
    events = propose(desk, changed(qty=0), intents=(leave("T1", 0, ExitKind.REVERSAL),))
    assert one(e.SignalDecided, events).outcome == Outcome.CLOSING
    assert one(e.OrderSubmitRequested, events).qty == 2


def test_a_float_where_money_is_meant_is_refused_with_its_place() -> None:
    """A stop of 0.3 as a float would only fail once it is armed: it is told where and what it should be."""
    refused = one(e.IntentRefused, propose(Desk(), changed(exits=ExitPlan(stop=0.3))))  # type: ignore[arg-type]
    assert "Expected `decimal | null`, got `float` - at `$.proposal.exits.stop`" in refused.reasons[0]


@given(reason=st.text(st.characters(), max_size=600))
def test_f44_whatever_a_strategy_says_can_be_written_down(reason: str) -> None:
    """Lone surrogates, control characters, novels: the reason in the ledger is one printable line."""
    decision = Decision(
        strategy="desk",
        outcome=Outcome.OPENED,
        reason=reason,
        proposal=changed(reason=reason),
        intents=(msgspec.structs.replace(leave("T1"), reason=reason),),
    )
    found = settled(decision, KnownPlans())
    assert isinstance(found, Decision)
    assert found.proposal is not None
    for said in (found.reason, found.proposal.reason, found.intents[0].reason):
        assert len(said) <= 300
        assert said.isprintable()


numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.decimals(),
    st.none(),
    st.text(max_size=5),
    st.integers(-3, 12),
    st.booleans(),
)
plans = st.dictionaries(st.sampled_from(ExitPlan.__struct_fields__), numbers, max_size=4)
entries = st.dictionaries(st.sampled_from(EntryPlan.__struct_fields__), numbers, max_size=4)


@given(qty=numbers, direction=numbers, entry=entries, exits=plans)
def test_f44_no_proposal_can_stop_the_engine(
    qty: Any, direction: Any, entry: dict[str, Any], exits: dict[str, Any]
) -> None:
    """Numbers, texts and nothing in every field: refused or taken, never an exception, and the book stays sound."""
    proposal = changed(
        qty=qty, direction=direction, entry=made(EntryPlan, entry), exits=made(ExitPlan, exits)
    )
    desk = Desk()
    events = propose(desk, proposal)
    taken = of(e.TradeSaved, events)
    assert (
        len(taken) + len(of(e.IntentRefused, events)) >= 1
        or one(e.SignalDecided, events).outcome == Outcome.REFUSED
    )
    for event in events:
        msgspec.json.encode(event)
    if taken and desk.orders:
        desk.accept()
        desk.fill(desk.order.qty, "10")
        desk.mark(10.5)


def made(kind: Any, parts: dict[str, Any]) -> Any:
    """A plan with these parts, as a strategy that knows no types would make it."""
    plan = kind()
    for name, value in parts.items():
        msgspec.structs.force_setattr(plan, name, value)
    return plan


@given(qty=numbers, direction=numbers, entry=entries, exits=plans, price=st.sampled_from((0, 0.01, 5, 10.5)))
def test_a_plan_that_was_seen_before_is_judged_as_if_it_were_new(
    qty: Any, direction: Any, entry: dict[str, Any], exits: dict[str, Any], price: float
) -> None:
    """What is remembered of a strategy's plans saves time and changes no answer, whatever the price is by then."""
    desk, known = Desk(), KnownPlans()
    proposal = changed(
        qty=qty, direction=direction, entry=made(EntryPlan, entry), exits=made(ExitPlan, exits)
    )
    first = Decision(strategy="desk", outcome=Outcome.OPENED, reason="", proposal=proposal)
    second = msgspec.structs.replace(first, proposal=msgspec.structs.replace(proposal, qty=2, reason="again"))
    for decision in (first, second, second):
        found, fresh = settled(decision, known), settled(decision, KnownPlans())
        assert repr(found) == repr(fresh)
        if isinstance(found, Decision) and found.proposal is not None:
            asked_anew = proposal_faults(desk.book, found, found.proposal, desk.at, desk.quotes, KnownPlans())
            assert (
                proposal_faults(desk.book, found, found.proposal, desk.at, desk.quotes, known) == asked_anew
            )
        desk.mark(price)


def test_a_plan_that_can_still_change_is_never_taken_for_granted() -> None:
    """A strategy that keeps a list of targets and changes it is judged by what the list holds each time."""
    targets = [TargetPlan(gain=Decimal("0.5"))]
    exits = ExitPlan(targets=targets)  # type: ignore[arg-type]
    known = KnownPlans()
    decision = Decision(
        strategy="desk", outcome=Outcome.OPENED, reason="", proposal=changed(exits=exits, entry=EntryPlan())
    )
    assert isinstance(settled(decision, known), Decision)
    targets.append(TargetPlan(gain=0.7))  # type: ignore[arg-type]
    assert "targets[1].gain" in str(settled(decision, known))
