"""Times and prices keep their exact value in every form they take."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.values import (
    Side,
    datetime_of,
    from_iso,
    micros_of,
    price_from_float,
    to_iso,
)

moments = st.integers(0, 253_402_300_799_999_999)


@given(moments)
def test_a_time_reads_back_to_the_microsecond(at: int) -> None:
    """Writing and reading a time are each other's inverse, in text and as a datetime."""
    assert from_iso(to_iso(at)) == at
    assert micros_of(datetime_of(at)) == at
    assert len(to_iso(at)) == 27


@given(moments, moments)
def test_the_order_of_the_texts_is_the_order_of_the_times(first: int, second: int) -> None:
    """The width is fixed, so texts can be compared in place of times."""
    assert (to_iso(first) < to_iso(second)) == (first < second)


@given(moments.filter(lambda at: at > 86_400_000_000), st.integers(-14 * 60, 14 * 60))
def test_an_offset_does_not_change_the_moment(at: int, minutes: int) -> None:
    """The same moment written in another zone is the same number."""
    zone = timezone(timedelta(minutes=minutes))
    try:
        local = datetime_of(at).astimezone(zone)
    except OverflowError:
        return
    assert from_iso(local.isoformat()) == at


@pytest.mark.parametrize(
    "text", ["2015-12-24T10:00:00", "2015-12-24", "yesterday", "", "2015-13-01T00:00:00Z"]
)
def test_a_time_without_its_offset_is_refused(text: str) -> None:
    """A naive or malformed time is no time."""
    with pytest.raises(ValueError):
        from_iso(text)


def test_a_naive_datetime_is_refused_with_what_would_be_right() -> None:
    """The refusal shows a time with its offset."""
    with pytest.raises(ValueError, match="names no offset"):
        micros_of(datetime(2015, 12, 24))  # noqa: DTZ001 - the naive time is the point
    assert micros_of(datetime(1970, 1, 1, tzinfo=UTC)) == 0


@given(st.integers(0, 10_000_000), st.integers(0, 4))
def test_a_quoted_price_becomes_the_decimal_that_was_printed(units: int, places: int) -> None:
    """A price that passed through a float comes out as the exchange printed it."""
    printed = Decimal(units).scaleb(-places)
    assert price_from_float(float(printed)) == printed


@pytest.mark.parametrize("price", [float("nan"), float("inf"), float("-inf")])
def test_a_price_that_is_not_finite_is_refused(price: float) -> None:
    """NaN and the infinities are no prices."""
    with pytest.raises(ValueError, match="finite"):
        price_from_float(price)


def test_sides_have_signs() -> None:
    """Buying adds, selling takes away."""
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_could_not_be_written_is_refused(text: str) -> None:
    """A moment that in UTC lies outside the years 1 to 9999 is refused when it is read, not when it is written down."""
    with pytest.raises(ValueError, match="years 1 to 9999"):
        from_iso(text)
