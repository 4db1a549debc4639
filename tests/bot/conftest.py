"""A day that has been traded, for every test that only looks at what it left."""

from pathlib import Path

import pytest

from tests.crash.scripted_day import first_day, first_signals, patient_settings
from tests.e2e.day_runs import run_in


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the ledger of a day of three trades, with trims and partial fills, one of them open."""
    made = tmp_path_factory.mktemp("data")
    run_in(made, first_day(), first_signals(), patient_settings(), fills="realistic")
    return made
