"""Commands with ``--settings``: the file holds where nobody runs; where somebody does, its own settings do."""

import shlex
from pathlib import Path

import msgspec
import pytest

from options.risk import RiskLimits
from storage.ledger import LEDGER_PATH
from storage.verify import Verdict, verify
from tests.bot.command_room import CommandRoom, callboard
from tests.options.desk import STARTED

CONTRACT = "GOOG 2015-12-31 750 C"
WAITING = ("--at", "2015-12-28 10:00")
STEERING = (
    f"trade new '{CONTRACT}' 2", "trade activate T1", "trade modify T1 --qty 2", "trade cancel T1",
    "trade assigned T1", "trim T1 1", "close T1", "close-all", "roll T1 --strike 760", "stop T1 9", "target T1 15",
    "trail T1 25%", "settle O1 1", "halt", "resume why",
)  # fmt: skip


def written(folder: Path, text: str) -> str:
    """The name of a settings file with this text."""
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def interrupted(data: Path) -> Path:
    """A data folder whose day was interrupted in the morning: its time is that of the commands."""
    with CommandRoom(data) as room:
        room.quote(9.80, 10.00)
        started = msgspec.structs.replace(STARTED, ts=room.book.last_ts)
        room.runner.record([started])
        room.manager.note(started)
    return data


def test_without_an_instance_the_files_limits_hold(tmp_path: Path) -> None:
    """A trade of four goes off to wait for Monday by the defaults; by a file that allows three it is refused."""
    data, own = interrupted(tmp_path / "data"), written(tmp_path, "[risk]\nqty_max = 3\n")
    assert callboard(data, "trade", "new", CONTRACT, "4", *WAITING, "--settings", own).exit_code == 0
    refused = callboard(data, "trade", "activate", "T1", "--settings", own)
    assert refused.exit_code == 1
    assert "quantity 4 is not between 1 and 3" in refused.output
    assert "running" not in refused.output
    assert callboard(data, "trade", "activate", "T1").exit_code == 0
    assert callboard(data, "trade", "modify", "T1", "--hold").exit_code == 0
    assert callboard(data, "trade", "modify", "T1", "--qty", "3").exit_code == 0
    assert callboard(data, "trade", "activate", "T1", "--settings", own).exit_code == 0
    assert verify(data / LEDGER_PATH).verdict is Verdict.SOUND


def test_without_an_instance_a_preview_is_held_against_the_file_too(tmp_path: Path) -> None:
    """It says what the command would be told, and when the trade would be out by the file."""
    data, own = interrupted(tmp_path / "data"), written(tmp_path, "[risk]\nqty_max = 3\n")
    assert callboard(data, "trade", "new", CONTRACT, "4", *WAITING).exit_code == 0
    shown = callboard(data, "trade", "activate", "T1", "--preview", "--settings", own)
    assert shown.exit_code == 1
    assert "quantity 4 is not between 1 and 3" in shown.output


def test_the_files_minutes_before_expiry_go_into_the_plan(tmp_path: Path) -> None:
    """Half an hour before the last close instead of ten minutes, for a new trade and for one that is changed."""
    data = tmp_path / "data"
    own = written(tmp_path, "[risk]\nflat_before_expiry_minutes = 30\n")
    assert "Out by 31 Dec 2015 15:50:00 ET" in callboard(data, "trade", "new", CONTRACT, "1").output
    found = callboard(data, "trade", "new", CONTRACT, "1", "--settings", own)
    assert "Out by 31 Dec 2015 15:30:00 ET" in found.output
    assert callboard(data, "trade", "modify", "T1", "--stop", "0.2", "--settings", own).exit_code == 0
    assert "out at 31 Dec 2015 15:30:00 ET" in callboard(data, "trade", "show", "T1").output


def test_an_instance_has_its_own_settings_and_that_is_said_once(tmp_path: Path) -> None:
    """The file would refuse four; the instance takes them. One line says whose settings hold, beside any JSON."""
    own = written(tmp_path, "[risk]\nqty_max = 3\n")
    said = f"Callboard is running on {tmp_path / 'data'}: its own settings hold, not {own}.\n"
    with CommandRoom(tmp_path / "data") as room:
        room.quote(9.80, 10.00)
        taken = callboard(room.data, "trade", "new", CONTRACT, "4", "--activate", "--settings", own)
        assert taken.exit_code == 0
        assert taken.stderr == said
        assert [trade.position.qty for trade in room.book.open_trades()] == [4]
        as_json = callboard(room.data, "stop", "T1", "5", "--json", "--settings", own)
        assert as_json.stderr == said
        assert msgspec.json.decode(as_json.stdout)["taken"]
        assert said not in callboard(room.data, "stop", "T1", "6").output


def test_an_instances_limits_hold_whatever_the_file_says(tmp_path: Path) -> None:
    """What the file would allow and the instance does not is refused, and whose settings those are is said."""
    own = written(tmp_path, "[risk]\nqty_max = 9\n")
    with CommandRoom(tmp_path / "data", limits=RiskLimits(qty_max=2)) as room:
        room.quote(9.80, 10.00)
        found = callboard(room.data, "trade", "new", CONTRACT, "4", "--activate", "--settings", own)
    assert found.exit_code == 1
    assert "quantity 4 is not between 1 and 2" in found.stderr
    assert found.stderr.count("its own settings hold") == 1


def test_settings_of_another_account_do_not_touch_a_ledger(tmp_path: Path) -> None:
    """As a run would refuse them; without a file no account is asked for."""
    data, own = interrupted(tmp_path / "data"), written(tmp_path, 'account = "LIVE7"\n')
    size = (data / LEDGER_PATH).stat().st_size
    for words in (("halt",), ("close-all", "--preview"), ("trade", "new", CONTRACT, "no number")):
        found = callboard(data, *words, "--settings", own)
        assert found.exit_code == 2
        assert (
            "is of account PAPER, the settings say LIVE7: give the account its own data folder"
            in found.output
        )
    assert (data / LEDGER_PATH).stat().st_size == size
    assert callboard(data, "halt").exit_code == 0


@pytest.mark.parametrize("words", STEERING)
def test_every_command_that_steers_takes_settings_and_refuses_a_wrong_file(
    tmp_path: Path, words: str
) -> None:
    """A file that is not there, or has a wrong field, ends each with 2 and its sentence, and nothing is done."""
    data, typed = tmp_path / "data", shlex.split(words)
    missing = callboard(data, *typed, "--settings", str(tmp_path / "none.toml"))
    wrong = callboard(data, *typed, "--settings", written(tmp_path, "[risk]\nqty_max = 0\n"))
    assert (missing.exit_code, wrong.exit_code) == (2, 2)
    assert "none.toml cannot be read" in missing.output
    assert "risk.qty_max: " in wrong.output
    assert not data.exists()
