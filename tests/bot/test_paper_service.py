"""The paper broker in a process of its own: what it refuses, remembers, and what its client makes of silence."""

import socket
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.paper_service.client import PaperServiceBroker
from bot.paper_service.memory import Entry, Journal, JournalDamaged, read_memory
from bot.paper_service.messages import JOURNAL_NAME, SOCKET_NAME, Cancel, CloseDay, Look, NewQuotes, Submit
from bot.paper_service.server import PaperService, serve
from options.execution.fill_models import QUOTE_RULES
from options.execution.port import OrderTicket
from options.inputs import (
    BrokerLostReport,
    BrokerSnapshot,
    ExecutionReport,
    OrderAcceptedReport,
    OrderCancelledReport,
    OrderInDoubtReport,
    OrderRejectedReport,
)
from options.plan import OrderType, TimeInForce
from options.quote import Quote, QuoteCache, QuoteLimits
from options.values import SECOND, Side, from_iso
from storage.files import FolderUnusable
from tests.crash.order_path_run import paper_service, short_folder

KEY = "ACME  260327C00180000"
AT = from_iso("2026-03-11T14:00:00Z")


def ticket(ref: str = "CB1", limit: str | None = None, qty: int = 2) -> OrderTicket:
    """An order to buy."""
    return OrderTicket(
        client_ref=ref,
        instrument=KEY,
        side=Side.BUY,
        qty=qty,
        order_type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        tif=TimeInForce.DAY,
        limit_price=None if limit is None else Decimal(limit),
    )


def quote(ask: float = 4.1) -> Quote:
    """A quote of this moment."""
    return Quote(AT, ask - 0.2, ask, ask, 9, 9)


QUOTED = [(KEY, quote())]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[PaperService]:
    """A service without its socket."""
    made = PaperService(tmp_path, QuoteLimits())
    yield made
    made.close()


def look(service: PaperService, *refs: str, at: int = AT) -> BrokerSnapshot:
    """Everything that the service has."""
    report = service.answer(Look(at, list(refs))).reports[0]
    assert isinstance(report, BrokerSnapshot)
    return report


def test_i6_a_known_reference_is_refused_and_counted(service: PaperService, tmp_path: Path) -> None:
    """A second order under one reference changes nothing, is refused, and the count of it survives."""
    first = service.answer(Submit(AT, AT, ticket(), QUOTED))
    assert [type(report) for report in first.reports] == [OrderAcceptedReport, ExecutionReport]
    second = service.answer(Submit(AT, AT, ticket(), QUOTED))
    assert not second.reports
    assert "used before" in second.refused
    assert look(service).positions == {KEY: 2}
    assert read_memory(tmp_path / JOURNAL_NAME)[0].duplicates == 1


def test_a_combo_fills_on_its_legs_and_is_held_by_its_legs(service: PaperService) -> None:
    """One contract bought at 4.10 and two sold at 1.00 for each of three: a broker knows contracts, and no combos."""
    other = "ACME  260327C00185000"
    spread = f"+1*{KEY}/-2*{other}"
    legs = [(KEY, quote(4.1)), (other, Quote(AT, 1.0, 1.1, 1.05, 9, 9))]
    order = OrderTicket(
        client_ref="CB1",
        instrument=spread,
        side=Side.BUY,
        qty=3,
        order_type=OrderType.LIMIT,
        tif=TimeInForce.DAY,
        limit_price=Decimal("2.10"),
    )
    (_, traded) = service.answer(Submit(AT, AT, order, legs)).reports
    assert isinstance(traded, ExecutionReport)
    assert (traded.instrument, traded.qty, traded.price) == (spread, 3, Decimal("2.10"))
    assert look(service).positions == {KEY: 3, other: -6}


def test_a_combo_that_rests_is_told_of_its_legs() -> None:
    """Its client sends the quotes of the contracts, with the order and later: the net price is the broker's work."""
    other = "ACME  260327C00185000"
    quotes = QuoteCache()
    spread = f"+1*{KEY}/-1*{other}"
    with short_folder() as folder, paper_service(folder):
        broker = PaperServiceBroker(folder, quotes)
        broker.recover((), AT)
        broker.drain()
        quotes.update(AT, [(KEY, quote(4.1)), (other, Quote(AT, 1.0, 1.1, 1.05, 9, 9))])
        order = OrderTicket(
            client_ref="CB1",
            instrument=spread,
            side=Side.BUY,
            qty=1,
            order_type=OrderType.LIMIT,
            tif=TimeInForce.DAY,
            limit_price=Decimal("2.50"),
        )
        broker.submit(order, AT)
        assert [type(one) for one in broker.drain()] == [OrderAcceptedReport]
        later = AT + 10 * SECOND
        quotes.update(later, [(KEY, Quote(later, 3.3, 3.4, 3.4, 9, 9))])
        broker.on_quotes(later)
        (traded,) = broker.drain()
        assert isinstance(traded, ExecutionReport)
        assert traded.price <= Decimal("2.50")
        broker.snapshot(later)
        (seen,) = broker.drain()
        assert isinstance(seen, BrokerSnapshot)
        assert seen.positions == {KEY: 1, other: -1}
        broker.close()


def test_what_rests_survives_the_service(tmp_path: Path) -> None:
    """Killed and started again, the service has the same orders, fills them on, and never reuses an execution id."""
    first = PaperService(tmp_path, QuoteLimits())
    first.answer(Submit(AT, AT, ticket("CB1", "3.00"), QUOTED))
    first.answer(Submit(AT, AT, ticket("CB2"), QUOTED))
    second = PaperService(tmp_path, QuoteLimits())
    before = look(second)
    assert [order.client_ref for order in before.open_orders] == ["CB1"]
    assert [order.client_ref for order in before.completed] == ["CB2"]
    later = AT + SECOND
    cheap = Quote(later, 2.8, 2.9, 2.9, 9, 9)
    filled = second.answer(NewQuotes(later, later, [(KEY, cheap)])).reports
    assert [type(report) for report in filled] == [ExecutionReport]
    after = look(second, at=later)
    assert not after.open_orders
    assert after.positions == {KEY: 4}
    assert len({execution.exec_id for execution in after.executions}) == 2
    first.close()
    second.close()


def test_cancels_ends_and_refusals_are_remembered(service: PaperService) -> None:
    """A cancel, a day's end and a bad order are told once and found by every later look."""
    service.answer(Submit(AT, AT, ticket("CB1", "3.00"), QUOTED))
    service.answer(Submit(AT, AT, ticket("CB2", "3.00"), QUOTED))
    assert isinstance(
        service.answer(Submit(AT, AT, ticket("CB3", qty=0), QUOTED)).reports[0], OrderRejectedReport
    )
    assert isinstance(service.answer(Cancel(AT, "CB1")).reports[0], OrderCancelledReport)
    assert not service.answer(Cancel(AT, "CB1")).reports
    assert isinstance(service.answer(CloseDay()).reports[0], OrderCancelledReport)
    over = {one.client_ref: one.rejected for one in look(service).completed}
    assert over == {"CB1": False, "CB2": False, "CB3": True}


def test_old_orders_are_told_when_asked_for(service: PaperService) -> None:
    """A look tells the last day's orders, and older ones by their reference."""
    service.answer(Submit(AT, AT, ticket(), QUOTED))
    later = AT + 72 * 3600 * SECOND
    assert not look(service, at=later).completed
    asked = look(service, "CB1", at=later)
    assert [one.client_ref for one in asked.completed] == ["CB1"]
    assert len(asked.executions) == 1


def test_a_torn_line_is_cut_and_damage_is_refused(tmp_path: Path) -> None:
    """The unfinished end of a journal was told to nobody and is cut; a line that is no entry refuses the file."""
    path = tmp_path / JOURNAL_NAME
    journal = Journal(path)
    journal.write(Entry(AT, ticket()))
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"at":1')
    again = Journal(path)
    assert list(again.memory.orders) == ["CB1"]
    again.close()
    assert path.read_bytes() == whole
    path.write_bytes(b"nonsense\n" + whole)
    with pytest.raises(JournalDamaged, match="line 1"):
        read_memory(path)


def test_a_folder_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    """A socket's name has a limit: the refusal says which and what to do."""
    with pytest.raises(FolderUnusable, match="choose a shorter folder"):
        serve(tmp_path / ("x" * 120), QuoteLimits(), QUOTE_RULES, lambda _path: None)


def test_a_service_that_cannot_be_reached_is_a_lost_broker(tmp_path: Path) -> None:
    """Without a service every call says that the broker is lost, and none of them raises."""
    with short_folder() as folder:
        broker = PaperServiceBroker(folder, QuoteCache(), wait_s=0.2)
        broker.recover([], AT)
        broker.submit(ticket(), AT)
        broker.on_quotes(AT)
        broker.on_close()
        assert {type(report) for report in broker.drain()} == {BrokerLostReport}


def test_a_service_that_does_not_answer_is_waited_for_no_longer_than_allowed() -> None:
    """Silence ends the connection within the allowed wait; only a new look connects again."""
    with short_folder() as folder, socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(folder / SOCKET_NAME))
        silent.listen()
        broker = PaperServiceBroker(folder, QuoteCache(), wait_s=0.1)
        broker.snapshot(AT)
        assert [report for report in broker.drain() if isinstance(report, BrokerLostReport)]
        broker.submit(ticket(), AT)
        assert "no connection" in str(broker.drain())


def test_a_reference_refused_by_the_service_is_a_doubt() -> None:
    """The service's refusal of a known reference neither ends nor fills the order: it is to be looked for."""
    with short_folder() as folder, paper_service(folder):
        quotes = QuoteCache()
        quotes.update(AT, [(KEY, quote())])
        broker = PaperServiceBroker(folder, quotes)
        broker.recover([], AT)
        broker.submit(ticket(), AT)
        broker.drain()
        broker.submit(ticket(), AT)
        assert [type(report) for report in broker.drain()] == [OrderInDoubtReport]
        broker.close()


def test_what_a_dead_client_sent_is_taken_in_before_the_next_is_answered() -> None:
    """Bytes that were on their way when a client died are in the first look of the client after it."""
    with short_folder() as folder, paper_service(folder):
        quotes = QuoteCache()
        quotes.update(AT, [(KEY, quote())])
        dead = _Dying(folder, quotes)
        dead.recover([], AT)
        dead.submit(ticket(), AT)
        dead.close()
        next_one = PaperServiceBroker(folder, quotes)
        next_one.recover([], AT)
        (report,) = next_one.drain()
        next_one.close()
        assert isinstance(report, BrokerSnapshot)
        assert [one.client_ref for one in report.open_orders] == ["CB1"]


class _Dying(PaperServiceBroker):
    """A client that hangs up right after it has sent an order."""

    def _send(self, line: bytes) -> None:
        super()._send(line)
        if b'"Submit"' in line:
            raise ConnectionResetError("died")
