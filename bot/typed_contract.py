"""Contracts as a person types them: ``GOOG 2015-12-31 750 C``, or ``buy GOOG 2015-12-31 750 C / sell 760 C``."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from bot.word_fault import SHOWN_CHARACTERS, WordFault
from options.contract import Combo, ContractError, OptionContract, Right, Stock, parse_key
from options.underlying import share_symbol

LIKE = "GOOG 2015-12-31 750 C"
COMBO_LIKE = "buy GOOG 2015-12-31 750 C / sell 760 C"
_ROOT = r"(?:(?P<root>[A-Z]{1,6}(?:[./][A-Z]{1,2})?[0-9]?) +)?"
_DAY = r"(?P<day>[0-9]{1,2} +[A-Z]{3,9} +[0-9]{4}|[A-Z]{3,9} +[0-9]{1,2} +[0-9]{4}|[0-9]\S*[-/.]\S+)"
_STRIKE = r"\$?(?P<strike>[0-9.,]+) *(?P<right>C|P|CALLS?|PUTS?)"
_OPTION = re.compile(rf"{_ROOT}(?:{_DAY} +)?{_STRIKE}")
_STRIKE_FIRST = re.compile(rf"{_ROOT}{_STRIKE} +{_DAY}")
_OCC = re.compile(r"([A-Z]{1,6}[0-9]?) *([0-9]{6}[CP][0-9]{8})")
_CASHTAG = re.compile(r"(?<!\S)\$(?=[A-Z])")
_MONTH_FIRST = re.compile(r"\b([A-Z]{3,9} [0-9]{1,2}),(?= [0-9]{4}\b)")
_STOCK = re.compile(r" (STOCK|SHARES?)(?= *(/|,|$))")
_SIDE = re.compile(r"(?:(?P<word>BUY|SELL)\b|(?P<sign>[+-])) *")
_RATIO = re.compile(r"(?P<ratio>[0-9]{1,6}) *[X*]? +")
_SEPARATOR = re.compile(r" */ +| +/ *|,(?![0-9]{3}\b)")
_PARTS = ("day", "month", "year")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class _Before(NamedTuple):
    """What a leg may leave out, as it stood in the one before."""

    root: str = ""
    expiry: date | None = None


def contract_key(text: str) -> str:
    """The key of an instrument: an OCC symbol, a stock's symbol, a combo's key, or any of them in words.

    The legs of a combo are parted by ``/`` or a comma, each with ``buy`` or ``sell`` (or a sign) and a ratio before it;
    a leg on the same symbol, or with the same expiry, as the one before need not repeat it.

    :raises WordFault: it is none of them; the text says what is wrong and what would be right.
    """
    typed = _CASHTAG.sub("", _STOCK.sub("", " ".join(text.upper().split())))
    typed = _MONTH_FIRST.sub(r"\1", typed)
    try:
        if "*" in typed:
            return parse_key(text.strip().upper()).key
        legs = [leg.strip() for leg in _SEPARATOR.split(typed)]
        if len(legs) > 1 or _SIDE.match(typed):
            return _combo(legs).key
        option = _plain(typed, _Before())
        if option is not None:
            return option.key
        key = _as_key(typed)
        if key is None:
            raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is no contract; an option is written '{LIKE}'")
        return parse_key(key).key
    except ContractError as error:
        right = COMBO_LIKE if "/" in typed or "*" in typed or "," in typed else LIKE
        raise WordFault(f"{error}; or in words: '{right}'") from None


def _combo(legs: list[str]) -> Combo:
    found: list[tuple[int, OptionContract | Stock]] = []
    before = _Before()
    for leg in legs:
        ratio, instrument = _leg(leg, before)
        found.append((ratio, instrument))
        if isinstance(instrument, OptionContract):
            before = _Before(instrument.root, instrument.expiry)
        else:
            before = _Before(instrument.symbol)
    if len(found) < 2:
        raise WordFault(
            f"a single leg takes no buy or sell before it: '{LIKE}', and --short to sell it to open"
        )
    keys = [instrument.key for _, instrument in found]
    twice = next((key for key in keys if keys.count(key) > 1), "")
    if twice:
        raise WordFault(f"{parse_key(twice).plain} is in the combo twice: give it one ratio")
    return Combo.of(*found)


def _leg(text: str, before: _Before) -> tuple[int, OptionContract | Stock]:
    side = _SIDE.match(text)
    if side is None:
        raise WordFault(f"leg {text[:SHOWN_CHARACTERS]!r} needs buy or sell before it, as in '{COMBO_LIKE}'")
    sign = -1 if "SELL" in side.group() or "-" in side.group() else 1
    rest = text[side.end() :]
    option = _plain(rest, before)
    if option is not None:
        return sign, option
    ratio = _RATIO.match(rest)
    number = 1 if ratio is None else int(ratio["ratio"])
    rest = rest if ratio is None else rest[ratio.end() :]
    option = _plain(rest, before)
    if option is not None:
        return sign * number, option
    key = _as_key(rest)
    if key is None:
        raise WordFault(
            f"leg {text[:SHOWN_CHARACTERS]!r} is no contract; legs are parted by /, as in '{COMBO_LIKE}'"
        )
    instrument = parse_key(key)
    assert not isinstance(instrument, Combo), "a leg has no '*'"
    return sign * number, instrument


def _as_key(typed: str) -> str | None:
    """A symbol, or an OCC symbol with any blanks between its parts; ``None`` for several words."""
    occ = _OCC.fullmatch(typed)
    if occ is not None:
        return f"{occ[1]:<6}{occ[2]}"
    return share_symbol(typed) if typed and " " not in typed else None


def _plain(text: str, before: _Before) -> OptionContract | None:
    """An option in words, with what it leaves out taken from the leg before; ``None`` if these are no such words."""
    words = _OPTION.fullmatch(text) or _STRIKE_FIRST.fullmatch(text)
    if words is None:
        return None
    root = re.sub("[./]", "", words["root"] or before.root)  # an option's root has no dot: BRK.B is BRKB
    expiry = before.expiry if words["day"] is None else typed_date(words["day"])
    if not root or expiry is None:
        missing = "symbol" if not root else "expiry"
        raise WordFault(f"{text[:SHOWN_CHARACTERS]!r} is no contract: it has no {missing}, as in '{LIKE}'")
    try:
        strike = Decimal(words["strike"].replace(",", ""))
    except InvalidOperation:
        raise WordFault(
            f"strike {words['strike'][:SHOWN_CHARACTERS]!r} is not a price in dollars, e.g. 750"
        ) from None
    return OptionContract(root=root, expiry=expiry, right=Right(words["right"][0]), strike=strike)


def typed_date(text: str) -> date:
    """``2015-12-31``, ``31 Dec 2015`` or ``Dec 31 2015``.

    :raises WordFault: it is none of them, or no day of the calendar.
    """
    parts = text.upper().replace(",", " ").split()
    try:
        if len(parts) != len(_PARTS):
            return date.fromisoformat(text.strip())
        day, month = parts[:2] if parts[0].isdecimal() else (parts[1], parts[0])
        return date(int(parts[2]), _MONTHS.index(month[:3]) + 1, int(day))
    except ValueError:
        raise WordFault(
            f"{text[:SHOWN_CHARACTERS]!r} is no date: write it as 2015-12-31 or 31 Dec 2015"
        ) from None
