"""What the paper service remembers: every order and every execution, in a file of its own that survives it."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from options.execution.port import OrderTicket
from options.execution_key import execution_base
from options.inputs import (
    BrokerReport,
    CompletedOrder,
    ExecutionReport,
    OrderCancelledReport,
    OrderReducedReport,
    OrderRejectedReport,
    StopElectedReport,
)
from options.order import ChildOrder, Order
from options.values import ZERO, Micros, to_iso
from storage.files import AppendFile, read_chunks


class JournalDamaged(Exception):
    """The service's file is not what it wrote."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line: an order taken (``ticket``), one refused because its reference was known, and what was reported."""

    at: Micros
    ticket: OrderTicket | None = None
    duplicate: str = ""
    reports: tuple[BrokerReport, ...] = ()


@dataclass(slots=True)
class KnownOrder:
    """An order that was taken, and all that became of it."""

    ticket: OrderTicket
    taken_at: Micros
    last_at: Micros
    executions: list[ExecutionReport] = field(default_factory=list)
    end: OrderCancelledReport | OrderRejectedReport | None = None
    qty: int = 0
    elected: bool = False

    def __post_init__(self) -> None:
        """An order is for what its ticket says, until another of its group trades."""
        self.qty = self.qty or self.ticket.qty

    @property
    def filled(self) -> int:
        """Contracts that traded."""
        return sum(execution.qty for execution in self.executions)

    @property
    def over(self) -> bool:
        """True once nothing more of it can trade."""
        return self.end is not None or self.filled >= self.qty

    def completed(self) -> CompletedOrder:
        """How it ended."""
        return CompletedOrder(
            client_ref=self.ticket.client_ref,
            rejected=isinstance(self.end, OrderRejectedReport),
            filled=self.filled,
            reason="filled" if self.end is None else self.end.reason,
        )

    def as_order(self) -> Order:
        """As the paper broker takes orders up."""
        ticket = self.ticket
        return Order(
            order_id=ticket.client_ref,
            parent_id="",
            instrument=ticket.instrument,
            side=ticket.side,
            qty=self.qty,
            order_type=ticket.order_type,
            tif=ticket.tif,
            limit_price=ticket.limit_price,
            stop_price=ticket.stop_price,
            submitted_ts=to_iso(self.taken_at),
            child=ChildOrder(client_ref=ticket.client_ref),
            premium=ZERO,
            oca_group=ticket.oca_group,
            elected=self.elected,
            filled=self.filled,
            fees=sum((execution.fee for execution in self.executions), ZERO),
            last_fill_ts=to_iso(self.last_at) if self.executions else "",
            executions=tuple({execution_base(one.exec_id): one.exec_id for one in self.executions}.values()),
        )


class Memory:
    """Orders by client reference, positions by instrument key, and how often a known reference was sent again."""

    def __init__(self) -> None:
        self.orders: dict[str, KnownOrder] = {}
        self.open: dict[str, KnownOrder] = {}
        self.positions: Counter[str] = Counter()
        self.group_traded: Counter[str] = Counter()
        self.duplicates = 0

    def take(self, entry: Entry) -> None:
        """Remember one line."""
        if entry.duplicate:
            self.duplicates += 1
        if entry.ticket is not None:
            known = KnownOrder(entry.ticket, entry.at, entry.at)
            self.orders[entry.ticket.client_ref] = self.open[entry.ticket.client_ref] = known
        for report in entry.reports:
            self._report(entry.at, report)

    def _report(self, at: Micros, report: BrokerReport) -> None:
        if isinstance(report, ExecutionReport):
            known = self.orders[report.client_ref]
            known.executions.append(report)
            known.last_at = at
            self.positions[report.instrument] += report.qty * report.side.sign
            if known.ticket.oca_group:
                self.group_traded[known.ticket.oca_group] += report.qty
        elif isinstance(report, OrderCancelledReport | OrderRejectedReport):
            known = self.orders[report.client_ref]
            known.end = report
            known.last_at = at
        elif isinstance(report, OrderReducedReport):
            known = self.orders[report.client_ref]
            known.qty = report.qty
        elif isinstance(report, StopElectedReport):
            self.orders[report.client_ref].elected = True
            return
        else:
            return
        if known.over:
            self.open.pop(report.client_ref, None)


def read_memory(path: Path) -> tuple[Memory, int]:
    """Everything that a journal holds, and how many of its bytes are whole lines.

    :raises JournalDamaged: a line is no entry. :raises FolderUnusable: the file cannot be read.
    """
    memory, whole = Memory(), 0
    decoder = msgspec.json.Decoder(Entry)
    lines = b"".join(read_chunks(path)).split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            memory.take(decoder.decode(line))
        except (msgspec.DecodeError, KeyError) as error:
            raise JournalDamaged(f"{path}, line {number}: {error}") from error
        whole += len(line) + 1
    return memory, whole


class Journal:
    """The file behind a memory: a line is on the disk before anybody hears of it."""

    def __init__(self, path: Path) -> None:
        self._file = AppendFile(path)
        self.memory, whole = read_memory(path)
        if whole < self._file.size:
            self._file.truncate_to(whole)  # the end of a line that nobody was told of

    def write(self, entry: Entry) -> None:
        """Remember one line, durably.

        :raises StorageFailed: the disk failed; the service must end.
        """
        self._file.append(msgspec.json.encode(entry) + b"\n")
        self._file.sync()
        self.memory.take(entry)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
