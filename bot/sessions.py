"""Which sessions the exchange holds: open, close, holidays and early closes, from the XNYS calendar.

Equity options trade while the New York Stock Exchange does. Broad index options trade a quarter of an hour longer.
"""

import warnings
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import exchange_calendars

from options.session import Session
from options.values import MINUTE, Micros, datetime_of, micros_of

FIRST_YEAR = 2000
LAST_YEAR = 2099
NEW_YORK = ZoneInfo("America/New_York")

# Cboe: these close at 16:15 New York, or 13:15 on half days. The last day of a PM-settled series is the exception
# (16:00); a caller that holds one over its last hours must ask without a symbol.
LATE_CLOSE_SYMBOLS = frozenset({"DJX", "NDX", "OEX", "RUT", "SPX", "VIX", "XEO", "XSP"})
_LATE_CLOSE: Micros = 15 * MINUTE


class SessionError(ValueError):
    """A day lies outside the calendar."""


def session_of(day: date, symbol: str | None = None) -> Session | None:
    """The session of a New York date, or ``None`` on a weekend or holiday.

    :param symbol: the underlying; broad indices close later than shares. Left out: shares.
    :raises SessionError: the year is outside 2000 to 2099.
    """
    session = _decade(_checked(day).year // 10).get(day)
    if session is None or symbol not in LATE_CLOSE_SYMBOLS:
        return session
    return Session(day, session.open, session.close + _LATE_CLOSE, session.half_day)


def session_at(at: Micros) -> Session | None:
    """The session that is open at ``at``, or ``None`` while the market is closed.

    :raises SessionError: the year is outside 2000 to 2099.
    """
    session = session_of(day_at(at))
    return session if session is not None and session.is_open(at) else None


def next_session(after: Micros) -> Session:
    """The first session that opens after ``after``.

    :raises SessionError: there is none before the year 2100.
    """
    day = _checked(day_at(after))
    for decade in (day.year // 10, day.year // 10 + 1):
        sessions = list(_decade(decade).values())
        place = bisect_right(sessions, after, key=lambda session: session.open)
        if place < len(sessions):
            return sessions[place]
    raise SessionError(f"no session after {day}: the calendar ends with {LAST_YEAR}")


def last_session(day: date) -> Session:
    """The last session on or before a date: what a series trades last that expires on a Saturday or a holiday.

    :raises SessionError: the year is outside 2000 to 2099.
    """
    for back in range(10):
        session = session_of(day - timedelta(days=back))
        if session is not None:
            return session
    raise SessionError(f"no session in the ten days before {day}")


def day_at(at: Micros) -> date:
    """The New York date at a time in microseconds UTC."""
    return datetime_of(at).astimezone(NEW_YORK).date()


def end_of_day(day: date) -> Micros:
    """The last microsecond of a New York date."""
    return micros_of(datetime.combine(day + timedelta(days=1), time(), NEW_YORK)) - 1


def _checked(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise SessionError(f"{day} is outside the calendar, which holds {FIRST_YEAR} to {LAST_YEAR}")
    return day


@lru_cache(maxsize=16)
def _decade(decade: int) -> dict[date, Session]:
    """The sessions of ten years, in order. Naming the range is what makes the calendar reach back before 2006."""
    if not FIRST_YEAR <= decade * 10 <= LAST_YEAR:
        return {}
    with warnings.catch_warnings():
        # The package speaks to pandas in words that pandas 3 deprecates; nothing here could answer that.
        warnings.simplefilter("ignore", DeprecationWarning)
        calendar = exchange_calendars.get_calendar("XNYS", start=f"{decade}0-01-01", end=f"{decade}9-12-31")
    early = {stamp.date() for stamp in calendar.early_closes}
    sessions = {}
    for day, opening, closing in zip(calendar.sessions, calendar.opens, calendar.closes, strict=True):
        at = day.date()
        sessions[at] = Session(at, _micros(opening), _micros(closing), at in early)
    return sessions


def _micros(stamp: datetime) -> Micros:
    """Microseconds of a calendar time, which is UTC whether it says so or not, and falls on a whole second."""
    aware = stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp
    return round(aware.timestamp()) * 1_000_000
