"""A signals file, line by line: each line is a signal or says why it is none, and spoils nothing but itself."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.file import (
    EXCERPT_LENGTH,
    LINE_BYTES_MAX,
    SignalFileError,
    read_files,
    read_line,
    read_lines,
    read_signals,
)
from options.inputs import SignalArrived, SignalUnreadable

GOOD = {
    "id": "S1",
    "ts": "2015-12-24T10:00:00-05:00",
    "source": "desk",
    "symbol": "GOOG",
    "action": "BUY",
    "confidence": 0.9,
    "price": 750.1,
}


def line(**changes: object) -> bytes:
    return json.dumps(GOOD | changes).encode()


def refused(text: bytes) -> SignalUnreadable:
    found = read_line(text, "f:1")
    assert isinstance(found, SignalUnreadable), found
    assert found.reasons
    return found


def test_a_good_line_is_a_signal_with_its_place() -> None:
    """A good line keeps its fields, its price exact, and says where it stood."""
    found = read_line(line(), "desk.jsonl:3")
    assert isinstance(found, SignalArrived)
    assert (found.where, found.signal.signal_id, str(found.signal.price)) == ("desk.jsonl:3", "S1", "750.1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b'{"id": "S1"', "not JSON"),
        (b"[1, 2, 3]", "JSON object"),
        (b"null", "JSON object"),
        (line(confidence=float("nan")), "NaN is not a JSON number"),
        (line(price=float("inf")), "Infinity is not a JSON number"),
        (b'{"id": "S1", "id": "S2"}', "stands twice"),
        (b'{"id": "\xff"}', "not JSON"),
        (b"[" * 60_000, "nested too deeply"),
        (b'{"a":' * 12_000, "nested too deeply"),
        (b'"' + b"x" * LINE_BYTES_MAX + b'"', "at most 65,536"),
        (line(action="HODL"), "HODL"),
        (line(confidence=1.7), "confidence"),
        (line(ts="2015-12-24T10:00:00"), "offset"),
        (line(qty=3), "qty"),
        (b'{"price": ' + b"9" * 5000 + b"}", "5,000 digits"),
    ],
)
def test_a_bad_line_says_what_is_wrong(text: bytes, reason: str) -> None:
    """Each kind of bad line is refused for its own reason, and never by an exception."""
    assert any(reason in said for said in refused(text).reasons), refused(text).reasons


def test_every_fault_of_a_line_is_told_at_once() -> None:
    """A line with several faults lists them all and keeps the id that it gave."""
    found = refused(line(action="HODL", confidence=2, symbol="GO OG"))
    assert len(found.reasons) == 3
    assert found.signal_id == "S1"


def test_what_is_quoted_of_a_bad_line_is_short_and_plain() -> None:
    """An excerpt is bounded and holds no character that a terminal would act on or a chat would show otherwise."""
    found = refused('{"id": "\u202e@everyone\x1b[31m"'.encode() + b"x" * 5_000)
    assert len(found.excerpt) <= EXCERPT_LENGTH
    assert found.excerpt.isascii()
    assert found.excerpt.isprintable()


@given(st.binary(max_size=200))
def test_i30_no_bytes_raise(text: bytes) -> None:
    """Whatever a line holds, it becomes a signal or a refusal with reasons that can be written down."""
    found = read_line(text, "f:1")
    if isinstance(found, SignalUnreadable):
        assert found.reasons
        json.dumps([*found.reasons, found.signal_id, found.excerpt]).encode()


_VALUES: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just([]), st.just({})
)


@given(st.dictionaries(st.sampled_from([*GOOD, "contract"]), _VALUES))
def test_i30_no_values_raise(changes: dict[str, object]) -> None:
    """Whatever stands in the fields, nothing raises, and what is taken has an id and a source."""
    found = read_line(line(**changes), "f:1")
    if isinstance(found, SignalArrived):
        assert found.signal.signal_id
        assert found.signal.source
    else:
        json.dumps([*found.reasons, found.signal_id, found.excerpt]).encode()


def test_lines_are_counted_from_one_and_bad_ones_stay_in_their_place() -> None:
    """Every line of a file comes back in order with its number, the bad ones too."""
    items = list(read_lines([line(), b"x", line(id="S2")], "f"))
    assert [type(item) for item in items] == [SignalArrived, SignalUnreadable, SignalArrived]
    assert [item.where for item in items] == ["f:1", "f:2", "f:3"]


@pytest.mark.parametrize(("data", "count"), [(b"", 0), (b"\n", 1), (line(), 1), (line() + b"\r\n", 1)])
def test_a_file_ends_with_or_without_a_newline(tmp_path: Path, data: bytes, count: int) -> None:
    """An empty file holds nothing; a last line counts with its newline or without, of either system."""
    path = tmp_path / "f.jsonl"
    path.write_bytes(data)
    assert len(read_signals(path).items) == count


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Two files with the same name in two folders are named by their paths, so that no line passes for another's."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "f.jsonl").write_bytes(line(id=folder))
    (tmp_path / "g.jsonl").write_bytes(line(id="g"))
    paths = [tmp_path / "a" / "f.jsonl", tmp_path / "b" / "f.jsonl", tmp_path / "g.jsonl"]
    items = read_files(paths)
    assert [item.where for item in items] == [f"{paths[0]}:1", f"{paths[1]}:1", "g.jsonl:1"]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """A missing file, a folder, and a file given twice are refused with their path."""
    path = tmp_path / "f.jsonl"
    path.write_bytes(line())
    for paths, words in (
        ([tmp_path / "none.jsonl"], "there is no signals file"),
        ([tmp_path], "cannot be read"),
        ([path, path], "given twice"),
    ):
        with pytest.raises(SignalFileError, match=words):
            read_files(paths)


def test_a_line_that_is_changed_is_another_line() -> None:
    """Each line has a digest of its bytes, signal or not; it tells a line put right from the old one."""
    lines = (line(), line(ts="2015-12-24T11:00:00-05:00"), b"{", b"[", b"", b" ")
    assert len({read_line(text, "f:1").line for text in lines}) == len(lines)
    assert [read_line(text, "f:1").line for text in lines] == [read_line(text, "f:9").line for text in lines]
