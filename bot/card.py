"""The card: what a follower needs to know of a position in two seconds. A pure function of its view.

A card has the shape of a Discord embed and keeps Discord's limits whatever text is in it. Its colour says the state,
and so does the mark its title begins with, for those who do not see colours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.card_history import history_text
from bot.card_text import (
    ELLIPSIS,
    NOTHING,
    clip,
    contract_words,
    dollars_text,
    is_option,
    new_york_clock,
    new_york_day,
    new_york_moment,
    percent_text,
    price_text,
    safe_text,
    unit_word,
    width,
)
from bot.position_view import PositionView
from options.lifecycle import OrderStatus, TradeStatus
from options.terms import ArmedExit, ExitKind
from options.values import ZERO

TITLE_MAX = 256
DESCRIPTION_MAX = 4096
FIELDS_MAX = 25
NAME_MAX = 256
VALUE_MAX = 1024
FOOTER_MAX = 2048
TOTAL_MAX = 6000

_SOURCE_MAX = 120
_REASON_MAX = 400
_EXITS_SHOWN = 12
_REFUSALS_SHOWN = 8

Field = tuple[str, str, bool]
"""Name, value, and whether it may stand beside others."""


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

    The only markup in it is ours: a pair of backticks around the OCC symbol.
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
    fields = [
        *_money_fields(view),
        ("Order status", str(view.order_status), True),
        ("Trade status", str(view.trade_status), True),
        *_exit_fields(view),
        *_trouble_fields(view),
        ("Who", safe_text(view.source, _SOURCE_MAX), True),
        ("Strategy", safe_text(view.strategy, _SOURCE_MAX), True),
        ("Why", safe_text(view.reason, _REASON_MAX), False),
    ]
    if view.history:
        fields.append(("History", history_text(view.history, view.history_left_out, VALUE_MAX), False))
    return Card(
        state=state,
        title=clip(_title(view, state), TITLE_MAX),
        description=clip("\n".join(_description(view)), DESCRIPTION_MAX),
        colour=COLOURS[state],
        fields=tuple((name, clip(value, VALUE_MAX), inline) for name, value, inline in fields),
        footer=clip(_footer(view), FOOTER_MAX),
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


def left_text(view: PositionView) -> str:
    """How much is left of what was entered, e.g. ``2 of 4``; while less was entered than planned, that too."""
    planned = "" if view.closed or view.qty_in >= view.qty_planned else f" ({view.qty_planned} planned)"
    return f"{abs(view.qty)} of {view.qty_in}{planned}"


def _title(view: PositionView, state: CardState) -> str:
    words = contract_words(view.instrument)
    if state in {CardState.WINNING, CardState.LOSING}:
        result = percent_text(view.pnl_fraction)
    elif state in {CardState.CLOSED_WIN, CardState.CLOSED_LOSS, CardState.CLOSED_EVEN}:
        result = f"Closed {percent_text(view.pnl_fraction)}"
    elif state is CardState.REFUSED:
        result = "Rejected"
    else:
        result = state.value.capitalize()
    return f"{MARKS[state]} {result} · {side_word(view)} {words}"


def _description(view: PositionView) -> Iterable[str]:
    if is_option(view.instrument):
        yield f"`{view.instrument}`"
    if not view.qty_in:
        planned = f"{view.qty_planned} {unit_word(view.instrument, view.qty_planned)}"
        yield f"{side_word(view)} {planned}, nothing filled{'' if view.closed else ' yet'}"
    elif view.qty:
        now = "" if view.mark is None else f" · now {price_text(view.mark)} · {dollars_text(view.pnl)}"
        yield f"{side_word(view)} {left_text(view)} · in at {price_text(view.entry_average)}{now}"
    else:
        entry, out = price_text(view.entry_average), price_text(view.exit_average)
        yield f"{side_word(view)} {view.qty_in} · in at {entry} · out at {out} · {dollars_text(view.pnl)}"
    if view.closing_kind and view.qty and view.trade_status is TradeStatus.FILLED:
        yield f"Leaving by {_closing_words(view)}"
    elif view.closed and view.qty_in:
        yield f"Out by {_closing_words(view)}"


def _closing_words(view: PositionView) -> str:
    kind = safe_text(view.closing_kind, _SOURCE_MAX)
    reason = safe_text(view.closing_reason, _REASON_MAX)
    return kind if reason in {NOTHING, kind} else f"{kind} ({reason})"


def _money_fields(view: PositionView) -> Iterable[Field]:
    unit = unit_word(view.instrument)
    if not view.qty_in:
        yield "Planned", f"{view.qty_planned} {unit_word(view.instrument, view.qty_planned)}", True
        return
    yield "Entry", f"{price_text(view.entry_average)} × {view.qty_in}", True
    if view.qty:
        sides = (
            ""
            if view.bid is None and view.ask is None
            else f"\n{price_text(view.bid)} / {price_text(view.ask)}"
        )
        if view.mark is not None:
            yield "Now", f"{price_text(view.mark)}{sides}", True
    else:
        yield "Exit", price_text(view.exit_average), True
    if view.pnl is not None:
        fees = f"\nafter {dollars_text(view.fees, signed=False)} fees" if view.fees else ""
        result = f"{percent_text(view.pnl_fraction)} · {dollars_text(view.pnl)}"
        yield "P&L", f"{result}\n{dollars_text(view.pnl_each)} a {unit}{fees}", True
    if view.qty:
        yield "Left", left_text(view), True
    if view.qty and view.realized != ZERO:
        yield "Realized", dollars_text(view.realized), True


def _exit_fields(view: PositionView) -> Iterable[Field]:
    if view.closed or not view.exits:
        return
    stops = [armed for armed in view.exits if armed.kind in {ExitKind.STOP, ExitKind.TRAILING}]
    targets = [armed for armed in view.exits if armed.kind is ExitKind.TARGET]
    others = [armed for armed in view.exits if armed not in stops and armed not in targets]
    for name, exits in (("Stop", stops), ("Targets", targets), ("Out by", others)):
        if exits:
            yield name, _exits_text(view, exits), True


def _exits_text(view: PositionView, exits: list[ArmedExit]) -> str:
    lines = [_exit_words(view, armed) for armed in exits[:_EXITS_SHOWN]]
    if len(exits) > _EXITS_SHOWN:
        lines.append(f"{ELLIPSIS} {len(exits) - _EXITS_SHOWN} more")
    return "\n".join(lines)


def _exit_words(view: PositionView, armed: ArmedExit) -> str:
    level = view.trigger_level(armed)
    price = price_text(None if level is None else round(level, 2 if armed.trail is not None else 4))
    if armed.trail is not None:
        below = "below" if view.direction > 0 else "above"
        return f"{price} × {armed.qty}, trailing {float(armed.trail):.1%} {below} {price_text(view.best_mark(armed))}"
    if armed.kind in {ExitKind.TIME, ExitKind.FLAT}:
        return f"{armed.kind} at {new_york_moment(armed.at, view.as_of)} × {armed.qty}"
    return f"{price} × {armed.qty}"


def _trouble_fields(view: PositionView) -> Iterable[Field]:
    if view.held_reason and not view.closed:
        yield "Exits held", safe_text(view.held_reason, _REASON_MAX), False
    if view.refusals:
        name = (
            "Rejected"
            if view.order_status is OrderStatus.REJECTED
            else "Cancelled"
            if view.closed
            else "Refused"
        )
        each = VALUE_MAX // _REFUSALS_SHOWN - 8
        lines = [f"· {safe_text(reason, each)}" for reason in view.refusals[:_REFUSALS_SHOWN]]
        left_out = len(view.refusals) - len(lines)
        yield name, "\n".join(lines) + (f"\n{ELLIPSIS} {left_out} more" if left_out else ""), False


def _footer(view: PositionView) -> str:
    clock = f"{new_york_day(view.as_of)} {new_york_clock(view.as_of)} ET"
    return f"{safe_text(view.position_id, _SOURCE_MAX)} · {clock}"
