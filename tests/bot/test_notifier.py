"""The notifier: the newest card of each changed position, closings first, and a cursor that survives a crash."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.card import Card, CardState, card_of
from bot.card_book import CardBook
from bot.notifier import READER, Notifier
from options import events as e
from options.lifecycle import OrderStatus, TradeStatus
from options.terms import Effect
from tests.bot.whole_trade import (
    TradeScript,
    at,
    day_opened,
    flat,
    in_batches,
    opened,
    trimmed,
    whole,
)


class SinkDown(Exception):
    """What a sink raises that cannot show anything now."""


@dataclass
class Wall:
    """A sink that remembers what it showed; ``fail_after`` cards it breaks."""

    shown: list[tuple[str, Card, bool]] = field(default_factory=list)
    fail_after: int | None = None

    def show(self, position_id: str, card: Card, closed: bool) -> None:
        """Keep the card."""
        if self.fail_after is not None and len(self.shown) >= self.fail_after:
            raise SinkDown
        self.shown.append((position_id, card, closed))

    @property
    def newest(self) -> dict[str, Card]:
        """The last card of each position."""
        return {position_id: card for position_id, card, _ in self.shown}


@dataclass
class Cursors:
    """Cursors in memory."""

    kept: dict[str, int] = field(default_factory=dict)
    moves: int = 0

    def get(self, reader: str) -> int:
        """Where a reader stands."""
        return self.kept.get(reader, 0)

    def set(self, reader: str, seq: int) -> None:
        """Move it."""
        self.moves += 1
        self.kept[reader] = seq


DAY = in_batches([*day_opened(), *whole(TradeScript(1)), *trimmed(TradeScript(2)), *whole(TradeScript(3))])
LAST_SEQ = DAY[-1][0] + len(DAY[-1][1]) - 1


def reader_of(wall: Wall, cursors: Cursors) -> Notifier:
    """A notifier as a new process would make it."""
    return Notifier(CardBook(), wall, cursors)


def truth() -> dict[str, Card]:
    """The card of every position as the whole ledger has it."""
    cards = CardBook()
    for _, batch in DAY:
        for event in batch:
            cards.fold(event)
    return {position_id: card_of(cards.view(position_id)) for position_id in cards.position_ids()}


def test_burst_becomes_one_card_each() -> None:
    """However much happened, each position is shown once, with the newest truth, and closings go first."""
    wall, cursors = Wall(), Cursors()
    assert reader_of(wall, cursors).read(DAY) == 3
    assert [(position_id, closed) for position_id, _, closed in wall.shown] == [
        ("T1-1", True),
        ("T3-1", True),
        ("T2-1", False),
    ]
    assert wall.newest == truth()
    assert cursors.kept == {READER: LAST_SEQ}


def test_closed_positions_are_forgotten_once_shown() -> None:
    """What is over and shown takes no memory any more, and what still comes in about it shows nothing."""
    wall, notifier = Wall(), None
    notifier = reader_of(wall, Cursors())
    for batch in DAY:
        notifier.read([batch])
    assert notifier.cards.position_ids() == ("T2-1",)
    assert notifier.behind == 0
    assert sum(closed for _, _, closed in wall.shown) == 2


@given(cuts=st.lists(st.integers(0, len(DAY)), max_size=6), data=st.data())
def test_i18_every_position_ends_with_its_true_card(cuts: list[int], data: st.DataObject) -> None:
    """Whatever crashes between batches or amid a showing, the last card of each position is the true one."""
    wall, cursors = Wall(), Cursors()
    for cut in sorted(cuts):
        notifier = reader_of(wall, cursors)
        wall.fail_after = len(wall.shown) + data.draw(st.integers(0, 3))
        before = cursors.get(READER)
        try:
            notifier.read(DAY[:cut])
        except SinkDown:
            assert cursors.get(READER) == before, "the cursor moves only after the sink took every card"
    wall.fail_after = None
    reader_of(wall, cursors).read(DAY)
    assert wall.newest == truth()
    assert cursors.get(READER) == LAST_SEQ


def test_what_is_behind_the_cursor_is_not_shown_again() -> None:
    """After a clean stop the next process shows only what changed since."""
    wall, cursors = Wall(), Cursors()
    half = len(DAY) // 2
    reader_of(wall, cursors).read(DAY[:half])
    before = len(wall.shown)
    second = reader_of(wall, cursors)
    assert second.read(DAY[:half]) == 0
    second.read(DAY[half:])
    assert {position_id for position_id, _, _ in wall.shown[before:]} == {"T2-1", "T3-1"}
    assert wall.newest == truth()


def test_failed_sink_gets_everything_again() -> None:
    """A card that could not be shown is shown by the next call, with the others of its burst."""
    wall, cursors = Wall(fail_after=1), Cursors()
    notifier = reader_of(wall, cursors)
    with pytest.raises(SinkDown):
        notifier.read(DAY)
    assert (cursors.moves, notifier.behind) == (0, 3)
    wall.fail_after = None
    assert notifier.flush() >= 2
    assert wall.newest == truth()


def test_quiet_ledger_moves_nothing() -> None:
    """Without news neither a card is shown nor the cursor written."""
    wall, cursors = Wall(), Cursors()
    notifier = reader_of(wall, cursors)
    notifier.read(DAY)
    assert notifier.flush() == 0
    assert cursors.moves == 1


def test_unchanged_card_is_not_shown_twice() -> None:
    """An event that changes nothing that can be seen costs no second showing."""
    wall = Wall()
    script = TradeScript()
    notifier = reader_of(wall, Cursors())
    same = script.marked("10:20:00", 10.0, 10.5, 9.7)
    numbered = flat([*day_opened(), *opened(script), [same], [same]])
    for seq, event in numbered[:-1]:
        notifier.take(seq, event)
    assert notifier.flush() == 1
    notifier.take(*numbered[-1])
    assert notifier.flush() == 0


def test_late_fill_opens_a_second_card() -> None:
    """An execution after the close is a position of its own: the closed card stays, a new one appears."""
    wall = Wall()
    script = TradeScript()
    batches = [*day_opened(), *whole(script)]
    script.position_id = "T1-2"
    batches.append([script.filled("12:00:05", -1, "7.20", Effect.OPEN, -1)])
    reader_of(wall, Cursors()).read(in_batches(batches))
    assert [(position_id, closed) for position_id, _, closed in wall.shown] == [
        ("T1-1", True),
        ("T1-2", False),
    ]
    assert wall.newest["T1-1"].state is CardState.CLOSED_LOSS


def test_every_status_change_reaches_the_card() -> None:
    """The two status words on the card follow each step, in exactly the words of the life cycle."""
    wall = Wall()
    notifier = reader_of(wall, Cursors())
    for batch in in_batches([*day_opened(), *whole(TradeScript())]):
        notifier.read([batch])
    seen = [
        tuple(words.split("\n"))
        for _, card, _ in wall.shown
        for name, words, _ in card.fields
        if name == "Status"
    ]
    assert list(dict.fromkeys(seen)) == [
        (OrderStatus.ENTRY_SUBMITTED, TradeStatus.PENDING),
        (OrderStatus.ENTRY_SUBMITTED, TradeStatus.FILLED),
        (OrderStatus.CONTINGENT_WORKING, TradeStatus.FILLED),
        (OrderStatus.CONTINGENT_SUBMITTED, TradeStatus.FILLED),
        (OrderStatus.INACTIVE, TradeStatus.CLOSED),
    ]


def test_events_out_of_order_are_refused() -> None:
    """A reader that is fed the same event twice stops instead of counting it twice."""
    notifier = reader_of(Wall(), Cursors())
    notifier.take(1, e.TradingHalted(ts=at("10:00:00"), reason="x", source="y"))
    with pytest.raises(AssertionError):
        notifier.take(1, e.TradingHalted(ts=at("10:00:00"), reason="x", source="y"))
