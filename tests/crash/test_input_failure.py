"""A strategy that never answers, an input that cannot be decided on: neither can end every start of the process."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.app import fold_into
from bot.decision_fault import DecisionFailed
from bot.door.protocol import command_cause
from bot.runner import Desk, Runner
from bot.trading_day import Ending, WrongOrder
from options.book import Book
from options.commands import Halt
from options.events import (
    CommandRefused,
    CommandTaken,
    OrderFilled,
    SignalAccepted,
    SignalDecided,
    SignalRefused,
    TradeEvent,
    TradingHalted,
)
from options.execution.fill_models import QUOTE_RULES
from options.execution.paper import PaperBroker
from options.input_events import InputFailed, InputSetAside, StrategyStalled
from options.inputs import (
    BrokerReported,
    ClockTicked,
    CommandGiven,
    ExecutionReport,
    Input,
    MarketMoved,
    SessionBegan,
    SignalAnswered,
    SignalArrived,
    SignalUnreadable,
)
from options.intent import Outcome
from options.order_manager import OptionsOrderManager
from options.quote import QuoteCache
from options.set_aside import FAILURES_MAX, input_names
from options.values import SECOND, Micros, to_iso
from storage.ledger import Ledger
from storage.stall_note import STALL_NAME
from storage.verify import Verdict, verify
from tests.conftest import REPOSITORY
from tests.crash.failing_driver import ENDED_IN_A_SENTENCE, STALLED_AT, STALLS
from tests.crash.scripted_day import first_day, first_signals, patient_settings
from tests.e2e.day_runs import is_one_sentence, ledger_of, run_in, story

ENDED_S = 60
INTERRUPTED = ("loop", "wait")


def drive(folder: Path, fault: str) -> "subprocess.CompletedProcess[str]":
    """One run of the program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.crash.failing_driver", str(folder), fault],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=ENDED_S,
        check=False,
    )


def run_day(folder: Path) -> Ending:
    """The scripted day, or what is left of it, in this process."""
    return run_in(folder, first_day(), first_signals(), patient_settings())[0]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[TradeEvent]:
    """The scripted day as nobody disturbs it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run_day(folder)
    return story(folder)


@pytest.mark.parametrize("fault", STALLS)
def test_f44_a_strategy_that_never_answers_ends_the_process_once(
    fault: str, tmp_path: Path, undisturbed: list[TradeEvent]
) -> None:
    """With a position held: one end that names strategy, signal and line; then the same day, without asking again."""
    first = drive(tmp_path, fault)
    if fault in INTERRUPTED:
        assert first.returncode == ENDED_IN_A_SENTENCE, first.stderr
        assert is_one_sentence(first.stderr), first.stderr
        assert f"at signal {STALLED_AT} follow_signal failed: no answer within 0.4 s (" in first.stderr
    else:
        assert first.returncode == 1, first.stderr
        assert f'"{STALLED_AT}"' in (tmp_path / STALL_NAME).read_text(encoding="utf-8")
    again = drive(tmp_path, fault)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / STALL_NAME).read_bytes() == b""
    found = story(tmp_path)
    stalled = [one for one in found if isinstance(one, StrategyStalled)]
    assert [(one.strategy, one.signal_id) for one in stalled] == (
        [] if fault in INTERRUPTED else [("follow_signal", STALLED_AT)]
    )
    found = [one for one in found if one not in stalled]
    (decided,) = [one for one in found if isinstance(one, SignalDecided) and one.signal_id == STALLED_AT]
    assert decided.outcome == Outcome.REFUSED
    where = "threading.py" if fault == "wait" else "failing_driver.py"
    assert decided.reason.startswith(f"the strategy failed: no answer within 0.4 s ({where}, line "), decided
    honest = next(
        one for one in undisturbed if isinstance(one, SignalDecided) and one.signal_id == STALLED_AT
    )
    assert [honest if one == decided else one for one in found] == undisturbed
    assert verify(ledger_of(tmp_path)).verdict is Verdict.SOUND


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("market:100", "ZeroDivisionError: poison (failing_driver.py, line "),
        ("endless:100", "failed: no end within 0.5 s (failing_driver.py, line "),
    ],
)
def test_f49_a_market_that_cannot_be_decided_on_is_set_aside_by_the_second_restart(
    fault: str, said: str, tmp_path: Path
) -> None:
    """Three starts of the real process: failed, failed again, set aside with the halt; the day ends, exits went on.

    Whether deciding raises, or goes round in a circle for ever: that is interrupted.
    """
    for _ in range(FAILURES_MAX):
        failed = drive(tmp_path, fault)
        assert failed.returncode == ENDED_IN_A_SENTENCE, failed.stderr
        assert is_one_sentence(failed.stderr), failed.stderr
        assert said in failed.stderr
    assert drive(tmp_path, fault).returncode == 0
    found = story(tmp_path)
    name = [one.given for one in found if isinstance(one, InputFailed)]
    assert len(name) == FAILURES_MAX
    assert len(set(name)) == 1
    (aside,) = [one for one in found if isinstance(one, InputSetAside)]
    assert aside.given == name[0]
    (halted,) = [one for one in found if isinstance(one, TradingHalted)]
    assert aside.given in halted.reason
    assert [one for one in found[found.index(halted) :] if isinstance(one, OrderFilled)]
    assert verify(ledger_of(tmp_path)).verdict is Verdict.SOUND
    before = ledger_of(tmp_path).read_bytes()
    assert drive(tmp_path, fault).returncode == 0
    assert [one for one in story(tmp_path) if isinstance(one, InputSetAside)] == [aside]
    assert ledger_of(tmp_path).read_bytes().startswith(before)


def of_kind(kind: type[Input]) -> Callable[[Micros, Input], bool]:
    """Whether an input is of a kind."""
    return lambda _at, given: isinstance(given, kind)


def fails_at(monkeypatch: pytest.MonkeyPatch, poison: Callable[[Micros, Input], bool]) -> list[str]:
    """Let deciding fail at the first such input by name, half way: the book has been changed. The names that failed."""
    decide = OptionsOrderManager.decide
    failed: list[str] = []

    def on_input(self: OptionsOrderManager, at: Micros, cause: str, given: Input) -> list[TradeEvent]:
        events = decide(self, at, cause, given)
        name = input_names(at, cause, given)[-1]
        if poison(at, given) and (not failed or name == failed[0]):
            failed.append(name)
            raise RuntimeError("poison")
        return events

    monkeypatch.setattr(OptionsOrderManager, "decide", on_input)
    return failed


POISON: dict[str, Callable[[Micros, Input], bool]] = {
    "session": of_kind(SessionBegan),
    "intake": of_kind(SignalUnreadable),
    "market": of_kind(MarketMoved),
    "signal": lambda _at, given: isinstance(given, SignalArrived) and given.signal.signal_id == "S3",
    "answer": lambda _at, given: isinstance(given, SignalAnswered) and given.signal_id == "S1",
    "broker": of_kind(BrokerReported),
    "execution": lambda _at, given: (
        isinstance(given, BrokerReported) and isinstance(given.reports[-1], ExecutionReport)
    ),
    "close": lambda at, given: isinstance(given, ClockTicked) and at == first_day().session.close,
}


@pytest.mark.parametrize("kind", POISON)
def test_f49_no_input_can_end_every_start(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is: two ends in one sentence, then the day goes to its end without it, halted until looked at."""
    failed = fails_at(monkeypatch, POISON[kind])
    for number in range(1, FAILURES_MAX + 1):
        with pytest.raises(DecisionFailed, match="RuntimeError: poison") as ended:
            run_day(tmp_path)
        assert failed == [failed[0]] * number
        assert failed[0] in str(ended.value)
        assert isinstance(ended.value.__cause__, RuntimeError)
    assert run_day(tmp_path) is Ending.DAY_ENDED
    assert len(failed) == FAILURES_MAX, "it was not tried again"
    found = story(tmp_path)
    assert [one.given for one in found if isinstance(one, InputSetAside)] == [failed[0]]
    assert [one.source for one in found if isinstance(one, TradingHalted)] == ["engine"]
    assert verify(ledger_of(tmp_path)).verdict is Verdict.SOUND
    if kind == "session":  # a day that cannot be opened is passed over
        with pytest.raises(WrongOrder):
            run_day(tmp_path)
    else:
        assert run_day(tmp_path) is Ending.ALREADY_ENDED


def test_f49_a_poisonous_signal_has_one_fate_and_nothing_of_it_is_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused, nothing of it was accepted or decided, and no trade came of it."""
    fails_at(monkeypatch, POISON["answer"])
    for _ in range(FAILURES_MAX):
        with pytest.raises(DecisionFailed):
            run_day(tmp_path)
        assert not [one for one in story(tmp_path) if isinstance(one, SignalAccepted | SignalDecided)]
    run_day(tmp_path)
    found = story(tmp_path)
    refused = [one for one in found if isinstance(one, SignalRefused) and "set aside" in one.reasons[0]]
    assert [one.signal_id for one in refused] == ["S1"]
    assert "S1" not in [one.signal_id for one in found if isinstance(one, SignalAccepted)]


def test_an_input_that_fails_once_is_taken_as_if_nothing_had_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: list[TradeEvent]
) -> None:
    """What failed by chance is decided on at the next start; the day is the one that nobody disturbed."""
    decide, failed = OptionsOrderManager.decide, list[Micros]()

    def on_input(self: OptionsOrderManager, at: Micros, cause: str, given: Input) -> list[TradeEvent]:
        events = decide(self, at, cause, given)
        if not failed and isinstance(given, MarketMoved) and at >= first_day().session.open + 100 * SECOND:
            failed.append(at)
            raise MemoryError
        return events

    monkeypatch.setattr(OptionsOrderManager, "decide", on_input)
    with pytest.raises(DecisionFailed, match="MemoryError"):
        run_day(tmp_path)
    assert run_day(tmp_path) is Ending.DAY_ENDED
    found = story(tmp_path)
    assert [type(one) for one in found if one not in undisturbed] == [InputFailed]
    assert [one for one in found if not isinstance(one, InputFailed)] == undisturbed


def test_f49_a_poisonous_command_is_refused_once_it_has_failed_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever repeats a command that ended the process twice is refused, every time, and nothing of it was done."""
    folder = desk_folder(tmp_path)
    failed = fails_at(monkeypatch, of_kind(CommandGiven))
    command = Halt(command_id="poison", who="ann", reason="lunch")
    for _ in range(FAILURES_MAX):
        with (
            desk_on(folder) as runner,
            pytest.raises(DecisionFailed, match="deciding on command poison failed"),
        ):
            runner.process(OPEN, command_cause(command), CommandGiven(command))
    with desk_on(folder) as runner:
        (_, refused, halted) = runner.process(OPEN, command_cause(command), CommandGiven(command))
        assert isinstance(refused, CommandRefused)
        assert refused.reasons == ("command poison could not be decided on and was set aside",)
        assert isinstance(halted, TradingHalted)
        assert not runner.process(OPEN, command_cause(command), CommandGiven(command))
        other = Halt(command_id="other", who="ann", reason="dinner")
        (told,) = runner.process(OPEN, command_cause(other), CommandGiven(other))
        assert isinstance(told, CommandRefused)
    assert failed == ["command poison"] * FAILURES_MAX
    assert not [one for one in story(folder) if isinstance(one, CommandTaken)]


OPEN = first_day().session.open


def desk_folder(tmp_path: Path) -> Path:
    """A data folder with a place for its ledger."""
    ledger_of(tmp_path).parent.mkdir(parents=True)
    return tmp_path


@contextmanager
def desk_on(folder: Path) -> Iterator[Runner]:
    """A runner on a data folder, as after a start."""
    book, quotes, settings = Book(), QuoteCache(), patient_settings()
    ledger = Ledger.open(ledger_of(folder), now_ts=to_iso(OPEN), sink=fold_into(book))
    manager = OptionsOrderManager(book, quotes, settings.limits)
    try:
        yield Runner(Desk(manager, PaperBroker(quotes, settings.limits.quotes, QUOTE_RULES), ()), ledger)
    finally:
        ledger.close()
