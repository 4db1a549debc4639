"""What can be traded: option contracts with their OCC symbols, stocks, and combos of several legs.

Every instrument has a ``key``: the text under which quotes, orders and positions are kept and which the ledger
shows. For an option that is its 21-character OCC symbol (root padded to 6, ``yymmdd``, ``C`` or ``P``, strike in
thousandths of a dollar over 8 digits), e.g. ``GOOG  151224C00750000``. Keys are interned: every quote looks things up
by them, and a text that is the very one in the table is found without being compared.
"""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from sys import intern

import msgspec

from options.underlying import WEEKLY_CLASSES, underlying_of_root

OCC_LENGTH = 21
_SHOWN_CHARACTERS = 40
STRIKE_MAX = Decimal("99999.999")
_THOUSANDTHS = 1000
_ROOT = re.compile(r"[A-Z]{1,5}[0-9]?|[A-Z]{6}")
_OCC = re.compile(r"(?P<root>[A-Z]{1,6}[0-9]? *)(?P<expiry>[0-9]{6})(?P<right>[CP])(?P<strike>[0-9]{8})")


class ContractError(ValueError):
    """A symbol or a contract's terms cannot be right; the text says which part and what would be."""


class Right(StrEnum):
    """Call or put."""

    CALL = "C"
    PUT = "P"


class OptionContract(msgspec.Struct, frozen=True, kw_only=True, dict=True, tag="option"):
    """One listed option series.

    ``strike`` is in dollars, exact to a thousandth. ``multiplier`` is shares per contract: an adjusted root (one
    that ends in a digit) may deliver something else, which is why it is a field.

    :raises ContractError: a field is out of range.
    """

    root: str
    expiry: date
    right: Right
    strike: Decimal
    multiplier: int = 100

    def __post_init__(self) -> None:
        if not _ROOT.fullmatch(self.root):
            raise ContractError(
                f"option root {self.root!r} is not 1 to 6 letters with at most one digit after"
            )
        strike = self.strike
        if not strike.is_finite() or not 0 < strike <= STRIKE_MAX or strike * _THOUSANDTHS % 1:
            raise ContractError(f"strike {strike} is not a multiple of 0.001 between 0.001 and {STRIKE_MAX}")
        if self.multiplier <= 0:
            raise ContractError(f"multiplier {self.multiplier} is not above zero")
        if not 2000 <= self.expiry.year <= 2099:
            raise ContractError(f"expiry {self.expiry} is not between 2000 and 2099")

    @cached_property
    def key(self) -> str:
        """The 21-character OCC symbol."""
        return intern(f"{self.root:<6}{self.expiry:%y%m%d}{self.right}{int(self.strike * _THOUSANDTHS):08d}")

    @property
    def symbol(self) -> str:
        """The underlying's symbol: weekly and adjusted roots, and those of share classes, lead to it too."""
        return underlying_of_root(self.root)

    @property
    def adjusted(self) -> bool:
        """True for a root changed by a corporate action (it ends in a digit): its deliverable is not standard."""
        return self.root[-1].isdigit()

    @property
    def plain(self) -> str:
        """In words a follower reads at once, e.g. ``GOOG 24 Dec 2015 $750 call``.

        A weekly class has its own name, ``SPXW``: on some days one of each expires at different prices.
        """
        strike = f"{self.strike.normalize():f}"
        right = "call" if self.right is Right.CALL else "put"
        root = self.root if self.root in WEEKLY_CLASSES else self.symbol
        return f"{root} {self.expiry.day} {self.expiry:%b %Y} ${strike} {right}"


class Stock(msgspec.Struct, frozen=True, kw_only=True, tag="stock"):
    """A share; its key is its symbol."""

    symbol: str
    multiplier: int = 1

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z]{1,6}([./][A-Z]{1,2})?", self.symbol):
            raise ContractError(
                f"stock symbol {_shown(self.symbol)} is not 1 to 6 capital letters (or like BRK.B)"
            )

    @property
    def key(self) -> str:
        """The symbol."""
        return intern(self.symbol)

    @property
    def plain(self) -> str:
        """The symbol with the word that tells it from its options."""
        return f"{self.symbol} stock"


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One leg of a combo: positive ratios are bought with the combo, negative ones sold."""

    instrument: OptionContract | Stock
    ratio: int


class Combo(msgspec.Struct, frozen=True, kw_only=True, dict=True, tag="combo"):
    """Several legs traded at one net price per unit; legs are kept in the order of their keys.

    :raises ContractError: fewer than two legs, a ratio of zero, a leg twice, or legs that are not on one underlying.
    """

    legs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        keys = [leg.instrument.key for leg in self.legs]
        if len(self.legs) < 2:
            raise ContractError(f"a combo has at least two legs, not {len(self.legs)}")
        if any(leg.ratio == 0 for leg in self.legs):
            raise ContractError("a combo leg has the ratio 0; leave the leg out")
        twice = next((first for first, second in pairwise(keys) if first == second), "")
        if twice:
            raise ContractError(f"combo legs must be different, and {twice} is there twice")
        if any(first > second for first, second in pairwise(keys)):
            raise ContractError("combo legs must be in the order of their keys, as Combo.of puts them")
        if len({leg.instrument.symbol for leg in self.legs}) > 1:
            raise ContractError("combo legs must be on one underlying")

    @classmethod
    def of(cls, *legs: tuple[int, OptionContract | Stock]) -> "Combo":
        """Build a combo from ``(ratio, instrument)`` pairs in any order."""
        ordered = sorted(legs, key=lambda leg: leg[1].key)
        return cls(legs=tuple(Leg(instrument=instrument, ratio=ratio) for ratio, instrument in ordered))

    @cached_property
    def key(self) -> str:
        """The legs with their ratios, e.g. ``+1*GOOG  151224C00750000/-1*GOOG  151224C00760000``."""
        return intern("/".join(f"{leg.ratio:+d}*{leg.instrument.key}" for leg in self.legs))

    @property
    def symbol(self) -> str:
        """The underlying that every leg is on."""
        return self.legs[0].instrument.symbol

    @property
    def multiplier(self) -> int:
        """Dollars per point of net price: the options' multiplier (a stock leg's ratio counts shares)."""
        return max(leg.instrument.multiplier for leg in self.legs)

    @property
    def plain(self) -> str:
        """Every leg with its ratio, in words; a symbol and an expiry that stay the same are said once."""
        words, said = [], ""
        for leg in self.legs:
            whole, terms = leg.instrument.plain, ""
            if isinstance(leg.instrument, OptionContract):
                before, dollar, after = whole.partition("$")
                terms = whole if before != said else dollar + after
                said = before
            words.append(f"{leg.ratio:+d} {terms or whole}")
        return ", ".join(words)


Instrument = OptionContract | Stock | Combo


@lru_cache(maxsize=16_384)
def parse_occ(text: str) -> OptionContract:
    """Read an OCC symbol: padded to 21 characters as in the ledger, or with the padding left out.

    :raises ContractError: the text is no OCC symbol, with what is wrong about it.
    """
    match = _OCC.fullmatch(text)
    if match is None or (" " in match["root"] and len(text) != OCC_LENGTH):
        raise ContractError(
            f"{_shown(text)} is not an OCC symbol: root padded to 6, yymmdd, C or P, strike in thousandths "
            "over 8 digits, e.g. 'GOOG  151224C00750000'"
        )
    digits = match["expiry"]
    try:
        expiry = date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError as error:
        raise ContractError(f"{text!r}: expiry {digits} is no date (yymmdd)") from error
    return OptionContract(
        root=match["root"].rstrip(),
        expiry=expiry,
        right=Right(match["right"]),
        strike=Decimal(int(match["strike"])) / _THOUSANDTHS,
    )


def _shown(text: str) -> str:
    """The beginning of a text that is no instrument, short whatever stands in it."""
    return repr(
        "".join(one if one.isascii() and one.isprintable() else "?" for one in text[:_SHOWN_CHARACTERS])
    )


def _ratio(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ContractError(f"the ratio {_shown(text)} is no whole number") from None


@lru_cache(maxsize=16_384)
def parse_key(key: str) -> Instrument:
    """The instrument of a key as the ledger writes it: an OCC symbol, a stock's symbol, or a combo's legs.

    :raises ContractError: the key is none of the three.
    """
    if "*" in key:
        parts = [part.partition("*") for part in re.split(r"/(?=[+-]\d+\*)", key)]
        try:
            legs = tuple((_ratio(ratio), _parse_leg(leg)) for ratio, _, leg in parts)
        except ContractError as error:
            raise ContractError(f"combo {_shown(key)}: {error}") from error
        return Combo.of(*legs)
    return _parse_leg(key)


def _parse_leg(key: str) -> OptionContract | Stock:
    return parse_occ(key) if any(character.isdigit() for character in key) else Stock(symbol=key)
