"""What becomes of a command whose output goes nowhere: the day is traded all the same, and a loss is told."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.day_runs import command, facts, is_one_sentence, of_type

FULL = Path("/dev/full")


def day_ended(folder: Path) -> bool:
    return [fact["day_ended"] for fact in of_type(facts(folder), "ProcessStopped")] == [True]


def test_a_day_goes_on_when_its_reader_goes_away(tmp_path: Path) -> None:
    """``callboard demo | head`` and the like: who reads along may leave, and the day is traded to its end."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        command("demo", "--fast", "--data", tmp_path / "d"),
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")
    assert day_ended(tmp_path / "d")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_day_goes_on_when_its_output_meets_a_full_disk(tmp_path: Path) -> None:
    """What is told of a day may go to a full disk: it is traded to its end, and the loss is told in a sentence."""
    with FULL.open("w", encoding="utf-8") as full:
        done = subprocess.run(
            command("demo", "--fast", "--data", tmp_path / "d", "--json"),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert is_one_sentence(done.stderr)
    assert "No space left on device" in done.stderr
    assert day_ended(tmp_path / "d")


def test_what_an_encoding_lacks_is_written_plainly(data: Path) -> None:
    """Where the terminal knows no minus sign but the hyphen, a loss is still a loss and nothing breaks off."""
    done = subprocess.run(
        command("trades", "--data", data),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "COLUMNS": "120"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    plain = subprocess.run(
        command("trades", "--data", data),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "120"},
        check=False,
    ).stdout.decode()
    assert "−$" in plain
    told = done.stdout.decode("ascii")
    assert told.count("-$") == plain.count("−$")
