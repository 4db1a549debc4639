"""How much of a position a channel is told: all of it, or everything but how large it is.

The card without sizes is made from prices, times, fractions and words of our own alone. Nothing that anybody wrote
about the trade is in it, because a reason may name a quantity; so a position of ten contracts and one of ten thousand
with the same prices have the same card.
"""

from collections.abc import Iterable
from enum import StrEnum

from bot.card import (
    COLOURS,
    DESCRIPTION_MAX,
    FOOTER_MAX,
    TITLE_MAX,
    VALUE_MAX,
    Card,
    card_of,
    footer_text,
    state_of,
    title_text,
)
from bot.card_fields import Field, exit_text, exits_by_name, mark_text, status_text
from bot.card_history import history_text
from bot.card_text import (
    clip,
    dollars_text,
    is_option,
    percent_text,
    price_text,
    safe_text,
    unit_word,
)
from bot.close_words import close_words
from bot.position_view import PositionView
from options.lifecycle import OrderStatus, TradeStatus

_NAME_MAX = 120
_EXITS_SHOWN = 12
_LEFT_STEP_PERCENT = 5


class Detail(StrEnum):
    """What a channel is told of a position."""

    FULL = "full"
    WITHOUT_SIZES = "without_sizes"


def card_at(view: PositionView, detail: Detail) -> Card:
    """The card of a position with as much in it as a channel is told."""
    return card_of(view) if detail is Detail.FULL else card_without_sizes(view)


def card_without_sizes(view: PositionView) -> Card:
    """The card of a position, from which nobody learns how large it is."""
    state = state_of(view)
    fields: list[Field] = [
        *_trouble_fields(view),
        *_money_fields(view),
        *_exit_fields(view),
        ("Status", status_text(view), True),
        ("Who", f"{safe_text(view.source, _NAME_MAX)}\n{safe_text(view.strategy, _NAME_MAX)}", True),
    ]
    if view.history:
        told = history_text(view.history, view.history_left_out, VALUE_MAX, seen_from=view.as_of, sizes=False)
        fields.append(("History, New York time", told, False))
    return Card(
        state=state,
        title=clip(title_text(view, state), TITLE_MAX),
        description=clip(_description(view), DESCRIPTION_MAX),
        colour=COLOURS[state],
        fields=tuple((name, clip(value, VALUE_MAX), inline) for name, value, inline in fields),
        footer=clip(footer_text(view), FOOTER_MAX),
    )


def share_left_text(view: PositionView) -> str:
    """What is left of what was entered as a rough share: ``all``, ``about 50%``, ``nothing``."""
    if not view.qty:
        return "nothing"
    if abs(view.qty) >= view.qty_in:
        return "all"
    rough = round(100 * abs(view.qty) / view.qty_in / _LEFT_STEP_PERCENT) * _LEFT_STEP_PERCENT
    return f"about {min(max(rough, _LEFT_STEP_PERCENT), 100 - _LEFT_STEP_PERCENT)}%"


def _description(view: PositionView) -> str:
    parts = [f"`{view.instrument}`"] if is_option(view.instrument) else []
    if not view.qty_in:
        parts.append(f"nothing filled{'' if view.closed else ' yet'}")
    return " · ".join(parts)


def _money_fields(view: PositionView) -> Iterable[Field]:
    if not view.qty_in:
        return
    if view.pnl is not None:
        each = f"{dollars_text(view.pnl_each)} a {unit_word(view.instrument)}"
        yield "P&L", f"**{percent_text(view.pnl_fraction)}**\n{each}", True
    yield "Entry", f"**{price_text(view.entry_average)}**", True
    if not view.qty:
        yield "Exit", f"**{price_text(view.exit_average)}**", True
        return
    if view.mark is not None:
        yield "Now", mark_text(view), True
    yield "Left", f"**{share_left_text(view)}**", True


def _exit_fields(view: PositionView) -> Iterable[Field]:
    kind = close_words(view.closing_kind, _NAME_MAX)
    if view.closed:
        if view.qty_in:
            yield "Out by", kind, True
        return
    if view.closing_kind and view.qty and view.trade_status is TradeStatus.FILLED:
        yield "Leaving by", kind, True
    for name, exits in exits_by_name(view):
        yield name, "\n".join(exit_text(view, armed, sized=False) for armed in exits[:_EXITS_SHOWN]), True


def _trouble_fields(view: PositionView) -> Iterable[Field]:
    if view.held_reason and not view.closed:
        asleep = view.order_status is OrderStatus.INACTIVE
        yield "Exits held", "They sleep for now." if asleep else "They wait until it is safe to act.", False
    if view.refusals:
        rejected = view.order_status is OrderStatus.REJECTED
        name = "Rejected" if rejected else "Cancelled" if view.closed else "Refused"
        yield name, "The desk knows why.", False
