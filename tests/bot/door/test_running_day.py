"""Commands to a day that runs in another process: through its real socket, with their real effect."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.door.client import ask
from bot.door.ledger_desk import LedgerRules
from bot.door.protocol import SOCKET_NAME, Answer
from options import commands as c
from options import events as e
from options.plan import ExitPlan
from options.risk import RiskLimits
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from storage.verify import Verdict, verify

KEY = "ACME  260327C00180000"
COMMAND = [sys.executable, "-c", "from bot.cli import main; main()", "demo", "--seed", "7"]


def start(data: Path) -> "subprocess.Popen[str]":
    """A demo day at its pace; it is awaited until it has said its first word, when its door is open."""
    process = subprocess.Popen(
        [*COMMAND, "--data", str(data)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "200"},
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


@pytest.fixture
def running(tmp_path: Path) -> "Iterator[subprocess.Popen[str]]":
    """A demo day that runs on ``tmp_path`` and is stopped in the end."""
    process = start(tmp_path)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


def put(data: Path, command: c.Command) -> Answer:
    """Ask as the command line does."""
    return ask(data, command, SystemClock(), LedgerRules(RiskLimits())).answer


def activated(data: Path) -> str:
    """A trade of our own that is filled: asked for again while the day has no quote yet."""
    saved = put(
        data,
        c.NewTrade(command_id="new", who="ann", instrument=KEY, qty=4, exits=ExitPlan(stop=Decimal("0.9"))),
    )
    assert saved.taken, saved
    answer = saved
    for number in range(500):
        go = c.ActivateTrade(command_id=f"go{number}", who="ann", trade_id=saved.trade_id)
        answer = put(data, go)
        if answer.taken:
            once_it_is(data, "Filled", go)
            return saved.trade_id
    raise AssertionError(answer)


def once_it_is(data: Path, trade_status: str, command: c.Command) -> None:
    """Ask again what was asked, which changes nothing, until its trade has come that far."""
    answer = put(data, command)
    for _ in range(20_000):
        if answer.trade_status == trade_status:
            return
        answer = put(data, command)
    raise AssertionError(answer)


def events(data: Path) -> list[e.TradeEvent]:
    """Everything in the ledger."""
    return [event for _, batch in read(data / LEDGER_PATH) for event in batch]


def test_commands_take_effect_in_the_running_day(running: "subprocess.Popen[str]", tmp_path: Path) -> None:
    """Activate, trim, stop and close change the position there, once each, at the day's own time."""
    trade_id = activated(tmp_path)
    for command in (
        c.TrimTrade(command_id="trim", who="ann", trade_id=trade_id, fraction=Decimal("0.5")),
        c.SetStop(command_id="stop", who="ann", trade_id=trade_id, level=Decimal("0.05")),
        c.CloseTrade(command_id="close", who="ann", trade_id=trade_id),
        c.Halt(command_id="halt", who="ann", reason="enough"),
    ):
        first, again = put(tmp_path, command), put(tmp_path, command)
        assert first.taken, first
        assert (again.taken, again.seq, again.repeated) == (True, first.seq, True)
        if first.verb == "close":
            once_it_is(tmp_path, "Closed", command)
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) == 0
    assert not (tmp_path / SOCKET_NAME).exists()
    found = events(tmp_path)
    taken = [event for event in found if isinstance(event, e.CommandTaken)]
    assert [event.verb for event in taken] == ["new", "activate", "trim", "stop", "close", "halt"]
    assert all(event.ts.startswith("2026-03-11T") for event in taken)
    fills = [event for event in found if isinstance(event, e.OrderFilled) and event.trade_id == trade_id]
    assert sum(event.qty * event.side.sign for event in fills) == 0
    assert verify(tmp_path / LEDGER_PATH).verdict is Verdict.SOUND


def test_a_killed_day_is_steered_on_its_ledger_and_goes_on(tmp_path: Path) -> None:
    """Its stale socket is harmless; what is asked meanwhile is obeyed when it runs again, at the day's time."""
    process = start(tmp_path)
    trade_id = activated(tmp_path)
    process.kill()
    process.communicate(timeout=60)
    assert (tmp_path / SOCKET_NAME).exists()
    held = put(tmp_path, c.CloseTrade(command_id="close", who="ann", trade_id=trade_id))
    assert held.taken, held
    assert (held.order_status, held.trade_status) == ("Contingent Order Working", "Filled")
    at = events(tmp_path)[-1].ts
    assert at.startswith("2026-03-11T")
    process = start(tmp_path)
    late = c.TrimTrade(command_id="late", who="ann", trade_id=trade_id, qty=1)
    answer = put(tmp_path, late)
    once_it_is(tmp_path, "Closed", late)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert not answer.taken
    closed = [event for event in events(tmp_path) if isinstance(event, e.TradeClosed)]
    assert closed
    assert closed[0].trade_id == trade_id
    assert verify(tmp_path / LEDGER_PATH).verdict is Verdict.SOUND
