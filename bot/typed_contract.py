"""Contracts as a person types them: ``GOOG 2015-12-31 750 C``, or ``buy GOOG 2015-12-31 750 C / sell 760 C``."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from bot.word_fault import SHOWN_CHARACTERS, WordFault
from options.contract import Combo, ContractError, OptionContract, Right, Stock, parse_key

LIKE = "GOOG 2015-12-31 750 C"
COMBO_LIKE = "buy GOOG 2015-12-31 750 C / sell 760 C"
_OPTION = re.compile(
    r"(?:(?P<root>[A-Z]{1,6}[0-9]?) +)?(?:(?P<day>[0-9]{1,2} +[A-Z]{3,9} +[0-9]{4}|[0-9]\S*[-/.]\S+) +)?"
    r"\$?(?P<strike>[0-9.,]+) *(?P<right>C|P|CALLS?|PUTS?)"
)
_AS_KEY = re.compile(r"[^ ]+|[^ ]{1,6} [0-9]{6}[CP][0-9]{8}")
_STOCK = re.compile(r" (STOCK|SHARES?)(?= *(/|,|$))")
_SIDE = re.compile(r"(?:(?P<word>BUY|SELL)\b|(?P<sign>[+-])) *")
_RATIO = re.compile(r"(?P<ratio>[0-9]{1,6}) *[X*]? +")
_SEPARATOR = re.compile(r" */ +| +/ *|,(?![0-9]{3}\b)")
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
    typed = _STOCK.sub("", " ".join(text.upper().split()))
    try:
        if "*" in typed:
            return parse_key(text.strip().upper()).key
        legs = [leg.strip() for leg in _SEPARATOR.split(typed)]
        if len(legs) > 1 or _SIDE.match(typed):
            return _combo(legs).key
        option = _plain(typed, _Before())
        if option is None and not _AS_KEY.fullmatch(typed):
            raise WordFault(
                f"{text[:SHOWN_CHARACTERS]!r} is no contract: it has no date and strike as in '{LIKE}'"
            )
        return (option or parse_key(text.strip().upper() if " " in typed else typed)).key
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
    instrument = parse_key(rest)
    assert not isinstance(instrument, Combo), "a leg has no '*'"
    return sign * number, instrument


def _plain(text: str, before: _Before) -> OptionContract | None:
    """An option in words, with what it leaves out taken from the leg before; ``None`` if these are no such words."""
    words = _OPTION.fullmatch(text)
    if words is None:
        return None
    root = words["root"] or before.root
    expiry = before.expiry if words["day"] is None else _date(words["day"])
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


def _date(text: str) -> date:
    """``2015-12-31`` or ``31 Dec 2015``."""
    parts = text.split()
    try:
        if len(parts) == 1:
            return date.fromisoformat(text)
        return date(int(parts[2]), _MONTHS.index(parts[1][:3]) + 1, int(parts[0]))
    except ValueError:
        raise WordFault(
            f"{text[:SHOWN_CHARACTERS]!r} is no date: write it as 2015-12-31 or 31 Dec 2015"
        ) from None
