"""Text that is safe to show: what strangers wrote made harmless, lengths as Discord counts them, numbers and times.

Everything a person or a signal wrote (source, reason, symbol) goes through :func:`safe_text` before it is shown
anywhere: on Discord it can then neither ping, link, format nor hide anything, and on a terminal it cannot steer.
Characters that mean something are replaced by others that look alike, not escaped: a backslash would be visible where
no markup is rendered, and could be cut off from what it guards.
"""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from options.contract import Combo, ContractError, OptionContract, Stock, parse_key
from options.values import datetime_of, from_iso

NOTHING = "–"
ELLIPSIS = "…"
MINUS = "−"
SYMBOL_LENGTH = 80
NEW_YORK = ZoneInfo("America/New_York")
_UTF16_WIDE = 0xFFFF
_COMBINING_MAX = 2

_LOOKALIKES = str.maketrans(
    {
        "*": "\N{ASTERISK OPERATOR}",
        "~": "\N{TILDE OPERATOR}",
        "`": "'",
        "|": "\N{DIVIDES}",
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        "@": "\N{CIRCLED LATIN SMALL LETTER A}",
        "#": "\N{MUSIC SHARP SIGN}",
        "[": "(",
        "]": ")",
        "\\": "\N{REVERSE SOLIDUS OPERATOR}",
    }
)
_COLON = "\N{RATIO}"
_DOT = "\N{MIDDLE DOT}"
# Letters and marks by their category that show nothing, or that only choose how the one before is drawn.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})
# An underscore inside a word formats nothing and belongs to names like follow_signal; any other one may.
_UNDERSCORE = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_LOW_LINE = "\N{MODIFIER LETTER LOW MACRON}"
_LINK = re.compile(r":(?=//)")
# A host's name, by what makes it one to a reader: a path after it, or www in front. File names stay as they are.
_HOST_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_][^\s/]*/)|(?<=\bwww)\.", re.IGNORECASE)
_EMOJI_NAME = re.compile(r":(?=[^\W\d][^\s:]*:)")
_PERSON_ID = re.compile(r" \([0-9]{15,20}\)")
_LIST_START = re.compile(r"^(?:[-+](?=\s)|(\d+)\.(?=\s))")


def width(text: str) -> int:
    """How long a text is in UTF-16 units: never less than its code points, whichever of the two is counted."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """The text if it has at most ``limit`` UTF-16 units, else its beginning and an ellipsis."""
    if len(text) * 2 <= limit or width(text) <= limit:
        return text
    room = limit - len(ELLIPSIS)
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > _UTF16_WIDE else 1
        if used > room:
            return text[:index].rstrip() + ELLIPSIS
    raise AssertionError("a text that is too long has a place to cut it")


def safe_text(text: str, limit: int) -> str:
    """One line of at most ``limit`` UTF-16 units in which nothing pings, links, formats, hides or steers.

    Never empty: a text of which nothing is left is shown as a dash.
    """
    # A text far beyond the limit is cut before the work; what is dropped rarely makes up for the rest.
    normal = unicodedata.normalize("NFC", text[: limit * 4])
    line = " ".join(_visible(normal).translate(_LOOKALIKES).split())
    line = _UNDERSCORE.sub(_LOW_LINE, line)
    line = _LINK.sub(_COLON, line)
    line = _EMOJI_NAME.sub(_COLON, line)
    line = _HOST_DOT.sub(_DOT, line)
    line = _LIST_START.sub(lambda start: f"{start[1]}{_DOT}" if start[1] else NOTHING, line)
    return clip(line, limit) or NOTHING


def without_ids(text: str) -> str:
    """A text without the ids that stand behind the names of Discord's people: ``close by Ada``."""
    return _PERSON_ID.sub("", text)


def _visible(text: str) -> str:
    """The characters that show, every space and line end as a plain space, at most two marks on one letter."""
    shown: list[str] = []
    marks = 0
    for character in _INVISIBLE.sub("", text):
        if " " <= character <= "~":
            shown.append(character)
            marks = 0
            continue
        category = unicodedata.category(character)
        if category in _SPACES or character in "\t\n\r\v\f\x85":
            shown.append(" ")
        elif category not in _DROPPED:
            marks = marks + 1 if category.startswith("M") else 0
            if marks <= _COMBINING_MAX:
                shown.append(character)
    return "".join(shown)


# --- instruments ------------------------------------------------------------------------------------------------


def contract_words(key: str) -> str:
    """An instrument in plain words, e.g. ``GOOG 31 Dec 2015 $750 call``; a key that is none is shown as it is."""
    instrument = _instrument(key)
    return safe_text(key, SYMBOL_LENGTH) if instrument is None else clip(instrument.plain, 2 * SYMBOL_LENGTH)


def short_contract(key: str) -> str:
    """An option as desks write it where there is little room, ``GOOG 31Dec15 750C``; anything else in plain words."""
    option = _instrument(key)
    if not isinstance(option, OptionContract):
        return contract_words(key)
    name = option.plain.partition(" ")[0]
    return f"{name} {option.expiry.day}{option.expiry:%b%y} {option.strike.normalize():f}{option.right.value}"


def unit_word(key: str, count: int = 1) -> str:
    """What one piece of an instrument is called: a contract, a share, or a combo."""
    instrument = _instrument(key)
    word = (
        "share" if isinstance(instrument, Stock) else "combo" if isinstance(instrument, Combo) else "contract"
    )
    return word if abs(count) == 1 else f"{word}s"


def is_option(key: str) -> bool:
    """True if the key is an OCC symbol, which is worth showing beside its words."""
    return isinstance(_instrument(key), OptionContract)


@lru_cache(maxsize=4096)
def _instrument(key: str) -> OptionContract | Stock | Combo | None:
    try:
        return parse_key(key)
    except ContractError:
        return None  # shown as it stands: a display refuses nothing


# --- numbers and times ------------------------------------------------------------------------------------------


def price_text(price: Decimal | float | None) -> str:
    """A price with two to four decimals, ``9.80`` or ``0.0125``; a dash when there is none."""
    if price is None:
        return NOTHING
    text = f"{price:,.4f}".replace("-", MINUS)
    return text[:-2] + text[-2:].rstrip("0")


def dollars_text(amount: Decimal | float | None, *, signed: bool = True) -> str:
    """An amount to the cent: ``+$480.00``, ``−$12.50``, ``$0.00``; a dash when it is not known."""
    if amount is None:
        return NOTHING
    digits = f"{abs(amount):,.2f}"
    zero = not digits.strip("0.,")
    sign = "" if zero else MINUS if amount < 0 else "+" if signed else ""
    return f"{sign}${digits}"


def count_text(count: int, word: str) -> str:
    """How many there are of something: ``1 fill``, ``1,200 fills``."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def percent_text(fraction: float | None) -> str:
    """A fraction as ``+24.5%`` or ``−3.0%``; a dash when it is not known."""
    if fraction is None:
        return NOTHING
    text = f"{fraction * 100:+,.1f}%".replace("-", MINUS)
    return "0.0%" if text[1:] == "0.0%" else text


def new_york_clock(ts: str) -> str:
    """The time of day in New York, ``10:12:33``; a text that is no time is shown as a dash."""
    return _new_york(ts, "%H:%M:%S")


def new_york_moment(ts: str, seen_from: str) -> str:
    """A time in New York, with its date where that is not the date of ``seen_from``: ``8 Jan 2016 15:50:00 ET``."""
    return f"{new_york_time(ts, seen_from)} ET"


def new_york_time(ts: str, seen_from: str) -> str:
    """The time of day in New York, behind its date where that is not the date of ``seen_from``."""
    day = "" if new_york_day(ts) == new_york_day(seen_from) else f"{new_york_day(ts)} "
    return f"{day}{new_york_clock(ts)}"


def new_york_day(ts: str) -> str:
    """The date in New York, ``24 Dec 2015``."""
    return _new_york(ts, "%d %b %Y").lstrip("0")


@lru_cache(maxsize=4096)
def _new_york(ts: str, pattern: str) -> str:
    try:
        at = from_iso(ts)
        return datetime_of(at).astimezone(NEW_YORK).strftime(pattern)
    except (ValueError, OverflowError):
        return NOTHING  # as above: a display refuses nothing
