"""The card of a position: what it says, and that Discord's limits and everybody's peace hold whatever is in it."""

import re
import unicodedata
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.card import (
    DESCRIPTION_MAX,
    FIELDS_MAX,
    FOOTER_MAX,
    NAME_MAX,
    TITLE_MAX,
    TOTAL_MAX,
    VALUE_MAX,
    Card,
    CardState,
    card_of,
)
from bot.card_book import CardBook
from bot.card_history import history_text
from bot.card_text import (
    clip,
    contract_words,
    dollars_text,
    new_york_clock,
    percent_text,
    price_text,
    safe_text,
    unit_word,
    width,
)
from bot.event_text import describe
from bot.position_view import HISTORY_FIRST, HISTORY_LAST, FillLine, PositionView
from options import events as e
from options.lifecycle import OrderStatus, TradeStatus
from options.terms import ArmedExit, Effect, ExitKind
from options.values import Side
from tests.bot.whole_trade import TradeScript, at, day_opened, opened, trimmed, whole

# What could ping, link, format, hide or steer, on Discord or on a terminal.
ACTIVE = re.compile(r"[*~`|<>@#\[\]\\]|://|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|\bwww\.|:[A-Za-z]\w*:")
# The markup that a card may have: the OCC symbol and times as code, amounts and what is left in bold.
OURS = re.compile(r"`(?:[A-Z0-9 ]{21}|(?:\d{1,2} \w{3} \d{4} )?\d\d:\d\d:\d\d|–)`|\*\*[-+−–$\d.,a-z() ]+\*\*")
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
NASTY = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("*_~`|<>@#[]()\\:/.-+ \n\r\t\0\x1b\u200b\u200d\u202e\u2066\ufeff\u0301\u3164\U0001f600"),
    ),
    max_size=300,
) | st.sampled_from(
    [
        "@everyone", "<@123>", "<@&9>", "</close:1>", "<t:1:R>", "[a](https://x.y)", "https://a.b", "discord.gg/abc",
        "`" * 50, "||spoiler||", "# big", "> quote", "- list", "1. list", "__u__", "\u202egnp.exe", "😀" * 500,
        "\ud800", "e" + "\u0301" * 90, "", " ", "\u3164", ":smile:", "www.x.y", "h\u200bttps://a", "*\u200b*b*\u200b*",
    ]
)  # fmt: skip


def view_of(*batches: list[e.TradeEvent]) -> PositionView:
    """The view of the first position after some batches."""
    cards = CardBook()
    for batch in [*day_opened(), *batches]:
        for event in batch:
            cards.fold(event)
    return cards.view(cards.position_ids()[0])


def field_of(card: Card, name: str) -> str:
    """The value of a field."""
    return next(value for known, value, _ in card.fields if known == name)


def assert_limits(card: Card) -> None:
    """Discord's limits, counted anew in UTF-16 units."""
    units = [
        len(text.encode("utf-16-le", "surrogatepass")) // 2
        for text in (
            card.title,
            card.description,
            card.footer,
            *(part for name, value, _ in card.fields for part in (name, value)),
        )
    ]
    assert 0 < units[0] <= TITLE_MAX
    assert units[1] <= DESCRIPTION_MAX
    assert units[2] <= FOOTER_MAX
    assert len(card.fields) <= FIELDS_MAX
    assert all(0 < units[index] <= NAME_MAX for index in range(3, len(units), 2))
    assert all(0 < units[index] <= VALUE_MAX for index in range(4, len(units), 2))
    assert sum(units) <= TOTAL_MAX
    assert all(name.strip() and value.strip() for name, value, _ in card.fields)


@given(text=NASTY, limit=st.integers(1, 200))
@example(text="@everyone <@1> [x](https://y.z) `a` ||b|| **c** \u202e\u200b", limit=200)
def test_i22_safe_text_is_harmless(text: str, limit: int) -> None:
    """Whatever is written, nothing of it pings, links, formats, hides or breaks a line, and it is never empty."""
    safe = safe_text(text, limit)
    assert safe.strip() == safe != ""
    assert not ACTIVE.search(safe)
    assert all(unicodedata.category(character) not in HIDDEN_CATEGORIES for character in safe)
    assert width(safe) <= limit


@given(
    source=NASTY, reason=NASTY, strategy=NASTY, instrument=NASTY, held=NASTY, kind=NASTY, closing=NASTY,
    refusals=st.lists(NASTY, max_size=30), position_id=NASTY, closed=st.booleans(), filled=st.booleans(),
)  # fmt: skip
def test_i22_any_text_gives_a_card_within_limits(
    *,
    source: str,
    reason: str,
    strategy: str,
    instrument: str,
    held: str,
    kind: str,
    closing: str,
    refusals: list[str],
    position_id: str,
    closed: bool,
    filled: bool,
) -> None:
    """With any text in any field, a card keeps every limit, and the only markup in it is ours."""
    view = replace(
        view_of(*(trimmed(TradeScript()) if filled else [TradeScript().entry("10:00:00")])),
        source=source, reason=reason, strategy=strategy, instrument=instrument, held_reason=held, put_off=held,
        closing_kind=kind,
        closing_reason=closing, refusals=tuple(refusals), position_id=position_id,
        closed_ts=at("12:00:00") if closed else "",
    )  # fmt: skip
    card = card_of(view)
    assert_limits(card)
    values = [value for _, value, _ in card.fields]
    for text in (card.title, card.footer, *(OURS.sub("", part) for part in (card.description, *values))):
        assert not ACTIVE.search(text)
        assert all(unicodedata.category(c) not in HIDDEN_CATEGORIES for c in text.replace("\n", " "))


@given(
    qty=st.integers(-(10**9), 10**9),
    cost=st.decimals(0, 10**12, places=4),
    mark=st.none() | st.floats(0, 1e12),
    realized=st.decimals(-(10**15), 10**15, places=2),
    exits=st.integers(0, 60),
    lines=st.integers(0, 40),
    left_out=st.integers(0, 10**9),
)
def test_i22_any_number_gives_a_card_within_limits(
    qty: int, cost: Decimal, mark: float | None, realized: Decimal, exits: int, lines: int, left_out: int
) -> None:
    """Huge numbers, many exits and a long history do not break a limit either."""
    armed = tuple(
        ArmedExit(exit_id=f"x{i}", kind=kind, qty=10**9, level=Decimal("123456.7891"), at=at("15:59:00"))
        for i in range(exits)
        for kind in (ExitKind.STOP, ExitKind.TARGET, ExitKind.TIME)
    )
    line = FillLine(Effect.ADD, Side.BUY, 10**9, Decimal("123456.7891"), at("10:00:00"), "O1", 1000)
    view = replace(
        view_of(*opened(TradeScript())), qty=qty, qty_in=abs(qty), cost_in=cost, mark=mark, open_pnl=mark,
        realized=realized, entry_average=cost, exits=armed, history=(line,) * lines, history_left_out=left_out,
    )  # fmt: skip
    assert_limits(card_of(view))


def test_card_says_what_a_follower_needs() -> None:
    """Contract in words and as OCC symbol, side, entry, now, P&L, what is left, stop, target, statuses, who and why."""
    card = card_of(view_of(*opened(TradeScript())))
    assert card.title == "▲ +5.8% · Long GOOG 31 Dec 2015 $750 call"
    assert card.description == "`GOOG  151231C00750000`"
    assert card.state is CardState.WINNING
    assert [(name, value) for name, value, _ in card.fields] == [
        ("P&L", "**+$227.40** · +5.8%\n+$56.85 a contract\nafter $2.60 fees"),
        ("Entry", "**9.825** × 4"),
        ("Now", "**10.40**\n10.30 / 10.50"),
        ("Left", "**4 of 4**"),
        ("Stop", "7.35 × 4 (−25.2%)"),
        ("Targets", "12.25 × 2 (+24.7%)"),
        ("Status", "Contingent Order Working\nFilled"),
        ("Who", "desk: Alice\nfollow1"),
        ("Why", "breakout above 749"),
        ("History, New York time", "`10:12:35` open **+4** at 9.825 (2 fills)"),
    ]
    assert card.footer == "T1-1 · 24 Dec 2015 10:15:00 ET"


def test_closed_card_tells_the_whole_story() -> None:
    """A closed position shows its result, its average exit, what took it out and every step with time and price."""
    card = card_of(view_of(*whole(TradeScript())))
    assert card.state is CardState.CLOSED_LOSS
    assert card.title == "✘ Closed −0.9% · Long GOOG 31 Dec 2015 $750 call"
    assert field_of(card, "P&L").startswith("**−$35.20** · −0.9%")
    assert field_of(card, "Exit") == "**9.75**"
    assert field_of(card, "Out by").startswith("stop")
    assert field_of(card, "History, New York time").splitlines() == [
        "`10:12:35` open **+4** at 9.825 (2 fills)",
        "`11:00:01` trim **−2** at 12.20 · target",
        "`12:00:01` close **−2** at 7.30 · stop",
    ]
    assert not {"Stop", "Targets", "Left", "Now"} & {name for name, _, _ in card.fields}


def test_trimmed_card_counts_what_is_left() -> None:
    """After a trim the card counts what is left, what is realized, and the profit of both parts together."""
    card = card_of(view_of(*trimmed(TradeScript())))
    assert field_of(card, "Left") == "**2 of 4**\n+$475.00 realized"
    assert field_of(card, "P&L").startswith("**+$1,006.10** · +25.6%")


def test_trailing_stop_shows_where_it_stands() -> None:
    """A trailing stop is shown at the level that the best recorded mark gives it, by a share or by dollars."""
    trail = ArmedExit(exit_id="x", kind=ExitKind.TRAILING, qty=4, trail=Decimal("0.2"), water=9.8)
    view = replace(view_of(*opened(TradeScript())), exits=(trail,), high=10.5)
    assert field_of(card_of(view), "Stop") == "8.40 × 4 (−14.5%)\ntrailing 20.0% below 10.50"
    short = replace(view, direction=-1, low=9.0)
    assert field_of(card_of(short), "Stop") == "10.80 × 4 (−9.9%)\ntrailing 20.0% above 9.00"
    dollars = ArmedExit(exit_id="x", kind=ExitKind.TRAILING, qty=4, trail_amount=Decimal("1.5"), water=9.8)
    view = replace(view, exits=(dollars,))
    assert field_of(card_of(view), "Stop") == "9.00 × 4 (−8.4%)\ntrailing $1.50 below 10.50"
    assert view.stop_levels() == (9.0,)


def test_what_adds_is_no_way_out() -> None:
    """Orders that add, and the price from which a trailing stop begins, are not named among the exits."""
    adds = ArmedExit(exit_id="a", kind=ExitKind.SCALE_IN, qty=2, level=Decimal("9.00"))
    starts = ArmedExit(exit_id="t", kind=ExitKind.TRAIL_ON, qty=0, level=Decimal("11.79"), above=True)
    card = card_of(replace(view_of(*opened(TradeScript())), exits=(adds, starts)))
    assert field_of(card, "Adds at") == "9.00 × 2"
    assert field_of(card, "Trailing stop from") == "11.79 (+20.0%)"
    assert "Out by" not in [name for name, _, _ in card.fields]


def test_history_names_another_day() -> None:
    """Fills of an earlier day than the card's say which day that was."""
    card = card_of(replace(view_of(*opened(TradeScript())), as_of="2015-12-28T15:00:00.000000Z"))
    told = field_of(card, "History, New York time")
    assert told == "`24 Dec 2015 10:12:35` open **+4** at 9.825 (2 fills)"


def test_exit_by_time_names_another_day() -> None:
    """An exit by time shows the time of today, and the date too when it is another day's."""
    view = view_of(*opened(TradeScript()))
    today = ArmedExit(exit_id="x", kind=ExitKind.FLAT, qty=4, at=at("12:50:00"))
    later = ArmedExit(exit_id="y", kind=ExitKind.FLAT, qty=4, at="2015-12-31T20:50:00.000000Z")
    card = card_of(replace(view, exits=(today, later)))
    assert field_of(card, "Out by") == "flat at 12:50:00 ET × 4\nflat at 31 Dec 2015 15:50:00 ET × 4"


def test_pending_card_claims_no_position() -> None:
    """Before the first fill the card says so, with the planned quantity."""
    card = card_of(view_of(TradeScript().entry("10:12:33")))
    assert card.state is CardState.PENDING
    assert card.description.endswith("4 contracts planned, nothing filled yet")
    assert field_of(card, "Status") == "Entry Order Submitted\nPending"


def test_rejected_card_lists_every_reason() -> None:
    """A rejected entry is a closed card with all reasons."""
    script = TradeScript()
    saved = script.entry("10:00:00")[:4]
    refused = e.TradeRejected(ts=at("10:00:01"), trade_id="T1", reasons=("no quote", "too <b>wide</b>"))
    card = card_of(view_of([*saved, refused]))
    assert card.state is CardState.REFUSED
    assert field_of(card, "Rejected") == "· no quote\n· too \u2039b\u203awide\u2039/b\u203a"


def test_held_exits_are_said_loudly() -> None:
    """While exits cannot be judged the card is of another colour and says why."""
    script = TradeScript()
    held = e.ExitHeld(ts=at("10:16:00"), trade_id="T1", position_id="T1-1", reason="quote is 95 s old")
    card = card_of(view_of(*opened(script), [held]))
    assert card.state is CardState.HELD
    assert card.title.startswith("■ Held +5.8%")
    assert card.fields[0] == ("Exits held", "quote is 95 s old", False)


def test_an_entry_that_is_put_off_says_why() -> None:
    """It is its turn, and nothing is offered: the card says so until it goes in."""
    put_off = e.EntryPutOff(ts=at("10:00:01"), trade_id="T1", reason="nothing is <b>offered")
    entry = TradeScript().entry("10:00:00")
    opens = next(number for number, one in enumerate(entry) if isinstance(one, e.ParentOrderOpened))
    card = card_of(view_of([*entry[:opens], put_off]))
    assert card.state is CardState.PENDING
    assert field_of(card, "Entry waits") == "nothing is \u2039b\u203aoffered"
    assert "T1 waits to go in" in describe(put_off)
    card = card_of(view_of([*entry[:opens], put_off, *entry[opens:]]))
    assert all(name != "Entry waits" for name, _, _ in card.fields)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"open_pnl": -10.0}, CardState.LOSING),
        ({"open_pnl": None}, CardState.OPEN),
        ({"order_status": OrderStatus.INACTIVE}, CardState.HELD),
        ({"closed_ts": "x", "qty": 0, "realized": Decimal(100)}, CardState.CLOSED_WIN),
        ({"closed_ts": "x", "qty": 0, "realized": Decimal("2.60")}, CardState.CLOSED_EVEN),
        ({"closed_ts": "x", "qty": 0, "qty_in": 0}, CardState.CANCELLED),
        ({"order_status": OrderStatus.REJECTED, "trade_status": TradeStatus.NONE}, CardState.REFUSED),
    ],
)
def test_state_follows_result_after_fees(changes: dict[str, object], state: CardState) -> None:
    """Win or loss is told after fees, and trouble goes before profit."""
    assert card_of(replace(view_of(*opened(TradeScript())), **changes)).state is state  # type: ignore[arg-type]


@given(count=st.integers(1, 200), left_out=st.integers(0, 5), limit=st.integers(200, 1024))
def test_i22_history_is_shortened_from_the_middle(count: int, left_out: int, limit: int) -> None:
    """First and newest lines stay, the rest is counted, and the count is right."""
    lines = [FillLine(Effect.ADD, Side.BUY, i + 1, Decimal(1), at("10:00:00"), f"O{i}") for i in range(count)]
    left_out = left_out if count > HISTORY_FIRST else 0
    text = history_text(lines, left_out, limit)
    assert width(text) <= limit
    shown = text.splitlines()
    told = [int(line.split()[1]) for line in shown if line.startswith("…")]
    assert len(told) == (len(shown) - len(told) < count + left_out)
    assert len(shown) - len(told) + sum(told) == count + left_out
    assert "**+1** at" in shown[0]
    assert f"**+{count}** at" in shown[-1]


def test_history_in_memory_is_bounded() -> None:
    """A position with very many fills keeps its first and newest lines, and counts the others."""
    script = TradeScript()
    cards = CardBook()
    fills = HISTORY_FIRST + HISTORY_LAST + 10
    for event in [*script.entry("10:00:00", qty=10 * fills), *script.accepted("10:00:01")]:
        cards.fold(event)
    for i in range(fills):
        fill = script.filled("10:00:02", 1, "1.00", Effect.ADD if i else Effect.OPEN, i + 1)
        cards.fold(fill)
    assert len(cards.view("T1-1").history) == 1  # one order: one line
    many = CardBook()
    other = TradeScript()
    for event in other.entry("10:00:00", qty=10):
        many.fold(event)
    for i in range(fills):
        fill = other.filled("10:00:02", 1 if i % 2 == 0 else -1, "1.00", Effect.ADD, i + 1)
        many.fold(fill)
    view = many.view("T1-1")
    assert (len(view.history), view.history_left_out) == (HISTORY_FIRST + HISTORY_LAST, 10)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("follow_signal", "follow_signal"),
        ("signals/bad.jsonl:3", "signals/bad.jsonl:3"),
        ("_hidden_", "ˍhiddenˍ"),
        ("10:30 a.m.\n9.80", "10:30 a.m. 9.80"),
        ("https://evil.com/x", "https\u2236//evil·com/x"),
        ("discord.gg/abc", "discord·gg/abc"),
        ("@everyone", "ⓐeveryone"),
        ("- item", "– item"),
        ("1. item", "1· item"),
        ("\u200b\u202e", "–"),
    ],
)
def test_names_stay_readable(text: str, shown: str) -> None:
    """Ordinary names and numbers stay as they are; what is dangerous is changed, not dropped, where one can read it."""
    assert safe_text(text, 100) == shown


def test_clip_counts_utf16() -> None:
    """A character outside the basic plane counts as two, and a cut ends with an ellipsis."""
    assert clip("😀" * 5, 10) == "😀" * 5
    assert clip("😀" * 6, 10) == "😀" * 4 + "…"
    assert clip("abcdef", 4) == "abc…"


def test_numbers_read_well() -> None:
    """Prices have two to four decimals, money its sign, zero none."""
    assert [price_text(price) for price in (Decimal("9.8"), 0.0125, Decimal("1234.5"), None)] == [
        "9.80", "0.0125", "1,234.50", "–",
    ]  # fmt: skip
    assert [dollars_text(amount) for amount in (480, Decimal("-12.5"), -0.001, None)] == [
        "+$480.00", "−$12.50", "$0.00", "–",
    ]  # fmt: skip
    assert [percent_text(part) for part in (0.245, -0.03, -0.0001, None)] == ["+24.5%", "−3.0%", "0.0%", "–"]
    assert (new_york_clock("2015-12-24T15:12:33.000000Z"), new_york_clock("soon")) == ("10:12:33", "–")


def test_every_kind_of_instrument_has_words() -> None:
    """Stocks count shares, combos combos, and a key that is none of ours is shown as it is, made harmless."""
    assert (contract_words("GOOG"), unit_word("GOOG", 2)) == ("GOOG stock", "shares")
    assert unit_word("+1*GOOG  151224C00750000/-1*GOOG  151224C00760000") == "combo"
    assert contract_words("<@1>") == "\u2039ⓐ1\u203a"
