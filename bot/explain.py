"""Why an order exists and what became of it, in plain words, from the ledger alone."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from bot.card_text import contract_words, dollars_text, new_york_moment, new_york_time, price_text, safe_text
from bot.plan_text import order_at_words, schedule_words
from options import events as e
from options.correction_events import FillCorrected
from options.execution_key import execution_key
from options.plan import Algo
from options.terms import ExitKind
from options.values import Side

_TEXT = 200
_MET: dict[type[e.TradeEvent], str] = {
    e.OrderRejected: "rejected",
    e.OrderCancelRequested: "asked back",
    e.OrderUnknown: "in doubt",
    e.OrderAbandoned: "never arrived",
}


class _Story:
    """What the ledger says about one parent order."""

    def __init__(self, parent_id: str) -> None:
        self.parent_id = parent_id
        self.opened: e.ParentOrderOpened | None = None
        self.intents: dict[str, e.IntentDecided] = {}
        self.held: dict[str, int] = {}
        self.crosses: list[e.ParentOrderOpened] = []
        self.after: list[e.TradeEvent] = []
        self.as_of = ""
        self._newest: dict[str, e.IntentDecided] = {}
        self._positions: dict[str, int] = {}
        self._orders: set[str] = set()
        self._crossed: list[e.ParentOrderOpened] = []

    def take(self, event: e.TradeEvent) -> None:
        """Note what belongs to the story."""
        self.as_of = event.ts
        match event:
            case e.IntentDecided():
                self._newest[event.trade_id] = event
            case e.ParentOrderOpened():
                self._parent(event)
            case e.OrderFilled() | FillCorrected() if event.parent_id == self.parent_id:
                self.after.append(event)
            case e.OrderSubmitRequested() if event.parent_id == self.parent_id:
                self._orders.add(event.order_id)
                self.after.append(event)
            case e.ParentOrderClosed() | e.ParentOrderHurried() if event.parent_id == self.parent_id:
                self.after.append(event)
            case (
                e.OrderAccepted()
                | e.OrderRejected()
                | e.OrderCancelRequested()
                | e.OrderCancelled()
                | e.OrderUnknown()
                | e.OrderAbandoned()
            ) if event.order_id in self._orders:
                self.after.append(event)
            case _:
                pass
        if isinstance(event, e.OrderFilled | FillCorrected):
            self._positions[event.trade_id] = event.position

    def _parent(self, event: e.ParentOrderOpened) -> None:
        if event.schedule.algo is Algo.CROSS:
            self._crossed = [one for one in self._crossed if one.ts == event.ts]
            self._crossed.append(event)
        if event.parent_id != self.parent_id:
            return
        self.opened = event
        ids = [share.trade_id for share in event.shares]
        self.intents = {one: self._newest[one] for one in ids if one in self._newest}
        self.held = {one: self._positions.get(one, 0) for one in ids}
        self.crosses = [
            one
            for one in self._crossed
            if one.ts == event.ts and one.instrument == event.instrument and one is not event
        ]


def explain_parent(events: Iterable[tuple[int, e.TradeEvent]], parent_id: str) -> list[str]:
    """The story of a parent order, a line at a time; empty if there is none of that name."""
    story = _Story(parent_id)
    for _, event in events:
        story.take(event)
    opened = story.opened
    if opened is None:
        return []
    return [
        *_what(story, opened),
        *_why(story, opened),
        *_netted(story, opened),
        *_worked(story),
        *_shared(story, opened),
    ]


def _what(story: _Story, opened: e.ParentOrderOpened) -> Iterator[str]:
    side = opened.side.value.lower()
    what = f"{side} {opened.qty} {contract_words(opened.instrument)}"
    when = new_york_moment(opened.ts, story.as_of)
    yield f"{opened.parent_id} at {when}: {what}, {schedule_words(opened.schedule)}."


def _why(story: _Story, opened: e.ParentOrderOpened) -> Iterator[str]:
    yield ""
    yield "Why"
    if opened.bracket:
        yield f"  It rests to protect {opened.shares[0].trade_id}: {opened.bracket}"
        return
    for share in opened.shares:
        intent = story.intents.get(share.trade_id)
        if intent is None:
            yield f"  {share.trade_id} wanted {share.qty}; the ledger holds no intent for it."
            continue
        target = "be out" if not intent.target else f"hold {intent.target:+d}"
        reason = f": {safe_text(intent.reason, _TEXT)}" if intent.reason else ""
        kind = "" if intent.kind == ExitKind.ADMIN else f" as {safe_text(intent.kind, 40)}"
        when = new_york_time(intent.ts, story.as_of)
        yield (
            f"  {when}  {share.trade_id} ({safe_text(intent.strategy, 40)}) should {target}, "
            f"wanted by {safe_text(intent.source, 60)}{kind}{reason}"
        )


def _netted(story: _Story, opened: e.ParentOrderOpened) -> Iterator[str]:
    yield ""
    yield "How it was netted"
    if opened.bracket:
        yield "  Not at all: what is sent to close leaves room for what it could trade"
        return
    for share in opened.shares:
        intent, held = story.intents.get(share.trade_id), story.held[share.trade_id]
        if intent is None:
            continue
        need = intent.target - held
        counted = f"target {intent.target:+d} less {held:+d} held is {need:+d}"
        other = abs(need) - share.qty
        rest = f"; {other} of it crossed or on its way elsewhere" if other > 0 else ""
        yield f"  {share.trade_id}: {counted}, {share.qty} of it in this order{rest}"
    if len(opened.shares) > 1:
        parts = " + ".join(str(share.qty) for share in opened.shares)
        yield f"  One order serves {len(opened.shares)} trades: {parts} = {opened.qty}"
    for crossed in story.crosses:
        ids = ", ".join(f"{share.trade_id} {share.qty}" for share in crossed.shares)
        side = "bought" if crossed.side is Side.BUY else "sold"
        yield f"  Crossed inside the house at the mid in {crossed.parent_id}: {ids} {side}; that never left the house"


def _worked(story: _Story) -> Iterator[str]:
    yield ""
    yield "How it was worked"
    lines = [
        f"  {new_york_time(event.ts, story.as_of)}  {words}"
        for event in story.after
        if (words := _step(event))
    ]
    yield from lines or ["  Nothing has been sent yet"]


def _step(event: e.TradeEvent) -> str:
    """One step of working a parent order, in words."""
    match event:
        case e.OrderRejected() | e.OrderCancelRequested() | e.OrderUnknown() | e.OrderAbandoned():
            return f"{event.order_id}: {_MET[type(event)]}, {safe_text(event.reason, _TEXT)}"
        case e.OrderSubmitRequested():
            at = order_at_words(event.limit_price, event.stop_price)
            return f"{event.order_id}: {event.qty} {at}"
        case e.OrderFilled():
            where = event.order_id or "inside the house"
            return f"{where}: {event.qty} filled at {price_text(event.price)} for {event.trade_id}"
        case FillCorrected():
            was = f"{event.was_qty} at {price_text(event.was_price)} for {event.trade_id}"
            now = f"corrected to {event.qty} at {price_text(event.price)}" if event.qty else "busted"
            return f"{event.order_id}: {was} {now}"
        case e.OrderAccepted():
            return f"{event.order_id}: at {safe_text(event.venue, 40)}"
        case e.OrderCancelled():
            return f"{event.order_id}: out with {event.unfilled} unfilled"
        case e.ParentOrderHurried():
            return f"to the market: {safe_text(event.reason, _TEXT)}"
        case e.ParentOrderClosed():
            reason = f", {safe_text(event.reason, _TEXT)}" if event.reason else ""
            return f"over: {event.status} with {event.filled} filled{reason}"
        case _:
            return ""


def _shared(story: _Story, opened: e.ParentOrderOpened) -> Iterator[str]:
    yield ""
    yield "Who got what"
    fills = [event for event in story.after if isinstance(event, e.OrderFilled | FillCorrected)]
    for share in opened.shares:
        told = [fill for fill in fills if fill.trade_id == share.trade_id]
        # The newest word on an execution counts.
        own = {execution_key(fill.exec_id).base: fill for fill in told}.values()
        qty = sum(fill.qty for fill in own)
        if not qty:
            yield f"  {share.trade_id}: nothing of {share.qty}"
            continue
        average = sum((fill.price * fill.qty for fill in own), Decimal(0)) / qty
        fees = sum((fill.fee for fill in own), Decimal(0))
        # What a correction of an entry changes in the profit was made by the exits.
        leaves = any(isinstance(fill, e.OrderFilled) and fill.realized_pnl for fill in told)
        made = sum((fill.realized_pnl for fill in told), Decimal(0)) if leaves else Decimal(0)
        result = f", {dollars_text(made)} realized" if made else ""
        paid = f", fees {dollars_text(fees, signed=False)}" if fees else ""
        yield f"  {share.trade_id}: {qty} of {share.qty} at {price_text(average)}{paid}{result}"
    if len(opened.shares) > 1:
        yield "  Each fill went to the trades by what they still wanted: largest remainder first, then the oldest"
