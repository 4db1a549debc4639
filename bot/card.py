"""The card: what a follower needs to know of a position in two seconds. A pure function of its view.

A card has the shape of a Discord embed and keeps Discord's limits whatever text is in it. Its colour says the state,
and so does the mark its title begins with, for those who do not see colours.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.card_fields import Field, card_fields
from bot.card_text import (
    clip,
    contract_words,
    is_option,
    new_york_clock,
    new_york_day,
    percent_text,
    safe_text,
    unit_word,
    width,
)
from bot.position_view import PositionView
from options.lifecycle import OrderStatus

TITLE_MAX = 256
DESCRIPTION_MAX = 4096
FIELDS_MAX = 25
NAME_MAX = 256
VALUE_MAX = 1024
FOOTER_MAX = 2048
TOTAL_MAX = 6000

_ID_MAX = 120


class CardState(StrEnum):
    """What a card says at first sight."""

    PENDING = "pending"
    OPEN = "open"
    WINNING = "winning"
    LOSING = "losing"
    HELD = "held"
    CLOSED_WIN = "closed win"
    CLOSED_LOSS = "closed loss"
    CLOSED_EVEN = "closed even"
    CANCELLED = "cancelled"
    REFUSED = "refused"


# Legible as a stripe on a dark and on a light ground; what is over is the duller shade of what was on.
COLOURS: dict[CardState, int] = {
    CardState.PENDING: 0x5B8DEF,
    CardState.OPEN: 0x5B8DEF,
    CardState.WINNING: 0x2ECC71,
    CardState.LOSING: 0xF0616D,
    CardState.HELD: 0xF5A623,
    CardState.CLOSED_WIN: 0x1F8B4C,
    CardState.CLOSED_LOSS: 0xA83240,
    CardState.CLOSED_EVEN: 0x8A94A6,
    CardState.CANCELLED: 0x8A94A6,
    CardState.REFUSED: 0xD35400,
}
MARKS: dict[CardState, str] = {
    CardState.PENDING: "○",
    CardState.OPEN: "●",
    CardState.WINNING: "▲",
    CardState.LOSING: "▼",
    CardState.HELD: "■",
    CardState.CLOSED_WIN: "✔",
    CardState.CLOSED_LOSS: "✘",
    CardState.CLOSED_EVEN: "◇",
    CardState.CANCELLED: "○",
    CardState.REFUSED: "⊘",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of a position. Lengths hold in UTF-16 units, which are never fewer than code points.

    The only markup in it is ours: backticks around the OCC symbol and times, asterisks around amounts,
    tildes around what was corrected.
    """

    state: CardState
    title: str
    description: str
    colour: int
    fields: tuple[Field, ...]
    footer: str

    def __post_init__(self) -> None:
        assert 0 < width(self.title) <= TITLE_MAX, "a title has 1 to 256 characters"
        assert width(self.description) <= DESCRIPTION_MAX, "a description has at most 4096 characters"
        assert len(self.fields) <= FIELDS_MAX, "a card has at most 25 fields"
        assert all(0 < width(name) <= NAME_MAX for name, _, _ in self.fields), (
            "a field's name has 1 to 256 characters"
        )
        assert all(0 < width(value) <= VALUE_MAX for _, value, _ in self.fields), (
            "a value has 1 to 1024 characters"
        )
        assert width(self.footer) <= FOOTER_MAX, "a footer has at most 2048 characters"
        assert self.length <= TOTAL_MAX, "a card has at most 6000 characters"

    @property
    def length(self) -> int:
        """The characters that count towards the limit on the whole, in UTF-16 units."""
        texts = [self.title, self.description, self.footer]
        return sum(map(width, texts)) + sum(width(name) + width(value) for name, value, _ in self.fields)


def card_of(view: PositionView) -> Card:
    """The card of a position as it is in the view. Pure: the same view gives the same card."""
    state = state_of(view)
    return Card(
        state=state,
        title=clip(title_text(view, state), TITLE_MAX),
        description=clip(_description(view), DESCRIPTION_MAX),
        colour=COLOURS[state],
        fields=tuple(
            (name, clip(value, VALUE_MAX), inline) for name, value, inline in card_fields(view, VALUE_MAX)
        ),
        footer=clip(footer_text(view), FOOTER_MAX),
    )


def state_of(view: PositionView) -> CardState:
    """What the card says at first sight; trouble goes before profit."""
    if view.order_status is OrderStatus.REJECTED:
        return CardState.REFUSED
    if view.closed and not view.qty_in:
        return CardState.CANCELLED
    if view.closed:
        net = view.realized - view.fees
        if not net:
            return CardState.CLOSED_EVEN
        return CardState.CLOSED_WIN if net > 0 else CardState.CLOSED_LOSS
    if view.held_reason or view.order_status is OrderStatus.INACTIVE:
        return CardState.HELD
    if not view.qty:
        return CardState.PENDING
    pnl = view.pnl
    if not pnl:
        return CardState.OPEN
    return CardState.WINNING if pnl > 0 else CardState.LOSING


def side_word(view: PositionView) -> str:
    """``Long`` or ``Short``: what is, or would be, held of the instrument."""
    return "Long" if view.direction > 0 else "Short"


def title_text(view: PositionView, state: CardState) -> str:
    """The state, the result as a fraction, and the contract in words; no size."""
    words = contract_words(view.instrument)
    if state in {CardState.WINNING, CardState.LOSING}:
        result = percent_text(view.pnl_fraction)
    elif state in {CardState.CLOSED_WIN, CardState.CLOSED_LOSS, CardState.CLOSED_EVEN}:
        result = f"Closed {percent_text(view.pnl_fraction)}"
    elif state is CardState.REFUSED:
        result = "Rejected"
    elif state is CardState.HELD and view.pnl_fraction is not None:
        result = f"Held {percent_text(view.pnl_fraction)}"
    else:
        result = state.value.capitalize()
    return f"{MARKS[state]} {result} · {side_word(view)} {words}"


def _description(view: PositionView) -> str:
    parts = [f"`{view.instrument}`"] if is_option(view.instrument) else []
    if not view.qty_in:
        planned = f"{view.qty_planned} {unit_word(view.instrument, view.qty_planned)} planned"
        parts.append(f"{planned}, nothing filled{'' if view.closed else ' yet'}")
    return " · ".join(parts)


def footer_text(view: PositionView) -> str:
    """The position's id and the time of its newest news."""
    clock = f"{new_york_day(view.as_of)} {new_york_clock(view.as_of)} ET"
    return f"{safe_text(view.position_id, _ID_MAX)} · {clock}"
