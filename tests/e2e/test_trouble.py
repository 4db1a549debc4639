"""What goes wrong around a run: said in one sentence with exit code 2, nothing half done, and a way on."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from typer.testing import CliRunner

from bot.cli import app
from storage.files import InstanceLock
from storage.verify import Verdict, verify
from tests.e2e.conftest import TWX_1
from tests.e2e.day_runs import (
    KeptFeed,
    Signals,
    callboard,
    facts,
    is_one_sentence,
    ledger_of,
    of_type,
    replay_of,
    run_in,
    story,
)
from tests.nobody import as_nobody

Recorded = dict[str, KeptFeed]
SignalsOf = dict[str, Signals]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, recorded: Recorded, signals: SignalsOf) -> Path:
    """The folder of a day that nothing happened to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run_in(folder, recorded[TWX_1], signals[TWX_1])
    return folder


def refusal(*arguments: object) -> str:
    """What the command says when it must refuse; exit code 2 and one sentence are part of it."""
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exit_code == 2, done.output
    assert is_one_sentence(done.stderr), done.stderr
    return done.stderr


def test_a_missing_set_is_named_with_those_there_are(shared_data: Path, tmp_path: Path) -> None:
    """A set that is not there is refused with the names of those that are, before any folder is made."""
    arguments = replay_of(shared_data, TWX_1, tmp_path / "d")
    arguments[arguments.index(TWX_1)] = "twx_19990101"
    said = refusal(*arguments)
    assert "twx_19990101" in said
    assert TWX_1 in said
    assert not (tmp_path / "d").exists()


def test_a_missing_signals_file_is_named(shared_data: Path, tmp_path: Path) -> None:
    """A signals file that is not there, or given twice, is refused before any folder is made."""
    arguments = replay_of(shared_data, TWX_1, tmp_path / "d")
    assert "none.jsonl" in refusal(*arguments, "--signals", tmp_path / "none.jsonl")
    assert "given twice" in refusal(*arguments, "--signals", shared_data / "signals" / f"{TWX_1}.jsonl")
    assert not (tmp_path / "d").exists()


def test_folders_that_cannot_be_read_or_written_are_named(shared_data: Path) -> None:
    """A folder of quotes or of data without permission, or that is a file, is refused in one sentence."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        locked = Path(made) / "locked"
        locked.mkdir(mode=0o000)
        a_file = Path(made) / "file"
        a_file.write_text("x", encoding="utf-8")
        data = replay_of(shared_data, TWX_1, locked / "d")
        quotes = replay_of(shared_data, TWX_1, Path(made) / "d")
        quotes[quotes.index(shared_data / "quotes")] = locked
        with as_nobody():
            assert "locked" in refusal(*data)
            assert "locked" in refusal(*quotes)
            assert "locked" in refusal("trades", "--data", locked)
            assert CliRunner().invoke(app, ["verify", "--data", str(locked)]).exit_code == Verdict.UNREADABLE
        assert "file" in refusal(*replay_of(shared_data, TWX_1, a_file))
        locked.rmdir()


def test_a_folder_in_use_is_left_alone(shared_data: Path, undisturbed: Path) -> None:
    """While one instance runs on a folder, a second one is told who it is and changes nothing."""
    before = ledger_of(undisturbed).read_bytes()
    with InstanceLock(undisturbed):
        assert f"in use by process {os.getpid()}" in refusal(*replay_of(shared_data, TWX_1, undisturbed))
    assert ledger_of(undisturbed).read_bytes() == before


@pytest.mark.parametrize("line", [1, 200, -2])
def test_one_changed_byte_is_found_and_its_line_named(
    shared_data: Path, undisturbed: Path, tmp_path: Path, line: int
) -> None:
    """A ledger with one changed byte is broken for ``verify`` and refused for trading, with the line."""
    lines = ledger_of(undisturbed).read_bytes().split(b"\n")
    number = line if line > 0 else len(lines) + line
    middle = len(lines[number - 1]) - 30
    changed = bytearray(lines[number - 1])
    changed[middle] ^= 1
    lines[number - 1] = bytes(changed)
    ledger_of(tmp_path).parent.mkdir(parents=True)
    ledger_of(tmp_path).write_bytes(b"\n".join(lines))
    found = verify(ledger_of(tmp_path))
    assert found.verdict is Verdict.BROKEN
    assert found.line in (number, number + 1)
    assert CliRunner().invoke(app, ["verify", "--data", str(tmp_path)]).exit_code == 1
    assert f"line {found.line}" in refusal(*replay_of(shared_data, TWX_1, tmp_path))
    assert ledger_of(tmp_path).read_bytes() == b"\n".join(lines)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_torn_last_line_is_cut_off_and_said(
    recorded: Recorded, signals: SignalsOf, undisturbed: Path, tmp_path: Path, share: float
) -> None:
    """A ledger whose last line is unfinished is broken for ``verify``; the next run says what it cut and carries on."""
    lines = ledger_of(undisturbed).read_bytes().split(b"\n")
    alone = [
        n for n in range(1, len(lines)) if not any(b'","more":1,' in line for line in lines[n - 1 : n + 1])
    ]
    number = alone[round(share * (len(alone) - 2))]
    torn = lines[number][: len(lines[number]) // 2]
    ledger_of(tmp_path).parent.mkdir(parents=True)
    ledger_of(tmp_path).write_bytes(b"\n".join([*lines[:number], torn]))
    found = verify(ledger_of(tmp_path))
    assert (found.verdict, found.line) == (Verdict.BROKEN, number + 1)
    assert "unfinished" in found.reason
    _, told = run_in(tmp_path, recorded[TWX_1], signals[TWX_1])
    assert told.sound
    repaired = of_type(facts(tmp_path), "LedgerRepaired")
    assert [fact["cut_bytes"] for fact in repaired] == [len(torn)]
    assert torn.decode().startswith(repaired[0]["cut_text"])
    assert story(tmp_path) == story(undisturbed)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of one megabyte."""
    mount, unmount = which("mount"), which("umount")
    if os.geteuid() != 0 or mount is None or unmount is None:
        pytest.skip("mounting a small disk takes the superuser")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", folder],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"no small disk can be mounted here: {done.stderr.decode().strip()}")
        try:
            yield Path(folder)
        finally:
            subprocess.run([unmount, folder], check=True)


@pytest.mark.parametrize("room", [0, 16_384, 73_728, 139_264])
def test_a_full_disk_ends_the_run_and_nothing_is_half_done(
    shared_data: Path, undisturbed: Path, small_disk: Path, room: int
) -> None:
    """When the disk is full the run ends with one sentence; with room made, the same command comes to the same end."""
    filler = small_disk / "filler"
    filler.write_bytes(bytes(os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize - room))
    arguments = replay_of(shared_data, TWX_1, small_disk / "data")
    done = callboard(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert is_one_sentence(done.stderr), done.stderr
    filler.unlink()
    done = callboard(*arguments)
    assert done.returncode == 0, done.stderr
    assert story(small_disk / "data") == story(undisturbed)
    assert verify(ledger_of(small_disk / "data")).verdict is Verdict.SOUND
