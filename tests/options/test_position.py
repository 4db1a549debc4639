"""A position is the exact sum of its fills, whatever they are."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.position import FillOutcome, Position, outcome_of_fill
from options.terms import Effect
from options.values import ZERO, Side

Fill = tuple[Side, int, Decimal, Decimal]

prices = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)
fees = st.integers(0, 500).map(lambda cents: Decimal(cents) / 100)
fills = st.tuples(st.sampled_from(Side), st.integers(1, 20), prices, fees)
multipliers = st.sampled_from([1, 100])


def book(position: Position, fill: Fill, multiplier: int) -> FillOutcome:
    """What the fold does with a fill."""
    side, qty, price, fee = fill
    outcome = outcome_of_fill(position, side, qty, price, multiplier)
    position.qty, position.cost = outcome.qty, outcome.cost
    position.realized += outcome.realized
    position.fees += fee
    position.cash += price * qty * multiplier * -side.sign - fee
    return outcome


class NaivePosition:
    """Average cost with fractions: no rounding anywhere."""

    def __init__(self) -> None:
        self.qty = 0
        self.average = Fraction(0)
        self.realized = Fraction(0)

    def book(self, side: Side, qty: int, price: Decimal, multiplier: int) -> None:
        signed, paid = qty * side.sign, Fraction(price)
        if self.qty * signed >= 0:
            total = self.qty + signed
            self.average = (self.average * self.qty + paid * signed) / total
            self.qty = total
            return
        closed = min(qty, abs(self.qty))
        gain = (paid - self.average) * (1 if self.qty > 0 else -1)
        self.realized += gain * closed * multiplier
        before, self.qty = self.qty, self.qty + signed
        if self.qty * before < 0:
            self.average = paid
        elif not self.qty:
            self.average = Fraction(0)


@given(st.lists(fills, max_size=25), multipliers)
def test_i11_i15_a_position_is_the_sum_of_its_fills(given_fills: list[Fill], multiplier: int) -> None:
    """Quantity is the signed sum; at every flat moment profit less fees is the cash, to the last digit."""
    position, held = Position(position_id="T1-1"), 0
    for fill in given_fills:
        book(position, fill, multiplier)
        held += fill[1] * fill[0].sign
        assert position.qty == held
        assert position.cash == position.realized - position.fees - position.cost
        if not held:
            assert position.cost == ZERO
            assert position.realized - position.fees == position.cash


@given(st.lists(fills, max_size=25), multipliers)
def test_a_naive_account_of_fractions_agrees(given_fills: list[Fill], multiplier: int) -> None:
    """Profit and average are those of exact fractions, within half a cent for each rounding."""
    position, naive = Position(position_id="T1-1"), NaivePosition()
    for number, fill in enumerate(given_fills, start=1):
        book(position, fill, multiplier)
        naive.book(fill[0], fill[1], fill[2], multiplier)
        tolerance = Fraction(number, 200)
        assert position.qty == naive.qty
        assert abs(Fraction(position.realized) - naive.realized) <= tolerance
        assert abs(Fraction(position.cost) - naive.average * naive.qty * multiplier) <= tolerance


@given(st.integers(1, 40), prices, st.lists(st.integers(1, 8), min_size=1, max_size=10), prices)
def test_i15_parts_add_up_to_the_cent(qty: int, bought: Decimal, parts: list[int], sold: Decimal) -> None:
    """Sold in parts or at once at one price, a position makes the same profit to the cent."""
    in_parts, at_once = Position(position_id="T1-1"), Position(position_id="T1-1")
    for position in (in_parts, at_once):
        book(position, (Side.BUY, qty, bought, ZERO), 100)
        book(position, (Side.BUY, 1, bought + 1, ZERO), 100)
    left = qty + 1
    for part in [*parts, left]:
        if take := min(part, left):
            book(in_parts, (Side.SELL, take, sold, ZERO), 100)
            left -= take
    book(at_once, (Side.SELL, qty + 1, sold, ZERO), 100)
    assert (in_parts.qty, in_parts.realized, in_parts.cash) == (0, at_once.realized, at_once.cash)


@pytest.mark.parametrize("side", list(Side))
def test_effects_are_named(side: Side) -> None:
    """Open, add, trim and close, on either side."""
    other = Side.SELL if side is Side.BUY else Side.BUY
    position = Position(position_id="T1-1")
    ten = Decimal(10)
    assert book(position, (side, 2, ten, ZERO), 100).effect is Effect.OPEN
    assert book(position, (side, 1, ten, ZERO), 100).effect is Effect.ADD
    assert book(position, (other, 1, ten, ZERO), 100).effect is Effect.TRIM
    assert book(position, (other, 2, ten, ZERO), 100).effect is Effect.CLOSE


def test_a_fill_larger_than_the_position_opens_the_other_side_with_its_rest() -> None:
    """Sell 5 against 3 bought: profit on 3, and 2 are short at the selling price."""
    position = Position(position_id="T1-1")
    book(position, (Side.BUY, 3, Decimal("2.00"), ZERO), 100)
    outcome = book(position, (Side.SELL, 5, Decimal("2.50"), ZERO), 100)
    assert (outcome.effect, outcome.qty, outcome.realized) == (Effect.CLOSE, -2, Decimal(150))
    assert position.cost == Decimal(-500)
    assert position.average(100) == Decimal("2.50")


def test_the_average_is_derived_and_open_profit_follows_the_mark() -> None:
    """2 at 1.00 and 1 at 1.30 average 1.10; at 1.25 that is 45 dollars up, and flat it is nothing."""
    position = Position(position_id="T1-1")
    assert position.average(100) is None
    assert position.open_pnl(100) is None
    book(position, (Side.BUY, 2, Decimal("1.00"), ZERO), 100)
    book(position, (Side.BUY, 1, Decimal("1.30"), ZERO), 100)
    assert position.average(100) == Decimal("1.10")
    assert position.open_pnl(100, 1.25) == pytest.approx(45)
    position.mark = 1.0
    assert position.open_pnl(100) == pytest.approx(-30)


def test_nothing_is_changed_by_asking() -> None:
    """What a fill would make of a position can be asked without booking it."""
    position = Position(position_id="T1-1", qty=3, cost=Decimal(600))
    outcome_of_fill(position, Side.SELL, 1, Decimal(3), 100)
    assert (position.qty, position.cost, position.realized) == (3, Decimal(600), ZERO)


def test_open_profit_is_without_noise() -> None:
    """Ten bought at 1.47 and marked at 1.66 are 190 dollars up, not 189.99999999999977."""
    assert Position("T1-1", qty=10, cost=Decimal(1470)).open_pnl(100, 1.66) == 190.0
