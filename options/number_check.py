"""Numbers that a person or a file gives: what is wrong with one, in words that can be shown."""

from decimal import Decimal
from math import inf

LEVEL_MAX = Decimal(100_000)
SECONDS_MAX = 365 * 86_400.0
DECIMALS_MAX = 6
_SHOWN_CHARACTERS = 40


def number_fault(
    name: str, value: Decimal | float | None, low: float, high: float | Decimal, unit: str
) -> tuple[str, ...]:
    """Why a value is no number above ``low`` and at most ``high``; nothing where none was given."""
    if value is None:
        return ()
    if not (_finite(value) and low < value <= high):
        shown = str(value)[:_SHOWN_CHARACTERS]
        return (f"{name} {shown} is not above {low:g} and at most {high:,.15g} {unit}",)
    if isinstance(value, Decimal) and int(value.as_tuple().exponent) < -DECIMALS_MAX:
        return (f"{name} {str(value)[:_SHOWN_CHARACTERS]} has more than {DECIMALS_MAX} decimals",)
    return ()


def minutes_of(seconds: float | None) -> float | None:
    """A time to hold as people give it, in minutes; what is no number is left as it is."""
    if seconds is None or not _finite(seconds):
        return seconds
    if abs(seconds) > SECONDS_MAX:
        return seconds / 60
    minutes = round(seconds / 60, 6)
    return int(minutes) if minutes == int(minutes) and minutes else minutes


def _finite(value: Decimal | float) -> bool:
    """Whether a number is one; a signalling NaN, which cannot even be compared, is none."""
    return value.is_finite() if isinstance(value, Decimal) else -inf < value < inf


def whole_text(value: int) -> str:
    """A whole number as it is shown: one with thousands of digits by how long it is."""
    return str(value) if abs(value) < 10**_SHOWN_CHARACTERS else f"of {value.bit_length()} bits"
