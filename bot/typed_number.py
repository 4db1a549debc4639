"""Numbers as a person types them."""

import re
from decimal import Decimal
from math import isfinite

from bot.word_fault import SHOWN_CHARACTERS, WordFault

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?")


def whole(text: str) -> int:
    """A whole number as it is typed.

    :raises WordFault: it is none.
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()):
        raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is not a whole number of at most 18 digits, e.g. 4")
    return int(text)


def number(text: str) -> float:
    """A number as it is typed.

    :raises WordFault: it is none.
    """
    digits = decimal_of(text)
    found = float("nan") if digits is None else float(digits)
    if not isfinite(found):
        raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is not a number, e.g. 30 or 0.5")
    return found


def decimal_of(text: str) -> Decimal | None:
    """The finite number that a text is, blanks around it left out; ``None`` where it is none.

    ``1_0`` is none, as it may have been meant for ``1.0``: only digits, a point, a sign and an exponent are read.
    """
    return Decimal(text.strip()) if _NUMBER.fullmatch(text.strip()) else None
