"""What combos are worth at expiry, what bounds them, and their greeks: figures from the rules of options."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.contract import Combo, Instrument, OptionContract, Right, Stock
from options.net_greeks import net_greeks
from options.payoff import break_evens, max_gain, max_loss, payoff_at, payoff_bounds
from options.pricing import Greeks

NEAR, FAR = date(2015, 12, 24), date(2016, 1, 15)
STOCK = Stock(symbol="GOOG")


def option(right: str, strike: str, expiry: date = NEAR) -> OptionContract:
    return OptionContract(root="GOOG", expiry=expiry, right=Right(right), strike=Decimal(strike))


VERTICAL = Combo.of((1, option("C", "750")), (-1, option("C", "760")))
STRADDLE = Combo.of((1, option("C", "750")), (1, option("P", "750")))
STRANGLE = Combo.of((1, option("C", "760")), (1, option("P", "740")))
CONDOR = Combo.of(
    (1, option("P", "730")), (-1, option("P", "740")), (-1, option("C", "760")), (1, option("C", "770"))
)
COVERED = Combo.of((100, STOCK), (-1, option("C", "760")))
CALENDAR = Combo.of((-1, option("C", "750")), (1, option("C", "750", FAR)))
SHORT_CALENDAR = Combo.of((1, option("C", "750")), (-1, option("C", "750", FAR)))
BACKSPREAD = Combo.of((-1, option("C", "750")), (2, option("C", "760")))


@pytest.mark.parametrize(
    ("instrument", "spot", "worth"),
    [
        (VERTICAL, 740, 0), (VERTICAL, 754, 4), (VERTICAL, 900, 10),
        (STRADDLE, 750, 0), (STRADDLE, 730, 20), (STRADDLE, 775, 25),
        (STRANGLE, 750, 0), (STRANGLE, 700, 40), (STRANGLE, 775, 15),
        (CONDOR, 750, 0), (CONDOR, 737, -3), (CONDOR, 600, -10), (CONDOR, 764, -4), (CONDOR, 800, -10),
        (COVERED, 700, 700), (COVERED, 800, 760),
        (BACKSPREAD, 760, -10), (BACKSPREAD, 790, 20),
        (option("P", "750"), 741, 9), (STOCK, 741, 741),
    ],
)  # fmt: skip
def test_worth_at_expiry_is_the_sum_of_what_each_leg_is_worth(
    instrument: Instrument, spot: int, worth: int
) -> None:
    """A call is worth what the price lies above its strike, a put below; short legs count against, shares in full."""
    assert payoff_at(instrument, Decimal(spot)) == worth


@pytest.mark.parametrize(
    ("instrument", "direction", "price", "loss", "gain"),
    [
        (VERTICAL, 1, "4", "4", "6"),  # bought for 4: at most 4 lost, 10 - 4 made
        (VERTICAL, -1, "4", "6", "4"),
        (STRADDLE, 1, "20", "20", None),  # no bound above
        (STRADDLE, -1, "20", None, "20"),
        (CONDOR, 1, "-2.5", "7.5", "2.5"),  # a credit of 2.50 against wings 10 apart
        (CONDOR, -1, "-2.5", "2.5", "7.5"),
        (COVERED, 1, "745", "745", "15"),  # shares at 750 less 5: called away at 760
        (BACKSPREAD, 1, "1", "11", None),  # worst where the bought ones begin: -10, and 1 paid
        (option("P", "750"), -1, "9", "741", "9"),
        (option("C", "750"), -1, "9", None, "9"),
        (option("C", "750"), 1, "9", "9", None),
        (STOCK, -1, "750", None, "750"),
    ],
)
def test_the_most_that_can_be_lost_and_made(
    instrument: Instrument, direction: int, price: str, loss: str | None, gain: str | None
) -> None:
    """Bounds of the whole by payoff; nothing where one side runs on for ever."""
    assert max_loss(instrument, direction, Decimal(price)) == (None if loss is None else Decimal(loss))
    assert max_gain(instrument, direction, Decimal(price)) == (None if gain is None else Decimal(gain))


def test_a_calendar_loses_its_price_and_a_short_one_has_no_bound() -> None:
    """The far call is worth at least what the near one costs; a far one sold against a near one outlives its cover."""
    assert max_loss(CALENDAR, 1, Decimal("3.5")) == Decimal("3.5")
    assert max_loss(SHORT_CALENDAR, 1, Decimal("-3.5")) is None
    assert max_loss(CALENDAR, -1, Decimal("3.5")) is None


def test_break_evens_are_where_the_payoff_meets_the_price() -> None:
    """Straddle at 20: 730 and 770. Vertical at 4: 754. Condor for a credit of 2.50: 737.50 and 762.50."""
    assert break_evens(STRADDLE, Decimal(20)) == (Decimal(730), Decimal(770))
    assert break_evens(VERTICAL, Decimal(4)) == (Decimal(754),)
    assert break_evens(CONDOR, Decimal("-2.5")) == (Decimal("737.5"), Decimal("762.5"))
    assert break_evens(COVERED, Decimal(745)) == (Decimal(745),)


legs = st.lists(
    st.tuples(
        st.integers(-3, 3).filter(bool),
        st.builds(option, st.sampled_from("CP"), st.integers(1, 40).map(lambda step: str(step * 25))),
    ),
    min_size=2,
    max_size=5,
    unique_by=lambda leg: leg[1].key,
)


@given(legs, st.decimals(0, 2000, places=2))
def test_i15_no_price_of_the_underlying_is_worth_less_or_more_than_the_bounds(
    parts: list[tuple[int, OptionContract]], spot: Decimal
) -> None:
    """The bounds hold at every price, and what one side loses the other side makes."""
    combo = Combo.of(*parts)
    low, high = payoff_bounds(combo)
    worth = payoff_at(combo, spot)
    assert low is None or low <= worth
    assert high is None or worth <= high
    price = Decimal("1.5")
    if high is not None:
        loss = max_loss(combo, -1, price)
        assert loss is not None
        assert worth - price <= loss
    for even in break_evens(combo, price):
        assert abs(payoff_at(combo, even) - price) < Decimal("1E-20")


def test_greeks_of_the_whole_are_the_sum_of_the_legs() -> None:
    """Long 750 call (delta 0.6), short 760 call (delta 0.4): 0.2. 100 shares less a call of 0.4: 0.6 per 100 shares."""
    of_leg = {
        option("C", "750").key: Greeks(0.6, 0.02, 0.5, -0.3),
        option("C", "760").key: Greeks(0.4, 0.01, 0.4, -0.2),
    }
    vertical = net_greeks(VERTICAL, of_leg)
    assert (vertical.delta, vertical.gamma) == pytest.approx((0.2, 0.01))
    assert (vertical.vega, vertical.theta) == pytest.approx((0.1, -0.1))
    covered = net_greeks(COVERED, of_leg)
    assert (covered.delta, covered.gamma) == pytest.approx((0.6, -0.01))
    with pytest.raises(KeyError):
        net_greeks(STRADDLE, of_leg)
