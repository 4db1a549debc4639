"""The contract that is chosen is the nearest to what is wanted within every limit, or there is a reason."""

import pytest
from pydantic import ValidationError

from options.contract import Right
from options.quote import Quote
from strategies.selection import Selected, SelectionSettings, select
from tests.options.desk import SPOT
from tests.strategies.market import FAR, NEAR, NOW, STRIKES, market, option

WANTED = SelectionSettings()
FEW_DAYS = {"days_to_expiry": 2, "days_to_expiry_min": 1, "days_to_expiry_max": 3}


def chosen(found: Selected | str) -> Selected:
    assert isinstance(found, Selected), found
    return found


def test_the_nearest_expiry_and_delta_are_taken() -> None:
    """15 days are nearer to 14 than 36; of its calls, the one nearest to a delta of 0.45."""
    found = chosen(select(market(), SPOT, Right.CALL, WANTED))
    assert (found.contract, found.days) == (option(760), 15)
    assert found.delta == pytest.approx(0.45, abs=0.1)


def test_puts_are_chosen_by_the_size_of_their_delta() -> None:
    """A put's delta is negative; what is wanted is its size."""
    found = chosen(select(market(), SPOT, Right.PUT, WANTED))
    assert found.contract.right is Right.PUT
    assert -0.70 <= found.delta <= -0.25


def test_another_wish_leads_to_another_contract() -> None:
    """More days, more delta: the far expiry, a strike in the money."""
    wish = SelectionSettings(days_to_expiry=35, delta=0.65)
    found = chosen(select(market(), SPOT, Right.CALL, wish))
    assert found.contract.expiry == FAR
    assert found.contract.strike < 750


def test_the_next_expiry_is_tried_when_the_nearest_has_none() -> None:
    """Nothing healthy in the near expiry: the far one serves."""
    view = market()
    crossed = [(option(strike).key, Quote(ts=NOW, bid=2.0, ask=1.0)) for strike in STRIKES]
    view.quotes.update(NOW, crossed)
    assert chosen(select(view, SPOT, Right.CALL, WANTED)).contract.expiry == FAR


@pytest.mark.parametrize(
    ("world", "wish", "why"),
    [
        ({"spread": 0.4}, {}, "too wide"),
        ({"open_interest": 5}, {}, "below the open interest"),
        ({"open_interest": None}, {}, "below the open interest"),
        ({}, FEW_DAYS, "in 1 to 3 days (listed: 15, 36)"),
        ({}, {"delta": 0.97, "delta_min": 0.96, "delta_max": 0.98}, "outside the deltas"),
        ({"spot": None}, {}, "GOOG has no price"),
    ],
)  # fmt: skip
def test_no_choice_comes_with_its_reason(world: dict[str, float], wish: dict[str, float], why: str) -> None:
    """Too wide, too few open, no expiry, no delta, no spot: in words, with how many fell to what."""
    found = select(market(**world), SPOT, Right.CALL, SelectionSettings(**wish))  # type: ignore[arg-type]
    assert isinstance(found, str)
    assert why in found


def test_a_contract_without_a_healthy_quote_is_passed_over() -> None:
    """The best one is crossed: the next best is taken."""
    view = market()
    best = chosen(select(view, SPOT, Right.CALL, WANTED)).contract
    view.quotes.update(NOW, [(best.key, Quote(ts=NOW, bid=20.0, ask=10.0))])
    second = chosen(select(view, SPOT, Right.CALL, WANTED)).contract
    assert second != best
    assert second.expiry == NEAR


@pytest.mark.parametrize("quote", [Quote(ts=NOW, ask=10.0), Quote(ts=NOW, bid=10.0)])
def test_a_contract_quoted_on_one_side_is_passed_over(quote: Quote) -> None:
    """Without both sides there is no spread to judge."""
    view = market()
    best = chosen(select(view, SPOT, Right.CALL, WANTED)).contract
    view.quotes.update(NOW, [(best.key, quote)])
    assert chosen(select(view, SPOT, Right.CALL, WANTED)).contract != best


@pytest.mark.parametrize(
    "wrong",
    [
        {"days_to_expiry": 60},
        {"days_to_expiry": -1},
        {"delta": 0.9},
        {"delta": 0},
        {"delta_min": 0.5},
        {"spread_max": 0},
        {"open_interest_min": -1},
        {"rate": 2},
        {"strike": 750},
    ],
)
def test_settings_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    """Out of range, outside its own limits, or a name that is none."""
    with pytest.raises(ValidationError):
        SelectionSettings(**wrong)  # type: ignore[arg-type]
