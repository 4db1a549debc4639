"""A signal is read whole, or refused with every reason at once."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.signal import PRICE_MAX, TEXT_MAX, Action, Signal, SignalError, parse_signal
from options.values import from_iso

GOOD: dict[str, object] = {
    "id": "a-1",
    "ts": "2015-12-24T10:00:00-05:00",
    "source": "desk: Alice",
    "symbol": "GOOG",
    "action": "BUY",
    "confidence": 0.8,
    "price": 750.1,
    "contract": "GOOG  151231C00750000",
}

WRONG: list[tuple[str, object, str]] = [
    ("id", None, "id is missing"),
    ("id", "", "id is missing"),
    ("id", "  ", "id is missing"),
    ("id", 7, "id is missing"),
    ("id", "x" * (TEXT_MAX + 1), "printable characters"),
    ("id", "a\nb", "printable characters"),
    ("id", "a\u202eb", "printable characters"),
    ("source", None, "source is missing"),
    ("source", ["desk"], "source is missing"),
    ("source", "\x00", "printable characters"),
    ("ts", None, "ts is missing"),
    ("ts", 1450969200, "ts is missing"),
    ("ts", "2015-12-24T10:00:00", "names no offset"),
    ("ts", "yesterday", "ts 'yesterday'"),
    ("ts", "2015-02-30T10:00:00Z", "ts "),
    ("symbol", None, "symbol None"),
    ("symbol", "goog", "symbol 'goog'"),
    ("symbol", "TOOLONGX", "symbol"),
    ("symbol", "G\u041e\u041eG", "symbol"),
    ("symbol", {"a": 1}, "symbol"),
    ("action", None, "action None"),
    ("action", "buy", "none of BUY, SELL, SHORT, CLOSE"),
    ("action", "HOLD", "none of BUY, SELL, SHORT, CLOSE"),
    ("action", 1, "none of BUY, SELL, SHORT, CLOSE"),
    ("confidence", None, "confidence None"),
    ("confidence", -0.1, "number from 0 to 1"),
    ("confidence", 1.01, "number from 0 to 1"),
    ("confidence", float("nan"), "number from 0 to 1"),
    ("confidence", "0.8", "number from 0 to 1"),
    ("confidence", True, "number from 0 to 1"),
    ("confidence", 10**400, "number from 0 to 1"),
    ("price", 0, "price 0"),
    ("price", -1, "price -1"),
    ("price", PRICE_MAX + 1, "at most 1,000,000"),
    ("price", float("inf"), "price inf"),
    ("price", "750", "price '750'"),
    ("price", False, "price False"),
    ("price", Decimal("sNaN"), "price"),
    ("contract", 5, "not an OCC symbol"),
    ("contract", "GOOG", "not an OCC symbol"),
    ("contract", "GOOG  151331C00750000", "no date"),
    ("contract", "AAPL  151231C00750000", "is on AAPL"),
    ("contract", "GOOG1 151231C00750000", "adjusted deliverable"),
]

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80) | st.decimals(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
close_to_good = st.fixed_dictionaries(
    {},
    optional={name: st.just(value) | json_values for name, value in GOOD.items()} | {"extra": json_values},
)


def reasons_for(raw: object) -> tuple[str, ...]:
    with pytest.raises(SignalError) as refusal:
        parse_signal(raw)
    return refusal.value.reasons


def test_a_good_signal_is_read_as_it_was_sent() -> None:
    """Every field keeps its value; the time is in microseconds, the price a decimal."""
    assert parse_signal(GOOD) == Signal(
        signal_id="a-1",
        ts=from_iso("2015-12-24T15:00:00Z"),
        source="desk: Alice",
        symbol="GOOG",
        action=Action.BUY,
        confidence=0.8,
        price=Decimal("750.1"),
        contract="GOOG  151231C00750000",
    )


def test_price_and_contract_may_be_left_out() -> None:
    """What is optional is None when it is missing or null."""
    short = {name: value for name, value in GOOD.items() if name not in {"price", "contract"}}
    assert parse_signal(short) == parse_signal(short | {"price": None, "contract": None})
    assert parse_signal(short).price is None


def test_a_contract_without_its_padding_is_kept_in_the_form_of_the_ledger() -> None:
    """However it was written, a contract has one key."""
    assert parse_signal(GOOD | {"contract": "GOOG151231C00750000"}).contract == "GOOG  151231C00750000"


@pytest.mark.parametrize(("field", "value", "why"), WRONG)
def test_every_field_that_is_wrong_is_named(field: str, value: object, why: str) -> None:
    """One field wrong gives one reason, and it says what was found or what would be right."""
    without_contract = {name: known for name, known in GOOD.items() if name != "contract"}
    (reason,) = reasons_for((GOOD if field == "contract" else without_contract) | {field: value})
    assert why in reason
    assert len(reason) < 300


def test_all_reasons_come_at_once() -> None:
    """A signal with everything wrong names everything, so that its author mends it in one go."""
    broken = {"id": "", "ts": "?", "source": 1, "symbol": "?", "action": "?", "confidence": 9, "price": -1}
    reasons = reasons_for(broken | {"contract": "?", "stop": 5, "qty": 3})
    assert len(reasons) == 9
    assert "unknown field 'qty', 'stop'" in reasons[-1]
    assert len(reasons_for({})) == 6


@pytest.mark.parametrize(
    ("raw", "kind"), [(None, "null"), (True, "a boolean"), (3, "a number"), ("BUY", "a text"), ([], "a list")]
)
def test_what_is_no_object_is_no_signal(raw: object, kind: str) -> None:
    """The refusal names what was sent instead."""
    assert reasons_for(raw) == (f"a signal is a JSON object, not {kind}",)


@given(json_values | close_to_good)
def test_any_value_is_a_signal_or_a_refusal(raw: object) -> None:
    """Whatever is sent, the answer is a signal within its bounds or a list of printable reasons."""
    reasons: tuple[str, ...] = ()
    try:
        signal = parse_signal(raw)
    except SignalError as refusal:
        reasons = refusal.reasons
    else:
        assert 0 <= signal.confidence <= 1
        assert signal.price is None or 0 < signal.price <= PRICE_MAX
        return
    assert reasons
    assert all(reason.isprintable() for reason in reasons)
