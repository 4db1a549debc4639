"""The laws that each event of a desk is held against, and the counts of what happened to it."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from math import isfinite
from typing import ClassVar

from hypothesis import event, note
from hypothesis.stateful import RuleBasedStateMachine

from options import events as e
from options import inputs as i
from options.book import Book
from options.combo_quote import is_combo
from options.expiry_events import ContractsAssigned, LegSettled, PositionDelivered
from options.fold import apply
from options.lifecycle import DRAFT, TRANSITIONS, Status
from options.order import OrderState
from options.plan import Basis
from options.quote import Quote, QuoteLimits
from options.risk import RiskLimits
from options.stuck_exits import EXIT_REJECTIONS_MAX
from options.terms import ExitKind
from options.values import SECOND, Micros, Side, to_iso
from tests.options.desk import Desk
from tests.options.naive_marks import NaiveMarks
from tests.options.scripted_broker import NaiveAccount, ScriptedBroker

NEAR_KEY = "GOOG  151231C00750000"
FAR_KEY = "GOOG  151231C00760000"
COMBO_KEY = f"+1*{NEAR_KEY}/-1*{FAR_KEY}"

LIMITS = RiskLimits(
    quotes=QuoteLimits(stale_after_s=600, feed_silence_s=60),
    premium_day_max=Decimal(10**6),
    naked_max_loss_usd=Decimal(10**9),
)
BY_CLOCK = {ExitKind.TIME, ExitKind.FLAT}

# What an event tells of having happened; the rest is counted where it is done.
_HAPPENED: dict[type[e.TradeEvent], str] = {
    e.ExitTriggered: "exit triggered",
    e.TradeClosed: "trade closed",
    e.TradingHalted: "halt",
    e.FillUnmatched: "halt",
    e.ExitHeld: "exit held",
    e.TradeHeld: "held inactive",
    e.TradeModified: "modified",
    e.CommandRefused: "command refused",
    e.IntentRefused: "refused by risk",
    e.OrderUnknown: "order in doubt",
    e.OrderAbandoned: "order abandoned",
    e.PositionCompared: "positions differ",
    ContractsAssigned: "assigned",
    LegSettled: "leg settled",
    PositionDelivered: "position delivered",
}


class _Told:
    """What was decided, in words only where somebody reads them: of the example that fails."""

    def __init__(self, at: Micros, given: i.Input, found: list[e.TradeEvent]) -> None:
        self.at, self.given, self.found = at, given, found

    def __repr__(self) -> str:
        return f"{to_iso(self.at)} {self.given}\n    -> {self.found}"


class TradingLaws(RuleBasedStateMachine):
    """A desk, a scripted broker, a naive account of what was delivered, and a shadow folded event by event."""

    limits: ClassVar[RiskLimits] = LIMITS
    happened: ClassVar[Counter[str]] = Counter()
    checked: ClassVar[Counter[str]] = Counter()
    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self.limits, mark_every_s=10.0)
        self.desk.quote(5.9, 6.1, key=FAR_KEY)
        self.broker = ScriptedBroker()
        self.account = NaiveAccount()
        self.shadow = Book()
        self.raced: set[str] = set()
        self.deciding = False
        self.awaiting = False
        self.only_reports = False
        self.approved: set[str] = set()
        self.refused_exits: Counter[str] = Counter()
        self.triggered: set[tuple[str, str]] = set()
        self.quotes_said: dict[str, Quote] = dict(self.desk.quotes.quotes)
        self.steps["days"] += 1
        self.watch(self.desk.events)

    # --- what happened -------------------------------------------------------------------------------------

    def count(self, fault: str) -> None:
        """Note that something really happened."""
        self.happened[fault] += 1
        event(fault)

    def holds(self, *laws: str) -> None:
        """Note that something was held against some laws."""
        self.checked.update(laws)

    def note_input(self, given: i.Input) -> None:
        """What is wanted is met again by the first input after a look that is not a report itself."""
        self.steps["inputs"] += 1
        self.only_reports = self.awaiting or (self.only_reports and isinstance(given, i.BrokerReported))

    def decide(self, given: i.Input) -> list[e.TradeEvent]:
        """One input; a copy with the marks of positions kept in the plain way must decide the same (I5)."""
        twin = deepcopy(self.desk.manager)
        plain = twin.exits._marks = NaiveMarks(twin.exits._marks, twin.book)
        cause = f"input {len(self.desk.events)}"
        self.note_input(given)
        self.deciding = True
        found = self.desk.decide(given)
        self.deciding = False
        note(_Told(self.desk.at, given, found))
        assert twin.decide(self.desk.at, cause, given) == found, "I5: a copy decided otherwise"
        assert twin.book == self.desk.book, "I5: a copy remembers otherwise"
        self.holds("I5")
        for trade in self.desk.book.open_trades():
            assert self.desk.manager.exits._marks.seen(trade) == plain.seen(trade), (
                f"{trade.trade_id}: other marks"
            )
        self.watch(found)
        self.broker.hear(found)
        return found

    def watch(self, events: list[e.TradeEvent]) -> None:
        """Fold the events one by one beside the desk, and hold each against the laws that speak of single events."""
        for found in events:
            self.steps["events"] += 1
            halted = bool(self.shadow.halt_reason)
            before = {trade_id: trade.status for trade_id, trade in self.shadow.trades.items()}
            before |= {trade_id: trade.status for trade_id, trade in self.shadow.closed_trades.items()}
            signs = {trade.trade_id: trade.position.qty for trade in self.shadow.open_trades()}
            targets = {trade.trade_id: trade.target for trade in self.shadow.open_trades()}
            apply(self.shadow, found)
            self._note_what_happened(found, before)
            self._i9_only_rows_of_the_table(before)
            self._i8_what_the_broker_refuses_is_not_sent_for_ever(found)
            match found:
                case e.OrderSubmitRequested():
                    self._i6_a_reference_is_used_once(found)
                    self._i10_doubt_blocks_its_like(found)
                    self._i16_who_follows_waits_for_who_goes_before(found)
                    self._i23_i24_each_submit_carries_its_approval(found, halted)
                    assert not self.awaiting, "I26: sent before the broker was compared"
                case e.ExitTriggered(client_ref=ref) if ref:
                    self._i16_a_rule_fires_once(found)
                case e.ExitTriggered():
                    self._i16_a_rule_fires_once(found)
                    self._i17_no_trigger_on_an_unhealthy_mark(found)
                case e.OrderFilled():
                    self._i16_no_close_turns_a_position(found, signs.get(found.trade_id, 0))
                case e.TradeModified():
                    self._begun_again(found.trade_id)
                case e.TradeClosed():
                    assert found.realized_pnl - found.fees == found.cash, "I15: profit is not the cash"
                case e.IntentDecided() if abs(found.target) > abs(targets[found.trade_id]):
                    self._held_again(found.trade_id)
                case _:
                    pass

    def _note_what_happened(self, found: e.TradeEvent, before: dict[str, Status]) -> None:
        name = _HAPPENED.get(type(found))
        match found:
            case e.ExitTriggered(kind=kind):
                name = {ExitKind.SCALE_IN: "scaled in", ExitKind.TRAIL_ON: "trailing started"}.get(kind, name)
            case e.CommandTaken(verb=verb):
                name = f"{verb} by hand"
            case e.OrderCancelRequested(replaces=True):
                name = "repriced"
            case e.IntentDecided(kind="give up"):
                name = "given up"
            case e.TradeActivated() if before[found.trade_id] != DRAFT:
                name = "activated again"
            case e.OrderFilled(client_ref="", exec_id=exec_id):
                name = {"cross": "crossed in house", "expiry": "settled at expiry"}.get(
                    exec_id.partition("-")[0]
                )
            case e.ParentOrderHurried(reason=reason):
                name = "overtaken" if reason.startswith("overtaken") else "hurried"
            case e.ParentOrderOpened(shares=shares) if len(shares) > 1:
                name = "netted together"
            case e.OrderFilled(instrument=key) if is_combo(key):
                name = "combo filled"
            case _:
                pass
        if name is not None:
            self.count(name)

    # --- the laws of single events -------------------------------------------------------------------------

    def _i6_a_reference_is_used_once(self, sent: e.OrderSubmitRequested) -> None:
        self.holds("I6")
        assert sent.client_ref not in self.approved, "I6: a reference was used twice"
        self.approved.add(sent.client_ref)

    def _i9_only_rows_of_the_table(self, before: dict[str, Status]) -> None:
        for trade in (*self.shadow.trades.values(), *self.shadow.closed_trades.values()):
            was = before.get(trade.trade_id, trade.status)
            if was != trade.status:
                self.holds("I9")
                assert any(row[0] == was and then == trade.status for row, then in TRANSITIONS.items()), "I9"

    def _i10_doubt_blocks_its_like(self, sent: e.OrderSubmitRequested) -> None:
        """The first order of a new commitment waits for every order in doubt like it of the trades it serves."""
        self.holds("I10")
        parent = self.shadow.parents[sent.parent_id]
        siblings = [self.shadow.orders[one] for one in parent.order_ids if one in self.shadow.orders]
        assert all(order.state is not OrderState.UNKNOWN for order in siblings), "I10: beside a doubt"
        if len(parent.order_ids) > 1:
            return
        for trade_id in parent.shares:
            for other in self.shadow.working_parents(self.shadow.trades[trade_id]):
                if sent.approval.reducing and other.side is not sent.side:
                    continue  # an entry in doubt is nothing like an exit: what is held leaves beside it
                orders = [self.shadow.orders[one] for one in other.order_ids if one in self.shadow.orders]
                assert all(order.state is not OrderState.UNKNOWN for order in orders), "I10: despite a doubt"

    def _enters(self, trade_id: str, side: Side) -> bool:
        """Whether an order on this side opens or adds: what ends of an entry is no exit that was refused."""
        trade = self.shadow.trade(trade_id)
        return trade is not None and trade.enters(side)

    def _i8_what_the_broker_refuses_is_not_sent_for_ever(self, found: e.TradeEvent) -> None:
        """After so many exits in a row that were refused, or taken back unasked, none is sent until somebody acts."""
        match found:
            case e.OrderRejected(client_ref=ref) | e.OrderCancelled(client_ref=ref):
                order = self.shadow.order_of_ref[ref]
                parent = self.shadow.parent(order.parent_id)
                asked = isinstance(found, e.OrderCancelled) and order.cancel_requested
                if parent is not None and not asked and not order.exit_id:
                    out = self.shadow.day.is_open(self.desk.at) or isinstance(found, e.OrderRejected)
                    self.refused_exits.update(
                        one for one in parent.shares if out and not self._enters(one, parent.side)
                    )
            case e.OrderFilled(trade_id=trade_id) | e.IntentDecided(trade_id=trade_id):
                del self.refused_exits[trade_id]
            case e.TradingResumed() | e.SessionOpened():
                self.refused_exits.clear()
            case e.OrderSubmitRequested(approval=approval, exit_id="") if approval.reducing:
                self.holds("I8")
                shares = self.shadow.parents[found.parent_id].shares
                assert all(self.refused_exits[one] < EXIT_REJECTIONS_MAX for one in shares), (
                    "I8: sent for ever"
                )
            case _:
                pass

    def _i16_no_close_turns_a_position(self, found: e.OrderFilled, before_qty: int) -> None:
        if not found.client_ref:
            self.account.contracts += found.qty
        if found.exec_id.startswith("assigned-"):
            self.account.adjust(found)
            self.broker.moved[found.instrument] += found.qty * found.side.sign
        if found.trade_id not in self.raced:
            self.holds("I16")
            assert before_qty * found.position >= 0, "I16: a close turned the position round"

    def _i16_who_follows_waits_for_who_goes_before(self, sent: e.OrderSubmitRequested) -> None:
        """The second half of a reversal or a roll goes out when the first is proven to be out."""
        for trade_id in self.shadow.parents[sent.parent_id].shares:
            first = self.shadow.trades[trade_id].entry.after
            if first is not None and not sent.approval.reducing and first not in self.raced:
                before = self.shadow.trade(first)
                assert before is None or not before.position.qty, "I16: entered before the other was out"

    def _i23_i24_each_submit_carries_its_approval(self, sent: e.OrderSubmitRequested, halted: bool) -> None:
        self.holds("I24", *(["I23"] if halted else []))
        parent = self.shadow.parents[sent.parent_id]
        held = [self.shadow.trades[trade_id].position.qty * sent.side.sign for trade_id in parent.shares]
        if sent.approval.reducing:
            assert all(qty < 0 for qty in held), "I24: a reducing order that reduces nothing"
            assert sent.qty <= -sum(held), "I16: more goes out than is held"
        else:
            assert not halted, "I23: an entry went out while trading was halted"
            assert all(qty >= 0 for qty in held), "I24: an entry against a position"
            assert sent.approval.qty_max == LIMITS.qty_max
            assert sent.approval.premium <= LIMITS.premium_trade_max * len(held)
            assert sent.approval.premium_day_max == LIMITS.premium_day_max

    def _i16_a_rule_fires_once(self, found: e.ExitTriggered) -> None:
        assert (found.position_id, found.exit_id) not in self.triggered, "I16: an exit fired twice"
        self.triggered.add((found.position_id, found.exit_id))

    def _held_again(self, trade_id: str) -> None:
        """Who wishes to hold on after an exit has fired gets a guarded position; rungs stay taken."""
        self.triggered = {
            fired
            for fired in self.triggered
            if "-target-" in fired[1] or "-scale-" in fired[1] or not fired[1].startswith(f"{trade_id}-")
        }

    def _begun_again(self, trade_id: str) -> None:
        """A changed plan may begin its ladder anew."""
        self.triggered = {fired for fired in self.triggered if not fired[1].startswith(f"{trade_id}-")}

    def _i17_no_trigger_on_an_unhealthy_mark(self, found: e.ExitTriggered) -> None:
        if found.kind in BY_CLOCK:
            return
        self.holds("I17")
        trade = self.shadow.trades[found.trade_id]
        bid, ask = self.sides(trade.instrument)
        assert bid <= ask, "I17: judged on a crossed quote"
        assert found.mark is not None
        assert isfinite(found.mark)
        assert abs(found.mark - (bid + ask) / 2) < 1e-4, "I17: not the market's mark"
        if found.kind is ExitKind.SCALE_IN or found.level is None:
            return
        long = trade.position.qty > 0
        price = found.mark
        if trade.exits.basis is Basis.FAR_SIDE and found.kind in (ExitKind.STOP, ExitKind.TARGET):
            price = bid if long else ask
        below = price <= found.level + 1e-6
        above = price >= found.level - 1e-6
        upwards = found.kind in (ExitKind.TARGET, ExitKind.TRAIL_ON)
        assert below if upwards != long else above, "I17: its level was not reached"

    def sides(self, key: str) -> tuple[float, float]:
        """The market as it was said, each leg fresh and with both sides; a combo's is worked out from its legs."""
        if is_combo(key):
            near, far = self.sides(NEAR_KEY), self.sides(FAR_KEY)
            return near[0] - far[1], near[1] - far[0]
        quote = self.quotes_said[key]
        assert quote.bid is not None, "I17: judged without a bid"
        assert quote.ask is not None, "I17: judged without an ask"
        assert 0 <= quote.bid <= quote.ask, "I17: judged on a crossed quote"
        assert self.desk.at - quote.ts <= LIMITS.quotes.stale_after_s * SECOND, "I17: judged on an old quote"
        return quote.bid, quote.ask


def record_steps(machine: type[TradingLaws], record_property: Callable[[str, object], None]) -> None:
    """Say how many days were tried, how many inputs were decided in them, and how many events came of that."""
    record_property("examples", machine.steps["days"])
    record_property("inputs", machine.steps["inputs"])
    record_property("events", machine.steps["events"])
