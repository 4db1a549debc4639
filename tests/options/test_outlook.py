"""What a position can come to: loss, gain and break-evens at expiry, and the greeks of the whole."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.calendar import Calendar
from options.commands import ActivateTrade
from options.contract import Combo, OptionContract, Right, Stock
from options.outlook import greeks_now, outlook
from options.payoff import payoff_at
from options.preview import preview
from options.pricing import price, years_to_expiry
from options.quote import Quote, QuoteCache
from options.session import Session
from tests.options.test_roll import new
from tests.options.trading_room import Room

D = Decimal
NEAR, FAR = date(2015, 12, 31), date(2016, 1, 15)
SESSION = Session(date(2015, 12, 24), 1_450_967_400_000_000, 1_450_980_000_000_000, half_day=True)
NOW = SESSION.open + 3_600_000_000
SPOT, VOLATILITY = 748.0, 0.24


def leg(right: Right, strike: int, expiry: date = NEAR) -> OptionContract:
    return OptionContract(root="GOOG", expiry=expiry, right=right, strike=D(strike))


def worth(contract: OptionContract, spot: float) -> float:
    years = years_to_expiry(NOW, contract.expiry, SESSION)
    return price(contract.right, spot, float(contract.strike), years, 0.01, VOLATILITY)


def quoted(*contracts: OptionContract) -> QuoteCache:
    """A market that prices these contracts by one volatility, two cents wide."""
    quotes = QuoteCache()
    found = [("GOOG", Quote(NOW, SPOT - 0.1, SPOT + 0.1))]
    for one in contracts:
        value = worth(one, SPOT)
        found.append((one.key, Quote(NOW, value - 0.01, value + 0.01)))
    quotes.update(NOW, found)
    return quotes


CONDOR = Combo.of(
    (1, leg(Right.PUT, 730)), (-1, leg(Right.PUT, 740)), (-1, leg(Right.CALL, 760)), (1, leg(Right.CALL, 770))
)


def test_a_condor_loses_its_width_less_its_credit_and_makes_its_credit() -> None:
    """Two condors sold for a credit of 2.50: at most 250 dollars each to win, 750 to lose, even 2.50 outside."""
    found = outlook(CONDOR, 2, D("-2.50"))
    assert found is not None
    assert (found.loss_max, found.gain_max) == (D(1500), D(500))
    assert found.break_evens == (D("737.50"), D("762.50"))


def test_what_is_left_of_a_calendar_has_no_certain_worth() -> None:
    """A calendar loses what it cost if it is closed by its near expiry; nothing is claimed about its gain."""
    calendar = Combo.of((-1, leg(Right.CALL, 750)), (1, leg(Right.CALL, 750, FAR)))
    found = outlook(calendar, 1, D("4.00"))
    assert found is not None
    assert (found.loss_max, found.gain_max, found.break_evens, found.expiries) == (D(400), None, (), 2)


def test_shares_and_nothing_have_no_outlook() -> None:
    """What never expires, and what is not held, cannot come to anything at expiry."""
    assert outlook(Stock(symbol="GOOG"), 100, D(748)) is None
    assert outlook(CONDOR, 0, D("-2.50")) is None


@given(
    qty=st.integers(-5, 5).filter(bool),
    paid=st.integers(-900, 2000).map(lambda cents: D(cents) / 100),
    spot=st.integers(0, 150_000).map(lambda cents: D(cents) / 100),
)
def test_i15_no_end_is_worse_than_the_loss_or_better_than_the_gain(
    qty: int, paid: Decimal, spot: Decimal
) -> None:
    """Wherever the underlying ends, the position's money lies between what was said; at a break-even it is nothing."""
    found = outlook(CONDOR, qty, paid)
    assert found is not None
    made = (payoff_at(CONDOR, spot) - paid) * qty * 100
    assert found.loss_max is not None
    assert found.gain_max is not None
    assert -found.loss_max <= made <= found.gain_max
    for even in found.break_evens:
        assert abs(payoff_at(CONDOR, even) - paid) <= D("0.01")


def test_the_greeks_of_a_whole_are_how_its_price_moves() -> None:
    """Delta and gamma of a condor against its price at an underlying that is ten cents higher and lower."""
    legs = [one.instrument for one in CONDOR.legs if isinstance(one.instrument, OptionContract)]
    found = greeks_now(quoted(*legs), CONDOR, NOW, SESSION)
    assert found is not None

    def net(spot: float) -> float:
        return sum(one.ratio * worth(contract, spot) for one, contract in zip(CONDOR.legs, legs, strict=True))

    up, here, down = net(SPOT + 0.1), net(SPOT), net(SPOT - 0.1)
    assert found.delta == pytest.approx((up - down) / 0.2, abs=2e-3)
    assert found.gamma == pytest.approx((up - 2 * here + down) / 0.01, abs=2e-3)
    assert found.theta > 0 > found.vega, "what was sold short of time earns by its passing"


def test_no_greeks_are_made_up_where_a_leg_is_not_quoted() -> None:
    """A leg without a quote, and an underlying without a price: there are no greeks, not some of them."""
    legs = [one.instrument for one in CONDOR.legs if isinstance(one.instrument, OptionContract)]
    assert greeks_now(quoted(*legs[:3]), CONDOR, NOW, SESSION) is None
    assert greeks_now(QuoteCache(), CONDOR, NOW, SESSION) is None


def test_a_preview_of_an_entry_says_what_it_can_come_to() -> None:
    """Letting a draft go shows what would be held, what it can lose and make, and its greeks in dollars."""
    room = Room()
    room.manager.calendar = Calendar(lambda _: SESSION, lambda _: None, lambda _: None)
    room.quote(747.9, 748.1, key="GOOG")
    room.quote(9.80, 10.00)
    room.take(new(room, qty=2))
    said = preview(room.manager, room.at, ActivateTrade(command_id="a", who="ann", trade_id="T1"))
    assert not said.reasons
    found = said.trades[0].outlook
    assert found is not None
    assert found.loss_max == D(2000), "two at the ask"
    assert found.gain_max is None
    assert found.greeks is not None
    assert 0 < found.greeks.delta < 200
    assert found.greeks.theta < 0
    assert msgspec.json.encode(found)
