"""kill -9 while exits rest at a broker of its own: the price falls, the broker sells, and the restart books it once."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bot.paper_service.messages import SOCKET_NAME, Answer, NewQuotes, answer_decoder
from options import events as e
from options.held_events import ExitsTakenOver
from options.inputs import ExecutionReport
from options.order import OrderState
from options.quote import Quote
from options.terms import ExitKind
from options.values import SECOND, Micros
from storage.verify import Verdict
from tests.conftest import proof_length
from tests.crash.held_driver import CONTRACT, QTY
from tests.crash.order_path_day import OPEN, STEP
from tests.crash.order_path_run import Aftermath, aftermath, exit_code_of, paper_service, short_folder

ALL_KILLS = ("K4:2", "K5:2", "K12:1", "K5:5", "K6:3", "K7:2", "K10:1", "K12:2")
KILLS = ALL_KILLS if proof_length() == "long" else ALL_KILLS[:3]


def drive(data: Path, service: Path, kill: str = "") -> int:
    """One run of the program; its exit code, negative for the signal that ended it."""
    return exit_code_of("tests.crash.held_driver", kill, data, service)


def the_market_goes_on(service: Path, at: Micros, mid: float) -> list[tuple[int, float]]:
    """The broker sees a quote while the program is down; what it trades, as quantity and price."""
    quote = Quote(at, mid - 0.05, mid + 0.05, mid, 50, 50)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as market:
        market.connect(str(service / SOCKET_NAME))
        market.sendall(msgspec.json.encode(NewQuotes(at, at, [(CONTRACT.key, quote)])) + b"\n")
        with market.makefile("rb") as lines:
            answer: Answer = answer_decoder.decode(lines.readline())
    return [(one.qty, float(one.price)) for one in answer.reports if isinstance(one, ExecutionReport)]


def check(after: Aftermath) -> None:
    """Ledger and broker agree, each reference was used once, and nothing is left anywhere."""
    assert after.verified.verdict is Verdict.SOUND, after.verified.sentence
    assert after.service.duplicates == 0
    assert not +after.service.positions
    assert not after.service.open
    assert (after.book.orders, after.book.parents, after.book.trades) == ({}, {}, {})
    sold = [event for event in after.events if isinstance(event, e.OrderFilled) and event.side.sign < 0]
    assert sum(event.qty for event in sold) == QTY
    assert len({event.exec_id for event in sold}) == len(sold)
    executions = [one.exec_id for known in after.service.orders.values() for one in known.executions]
    assert sorted(executions) == sorted(
        event.exec_id for event in after.events if isinstance(event, e.OrderFilled)
    )


def test_a_fall_through_the_stop_while_the_program_is_down_is_booked_once() -> None:
    """The trailing stop was ratcheted to a quarter under the best price, and is there when nobody else is."""
    with short_folder() as folder:
        data, service = folder / "data", folder / "service"
        with paper_service(service):
            assert drive(data, service, "slice:35") == -signal.SIGKILL
            down = OPEN + 35 * STEP
            assert the_market_goes_on(service, down + SECOND, 4.4) == []
            traded = the_market_goes_on(service, down + 2 * SECOND, 4.1)
            assert sum(qty for qty, _ in traded) == QTY
            assert the_market_goes_on(service, down + 3 * SECOND, 3.0) == []
            assert drive(data, service) == 0
        after = aftermath(data, service)
    check(after)
    (closed,) = [event for event in after.events if isinstance(event, e.TradeClosed)]
    assert closed.close_kind == ExitKind.TRAILING
    triggered = [event for event in after.events if isinstance(event, e.ExitTriggered)]
    assert [(event.kind, bool(event.client_ref)) for event in triggered] == [(ExitKind.TRAILING, True)]
    started = [event for event in after.events if isinstance(event, e.ProcessStarted)]
    assert len(started) == 2
    assert all(event.ts >= started[1].ts for event in triggered)


def test_a_partial_fill_while_the_program_is_down_leaves_the_right_rest() -> None:
    """Half goes at the target while nobody looks; the other half rests on, and goes at the stop on another day."""
    with short_folder() as folder:
        data, service = folder / "data", folder / "service"
        with paper_service(service):
            assert drive(data, service, "slice:35") == -signal.SIGKILL
            down = OPEN + 35 * STEP
            assert [qty for qty, _ in the_market_goes_on(service, down + SECOND, 9.2)] == [QTY // 2]
            assert drive(data, service, "slice:38") == -signal.SIGKILL
            again = OPEN + 38 * STEP
            assert sum(qty for qty, _ in the_market_goes_on(service, again + SECOND, 3.0)) == QTY // 2
            assert drive(data, service) == 0
        after = aftermath(data, service)
    check(after)
    kinds = [event.kind for event in after.events if isinstance(event, e.ExitTriggered)]
    assert kinds == [ExitKind.TARGET, ExitKind.TRAILING]


@pytest.mark.proof
@pytest.mark.parametrize("kill", KILLS)
def test_i6_killed_while_exits_are_laid_or_moved_nothing_rests_twice(
    kill: str, record_property: Callable[[str, object], None]
) -> None:
    """Killed around the sending of a stop or its cancel, the day goes on, and what rests is for what is held."""
    with short_folder() as folder:
        data, service = folder / "data", folder / "service"
        with paper_service(service):
            assert drive(data, service, kill) == -signal.SIGKILL
            record_property(f"killed at {kill.partition(':')[0]}", 1)
            assert drive(data, service, "slice:38") == -signal.SIGKILL
            before = aftermath(data, service)
            stops = [known for known in before.service.open.values() if known.ticket.stop_price is not None]
            assert sum(known.qty for known in stops) <= QTY
            taken = any(isinstance(event, ExitsTakenOver) and not event.for_now for event in before.events)
            assert taken or sum(known.qty for known in stops) == QTY
            unknown = [one for one in before.book.orders.values() if one.state is OrderState.UNKNOWN]
            assert not unknown
            sold = the_market_goes_on(service, OPEN + 38 * STEP + SECOND, 3.0)
            assert sum(qty for qty, _ in sold) == sum(known.qty for known in stops)
            assert drive(data, service) == 0
        after = aftermath(data, service)
    assert after.service.duplicates == 0
    assert after.verified.verdict is Verdict.SOUND, after.verified.sentence
    if not taken:
        check(after)
