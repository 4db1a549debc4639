"""Time, prices and money as the core speaks them.

Time is an ``int``: microseconds since the Unix epoch, UTC (:data:`Micros`). On disk it is ISO 8601 with six
digits of microseconds and ``Z``, a fixed width, so that the order of the text is the order of time.
Booked prices and cash are :class:`~decimal.Decimal`; floats are for marks, greeks and pictures.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from math import isfinite

Micros = int

SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
DAY: Micros = 86_400 * SECOND

ZERO = Decimal(0)
CENT = Decimal("0.01")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


class Side(StrEnum):
    """The direction of an order or a fill."""

    BUY = "BUY"
    SELL = "SELL"

    def __init__(self, name: str) -> None:
        self.sign = 1 if name == "BUY" else -1  # of the quantity that it adds


# What every fill asks for has a name of its own: a member is looked for in all the classes of its enumeration.
BUY, SELL = Side.BUY, Side.SELL


@lru_cache(maxsize=1024)
def to_iso(at: Micros) -> str:
    """Write a time as the ledger does: ``2015-12-24T14:30:00.000000Z`` (27 characters)."""
    seconds, micros = divmod(at, SECOND)
    day, second = divmod(seconds, 86_400)
    return f"{_day_text(day)}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{micros:06d}Z"


@lru_cache(maxsize=64)
def _day_text(day: int) -> str:
    """The date that many days after the epoch."""
    return (_EPOCH + timedelta(days=day)).date().isoformat()


@lru_cache(maxsize=1024)
def from_iso(text: str) -> Micros:
    """Read an ISO 8601 time that names its offset.

    :raises ValueError: the text is no ISO 8601 time, names no offset from UTC, or lies outside the years 1 to 9999.
    """
    return micros_of(datetime.fromisoformat(text))


def micros_of(when: datetime) -> Micros:
    """Microseconds since the epoch of an aware datetime.

    :raises ValueError: the datetime is naive, or its year in UTC is none of 1 to 9999 and could not be written.
    """
    if when.tzinfo is None:
        raise ValueError("the time names no offset from UTC, e.g. 2015-12-24T10:00:00-05:00")
    at = (when - _EPOCH) // _MICROSECOND
    if not _FIRST <= at <= _LAST:
        raise ValueError("in UTC the time lies outside the years 1 to 9999")
    return at


def datetime_of(at: Micros) -> datetime:
    """The aware UTC datetime of a time in microseconds."""
    return _EPOCH + at * _MICROSECOND


@lru_cache(maxsize=65_536)
def price_from_float(price: float) -> Decimal:
    """The decimal that a quoted float stands for: its shortest text, which is what the exchange printed."""
    if not isfinite(price):
        raise ValueError(f"a price must be finite, not {price}")
    return Decimal(repr(price))
