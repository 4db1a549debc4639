"""The real process, killed with SIGKILL at random moments and asked to stop by SIGTERM: the same command carries on."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from storage.ledger_reader import read
from storage.verify import Verdict, verify
from tests.e2e.conftest import TWX_1
from tests.e2e.day_runs import (
    KeptFeed,
    Signals,
    callboard,
    command,
    facts,
    ledger_of,
    of_type,
    replay_of,
    run_in,
    story,
)

POLL_S = 0.005
START_S = 60
# The day goes by in four to sixteen seconds, so that a kill lands inside it wherever the disk is fast.
SPEEDS = {"short": 6_000, "long": 1_500}


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, recorded: dict[str, KeptFeed], signals: dict[str, Signals]
) -> Path:
    """The folder of a day that nobody killed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run_in(folder, recorded[TWX_1], signals[TWX_1])
    return folder


def start(arguments: list[object], folder: Path) -> "subprocess.Popen[bytes]":
    """Start the command, and return when its ledger grows."""
    ledger = ledger_of(folder)
    before = ledger.stat().st_size if ledger.exists() else 0
    process = subprocess.Popen(command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    for _ in range(round(START_S / POLL_S)):
        if (ledger.exists() and ledger.stat().st_size > before) or ended_within(process, POLL_S):
            return process
    process.kill()
    raise AssertionError(f"nothing was written within {START_S} s")


def ended_within(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def kill(process: "subprocess.Popen[bytes]", number: int) -> tuple[int, str]:
    """Send a signal; the exit code and what was said come back."""
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    return process.returncode, said.decode()


def executions(folder: Path) -> list[tuple[object, ...]]:
    """Every execution as the lines have it, all of them, in effective batches or not."""
    names = ("ts", "trade_id", "side", "qty", "price", "fee", "exec_id", "order_id", "client_ref", "position")
    effective = {
        seq for batch in read(ledger_of(folder)) for seq in range(batch.first_seq, batch.last_seq + 1)
    }
    fills = (fact for fact in of_type(facts(folder), "OrderFilled") if fact["seq"] in effective)
    return [tuple(fill[name] for name in names) for fill in fills]


@pytest.mark.proof
def test_i26_killed_at_random_moments_the_day_ends_the_same(
    shared_data: Path,
    undisturbed: Path,
    tmp_path: Path,
    proof_is_long: bool,
    record_property: Callable[[str, object], None],
) -> None:
    """kill -9 again and again, restart each time: in the end the same trades, fills and P&L, and nothing twice."""
    wanted = 50 if proof_is_long else 7
    speed = SPEEDS["long" if proof_is_long else "short"]
    arguments = replay_of(shared_data, TWX_1, tmp_path, "--speed", speed)
    chosen = Random(20140605)
    landed, sizes = 0, set()
    while landed < wanted:
        process = start(arguments, tmp_path)
        assert not ended_within(process, chosen.uniform(0, 0.25)), f"the day was over after {landed} kills"
        code, _ = kill(process, signal.SIGKILL)
        assert code == -signal.SIGKILL
        landed += 1
        sizes.add(ledger_of(tmp_path).stat().st_size)
        assert verify(ledger_of(tmp_path)).verdict in (Verdict.SOUND, Verdict.BROKEN)
    record_property("kills", landed)
    done = callboard(*replay_of(shared_data, TWX_1, tmp_path))
    assert done.returncode == 0, done.stderr
    assert len(sizes) > wanted // 2, "the kills did not land at different places"
    assert len(of_type(facts(tmp_path), "ProcessStarted")) == wanted + 1
    assert executions(tmp_path) == executions(undisturbed)
    assert len({fill[6] for fill in executions(tmp_path)}) == len(executions(tmp_path))
    assert story(tmp_path) == story(undisturbed)
    assert verify(ledger_of(tmp_path)).verdict is Verdict.SOUND


def test_i26_sigterm_stops_in_good_order_and_the_day_goes_on(
    shared_data: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """SIGTERM ends the run between two inputs, with exit code 0 and a last line that says so; the day goes on."""
    arguments = replay_of(shared_data, TWX_1, tmp_path, "--speed", SPEEDS["short"])
    for delay_s in (0.0, 0.2):
        process = start(arguments, tmp_path)
        assert not ended_within(process, delay_s)
        code, said = kill(process, signal.SIGTERM)
        assert (code, said) == (0, "")
        last = facts(tmp_path)[-1]
        assert (last["type"], last["reason"]) == ("ProcessStopped", "stopped on request")
        assert verify(ledger_of(tmp_path)).verdict is Verdict.SOUND
    done = callboard(*replay_of(shared_data, TWX_1, tmp_path))
    assert done.returncode == 0, done.stderr
    assert story(tmp_path) == story(undisturbed)
