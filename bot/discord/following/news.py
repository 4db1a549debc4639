"""What of the ledger is news to who follows a position: opened, added, trimmed, closed, stop changed.

News is kept by position until nobody waits for it. Who is behind is told all that happened since in one text, however
much it was: the fills of one order are one line, and so are moves of the stop in a row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import IntEnum

from bot.card_text import contract_words, dollars_text, percent_text, price_text, safe_text
from bot.position_view import PositionView
from options import events as e
from options.correction_events import FillCorrected
from options.terms import ArmedExit, Effect, ExitKind

NO_STOP = "none"
LINES_KEPT = 60
LINES_TOLD = 6
_REASON_MAX = 200
_NAME_MAX = 40
_NO_CAUSES: Mapping[str, str] = {}
_STOPS = frozenset({ExitKind.STOP, ExitKind.TRAILING})


class Kind(IntEnum):
    """What happened; of several things the first one here is the headline."""

    CLOSED = 0
    ENDED = 1
    """Over without ever holding anything."""
    OPENED = 2
    TRIMMED = 3
    ADDED = 4
    CORRECTED = 5
    """The broker has changed its word on an execution."""
    STOP = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, by event ``seq``. ``before`` and ``after`` are the words of a stop, or ``after`` why."""

    kind: Kind
    seq: int
    qty: int = 0
    price: Decimal = Decimal(0)
    bought: bool = True
    order_id: str = ""
    before: str = ""
    after: str = ""


@dataclass(slots=True)
class _Track:
    """What is kept of a position that is not over, or whose news somebody waits for."""

    entered_by: tuple[str, str] = ("", "")
    """When and by what it was entered last: a stop that follows the average of it is no news of its own."""
    stops: str | None = None
    lines: list[Line] = field(default_factory=list)
    left_out: int = 0
    over: bool = False
    entered: bool = False
    leaving: bool = False
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A position has news: who follows the position hears it, and who follows the strategy if it ever held anything."""

    position_id: str
    strategy: str
    seq: int
    over: bool
    entered: bool


class NewsBook:
    """Takes every event in after the cards have; ``view`` gives a position as it is then."""

    def __init__(self, view: Callable[[str], PositionView]) -> None:
        self._view = view
        self._tracks: dict[str, _Track] = {}
        self._last: dict[str, PositionView] = {}

    def take(self, seq: int, event: e.TradeEvent, changed: Sequence[str]) -> Fresh | None:
        """What is news in an event that changed the cards of these positions; ``None`` if nothing is."""
        if not isinstance(event, _TOLD) or not changed:
            return None
        position_id = changed[0]
        track = self._tracks.get(position_id)
        if track is None:
            track = self._tracks[position_id] = _Track(strategy=self._view(position_id).strategy)
        if isinstance(event, e.OrderFilled):
            track.entered = True
            if event.effect in {Effect.OPEN, Effect.ADD}:
                track.entered_by = event.ts, event.cause
        line = _line_of(seq, event, track)
        if line is None:
            return None
        _add(track, line)
        track.over = line.kind in {Kind.CLOSED, Kind.ENDED}
        if line.kind is Kind.CORRECTED:
            track.entered, track.over = True, self._view(position_id).closed
        return Fresh(position_id, track.strategy, seq, track.over, track.entered)

    def keep(self, position_id: str) -> None:
        """Somebody is to be told of a position: its state now stays at hand, though the cards let go of it."""
        self._last[position_id] = self._view(position_id)

    def forget(self, position_id: str) -> None:
        """Nobody waits for news of a position any more."""
        self._last.pop(position_id, None)
        track = self._tracks.get(position_id)
        if track is not None and track.over:
            del self._tracks[position_id]
        elif track is not None:
            track.lines.clear()
            track.left_out = 0

    def strategy_of(self, position_id: str) -> str:
        """Whose position it is; empty for one that is not known."""
        track = self._tracks.get(position_id)
        return "" if track is None else track.strategy

    def is_over(self, position_id: str) -> bool:
        """True for a position that has ended and whose news is still kept."""
        track = self._tracks.get(position_id)
        return track is not None and track.over

    def view(self, position_id: str) -> PositionView:
        """A position as it is now, or as it was when it was last news."""
        try:
            return self._view(position_id)
        except KeyError:
            return self._last[position_id]

    def since(self, position_id: str, first_seq: int) -> tuple[list[Line], int]:
        """What happened from an event on, oldest first, and how much before it was dropped."""
        track = self._tracks[position_id]
        lines = [line for line in track.lines if line.seq >= first_seq]
        left_out = track.left_out if len(lines) == len(track.lines) else 0
        return lines, left_out


_TOLD = (
    e.OrderFilled,
    FillCorrected,
    e.IntentDecided,
    e.ExitsArmed,
    e.TradeClosed,
    e.TradeCancelled,
    e.TradeRejected,
)
_KINDS = {
    Effect.OPEN: Kind.OPENED,
    Effect.ADD: Kind.ADDED,
    Effect.TRIM: Kind.TRIMMED,
    Effect.CLOSE: Kind.TRIMMED,
}


def _line_of(seq: int, event: e.TradeEvent, track: _Track) -> Line | None:
    if isinstance(event, e.OrderFilled):
        bought = event.side.sign > 0
        return Line(_KINDS[event.effect], seq, event.qty, event.price, bought, event.order_id)
    if isinstance(event, FillCorrected):
        was = f"{event.was_qty} at {price_text(event.was_price)}"
        return Line(Kind.CORRECTED, seq, event.qty, event.price, event.side.sign > 0, before=was)
    if isinstance(event, e.IntentDecided):
        track.leaving = not event.target
        return None
    if isinstance(event, e.ExitsArmed):
        if track.leaving and not event.exits:
            return None  # what is on its way out needs no stop: that is no news of its own
        with_entry = (event.ts, event.cause) == track.entered_by
        before, track.stops = track.stops or NO_STOP, stop_words(event.exits)
        if with_entry or before == track.stops or not event.qty:
            return None
        return Line(Kind.STOP, seq, before=before, after=track.stops)
    if isinstance(event, e.TradeClosed):
        return Line(Kind.CLOSED, seq, after=event.close_kind)
    if isinstance(event, e.TradeCancelled) and not track.entered:
        return Line(Kind.ENDED, seq, after=event.reason)
    if isinstance(event, e.TradeRejected) and not track.entered:
        return Line(Kind.ENDED, seq, after="; ".join(event.reasons))
    return None


def _add(track: _Track, line: Line) -> None:
    track.lines.append(line)
    if len(track.lines) > LINES_KEPT:
        del track.lines[0]
        track.left_out += 1


def stop_words(exits: Sequence[ArmedExit]) -> str:
    """The stops among some exits, e.g. ``2.05``, ``trailing 25%``, or ``none``."""
    words = [_stop_word(armed) for armed in exits if armed.kind in _STOPS]
    return " and ".join(dict.fromkeys(words)) or NO_STOP


def _stop_word(armed: ArmedExit) -> str:
    if armed.trail_amount is not None:
        return f"trailing {dollars_text(armed.trail_amount, signed=False)}"
    if armed.trail is not None:
        return f"trailing {float(armed.trail) * 100:g}%"
    return price_text(armed.level)


# --- in words -----------------------------------------------------------------------------------------------


def headline(view: PositionView, lines: Sequence[Line]) -> str:
    """The news in one line, the most important of it first, e.g. ``T1 trimmed: 4 of 8 left · GOOG … call``."""
    kind = min((line.kind for line in lines), default=Kind.STOP)
    name, what = safe_text(view.trade_id, _NAME_MAX), contract_words(view.instrument)
    side = "long" if view.direction > 0 else "short"
    result = f"{dollars_text(view.pnl)} ({percent_text(view.pnl_fraction)})"
    words = {
        Kind.CLOSED: f"closed {result}",
        Kind.ENDED: "ended, nothing was traded",
        Kind.OPENED: f"opened: {side} {abs(view.qty) or view.qty_in}",
        Kind.TRIMMED: f"trimmed: {abs(view.qty)} of {view.qty_in} left",
        Kind.ADDED: f"added: {side} {abs(view.qty)} now",
        Kind.CORRECTED: f"corrected: {abs(view.qty)} of {view.qty_in} held, {result}",
        Kind.STOP: f"stop {lines[-1].after if lines else ''}",
    }
    return f"**{name} {words[kind]}** · {what}"


def line_texts(lines: Sequence[Line], left_out: int = 0, causes: Mapping[str, str] = _NO_CAUSES) -> list[str]:
    """What happened, a line each; of a long story the newest part, and how much went before.

    ``causes`` says by order who or what wanted it.
    """
    merged = _merged(lines)
    if any(causes.get(line.order_id) for line in merged):
        merged = [line for line in merged if line.kind is not Kind.CLOSED]  # the last fill has said by what
    first = max(0, len(merged) - LINES_TOLD)
    before = first + left_out
    texts = [f"… {before} more before"] if before else []
    return texts + [_text(line) + _by(causes.get(line.order_id, "")) for line in merged[first:]]


def _by(cause: str) -> str:
    return f", by {safe_text(cause, _NAME_MAX)}" if cause else ""


def _merged(lines: Sequence[Line]) -> list[Line]:
    """Fills of one order, and moves of the stop in a row, as one line each."""
    made: list[Line] = []
    for line in lines:
        last = made[-1] if made else None
        # Arming anew stands between the fills of an order and is no news beside them.
        earlier = next((one for one in made if one.order_id and one.order_id == line.order_id), None)
        if earlier is not None:
            qty = earlier.qty + line.qty
            price = (earlier.price * earlier.qty + line.price * line.qty) / qty
            made[made.index(earlier)] = replace(earlier, qty=qty, price=price)
        elif last is not None and last.kind is Kind.STOP is line.kind:
            made[-1] = replace(last, after=line.after)
        else:
            made.append(line)
    return [line for line in made if line.kind is not Kind.STOP or line.before != line.after]


def _text(line: Line) -> str:
    if line.kind is Kind.STOP:
        return f"Stop {line.before} → {line.after}"
    if line.kind is Kind.CLOSED:
        return f"Closed by {safe_text(line.after, _NAME_MAX)}"
    if line.kind is Kind.ENDED:
        return f"Ended before it held anything: {safe_text(line.after, _REASON_MAX)}"
    if line.kind is Kind.CORRECTED:
        deed = "buy" if line.bought else "sale"
        now = f"corrected to {line.qty} at {price_text(line.price)}" if line.qty else "busted"
        return f"The {deed} of {line.before} was {now}"
    verb = {Kind.OPENED: "Opened", Kind.ADDED: "Added", Kind.TRIMMED: "Took out"}[line.kind]
    deed = "bought" if line.bought else "sold"
    return f"{verb}: {deed} {line.qty} at {price_text(line.price)}"
