"""The door itself: real sockets, real bytes, and nobody it waits for."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.door.address import door_address
from bot.door.protocol import REQUEST_BYTES_MAX, Answer, decode_answer
from bot.door.server import CALLERS_MAX, IDLE_S, Door
from tests.patience import PATIENCE_S


class Ticker:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def ticker() -> Ticker:
    """Seconds that only the test lets pass."""
    return Ticker()


@pytest.fixture
def door(tmp_path: Path, ticker: Ticker) -> Iterator[Door]:
    """A door that repeats what it is told as a reason."""
    with Door(tmp_path, lambda line: Answer(taken=False, reasons=(line.decode(),)), ticker) as opened:
        yield opened


def call(door: Door) -> socket.socket:
    """Somebody at the door."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(PATIENCE_S)
    with door_address(door.path.parent) as address:
        link.connect(address)
    return link


def heard(link: socket.socket) -> list[str]:
    """The reasons in everything that was answered."""
    return [decode_answer(line).reasons[0] for line in link.recv(1 << 20).splitlines()]


def test_only_the_owner_may_come(door: Door) -> None:
    """The socket is the owner's alone."""
    assert stat.S_IMODE(door.path.stat().st_mode) == 0o600


def test_a_request_is_answered_line_by_line(door: Door) -> None:
    """Several requests on one line of talk, in pieces or at once, are answered in order."""
    with call(door) as link:
        link.sendall(b"one\ntwo\nth")
        door.poll()
        door.poll()
        assert heard(link) == ["one", "two"]
        link.sendall(b"ree\n")
        door.poll()
        assert heard(link) == ["three"]


def test_a_caller_who_says_too_much_is_let_go(door: Door) -> None:
    """More than a request may hold is refused in words, and the talk is over."""
    with call(door) as link:
        link.setblocking(False)
        left = b"x" * (REQUEST_BYTES_MAX + 20_000)
        while left:
            try:
                left = left[link.send(left) :]
            except BlockingIOError:
                pass
            except BrokenPipeError:
                break
            door.poll()
        for _ in range(10):
            door.poll()
        link.settimeout(PATIENCE_S)
        assert heard(link) == ["a request has at most 65,536 bytes"]


def test_a_silent_caller_is_let_go(door: Door, ticker: Ticker) -> None:
    """Who says nothing for a while makes room."""
    with call(door) as link:
        door.poll()
        ticker.now_s += IDLE_S + 1
        door.poll()
        assert link.recv(1) == b""


def test_a_crowd_waits_and_is_served(door: Door, ticker: Ticker) -> None:
    """More callers than fit wait outside until somebody leaves; nobody is lost."""
    crowd = [call(door) for _ in range(CALLERS_MAX)]
    door.poll()
    late = call(door)
    late.sendall(b"late\n")
    door.poll()
    for link in crowd:
        link.close()
    for _ in range(4):
        door.poll()
    assert heard(late) == ["late"]
    late.close()


def test_a_caller_who_leaves_early_disturbs_nobody(door: Door) -> None:
    """An answer that nobody takes is thrown away."""
    gone = call(door)
    gone.sendall(b"one\n")
    gone.close()
    with call(door) as link:
        link.sendall(b"two\n")
        for _ in range(4):
            door.poll()
        assert heard(link) == ["two"]


def test_a_stale_socket_is_replaced(tmp_path: Path, ticker: Ticker) -> None:
    """What a killed process has left does no harm, and leaving takes the socket away."""
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with door_address(tmp_path) as address:
        left.bind(address)
    left.close()
    with Door(tmp_path, lambda line: Answer(taken=True), ticker) as door, call(door) as link:
        link.sendall(b"x\n")
        door.poll()
        door.poll()
        assert decode_answer(link.recv(4096)).taken
    assert not door.path.exists()
    door.close()


def test_a_folder_with_a_long_path_has_a_door_too(tmp_path: Path, ticker: Ticker) -> None:
    """A path that no socket's address can hold is reached another way."""
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    with Door(folder, lambda line: Answer(taken=True), ticker) as door, call(door) as link:
        link.sendall(b"x\n")
        door.poll()
        door.poll()
        assert decode_answer(link.recv(4096)).taken
