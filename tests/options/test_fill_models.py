"""Prices, sizes, slippage and fees of the paper broker, against figures worked out by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.execution.fill_models import (
    QUOTE_RULES,
    DisplayedSize,
    IbkrOptionFee,
    NoFee,
    NoSlippage,
    TickSlippage,
    WholeSize,
    far_side,
    realistic_rules,
)
from options.quote import Quote
from options.values import ZERO, Side

BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.parametrize(
    ("quote", "buys_at", "sells_at"),
    [
        (Quote(ts=0, bid=1.0, ask=1.2, last=5.0), 1.2, 1.0),
        (Quote(ts=0, bid=1.0, last=5.0), 5.0, 1.0),
        (Quote(ts=0, ask=1.2, last=5.0), 1.2, 5.0),
        (Quote(ts=0, bid=1.0), 1.0, 1.0),
        (Quote(ts=0, ask=1.2), 1.2, 1.2),
        (Quote(ts=0, last=5.0), 5.0, 5.0),
        (Quote(ts=0), None, None),
    ],
)
def test_an_order_meets_the_far_side_or_the_next_best(
    quote: Quote, buys_at: float | None, sells_at: float | None
) -> None:
    """A buy at the ask, else mid, last, bid; a sell at the bid, else mid, last, ask."""
    assert far_side(BUY, quote) == buys_at
    assert far_side(SELL, quote) == sells_at


def test_a_price_of_nothing_fills_nothing() -> None:
    """A bid of zero is no price to sell at."""
    worthless = Quote(ts=0, bid=0.0, ask=0.05, bid_size=10, ask_size=10)
    for model in (WholeSize(), DisplayedSize()):
        assert model.fill(SELL, 3, worthless) is None
        assert model.fill(BUY, 3, worthless) == (3, Decimal("0.05"))
        assert model.fill(BUY, 3, Quote(ts=0)) is None


def test_the_whole_size_ignores_what_is_displayed() -> None:
    """All at once, whatever the quote shows."""
    assert WholeSize().fill(BUY, 100, Quote(ts=0, bid=1.0, ask=1.1, ask_size=2)) == (100, Decimal("1.1"))


@pytest.mark.parametrize(("side", "shown", "fills"), [(BUY, 2, 2), (SELL, 3, 3), (BUY, 0, 1), (BUY, 99, 7)])
def test_no_more_fills_than_is_displayed(side: Side, shown: int, fills: int) -> None:
    """The far side's size is the limit; where none is shown, one contract."""
    other = 1
    quote = Quote(
        ts=0,
        bid=1.0,
        ask=1.1,
        bid_size=shown if side is SELL else other,
        ask_size=shown if side is BUY else other,
    )
    filled = DisplayedSize().fill(side, 7, quote)
    assert filled is not None
    assert filled[0] == fills


@pytest.mark.parametrize(
    ("side", "price", "ticks", "worse"),
    [
        (BUY, "2.95", 1, "3.00"),
        (BUY, "3.00", 1, "3.10"),
        (SELL, "3.00", 2, "2.80"),
        (SELL, "2.95", 2, "2.85"),
        (SELL, "0.05", 1, "0.05"),
        (SELL, "0.10", 3, "0.05"),
        (SELL, "0.03", 1, "0.03"),
        (BUY, "1.00", 0, "1.00"),
    ],
)
def test_slippage_is_some_ticks_for_the_worse(side: Side, price: str, ticks: int, worse: str) -> None:
    """Five cents below three dollars, ten from there on; a sale never falls below one tick."""
    assert TickSlippage(ticks).price(side, Decimal(price)) == Decimal(worse)
    assert NoSlippage().price(side, Decimal(price)) == Decimal(price)


@given(st.sampled_from(Side), st.integers(1, 10_000), st.integers(0, 5))
def test_slippage_never_helps_and_a_price_stays_a_price(side: Side, cents: int, ticks: int) -> None:
    """A buy never gets cheaper, a sale never dearer, and nothing is ever sold for nothing."""
    price = Decimal(cents) / 100
    slipped = TickSlippage(ticks).price(side, price)
    assert (slipped - price) * side.sign >= 0
    assert slipped > 0


@pytest.mark.parametrize(
    ("qty", "price", "fee"),
    [
        (1, "1.00", "1.00"),
        (2, "1.00", "1.30"),
        (10, "0.10", "6.50"),
        (10, "0.09", "5.00"),
        (10, "0.05", "5.00"),
        (10, "0.04", "2.50"),
        (1, "0.01", "1.00"),
        (100, "12.00", "65.00"),
    ],
)
def test_commissions_are_the_published_ones(qty: int, price: str, fee: str) -> None:
    """0.65 a contract, 0.50 below a dime, 0.25 below a nickel, and at least a dollar an order."""
    assert IbkrOptionFee().fee(qty, Decimal(price), 0, ZERO) == Decimal(fee)
    assert NoFee().fee(qty, Decimal(price), 0, ZERO) == ZERO


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.sampled_from(["0.02", "0.07", "1.50"]))
def test_i15_an_order_in_parts_pays_what_it_would_have_paid_at_once(parts: list[int], price: str) -> None:
    """At one price the commission does not depend on how the order was filled."""
    model, charged, filled = IbkrOptionFee(), ZERO, 0
    for part in parts:
        fee = model.fee(part, Decimal(price), filled, charged)
        assert fee >= ZERO
        charged += fee
        filled += part
    assert charged == model.fee(filled, Decimal(price), 0, ZERO)


def test_the_two_sets_of_rules_are_what_they_say() -> None:
    """``quote`` is immediate and free; ``realistic`` is slower, smaller, worse and dearer."""
    assert (QUOTE_RULES.name, QUOTE_RULES.latency_s) == ("quote", 0.0)
    rules = realistic_rules(2, 0.5)
    assert (rules.name, rules.latency_s, rules.slippage) == ("realistic", 0.5, TickSlippage(2))
