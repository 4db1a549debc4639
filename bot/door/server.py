"""The door of a running instance: a local socket in the data folder, served between two inputs."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from types import TracebackType
from typing import Protocol, Self

from bot.door.address import door_address
from bot.door.protocol import REQUEST_BYTES_MAX, SOCKET_NAME, Answer, encode_answer
from storage.files import OWNER_ONLY, unusable

CALLERS_MAX = 16
IDLE_S = 10.0
_READ_BYTES = 16 * 1024


class Served(Protocol):
    """Something besides the callers that wants to be served between two inputs."""

    def fileno(self) -> int:
        """A descriptor that is ready to be read while something waits."""

    def serve(self) -> None:
        """Do what waits; at once if nothing does."""


@dataclass(slots=True, eq=False)
class _Caller:
    """Somebody at the door: what they have said so far, and what they have not yet heard."""

    link: socket.socket
    heard_s: float
    said: bytearray = field(default_factory=bytearray)
    unsent: bytearray = field(default_factory=bytearray)
    leaving: bool = False


class Door:
    """Takes requests and gives answers, never waiting for anybody. The caller holds the data folder's lock.

    ``answer`` is called with each line and its answer goes out after it returns. A socket that a killed process has
    left is replaced. A caller who is silent for ``IDLE_S`` seconds, or says more than a request may hold, is let go.
    ``also`` is served whenever it has something waiting; who made it closes it, after the door.

    :raises FolderUnusable: the socket cannot be made.
    """

    __slots__ = ("_also", "_answer", "_callers", "_listener", "_monotonic_s", "_selector", "path")

    def __init__(
        self,
        folder: Path,
        answer: Callable[[bytes], Answer],
        monotonic_s: Callable[[], float],
        also: Served | None = None,
    ) -> None:
        self.path = folder / SOCKET_NAME
        self._also = also
        self._answer = answer
        self._monotonic_s = monotonic_s
        self._callers: set[_Caller] = set()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        try:
            self.path.unlink(missing_ok=True)
            with door_address(folder) as address:
                self._listener.bind(address)
            self.path.chmod(OWNER_ONLY)
            self._listener.listen(CALLERS_MAX)
        except OSError as error:
            self._listener.close()
            raise unusable(self.path, "opened", error) from error
        self._selector = DefaultSelector()
        self._selector.register(self._listener, EVENT_READ)
        if also is not None:
            self._selector.register(also, EVENT_READ, also)

    def poll(self) -> None:
        """Serve everybody who has something to say; at once if nobody has."""
        self._serve(0)

    def wait(self, seconds: float) -> None:
        """Let time pass, serving who comes meanwhile."""
        until_s = self._monotonic_s() + seconds
        while (left_s := until_s - self._monotonic_s()) > 0:
            self._serve(left_s)

    def close(self) -> None:
        """Let everybody go and take the socket away. Closing twice is allowed."""
        for caller in list(self._callers):
            self._let_go(caller)
        if self._listener.fileno() >= 0:
            self._selector.close()
            self._listener.close()
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self, timeout_s: float) -> None:
        if self._callers:
            timeout_s = min(timeout_s, IDLE_S)
        for key, ready in self._selector.select(timeout_s):
            if key.data is None:
                self._let_in()
                continue
            if key.data is self._also:
                self._also.serve()
                continue
            if ready & EVENT_READ:
                self._hear(key.data)
            if key.data in self._callers and ready & EVENT_WRITE:
                self._say(key.data)
        if self._callers:
            now_s = self._monotonic_s()
            for caller in [one for one in self._callers if now_s - one.heard_s > IDLE_S]:
                self._let_go(caller)
        self._mind_the_listener()

    def _mind_the_listener(self) -> None:
        """While nobody else is let in, who knocks must not keep the selector awake."""
        listening = self._listener in self._selector.get_map()
        if listening and len(self._callers) >= CALLERS_MAX:
            self._selector.unregister(self._listener)
        elif not listening and len(self._callers) < CALLERS_MAX:
            self._selector.register(self._listener, EVENT_READ)

    def _let_in(self) -> None:
        while len(self._callers) < CALLERS_MAX:
            try:
                link, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            link.setblocking(False)
            caller = _Caller(link, self._monotonic_s())
            self._callers.add(caller)
            self._selector.register(link, EVENT_READ, caller)
            self._hear(caller)

    def _let_go(self, caller: _Caller) -> None:
        self._callers.discard(caller)
        self._selector.unregister(caller.link)
        caller.link.close()

    def _hear(self, caller: _Caller) -> None:
        try:
            heard = caller.link.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except ConnectionError:
            self._let_go(caller)
            return
        if not heard:
            self._let_go(caller)
            return
        caller.heard_s = self._monotonic_s()
        caller.said += heard
        while not caller.leaving and (end := caller.said.find(b"\n")) >= 0:
            line = bytes(caller.said[:end])
            del caller.said[: end + 1]
            self._reply(caller, line)
        if len(caller.said) > REQUEST_BYTES_MAX:
            self._reply(caller, bytes(caller.said))
        if caller in self._callers:
            self._say(caller)

    def _reply(self, caller: _Caller, line: bytes) -> None:
        if len(line) > REQUEST_BYTES_MAX:
            caller.leaving = True
            caller.said.clear()
            reasons = (f"a request has at most {REQUEST_BYTES_MAX:,} bytes",)
            answer = Answer(taken=False, reasons=reasons)
        else:
            answer = self._answer(line)
        caller.unsent += encode_answer(answer) + b"\n"

    def _say(self, caller: _Caller) -> None:
        try:
            while caller.unsent:
                sent = caller.link.send(caller.unsent)
                del caller.unsent[:sent]
        except BlockingIOError:
            self._selector.modify(caller.link, EVENT_READ | EVENT_WRITE, caller)
            return
        except ConnectionError:
            self._let_go(caller)
            return
        if caller.leaving:
            self._let_go(caller)
        else:
            self._selector.modify(caller.link, EVENT_READ, caller)
