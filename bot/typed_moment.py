"""Times as a person types them: New York's, unless they say another zone."""

import re
from datetime import date, datetime, time, timedelta

from bot.sessions import NEW_YORK, day_at
from bot.word_fault import SHOWN_CHARACTERS, WordFault
from options.book import Day
from options.plan_check import TIME_MAX
from options.values import Micros, from_iso, micros_of

TOMORROW = "tomorrow"
_HALF_DAY = re.compile(r"([0-9]{1,2})(:[0-9]{2})? ?([AaPp])\.?[Mm]\.?$")


def typing_day(ledgers: Day, now: Micros) -> date:
    """The day of a time without a date: the ledger's while it lasts or where time is its own, else today.

    None is before the ledger's.
    """
    today = day_at(now)
    day = date.fromisoformat(ledgers.day) if ledgers.day else today
    return max(today, day) if ledgers.ended and not ledgers.own_time else day


def moment(text: str, day: date) -> Micros:
    """A time: ``15:50`` or ``3:50pm`` is New York's on ``day``, or on the date before it; else ISO 8601.

    A zone behind the clock holds instead of New York's, as in ``2015-12-24 20:50Z``.

    :raises WordFault: it is none of these, or lies outside the years 1970 to 2099.
    """
    at = _moment(text, day)
    if not 0 < at < TIME_MAX:
        raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is not in the years 1970 to 2099")
    return at


def _moment(text: str, day: date) -> Micros:
    named, space, clock = _full_day(text.strip()).rpartition(" ")
    try:
        if not space and ("T" in text or text.strip()[4:5] == "-"):
            return from_iso(text.strip())
        clock = clock if clock[1:2] != ":" else f"0{clock}"
        if named.lower() == TOMORROW:
            day += timedelta(days=1)
        elif named:
            day = date.fromisoformat(named)
        at = time.fromisoformat(clock)
        return micros_of(datetime.combine(day, at, NEW_YORK if at.tzinfo is None else at.tzinfo))
    except (ValueError, OverflowError):
        right = "a time: 15:50 (New York), tomorrow 10:00, 2015-12-24 15:50 or 2015-12-24T15:50:00-05:00"
        raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is not {right}") from None


def _full_day(text: str) -> str:
    """The text with a time at its end that says ``am`` or ``pm`` written in 24 hours."""
    found = _HALF_DAY.search(text)
    if found is None or not 1 <= int(found[1]) <= 12:
        return text
    hour = int(found[1]) % 12 + (12 if found[3] in "Pp" else 0)
    return f"{text[: found.start()]}{hour:02d}{found[2] or ':00'}"
