"""A strategy that fails ends the process once, with its reason on the disk; no signal makes it end a second time."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from bot import cli
from bot.app import DayRun, fold_into
from bot.runner import Desk, Runner
from bot.strategy_fault import StrategyFailed
from bot.trading_day import Ending, RunIdentity, TradingDay
from options.book import Book
from options.events import OrderFilled, SignalAccepted, SignalDecided
from options.execution.fill_models import QUOTE_RULES
from options.execution.paper import PaperBroker
from options.intent import Decision, Outcome
from options.order_manager import OptionsOrderManager
from options.quote import QuoteCache
from options.signal import Signal
from options.values import to_iso
from storage.ledger import LEDGER_PATH, Ledger
from storage.verify import Verdict, verify
from strategies.base import MarketView
from strategies.follow_signal import FollowSignal
from tests.crash.scripted_day import first_day, first_signals, patient_settings
from tests.e2e.day_runs import is_one_sentence, ledger_of, run_in, story

Answer = Callable[[], object]
IGNORED = "S2"


class Wordless(Exception):
    """An error that cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


def fail_by(error: BaseException) -> Answer:
    """An answer that is none: the error."""

    def answer() -> object:
        raise error

    return answer


def answer_at(monkeypatch: pytest.MonkeyPatch, answer: Answer, signal_id: str = "") -> list[str]:
    """Let ``follow_signal`` answer so to one signal, or to all; the ids that it was asked about are noted."""
    asked: list[str] = []
    honest = FollowSignal.on_signal

    def on_signal(self: FollowSignal, view: MarketView, signal: Signal) -> object:
        asked.append(signal.signal_id)
        return answer() if signal_id in ("", signal.signal_id) else honest(self, view, signal)

    monkeypatch.setattr(FollowSignal, "on_signal", on_signal)
    return asked


def run_day(folder: Path) -> Ending:
    """The scripted day, or what is left of it."""
    return run_in(folder, first_day(), first_signals(), patient_settings())[0]


BAD_NAME = Decision(strategy="\ud800", outcome=Outcome.IGNORED, reason="-")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            fail_by(ZeroDivisionError("by nought")),
            "ZeroDivisionError: by nought (test_strategy_failure.py, line",
        ),
        (fail_by(KeyError("a\nb\x00")), "KeyError"),
        (fail_by(Wordless()), "Wordless"),
        (fail_by(MemoryError()), "MemoryError"),
        (fail_by(ValueError("long " * 1_000)), "ValueError: long long"),
        (lambda: None, "on_signal gave NoneType, not a Decision"),
        (lambda: BAD_NAME, "not a name that can be written down"),
    ],
)
def test_f44_a_failing_strategy_ends_the_process_once_and_the_day_goes_on(
    answer: Answer, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a position held: one end that names strategy and signal, then the same day as if nothing had been."""
    run_day(tmp_path / "undisturbed")
    wanted = story(tmp_path / "undisturbed")
    asked = answer_at(monkeypatch, answer, IGNORED)
    with pytest.raises(StrategyFailed, match=f"at signal {IGNORED} follow_signal failed: ") as failed:
        run_day(tmp_path)
    assert why in str(failed.value)
    assert isinstance(failed.value.__cause__, Exception)
    assert run_day(tmp_path) is Ending.DAY_ENDED
    assert asked.count(IGNORED) == 1
    found = story(tmp_path)
    (decided,) = [one for one in found if isinstance(one, SignalDecided) and one.signal_id == IGNORED]
    assert (decided.strategy, decided.outcome, decided.trade_id) == ("follow_signal", Outcome.REFUSED, "")
    assert decided.reason.startswith("the strategy failed: ")
    assert why in decided.reason
    honest = next(one for one in wanted if isinstance(one, SignalDecided) and one.signal_id == IGNORED)
    assert [honest if one == decided else one for one in found] == wanted
    assert verify(ledger_of(tmp_path)).verdict is Verdict.SOUND


def test_f49_a_strategy_that_always_fails_cannot_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each start gets past the signal that ended the one before: the day ends, and no signal was given twice."""
    asked = answer_at(monkeypatch, fail_by(RuntimeError("never")))
    starts = 0
    while True:
        starts += 1
        try:
            ending = run_day(tmp_path)
        except StrategyFailed:
            continue
        break
    assert ending is Ending.DAY_ENDED
    taken = [one.signal_id for one in story(tmp_path) if isinstance(one, SignalAccepted)]
    assert asked == taken
    assert starts == len(taken) + 1


def test_an_interrupt_is_no_failure_of_the_strategy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It passes through, nothing of the signal counts, and the next start hands the signal on again."""
    with monkeypatch.context() as interrupted:
        answer_at(interrupted, fail_by(KeyboardInterrupt()), IGNORED)
        with pytest.raises(KeyboardInterrupt):
            run_day(tmp_path)
    assert IGNORED not in [one.signal_id for one in story(tmp_path) if isinstance(one, SignalAccepted)]
    assert run_day(tmp_path) is Ending.DAY_ENDED
    decided = [one for one in story(tmp_path) if isinstance(one, SignalDecided) and one.signal_id == IGNORED]
    assert [one.outcome for one in decided] == [Outcome.IGNORED]


class Failing:
    """A strategy that fails at every signal."""

    name = "failing"

    def on_signal(self, view: MarketView, signal: Signal) -> Decision:
        """No decision."""
        raise LookupError(f"{signal.symbol} at {view.now}")


def test_other_strategies_answer_the_signal_at_which_one_fails(tmp_path: Path) -> None:
    """The one that comes after the failing one enters: its order is durable and filled before the process ends."""
    path, settings, feed = tmp_path / LEDGER_PATH, patient_settings(), first_day()
    path.parent.mkdir(parents=True)
    book, quotes = Book(), QuoteCache()
    ledger = Ledger.open(path, now_ts=to_iso(feed.session.open), sink=fold_into(book))
    broker = PaperBroker(quotes, settings.limits.quotes, QUOTE_RULES)
    manager = OptionsOrderManager(book, quotes, settings.limits)
    runner = Runner(Desk(manager, broker, (Failing(), FollowSignal(settings.follow_signal))), ledger)
    identity = RunIdentity("test", "0")
    day = TradingDay(
        runner, broker, feed, first_signals(), identity, pace=lambda _at: None, stopping=lambda: False
    )
    with pytest.raises(StrategyFailed, match="at signal S1 failing failed: LookupError: ACME"):
        day.run()
    ledger.close()
    found = story(tmp_path)
    decided = [(one.strategy, one.outcome) for one in found if isinstance(one, SignalDecided)]
    assert decided == [("failing", Outcome.REFUSED), ("follow_signal", Outcome.OPENED)]
    assert [one for one in found if isinstance(one, OrderFilled)]


def test_the_command_says_a_failure_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, the strategy and the signal by name, no traceback; the second start trades the rest of the day."""
    answer_at(monkeypatch, fail_by(ValueError("odd")), IGNORED)
    run = DayRun(first_day(), first_signals(), tmp_path, patient_settings())
    monkeypatch.setattr(cli, "demo_feed", lambda _seed: run.feed)
    monkeypatch.setattr(cli, "demo_signals", lambda _feed: run.signals)
    monkeypatch.setattr(cli, "demo_settings", lambda: run.settings)
    arguments = ["demo", "--fast", "--no-page", "--json", "--data", str(tmp_path)]
    done = CliRunner().invoke(cli.app, arguments)
    assert done.exit_code == 2, done.output
    assert is_one_sentence(done.stderr), done.stderr
    assert f"at signal {IGNORED} follow_signal failed: ValueError: odd" in done.stderr
    assert CliRunner().invoke(cli.app, arguments).exit_code == 0
    assert msgspec.json.decode(CliRunner().invoke(cli.app, arguments).stdout)
