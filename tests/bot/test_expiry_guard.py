"""A person's trade is out before its contract expires, unless its plan says to hold it through."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from bot.card import Card, CardState, card_of
from bot.card_book import CardBook
from bot.expiry_guard import guarded
from options import commands as c
from options import inputs as i
from options import lifecycle as lc
from options.book import Book
from options.contract import Combo, parse_occ
from options.events import OrderCancelRequested, OrderSubmitRequested
from options.expiry_events import LegSettled
from options.plan import EntryCondition, EntryPlan, ExitPlan, TimeInForce, Watch
from options.terms import ExitKind
from options.values import MINUTE, to_iso
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import records
from tests.bot.command_room import CommandRoom, callboard
from tests.options.desk import CLOSE, Desk, limit, of

TODAY = "GOOG  151224C00750000"
PLAIN = ExitPlan()


def filled_in(key: str, exits: ExitPlan = PLAIN, today: str = "") -> str | None:
    """The moment that a new trade gets, as text."""
    book = Book()
    book.day.day = today
    command = guarded(c.NewTrade(command_id="1", who="ann", instrument=key, qty=1, exits=exits), book, 10)
    assert isinstance(command, c.NewTrade)
    cut_off = command.exits.flat_before_expiry
    assert msgspec.structs.replace(command.exits, flat_before_expiry=None) == exits
    return None if cut_off is None else to_iso(cut_off)


@pytest.mark.parametrize(
    ("key", "cut_off"),
    [
        ("GOOG  151231C00750000", "2015-12-31T20:50:00"),  # a plain Thursday
        (TODAY, "2015-12-24T17:50:00"),  # a half day
        ("TWX   140719C00070000", "2014-07-18T19:50:00"),  # expires on a Saturday: the Friday, in summer
        ("GOOG  151225C00750000", "2015-12-24T17:50:00"),  # on a holiday: the half day before
        ("SPX   151218C02000000", "2015-12-17T20:50:00"),  # settles at the opening prices of the 18th
        ("SPXW  151218C02000000", "2015-12-18T20:50:00"),  # settles at the close of it
        ("GOOG", None),
        ("nonsense", None),
    ],
)
def test_f10_the_calendar_gives_the_moment(key: str, cut_off: str | None) -> None:
    """Ten minutes before the last close of the contract: early closes, holidays, opening settlement and all."""
    found = filled_in(key)
    assert found == (None if cut_off is None else f"{cut_off}.000000Z")


def test_of_a_combo_the_leg_that_ends_first_decides() -> None:
    """A calendar is left before its near leg expires."""
    far, near = parse_occ("GOOG  151231C00750000"), parse_occ(TODAY)
    assert filled_in(Combo.of((1, far), (-1, near)).key) == "2015-12-24T17:50:00.000000Z"


def test_what_a_plan_says_of_the_last_day_is_left_alone() -> None:
    """Held through, or out at a time of its own on the last day; an earlier or a later time is no such word."""
    assert filled_in(TODAY, ExitPlan(hold_through_expiry=True)) is None
    assert filled_in(TODAY, ExitPlan(flat_at=CLOSE - MINUTE)) == "2015-12-24T17:59:00.000000Z"
    assert filled_in(TODAY, ExitPlan(flat_at=CLOSE)) == "2015-12-24T17:50:00.000000Z"
    assert (
        filled_in("GOOG  151231C00750000", ExitPlan(flat_at=CLOSE - MINUTE)) == "2015-12-31T20:50:00.000000Z"
    )
    assert filled_in(TODAY, today="2015-12-28") is None


def bought(room: CommandRoom, *words: str) -> None:
    """Two of the contract that expires on this half day are held."""
    room.quote(9.80, 10.00, TODAY)
    done = callboard(room.data, "trade", "new", "GOOG 2015-12-24 750 C", "2", "--activate", *words)
    assert done.exit_code == 0, done.output
    assert room.book.trades["T1"].position.qty == 2


def test_a_trade_of_the_day_is_sold_before_its_cut_off_and_says_so(tmp_path: Path) -> None:
    """Out at 12:50 on Christmas Eve: in the answer, in the plan, and in the market."""
    with CommandRoom(tmp_path) as room:
        bought(room)
        shown = callboard(tmp_path, "trade", "show", "T1").output
        assert "out at 12:50:00 ET, before it expires" in shown
        room.quote(9.70, 9.90, TODAY, after_s=(CLOSE - 10 * MINUTE - room.at) // 1_000_000 - 1)
        assert room.book.trades["T1"].position.qty == 2
        room.quote(9.60, 9.80, TODAY, after_s=1)
        closed = room.book.trade("T1")
        assert closed is not None
        assert (closed.position.qty, closed.target_kind) == (0, ExitKind.FLAT)


def test_a_trade_that_is_held_inactive_says_what_still_takes_it_out_and_is_taken_out(tmp_path: Path) -> None:
    """Its stop sleeps while its plan is edited; the sale at 12:50 does not: in the list, on the card, in the market."""
    with CommandRoom(tmp_path) as room:
        bought(room, "--stop", "0.2")
        assert callboard(tmp_path, "trade", "modify", "T1", "--hold").exit_code == 0
        shown = callboard(tmp_path, "trade", "show", "T1").output
        assert (
            "its exits sleep until it is activated; it is still out at 12:50:00 ET, before it expires"
            in shown
        )
        assert "flat 2 at 12:50:00 ET: Ready, held here" in shown
        card = card_of_trade(room, "T1-1")
        assert card.state is CardState.HELD
        assert {name: value for name, value, _ in card.fields}["Out by"] == "flat at 12:50:00 ET × 2"
        room.quote(1.00, 1.20, TODAY)
        assert room.book.trades["T1"].position.qty == 2
        room.quote(9.60, 9.80, TODAY, after_s=(CLOSE - 10 * MINUTE - room.at) // 1_000_000)
        closed = room.book.trade("T1")
        assert closed is not None
        assert (closed.position.qty, closed.target_kind) == (0, ExitKind.FLAT)


def test_a_trade_that_is_held_inactive_and_never_flat_says_that_nothing_takes_it_out(tmp_path: Path) -> None:
    """Who said never is told what that means now."""
    with CommandRoom(tmp_path) as room:
        bought(room, "--flat-at", "never")
        assert callboard(tmp_path, "trade", "modify", "T1", "--hold").exit_code == 0
        shown = callboard(tmp_path, "trade", "show", "T1").output
        assert "held inactive: nothing takes it out until it is activated again" in shown


def card_of_trade(room: CommandRoom, position_id: str) -> Card:
    """A position's card, from the ledger."""
    book = CardBook()
    for record, _ in records(room.data / LEDGER_PATH):
        book.fold(record.event)
    return card_of(book.view(position_id))


def test_a_trade_that_is_to_be_held_is_held_until_it_is_exercised(tmp_path: Path) -> None:
    """--flat-at never: nothing is sold before the close; none takes the word back, and then it is."""
    with CommandRoom(tmp_path) as room:
        bought(room, "--flat-at", "never")
        assert "held through its expiry" in callboard(tmp_path, "trade", "show", "T1").output
        assert not [one for one in room.book.trades["T1"].armed if one.at]
        done = callboard(tmp_path, "trade", "modify", "T1", "--flat-at", "none")
        assert done.exit_code == 0
        assert [one.at for one in room.book.trades["T1"].armed] == ["2015-12-24T17:50:00.000000Z"]
        assert callboard(tmp_path, "trade", "modify", "T1", "--flat-at", "never").exit_code == 0
        room.quote(760, 760, "GOOG", after_s=(CLOSE - MINUTE - room.at) // 1_000_000)
        assert room.book.trades["T1"].position.qty == 2
        room.at = CLOSE
        events = room.runner.process(CLOSE, "expiry", i.ExpiryReached((TODAY,), (("GOOG", Decimal(760)),)))
        assert of(LegSettled, events)


def test_after_the_cut_off_nothing_is_entered(tmp_path: Path) -> None:
    """A new trade is refused with the moment and the way around it; a draft from before cannot be activated."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00, TODAY)
        assert callboard(tmp_path, "trade", "new", "GOOG 2015-12-24 750 C", "2").exit_code == 0
        room.quote(9.80, 10.00, TODAY, after_s=(CLOSE - 9 * MINUTE - room.at) // 1_000_000)
        late = callboard(tmp_path, "trade", "new", "GOOG 2015-12-24 750 C", "2")
        assert late.exit_code == 1
        assert "nothing of it is held after 24 Dec 2015 12:50:00 ET, unless flat-at is never" in late.output
        assert callboard(tmp_path, "trade", "activate", "T1").exit_code == 1
        held = callboard(
            tmp_path, "trade", "new", "GOOG 2015-12-24 750 C", "2", "--flat-at", "never", "--activate"
        )
        assert held.exit_code == 0, held.output


def test_a_roll_gets_the_moment_of_its_new_contract(tmp_path: Path) -> None:
    """What follows is out before its own expiry, and not with the old contract's."""
    with CommandRoom(tmp_path) as room:
        bought(room)
        room.quote(12.00, 12.20, "GOOG  151231C00750000")
        done = callboard(tmp_path, "roll", "T1", "--expiry", "2015-12-31")
        assert done.exit_code == 0, done.output
        assert "Out by 31 Dec 2015 15:50:00 ET, before it expires." in done.output
        (armed,) = room.book.trades["T2"].armed
        assert armed.at == "2015-12-31T20:50:00.000000Z"


OUT_BY = ExitPlan(flat_before_expiry=CLOSE - 10 * MINUTE)


def test_an_entry_that_still_rests_at_the_cut_off_is_taken_back() -> None:
    """What would come in after the moment would have to go out at once: the entry is given up instead."""
    desk = Desk()
    desk.propose(4, entry=limit("9.50", tif=TimeInForce.GTC), exits=OUT_BY)
    desk.accept()
    desk.wait((CLOSE - 10 * MINUTE - desk.at) // 1_000_000 - 1)
    assert not desk.all(OrderCancelRequested)
    desk.wait(1)
    assert desk.all(OrderCancelRequested)
    desk.cancelled()
    assert not desk.book.trades


def test_an_entry_that_still_waits_at_the_cut_off_is_over() -> None:
    """Its price never came; at the moment the trade ends, and the price may come afterwards."""
    desk = Desk()
    condition = EntryCondition(watch=Watch.OPTION, level=Decimal(11))
    desk.propose(4, entry=EntryPlan(condition=condition), exits=OUT_BY)
    desk.wait((CLOSE - 10 * MINUTE - desk.at) // 1_000_000)
    assert desk.status() == lc.CANCELLED
    assert not of(OrderSubmitRequested, desk.mark(12.0))
