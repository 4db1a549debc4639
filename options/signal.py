"""Signals: somebody's opinion about a symbol, and every reason why one is refused."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from math import isfinite

import msgspec

from options.contract import ContractError, parse_occ
from options.underlying import share_symbol
from options.values import Micros, from_iso

PRICE_MAX = 1_000_000
TEXT_MAX = 64
_SYMBOL = re.compile(r"[A-Z]{1,6}([./][A-Z]{1,2})?")
_FIELDS = frozenset({"id", "ts", "source", "symbol", "action", "confidence", "price", "contract"})
_ACTIONS = "BUY, SELL, SHORT, CLOSE"


class Action(StrEnum):
    """What the signal's author would do."""

    BUY = "BUY"
    SELL = "SELL"
    SHORT = "SHORT"
    CLOSE = "CLOSE"


class Signal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A well-formed signal. ``confidence`` is 0 to 1, ``price`` the underlying's, ``contract`` an OCC key."""

    signal_id: str
    ts: Micros
    source: str
    symbol: str
    action: Action
    confidence: float
    price: Decimal | None = None
    contract: str | None = None


class SignalError(ValueError):
    """A signal cannot be read; ``reasons`` lists everything that is wrong with it."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def parse_signal(raw: object) -> Signal:
    """Read a decoded JSON value as a signal.

    :raises SignalError: with all reasons at once: what was found and what would be right.
    """
    if not isinstance(raw, Mapping):
        raise SignalError((f"a signal is a JSON object, not {_kind(raw)}",))
    reasons: list[str] = []
    signal = Signal(
        signal_id=_text(raw, "id", reasons),
        ts=_time(raw.get("ts"), reasons),
        source=_text(raw, "source", reasons),
        symbol=_symbol(raw.get("symbol"), reasons),
        action=_action(raw.get("action"), reasons),
        confidence=_confidence(raw.get("confidence"), reasons),
        price=_price(raw.get("price"), reasons),
        contract=_contract(raw.get("contract"), raw.get("symbol"), reasons),
    )
    unknown = sorted(str(name)[:TEXT_MAX] for name in raw.keys() - _FIELDS)
    if unknown:
        reasons.append(
            f"unknown field {', '.join(map(ascii, unknown))}; a signal has {', '.join(sorted(_FIELDS))}"
        )
    if reasons:
        raise SignalError(tuple(reasons))
    return signal


def _kind(value: object) -> str:
    names = {
        type(None): "null",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
    }
    return names.get(type(value), "an object")


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):  # too large a number; a signalling NaN
        return None
    return number if isfinite(number) else None


def _text(raw: Mapping[object, object], field: str, reasons: list[str]) -> str:
    value = raw.get(field)
    if not isinstance(value, str) or not value.strip():
        reasons.append(f"{field} is missing; give a text of 1 to {TEXT_MAX} characters")
        return ""
    if len(value) > TEXT_MAX or not value.isprintable():
        reasons.append(f"{field} {value[:TEXT_MAX]!a} is not 1 to {TEXT_MAX} printable characters")
    return value


def _time(value: object, reasons: list[str]) -> Micros:
    if isinstance(value, str):
        try:
            return from_iso(value)
        except ValueError as error:
            reasons.append(f"ts {value[:TEXT_MAX]!a}: {error}"[:200])
            return 0
    reasons.append("ts is missing; give ISO 8601 with its offset, e.g. 2015-12-24T10:00:00-05:00")
    return 0


def _symbol(value: object, reasons: list[str]) -> str:
    if isinstance(value, str) and _SYMBOL.fullmatch(value):
        return share_symbol(value)
    reasons.append(f"symbol {ascii(value)[:TEXT_MAX]} is not 1 to 6 capital letters")
    return ""


def _action(value: object, reasons: list[str]) -> Action:
    if isinstance(value, str) and value in Action.__members__:
        return Action(value)
    reasons.append(f"action {ascii(value)[:TEXT_MAX]} is none of {_ACTIONS}")
    return Action.CLOSE


def _confidence(value: object, reasons: list[str]) -> float:
    number = _number(value)
    if number is not None and 0 <= number <= 1:
        return number
    reasons.append(f"confidence {ascii(value)[:TEXT_MAX]} is not a number from 0 to 1")
    return 0.0


def _price(value: object, reasons: list[str]) -> Decimal | None:
    if value is None:
        return None
    number = _number(value)
    if number is not None and 0 < number <= PRICE_MAX:
        return Decimal(str(value))
    reasons.append(f"price {ascii(value)[:TEXT_MAX]} is not above 0 and at most {PRICE_MAX:,}")
    return None


def _contract(value: object, symbol: object, reasons: list[str]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        reasons.append(f"contract {ascii(value)[:TEXT_MAX]} is not an OCC symbol")
        return None
    try:
        contract = parse_occ(value)
    except ContractError as error:
        reasons.append(f"contract: {error}")
        return None
    if not isinstance(symbol, str) or contract.symbol != share_symbol(symbol):
        reasons.append(
            f"contract {value!r} is on {contract.symbol}, the signal on {ascii(symbol)[:TEXT_MAX]}"
        )
    if contract.adjusted:
        reasons.append(f"contract {value!r} has an adjusted deliverable, which is not traded")
    return contract.key
