"""The laws that hold between any two inputs, whatever has happened before."""

from copy import deepcopy
from decimal import Decimal

from hypothesis.stateful import invariant

from options import events as e
from options.book import Book
from options.fold import apply
from options.lifecycle import HELD_FILLED, HELD_PENDING
from options.netting import Need, live_orders, requirement
from options.order import Order, OrderState
from options.plan import Algo
from options.resting import could_trade, leaving_qty, resting_qty
from options.stuck_exits import EXIT_REJECTIONS_MAX
from options.terms import ExitKind
from options.values import ZERO, to_iso
from tests.options.desk import of
from tests.options.trading_laws import TradingLaws


def _premium_left(order: Order) -> Decimal:
    """Dollars of premium of what an order may still fill, to the cent once a part has."""
    left = min(order.qty, max(0, order.qty - order.filled))
    return order.premium if left == order.qty else round(order.premium * left / order.qty, 2)


class StandingLaws(TradingLaws):
    """Each law carries its number."""

    @invariant()
    def i4_replay(self) -> None:
        """The book folded event by event beside the desk is the desk's book."""
        self.holds("I4")
        assert self.shadow == self.desk.book

    @invariant()
    def i7_no_orphan(self) -> None:
        """Everything that the broker has was written down before."""
        self.holds("I7")
        assert set(self.broker.orders) == self.approved

    @invariant()
    def i8_children_stay_within_their_parent(self) -> None:
        """What filled and what may still fill, in doubt or not, never exceeds what was committed to."""
        self.holds("I8")
        book = self.desk.book
        for parent in (*book.parents.values(), *book.finished_parents.values()):
            if self.raced.isdisjoint(parent.shares) and parent.schedule.algo is not Algo.CROSS:
                orders = [
                    order for order in book.order_of_ref.values() if order.parent_id == parent.parent_id
                ]
                pending = [order.pending for order in orders]
                # Of a bracket's orders, which share a group at the broker, no more than one can still trade in full.
                rests = parent.schedule.algo is Algo.REST
                assert parent.filled + (could_trade(book, parent) if rests else sum(pending)) <= parent.qty
                assert sum(order.filled for order in orders) == parent.filled

    @invariant()
    def i8_who_needs_something_is_looked_at(self) -> None:
        """Netting looks at what is in its queue alone: no trade needs anything that is not in it, or asked for."""
        self.holds("I8")
        book, manager = self.desk.book, self.desk.manager
        queued = {one for ids in (*manager._to_net.values(), *manager._at_open.values()) for one in ids}
        for trade in book.open_trades():
            if trade.trade_id in queued or trade.rejections >= EXIT_REJECTIONS_MAX:
                continue  # who is stuck waits for a person
            need = requirement(book, trade).need
            assert need is not Need.SEND, f"{trade.trade_id} was left behind"
            if need is not Need.NOTHING:
                # A doubt has come since it was asked back, or since all that is held is leaving.
                held, leaving = abs(trade.position.qty), leaving_qty(book, trade) + resting_qty(book, trade)
                asked_back = all(order.cancel_requested for order in live_orders(book, trade))
                assert asked_back or 0 < held <= leaving, f"{trade.trade_id} waits, and nobody looks"

    @invariant()
    def i10_doubt_is_exposure(self) -> None:
        """What works or is in doubt counts as if it will fill: as a trade's in flight, and in the day's premium."""
        self.holds("I10")
        book = self.desk.book
        on_its_way = [_premium_left(order) for order in book.orders.values()]  # since whichever day
        assert book.day.premium_in_flight == sum(on_its_way, ZERO)
        for order in book.orders.values():
            if order.state is OrderState.UNKNOWN:
                parent = book.parents.get(order.parent_id)
                assert (
                    parent is None
                    or parent.schedule.algo is Algo.REST
                    or order.pending <= sum(abs(parent.in_flight(trade_id)) for trade_id in parent.shares)
                    or not self.raced.isdisjoint(parent.shares)
                )

    @invariant()
    def i11_position_is_the_sum_of_fills(self) -> None:
        """Per instrument, all positions together are what the delivered executions add up to."""
        self.holds("I11")
        book = self.desk.book
        held: dict[str, int] = {}
        for trade in (*book.trades.values(), *book.closed_trades.values()):
            held[trade.instrument] = held.get(trade.instrument, 0) + trade.position.qty
        for key in held.keys() | self.account.positions.keys():
            assert held.get(key, 0) == self.account.positions.get(key, 0)
        assert book.totals.contracts == self.account.contracts

    @invariant()
    def i12_each_execution_counts_once(self) -> None:
        """In whatever order, company and number they came: the executions that count are those that were told."""
        self.holds("I12")
        counted = [one for order in self.desk.book.order_of_ref.values() for one in order.executions]
        assert len(counted) == len(set(counted))
        assert set(counted) == self.account.seen

    @invariant()
    def i24_what_limits_are_held_against_is_what_is_there(self) -> None:
        """The counters that risk reads are what counting every trade and order gives; doubt counts as on its way."""
        self.holds("I24")
        book = self.desk.book
        held: dict[str, int] = {}
        entering: dict[str, int] = {}
        for trade in (*book.trades.values(), *book.closed_trades.values()):
            if trade.position.qty:
                held[trade.instrument] = held.get(trade.instrument, 0) + abs(trade.position.qty)
        for order in book.orders.values():
            if order.opens and order.pending > 0:
                entering[order.instrument] = entering.get(order.instrument, 0) + order.pending
        assert (book.risk.held, book.risk.entering) == (held, entering)
        of_all = book.day.counts.by_strategy.values()
        assert sum(one.made for one in of_all) == book.day.made(book.totals)
        assert sum(one.premium_used for one in of_all) == book.day.premium_used

    @invariant()
    def i24_a_day_that_lost_too_much_lets_nothing_more_in(self) -> None:
        """Whatever booked the loss: each order that opens is asked back by then, but where a doubt blocks its like."""
        book = self.desk.book
        fees, realized = book.day.totals_before.fees, book.day.totals_before.realized
        lost = realized - book.totals.realized + book.totals.fees - fees
        if self.awaiting or self.only_reports or lost < self.limits.loss_day_max:
            return
        self.holds("I24")
        self.count("day lost too much")
        doubted = {
            trade_id
            for order in book.orders.values()
            if order.state is OrderState.UNKNOWN and order.parent_id in book.parents
            for trade_id in book.parents[order.parent_id].shares
        }
        for order in book.orders.values():
            parent = book.parents.get(order.parent_id)
            if parent is not None and order.opens and (self.raced | doubted).isdisjoint(parent.shares):
                assert order.cancel_requested, f"{order.order_id} is on its way in, and too much is lost"

    @invariant()
    def i16_whoever_holds_follows_the_marks(self) -> None:
        """Every position follows the board of its instrument, as held or judged as the book says, and nobody else."""
        self.holds("I16")
        followers = {
            (key, one.trade_id, one.held)
            for key, board in self.desk.manager.exits._marks.boards.items()
            for one in board.everybody()
        }
        holders = [trade for trade in self.desk.book.open_trades() if trade.position.qty]
        assert followers == {(one.instrument, one.trade_id, one.held_reason) for one in holders}

    @invariant()
    def i13_more_than_ordered_halts(self) -> None:
        """An order that filled more than it asked for stopped trading, until a person resumed."""
        self.holds("I13")
        over = [order for order in self.desk.book.order_of_ref.values() if order.filled > order.qty]
        halts = of(e.TradingHalted, self.desk.events)
        assert all(any(order.order_id in halt.reason for halt in halts) for order in over)

    @invariant()
    def i15_money_is_exact(self) -> None:
        """Cash and fees are the naive sums; a flat position's profit is its cash."""
        self.holds("I15")
        totals, book = self.desk.book.totals, self.desk.book
        assert (totals.cash, totals.fees) == (self.account.cash, self.account.fees)
        for trade in (*book.trades.values(), *book.closed_trades.values()):
            position = trade.position
            if position.qty == 0:
                assert (position.realized - position.fees, position.cost) == (position.cash, ZERO)

    @invariant()
    def i16_closing_stays_within_the_position(self) -> None:
        """What is on its way out never exceeds what is held."""
        self.holds("I16")
        book = self.desk.book
        for trade in book.open_trades():
            qty, in_flight = trade.position.qty, book.in_flight(trade)
            if trade.trade_id not in self.raced and qty * in_flight < 0:
                assert abs(in_flight) <= abs(qty)
            if trade.trade_id not in self.raced:
                assert leaving_qty(book, trade) + resting_qty(book, trade) <= abs(qty)

    @invariant()
    def i16_what_is_held_is_guarded(self) -> None:
        """A position that is meant to be held has the exits of its plan, for all that is held."""
        self.holds("I16")
        for trade in self.desk.book.open_trades():
            stopped = trade.exits.stop is not None or trade.exits.stop_level is not None
            if trade.position.qty and trade.target and stopped and trade.status != HELD_FILLED:
                names = [armed for armed in trade.armed if armed.exit_id.endswith("-stop")]
                fired = any(name.endswith("-stop") for name in trade.fired)
                assert fired or [armed.qty for armed in names] == [abs(trade.position.qty)]

    @invariant()
    def i16_what_expires_is_taken_out_before(self) -> None:
        """What is held and expires leaves in time, whatever sleeps; what is inactive is guarded by nothing else."""
        self.holds("I16")
        for trade in self.desk.book.open_trades():
            moment = trade.exits.flat_before_expiry
            if not trade.position.qty or not trade.target or moment is None:
                continue
            assert any(one.kind is ExitKind.FLAT and one.at <= to_iso(moment) for one in trade.armed)
            if trade.status == HELD_FILLED:
                assert [one.qty for one in trade.armed] == [abs(trade.position.qty)]

    @invariant()
    def i16_what_is_out_and_done_is_over(self) -> None:
        """A trade that should hold nothing, holds nothing and has nothing working for it any more is over."""
        self.holds("I16")
        for trade in self.desk.book.open_trades():
            done = trade.target_kind and not trade.target and not trade.position.qty
            if done and trade.position.qty_traded and not trade.parent_ids and not trade.resting_ids:
                assert trade.status == HELD_PENDING, f"{trade.trade_id} was left behind"

    @invariant()
    def nothing_of_a_trade_is_left_behind(self) -> None:
        """What is over is in no index, and the counters are what there is."""
        book = self.desk.book
        indexed = {trade_id for trades in book.by_instrument.values() for trade_id in trades}
        assert indexed == set(book.trades)
        assert indexed == {trade_id for trades in book.by_idea.values() for trade_id in trades}
        assert book.trades_on == sum(bool(trade.entry_sent_ts) for trade in book.trades.values())
        for first, waiting in book.waiting_for.items():
            assert first in book.trades
            assert all(book.trades[one].entry.after == first for one in waiting)
        for parent in book.parents.values():
            served = [book.trade(trade_id) for trade_id in parent.shares]
            assert all(
                trade is None or parent.parent_id in (*trade.parent_ids, *trade.resting_ids)
                for trade in served
            )

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
