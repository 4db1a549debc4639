"""BUY buys calls, SHORT buys puts, SELL and CLOSE get out, and an opposite signal reverses."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from options.contract import OptionContract, Right, parse_key
from options.intent import Decision, Outcome
from options.plan import Algo, EntryPlan
from options.quote import Quote
from options.signal import Action, Signal
from options.terms import ExitKind
from strategies.base import MarketView
from strategies.exit_rules import ExitSettings
from strategies.follow_signal import FollowSignal, FollowSignalSettings
from tests.options.desk import SPOT, Desk
from tests.strategies.market import NOW, market, option

CALL_KEY, PUT_KEY = option(760).key, option(740, right=Right.PUT).key


def ask(
    action: Action,
    view: MarketView | None = None,
    *,
    confidence: float = 0.9,
    contract: str | None = None,
    **settings: Any,
) -> Decision:
    """What the strategy makes of a signal."""
    signal = Signal(
        signal_id="s1",
        ts=NOW,
        source="t",
        symbol=SPOT,
        action=action,
        confidence=confidence,
        contract=contract,
    )
    return FollowSignal(FollowSignalSettings(**settings)).on_signal(view or market(), signal)


def holding() -> tuple[Desk, MarketView]:
    """A desk that holds a trade of this strategy, and the view of its book."""
    desk = Desk()
    desk.quote(9.9, 10.1, key=CALL_KEY)
    desk.opened(2, key=CALL_KEY, strategy="follow_signal")
    return desk, replace(market(), book=desk.book)


@pytest.mark.parametrize(("action", "right"), [(Action.BUY, Right.CALL), (Action.SHORT, Right.PUT)])
def test_an_opening_signal_buys_the_right_kind(action: Action, right: Right) -> None:
    """Calls for BUY, puts for SHORT, long, with the entry and the exits of the settings."""
    decision = ask(action, risk_budget_usd=5000)
    proposal = decision.proposal
    assert decision.outcome is Outcome.OPENED
    assert proposal is not None
    assert isinstance(proposal.instrument, OptionContract)
    assert (proposal.instrument.right, proposal.direction) == (right, 1)
    assert proposal.entry == EntryPlan(give_up_after_s=120)
    assert proposal.exits.stop == Decimal("0.30")


def test_the_quantity_follows_the_risk_budget() -> None:
    """An ask of 10.00 with a stop at 30% can lose 300 dollars: 1,000 buys three, 299 none, and ten is the most."""
    view = market()
    view.quotes.update(NOW, [(CALL_KEY, Quote(ts=NOW, bid=9.8, ask=10.0))])

    def qty(**settings: Any) -> int | str:
        decision = ask(Action.BUY, view, contract=CALL_KEY, **settings)
        return decision.reason if decision.proposal is None else decision.proposal.qty

    assert qty(risk_budget_usd=1000) == 3
    assert qty(risk_budget_usd=300) == 1
    assert qty(risk_budget_usd=100_000) == 10
    assert qty(risk_budget_usd=100_000, qty_max=2) == 2
    assert "could lose $300.00; the budget is $299.00" in str(qty(risk_budget_usd=299))
    assert qty(risk_budget_usd=1000, exits=ExitSettings(stop=None)) == 1


def test_a_limit_entry_is_set_at_the_ask() -> None:
    """The ask of the signal's moment is the most that is paid."""
    view = market()
    view.quotes.update(NOW, [(CALL_KEY, Quote(ts=NOW, bid=9.8, ask=10.05))])
    proposal = ask(Action.BUY, view, contract=CALL_KEY, entry="limit", give_up_after_s=None).proposal
    assert proposal is not None
    assert proposal.entry == EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("10.05"))


def test_a_weak_entry_is_ignored_and_a_weak_exit_followed() -> None:
    """Confidence counts for getting in, never for getting out."""
    weak = ask(Action.BUY, confidence=0.5)
    assert (weak.outcome, weak.reason) == (Outcome.IGNORED, "confidence 0.5 is below 0.6")
    _, view = holding()
    assert ask(Action.CLOSE, view, confidence=0.0).outcome is Outcome.CLOSING


def test_a_same_side_signal_is_ignored_with_its_reason() -> None:
    """One trade per underlying and side."""
    _, view = holding()
    decision = ask(Action.BUY, view)
    assert (decision.outcome, decision.reason) == (Outcome.IGNORED, "T1 already holds calls on GOOG")
    assert decision.proposal is None


def test_an_opposite_signal_reverses() -> None:
    """Out of the calls first, and then into puts: the new trade waits for the old one."""
    _, view = holding()
    decision = ask(Action.SHORT, view, risk_budget_usd=5000)
    assert decision.outcome is Outcome.REVERSING
    assert decision.proposal is not None
    assert decision.proposal.entry.after == "T1"
    (intent,) = decision.intents
    assert (intent.trade_id, intent.target, intent.kind) == ("T1", 0, ExitKind.REVERSAL)


def test_a_reversal_that_cannot_enter_still_leaves() -> None:
    """No put fits: the calls are sold all the same, and the reason is given."""
    _, view = holding()
    decision = ask(Action.SHORT, replace(view, quotes=market(spread=0.4).quotes))
    assert (decision.outcome, decision.proposal) == (Outcome.CLOSING, None)
    assert decision.reason.startswith("reversal without an entry: no GOOG put fits")
    assert len(decision.intents) == 1


@pytest.mark.parametrize("action", [Action.SELL, Action.CLOSE])
def test_sell_and_close_get_out_of_everything(action: Action) -> None:
    """What is held is left; with nothing held there is nothing to do."""
    _, view = holding()
    decision = ask(action, view)
    assert decision.outcome is Outcome.CLOSING
    assert [(intent.trade_id, intent.target, intent.kind) for intent in decision.intents] == [
        ("T1", 0, ExitKind.SIGNAL)
    ]
    nothing = ask(action)
    assert (nothing.outcome, nothing.reason) == (Outcome.IGNORED, "nothing is open on GOOG")


def test_a_trade_on_its_way_out_is_not_told_twice() -> None:
    """Leaving already: a second CLOSE is ignored, and a new BUY waits for the end of the old trade."""
    desk, view = holding()
    desk.out("T1")
    assert ask(Action.CLOSE, view).outcome is Outcome.IGNORED
    again = ask(Action.BUY, view, risk_budget_usd=5000)
    assert again.proposal is not None
    assert (again.outcome, again.proposal.entry.after) == (Outcome.REVERSING, "T1")


@pytest.mark.parametrize(
    ("action", "contract", "why"),
    [
        (Action.BUY, PUT_KEY, "of opposite minds"),
        (Action.SHORT, CALL_KEY, "of opposite minds"),
        (Action.BUY, option(790).key, "not listed or not quoted"),
    ],
)
def test_a_named_contract_must_fit(action: Action, contract: str, why: str) -> None:
    """A call for BUY, a put for SHORT, and one that is listed and quoted."""
    decision = ask(action, contract=contract)
    assert decision.outcome is Outcome.IGNORED
    assert why in decision.reason


def test_a_named_contract_is_taken_as_it_is() -> None:
    """Who names a contract gets that one, whatever the selection would have chosen."""
    proposal = ask(Action.BUY, contract=option(770).key, risk_budget_usd=5000).proposal
    assert proposal is not None
    assert proposal.instrument == parse_key(option(770).key)


def test_nothing_is_bought_that_nobody_offers() -> None:
    """A contract without an ask has no price to buy at."""
    view = market()
    view.quotes.update(NOW, [(CALL_KEY, Quote(ts=NOW, bid=9.8))])
    assert "nobody offers" in ask(Action.BUY, view, contract=CALL_KEY).reason


def test_the_same_view_and_signal_give_the_same_decision() -> None:
    """Nothing but the view decides."""
    assert ask(Action.BUY) == ask(Action.BUY)
