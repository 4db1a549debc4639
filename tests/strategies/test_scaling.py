"""A signal on the side that is held already adds to the trade where the settings want it, within every bound."""

from decimal import Decimal
from typing import Any

import pytest

from options import commands as c
from options import events as e
from options import inputs as i
from options.intent import Decision, Outcome
from options.plan import Algo, EntryPlan, ScaleInPlan, Unfilled
from options.risk_limits import RiskLimits
from options.signal import Action, Signal
from options.terms import ExitKind
from strategies.follow_signal import FollowSignal, FollowSignalSettings
from strategies.scaling import ScaleInSettings, affordable
from tests.options.desk import Desk, ladder, limit, of, one
from tests.strategies.market import market, option

KEY = option(760).key
PLAN = ladder(("0.5", "0.5"), ("1", "0.5"), stop="0.3")
GENEROUS = Decimal(100_000)
WIDE = RiskLimits(premium_trade_max=GENEROUS)


def desk(qty: int = 4, mark: float = 12.0, **wish: Any) -> Desk:
    """A desk that holds ``qty`` calls of this strategy at 10.00, marked at another price now."""
    found = Desk(WIDE)
    found.quote(9.9, 10.1, key=KEY)
    found.opened(qty, key=KEY, strategy="follow_signal", exits=PLAN, **wish)
    found.mark(mark, key=KEY)
    return found


def signal(at: Desk, action: Action = Action.BUY, contract: str | None = None, **settings: Any) -> Decision:
    """What the strategy makes of a signal on this desk now; it may add up to twice unless told otherwise."""
    given = {
        "same_side": "scale_in",
        "scale_in": {"additions_max": 2},
        "risk_budget_usd": GENEROUS,
    } | settings
    view = market(book=at.book)
    view.quotes.update(at.at, list(at.quotes.quotes.items()))
    seen = type(view)(
        at.at, at.book, view.quotes, view.quote_limits, view.chain, view.session, view.last_session
    )
    said = Signal(
        signal_id="more",
        ts=at.at,
        source="t",
        symbol="GOOG",
        action=action,
        confidence=0.9,
        contract=contract,
    )
    return FollowSignal(FollowSignalSettings.model_validate(given)).on_signal(seen, said)


def decide(at: Desk, decision: Decision) -> list[e.TradeEvent]:
    """The core takes the strategy's answer."""
    return at.answer(decision.outcome, decision.proposal, decision.intents, decision.strategy)


def test_an_addition_enlarges_stop_and_targets_to_the_new_total() -> None:
    """Four at 10.00, two at 12.10: 10.70 on average, the stop 30% below it for six, each target for three."""
    at = desk(4)
    decision = signal(at)
    assert (decision.outcome, decision.intents[0].target) == (Outcome.SCALING_IN, 6)
    order = one(e.OrderSubmitRequested, decide(at, decision))
    assert order.qty == 2
    at.accept()
    at.fill(2, "12.10")
    found = {armed.exit_id.rpartition("T1-1-")[2]: (armed.qty, armed.level) for armed in at.trade().armed}
    assert found == {
        "stop": (6, Decimal("7.49")),
        "target-1": (3, Decimal("16.05")),
        "target-2": (3, Decimal("21.40")),
    }


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"same_side": "ignore"}, "T1 already holds calls"),
        ({"scale_in": {"additions_max": 1}}, "was added to 1 times; at most 1"),
        ({"qty_max": 6}, "no room for more: 6 held"),
        ({"risk_budget_usd": Decimal(1_900)}, "no room for more"),
        ({"confidence_min": 0.95}, "confidence"),
        ({"contract": option(770).key}, "holds another contract"),
    ],
)
def test_no_more_is_added_than_the_settings_allow(settings: dict[str, Any], why: str) -> None:
    """After one addition: each bound by itself refuses the next, with its reason, and nothing is wanted."""
    at = desk(4)
    decide(at, signal(at))
    at.accept()
    at.fill(2, "12.10")
    decision = signal(at, **settings)
    assert decision.outcome is Outcome.IGNORED
    assert why in decision.reason
    assert not decision.intents


@pytest.mark.parametrize(("also_at_loss", "outcome"), [(False, Outcome.IGNORED), (True, Outcome.SCALING_IN)])
def test_at_a_loss_only_where_that_is_allowed(also_at_loss: bool, outcome: Outcome) -> None:
    """Marked at 9.50 against 10.00: doubling down is a setting of its own."""
    assert signal(desk(4, mark=9.5), scale_in={"also_at_loss": also_at_loss}).outcome is outcome


def test_a_mark_that_cannot_be_trusted_is_no_profit() -> None:
    """A quote with one side, or a crossed one: ignored with the reason."""
    at = desk(4)
    at.quote(None, 13.0, key=KEY)
    assert "one side" in signal(at).reason
    at.quote(13.0, 12.0, key=KEY)
    assert "crossed" in signal(at).reason


def test_nothing_is_added_while_something_is_on_its_way() -> None:
    """An entry that still fills, an addition that works, a position that was trimmed: not now."""
    at = desk(4)
    decide(at, signal(at))
    assert "nothing is added to it now" in signal(at).reason
    at.accept()
    at.fill(2, "12.10")
    at.give_command(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=1))
    at.accept()
    at.fill(1, "12")
    assert "has taken something out" in signal(at).reason


def test_an_opposite_signal_still_reverses() -> None:
    """What adds to one side leaves the other side's meaning alone."""
    decision = signal(desk(4), Action.SHORT)
    assert decision.outcome is Outcome.REVERSING
    assert decision.intents[0].kind is ExitKind.REVERSAL


def test_additions_are_counted_over_a_restart() -> None:
    """The count stands in the ledger: after a restart the bound is where it was."""
    at = desk(4)
    decide(at, signal(at))
    at.accept()
    at.fill(2, "12.10")
    at.restart()
    at.wait(1)
    at.mark(12.5, key=KEY)
    assert "was added to 1 times" in signal(at, scale_in={"additions_max": 1}).reason


def test_an_addition_is_priced_by_the_market_of_now_and_not_by_the_entry_of_then() -> None:
    """Bought at a limit of 10.00, added at a gain of 20%: the limit is the ask, not what only a fall would fill."""
    at = Desk(WIDE)
    plan = ladder(stop="0.3")
    exits = type(plan)(stop=plan.stop, scale_ins=(ScaleInPlan(gain=Decimal("0.2"), qty=1),))
    at.opened(2, entry=limit("10"), exits=exits)
    added = one(e.OrderSubmitRequested, at.mark(12.0))
    assert (added.qty, added.limit_price) == (1, Decimal("12.10"))


@pytest.mark.parametrize("unfilled", list(Unfilled))
def test_an_addition_has_as_much_time_as_the_entry(unfilled: Unfilled) -> None:
    """What does not fill in that time is given up or goes to the market, as the plan says; the rest stays guarded."""
    at = Desk(WIDE)
    entry = EntryPlan(algo=Algo.LIMIT, limit_price=Decimal(10), give_up_after_s=60, unfilled=unfilled)
    exits = type(PLAN)(stop=Decimal("0.5"), scale_ins=(ScaleInPlan(gain=Decimal("0.2"), qty=1),))
    at.opened(2, entry=entry, exits=exits)
    at.wait(100)
    at.mark(12.0)
    at.accept()
    at.restart()
    at.wait(58)
    assert not at.all(e.OrderCancelRequested)
    at.wait(2)
    assert at.all(e.OrderCancelRequested)
    after = at.cancelled()
    sent = of(e.OrderSubmitRequested, after)
    if unfilled is Unfilled.MARKET:
        assert [order.limit_price for order in sent] == [None]
    else:
        assert not sent
        assert at.trade().target == at.trade().position.qty == 2


def test_the_settings_refuse_what_makes_no_sense() -> None:
    """Never none, never more than the first quantity."""
    for wrong in ({"additions_max": 0}, {"share": 0}, {"share": "1.5"}, {"shares": 1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            ScaleInSettings(**wrong)


def test_the_input_is_the_same_for_everybody() -> None:
    """A strategy's answer that adds is one input of the core like any other."""
    at = desk(4)
    events = at.decide(i.SignalAnswered("s1", signal(at)))
    assert one(e.SignalDecided, events).outcome == "scaling in"
    assert one(e.IntentDecided, events).kind == ExitKind.SCALE_IN


@pytest.mark.parametrize(
    ("dollars", "each", "most", "expected"),
    [
        ("1000", "300", 10, 3),
        ("1000", "100", 10, 10),
        ("1000", "1001", 10, 0),
        ("1e300", "195", 10, 10),
        ("1000", "1e-40", 10, 10),
        ("-5", "100", 10, 0),
    ],
)
def test_a_budget_of_any_size_gives_a_quantity(dollars: str, each: str, most: int, expected: int) -> None:
    """A budget so large, or a stop so near, that their quotient has no exact number still gives a quantity."""
    assert affordable(Decimal(dollars), Decimal(each), most) == expected
