"""What is said through the door."""

from decimal import Decimal

import pytest

from bot.door.protocol import (
    Answer,
    BadRequest,
    PreviewRequest,
    decode_answer,
    decode_command,
    decode_request,
    encode_answer,
    encode_command,
)
from options import commands as c
from options.plan import EntryPlan, ExitPlan, TargetPlan

GOOD = b'{"verb":"close","command_id":"c1","who":"ann","trade_id":"T1"}'


@pytest.mark.parametrize(
    "command",
    [
        c.NewTrade(
            command_id="c1",
            who="ann",
            instrument="GOOG  151231C00750000",
            qty=2,
            entry=EntryPlan(limit_price=Decimal("9.80")),
            exits=ExitPlan(targets=(TargetPlan(gain=Decimal("0.25")),), stop=Decimal("0.30")),
        ),
        c.ModifyTrade(command_id="c1", who="ann", trade_id="T1", exits=ExitPlan(), hold=False),
        c.TrimTrade(command_id="c1", who="ann", trade_id="T1", fraction=Decimal("0.5")),
        c.SetStop(command_id="c1", who="ann", trade_id="T1"),
        c.Halt(command_id="c1", who="ann", reason="lunch"),
        c.Resume(command_id="c1", who="ann", answers="lunch"),
    ],
)
def test_a_command_reads_back_as_it_was(command: c.Command) -> None:
    """Prices cross the door exactly."""
    assert decode_command(encode_command(command)) == command


@pytest.mark.parametrize("name", ["t1", " T1 ", "\\tt1"])
def test_a_trade_is_named_in_any_case_and_with_blanks(name: str) -> None:
    """For a program as for a person, previews included; what is no trade's name is left as it is."""
    line = GOOD.replace(b"T1", name.encode())
    asked = decode_command(GOOD)
    assert decode_command(line) == asked
    preview = decode_request(b'{"verb":"preview","command":' + line + b"}")
    assert isinstance(preview, PreviewRequest)
    assert preview.command == asked
    odd = decode_command(GOOD.replace(b"T1", b" t1 x"))
    assert isinstance(odd, c.CloseTrade)
    assert odd.trade_id == " t1 x"


def test_an_answer_reads_back_as_it_was() -> None:
    """Reasons, statuses and numbers, all of it."""
    answer = Answer(
        taken=False, command_id="c1", verb="trim", trade_id="T1", seq=7, reasons=("one", "two"), repeated=True
    )
    assert decode_answer(encode_answer(answer)) == answer
    with pytest.raises(BadRequest):
        decode_answer(b"nonsense")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        b'{"verb":"explode","command_id":"c1","who":"ann"}',
        GOOD.replace(b'"T1"', b"7"),
        GOOD.replace(b'"T1"', b'"T1","qty":2'),
        GOOD.replace(b'"c1"', b'""'),
        GOOD.replace(b'"c1"', b'"' + b"x" * 65 + b'"'),
        GOOD.replace(b'"ann"', b'"a\\nb"'),
        GOOD.replace(b'"ann"', b'"a\\ud800"'),
        b'{"verb":"trim","command_id":"c1","who":"ann","trade_id":"T1","qty":1.5}',
        b'{"verb":"trim","command_id":"c1","who":"ann","trade_id":"T1","qty":' + b"9" * 5000 + b"}",
        b'{"verb":"stop","command_id":"c1","who":"ann","trade_id":"T1","level":"much"}',
        b'{"verb":"new","command_id":"c1","who":"ann","instrument":"X","qty":1,"entry":{"x":' + b"[" * 60_000,
    ],
)
def test_what_is_no_command_is_refused(line: bytes) -> None:
    """Whatever is sent, the answer is a refusal in words."""
    with pytest.raises(BadRequest):
        decode_command(line)
