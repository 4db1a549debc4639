"""What a long run says at its end of what it tried."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

TESTS = """
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=1200, database=None)
@given(st.integers())
def test_a_property(number):
    assert number + 0 == number


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.xdist_group("days")
def test_faults(seed, record_property):
    record_property("reports lost", 0)
    record_property("killed at K1", seed)
    record_property("examples", 500)
    assert seed < 3


def test_nothing_is_counted():
    pass
"""


@pytest.mark.parametrize("processes", [0, 2])
def test_what_was_tried_is_said_from_one_process_and_from_many(tmp_path: Path, processes: int) -> None:
    """Examples and faults, also of what failed, each under its test; the runs of a parametrized test are added up."""
    (tmp_path / "test_small.py").write_text(TESTS)
    spread = ["--numprocesses", str(processes), "--dist=loadgroup"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "tests.proof_summary",
            "-p",
            "no:cacheprovider",
            *spread,
        ],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    said = done.stdout.partition("what was tried")[2].splitlines()
    assert [line.split() for line in said[1:5]] == [
        ["1,200", "examples", "test_small.py::test_a_property"],
        ["1,500", "examples", "test_small.py::test_faults"],
        ["0", "reports", "lost"],
        ["6", "killed", "at", "K1"],
    ]
    assert "test_nothing_is_counted" not in done.stdout
