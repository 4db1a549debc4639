"""The proof of a ledger with corrections: it adds up the newest words by itself, and finds a false one."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from options import events as e
from options.correction_events import FillCorrected
from storage.verify import Verdict, verify
from tests.options.desk import Desk, executed
from tests.storage.ledger_plans import write_plan


def corrected_day() -> list[e.TradeEvent]:
    """In by two executions, one of them smaller and dearer later; out; the exit busted, and out again."""
    desk = Desk()
    desk.propose(4)
    entry = desk.order
    desk.report(executed(entry, 2, "10", "X.01", "1.30"), executed(entry, 2, "10.10", "Y.01", "1.30"))
    desk.report(executed(entry, 1, "10.20", "X.02", "0.65"))
    desk.out("T1")
    leaving = desk.order
    desk.report(executed(leaving, 3, "11", "Z.01", "1.95"))
    desk.report(executed(leaving, 0, "0", "Z.02"))
    desk.report(executed(desk.order, 3, "10.50", "W.01", "1.95"))
    desk.report(executed(desk.order, 3, "10.45", "W.02", "1.95"))
    return desk.events


def test_a_corrected_day_is_sound(tmp_path: Path) -> None:
    """Corrected entry, busted exit, corrected second exit: every figure follows from the newest words."""
    events = corrected_day()
    write_plan(tmp_path / "ledger", [events])
    found = verify(tmp_path / "ledger")
    assert (found.verdict, found.reason, found.fills, found.trades_closed) == (Verdict.SOUND, "", 4, 1)


@pytest.mark.parametrize(
    ("nth", "change", "words"),
    [
        (0, {"position": 4}, "it states a position of 4; the fills give 3"),
        (0, {"qty": 2}, "the fills give 4"),
        (0, {"was_qty": 3}, "what was said before is (2, "),
        (0, {"was_price": Decimal(9)}, "what was said before is (2, "),
        (0, {"was_fee": Decimal(9)}, "what was said before is (2, "),
        (0, {"exec_id": "X.01"}, "counted twice"),
        (0, {"client_ref": "CBnone"}, "never sent"),
        (1, {"realized_pnl": Decimal(-200)}, "it changes the realized P&L"),
        (2, {"price": Decimal("10.46")}, "it changes the realized P&L"),
    ],
)
def test_a_false_correction_is_found(nth: int, change: dict[str, Any], words: str, tmp_path: Path) -> None:
    """Whatever a correction states falsely, the proof names its line."""
    events = corrected_day()
    at = [number for number, event in enumerate(events) if isinstance(event, FillCorrected)][nth]
    events[at] = replace(events[at], **change)
    write_plan(tmp_path / "ledger", [events])
    found = verify(tmp_path / "ledger")
    assert (found.verdict, found.line) == (Verdict.BROKEN, at + 1), found.sentence
    assert words in found.reason


def test_a_correction_that_fills_too_much_and_halts_nothing_is_found(tmp_path: Path) -> None:
    """More than was ordered, by a correction: without the halt before it the ledger is not ours."""
    desk = Desk()
    desk.propose(2)
    entry = desk.order
    desk.report(executed(entry, 2, "10", "X.01"), executed(entry, 3, "10", "X.02"))
    write_plan(tmp_path / "whole", [desk.events])
    assert verify(tmp_path / "whole").verdict is Verdict.SOUND
    write_plan(tmp_path / "cut", [[one for one in desk.events if not isinstance(one, e.TradingHalted)]])
    assert "nothing halted" in verify(tmp_path / "cut").reason


def test_joined_positions_are_sound(tmp_path: Path) -> None:
    """A late execution opened a second position, a correction opens the first again: both are proven as one."""
    desk = Desk()
    desk.opened(4, "10")
    desk.out("T1")
    leaving = desk.order
    desk.report(executed(leaving, 2, "11", "X.01"), executed(leaving, 2, "11", "Y.01"))
    desk.report(executed(leaving, 1, "11", "Z.01"))
    desk.report(executed(leaving, 1, "11", "X.02"))
    desk.cancelled(desk.order)  # what would have bought one back
    write_plan(tmp_path / "ledger", [desk.events])
    found = verify(tmp_path / "ledger")
    assert (found.verdict, found.reason, found.trades_closed) == (Verdict.SOUND, "", 1)
