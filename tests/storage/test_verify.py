"""The proof of a ledger finds a false figure by itself: the chain is made whole again after every tampering."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from storage.codec import GENESIS, line_hash
from storage.verify import Verdict, Verification, verify
from tests.crash.scripted_day import first_day, first_signals, patient_settings, second_day
from tests.e2e.day_runs import ledger_of, run_in

Fact = dict[str, Any]

_encode = msgspec.json.Encoder(decimal_format="number").encode


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with partial fills, trims, a cancel, fees and three closed trades over two days."""
    folder = tmp_path_factory.mktemp("sound")
    run_in(folder, first_day(), first_signals(), patient_settings(), fills="realistic")
    run_in(folder, second_day(), [], patient_settings(), fills="realistic")
    return ledger_of(folder)


@pytest.fixture
def lines(sound: Path) -> list[Fact]:
    """The sound ledger's lines, to be changed."""
    return [json.loads(line, parse_float=Decimal) for line in sound.read_bytes().splitlines()]


def amount(fact: Fact, field: str) -> Decimal:
    return Decimal(fact.get(field, 0))


def written(path: Path, lines: list[Fact], *, numbered: bool = True) -> Path:
    """The lines as a ledger whose numbers and hashes fit, whatever they say."""
    prev = GENESIS.decode()
    made = []
    for place, fact in enumerate(lines, start=1):
        fact["prev"] = prev
        if numbered:
            fact["seq"] = place
        line = _encode(fact)
        prev = line_hash(line).decode()
        made.append(line + b"\n")
    path.write_bytes(b"".join(made))
    return path


def find(lines: list[Fact], type_: str, nth: int = 0, **fields: object) -> int:
    """Where the nth line of a type stands that has these fields."""
    places = [
        place
        for place, fact in enumerate(lines)
        if fact["type"] == type_ and all(fact.get(name) == value for name, value in fields.items())
    ]
    return places[nth]


def fill_with(lines: list[Fact], effect: str) -> int:
    return find(lines, "OrderFilled", effect=effect)


def assert_found(found: Verification, place: int, words: str) -> None:
    """Broken, at that line, for that reason."""
    assert found.verdict is Verdict.BROKEN
    assert found.line == place + 1, found.sentence
    assert words in found.reason, found.sentence
    assert f"line {place + 1}" in found.sentence


def test_a_sound_ledger_is_sound_and_counted(sound: Path, lines: list[Fact], tmp_path: Path) -> None:
    """The untouched ledger is proven, and so is one that only went through this test's own hands."""
    found = verify(sound)
    assert (found.verdict, found.line, found.reason) == (Verdict.SOUND, 0, "")
    assert found.events == len(lines)
    assert found.fills == sum(fact["type"] == "OrderFilled" for fact in lines)
    assert found.trades_closed == 3
    assert found.last_hash == line_hash(sound.read_bytes().splitlines()[-1]).decode()
    again = written(tmp_path / "again", lines)
    assert again.read_bytes() == sound.read_bytes()


@pytest.mark.parametrize("effect", ["open", "add", "trim", "close"])
def test_a_false_position_is_found(lines: list[Fact], tmp_path: Path, effect: str) -> None:
    """The position that a fill states must be the sum of the fills."""
    place = fill_with(lines, effect)
    lines[place]["position"] += 1
    assert_found(verify(written(tmp_path / "l", lines)), place, "position")


@pytest.mark.parametrize(
    ("effect", "says"), [("open", "add"), ("add", "open"), ("trim", "close"), ("close", "trim")]
)
def test_a_false_effect_is_found(lines: list[Fact], tmp_path: Path, effect: str, says: str) -> None:
    """What a fill calls itself must be what it did to the position."""
    place = fill_with(lines, effect)
    lines[place]["effect"] = says
    assert_found(verify(written(tmp_path / "l", lines)), place, "calls itself")


@pytest.mark.parametrize(
    ("effect", "by"), [("trim", "0.02"), ("trim", "-100"), ("close", "0.01"), ("open", "1"), ("add", "0.02")]
)
def test_a_false_profit_of_a_fill_is_found(lines: list[Fact], tmp_path: Path, effect: str, by: str) -> None:
    """A fill's realized P&L must be what its price and the cost of what it closed give."""
    place = fill_with(lines, effect)
    lines[place]["realized_pnl"] = amount(lines[place], "realized_pnl") + Decimal(by)
    assert_found(verify(written(tmp_path / "l", lines)), place, "realized P&L")


@pytest.mark.parametrize("effect", ["trim", "close"])
def test_a_false_price_of_an_exit_is_found_at_once(lines: list[Fact], tmp_path: Path, effect: str) -> None:
    """A changed price no longer gives the realized P&L of the fill that it stands in."""
    place = fill_with(lines, effect)
    lines[place]["price"] = amount(lines[place], "price") + Decimal("0.01")
    assert_found(verify(written(tmp_path / "l", lines)), place, "realized P&L")


@pytest.mark.parametrize("effect", ["open", "add"])
def test_a_false_price_of_an_entry_is_found_when_it_is_closed(
    lines: list[Fact], tmp_path: Path, effect: str
) -> None:
    """A changed entry price shows at the first fill that realizes a profit against it."""
    place = fill_with(lines, effect)
    lines[place]["price"] = amount(lines[place], "price") + Decimal("0.01")
    position = lines[place]["position_id"]
    first_exit = find(lines, "OrderFilled", position_id=position, side="SELL")
    assert_found(verify(written(tmp_path / "l", lines)), first_exit, "realized P&L")


def test_a_false_fee_is_found_when_the_trade_is_closed(lines: list[Fact], tmp_path: Path) -> None:
    """The fees of a closed trade must be those of its fills."""
    place = fill_with(lines, "open")
    lines[place]["fee"] = amount(lines[place], "fee") + Decimal("0.05")
    closed = find(lines, "TradeClosed", position_id=lines[place]["position_id"])
    assert_found(verify(written(tmp_path / "l", lines)), closed, "fees")


@pytest.mark.parametrize(
    ("field", "words"),
    [("qty", "quantity"), ("realized_pnl", "realized P&L"), ("fees", "fees"), ("cash", "cash")],
)
def test_a_false_sum_of_a_closed_trade_is_found(
    lines: list[Fact], tmp_path: Path, field: str, words: str
) -> None:
    """Quantity, P&L, fees and cash of a closed trade must each be what its fills add up to."""
    place = find(lines, "TradeClosed", 1)
    value = lines[place][field]
    lines[place][field] = value + (1 if isinstance(value, int) else Decimal("0.01"))
    assert_found(verify(written(tmp_path / "l", lines)), place, words)


def test_a_multiplier_that_changes_is_found(lines: list[Fact], tmp_path: Path) -> None:
    """A fill with another multiplier than its position's no longer gives its realized P&L."""
    place = fill_with(lines, "close")
    lines[place]["multiplier"] = 10
    assert_found(verify(written(tmp_path / "l", lines)), place, "realized P&L")


def test_an_execution_that_stands_twice_is_found(lines: list[Fact], tmp_path: Path) -> None:
    """An execution counts once: the same one again is named."""
    place = fill_with(lines, "trim")
    lines.insert(place + 1, dict(lines[place]))
    assert_found(verify(written(tmp_path / "l", lines)), place + 1, "counted twice")


def test_a_fill_of_an_order_that_was_never_sent_is_found(lines: list[Fact], tmp_path: Path) -> None:
    """An execution must name an order whose request stands before it."""
    place = fill_with(lines, "open")
    lines[place]["client_ref"] = "CB0000000000000000ff"
    assert_found(verify(written(tmp_path / "l", lines)), place, "never sent")


def test_more_executed_than_ordered_is_found(lines: list[Fact], tmp_path: Path) -> None:
    """An order filled beyond its quantity without a halt is broken."""
    place = find(lines, "OrderSubmitRequested")
    filled = [
        n for n, fact in enumerate(lines) if fact.get("order_id") == "O1" and fact["type"] == "OrderFilled"
    ]
    lines[place]["qty"] = lines[filled[0]]["qty"]
    assert_found(verify(written(tmp_path / "l", lines)), filled[1], "more of")


def test_a_reference_sent_twice_is_found(lines: list[Fact], tmp_path: Path) -> None:
    """Two orders cannot go out under one reference."""
    place = find(lines, "OrderSubmitRequested", 1)
    lines[place]["client_ref"] = lines[find(lines, "OrderSubmitRequested")]["client_ref"]
    assert_found(verify(written(tmp_path / "l", lines)), place, "was sent before")


def test_an_event_of_a_trade_that_was_never_opened_is_found(lines: list[Fact], tmp_path: Path) -> None:
    """A line that speaks of a trade which no line before it opened is named."""
    place = find(lines, "ExitsArmed")
    lines[place]["trade_id"] = "T99"
    assert_found(verify(written(tmp_path / "l", lines)), place, "T99")


def test_a_step_that_the_life_of_a_trade_does_not_hold_is_found(lines: list[Fact], tmp_path: Path) -> None:
    """A trade that is closed twice takes a step that there is not."""
    place = find(lines, "TradeClosed")
    more = lines[place].pop("more", None)
    lines.insert(place + 1, dict(lines[place]))
    if more is not None:
        lines[place]["more"] = more
    found = verify(written(tmp_path / "l", lines))
    assert (found.verdict, found.line) == (Verdict.BROKEN, place + 2)


def test_a_time_that_goes_back_is_found(lines: list[Fact], tmp_path: Path) -> None:
    """No line may be dated before the line before it, and a date must be one."""
    place = find(lines, "PositionMarked", -1)
    kept = lines[place]["ts"]
    lines[place]["ts"] = "2026-03-11T13:29:59.000000Z"
    assert_found(verify(written(tmp_path / "l", lines)), place, "lies before")
    lines[place]["ts"] = f"{kept[:-1]}x"
    assert_found(verify(written(tmp_path / "l", lines)), place, "no time")


def test_a_gap_in_the_numbers_is_found(lines: list[Fact], tmp_path: Path) -> None:
    """A line taken out whole leaves a gap in the numbers, even where the hashes fit again."""
    place = find(lines, "PositionMarked", 1)
    del lines[place]
    assert_found(verify(written(tmp_path / "l", lines, numbered=False)), place, "missing")


def test_a_hash_that_does_not_fit_is_found(sound: Path, tmp_path: Path) -> None:
    """A line that does not carry the hash of the line before is broken, and a changed line shows in the next."""
    kept = sound.read_bytes().splitlines(keepends=True)
    kept[40] = kept[40].replace(b'"prev":"', b'"prev":"0', 1).replace(kept[40][40:48], kept[40][41:48], 1)
    (tmp_path / "l").write_bytes(b"".join(kept))
    found = verify(tmp_path / "l")
    assert (found.verdict, found.line) == (Verdict.BROKEN, 41)


def test_what_cannot_be_read_is_not_called_broken(tmp_path: Path) -> None:
    """A ledger that is not there or is a folder is unreadable, which is another exit code; an empty one is sound."""
    assert verify(tmp_path / "none").verdict is Verdict.UNREADABLE
    assert verify(tmp_path).verdict is Verdict.UNREADABLE
    (tmp_path / "empty").write_bytes(b"")
    assert verify(tmp_path / "empty").verdict is Verdict.SOUND
    assert [int(verdict) for verdict in Verdict] == [0, 1, 2]
