from datetime import date
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.contract import Right
from options.pricing import YEAR, PricingError, delta, greeks, implied_volatility, price, years_to_expiry
from options.session import Session
from options.values import DAY, MINUTE, from_iso

CALL, PUT = Right.CALL, Right.PUT
HULL = (42.0, 40.0, 0.5, 0.1, 0.2)
rights = st.sampled_from([CALL, PUT])
spots = st.floats(5, 1000)
moneyness = st.floats(0.7, 1.4)
years_ = st.floats(1 / 365, 2)
rates = st.floats(-0.01, 0.1)
volatilities = st.floats(0.05, 1.5)


def test_prices_are_the_textbook_ones() -> None:
    """Hull's example: spot 42, strike 40, half a year, 10 %, volatility 20 %: call 4.76, put 0.81."""
    assert price(CALL, *HULL) == pytest.approx(4.76, abs=0.005)
    assert price(PUT, *HULL) == pytest.approx(0.81, abs=0.005)


def test_greeks_are_the_textbook_ones() -> None:
    """Hull's example: spot 49, strike 50, 20 weeks, 5 %, volatility 20 %, in this module's units."""
    found = greeks(CALL, 49.0, 50.0, 0.3846, 0.05, 0.2)
    assert found.delta == pytest.approx(0.522, abs=0.001)
    assert found.gamma == pytest.approx(0.066, abs=0.001)
    assert found.vega == pytest.approx(0.121, abs=0.001)
    assert found.theta == pytest.approx(-4.31 / 365, abs=0.0001)
    assert found.delta == delta(CALL, 49.0, 50.0, 0.3846, 0.05, 0.2)


@given(rights, spots, moneyness, years_, rates, volatilities)
def test_greeks_are_the_slopes_of_the_price(
    right: Right, spot: float, ratio: float, years: float, rate: float, volatility: float
) -> None:
    """Delta and vega are what the price itself does over a small step."""
    strike, small = spot * ratio, spot * 1e-4
    found = greeks(right, spot, strike, years, rate, volatility)
    up, down = (price(right, spot + step, strike, years, rate, volatility) for step in (small, -small))
    assert found.delta == pytest.approx((up - down) / (2 * small), abs=1e-3)
    dearer, cheaper = (price(right, spot, strike, years, rate, volatility + step) for step in (1e-4, -1e-4))
    assert found.vega == pytest.approx((dearer - cheaper) / 2e-4 / 100, abs=1e-4 * spot)


@given(spots, moneyness, years_, rates, volatilities)
def test_put_call_parity_holds(
    spot: float, ratio: float, years: float, rate: float, volatility: float
) -> None:
    """A call less its put is the share less the discounted strike; their deltas differ by one."""
    strike = spot * ratio
    call, put = (price(right, spot, strike, years, rate, volatility) for right in (CALL, PUT))
    assert call - put == pytest.approx(spot - strike * exp(-rate * years), abs=1e-9 * spot)
    call_delta, put_delta = (delta(right, spot, strike, years, rate, volatility) for right in (CALL, PUT))
    assert call_delta - put_delta == pytest.approx(1)
    assert -1 <= put_delta <= 0 <= call_delta <= 1


@given(rights, spots, moneyness, years_, rates, volatilities)
def test_implied_volatility_gives_the_price_back(
    right: Right, spot: float, ratio: float, years: float, rate: float, volatility: float
) -> None:
    """Whatever has time value implies a volatility, and pricing with that gives the price again."""
    strike = spot * ratio
    worth = price(right, spot, strike, years, rate, volatility)
    without = price(right, spot, strike, years, rate, 0.0)
    implied = implied_volatility(right, worth, spot, strike, years, rate)
    if worth - without > 1e-4 * spot:
        assert implied is not None
    if implied is not None:
        assert price(right, spot, strike, years, rate, implied) == pytest.approx(worth, abs=1e-6 * spot)


@pytest.mark.parametrize("option_price", [0.0, -1.0, 3.0, 42.0, 50.0, float("nan"), float("inf")])
def test_a_price_that_no_volatility_gives_implies_none(option_price: float) -> None:
    """At or below intrinsic, at or above the share, or no price at all: no volatility."""
    assert implied_volatility(CALL, option_price, 42.0, 40.0, 0.5, 0.1) is None


def test_at_expiry_only_the_intrinsic_value_is_left() -> None:
    """No time: intrinsic value, a delta of all or nothing, no other greek, no implied volatility."""
    assert price(CALL, 42.0, 40.0, 0.0, 0.1, 0.2) == 2.0
    assert price(PUT, 42.0, 40.0, 0.0, 0.1, 0.2) == 0.0
    assert [delta(right, 42.0, 40.0, 0.0, 0.1, 0.2) for right in (CALL, PUT)] == [1.0, 0.0]
    assert [delta(right, 38.0, 40.0, 0.0, 0.1, 0.2) for right in (CALL, PUT)] == [0.0, -1.0]
    found = greeks(PUT, 40.0, 40.0, 0.0, 0.1, 0.2)
    assert (found.delta, found.gamma, found.vega, found.theta) == (-0.5, 0.0, 0.0, 0.0)
    assert implied_volatility(CALL, 2.5, 42.0, 40.0, 0.0, 0.1) is None


@pytest.mark.parametrize(
    ("spot", "strike", "years", "volatility"),
    [
        (0.0, 40.0, 0.5, 0.2),
        (42.0, -1.0, 0.5, 0.2),
        (42.0, 40.0, -0.1, 0.2),
        (42.0, 40.0, 0.5, -0.2),
        (float("nan"), 40.0, 0.5, 0.2),
    ],
)
def test_terms_that_no_option_has_are_refused(
    spot: float, strike: float, years: float, volatility: float
) -> None:
    """Prices must be above zero, time and volatility must not be negative, and nothing may be no number."""
    for model in (price, delta, greeks):
        with pytest.raises(PricingError):
            model(CALL, spot, strike, years, 0.1, volatility)


def test_time_to_expiry_ends_with_the_last_close() -> None:
    """An early close counts on its day; a Saturday expiry ends on the Friday; afterwards nothing is left."""
    eve = Session(
        date(2015, 12, 24), from_iso("2015-12-24T14:30:00Z"), from_iso("2015-12-24T18:00:00Z"), half_day=True
    )
    now = from_iso("2015-12-24T17:00:00Z")
    assert years_to_expiry(now, date(2015, 12, 24), eve) == 60 * MINUTE / YEAR
    assert years_to_expiry(now, date(2015, 12, 31), eve) == (7 * DAY + 240 * MINUTE) / YEAR
    assert years_to_expiry(now, date(2016, 1, 16), eve) == years_to_expiry(now, date(2016, 1, 15), eve)
    assert years_to_expiry(eve.close, date(2015, 12, 24), eve) == 0
    assert years_to_expiry(eve.close + DAY, date(2015, 12, 24), eve) == 0
