"""The paper broker as a process of its own: it outlives the program that trades through it, as a real broker does.

It fills by the paper broker's rules on the quotes that it is sent, takes each client reference once, and remembers in
a file of its own. One client is served at a time, to the end of what it sent: when the next one is answered, nothing
of the one before is still on its way.
"""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec

from bot.paper_service.memory import Entry, Journal
from bot.paper_service.messages import (
    JOURNAL_NAME,
    SOCKET_NAME,
    SOCKET_PATH_MAX,
    Answer,
    Cancel,
    CloseDay,
    Look,
    NewQuotes,
    Request,
    Submit,
    request_decoder,
)
from options.contract_sums import by_contract
from options.execution.fill_models import QUOTE_RULES, FillRules
from options.execution.paper import VENUE, PaperBroker, broker_id
from options.inputs import BrokerSnapshot, OpenOrder
from options.quote import QuoteCache, QuoteLimits
from options.values import DAY, Micros
from storage.files import FolderUnusable, InstanceLock, make_folder

BEFORE_ANY: Micros = -1


class PaperService:
    """Answers requests out of a folder. ``limits`` say which quotes are healthy, ``rules`` how orders fill."""

    def __init__(self, folder: Path, limits: QuoteLimits, rules: FillRules = QUOTE_RULES) -> None:
        self._journal = Journal(folder / JOURNAL_NAME)
        self._quotes = QuoteCache()
        self._broker = PaperBroker(self._quotes, limits, rules)
        self._last_at: Micros = 0
        self._broker.remember_groups(self._journal.memory.group_traded)
        self._broker.recover([known.as_order() for known in self._journal.memory.open.values()], BEFORE_ANY)
        self._broker.drain()

    def answer(self, request: Request) -> Answer:
        """Follow one request; what it led to is on the disk before this returns."""
        memory, broker = self._journal.memory, self._broker
        ticket = None
        match request:
            case Submit():
                if request.ticket.client_ref in memory.orders:
                    self._journal.write(Entry(request.at, duplicate=request.ticket.client_ref))
                    return Answer(refused=f"the reference {request.ticket.client_ref} was used before")
                ticket = request.ticket
                if request.quotes:
                    self._quotes.update(request.feed_ts, request.quotes)
                broker.submit(ticket, request.at)
            case Cancel():
                broker.cancel(request.client_ref, request.at)
            case NewQuotes():
                self._quotes.update(request.feed_ts, request.quotes)
                broker.on_quotes(request.at)
            case CloseDay():
                broker.on_close()
            case Look():
                return Answer([self._look(request)])
        reports = broker.drain()
        at = self._last_at if isinstance(request, CloseDay) else request.at
        self._last_at = at
        if ticket is not None or reports:
            self._journal.write(Entry(at, ticket, reports=reports))
        return Answer(list(reports))

    def _look(self, request: Look) -> BrokerSnapshot:
        """All that rests, and all that was over or traded within a day or was asked for by its reference."""
        memory = self._journal.memory
        asked = set(request.client_refs)
        told = [
            known
            for ref, known in memory.orders.items()
            if ref in asked or ref in memory.open or known.last_at >= request.at - DAY
        ]
        return BrokerSnapshot(
            complete=True,
            asked_at=request.at,
            open_orders=tuple(
                OpenOrder(client_ref=ref, broker_order_id=broker_id(ref), venue=VENUE) for ref in memory.open
            ),
            executions=tuple(execution for known in told for execution in known.executions),
            completed=tuple(known.completed() for known in told if known.over),
            positions={key: qty for key, qty in by_contract(memory.positions.items()).items() if qty},
        )

    def close(self) -> None:
        """Give the file back."""
        self._journal.close()


def serve(
    folder: Path,
    limits: QuoteLimits,
    rules: FillRules,
    ready: Callable[[Path], None],
    kind: type[PaperService] = PaperService,
) -> None:
    """Answer clients, one after the other, until the process is ended; ``ready`` is told where once it listens.

    Rehearsals and tests give a ``kind`` of service that does what nothing here makes happen by itself.

    :raises StorageError: the folder is in use or unusable, or the disk failed. :raises JournalDamaged: its file is.
    """
    path = folder / SOCKET_NAME
    if len(str(path).encode()) > SOCKET_PATH_MAX:
        raise FolderUnusable(
            f"{path} is longer than the {SOCKET_PATH_MAX} bytes that a socket's name can have: choose a shorter folder"
        )
    with ExitStack() as open_things:
        make_folder(folder)
        open_things.enter_context(InstanceLock(folder))
        service = kind(folder, limits, rules)
        open_things.callback(service.close)
        path.unlink(missing_ok=True)
        listening = open_things.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen()
        ready(path)
        while True:
            client, _ = listening.accept()
            with client:
                serve_client(service, client)


def serve_client(service: PaperService, client: socket.socket) -> None:
    """Answer one client until it is gone; all that it sent is taken in, whether it still listens or not."""
    listens = True
    with client.makefile("rb") as lines:
        while line := _next_line(lines.readline):
            try:
                answer = service.answer(request_decoder.decode(line))
            except msgspec.DecodeError as error:
                answer = Answer(refused=f"not understood: {error}")
            if listens:
                try:
                    client.sendall(msgspec.json.encode(answer) + b"\n")
                except OSError:
                    listens = False  # it was killed; what it sent before still counts


def _next_line(readline: Callable[[], bytes]) -> bytes:
    """The next whole line; nothing once the client is gone, and no part of a line that it was cut off in."""
    try:
        line = readline()
    except ConnectionError:
        return b""
    return line if line.endswith(b"\n") else b""
