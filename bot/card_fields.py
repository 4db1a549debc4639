"""The labelled parts of a card, in the order in which a follower asks: result, what is left, the way out, status, why.

On a wide screen Discord shows three of them in a row, so what belongs together comes in threes.
"""

from collections.abc import Iterable
from decimal import Decimal

from bot.card_history import history_text
from bot.card_text import (
    ELLIPSIS,
    NOTHING,
    clip,
    dollars_text,
    new_york_moment,
    percent_text,
    price_text,
    safe_text,
    unit_word,
    without_ids,
)
from bot.close_words import close_words
from bot.position_view import PositionView
from options.lifecycle import OrderStatus, TradeStatus
from options.terms import ArmedExit, ExitKind
from options.values import ZERO

Field = tuple[str, str, bool]
"""Name, value, and whether it may stand beside others."""

_SOURCE_MAX = 120
_REASON_MAX = 400
_EXITS_SHOWN = 12
_REFUSALS_SHOWN = 8
_ENDS = {ExitKind.TIME, ExitKind.FLAT}


def card_fields(view: PositionView, value_max: int) -> list[Field]:
    """Every field of a position's card; only the history keeps ``value_max`` by itself, in UTF-16 units."""
    fields = [
        *_trouble_fields(view, value_max),
        *_money_fields(view),
        *_exit_fields(view),
        ("Status", status_text(view), True),
        (
            "Who",
            f"{safe_text(without_ids(view.source), _SOURCE_MAX)}\n{safe_text(view.strategy, _SOURCE_MAX)}",
            True,
        ),
        ("Why", safe_text(view.reason, _REASON_MAX), False),
    ]
    if view.history:
        told = history_text(view.history, view.history_left_out, value_max, seen_from=view.as_of)
        fields.append(("History, New York time", told, False))
    return fields


def left_text(view: PositionView) -> str:
    """How much is left of what was entered, e.g. ``2 of 4``; while less was entered than planned, that too."""
    planned = "" if view.closed or view.qty_in >= view.qty_planned else f" ({view.qty_planned} planned)"
    return f"{abs(view.qty)} of {view.qty_in}{planned}"


def _money_fields(view: PositionView) -> Iterable[Field]:
    if not view.qty_in:
        return
    if view.pnl is not None:
        each = f"{dollars_text(view.pnl_each)} a {unit_word(view.instrument)}"
        fees = f"\nafter {dollars_text(view.fees, signed=False)} fees" if view.fees else ""
        yield "P&L", f"**{dollars_text(view.pnl)}** · {percent_text(view.pnl_fraction)}\n{each}{fees}", True
    yield "Entry", f"**{price_text(view.entry_average)}** × {view.qty_in}", True
    if not view.qty:
        yield "Exit", f"**{price_text(view.exit_average)}**", True
        return
    if view.mark is not None:
        yield "Now", mark_text(view), True
    booked = f"\n{dollars_text(view.realized)} realized" if view.realized != ZERO else ""
    yield "Left", f"**{left_text(view)}**{booked}", True


def mark_text(view: PositionView) -> str:
    """The newest mark, and below it the two sides of the market where they are known."""
    known = view.bid is not None or view.ask is not None
    sides = f"\n{price_text(view.bid)} / {price_text(view.ask)}" if known else ""
    return f"**{price_text(view.mark)}**{sides}"


def _exit_fields(view: PositionView) -> Iterable[Field]:
    if view.closed:
        if view.qty_in:
            yield "Out by", _closing_words(view), True
        return
    if view.closing_kind and view.qty and view.trade_status is TradeStatus.FILLED:
        yield "Leaving by", _closing_words(view), True
    for name, exits in exits_by_name(view):
        yield name, _exits_text(view, exits), True


def exits_by_name(view: PositionView) -> Iterable[tuple[str, list[ArmedExit]]]:
    """The armed exits under the names that they have on a card, in its order."""
    named: dict[str, list[ArmedExit]] = {}
    for armed in view.exits:
        named.setdefault(_EXIT_NAMES.get(armed.kind, "Out by"), []).append(armed)
    for name in ("Stop", "Targets", "Trailing stop from", "Adds at", "Out by"):
        if name in named:
            yield name, named[name]


_EXIT_NAMES = {
    ExitKind.STOP: "Stop",
    ExitKind.TRAILING: "Stop",
    ExitKind.TARGET: "Targets",
    ExitKind.TRAIL_ON: "Trailing stop from",
    ExitKind.SCALE_IN: "Adds at",
}


def _closing_words(view: PositionView) -> str:
    """What takes it out, and the words of whoever wanted that; an exit's own reason only names the exit."""
    kind = close_words(view.closing_kind, _SOURCE_MAX)
    reason = safe_text(without_ids(view.closing_reason), _REASON_MAX)
    says_nothing = reason == NOTHING or reason.startswith(safe_text(view.closing_kind, _SOURCE_MAX))
    return kind if says_nothing else f"{kind}\n{reason}"


def _exits_text(view: PositionView, exits: list[ArmedExit]) -> str:
    lines = [exit_text(view, armed) for armed in exits[:_EXITS_SHOWN]]
    if len(exits) > _EXITS_SHOWN:
        lines.append(f"{ELLIPSIS} {len(exits) - _EXITS_SHOWN} more")
    return "\n".join(lines)


def exit_text(view: PositionView, armed: ArmedExit, *, sized: bool = True) -> str:
    """One exit, ``sized`` with its quantity; how far its price is from the entry is behind it, as profit or loss."""
    count = f" × {armed.qty}" if sized and armed.qty else ""
    if armed.kind in _ENDS:
        return f"{armed.kind} at {new_york_moment(armed.at, view.as_of)}{count}"
    level = view.trigger_level(armed)
    moves = armed.trail is not None or armed.trail_amount is not None
    price = price_text(None if level is None else round(level, 2 if moves else 4))
    away = "" if armed.kind is ExitKind.SCALE_IN else from_entry_text(view, level)
    return f"{price}{count}{away}{_trail_text(view, armed)}"


def from_entry_text(view: PositionView, level: float | None) -> str:
    """How far a price is from the entry as profit or loss, in brackets; empty where that says nothing."""
    if level is None or view.entry_average is None or view.entry_average <= 0:
        return ""
    return f" ({percent_text((level / float(view.entry_average) - 1.0) * view.direction)})"


def _trail_text(view: PositionView, armed: ArmedExit) -> str:
    """How a trailing stop trails, on a line of its own; empty for any other exit."""
    distance: Decimal | None = armed.trail if armed.trail is not None else armed.trail_amount
    if distance is None:
        return ""
    away = f"{float(distance):.1%}" if armed.trail is not None else dollars_text(distance, signed=False)
    below = "below" if view.direction > 0 else "above"
    return f"\ntrailing {away} {below} {price_text(view.best_mark(armed))}"


def _trouble_fields(view: PositionView, value_max: int) -> Iterable[Field]:
    if view.put_off:
        yield "Entry waits", safe_text(view.put_off, _REASON_MAX), False
    if view.held_reason and not view.closed:
        yield "Exits held", safe_text(view.held_reason, _REASON_MAX), False
    if view.unguarded and not view.closed:
        yield "Not guarded", safe_text(view.unguarded, _REASON_MAX), False
    if view.refusals:
        name = (
            "Rejected"
            if view.order_status is OrderStatus.REJECTED
            else "Cancelled"
            if view.closed
            else "Refused"
        )
        each = value_max // _REFUSALS_SHOWN - 8
        lines = [f"· {safe_text(reason, each)}" for reason in view.refusals[:_REFUSALS_SHOWN]]
        left_out = len(view.refusals) - len(lines)
        yield name, "\n".join(lines) + (f"\n{ELLIPSIS} {left_out} more" if left_out else ""), False


def status_text(view: PositionView) -> str:
    """The order's status and the trade's; a trade of which nothing was ever held has none."""
    words = [str(view.order_status)]
    if view.trade_status is not TradeStatus.NONE:
        words.append(str(view.trade_status))
    return clip("\n".join(words), _SOURCE_MAX)
