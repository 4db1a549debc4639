"""Assignment before expiry through the whole program: from the broker or by hand, into the ledger and its proof."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from bot.card import card_of
from bot.card_book import CardBook
from bot.event_text import describe, numbered
from options.expiry_events import ContractsAssigned, LegSettled, PositionDelivered
from options.inputs import AssignmentReport
from options.risk import RiskLimits
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read, records
from storage.verify import Verdict, verify
from tests.bot.command_room import KEY, CommandRoom, callboard
from tests.storage.event_strategies import lines_of, write_lines

LIMITS = RiskLimits(naked_max_loss_usd=Decimal(10**9))


def short_room(folder: Path) -> CommandRoom:
    """A room to be entered, in which three calls can be sold."""
    return CommandRoom(folder, limits=LIMITS)


def sell_three(room: CommandRoom, folder: Path) -> None:
    """Three 750 calls, short at 9.80, guarded by a stop."""
    room.quote(754.9, 755.1, key="GOOG")
    room.quote(9.80, 10.00)
    callboard(folder, "trade", "new", "GOOG 2015-12-31 750 C", "3", "--short", "--stop", "0.5", "--activate")
    assert room.book.trades["T1"].position.qty == -3


def assert_sound(folder: Path) -> None:
    found = verify(folder / LEDGER_PATH)
    assert found.verdict is Verdict.SOUND, found.sentence


def test_an_admin_records_what_the_broker_told(tmp_path: Path) -> None:
    """One of three by hand, seen before it is done: two go on, the shares are a trade, the proof holds."""
    with short_room(tmp_path) as room:
        sell_three(room, tmp_path)
        shown = callboard(tmp_path, "trade", "assigned", "T1", "--qty", "1", "--price", "756", "--preview")
        assert shown.exit_code == 0
        assert "leave the option at what it was worth: −$600.00 (+$380.00), before fees" in shown.output
        assert room.book.trades["T1"].position.qty == -3
        said = callboard(tmp_path, "trade", "assigned", "T1", "--qty", "1", "--price", "756")
        assert said.exit_code == 0
        assert "T2" in said.output
        trade, shares = room.book.trades["T1"], room.book.trades["T2"]
        assert (trade.position.qty, [armed.qty for armed in trade.armed if armed.level]) == (-2, [2])
        assert (shares.instrument, shares.position.qty, shares.position.cost) == (
            "GOOG",
            -100,
            Decimal(-75_600),
        )
        refused = callboard(tmp_path, "trade", "assigned", "T1", "--qty", "3")
        assert refused.exit_code == 1
        assert "3 is not between 1 and 2" in refused.output
        assert callboard(tmp_path, "trade", "assigned", "T1", "--contract", "nonsense").exit_code != 0
    shown = callboard(tmp_path, "trade", "show", "T1")
    assert "bought 1 at 6.00 (trim, assigned-" in shown.output
    assert_sound(tmp_path)


def test_the_broker_reports_an_assignment(tmp_path: Path) -> None:
    """Scripted to say so, twice: booked once, with words for it, and the card tells it."""
    with short_room(tmp_path) as room:
        sell_three(room, tmp_path)
        report = AssignmentReport(assignment_id="OCC-1", instrument=KEY, qty=3)
        room.broker.say(report)
        room.broker.say(report)
        room.quote(755.9, 756.1, key="GOOG", after_s=1)
        assert list(room.book.trades) == ["T2"]
    events = [event for _, event in numbered(read(tmp_path / LEDGER_PATH))]
    told = [describe(event) for event in events if isinstance(event, ContractsAssigned)]
    assert told == ["Assigned before expiry: 3 GOOG 31 Dec 2015 $750 call, told by broker"]
    cards = CardBook()
    for event in events:
        cards.fold(event)
    card = card_of(cards.view("T1-1"))
    assert ("Out by", "assigned\n3 GOOG 31 Dec 2015 $750 call assigned", True) in card.fields
    assert_sound(tmp_path)


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        (LegSettled, {"price": Decimal("5.50")}, "is worth"),
        (LegSettled, {"qty": -1}, "do not add up"),
        (PositionDelivered, {"price": Decimal(755)}, "T1 leaves"),
        (PositionDelivered, {"qty": -100}, "T1 leaves"),
        (PositionDelivered, None, "which no trade holds"),
    ],
)
def test_a_false_assignment_is_found(
    tmp_path: Path, kind: type[msgspec.Struct], change: dict[str, object] | None, words: str
) -> None:
    """Another worth, another quantity, shares at another price or none: the proof names what does not follow."""
    with short_room(tmp_path) as room:
        sell_three(room, tmp_path)
        callboard(tmp_path, "trade", "assigned", "T1", "--qty", "2", "--price", "756")
    path = tmp_path / LEDGER_PATH
    events = [record.event for record, _ in records(path)]
    if change is None:
        events = [event for event in events if getattr(event, "trade_id", "") != "T2"]
    else:
        events = [
            msgspec.structs.replace(event, **change) if isinstance(event, kind) else event for event in events
        ]
    write_lines(path, lines_of([[event] for event in events]))
    found = verify(path)
    assert found.verdict is Verdict.BROKEN
    assert words in found.reason, found.sentence
