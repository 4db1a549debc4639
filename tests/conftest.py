"""What every test may ask for: the real recorded data, and property tests at the length that was asked for."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA_VARIABLE = "CALLBOARD_SHARED_DATA"
PROOF_VARIABLE = "CALLBOARD_PROOF"

# Neither length judges time: how fast the machine is says nothing about what holds.
# Short draws the same examples every time, so that a change is judged by what it changed; long explores.
settings.register_profile(
    "short",
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",
    max_examples=3000,
    stateful_step_count=100,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def proof_length() -> str:
    """``short``, or ``long`` when the proofs are to run at full length (``make prove``).

    :raises pytest.UsageError: the variable that says so holds something else.
    """
    length = os.environ.get(PROOF_VARIABLE, "short")
    if length not in {"short", "long"}:
        raise pytest.UsageError(f"{PROOF_VARIABLE} is {length!r}; it can be 'short' or 'long'")
    return length


def shared_data_folder() -> Path:
    """Where the real recorded data is looked for: what the environment names, else beside the checkout."""
    named = os.environ.get(SHARED_DATA_VARIABLE)
    return Path(named) if named else REPOSITORY.parent / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    """Choose the length of the property tests, unless the command line names a profile itself."""
    if not config.getoption("--hypothesis-profile", default=None):
        settings.load_profile(proof_length())
    if proof_length() == "long":
        config.pluginmanager.import_plugin("tests.proof_summary")


@pytest.fixture(scope="session")
def proof_is_long() -> bool:
    """True when a test marked ``proof`` should take its full length."""
    return proof_length() == "long"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the real recorded data, kept beside the checkout; without it the test is skipped."""
    folder = shared_data_folder()
    if not folder.is_dir():
        pytest.skip(
            f"the real recorded data is not at {folder}; {SHARED_DATA_VARIABLE} can name another folder"
        )
    return folder
