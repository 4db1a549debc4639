"""Damage is refused with the line's number, and never repaired."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from options.events import BatchVoided, TradeEvent
from storage import chain
from storage.codec import LedgerDamaged, encode_line, line_hash
from storage.ledger import Ledger
from storage.ledger_reader import read
from tests.storage.event_strategies import LATER, TS, lines_of, mark, write_lines
from tests.storage.ledger_plans import PLAN, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def damage_of(path: Path) -> LedgerDamaged:
    """What refuses this ledger, the same in every way of reading it; the file stays as it is."""
    before = path.read_bytes()
    with pytest.raises(LedgerDamaged) as opening:
        Ledger.open(path, now_ts=LATER)
    with pytest.raises(LedgerDamaged) as reading:
        list(read(path))
    assert reading.value.line == opening.value.line
    assert str(path) in str(opening.value)
    assert path.read_bytes() == before
    return opening.value


@pytest.mark.parametrize("bit", range(8))
def test_i3_a_flipped_bit_is_refused_with_its_line(path: Path, bit: int) -> None:
    """Any changed bit before the last line refuses the ledger, and the line named is the one that was changed."""
    lines = lines_of([[mark(1), mark(2)], [mark(3)], [mark(4)]])
    write_lines(path, lines)
    data = path.read_bytes()
    ends = [index for index, byte in enumerate(data) if byte == 10]
    for position in range(ends[1] + 1):
        path.write_bytes(data[:position] + bytes([data[position] ^ (1 << bit)]) + data[position + 1 :])
        assert damage_of(path).line == 1 + (position > ends[0])


def test_f2_damage_next_to_the_end_names_one_of_the_two(path: Path) -> None:
    """Where only the last line could vouch, the refusal says that one of the last two was changed."""
    lines = lines_of(PLAN)
    lines[-2] = lines[-2].replace(b'"T5"', b'"T9"')
    write_lines(path, lines)
    damage = damage_of(path)
    assert damage.line == len(lines)
    assert f"line {len(lines) - 1}" in damage.reason


def removed(lines: list[bytes]) -> int:
    del lines[3]
    return 4


def doubled(lines: list[bytes]) -> int:
    lines.insert(4, lines[3])
    return 5


def swapped(lines: list[bytes]) -> int:
    lines[3], lines[4] = lines[4], lines[3]
    return 4


def zeroed(lines: list[bytes]) -> int:
    lines[3] = bytes(len(lines[3]))
    return 4


def emptied(lines: list[bytes]) -> int:
    lines.insert(3, b"")
    return 4


def joined(lines: list[bytes]) -> int:
    lines[3:5] = [lines[3] + lines[4]]
    return 4


def beheaded(lines: list[bytes]) -> int:
    del lines[0]
    return 1


def of_another_version(lines: list[bytes]) -> int:
    lines[-1] = lines[-1].replace(b'{"v":1,', b'{"v":2,')
    return len(lines)


def of_another_type(lines: list[bytes]) -> int:
    lines[-1] = lines[-1].replace(b'"PositionMarked"', b'"PositionPraised"')
    return len(lines)


def with_a_wrong_field(lines: list[bytes]) -> int:
    lines[-1] = lines[-1].replace(b'"mark":1.5', b'"mark":"high"')
    return len(lines)


def cut_but_ended(lines: list[bytes]) -> int:
    lines[-1] = lines[-1][:-20]
    return len(lines)


def voiding_what_is_whole(lines: list[bytes]) -> int:
    lines.append(
        encode_line(len(lines) + 1, line_hash(lines[-1]), BatchVoided(ts=TS, from_seq=5, to_seq=len(lines)))
    )
    return len(lines)


@pytest.mark.parametrize(
    "harm",
    [
        removed, doubled, swapped, zeroed, emptied, joined, beheaded, of_another_version, of_another_type,
        with_a_wrong_field, cut_but_ended, voiding_what_is_whole,
    ],
)  # fmt: skip
@pytest.mark.parametrize("parallel", [False, True], ids=["inline", "parallel"])
def test_f2_damaged_lines_are_refused_by_number(
    path: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[list[bytes]], int], parallel: bool
) -> None:
    """Lines removed, doubled, swapped, emptied, joined or foreign: refused with the line, whoever checks the chain."""
    if parallel:
        monkeypatch.setattr(chain, "PARALLEL_FROM_BYTES", 0)
    lines = lines_of(PLAN)
    line = harm(lines)
    write_lines(path, lines)
    assert damage_of(path).line == line


@pytest.mark.parametrize(("first", "last"), [(1, 4), (2, 3), (2, 2), (3, 4), (2, 5), (0, 4), (4, 2)])
def test_f2_a_void_that_names_other_lines_is_refused(path: Path, first: int, last: int) -> None:
    """Only the one batch that was cut short, whole, can be voided, and only by the line after it."""
    lines = lines_of([[mark(1)], [mark(2), mark(3), mark(4), mark(5)]])[:4]
    lines.append(encode_line(5, line_hash(lines[-1]), BatchVoided(ts=TS, from_seq=first, to_seq=last)))
    write_lines(path, lines)
    assert damage_of(path).line == 5
    lines[-1] = encode_line(5, line_hash(lines[-2]), BatchVoided(ts=TS, from_seq=2, to_seq=4))
    write_lines(path, lines)
    assert opened(path)[1] == {1: mark(1), 5: BatchVoided(ts=TS, from_seq=2, to_seq=4)}


def test_f2_damage_is_told_rather_than_what_it_led_to(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fold that stumbles over a changed line does not hide that the line was changed."""
    monkeypatch.setattr(chain, "PARALLEL_FROM_BYTES", 0)
    lines = lines_of(PLAN)
    lines[1] = lines[1].replace(b'"T2"', b'"T9"')
    write_lines(path, lines)

    def stumble(_first_seq: int, events: Sequence[TradeEvent]) -> None:
        raise KeyError(events[0].cause)

    with pytest.raises(LedgerDamaged, match="line 2"):
        Ledger.open(path, now_ts=LATER, sink=stumble)
    write_lines(path, lines_of(PLAN))
    with pytest.raises(KeyError, match="c1"):
        Ledger.open(path, now_ts=LATER, sink=stumble)
