"""Numbers as a person types them."""

import re
from math import isfinite

from bot.word_fault import SHOWN_CHARACTERS, WordFault


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
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not isfinite(found):
        raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is not a number, e.g. 30 or 0.5")
    return found
