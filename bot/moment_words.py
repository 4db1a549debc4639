"""Moments in a text that the core wrote, as people read them."""

import re

from bot.card_text import new_york_clock, new_york_day

_MOMENT = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def in_new_york(text: str) -> str:
    """A text with each UTC moment in it as New York's: ``the market closed at 24 Dec 2015 13:00:00 ET``."""
    return _MOMENT.sub(lambda found: f"{new_york_day(found[0])} {new_york_clock(found[0])} ET", text)
