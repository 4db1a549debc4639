"""What the ledger shows as tables and as JSON."""

import io
import json
from decimal import Decimal

import pytest
from rich.console import Console, RenderableType

from bot.ledger_tables import as_json, events_table, positions_table, trades_table
from bot.ledger_views import event_rows, positions, trades
from options import events as e
from tests.bot.whole_trade import KEY, TradeScript, at, day_opened, flat, trimmed, whole

REJECTED = TradeScript(4)
LEDGER = flat(
    [
        *day_opened(),
        *whole(TradeScript(1)),
        *trimmed(TradeScript(2)),
        TradeScript(3).entry("12:05:00"),
        [
            *REJECTED.entry("12:06:00")[:4],
            e.TradeRejected(ts=at("12:06:00"), trade_id="T4", reasons=("no quote",)),
        ],
    ]
)


def printed(table: RenderableType, width: int) -> str:
    """The table as a terminal of that width shows it."""
    out = io.StringIO()
    Console(file=out, width=width).print(table)
    return out.getvalue()


def test_trades_have_their_sums() -> None:
    """Every trade is listed with exact averages, money, times, what closed it, and both statuses."""
    first, second, third, fourth = trades(LEDGER)
    assert (first.id, first.instrument, first.side, first.qty, first.left) == ("T1", KEY, "long", 4, 0)
    assert (first.entry_average, first.exit_average) == (Decimal("9.825"), Decimal("9.75"))
    assert (first.realized, first.fees, first.net) == (Decimal("-30.00"), Decimal("5.20"), Decimal("-35.20"))
    assert (first.close_kind, first.order_status, first.trade_status) == ("stop", "Inactive", "Closed")
    assert (first.opened, first.closed) == (at("10:12:35"), at("12:00:01"))
    assert (second.left, second.closed, second.realized) == (2, "", Decimal("475.00"))
    assert (third.qty, third.opened, third.trade_status) == (4, "", "Pending")
    assert (fourth.order_status, fourth.why_not) == ("Rejected", ("no quote",))


def test_trades_are_filtered() -> None:
    """Open or closed, a symbol in any case, a strategy: what does not fit is left out."""
    assert [row.id for row in trades(LEDGER, is_open=True)] == ["T2", "T3"]
    assert [row.id for row in trades(LEDGER, is_open=False)] == ["T1", "T4"]
    assert len(trades(LEDGER, symbol="goog")) == 4
    assert not trades(LEDGER, symbol="TWX")
    assert [row.id for row in trades(LEDGER, strategy="follow2")] == ["T2"]


def test_positions_are_those_that_hold_something() -> None:
    """Only what is open now, with its newest mark, its open P&L and what guards it."""
    (row,) = positions(LEDGER)
    assert (row.id, row.qty, row.qty_in, row.mark, row.open_pnl) == ("T2", 2, 4, 12.5, 535.0)
    assert (row.stops, row.targets) == ((7.35,), ())


def test_events_are_filtered() -> None:
    """By trade (an order's events through its parent), by type, after a number, the last so many."""
    about_t1 = event_rows(LEDGER, trade_id="T1")
    assert {"OrderAccepted", "ParentOrderOpened", "ParentOrderClosed"} <= {row.type for row in about_t1}
    assert all("T2" not in row.text and "O2." not in row.text for row in about_t1)
    assert {row.type for row in event_rows(LEDGER, types=["OrderFilled"])} == {"OrderFilled"}
    assert [row.seq for row in event_rows(LEDGER, since_seq=10, last=3)] == [seq for seq, _ in LEDGER[-3:]]
    assert event_rows(LEDGER, since_seq=10)[0].seq == 11
    assert event_rows(LEDGER, last=0) == []
    assert len(event_rows(LEDGER)) == len(LEDGER)


def test_unknown_event_type_is_refused() -> None:
    """A type that does not exist is refused with those that do."""
    with pytest.raises(ValueError, match=r"no such event type: Filled; there are .*OrderFilled"):
        event_rows(LEDGER, types=["Filled"])


def test_json_keeps_decimals_exact() -> None:
    """JSON output is an array whose decimals are numbers that read back exactly."""
    rows = json.loads(as_json(trades(LEDGER)), parse_float=Decimal)
    assert rows[0]["realized"] == Decimal("-30.00")
    assert rows[0]["entry_average"] == Decimal("9.825")
    assert json.loads(as_json(positions(LEDGER)))[0]["stops"] == [7.35]
    assert json.loads(as_json(event_rows(LEDGER, last=1)))[0]["event"]["type"] == "TradeRejected"
    assert json.loads(as_json([])) == []


@pytest.mark.parametrize("width", [80, 120, 180])
def test_tables_fit_the_terminal(width: int) -> None:
    """In a terminal of any usual width each trade and position is one line with its money on it."""
    table = printed(trades_table(trades(LEDGER), width), width)
    assert any(
        "T1" in line and "Long GOOG 31 Dec 2015 $750 call" in line and "−$30.00" in line
        for line in table.splitlines()
    )
    assert "net +$435.90" in table
    held = printed(positions_table(positions(LEDGER), width), width)
    assert any("T2" in line and "2 of 4" in line and "+$535.00" in line for line in held.splitlines())
    assert "T1 closed by stop: −$35.20" in " ".join(
        printed(events_table(event_rows(LEDGER, types=["TradeClosed"]), width), width).split()
    )


def test_empty_tables_say_so() -> None:
    """A ledger without trades shows a sentence, not an empty frame."""
    assert printed(trades_table([], 80), 80) == "No trades.\n"
    assert printed(positions_table([], 80), 80) == "No open positions.\n"
    assert printed(events_table([], 80), 80) == "No events.\n"
