"""What the demo runs on: a simulated day and its signals, and a data folder of its own."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import orjson

from bot.feeds.simulated import SimulatedFeed
from bot.sessions import session_of
from bot.settings import Settings, settings_of
from bot.signals.file import read_lines
from options.inputs import SignalArrived, SignalUnreadable
from strategies.exit_rules import ExitSettings, FlatPolicy, TargetSettings
from strategies.follow_signal import FollowSignalSettings

# A regular Wednesday between two monthly expiries; the day is part of what a seed means.
DEMO_DAY = date(2026, 3, 11)


def demo_feed(seed: int) -> SimulatedFeed:
    """The simulated market of a seed."""
    session = session_of(DEMO_DAY)
    assert session is not None, "the demo's day is a trading day"
    return SimulatedFeed(session, seed)


def demo_signals(feed: SimulatedFeed) -> list[SignalArrived | SignalUnreadable]:
    """The feed's signals, through the same door as those of a file."""
    return list(read_lines([orjson.dumps(signal) for signal in feed.signals()], "simulated"))


def demo_folder(parent: Path) -> Path:
    """A data folder that no demo has used yet: ``parent/1``, ``parent/2`` and so on."""
    taken = [int(entry.name) for entry in parent.glob("[0-9]*") if entry.name.isdigit()]
    return parent / str(max(taken, default=0) + 1)


def demo_settings() -> Settings:
    """Exits near enough for one day to show them all: half out at a small gain, stops, flat over night."""
    exits = ExitSettings(
        targets=(
            TargetSettings(gain=Decimal("0.08"), share=Decimal("0.5")),
            TargetSettings(gain=Decimal("0.20"), share=Decimal("0.5")),
        ),
        stop=Decimal("0.20"),
        trail=Decimal("0.15"),
        flat=FlatPolicy.EVERY_DAY,
    )
    return settings_of("the environment", {"follow_signal": FollowSignalSettings(exits=exits)})
