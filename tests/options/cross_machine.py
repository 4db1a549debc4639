"""Many strategies with opposite wishes for one contract, while the broker fills in part, doubts, changes its word."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from options import commands as c
from options import events as e
from options import inputs as i
from options.correction_events import FillCorrected
from options.intent import Decision, Intent, Outcome, TradeProposal
from options.order import OrderState
from options.plan import AT_MARKET, Algo, EntryPlan, ExitOrder, ExitPlan, TargetPlan
from options.risk_limits import RiskLimits
from options.stuck_exits import EXIT_REJECTIONS_MAX
from options.terms import Effect
from options.trade import Trade
from options.values import MINUTE, ZERO, to_iso
from tests.options.desk import KEY, instrument, leave
from tests.options.heard_broker import picks
from tests.options.trading_laws import LIMITS
from tests.options.trading_machine import TradingMachine

Wish = tuple[str, int, int, EntryPlan, ExitPlan, int, int]

STRATEGIES = ("one", "two", "three", "four", "five", "six", "seven", "eight")
entries = st.sampled_from(
    [
        EntryPlan(),
        EntryPlan(),
        EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("9.50")),
        EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("10.50")),
        EntryPlan(algo=Algo.WALK, every_s=1.0, steps=3),
        EntryPlan(algo=Algo.TWAP, every_s=2.0, steps=3),
    ]
)
ways_out = st.sampled_from([AT_MARKET, AT_MARKET, ExitOrder(algo=Algo.LIMIT, limit_price=Decimal("10.20"))])
exits = st.sampled_from(
    [
        ExitPlan(),
        ExitPlan(stop=Decimal("0.1")),
        ExitPlan(targets=(TargetPlan(gain=Decimal("0.1"), share=Decimal("0.5")),)),
        ExitPlan(stop=Decimal("0.1"), targets=(TargetPlan(gain=Decimal("0.1"), share=Decimal(1)),)),
    ]
)
wishes: st.SearchStrategy[Wish] = st.tuples(
    st.sampled_from(STRATEGIES[:5]),
    st.integers(1, 5),
    st.sampled_from([1, -1]),
    entries,
    exits,
    picks,
    st.integers(0, 3),
)


class CrossMachine(TradingMachine):
    """Wishes that meet at one moment, and the laws of what crosses inside the house; a day is soon over for entries."""

    limits: ClassVar[RiskLimits] = msgspec.structs.replace(LIMITS, loss_day_max=Decimal(100))

    def __init__(self) -> None:
        super().__init__()
        self.own: Counter[str] = Counter()
        self.failed = False

    @property
    def trades(self) -> list[Trade]:
        """Everything that is not over."""
        return self.desk.book.open_trades()

    # --- wishes ---------------------------------------------------------------------------------------------

    def answer(
        self, outcome: Outcome, strategy: str, intents: tuple[Intent, ...], wish: TradeProposal | None
    ) -> None:
        """A strategy answers a signal."""
        self.desk.signals += 1
        decision = Decision(strategy=strategy, outcome=outcome, reason="idea", proposal=wish, intents=intents)
        self.decide(i.SignalAnswered(f"s{self.desk.signals}", decision))

    def wish(self, wish: Wish) -> None:
        """A new trade, or less of one that is held."""
        strategy, qty, direction, entry, plan, pick, keep = wish
        if keep == 3 or len(self.trades) < 3:
            if len(self.trades) < len(STRATEGIES):
                proposal = TradeProposal(
                    instrument=instrument(KEY),
                    direction=direction,
                    qty=qty,
                    entry=entry,
                    exits=plan,
                    reason="idea",
                )
                self.answer(Outcome.OPENED, self.idle(strategy), (), proposal)
            return
        trade = self.trades[pick % len(self.trades)]
        target = min(keep, abs(trade.position.qty)) * trade.direction
        self.answer(Outcome.CLOSING, trade.strategy, (leave(trade.trade_id, target),), None)

    def idle(self, strategy: str) -> str:
        """That strategy or the next one that has no trade: each has one on a symbol."""
        busy = {trade.strategy for trade in self.trades}
        first = STRATEGIES.index(strategy)
        return next(one for one in STRATEGIES[first:] + STRATEGIES[:first] if one not in busy)

    @initialize(some=st.lists(wishes, min_size=2, max_size=5), price=st.integers(900, 1100))
    def begin(self, some: list[Wish], price: int) -> None:
        """A day begins with positions on both sides."""
        for wish in some:
            self.wish(wish)
        self.trade_and_deliver_all(price)

    @rule(some=st.lists(wishes, min_size=2, max_size=5))
    def wish_at_one_moment(self, some: list[Wish]) -> None:
        """While the broker is not heard, several wish; all of it is netted together when it is."""
        if not self.awaiting:
            self.awaiting = True
            self.hear((i.BrokerLostReport(reason="gone"),))
        for wish in some:
            self.wish(wish)
        self.look(complete=True)
        self.wait(1, alive=True)

    @rule(wish=wishes)
    def wish_alone(self, wish: Wish) -> None:
        """One wish after the other."""
        self.wish(wish)

    @precondition(lambda self: self.trades)
    @rule(pick=picks, order=ways_out)
    def close(self, pick: int, order: ExitOrder) -> None:
        """A person closes a trade, at the market or at a limit."""
        trade_id = self.trades[pick % len(self.trades)].trade_id
        self.say(c.CloseTrade(command_id=self.name(), who="ann", trade_id=trade_id, order=order))

    @precondition(lambda self: self.desk.book.halt_reason)
    @rule()
    def resume(self) -> None:
        """Trading goes on."""
        self.say(c.Resume(command_id=self.name(), who="ann", answers=self.desk.book.halt_reason))

    def say(self, command: c.Command) -> None:
        """A person gives a command."""
        self.decide(i.CommandGiven(command))

    def name(self) -> str:
        """A command id that has not been used."""
        self.steps["commands"] += 1
        return f"c{self.steps['commands']}"

    # --- laws -----------------------------------------------------------------------------------------------

    def decide(self, given: i.Input) -> list[e.TradeEvent]:
        """One input; what crosses in it is held against its laws. That a copy decides alike is proven elsewhere."""
        cause = f"input {len(self.desk.events)}"
        self.note_input(given)
        self.deciding = self.failed = True
        found = self.desk.manager.decide(self.desk.at, cause, given)
        self.desk.events += found
        self.what_crosses_is_lawful(found)
        self.deciding = False
        self.watch(found)
        self.broker.hear(found)
        self.failed = False
        return found

    def what_crosses_is_lawful(self, found: Sequence[e.TradeEvent]) -> None:
        """It adds up to nothing, at a healthy mid, through nobody's limit, and beside no doubt (I8, I10, I11, I17)."""
        fills = [one for one in found if isinstance(one, e.OrderFilled) and one.exec_id.startswith("cross-")]
        assert sum(one.qty * one.side.sign for one in fills) == 0, "I11: a cross has moved the house"
        shares = {
            (one.parent_id, share.trade_id): share.qty
            for one in found
            if isinstance(one, e.ParentOrderOpened)
            for share in one.shares
        }
        for fill in fills:
            bid, ask = self.sides(fill.instrument)
            assert abs(float(fill.price) - (bid + ask) / 2) < 1e-4, "crossed at another price than the mid"
            assert (fill.fee, fill.qty) == (ZERO, shares[fill.parent_id, fill.trade_id])
            self._no_limit_is_crossed_through(fill)
            self._i10_no_cross_beside_a_doubt(fill, found)
        if fills:
            self.count(f"cross of {min(4, len(fills))}")

    def _no_limit_is_crossed_through(self, fill: e.OrderFilled) -> None:
        trade = self.desk.book.trade(fill.trade_id)
        assert trade is not None
        if trade.trade_id in self.raced:
            return
        entry, leaving = trade.entry, trade.exit_order
        limit = entry.limit_price if fill.side is trade.entry_side and entry.algo is Algo.LIMIT else None
        if fill.side is not trade.entry_side and leaving.algo is Algo.LIMIT:
            limit = leaving.limit_price
        if limit is not None:
            assert (limit - fill.price) * fill.side.sign >= 0, "a limit was crossed through"

    def _i10_no_cross_beside_a_doubt(self, fill: e.OrderFilled, found: Sequence[e.TradeEvent]) -> None:
        before = self.shadow.trades.get(fill.trade_id)
        settled = {getattr(one, "order_id", "") for one in found}
        for parent in [] if before is None else self.shadow.working_parents(before):
            if parent.side is not fill.side and fill.effect in (Effect.TRIM, Effect.CLOSE):
                continue  # an entry in doubt is nothing like an exit: what is held leaves beside it
            live = [self.shadow.orders[one] for one in parent.order_ids if one in self.shadow.orders]
            assert all(one.state is not OrderState.UNKNOWN or one.order_id in settled for one in live), "I10"

    def watch(self, events: list[e.TradeEvent]) -> None:
        """Each trade's own fills, beside its position."""
        for one in events:
            if isinstance(one, e.OrderFilled):
                self.own[one.trade_id] += one.qty * one.side.sign
            elif isinstance(one, FillCorrected):
                self.own[one.trade_id] += (one.qty - one.was_qty) * one.side.sign
        super().watch(events)

    @invariant()
    def i11_each_trade_holds_its_own_fills(self) -> None:
        """Per trade: what its executions, crosses and corrections add up to."""
        book = self.desk.book
        for trade in (*book.trades.values(), *book.closed_trades.values()):
            assert trade.position.qty == self.own[trade.trade_id], f"I11: {trade.trade_id}"

    @invariant()
    def no_wish_is_overshot(self) -> None:
        """Held and on its way lies between what is held and what is wanted, but for what races and corrections did."""
        book = self.desk.book
        for trade in [] if self.only_reports else book.open_trades():
            if trade.trade_id in self.raced or not trade.target_kind or self.awaiting:
                continue
            parents = book.working_parents(trade)
            live = [book.orders[one] for parent in parents for one in parent.order_ids if one in book.orders]
            if any(order.cancel_requested or order.state is OrderState.UNKNOWN for order in live):
                continue
            will = trade.position.qty + book.in_flight(trade)
            low, high = sorted((trade.position.qty, trade.target))
            assert low <= will <= high, f"overshot: {trade.trade_id} wants {trade.target}, gets {will}"

    # --- the end --------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """In the end doubts are settled and all is let go: every trade is over, the broker holds nothing of ours."""
        super().teardown()
        if self.failed:
            return  # that is what is to be shown
        for _ in range(40):
            self.settle_down()
            if not self.stuck():
                break
        book = self.desk.book
        assert self.stuck() == [], "liveness: not over"
        if not book.trades:
            left = Counter(self.broker.strangers)
            left.update(self.misread())
            assert self.broker.positions == {key: qty for key, qty in left.items() if qty}
            assert book.risk.held == {}
            assert book.totals.realized - book.totals.fees == book.totals.cash

    def stuck(self) -> list[str]:
        """Trades that are not over, but for those whose exits the broker has refused too often: a person must look."""
        return [one.trade_id for one in self.trades if one.rejections < EXIT_REJECTIONS_MAX]

    def settle_down(self) -> None:
        """A good minute: the broker is heard, does as it is asked and fills; the market is quoted; all is left."""
        book = self.desk.book
        self.desk.at = max(self.desk.at, book.day.opens_at + MINUTE)
        if to_iso(self.desk.at + MINUTE) >= book.day.close:
            self.the_day_ends(0)
        self.mark(KEY, 1000, 5)
        self.deliver(len(self.broker.mail))
        self.look(complete=True)
        self.settle_all_that_asks()
        self.all_turns_up()
        if book.halt_reason:
            self.resume()
        for trade in self.trades:
            if trade.target or not trade.target_kind:
                self.say(c.CancelTrade(command_id=self.name(), who="ann", trade_id=trade.trade_id))
        for order in self.broker.live:
            if order.cancel_asked:
                self.broker.end(order, rejected=False)
            else:
                self.broker.trade(order, order.left, Decimal(10), ZERO)
        self.deliver(len(self.broker.mail))
        self.wait(31, alive=True)
