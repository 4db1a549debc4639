"""A card without sizes: it says what a position does and never how large it is."""

from dataclasses import fields, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.card import card_of
from bot.card_detail import Detail, card_at, card_without_sizes, share_left_text
from bot.chart import Chart, figure_of
from bot.position_view import FillLine, PositionView
from options.lifecycle import OrderStatus, TradeStatus
from options.terms import ArmedExit, Effect, ExitKind
from options.values import Side

TS = "2026-03-11T14:30:00.000000Z"
ANY_TEXT = st.text(max_size=40)


def lines(scale: int) -> tuple[FillLine, ...]:
    return (
        FillLine(Effect.OPEN, Side.BUY, 3 * scale, Decimal("9.80"), TS, "O1", 2),
        FillLine(Effect.TRIM, Side.SELL, scale, Decimal("12.40"), TS, "O2"),
    )


def view_of(scale: int, texts: tuple[str, str, str], left: int = 2, *, closed: bool = False) -> PositionView:
    """A position of three times ``scale`` contracts, a third of it out."""
    armed = ArmedExit(exit_id="E1", kind=ExitKind.STOP, qty=left * scale, level=Decimal("7.50"))
    return PositionView(
        position_id="T7-1",
        trade_id="T7",
        strategy="follow_signal",
        instrument="ACME  260417C00100000",
        symbol="ACME",
        direction=1,
        qty_planned=5 * scale,
        multiplier=100,
        order_status=OrderStatus.INACTIVE if closed else OrderStatus.CONTINGENT_WORKING,
        trade_status=TradeStatus.CLOSED if closed else TradeStatus.FILLED,
        source="S3",
        reason=texts[0],
        as_of=TS,
        qty=0 if closed else left * scale,
        qty_in=3 * scale,
        cost_in=Decimal(2940) * scale,
        entry_average=Decimal("9.80"),
        exit_average=Decimal("12.40"),
        realized=Decimal(260) * scale,
        fees=Decimal("1.50") * scale,
        open_pnl=None if closed else 520.0 * scale,
        mark=12.4,
        bid=12.3,
        ask=12.5,
        high=12.6,
        opened_ts=TS,
        closed_ts=TS if closed else "",
        exits=(armed,),
        held_reason=texts[1],
        closing_kind="target",
        closing_reason=texts[2],
        refusals=(texts[2],),
        history=lines(scale),
    )


@given(
    scale=st.sampled_from([2**power for power in range(16)]),
    one=st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT),
    other=st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT),
    closed=st.booleans(),
)
def test_a_card_without_sizes_does_not_depend_on_the_size(
    scale: int, one: tuple[str, str, str], other: tuple[str, str, str], *, closed: bool
) -> None:
    """Positions alike but for their size, and for what somebody wrote about it, have the same card without sizes."""
    held = one[1] or "held"
    small = view_of(1, (one[0], held, one[2]), closed=closed)
    large = view_of(scale, (other[0], other[1] or "held", other[2]), closed=closed)
    assert card_without_sizes(small) == card_without_sizes(large)
    assert card_of(small) != card_without_sizes(small)


def test_every_field_of_a_view_is_looked_at_for_sizes() -> None:
    """The view that the proof scales fills every field that can tell of a size, so that none escapes it."""
    small, large = view_of(1, ("", "", "")), view_of(64, ("", "", ""))
    sized = {
        field.name for field in fields(small) if getattr(small, field.name) != getattr(large, field.name)
    }
    assert sized == {
        "qty_planned", "qty", "qty_in", "cost_in", "realized", "fees", "open_pnl", "exits", "history"
    }  # fmt: skip


def test_what_a_follower_needs_is_still_there() -> None:
    """State, result, prices, stop and history stand on a card without sizes; the full one is as it was."""
    view = view_of(4, ("twelve contracts", "", ""))
    card = card_at(view, Detail.WITHOUT_SIZES)
    text = "\n".join([card.title, card.description, *(f"{name} {value}" for name, value, _ in card.fields)])
    for part in ("9.80", "12.40", "7.50", "S3", "follow_signal", "open at 9.80", "History", "about 65%", "%"):
        assert part in text
    assert "twelve" not in text
    assert card_at(view, Detail.FULL) == card_of(view)


def test_what_is_left_is_a_rough_share() -> None:
    """A share is said in steps of five percent, and only what is whole is said to be all or nothing."""
    view = view_of(1, ("", "", ""))
    told = {qty: share_left_text(replace(view, qty=qty, qty_in=1000)) for qty in (1000, 999, 500, 334, 1, 0)}
    assert told == {
        1000: "all", 999: "about 95%", 500: "about 50%", 334: "about 35%", 1: "about 5%", 0: "nothing"
    }  # fmt: skip


def test_a_chart_does_not_depend_on_the_size() -> None:
    """The same chart goes to every channel, because a position a thousand times as large has the same one."""
    marks = ((TS, 9.8), ("2026-03-11T14:40:00.000000Z", 12.4))
    for closed in (False, True):
        small, large = (figure_of(Chart(view_of(n, ("", "", ""), closed=closed), marks)) for n in (1, 1024))
        assert small == large
        assert small is not None


def test_a_trailing_level_is_without_noise() -> None:
    """A quarter below 11.30 is 8.475, not 8.475000000000001."""
    trail = ArmedExit(exit_id="E2", kind=ExitKind.TRAILING, qty=2, trail=Decimal("0.25"))
    view = replace(view_of(1, ("", "", "")), exits=(trail,), high=11.3)
    assert view.stop_levels() == (8.475,)
