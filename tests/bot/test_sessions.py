from datetime import date

import pytest

from bot.exchange import EXCHANGE
from bot.sessions import SessionError, day_at, last_session, next_session, session_at, session_of
from options.session import Session
from options.values import MINUTE, from_iso

EARLY = date(2015, 12, 24)


def test_a_day_has_its_open_and_close() -> None:
    """A regular session runs from 9:30 to 16:00 New York, in winter and in summer time."""
    winter, summer = session_of(date(2015, 12, 23)), session_of(date(2014, 6, 5))
    assert winter == Session(
        date(2015, 12, 23), from_iso("2015-12-23T09:30:00-05:00"), from_iso("2015-12-23T16:00:00-05:00")
    )
    assert summer == Session(
        date(2014, 6, 5), from_iso("2014-06-05T09:30:00-04:00"), from_iso("2014-06-05T16:00:00-04:00")
    )


def test_an_early_close_is_known() -> None:
    """Christmas Eve 2015 closed at 13:00 New York and says so."""
    assert session_of(EARLY) == Session(
        EARLY, from_iso("2015-12-24T14:30:00Z"), from_iso("2015-12-24T18:00:00Z"), half_day=True
    )


@pytest.mark.parametrize(
    "day", [date(2015, 12, 25), date(2015, 12, 26), date(2001, 9, 11), date(2025, 1, 9), date(2026, 7, 3)]
)
def test_no_session_on_weekends_and_holidays(day: date) -> None:
    """Saturdays, holidays, days of mourning and unforeseen closures have no session."""
    assert session_of(day) is None


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2024, 3, 8), 14.5), (date(2024, 3, 11), 13.5), (date(2024, 11, 4), 14.5)]
)
def test_the_clock_change_moves_the_open(day: date, hours: float) -> None:
    """Around both changes of the clock the open stays at 9:30 New York, which moves in UTC."""
    session = session_of(day)
    assert session is not None
    assert session.open == from_iso(f"{day}T00:00:00Z") + int(hours * 60) * MINUTE


def test_index_options_close_a_quarter_of_an_hour_later() -> None:
    """SPX and VIX trade until 16:15, or 13:15 on a half day; shares do not."""
    shares, index = session_of(date(2015, 12, 23)), session_of(date(2015, 12, 23), "SPX")
    half = session_of(EARLY, "VIX")
    assert shares == session_of(date(2015, 12, 23), "GOOG")
    assert shares is not None
    assert index is not None
    assert half is not None
    assert index.close - shares.close == 15 * MINUTE
    assert half.close == from_iso("2015-12-24T13:15:00-05:00")


def test_a_session_is_open_up_to_but_not_at_its_close() -> None:
    """The first moment counts, the closing bell does not."""
    session = session_of(EARLY)
    assert session is not None
    around = (session.open - 1, session.open, session.close - 1, session.close)
    assert [session.is_open(at) for at in around] == [False, True, True, False]


def test_a_saturday_expiry_trades_last_on_its_friday() -> None:
    """The last session on or before a date: itself on a trading day, the day before on a holiday."""
    assert last_session(date(2014, 6, 21)).day == date(2014, 6, 20)
    assert last_session(date(2025, 4, 18)).day == date(2025, 4, 17)
    assert last_session(EARLY).day == EARLY


def test_a_time_belongs_to_its_day_in_new_york() -> None:
    """Half past midnight UTC is still the evening before in New York."""
    assert day_at(from_iso("2015-12-25T00:30:00Z")) == EARLY


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
def test_a_day_outside_the_calendar_is_refused(day: date) -> None:
    """The refusal names the day and the years there are."""
    with pytest.raises(SessionError, match=f"{day} is outside the calendar, which holds 2000 to 2099"):
        session_of(day)


def test_the_session_of_a_moment_and_the_next_one() -> None:
    """After Christmas Eve's open comes Monday; just before an open comes that open; decades are crossed."""
    eve = session_of(EARLY)
    assert eve is not None
    around = (eve.open - 1, eve.open, eve.close - 1, eve.close)
    assert [session_at(at) for at in around] == [None, eve, eve, None]
    assert next_session(eve.open - 1) == eve
    assert next_session(eve.open).day == date(2015, 12, 28)
    assert next_session(from_iso("2019-12-31T15:00:00Z")).day == date(2020, 1, 2)


def test_the_calendar_of_the_core_knows_nothing_beyond_its_years() -> None:
    """After the last session there is no next one, and before the first none is open: no answer, and no error."""
    end = from_iso("2099-12-31T23:00:00Z")
    with pytest.raises(SessionError, match="the calendar ends with 2099"):
        next_session(end)
    assert EXCHANGE.next_after(end) is None
    assert EXCHANGE.open_at(from_iso("1999-12-31T15:00:00Z")) is None
    assert EXCHANGE.last_close("ACME") is None
    assert EXCHANGE.cut_off("ACME", 10.0) is None


def test_the_calendar_goes_to_its_last_day() -> None:
    """The last session that there is, is found on its own evening."""
    assert last_session(day_at(from_iso("2099-12-31T23:00:00Z"))).day == date(2099, 12, 31)
