"""The recorded days, each read once."""

from contextlib import closing
from pathlib import Path

import pytest

from bot.feeds.recorded import RecordedFeed
from bot.settings import Settings, load_settings
from bot.signals.file import read_signals
from tests.bot.discord.openapi_held import openapi_held
from tests.e2e.day_runs import LARGE_BUDGET, KeptFeed, Signals

__all__ = ["openapi_held"]

TWX_1, TWX_2, GOOG = "twx_20140605", "twx_20140606", "goog_20151224"


@pytest.fixture(scope="session")
def recorded(shared_data: Path) -> dict[str, KeptFeed]:
    """The three recorded days by name."""
    kept = {}
    for name in (TWX_1, TWX_2, GOOG):
        with closing(RecordedFeed(shared_data / "quotes", name)) as feed:
            kept[name] = KeptFeed(feed)
    return kept


@pytest.fixture(scope="session")
def signals(shared_data: Path) -> dict[str, Signals]:
    """The signals of each recorded day, and the ``bad`` ones."""
    return {
        name: read_signals(shared_data / "signals" / f"{name}.jsonl").items
        for name in (TWX_1, TWX_2, GOOG, "bad")
    }


@pytest.fixture(scope="session")
def large_budget(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings under which orders are larger than what is displayed."""
    path = tmp_path_factory.mktemp("settings") / "large.toml"
    path.write_text(LARGE_BUDGET, encoding="utf-8")
    return load_settings(path)
