"""The recorded days, as for the tests that run them whole."""

from tests.e2e.conftest import large_budget, recorded, signals

__all__ = ["large_budget", "recorded", "signals"]
