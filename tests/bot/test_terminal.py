"""The terminal display: a live picture that fits, plain lines where none can be drawn, events and sums in words."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from bot.card_text import width as text_width
from bot.event_text import LINE_MAX, describe
from bot.summary import DaySummary, render_summary
from bot.terminal import REFRESH_S, Terminal
from options import events as e
from options.terms import Effect, ExitKind
from options.values import from_iso
from tests.bot.whole_trade import Batch, TradeScript, at, day_opened, in_batches, opened, trimmed, whole


@dataclass
class Cursors:
    """Cursors in memory."""

    kept: dict[str, int] = field(default_factory=dict)

    def get(self, reader: str) -> int:
        """Where a reader stands."""
        return self.kept.get(reader, 0)

    def set(self, reader: str, seq: int) -> None:
        """Move it."""
        self.kept[reader] = seq


@dataclass
class WallClock:
    """A clock that moves by hand, and by ``step_s`` each time it is read."""

    now_s: float = 100.0
    step_s: float = 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


def console_of(width: int, height: int, *, live: bool) -> tuple[Console, io.StringIO]:
    """A console that writes into memory."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, height=height, force_terminal=live, color_system=None, legacy_windows=False
    )
    return console, out


def lines_of(renderable: RenderableType, width: int, height: int) -> list[str]:
    """What a console of that size shows."""
    console, out = console_of(width, height, live=False)
    console.print(renderable)
    return out.getvalue().splitlines()


def day_of(*scripts: Iterator[list[e.TradeEvent]] | list[list[e.TradeEvent]]) -> list[Batch]:
    """A day with some trades."""
    return in_batches([*day_opened(), *(batch for script in scripts for batch in script)])


BUSY = day_of(
    *(whole(TradeScript(number)) for number in range(1, 8)),
    trimmed(TradeScript(8, reason="[bold]x[/] <@1>\x1b[2J")),
    *(opened(TradeScript(number)) for number in range(9, 20)),
)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 12), (60, 20), (110, 40), (200, 50)])
def test_picture_fits_the_terminal(width: int, height: int) -> None:
    """With more positions and events than there is room for, the picture still fits the terminal."""
    console, _ = console_of(width, height, live=False)
    terminal = Terminal(console, WallClock(), Cursors(), live=False)
    for batch in BUSY:
        terminal.take(*batch)
    terminal.refresh()
    lines = lines_of(terminal.picture(), width, height)
    assert all(len(line) <= width for line in lines)
    assert len(lines) <= max(height, 17)
    text = "\n".join(lines)
    assert "goog_20151224" in text
    assert "T19" in text
    assert "\x1b" not in text


def test_picture_shows_day_money_positions_events_and_card() -> None:
    """The header has day, time and money; the table the contract with its P&L; a wide terminal the newest card."""
    console, _ = console_of(200, 50, live=False)
    terminal = Terminal(console, WallClock(), Cursors(), live=False)
    for batch in day_of(trimmed(TradeScript())):
        terminal.take(*batch)
    terminal.refresh()
    text = "\n".join(lines_of(terminal.picture(), 200, 50))
    for part in (
        "2015-12-24  11:05:00 ET  goog_20151224",
        "45%",
        "net +$1,006.10  realized +$475.00  open +$535.00  fees $3.90  1 open",
        "T1 sold 2 GOOG 31 Dec 2015 $750 call at 12.20, 2 held, +$475.00",
        "▲ +25.6% · Long GOOG 31 Dec 2015 $750 call",
        "Contingent Order",
        "breakout above 749",
    ):
        assert part in text


@pytest.mark.parametrize("width", [60, 80, 100, 150, 160, 200])
def test_picture_says_each_contract_and_the_net_whole(width: int) -> None:
    """However narrow the terminal, no row loses its strike or its right, and the day's net is never cut."""
    console, _ = console_of(width, 45, live=False)
    terminal = Terminal(console, WallClock(), Cursors(), live=False)
    for batch in BUSY:
        terminal.take(*batch)
    terminal.refresh()
    lines = lines_of(terminal.picture(), width, 45)
    rows = [line for line in lines if re.match(r"[^│╭╰]  T\d+ ", line)]
    assert len(rows) > 5
    contract = "GOOG 31Dec15 750C " if width in {60, 150} else "GOOG 31 Dec 2015 $750 call "
    assert all(contract in row for row in rows)
    assert re.search(r" net [+−]\$[0-9,]+\.[0-9]{2} ", "\n".join(lines))


def test_picture_shows_a_position_once() -> None:
    """Beside the newest card stands the one of another position, and not what was true of the same one before."""
    console, _ = console_of(200, 60, live=False)
    terminal = Terminal(console, WallClock(), Cursors(), live=False)
    for batch in day_of(opened(TradeScript(1)), whole(TradeScript(2))):
        terminal.take(*batch)
        terminal.refresh()
    picture = "\n".join(lines_of(terminal.picture(), 200, 60))
    assert [picture.count(f" T{number}-1 · ") for number in (1, 2)] == [1, 1]
    assert "Closed" in picture


def test_live_display_is_throttled() -> None:
    """However many events come, at most ten pictures a second are drawn; time that passes draws the next."""
    console, out = console_of(100, 30, live=True)
    clock = WallClock()
    with Terminal(console, clock, Cursors()) as terminal:
        for batch in BUSY:
            terminal.take(*batch)
        assert terminal.pictures == 1
        clock.now_s += REFRESH_S
        terminal.at(from_iso(at("12:30:00")))
        terminal.at(from_iso(at("12:30:01")))
        assert terminal.pictures == 2
    assert terminal.pictures == 3
    assert "12:30:01 ET" in out.getvalue()


def test_slow_terminal_is_drawn_less_often() -> None:
    """When a picture takes long, the next waits so that drawing keeps to its small share of the time."""
    console, _ = console_of(100, 30, live=True)
    clock = WallClock()
    with Terminal(console, clock, Cursors()) as terminal:
        clock.step_s = 0.2
        terminal.at(from_iso(at("10:00:00")))
        clock.step_s = 0.0
        drawn = terminal.pictures
        clock.now_s += 1.0
        terminal.at(from_iso(at("10:00:01")))
        assert terminal.pictures == drawn
        clock.now_s += 10.0
        terminal.at(from_iso(at("10:00:02")))
        assert terminal.pictures == drawn + 1


def test_plain_output_is_sparse_lines() -> None:
    """Without a terminal there are no control codes: fills and closings, and the money once an hour and at the end."""
    console, out = console_of(80, 24, live=False)
    with Terminal(console, WallClock(), Cursors()) as terminal:
        for batch in day_of(whole(TradeScript())):
            terminal.take(*batch)
    lines = out.getvalue().splitlines()
    assert "\x1b" not in out.getvalue()
    assert [line.split()[0] for line in lines] == [
        "09:30:00", "10:12:35", "10:12:40", "11:00:00", "11:00:01", "12:00:00", "12:00:01", "12:00:01", "12:00:01",
    ]  # fmt: skip
    assert "net −$35.20" in lines[-1]


def test_restarted_display_does_not_tell_old_news() -> None:
    """After a restart only what is new is told, and the table still knows what was open."""
    cursors = Cursors()
    day = day_of(trimmed(TradeScript(1)), whole(TradeScript(2)))
    half = len(day) - 4
    console, _ = console_of(80, 24, live=False)
    with Terminal(console, WallClock(), cursors) as first:
        for batch in day[:half]:
            first.take(*batch)
    console, out = console_of(80, 24, live=False)
    with Terminal(console, WallClock(), cursors) as second:
        for batch in day:
            second.take(*batch)
        assert second.cards.view("T1-1").qty == 2
    assert "T1 bought" not in out.getvalue()
    assert "T2 closed by stop" in out.getvalue()


def test_restarted_display_tells_no_sums_of_half_a_history() -> None:
    """While the ledger is read again nothing is told, and the next day does not begin with the old day's money."""
    cursors = Cursors()
    day = day_of(whole(TradeScript()))
    first, _ = console_of(80, 24, live=False)
    with Terminal(first, WallClock(), cursors) as before:
        for batch in day:
            before.take(*batch)
    console, out = console_of(80, 24, live=False)
    terminal = Terminal(console, WallClock(), cursors)
    for batch in day[:4]:
        terminal.take(*batch)
    terminal.at(from_iso(at("12:30:00")))
    for batch in day[4:]:
        terminal.take(*batch)
    terminal.at(from_iso(at("18:30:00")))
    assert out.getvalue() == ""


def test_error_leaves_the_terminal_in_order() -> None:
    """When the day breaks off, nothing more is drawn and the error goes on its way."""
    console, _ = console_of(80, 24, live=True)
    terminal = Terminal(console, WallClock(), Cursors())
    with pytest.raises(KeyError), terminal:
        raise KeyError("broken")
    assert terminal.pictures == 0


def built(kind: type[e.TradeEvent], text: str) -> e.TradeEvent:
    """An event of any type with ``text`` in every text field."""
    return msgspec.convert({"type": kind.__name__} | _values(kind, text), kind)


def _values(kind: type[msgspec.Struct], text: str) -> dict[str, Any]:
    return {
        part.name: _value(msgspec.inspect.type_info(part.type), text) for part in msgspec.structs.fields(kind)
    }


def _value(info: msgspec.inspect.Type, text: str) -> Any:
    plain: dict[type, Any] = {
        msgspec.inspect.StrType: text,
        msgspec.inspect.IntType: 1,
        msgspec.inspect.FloatType: 0.5,
        msgspec.inspect.DecimalType: Decimal("9.8"),
        msgspec.inspect.BoolType: True,
    }
    if isinstance(info, msgspec.inspect.UnionType):
        return _value(
            next(part for part in info.types if not isinstance(part, msgspec.inspect.NoneType)), text
        )
    if isinstance(info, msgspec.inspect.VarTupleType):
        return (_value(info.item_type, text),)
    if isinstance(info, msgspec.inspect.EnumType):
        return next(iter(info.cls))
    if isinstance(info, msgspec.inspect.StructType):
        return msgspec.convert(_values(info.cls, text), info.cls)
    return plain[type(info)]


@pytest.mark.parametrize("kind", e.EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_every_event_has_words(kind: type[e.TradeEvent]) -> None:
    """Each type of event is one readable line, whatever text is in it."""
    words = describe(built(kind, "T3"))
    assert words
    assert "\n" not in words
    assert words[0].isupper()


@given(kind=st.sampled_from(e.EVENT_TYPES), text=st.text(max_size=600))
def test_i22_event_words_are_one_safe_line(kind: type[e.TradeEvent], text: str) -> None:
    """With any text in its fields an event stays one line of bounded length without control characters."""
    words = describe(built(kind, text))
    assert words.isprintable()
    assert text_width(words) <= LINE_MAX
    assert not set("<>@`*|") & set(words)


@pytest.mark.parametrize(
    ("kind", "closed", "due"),
    [
        ("flat", "the clock", "exit by the clock"),
        ("trailing", "trailing stop", "trailing stop"),
        ("stop", "stop", "stop"),
    ],
)
def test_an_exit_is_told_as_people_say_it(kind: str, closed: str, due: str) -> None:
    """What was due, and what a trade was closed by, are words that stand in a sentence."""
    script = TradeScript()
    trigger, *_ = script.leave("10:00:00", -4, 0, ExitKind(kind), 7.35)
    assert describe(trigger).startswith(f"T1 {due} at 7.35 triggered for 4")
    assert describe(script.closed("10:00:00", 4, "0", kind)).startswith(f"T1 closed by {closed}: ")


def test_fill_reads_as_a_person_would_say_it() -> None:
    """Bought and sold, how many of what, at what price, and what it brought."""
    script = TradeScript(3)
    script.entry("10:00:00")
    assert describe(script.filled("10:00:01", 2, "9.80", Effect.OPEN, 2)) == (
        "T3 bought 2 GOOG 31 Dec 2015 $750 call at 9.80"
    )
    assert describe(script.filled("10:00:01", -1, "12.25", Effect.TRIM, 1, "245")) == (
        "T3 sold 1 GOOG 31 Dec 2015 $750 call at 12.25, 1 held, +$245.00"
    )


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("sound", [True, False])
def test_summary_says_everything(width: int, sound: bool) -> None:
    """The final report has every figure, the ledger's path, its last hash and the verdict, in any usual width."""
    summary = DaySummary(
        feed="goog_20151224", day="2015-12-24", signals_read=24, signals_refused=6, signals_used=9, signals_ignored=9,
        trades_opened=9, trades_closed=8, trades_won=5, trades_lost=2, trades_even=1, fills=31,
        contracts=88, realized=Decimal("1234.50"), fees=Decimal("57.20"), open_pnl=-33.0, open_positions=1,
        events=412, ledger_path="D1/trade_events.jsonl", last_hash="ab12" * 16, verified="every fill is there",
        sound=sound,
    )  # fmt: skip
    lines = lines_of(render_summary(summary), width, 40)
    text = " ".join(" ".join(lines).replace("│", " ").split())
    assert all(len(line) <= width for line in lines)
    for part in (
        "24 read, 9 used, 9 ignored, 6 refused", "9 opened, 8 closed: 5 won, 2 lost, 1 even", "31 fills, 88 contracts",
        "+$1,234.50 before $57.20 fees, +$1,177.30 after", "−$33.00 in 1 position", "D1/trade_events.jsonl",
        "412 events, last hash ab12ab12ab12ab12…", "every fill is there", "net +$1,144.30", "✔" if sound else "✘",
    ):  # fmt: skip
        assert part in text
