"""Why something was refused, safe to show and as it would be typed again."""

import re

from bot.card_text import safe_text
from bot.moment_words import in_new_york

# A number behind the sign is a price and nobody's name; Discord's ids have many more digits.
_PRICE_SIGN = re.compile(r"ⓐ(?=[0-9]{1,6}(?:\.[0-9]{1,6})?(?![\w.]*\w))")


def reason_text(reason: str, limit: int) -> str:
    """A reason in one safe line of at most ``limit`` UTF-16 units: moments are New York's, ``@8.50`` stays a price."""
    return _PRICE_SIGN.sub("@", safe_text(in_new_york(reason), limit))
