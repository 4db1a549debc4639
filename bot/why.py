"""Why something is as it is: an order, a trade, a signal, a command, or whatever was refused last; in plain words."""

from collections.abc import Iterable, Iterator, Sequence

from bot.card_text import new_york_time, safe_text
from bot.event_text import describe
from bot.explain import explain_parent
from bot.ledger_views import EventRow, event_rows
from options import events as e
from options.correction_events import FillCorrected
from options.expiry_events import LegSettled
from options.input_events import InputFailed, InputSetAside, StrategyStalled
from options.silence_events import MarksFellSilent, MarksReturned

_SHOWN = 12
_NAME_MAX = 60
_REFUSALS: tuple[type[e.TradeEvent], ...] = (
    e.CommandRefused,
    e.SignalRefused,
    e.IntentRefused,
    e.TradeRejected,
    e.OrderRejected,
    e.EntryPutOff,
    e.ExitHeld,
    MarksFellSilent,
    InputFailed,
    InputSetAside,
    StrategyStalled,
)
_DECISIVE: tuple[type[e.TradeEvent], ...] = (
    *_REFUSALS,
    e.CommandTaken,
    e.TradeHeld,
    e.TradeCancelled,
    e.TradeClosed,
    e.IntentDecided,
    e.ExitTriggered,
    MarksReturned,
    e.OrderUnknown,
    e.OrderAbandoned,
    FillCorrected,
    LegSettled,
)

Numbered = Sequence[tuple[int, e.TradeEvent]]


def why(events: Numbered, about: str = "") -> list[str]:
    """The story of a parent order (``P9``), an order (``O12``), a trade (``T3``), a signal or a command by its id.

    Without ``about``: what was refused or held last. A line each; one sentence where there is nothing of that name.
    """
    name = about.strip()
    if not name:
        rows = event_rows(events, types=[kind.__name__ for kind in _REFUSALS], last=_SHOWN)
        return ["Refused or held last:", *_lines(events, rows)] if rows else ["Nothing was refused or held."]
    unknown = f"The ledger knows no order, trade, signal or command {safe_text(name, _NAME_MAX)}."
    return story_of(events, name) or [unknown]


def story_of(events: Numbered, name: str) -> list[str]:
    """The story of what has this name, a line each; nothing where the ledger knows nothing of that name."""
    if not name:
        return []
    parent_id = next(
        (
            one.parent_id
            for _, one in events
            if isinstance(one, e.OrderSubmitRequested) and one.order_id == name
        ),
        name,
    )
    story = explain_parent(events, parent_id)
    if story:
        return story
    rows = event_rows(events, trade_id=name, types=[kind.__name__ for kind in _DECISIVE], last=_SHOWN)
    if rows:
        return [f"What decided on {safe_text(name, _NAME_MAX)}, newest last:", *_lines(events, rows)]
    found = list(_named(events, name))
    return [f"{new_york_time(event.ts, events[-1][1].ts)}  {describe(event)}" for event in found[-_SHOWN:]]


def _named(events: Numbered, name: str) -> Iterable[e.TradeEvent]:
    """What became of a signal or a command."""
    for _, event in events:
        if name in {getattr(event, "signal_id", ""), getattr(event, "command_id", "")}:
            yield event


def _lines(events: Numbered, rows: Sequence[EventRow]) -> Iterator[str]:
    """The rows with their times, and their dates where those are not the date of the ledger's last event."""
    for row in rows:
        yield f"{new_york_time(row.ts, events[-1][1].ts)}  {row.text}"
