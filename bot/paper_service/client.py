"""The paper service as a broker: every request waits for its answer, and never for longer than it is told to.

A request that is not answered proves nothing: the connection is given up, and a new one is made by the next look at
the broker alone, so that whatever was lost is looked for before anything else is sent.
"""

import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from bot.paper_service.messages import (
    SOCKET_NAME,
    Answer,
    Cancel,
    CloseDay,
    Look,
    NewQuotes,
    Request,
    Submit,
    answer_decoder,
)
from options.contract_sums import parts_of
from options.execution.port import OrderTicket
from options.inputs import (
    BrokerLostReport,
    BrokerReport,
    BrokerSnapshot,
    ExecutionReport,
    OrderAcceptedReport,
    OrderCancelledReport,
    OrderInDoubtReport,
    OrderReducedReport,
    OrderRejectedReport,
)
from options.order import Order
from options.quote import Quote, QuoteCache
from options.values import Micros

_CHUNK_BYTES = 65_536


class PaperServiceBroker:
    """A broker port to the service in ``folder``; ``wait_s`` is the longest that one answer is waited for."""

    name = "paper service"

    account = "PAPER"

    def __init__(self, folder: Path, quotes: QuoteCache, *, wait_s: float = 5.0) -> None:
        self._path = folder / SOCKET_NAME
        self._quotes = quotes
        self._wait_s = wait_s
        self._socket: socket.socket | None = None
        self._received = b""
        self._said: list[BrokerReport] = []
        self._live: dict[str, tuple[str, int]] = {}

    def submit(self, ticket: OrderTicket, at: Micros) -> None:
        """Send an order with what is quoted of it."""
        self._live[ticket.client_ref] = (ticket.instrument, ticket.qty)
        answer = self._ask(Submit(at, self._quotes.feed_ts, ticket, self._quoted([ticket.instrument])))
        if answer is not None and answer.refused:
            self._said.append(OrderInDoubtReport(client_ref=ticket.client_ref, reason=answer.refused))

    def cancel(self, client_ref: str, at: Micros) -> None:
        """Ask for an order to be taken back."""
        self._ask(Cancel(at, client_ref))

    def recover(self, orders: Iterable[Order], at: Micros) -> None:
        """After a start: connect, and ask for everything, whatever age the ledger's live orders have."""
        self._live = {order.child.client_ref: (order.instrument, order.pending) for order in orders}
        self.snapshot(at)

    def snapshot(self, at: Micros) -> None:
        """Ask for everything, over a new connection if there is none."""
        if self._socket is None and not self._connect():
            return
        self._ask(Look(at, list(self._live)))

    def drain(self) -> tuple[BrokerReport, ...]:
        """Everything that the service has said since the last call."""
        said, self._said = tuple(self._said), []
        return said

    def on_quotes(self, at: Micros, _changes: Sequence[tuple[str, Quote]] | None = None, /) -> None:
        """Tell what is quoted of every contract that an order may rest in."""
        quotes = self._quoted(key for key, _ in self._live.values())
        if quotes and self._socket is not None:
            self._ask(NewQuotes(at, self._quotes.feed_ts, quotes))

    def _quoted(self, instruments: Iterable[str]) -> list[tuple[str, Quote]]:
        """The quotes of their contracts: a combo's are those of its legs."""
        contracts = sorted({contract for key in instruments for contract, _ in parts_of(key)})
        return [(key, quote) for key in contracts if (quote := self._quotes.get(key)) is not None]

    def on_close(self) -> None:
        """Tell that the session is over."""
        if self._socket is not None:
            self._ask(CloseDay())

    def close(self) -> None:
        """Hang up. Closing twice is allowed."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._received = b""

    # --- the connection -------------------------------------------------------------------------------------

    def _connect(self) -> bool:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._wait_s)
        try:
            connection.connect(str(self._path))
        except OSError as error:
            connection.close()
            self._said.append(
                BrokerLostReport(reason=f"the paper service cannot be reached: {_cause(error)}")
            )
            return False
        self._socket = connection
        return True

    def _ask(self, request: Request) -> Answer | None:
        """The answer to a request, taken in; ``None`` if it did not come, which proves nothing."""
        if self._socket is None:
            self._lose("there is no connection")
            return None
        try:
            self._send(msgspec.json.encode(request) + b"\n")
            answer = answer_decoder.decode(self._receive_line())
        except (OSError, msgspec.DecodeError) as error:
            self._lose(_cause(error))
            return None
        for report in answer.reports:
            self._track(report)
        self._said += answer.reports
        return answer

    def _lose(self, why: str) -> None:
        self.close()
        self._said.append(BrokerLostReport(reason=f"the paper service did not answer: {why}"))

    def _send(self, line: bytes) -> None:
        assert self._socket is not None
        self._socket.sendall(line)

    def _receive_line(self) -> bytes:
        assert self._socket is not None
        while b"\n" not in self._received:
            chunk = self._socket.recv(_CHUNK_BYTES)
            if not chunk:
                raise ConnectionResetError("it hung up")
            self._received += chunk
        line, _, self._received = self._received.partition(b"\n")
        return line

    def _track(self, report: BrokerReport) -> None:
        """Keep which orders may still rest at the service, and in what."""
        match report:
            case ExecutionReport(client_ref=ref) if ref in self._live:
                key, left = self._live[ref]
                self._live[ref] = (key, left - report.qty)
                if left <= report.qty:
                    del self._live[ref]
            case OrderReducedReport(client_ref=ref, qty=qty) if ref in self._live:
                key, left = self._live[ref]
                self._live[ref] = (key, min(left, qty))
            case OrderCancelledReport(client_ref=ref) | OrderRejectedReport(client_ref=ref):
                self._live.pop(ref, None)
            case BrokerSnapshot():
                for over in report.completed:
                    self._live.pop(over.client_ref, None)
            case OrderAcceptedReport() | _:
                pass


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    return getattr(error, "strerror", None) or str(error)
