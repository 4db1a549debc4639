"""Every field of every command as JSON of the wrong kind: the answer says all that is wrong, and nothing is done."""

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest

from bot.door.day_desk import answer_line
from bot.door.protocol import REQUEST_BYTES_MAX, Answer, BadRequest, encode_command
from options import commands as c
from options.lifecycle import DRAFT
from storage.ledger import LEDGER_PATH
from storage.verify import Verdict, verify
from tests.bot.command_room import KEY, CommandRoom
from tests.options.bad_fields import (
    BY_DOOR,
    EVERY_COMMAND,
    EVERY_LEAF,
    GOOD_COMMANDS,
    TEXTS,
    Bad,
    Leaf,
    struct_in,
)

_OF_KIND: dict[str, tuple[object, ...]] = {
    "null": (None,),
    "bool": (True, False),
    "int": (7, -1, 10**400),
    "float": (1.5, 1e300),
    "text": ("much", ""),
    "list": ([], [1], [[]]),
    "object": ({}, {"x": 1}),
}
_MAY_BE: dict[str, tuple[str, ...]] = {
    "int": ("int",),
    "float": ("int", "float"),
    "Decimal": ("int", "float"),
    "str": ("text",),
    "bool": ("bool",),
    "NoneType": ("null",),
}


def steady(room: CommandRoom, *, halted: bool = False) -> None:
    """T1 holds four contracts, T2 is a draft; trading is halted or not."""
    room.quote(9.80, 10.00)
    for number in (1, 2):
        strategy = f"s{number}"
        room.command(c.NewTrade(command_id=f"n{number}", who="ann", instrument=KEY, qty=4, strategy=strategy))
    room.command(c.ActivateTrade(command_id="a1", who="ann", trade_id="T1"))
    if halted:
        room.command(c.Halt(command_id="h1", who="ann", reason="look"))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CommandRoom]:
    """A running day that holds T1 and has the draft T2; after the test it must be what it was, to the byte."""
    path = tmp_path / LEDGER_PATH
    with CommandRoom(tmp_path) as found:
        steady(found)
        before = path.read_bytes(), repr(found.book.trades)
        yield found
        assert (path.read_bytes(), repr(found.book.trades)) == before


def asked(room: CommandRoom, line: bytes) -> Answer:
    """The answer to a line that must change nothing."""
    before = room.last_seq
    answer = answer_line(room, room.data / LEDGER_PATH, line)
    assert room.last_seq == before
    assert not answer.taken
    assert answer.reasons
    for reason in answer.reasons:
        assert reason.isprintable(), reason
        assert len(reason) < 400, reason
    return answer


def wrong_json(hint: Any) -> list[object]:
    """JSON values that are not of a field's kind."""
    options = get_args(hint) if type(None) in get_args(hint) else (hint,)
    allowed: set[str] = set()
    for one in options:
        if get_origin(one) is tuple:
            allowed |= {"list"}
        elif isinstance(one, type) and issubclass(one, Enum):
            continue
        elif isinstance(one, type) and issubclass(one, msgspec.Struct):
            allowed |= {"object"}
        else:
            allowed |= set(_MAY_BE[one.__name__])
    return [one for kind, several in _OF_KIND.items() if kind not in allowed for one in several]


def line_of(leaf: Leaf, value: object) -> dict[str, Any]:
    """The good command as JSON, with this field as ``value``."""
    fields: dict[str, Any] = json.loads(msgspec.json.encode(GOOD_COMMANDS[leaf.command]))
    made: object = value
    for depth in range(len(leaf.path) - 1, 0, -1):
        made = {leaf.path[depth]: made}
        if leaf.path[depth - 1] in ("targets", "scale_ins"):
            made = [made]
    tag = leaf.command.__struct_config__.tag
    return {"verb": tag, "command_id": "c1", "who": "ann"} | fields | {leaf.path[0]: made}


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_a_field_of_the_wrong_kind_is_named(
    room: CommandRoom, command: type[c.CommandBase], preview: bool
) -> None:
    """A text for a number, a list for a text, nothing for something: the answer says which field, and what is right."""
    tried = 0
    for leaf in (leaf for leaf in EVERY_LEAF if leaf.command is command):
        for value in wrong_json(leaf.hint):
            given = line_of(leaf, value)
            line = json.dumps({"verb": "preview", "command": given} if preview else given).encode()
            reasons = asked(room, line).reasons
            assert reasons[0].startswith("that is no command: "), reasons
            assert any(leaf.path[-1] in reason for reason in reasons), (leaf.name, value, reasons)
            assert not any("<class" in reason or "`" in reason for reason in reasons), reasons
            tried += 1
    assert tried > 20


def refused_through(room: CommandRoom, given: c.CommandBase) -> tuple[str, ...]:
    """The reasons against a command: of who would send it, else of who takes it; none where it is taken."""
    try:
        line = encode_command(given)  # type: ignore[arg-type] # every command is one of the union
    except BadRequest as error:
        return error.reasons
    answer = answer_line(room, room.data / LEDGER_PATH, line)
    return () if answer.taken else answer.reasons


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_a_wrong_value_of_the_right_kind_is_refused_through_the_door(
    tmp_path: Path, command: type[c.CommandBase]
) -> None:
    """What the desk refuses comes back through the door as a refusal, also where the door fills something in."""
    wrong = [
        leaf
        for leaf in EVERY_LEAF
        if leaf.command is command and isinstance(leaf.bad, Bad) and leaf.path[-1] != BY_DOOR
    ]
    with CommandRoom(tmp_path) as room:
        steady(room, halted=command is c.Resume)
        for leaf in wrong:
            assert isinstance(leaf.bad, Bad)
            for number, value in enumerate(leaf.bad.values):
                given = leaf.command_with(value, command_id=f"{leaf.name[-50:]} {number}")
                assert refused_through(room, given), (leaf.name, str(value)[:40])
        assert room.book.trades["T1"].position.qty == 4
        assert room.book.trades["T2"].status == DRAFT
        assert list(room.book.trades) == ["T1", "T2"]
    assert verify(tmp_path / LEDGER_PATH).verdict is Verdict.SOUND


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_a_field_that_there_is_not_is_named(room: CommandRoom, command: type[c.CommandBase]) -> None:
    """A slip in a field's name is refused wherever it stands, in a plan too: it never counts as left out."""
    places = {leaf.path[:-1]: leaf for leaf in EVERY_LEAF if leaf.command is command}
    for leaf in places.values():
        slip = Leaf(leaf.command, (*leaf.path[:-1], "stopp"), leaf.holders, leaf.hint)
        reasons = asked(room, json.dumps(line_of(slip, 1)).encode()).reasons
        assert any("'stopp' is no field here" in reason for reason in reasons), reasons


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_everything_that_is_wrong_or_missing_is_named_at_once(
    room: CommandRoom, command: type[c.CommandBase]
) -> None:
    """All fields of the wrong kind together, and all that must be there left out: one answer with each of them."""
    tag = command.__struct_config__.tag
    names = [field.name for field in msgspec.structs.fields(command)]
    wrong = asked(room, json.dumps({"verb": tag} | dict.fromkeys(names, True)).encode()).reasons
    allowed = {"hold"}
    assert all(any(name in reason for reason in wrong) for name in names if name not in allowed), wrong
    missing = asked(room, json.dumps({"verb": tag}).encode()).reasons
    needed = [field.name for field in msgspec.structs.fields(command) if field.required]
    assert len([reason for reason in missing if reason.endswith("is missing")]) == len(needed)
    assert all(any(f"{name} is missing" in reason for reason in missing) for name in needed), missing


@pytest.mark.parametrize("field", ["command_id", "who"])
@pytest.mark.parametrize("text", [*TEXTS, "x" * 65])
def test_who_asks_and_what_for_must_be_printable(room: CommandRoom, field: str, text: str) -> None:
    """An id or a name that is empty, too long or cannot be shown is refused before the desk hears of it."""
    fields = {"command_id": "c1", "who": "ann", "trade_id": "T1"} | {field: text}
    asked(room, json.dumps({"verb": "close"} | fields).encode())
    with pytest.raises(BadRequest):
        encode_command(c.CloseTrade(command_id=fields["command_id"], who=fields["who"], trade_id="T1"))


def test_a_field_given_twice_counts_as_its_last(room: CommandRoom) -> None:
    """JSON with a name twice has one meaning, and it is checked."""
    line = b'{"verb":"trim","command_id":"c1","who":"ann","trade_id":"T1","qty":1,"qty":"two"}'
    assert any("qty: 'two' is not a whole number" in reason for reason in asked(room, line).reasons)


@pytest.mark.parametrize("plan", ["entry", "exits"])
def test_a_plan_within_a_plan_is_looked_into(room: CommandRoom, plan: str) -> None:
    """What is wrong deep inside is named by the way to it, beside what is wrong elsewhere."""
    inside = {"entry": {"condition": {"level": []}}, "exits": {"targets": [{"gain": "0.1"}, {"share": {}}]}}
    line = {"verb": "new", "command_id": "c1", "who": "ann", "instrument": 7, "qty": "x", plan: inside[plan]}
    reasons = asked(room, json.dumps(line).encode()).reasons
    assert len(reasons) == 3
    path = {"entry": "entry.condition.level", "exits": "exits.targets 2.share"}[plan]
    assert any(path in reason for reason in reasons), reasons


def test_a_command_too_long_to_send_is_refused_by_who_sends_it() -> None:
    """More than the door reads is not sent."""
    long = c.NewTrade(command_id="c1", who="ann", instrument="x" * REQUEST_BYTES_MAX, qty=1)
    with pytest.raises(BadRequest, match="at most"):
        encode_command(long)


def test_every_field_of_a_list_or_a_plan_can_be_reached() -> None:
    """The generated lines cover the plans inside commands, lists of rungs and orders of exits among them."""
    names = {leaf.name for leaf in EVERY_LEAF}
    assert {
        "NewTrade.exits.targets.share",
        "ModifyTrade.exits.stop_order.steps",
        "TrimTrade.order.algo",
    } <= names
    assert all(struct_in(leaf.hint) is None or leaf.bad is not None for leaf in EVERY_LEAF)


BESIDE = {
    "a quantity": ({"qty": "two"}, "quantity"),
    "a contract": ({"instrument": 7}, "contract"),
    "a limit": ({"entry": {"algo": "limit", "limit_price": "x"}}, "limit"),
    "a way": ({"entry": {"algo": 7, "limit_price": 9}}, "market"),
    "a ladder": ({"exits": {"targets": [{"gain": "x"}, {"gain": 0.5}], "break_even_after": 2}}, "break_even"),
    "a trail": ({"exits": {"trail": "x", "trail_after": 0.2}}, "trail_after"),
    "a condition": ({"entry": {"condition": {"at": "noon"}}}, "exactly one"),
}


@pytest.mark.parametrize(("wrong", "follows"), BESIDE.values(), ids=BESIDE)
def test_what_is_wrong_beside_an_unreadable_field_is_told_with_it(
    room: CommandRoom, wrong: dict[str, object], follows: str
) -> None:
    """A plan that is wrong elsewhere is refused for that too, and for nothing that the field alone leads to."""
    good = {"verb": "new", "command_id": "c1", "who": "ann", "instrument": "GOOG  151231C00750000", "qty": 2}
    (alone,) = asked(room, json.dumps(good | wrong).encode()).reasons
    assert alone.startswith("that is no command: ")
    found = asked(room, json.dumps(good | wrong | {"reason": "two\nlines"}).encode()).reasons
    assert found == (alone, "the reason must be one line of at most 300 printable characters")
    assert not any(follows in reason for reason in found[1:])
