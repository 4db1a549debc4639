"""Prices, parts and amounts as a person types them."""

import re
from decimal import Decimal
from math import isinf

from bot.typed_number import decimal_of
from bot.word_fault import SHOWN_CHARACTERS, WordFault

_BARE_PART_MAX = 5
"""12 is more likely a price, and 30 more likely 30%, than twelve or thirty times the entry."""


def price(text: str) -> Decimal:
    """Dollars, with or without ``$`` or ``@`` before them; a minus may stand before or behind that.

    :raises WordFault: it is no number.
    """
    return _number(_digits_of(text), text, "a price in dollars, e.g. 8.50")


def fraction(text: str) -> Decimal:
    """A fraction, ``0.25``, or the same as ``25%`` or ``¼``.

    :raises WordFault: it is no number.
    """
    parts = {"½": "0.5", "¼": "0.25", "¾": "0.75", "half": "0.5", "1/2": "0.5", "1/4": "0.25", "3/4": "0.75"}
    right, bare = "a fraction, e.g. 0.25 or 25%", text.strip()
    if bare.endswith("%"):
        return _number(bare[:-1], text, right) / 100
    return _number(parts.get(bare, bare), text, right)


def part_of_mid(text: str) -> float:
    """A spread as a part of the mid: ``0.05``, ``5%``.

    :raises WordFault: it is no number, or one beyond all measure.
    """
    found = float(fraction(text))
    if isinf(found):
        raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is not a fraction, e.g. 0.25 or 25%")
    return found


def share(text: str) -> Decimal:
    """What part of a position an exit takes: ``½``, ``0.5``, ``50%``; all of it is ``100%``.

    :raises WordFault: it is no number, or one that may be meant as contracts.
    """
    found = fraction(text)
    if abs(found) >= 1 and not text.strip().endswith("%"):
        shown = text[:SHOWN_CHARACTERS]
        raise WordFault(f"{shown!r} may be contracts, and a part is asked for: write ½ or 50%, 100% for all")
    return found


def part_of_entry(text: str) -> Decimal:
    """A gain or a loss as a part of the entry: ``0.25``, ``25%``. From 5 on it is written with its ``%``.

    :raises WordFault: it is no number, or may be meant otherwise.
    """
    found = fraction(text)
    if _is_unclear(text, found):
        shown = text[:SHOWN_CHARACTERS]
        raise WordFault(f"{shown!r} would be {shown} times the entry: write {shown}% if that is meant")
    return found


def part_or_price(text: str) -> Decimal:
    """As :func:`part_of_entry`, for what may also be a price, ``@8.50``.

    :raises WordFault: as there; the text says how a price is written.
    """
    try:
        found = fraction(text)
    except WordFault as fault:
        raise WordFault(f"{fault}; a price is written @8.50") from None
    if _is_unclear(text, found):
        shown = text[:SHOWN_CHARACTERS]
        raise WordFault(f"{shown!r} may be a price or a percentage: write @{shown} or {shown}%")
    return found


def _is_unclear(text: str, found: Decimal) -> bool:
    return abs(found) >= _BARE_PART_MAX and not text.strip().endswith("%")


def stop_level(text: str) -> Decimal | None:
    """Where a stop goes: dollars, or ``None`` for the entry, which is typed ``even``.

    :raises WordFault: it is neither.
    """
    if text.strip().lower() == "even":
        return None
    right = "a price in dollars, e.g. 8.50, nor 'even' for the entry"
    return _number(_digits_of(text.strip()), text, right, "neither")


def trim_amount(text: str) -> tuple[int | None, Decimal | None]:
    """How much to trim: a number of contracts, or a fraction of what is held; the other one is ``None``.

    :raises WordFault: it is neither.
    """
    if re.fullmatch(r"-?[0-9]{1,40}", text.strip()):
        return int(text), None
    over = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
    if over is not None and int(over[2]):
        return None, Decimal(over[1]) / Decimal(over[2])
    try:
        return None, fraction(text)
    except WordFault:
        right = "neither a number of contracts nor a part of them, e.g. 2, ½ or 25%"
        raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is {right}") from None


def _digits_of(text: str) -> str:
    """A price without what marks it as one; its minus may be the one that cards show."""
    digits = text.replace("\N{MINUS SIGN}", "-").lstrip("@")
    return (f"-{digits[2:]}" if digits.startswith("-$") else digits).lstrip("$@")


def _number(digits: str, text: str, right: str, is_not: str = "not") -> Decimal:
    found = decimal_of(digits)
    if found is None:
        raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is {is_not} {right}")
    return found
