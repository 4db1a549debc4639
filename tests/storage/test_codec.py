"""One spelling for every event, and a plain answer for every line that is none."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.events import OrderFilled, PositionMarked, TradeEvent, TradingHalted
from options.terms import Effect
from options.values import Side
from storage.codec import GENESIS, MORE_MARK, EventUnwritable, LineError, decode_line, encode_line, line_hash
from tests.storage.event_strategies import TS, decimals, events, halt, mark, texts

FILL = OrderFilled(
    ts=TS, trade_id="T1", position_id="T1-1", strategy="s", instrument="GOOG", side=Side.BUY, qty=1,
    price=Decimal("1.25"),
    fee=Decimal(0), multiplier=100, exec_id="X1", order_id="O1", parent_id="P1", client_ref="c", effect=Effect.OPEN,
    position=1,
)  # fmt: skip
HEXES = st.binary(min_size=32, max_size=32).map(lambda data: data.hex().encode())


def fill_with_fee(fee: str) -> OrderFilled:
    """A fill that costs this."""
    return msgspec.structs.replace(FILL, fee=Decimal(fee))


@given(event=events, seq=st.integers(1, 10**12), prev=HEXES, more=st.booleans())
def test_i2_an_event_reads_back_as_it_was_and_is_spelled_the_same_again(
    event: TradeEvent, seq: int, prev: bytes, more: bool
) -> None:
    """Every event of every type comes back equal, and writing what was read gives the same bytes."""
    line = encode_line(seq, prev, event, more)
    record = decode_line(line, canonical=True)
    assert (record.seq, record.prev, record.more, record.event) == (seq, prev, more, event)
    assert encode_line(record.seq, record.prev, record.event, record.more) == line
    assert b"\n" not in line


@given(price=decimals)
def test_i15_a_price_keeps_every_digit(price: Decimal) -> None:
    """A decimal is a JSON number on disk and comes back with the same digits and exponent."""
    line = encode_line(1, GENESIS, msgspec.structs.replace(FILL, price=price))
    back = decode_line(line).event
    assert isinstance(back, OrderFilled)
    assert str(back.price) == str(price)
    assert b'"price":"' not in line


@given(reason=texts)
def test_no_text_can_look_like_a_head(reason: str) -> None:
    """The mark of a batch that goes on is found in heads alone, whatever a text holds."""
    line = encode_line(1, GENESIS, halt(reason + MORE_MARK.decode() + '\n{"v":1,"seq":2'))
    assert MORE_MARK not in line
    assert line.count(b"\n") == 0


def test_the_line_is_spelled_as_documented() -> None:
    """Head by hand, defaults left out, decimals as numbers: the bytes that the ledger's description shows."""
    event = TradingHalted(ts=TS, reason="loss limit", source="risk")
    body = b'"type":"TradingHalted","ts":"2015-12-24T14:30:00.000000Z","reason":"loss limit","source":"risk"}'
    assert encode_line(12, b"a" * 64, event) == b'{"v":1,"seq":12,"prev":"' + b"a" * 64 + b'",' + body
    assert (
        encode_line(12, b"a" * 64, event, True)
        == b'{"v":1,"seq":12,"prev":"' + b"a" * 64 + b'","more":1,' + body
    )


def test_i2_the_hash_is_sha_256_of_the_line() -> None:
    """The chain can be checked with any tool that knows SHA-256."""
    assert line_hash(b"abc") == b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_i2_a_negative_zero_is_written_as_zero() -> None:
    """Cash that cancels out has one spelling, whichever side it came from."""
    assert b'"fee":0,' in encode_line(1, GENESIS, fill_with_fee("-0"))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_i15_a_float_that_is_no_number_is_not_written(number: float) -> None:
    """A mark that is not finite would come back as nothing, so it is refused before the ledger holds it."""
    event = PositionMarked(ts=TS, trade_id="T1", position_id="T1-1", mark=number, high=1.0, low=1.0)
    with pytest.raises(EventUnwritable, match="PositionMarked"):
        encode_line(1, GENESIS, event)
    with pytest.raises(EventUnwritable, match="PositionMarked"):
        encode_line(
            1,
            GENESIS,
            PositionMarked(ts=TS, trade_id="T1", position_id="T1", mark=1.0, high=1.0, low=1.0, bid=number),
        )


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "sNaN", "-sNaN"])
def test_i15_a_decimal_that_is_no_number_is_not_written(number: str) -> None:
    """Money is finite or it is refused."""
    with pytest.raises(EventUnwritable, match="OrderFilled"):
        encode_line(1, GENESIS, fill_with_fee(number))


def test_a_text_that_is_no_unicode_is_not_written() -> None:
    """Half of a character is refused with the event's type."""
    with pytest.raises(EventUnwritable, match="TradingHalted"):
        encode_line(1, GENESIS, halt("\ud800"))


def test_texts_that_only_look_suspicious_are_written() -> None:
    """The words null and NaN are words."""
    event = halt("null NaN Infinity :-0, ")
    assert decode_line(encode_line(1, GENESIS, event), canonical=True).event == event


GOOD = encode_line(7, b"0" * 64, mark(7))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "does not begin"),
        (GOOD[:-1], "cannot be read"),
        (GOOD + b"{}", "cannot be read"),
        (GOOD.replace(b'"v":1', b'"v":2'), "schema version is 2"),
        (GOOD.replace(b'"seq":7', b'"seq":07'), "does not begin"),
        (GOOD.replace(b"PositionMarked", b"PositionMaimed"), "PositionMaimed"),
        (GOOD.replace(b'"mark":1.5', b'"mark":"1.5"'), "mark"),
        (GOOD.replace(b'"mark":1.5,', b""), "mark"),
        (GOOD.replace(b'"T7"', b'"\xff"'), "cannot be read"),
    ],
)
def test_f7_a_line_that_is_none_is_refused_with_its_reason(line: bytes, reason: str) -> None:
    """Torn, of another version, of an unknown type or with a wrong field: each is named, none is skipped."""
    with pytest.raises(LineError, match=reason):
        decode_line(line)


@pytest.mark.parametrize(
    "line",
    [
        GOOD.replace(b'"mark":1.5', b'"mark":1.50'),
        GOOD.replace(b'"mark":1.5', b'"mark": 1.5'),
        GOOD.replace(b'"mark":1.5', b'"mark":1.5,"colour":"red"'),
        GOOD.replace(b'"mark":1.5', b'"mark":9.5,"mark":1.5'),
    ],
)
def test_i2_another_spelling_is_found_on_request(line: bytes) -> None:
    """What reads the same and is spelled differently was not written by this program."""
    decode_line(line)
    with pytest.raises(LineError, match="spelled"):
        decode_line(line, canonical=True)
