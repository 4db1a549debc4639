"""Words that cannot be read are refused with all else that is wrong, and with nothing that follows from them alone."""

from datetime import date
from pathlib import Path

import pytest

from bot.every_fault import changed_trade, new_trade, refused_in_both
from bot.trade_words import PlanReader, PlanWords
from options import commands as c
from options.plan import EntryPlan, ExitPlan
from options.plan_check import plan_faults
from storage.ledger import LEDGER_PATH
from tests.bot.command_room import CommandRoom, callboard

CONTRACT = "GOOG 2015-12-31 750 C"
PLAIN = c.NewTrade(command_id="1", who="ann", instrument="", qty=0)


def told(output: str) -> list[str]:
    """The sentences of a refusal, without the program's name before each."""
    return [line.removeprefix("callboard: ") for line in output.splitlines()]


def test_every_word_that_cannot_be_read_is_named_at_once(tmp_path: Path) -> None:
    """Numbers, prices, times, the contract and the quantity: one refusal, exit code 2, nothing written."""
    found = callboard(
        tmp_path, "trade", "new", "GOOG Christmas", "few", "--steps", "x", "--every", "often", "--limit", "cheap",
        "--give-up", "soon", "--when-spread", "thin", "--break-even-after", "y", "--hold-max", "z", "--at", "noon",
    )  # fmt: skip
    assert found.exit_code == 2
    assert len(told(found.output)) == 10, found.output
    names = ("QTY", "--steps", "--every", "--limit", "--give-up", "--when-spread", "--break-even-after",
             "--hold-max", "--at")  # fmt: skip
    assert all(any(line.startswith(f"{name}: ") for line in told(found.output)) for name in names)
    assert not (tmp_path / LEDGER_PATH).exists()


@pytest.mark.parametrize("begun", [True, False])
def test_what_is_wrong_besides_is_told_with_it(tmp_path: Path, begun: bool) -> None:
    """An expired contract, a stop of twice the entry, an exit in the past; with a ledger and without one."""
    if begun:
        assert callboard(tmp_path, "trade", "new", CONTRACT, "1").exit_code == 0
    found = callboard(
        tmp_path, "trade", "new", CONTRACT, "0", "--steps", "x", "--stop", "2", "--target", "0.5:300%",
        "--flat-at", "2015-12-01T10:00:00Z",
    )  # fmt: skip
    assert found.exit_code == 2
    first, *rest = told(found.output)
    assert first == "--steps: 'x' is not a whole number of at most 18 digits, e.g. 4"
    wanted = ("quantity 0", "stop 2", "share 3", "flat-at 1 Dec 2015 05:00:00 ET has passed")
    for words in wanted:
        assert any(words in line for line in rest), (words, rest)


def test_a_running_instance_says_what_is_wrong_besides(tmp_path: Path) -> None:
    """Its market is asked too: a stop above what is quoted; and a trade that is not there is named."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        assert callboard(tmp_path, "trade", "new", CONTRACT, "1").exit_code == 0
        seq = room.last_seq
        above = callboard(tmp_path, "trade", "modify", "T1", "--steps", "x", "--stop", "@12").output
        absent = callboard(tmp_path, "trade", "modify", "T9", "--qty", "many", "--stop", "0.3").output
        assert room.last_seq == seq, "only asked, and nothing is written"
    assert [line.partition(":")[0] for line in told(above)] == [
        "--steps",
        "the stop 12.00 of a long must lie below the market 9.90",
    ]
    assert told(absent) == [
        "--qty: 'many' is not a whole number of at most 18 digits, e.g. 4",
        "T9: there is no such trade",
    ]


UNREAD = [
    ({"limit": "x", "algo": "limit"}, {}),
    ({"limit": "x", "bound": "5"}, {}),
    ({"limit": "9", "algo": "x"}, {}),
    ({"bound": "9", "algo": "x"}, {}),
    ({"limit": "9", "then": "market", "give_up": "x"}, {}),
    ({"trail": "x", "trail_after": "0.2"}, {}),
    ({"trail": "x:broker"}, {}),
    ({"stop": "x:broker"}, {}),
    ({"stop": "x", "targets": ("@12",)}, {}),
    ({"targets": ("x", "0.5:0.5"), "break_even_after": "2"}, {}),
    ({"at": "x"}, {}),
    ({"flat_at": "x"}, {}),
    ({"targets": ("0.2:0.5", "0.4:0.5")}, {"qty": "x"}),
    ({"limit": "-1"}, {"contract": "buy or sell"}),
]


@pytest.mark.parametrize(("words", "other"), UNREAD)
def test_nothing_is_said_that_follows_from_an_unread_word_alone(
    words: dict[str, object], other: dict[str, str]
) -> None:
    """A limit that cannot be read is no missing limit; targets that cannot be read are no missing ladder."""
    reader = PlanReader(date(2015, 12, 24))
    typed = PlanWords(**words)  # type: ignore[arg-type] # each as its field
    readings = new_trade(reader, other.get("contract", CONTRACT), other.get("qty", "2"), typed, PLAIN)

    def refused(command: c.Command) -> list[str]:
        assert isinstance(command, c.NewTrade)
        net = "*" in command.instrument
        return plan_faults(command.qty, 1, command.entry, command.exits, None, net=net)

    assert len(reader.faults) == 1
    assert refused_in_both(readings, refused) == []


def test_words_that_can_be_read_have_one_meaning() -> None:
    """Both readings are the command itself, new or changed."""
    reader = PlanReader(date(2015, 12, 24))
    words = PlanWords(limit="9", stop="0.3", steps="5", every=20.0)
    first, second = new_trade(reader, CONTRACT, 3, words, PLAIN)
    assert first == second
    assert isinstance(first, c.NewTrade)
    assert (first.qty, first.entry.steps, first.entry.every_s) == (3, 5, 20.0)
    one, other = changed_trade(
        reader, None, None, PlanWords(trail="25%"), c.ModifyTrade(command_id="1", who="ann", trade_id="T1")
    )
    assert one == other
    assert isinstance(one, c.ModifyTrade)
    assert (one.qty, one.entry) == (None, None)
    assert (EntryPlan(), ExitPlan()) != (first.entry, first.exits)
    assert reader.faults == []
