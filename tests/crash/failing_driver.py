"""The scripted day in a process of its own, with a strategy that never answers or an input that cannot be decided on.

``python -m tests.crash.failing_driver DATA FAULT``. A fault of a strategy is one of :data:`STALLS`, at the signal
:data:`STALLED_AT`; ``market`` is the second at which the market cannot be decided on, as ``market:100``, ``endless``
the one at which deciding never ends; ``none`` is an undisturbed run. The exit code is 0 for a day that ended, 3 for one
that was ended in a sentence.
"""

import sys
from collections import deque
from collections.abc import Callable
from itertools import repeat
from pathlib import Path
from threading import Event
from unittest.mock import patch

from bot import decision_watch, strategy_watch
from bot.decision_fault import DecisionFailed
from bot.settings import Settings
from bot.strategy_fault import StrategyFailed
from options.events import TradeEvent
from options.inputs import Input, MarketMoved
from options.intent import Decision
from options.order_manager import OptionsOrderManager
from options.signal import Signal
from options.values import SECOND, Micros
from strategies.base import MarketView
from strategies.follow_signal import FollowSignal
from tests.crash.scripted_day import first_day, first_signals, patient_settings
from tests.e2e.day_runs import run_in

STALLED_AT = "S3"
ENDED_IN_A_SENTENCE = 3


def _loop() -> None:
    while True:
        pass


def _wait() -> None:
    Event().wait()


def _survive_all() -> None:
    while True:
        try:
            _loop()
        except strategy_watch.NoAnswer:
            continue


def _drain() -> None:
    """One call that never comes back to the interpreter."""
    deque(repeat(0), maxlen=0)


STALLS: dict[str, Callable[[], None]] = {
    "loop": _loop,
    "wait": _wait,
    "survive_all": _survive_all,
    "drain": _drain,
}


def quick_settings() -> Settings:
    """The scripted day's settings, with little patience for strategies."""
    return patient_settings().model_copy(update={"strategy_answer_s": 0.4})


def main() -> None:
    """Run it."""
    folder, fault = Path(sys.argv[1]), sys.argv[2]
    honest, decide = FollowSignal.on_signal, OptionsOrderManager.decide
    poison_at = first_day().session.open + int(fault.partition(":")[2] or -1) * SECOND

    def on_signal(self: FollowSignal, view: MarketView, signal: Signal) -> Decision:
        if signal.signal_id == STALLED_AT and fault in STALLS:
            STALLS[fault]()
        return honest(self, view, signal)

    def on_input(self: OptionsOrderManager, at: Micros, cause: str, given: Input) -> list[TradeEvent]:
        events = decide(self, at, cause, given)
        if isinstance(given, MarketMoved) and at == poison_at:
            if fault.startswith("endless"):
                _loop()
            raise ZeroDivisionError("poison")
        return events

    with (
        patch.object(FollowSignal, "on_signal", on_signal),
        patch.object(OptionsOrderManager, "decide", on_input),
        patch.object(decision_watch, "DECIDING_S", 0.5),
        patch.object(strategy_watch, "GRACE_S", 0.3),
        patch.object(strategy_watch, "_AGAIN_S", 0.1),
    ):
        try:
            run_in(folder, first_day(), first_signals(), quick_settings())
        except (StrategyFailed, DecisionFailed) as error:
            sys.stderr.write(f"callboard: {error}\n")
            sys.exit(ENDED_IN_A_SENTENCE)


if __name__ == "__main__":
    main()
