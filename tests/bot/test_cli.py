"""The commands as a person meets them: help, tables, JSON with exact money, and refusals in one sentence."""

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from options.events import TradeClosed
from storage.ledger_reader import read
from storage.verify import Verdict, Verification, verify
from tests.e2e.day_runs import is_one_sentence, ledger_of

COMMANDS = ("demo", "replay", "verify", "trades", "positions", "events")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200", "NO_COLOR": "1"})


def as_json(*arguments: object) -> Any:
    done = call(*arguments, "--json")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    return json.loads(done.stdout, parse_float=Decimal)


def plain(done: Result) -> str:
    """What was printed, in one line."""
    return re.sub(r"[\s│╭╮╰╯─]+", " ", done.output)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    """The help names every command, and each command's own help says what every option is for."""
    assert name in call("--help").output
    done = call(name, "--help")
    assert done.exit_code == 0
    options = [line for line in done.output.splitlines() if "--" in line and "│" in line]
    assert options
    for line in options:
        assert re.search(r"[A-Za-z]{3,}.*[a-z]{3,}", line.partition("--")[2]), f"{name}: {line}"


def test_no_command_shows_the_help() -> None:
    """Without a command the help is shown."""
    assert "replay" in call().output


def test_trades_are_listed_with_exact_money(data: Path) -> None:
    """``trades`` adds up to what the ledger's closed trades state, open and closed can be asked for apart."""
    rows = as_json("trades", "--data", data)
    closed = [
        event for batch in read(ledger_of(data)) for event in batch.events if isinstance(event, TradeClosed)
    ]
    assert [row["id"] for row in rows] == ["T1", "T2", "T3"]
    ended = as_json("trades", "--data", data, "--closed")
    assert [row["realized"] for row in ended] == [event.realized_pnl for event in closed]
    assert [row["net"] for row in ended] == [event.realized_pnl - event.fees for event in closed]
    assert [row["id"] for row in as_json("trades", "--data", data, "--open")] == ["T3"]
    assert as_json("trades", "--data", data, "--symbol", "NONE") == []
    assert len(as_json("trades", "--data", data, "--symbol", "ACME", "--strategy", "follow_signal")) == 3
    assert '"fees":18.20' in call("trades", "--data", data, "--json").stdout.replace(" ", "")
    table = call("trades", "--data", data)
    assert table.exit_code == 0
    assert all(row["id"] in table.output for row in rows)


def test_positions_are_listed_with_what_guards_them(data: Path) -> None:
    """``positions`` shows what is open, its mark and its exits."""
    rows = as_json("positions", "--data", data)
    assert [(row["id"], row["qty"], row["mark"]) for row in rows] == [("T3", 14, Decimal("2.9"))]
    table = call("positions", "--data", data)
    assert table.exit_code == 0
    assert "T3" in table.output


def test_events_are_told_in_words_and_can_be_narrowed(data: Path) -> None:
    """``events`` gives every line; by trade, by type, after a number, and the last so many."""
    everything = as_json("events", "--data", data)
    assert [row["seq"] for row in everything] == list(range(1, len(everything) + 1))
    fills = as_json("events", "--data", data, "--type", "OrderFilled", "--trade", "T1")
    assert fills
    assert {row["type"] for row in fills} == {"OrderFilled"}
    assert as_json("events", "--data", data, "--since", len(everything) - 2) == everything[-2:]
    assert as_json("events", "--data", data, "--last", 3) == everything[-3:]
    assert call("events", "--data", data).exit_code == 0


def test_verify_says_so_and_its_exit_code_too(data: Path, tmp_path: Path) -> None:
    """``verify`` is 0 for sound, 1 for broken and 2 for unreadable, in words and as JSON."""
    told = as_json("verify", "--data", data)
    found = verify(ledger_of(data))
    assert (told["verdict"], told["last_hash"], told["line"]) == ("sound", found.last_hash, 0)
    assert "sound" in call("verify", "--data", data).output
    ledger_of(tmp_path).parent.mkdir()
    ledger_of(tmp_path).write_bytes(ledger_of(data).read_bytes()[:-3])
    broken = call("verify", "--data", tmp_path, "--json")
    assert (broken.exit_code, json.loads(broken.stdout)["verdict"]) == (1, "broken")
    assert "--data names the folder" in plain(call("verify", "--data", tmp_path / "none"))
    unreadable = call("verify", "--data", tmp_path / "none", "--json")
    assert (unreadable.exit_code, json.loads(unreadable.stdout)["verdict"]) == (2, "unreadable")


def test_the_demo_is_a_whole_proven_day(tmp_path: Path) -> None:
    """``demo --fast`` trades its day to the end; the same seed gives the same ledger, another seed another."""
    told = [
        as_json("demo", "--fast", "--seed", seed, "--data", tmp_path / name)
        for name, seed in (("a", 3), ("b", 3), ("c", 4))
    ]
    assert [one["sound"] for one in told] == [True] * 3
    assert told[0]["ending"] == "the day ended"
    assert told[0]["trades_opened"] > 0
    assert ledger_of(tmp_path / "a").read_bytes() == ledger_of(tmp_path / "b").read_bytes()
    assert told[2]["last_hash"] != told[0]["last_hash"]
    again = call("demo", "--fast", "--seed", 3, "--data", tmp_path / "a")
    assert again.exit_code == 0
    assert "already holds the whole day" in plain(again)
    assert told[0]["last_hash"][:16] in plain(again)


def test_each_demo_gets_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ``--data`` every demo begins in a new folder below var/demo."""
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert call("demo", "--fast", "--json").exit_code == 0
    assert [ledger_of(tmp_path / "var" / "demo" / n).exists() for n in ("1", "2", "3")] == [True, True, False]


def test_a_demo_in_another_days_folder_is_refused(data: Path) -> None:
    """A folder whose ledger is past the demo's day is refused with what would be right."""
    done = call("demo", "--fast", "--data", data)
    assert done.exit_code == 2
    assert is_one_sentence(done.stderr)
    assert "another data folder" in done.stderr


@pytest.mark.parametrize("name", ["trades", "positions", "events"])
def test_a_folder_without_a_ledger_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    """What reads a ledger says which one is not there."""
    for more in ((), ("--json",)):
        done = call(name, "--data", tmp_path / "none", *more)
        assert done.exit_code == 2
        assert is_one_sentence(done.stderr), done.stderr
        assert "none" in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("replay", "--quotes", "q", "--set", "s", "--signals", "f", "--speed", "-1"), "neither 'max' nor"),
        (("replay", "--quotes", "q", "--set", "s", "--signals", "f", "--speed", "nan"), "neither 'max' nor"),
        (("replay", "--quotes", "q", "--set", "s", "--signals", "f", "--speed", "inf"), "neither 'max' nor"),
        (("replay", "--quotes", "q", "--set", "s", "--signals", "f", "--fills", "free"), "realistic"),
        (("replay", "--set", "s", "--signals", "f"), "--quotes"),
        (("demo", "--seed", "-1"), "--seed"),
        (("events", "--last", "0"), "--last"),
        (("sell everything",), "No such command"),
    ],
)
def test_wrong_options_say_what_would_be_right(arguments: tuple[str, ...], words: str) -> None:
    """An option that cannot be is refused with exit code 2, naming it or what it can be."""
    done = call(*arguments)
    assert done.exit_code == 2
    assert words in plain(done)
    assert "Traceback" not in done.output


def test_a_type_that_there_is_not_is_answered_with_those_there_are(data: Path) -> None:
    """``events --type`` knows its types."""
    done = call("events", "--data", data, "--type", "Filled")
    assert done.exit_code == 2
    assert "OrderFilled" in plain(done)


def test_events_of_a_trade_that_is_not_there_are_refused(data: Path) -> None:
    """A trade's name that is mistyped is said to be none; a trade that has nothing of a type has no events of it."""
    done = call("events", "--data", data, "--trade", "T99")
    assert done.exit_code == 2
    assert is_one_sentence(done.stderr)
    assert "T99: there is no such trade" in done.stderr
    assert as_json("events", "--data", data, "--trade", "T1", "--type", "TradingHalted") == []


def test_wrong_settings_are_told_all_at_once(tmp_path: Path) -> None:
    """A settings file with faults stops the run before anything is made, and each fault is named."""
    path = tmp_path / "s.toml"
    path.write_text("nosuch = 1\n[risk]\nqty_max = 0\n", encoding="utf-8")
    done = call("demo", "--fast", "--data", tmp_path / "d", "--settings", path)
    assert done.exit_code == 2
    assert is_one_sentence(done.stderr)
    assert "nosuch: there is no such setting" in done.stderr
    assert "risk.qty_max" in done.stderr
    assert not (tmp_path / "d").exists()


def test_another_accounts_ledger_is_refused(data: Path, tmp_path: Path) -> None:
    """Settings of another account than the ledger's are refused and change nothing."""
    path = tmp_path / "s.toml"
    path.write_text('account = "DU7"\n', encoding="utf-8")
    before = ledger_of(data).read_bytes()
    done = call("demo", "--fast", "--data", data, "--settings", path)
    assert done.exit_code == 2
    assert "DU7" in done.stderr
    assert is_one_sentence(done.stderr)
    assert ledger_of(data).read_bytes() == before


def test_the_command_is_also_a_module() -> None:
    """``python -m bot.cli`` is the same command, where it is not installed."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "--help"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "replay" in done.stdout) == (0, True)


def test_a_wrong_environment_is_told_by_the_demo_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that cannot be right ends it in one sentence that names the setting, before anything is made."""
    monkeypatch.setenv("CALLBOARD_STRATEGY_ANSWER_S", "soon")
    done = call("demo", "--fast", "--data", tmp_path / "d")
    assert done.exit_code == 2
    assert is_one_sentence(done.stderr)
    assert "settings in the environment are wrong: strategy_answer_s" in done.stderr
    assert not (tmp_path / "d").exists()


def test_a_setting_that_is_none_of_some_words_is_told_them(tmp_path: Path) -> None:
    """The words themselves, without what the program calls them."""
    path = tmp_path / "s.toml"
    path.write_text('[follow_signal]\nentry = "stop"\n', encoding="utf-8")
    done = call("demo", "--fast", "--data", tmp_path / "d", "--settings", path)
    assert "follow_signal.entry: Input should be 'market', 'limit' or 'walk'" in done.stderr


def test_names_to_look_for_are_taken_in_any_case(data: Path) -> None:
    """``t1`` and ``acme`` find what ``T1`` and ``ACME`` do."""
    assert (
        call("events", "--data", data, "--trade", "t1").output
        == call("events", "--data", data, "--trade", "T1").output
    )
    assert "T1" in call("trades", "--data", data, "--symbol", "acme").output


def test_the_version_can_be_asked() -> None:
    """One line, and nothing is begun."""
    assert re.fullmatch(r"callboard \d+\.\d+\.\d+\S*\n", call("--version").stdout)


@pytest.mark.parametrize("name", ["trades", "positions", "events"])
def test_a_table_in_a_pipe_has_one_line_a_row(name: str, data: Path) -> None:
    """A pipe has no width: nothing is folded, so that lines can be searched."""
    done = CliRunner().invoke(app, [name, "--data", str(data)], env={"COLUMNS": None, "NO_COLOR": "1"})
    rows = [line for line in done.stdout.splitlines()[2:] if line.strip()]
    sums = 0 if name == "events" else 1
    assert len(rows) - sums == len(as_json(name, "--data", data))


def test_an_event_type_is_named_in_any_case(data: Path) -> None:
    """``tradeclosed`` is ``TradeClosed``."""
    named = [as_json("events", "--data", data, "--type", name) for name in ("TradeClosed", "tradeclosed")]
    assert named[0] == named[1] != []


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            (1, 1, 1),
            "sound: 1 event in an unbroken chain, 1 fill gives every position and P&L of 1 closed trade",
        ),
        (
            (1200, 0, 2),
            "1,200 events in an unbroken chain, 0 fills give every position and P&L of 2 closed trades",
        ),
    ],
)
def test_a_proof_counts_one_as_one(counts: tuple[int, int, int], said: str) -> None:
    """Singular and plural, thousands apart."""
    events, fills, closed = counts
    assert said in Verification(Verdict.SOUND, events, fills, closed).sentence
