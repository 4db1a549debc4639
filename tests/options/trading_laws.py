"""The laws of orders, positions, money and exits, held against every event and every state of a desk."""

from collections import Counter
from copy import deepcopy
from decimal import Decimal
from math import isfinite
from typing import ClassVar

from hypothesis import event, note
from hypothesis.stateful import RuleBasedStateMachine, invariant

from options import events as e
from options import inputs as i
from options.book import Book
from options.fold import apply
from options.lifecycle import TRANSITIONS, Status
from options.quote import Quote, QuoteLimits
from options.risk import RiskLimits
from options.terms import ExitKind
from options.values import SECOND, ZERO, to_iso
from tests.options.desk import KEY, PUT_KEY, Desk, of
from tests.options.scripted_broker import NaiveAccount, ScriptedBroker

FAULTS = (
    "duplicate", "reordered", "batched", "lost", "late fill", "overfill", "rejected", "cancelled", "partial",
    "unhealthy mark", "silence", "restart", "halt", "exit triggered", "trade closed", "unmatched fill",
    "stranger's fill", "reversal", "exit held",
)  # fmt: skip
LIMITS = RiskLimits(quotes=QuoteLimits(stale_after_s=600, feed_silence_s=60), premium_day_max=Decimal(10**6))
PRICED = {ExitKind.STOP, ExitKind.TARGET, ExitKind.TRAILING}


class TradingLaws(RuleBasedStateMachine):
    """A desk, a scripted broker, a naive account of what was delivered, and a shadow folded event by event."""

    happened: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(LIMITS, mark_every_s=10.0)
        self.broker = ScriptedBroker()
        self.account = NaiveAccount()
        self.shadow = Book()
        self.raced: set[str] = set()
        self.deciding = False
        self.approved: set[str] = set()
        self.triggered: set[tuple[str, str]] = set()
        self.marks: dict[str, Quote] = dict(self.desk.quotes.quotes)
        self.watch(self.desk.events)

    # --- what happened -------------------------------------------------------------------------------------

    def count(self, fault: str) -> None:
        self.happened[fault] += 1
        event(fault)

    def decide(self, given: i.Input) -> list[e.TradeEvent]:
        """One input; a copy of the desk must decide the same (I5)."""
        twin = deepcopy(self.desk.manager)
        cause = f"input {len(self.desk.events)}"
        self.deciding = True
        found = self.desk.decide(given)
        self.deciding = False
        note(f"{to_iso(self.desk.at)} {given}\n    -> {found}")
        assert twin.decide(self.desk.at, cause, given) == found
        assert twin.book == self.desk.book
        self.watch(found)
        self.broker.hear(found)
        return found

    def watch(self, events: list[e.TradeEvent]) -> None:
        """Fold the events one by one beside the desk, and hold each against the laws that speak of single events."""
        for found in events:
            halted = bool(self.shadow.halt_reason)
            before = {trade_id: trade.status for trade_id, trade in self.shadow.trades.items()}
            before |= {trade_id: trade.status for trade_id, trade in self.shadow.closed_trades.items()}
            signs = {trade.trade_id: trade.position.qty for trade in self.shadow.open_trades()}
            targets = {trade.trade_id: trade.target for trade in self.shadow.open_trades()}
            apply(self.shadow, found)
            self._i9_only_rows_of_the_table(before)
            match found:
                case e.OrderSubmitRequested():
                    self._i24_each_submit_carries_its_approval(found, halted)
                case e.ExitTriggered():
                    self._i16_a_rule_fires_once(found)
                    self._i17_no_trigger_on_an_unhealthy_mark(found)
                    self.count("exit triggered")
                case e.OrderFilled() if found.trade_id not in self.raced:
                    before_qty = signs.get(found.trade_id, 0)
                    assert before_qty * found.position >= 0, "I16: a close turned the position round"
                case e.TradeClosed():
                    self.count("trade closed")
                    assert found.realized_pnl - found.fees == found.cash
                case e.IntentDecided() if abs(found.target) > abs(targets[found.trade_id]):
                    self._held_again(found.trade_id)
                case e.TradingHalted() | e.FillUnmatched():
                    self.count("halt")
                case e.ExitHeld():
                    self.count("exit held")
                case _:
                    pass

    def _i9_only_rows_of_the_table(self, before: dict[str, Status]) -> None:
        for trade in (*self.shadow.trades.values(), *self.shadow.closed_trades.values()):
            was = before.get(trade.trade_id, trade.status)
            if was != trade.status:
                assert any(row[0] == was and then == trade.status for row, then in TRANSITIONS.items())

    def _i24_each_submit_carries_its_approval(self, sent: e.OrderSubmitRequested, halted: bool) -> None:
        assert sent.client_ref not in self.approved, "I6: a reference was used twice"
        self.approved.add(sent.client_ref)
        parent = self.shadow.parents[sent.parent_id]
        held = [self.shadow.trades[trade_id].position.qty * sent.side.sign for trade_id in parent.shares]
        if sent.approval.reducing:
            assert all(qty < 0 for qty in held)
            assert sent.qty <= -sum(held)
        else:
            assert not halted, "I23: an entry went out while trading was halted"
            assert all(qty >= 0 for qty in held)
            assert sent.approval.qty_max == LIMITS.qty_max
            assert sent.approval.premium <= LIMITS.premium_trade_max * len(held)
            assert sent.approval.premium_day_max == LIMITS.premium_day_max

    def _i16_a_rule_fires_once(self, found: e.ExitTriggered) -> None:
        assert (found.position_id, found.exit_id) not in self.triggered
        self.triggered.add((found.position_id, found.exit_id))

    def _held_again(self, trade_id: str) -> None:
        """Who wishes to hold on after an exit has fired gets a guarded position; rungs stay taken."""
        self.triggered = {
            fired
            for fired in self.triggered
            if "-target-" in fired[1] or not fired[1].startswith(f"{trade_id}-")
        }

    def _i17_no_trigger_on_an_unhealthy_mark(self, found: e.ExitTriggered) -> None:
        if found.kind not in PRICED:
            return
        quote = self.marks[self.shadow.trades[found.trade_id].instrument]
        assert quote.bid is not None
        assert quote.ask is not None
        assert 0 <= quote.bid <= quote.ask
        assert self.desk.at - quote.ts <= LIMITS.quotes.stale_after_s * SECOND
        assert found.mark is not None
        assert found.level is not None
        assert isfinite(found.mark)
        assert abs(found.mark - (quote.bid + quote.ask) / 2) < 1e-4
        long = self.shadow.trades[found.trade_id].position.qty > 0
        below = found.mark <= found.level + 1e-9
        above = found.mark >= found.level - 1e-9
        assert below if (found.kind is ExitKind.TARGET) != long else above

    # --- laws that speak of the whole ----------------------------------------------------------------------

    @invariant()
    def i4_replay(self) -> None:
        """The book folded event by event beside the desk is the desk's book."""
        assert self.shadow == self.desk.book

    @invariant()
    def i8_children_stay_within_their_parent(self) -> None:
        """What filled and what may still fill never exceeds what was committed to."""
        book = self.desk.book
        for parent in (*book.parents.values(), *book.finished_parents.values()):
            if self.raced.isdisjoint(parent.shares):
                orders = [
                    order for order in book.order_of_ref.values() if order.parent_id == parent.parent_id
                ]
                assert sum(order.filled + order.pending for order in orders) <= parent.qty
                assert sum(order.filled for order in orders) == parent.filled

    @invariant()
    def i11_position_is_the_sum_of_fills(self) -> None:
        """Per instrument, all positions together are what the delivered executions add up to."""
        book = self.desk.book
        held: dict[str, int] = {}
        for trade in (*book.trades.values(), *book.closed_trades.values()):
            held[trade.instrument] = held.get(trade.instrument, 0) + trade.position.qty
        for key in (KEY, PUT_KEY):
            assert held.get(key, 0) == self.account.positions.get(key, 0)
        assert book.totals.contracts == self.account.contracts

    @invariant()
    def i13_more_than_ordered_halts(self) -> None:
        """An order that filled more than it asked for stopped trading, until a person resumed."""
        over = [order for order in self.desk.book.order_of_ref.values() if order.filled > order.qty]
        halts = of(e.TradingHalted, self.desk.events)
        assert all(any(order.order_id in halt.reason for halt in halts) for order in over)

    @invariant()
    def i15_money_is_exact(self) -> None:
        """Cash and fees are the naive sums; a flat position's profit is its cash."""
        totals, book = self.desk.book.totals, self.desk.book
        assert (totals.cash, totals.fees) == (self.account.cash, self.account.fees)
        for trade in (*book.trades.values(), *book.closed_trades.values()):
            position = trade.position
            if position.qty == 0:
                assert (position.realized - position.fees, position.cost) == (position.cash, ZERO)

    @invariant()
    def i16_closing_stays_within_the_position(self) -> None:
        """What is on its way out never exceeds what is held."""
        book = self.desk.book
        for trade in book.open_trades():
            qty, in_flight = trade.position.qty, book.in_flight(trade)
            if trade.trade_id not in self.raced and qty * in_flight < 0:
                assert abs(in_flight) <= abs(qty)

    @invariant()
    def i16_what_is_held_is_guarded(self) -> None:
        """A position that is meant to be held has the exits of its plan, for all that is held."""
        for trade in self.desk.book.open_trades():
            if trade.position.qty and trade.target and trade.exits.stop is not None:
                names = [armed for armed in trade.armed if armed.exit_id.endswith("-stop")]
                fired = any(name.endswith("-stop") for name in trade.fired)
                assert fired or [armed.qty for armed in names] == [abs(trade.position.qty)]

    def teardown(self) -> None:
        """I4: the events folded in two pieces, cut anywhere, give the same book."""
        if self.deciding:
            return  # a decision failed: that is what is to be shown
        events = self.desk.events
        cut = len(events) // 2
        book = Book()
        for piece in (events[:cut], events[cut:]):
            book = deepcopy(book)
            for found in piece:
                apply(book, found)
        assert book == self.desk.book
