"""The options order manager: one input in, the events that follow out.

It is the only place that decides. It reads no clock and sends nothing: time comes with the input, and an order goes
out when the runner finds its :class:`~options.events.OrderSubmitRequested` in a batch that is durable.
"""

from options import events as e
from options import inputs as i
from options.addition_wait import end_words, still_to_add
from options.assignment_desk import book_assignment
from options.batch import Batch
from options.book import Book
from options.broker_reports import book_report, close_trade
from options.calendar import Calendar
from options.command_desk import obey
from options.commands import Resume
from options.corrections import follow_corrections
from options.decided_intent import decide_intent
from options.doubt_desk import DoubtDesk, DoubtLimits
from options.entry_counts import Passed
from options.entry_gate import left_after_cross, may_send, refuse_rest, stop_where_due
from options.entry_rest import see_what_came
from options.entry_time import out_of_time, waits
from options.entry_watch import EntryWatch
from options.execution_desk import ExecutionDesk
from options.exit_engine import ExitEngine
from options.exit_trigger import hurry_bracket, trigger
from options.expiry_desk import settle_expiries
from options.fold import apply
from options.intake import open_session, refuse_signal, take_signal
from options.known_plans import KnownPlans
from options.lifecycle import HELD_FILLED, HELD_PENDING, TradeStatus
from options.net_queue import NetQueue, enqueue, enqueue_all, enqueue_doubted, every_trade, joined, next_in
from options.plan import AT_MARKET, ExitOrder
from options.quote import Quote, QuoteCache
from options.rest_desk import RestDesk, RestLimits
from options.risk_limits import RiskLimits
from options.shared_order import given_up_by_another
from options.signal_answer import answer
from options.stuck_exits import is_stuck, stuck_words
from options.terms import ADDS, ENTRY, ENTRY_ENDED
from options.trade import Trade
from options.values import Micros

ENTRY_ATTEMPTS_LOST_MAX = 3


class OptionsOrderManager:
    """Decides over a book. ``mark_every_s`` is the pace at which marks of positions are written down."""

    def __init__(
        self,
        book: Book,
        quotes: QuoteCache,
        limits: RiskLimits,
        *,
        mark_every_s: float = 60.0,
        doubts: DoubtLimits | None = None,
        rest: RestLimits | None = None,
        calendar: Calendar | None = None,
    ) -> None:
        self.book = book
        self.calendar = calendar
        self.quotes = quotes
        self.limits = limits
        self.known = KnownPlans()
        self.doubts = DoubtDesk(book, doubts)
        self.exits = ExitEngine(book, quotes, limits.quotes, mark_every_s)
        self._entries = EntryWatch(book, quotes, limits.quotes)
        self._desk = ExecutionDesk(book, quotes, limits)
        self._rest = RestDesk(book, self.exits, rest)
        self._to_net: NetQueue = {}
        self._at_open: NetQueue = {}
        self._to_work: dict[str, None] = {}
        self._vouched: tuple[str, int, int] | None = None

    def decide(self, at: Micros, cause: str, given: i.Input) -> list[e.TradeEvent]:
        """The events of one input at ``at``; the book has them when this returns.

        The same book, quotes and input give the same events. An empty list means that nothing followed.
        """
        batch = Batch(self.book, at, cause)
        self._vouched = None
        doubts = self.doubts
        if not isinstance(given, i.BrokerReported):
            doubts.go_on()
        sending = not doubts.awaiting
        doubts.notice(batch)
        match given:
            case i.MarketMoved(changes=changes):
                self._market(batch, changes)
            case i.SignalArrived() if take_signal(batch, given, self.quotes, self.limits):
                return batch.end()  # what strategies make of it is the next input, at the same moment
            case i.SignalAnswered():
                answer(self, batch, given.signal_id, given.decision)
            case i.BrokerReported():
                self.hear(batch, given.reports)
            case i.SignalUnreadable():
                refuse_signal(batch, given)
            case i.SessionBegan():
                open_session(self, batch, given)
            case i.CommandGiven(command=command):
                obey(self, batch, command)
                if isinstance(command, Resume):
                    self._to_work.update(dict.fromkeys(self.book.parents))
            case i.ExpiryReached():
                settle_expiries(self, batch, given)
            case i.ClockTicked():
                self.exits.tick(batch)
        enqueue_doubted(self._to_net, batch)
        if sending and not doubts.awaiting:
            self._send(batch)
        else:
            self._rest.note(batch)
        doubts.watch(batch)
        return batch.end()

    def _send(self, batch: Batch) -> None:
        if self.book.day.is_open(batch.at):
            self._clock(batch)
            self._execute(batch)
        else:
            self._after_hours(batch)

    def note(self, event: e.TradeEvent) -> None:
        """Fold a fact about the process itself, which no input led to."""
        apply(self.book, event)

    def catch_up(self, at: Micros, changes: list[tuple[str, Quote]]) -> None:
        """Take in what the feed said before the last event of the ledger; it has led to all that it could."""
        if not self.quotes.feed_ts:
            self.quotes.follow(self.book.by_instrument)
        self.exits.catch_up(at, self.quotes.update(at, changes))

    def recover(self, at: Micros) -> None:
        """After the fold: arm every exit again and look at every requirement with the next input."""
        self.quotes.follow(self.book.by_instrument)
        self.exits.rearm(at)
        self._entries.rearm()
        self._desk.rearm(at)
        self._rest.recover()
        self._to_net = every_trade(self.book)
        self._to_work = dict.fromkeys(self.book.parents)

    def activate(self, batch: Batch, trade: Trade) -> None:
        """Let a trade go for its entry: at once, or when what it waits for comes true."""
        batch.add(e.TradeActivated(batch.ts, batch.cause, trade_id=trade.trade_id))
        if trade.position.qty:
            self.exits.arm(batch, trade)
        elif not self._entries.blocked(trade) and not self._entries.wait(trade):
            self._enter(batch, trade)

    def vouch(self, trade: Trade) -> None:
        """A trade has just passed the limits: within this decision, and until an order goes out, it need not again."""
        self._vouched = (trade.trade_id, trade.qty * trade.direction, self.book.order_count)

    def _enter(self, batch: Batch, trade: Trade) -> None:
        self._entries.forget(trade)
        self.aim(batch, trade, trade.qty * trade.direction, ENTRY, trade.reason, trade.source, 0.5)

    def drop(self, batch: Batch, trade: Trade, reason: str) -> None:
        """End a trade that holds nothing and has nothing on its way; what rests of one has to be out first."""
        if trade.resting_ids or (trade.trade_status is TradeStatus.FILLED and trade.position.qty_traded):
            self.aim(batch, trade, 0, "cancel", reason, "desk", urgency=1.0)
            return
        waiting = self.book.followers_of(trade)
        batch.add(e.TradeCancelled(batch.ts, batch.cause, trade_id=trade.trade_id, reason=reason))
        self._over(batch, trade, waiting)

    def aim(
        self,
        batch: Batch,
        trade: Trade,
        target: int,
        kind: str,
        reason: str,
        source: str,
        urgency: float,
        order: ExitOrder = AT_MARKET,
    ) -> None:
        """A trade should hold ``target`` from now on; netting sees to the rest. One that is out already is over."""
        target = decide_intent(batch, trade, target, kind, reason, source, urgency, order)
        enqueue(self._to_net, trade)
        if trade.position.qty:
            self.exits.arm(batch, trade)
        elif not target:
            self.settle(batch, trade)

    def take_back(self, batch: Batch, trade: Trade, reason: str) -> None:
        """Ask for everything that works for a trade."""
        self._desk.take_back(batch, trade, reason)
        enqueue_all(self._to_net, self._desk.take_freed())

    def hurry(self, batch: Batch, trade: Trade, reason: str) -> None:
        """Send what is left of a trade's working orders to the market."""
        self._desk.hurry(batch, trade, reason)

    def wait_again(self, batch: Batch, trade: Trade) -> None:
        """Watch for a changed entry condition in place of the old one; what waits for nothing any more goes in."""
        self._entries.forget(trade)
        if not self._entries.blocked(trade) and not self._entries.wait(trade):
            self._enter(batch, trade)

    def forget(self, trade: Trade) -> None:
        """Nothing of a trade is watched any more."""
        self.exits.forget(trade)
        self._entries.forget(trade)
        if trade.instrument not in self.book.by_instrument:
            self.quotes.release(trade.instrument)

    def _market(self, batch: Batch, changes: list[tuple[str, Quote]]) -> None:
        self.exits.silence.notice(batch)
        changes = self.quotes.update(batch.at, changes)
        self.exits.silence.heard(batch, changes)
        if self.doubts.awaiting or not self.book.day.is_open(batch.at):
            self.exits.note_marks(batch, changes)
            return
        for due in self.exits.on_market(batch, changes):
            trigger(self, batch, due)
        self._rest.on_market(changes)
        for trade in self._entries.on_market(batch.at, changes):
            self._enter(batch, trade)

    def _clock(self, batch: Batch) -> None:
        for due in self.exits.timers_due(batch.at):
            trigger(self, batch, due)
        for trade in self._entries.timers_due(batch.at):
            if not out_of_time(self, batch, trade) and self._entries.has_come(trade, batch.at):
                self._enter(batch, trade)
        for parent in self._desk.steps_due(batch.at):
            self._to_work[parent.parent_id] = None

    def _execute(self, batch: Batch) -> None:
        """Meet every requirement that has changed, and work every parent order that is due.

        While trading is halted what takes entries back goes before all that is sent.
        """
        if self._at_open:
            self._to_net, self._at_open = joined(self._at_open, self._to_net), {}
        if self.book.halt_reason and len(self._to_net) > 1:
            self._call_back(batch)
        self._rest.withdraw(batch)
        for late in self._rest.take_late():
            hurry_bracket(self, batch, late)
        noted = len(batch.events)
        self._net(batch)
        while self._to_work:
            parent = self.book.parents.get(self._to_work.popitem()[0])
            if parent is not None:
                self._desk.work(batch, parent)
        if self._desk.refused:
            for parent, reasons in self._desk.take_refused():
                refuse_rest(self, batch, parent, reasons)
            self._net(batch)
        self._rest.withdraw(batch, noted)
        self._rest.lay(batch)

    def _net(self, batch: Batch) -> None:
        """Meet what the trades in the queue need; those that wait for an order in doubt or a quote stay in it."""
        waiting: NetQueue = {}
        while self._to_net:
            key, trades = next_in(self._to_net, self.book)
            wanted, in_doubt, out = self._desk.wanted(batch, trades)
            for trade in out:
                self.settle(batch, trade)
            enqueue_all(waiting, in_doubt)
            passed = Passed() if len(wanted) > 1 else None
            allowed = [(trade, qty) for trade, qty in wanted if self._may_send(batch, trade, qty, passed)]
            asleep = [trade for trade, _ in allowed if trade.status == HELD_FILLED]
            crossed, rest = self._desk.cross(batch, key, allowed)
            self._desk.meet(batch, key, left_after_cross(self, batch, rest) if crossed else rest)
            for trade in crossed:
                self.settle(batch, trade)
            for trade, _ in wanted:
                self._entries.limit_time(trade, batch)
                if trade.put_off:  # asked again with the next input
                    enqueue(waiting, trade)
            for trade in [one for one in asleep if one.position.qty]:  # what was held inactive is no more
                self.exits.arm(batch, trade)
        self._to_net = waiting

    def _may_send(self, batch: Batch, trade: Trade, qty: int, passed: Passed | None) -> bool:
        vouched = passed is None and self._vouched == (trade.trade_id, qty, self.book.order_count)
        return vouched or may_send(self, batch, trade, qty, passed)

    def _after_hours(self, batch: Batch) -> None:
        """Nothing is sent, and what is not wanted any more is asked back: an entry may rest there over night.

        A day order of which nothing is in the market ends with its day.
        """
        self._rest.withdraw_unwanted(batch)
        if self.book.day.close and batch.at >= self.book.day.closes_at:
            self.end_day(batch)
        if self._to_net:
            waiting = self._call_back(batch)
            self._at_open = joined(self._at_open, self._to_net)
            self._to_net = waiting

    def end_day(self, batch: Batch, over: str = "") -> None:
        """End the day's orders of which nothing is in the market; the others too where the day was ``over`` before."""
        for trade in self._desk.end_day(batch, over):
            self.settle(batch, trade)

    def _call_back(self, batch: Batch) -> NetQueue:
        """Ask back what works against what is wanted; the trades that wait for an order in doubt."""
        waiting: NetQueue = {}
        for trade_ids in list(self._to_net.values()):
            out, in_doubt = self._desk.call_back(batch, self.book.oldest_first(trade_ids))
            for trade in out:
                self.settle(batch, trade)
            enqueue_all(waiting, in_doubt)
        enqueue_all(self._to_net, self._desk.take_freed())
        return waiting

    def hear(self, batch: Batch, reports: tuple[i.BrokerReport, ...]) -> None:
        """Take in what the broker says, or what a person says in its place."""
        halted_before = bool(self.book.halt_reason)
        for report in reports:
            match report:
                case i.BrokerSnapshot():
                    self._compare(batch, report)
                case i.BrokerLostReport(reason=reason):
                    self.doubts.lost(batch, reason)
                case i.OrderInDoubtReport(client_ref=ref, reason=reason):
                    self.doubts.ambiguous(batch, ref, reason)
                case i.AssignmentReport():
                    book_assignment(self, batch, report)
                case _:
                    for trade in book_report(batch, report):
                        self.settle(batch, trade)
                        self._to_work.update(dict.fromkeys(trade.parent_ids))  # a part may have waited
                    order = self.book.order_of_ref.get(report.client_ref)
                    if order is not None and order.parent_id in self.book.parents:
                        self._to_work[order.parent_id] = None
        follow_corrections(self, batch)
        stop_where_due(self, batch, halted_before=halted_before)

    def _compare(self, batch: Batch, snapshot: i.BrokerSnapshot) -> None:
        """Bring all in line with a look at the broker; what never arrived is netted again, as a new order."""
        found = self.doubts.compare(batch, snapshot)
        for trade in found.settled.values():
            self.settle(batch, trade)
        for trade in found.unsent.values():
            if trade.rejections < ENTRY_ATTEMPTS_LOST_MAX:
                enqueue(self._to_net, trade)
            if trade.rejections >= ENTRY_ATTEMPTS_LOST_MAX or trade.target == trade.position.qty:
                self.settle(batch, trade)
        self._to_work.update(dict.fromkeys(self.book.parents))

    def settle(self, batch: Batch, trade: Trade) -> None:
        """Bring a trade in line after its fills or the end of one of its orders."""
        if trade.trade_id not in self.book.trades:
            return
        held = trade.position.qty
        enqueue(self._to_net, trade)
        ended = not trade.parent_ids and trade.target_kind in ADDS and abs(held) < abs(trade.target)
        if ended and not (given_up_by_another(self.book, trade) or still_to_add(self.book, trade)):
            self._entry_ended(batch, trade)
        elif held:
            see_what_came(self, batch, trade)
            self.exits.arm(batch, trade)
            if is_stuck(trade) and not self.book.halt_reason:
                reason = f"{trade.trade_id} cannot get out: {stuck_words(trade)}"
                batch.add(e.TradingHalted(batch.ts, batch.cause, reason=reason, source="engine"))
        elif trade.parent_ids or trade.resting_ids or (trade.target and trade.status != HELD_FILLED):
            self.exits.pause(trade)  # what still works or rests decides; its end leads here again
        elif trade.status != HELD_PENDING or trade.target_kind != "held":
            self.conclude(batch, trade)

    def _entry_ended(self, batch: Batch, trade: Trade) -> None:
        """The entry's order is over with a rest: keep what filled, or let the trade go."""
        if trade.position.qty or trade.resting_ids:
            words = end_words(trade)
            self.aim(batch, trade, trade.position.qty, ENTRY_ENDED, words, "broker", urgency=0.0)
        elif trade.rejections and trade.trade_status is TradeStatus.PENDING:
            self.reject(batch, trade, ("the broker rejected the entry order",))
        else:
            self.drop(batch, trade, "the entry order ended unfilled")

    def reject(self, batch: Batch, trade: Trade, reasons: tuple[str, ...]) -> None:
        """A trade of which nothing has filled and nothing is on its way may not enter, or was not let in."""
        waiting = self.book.followers_of(trade)
        batch.add(e.TradeRejected(batch.ts, batch.cause, trade_id=trade.trade_id, reasons=reasons))
        self._over(batch, trade, waiting)

    def conclude(self, batch: Batch, trade: Trade) -> None:
        """Nothing is held and nothing is on its way: the trade is over, and who waited for that may go on."""
        waiting = self.book.followers_of(trade)
        if trade.position.qty_traded:
            close_trade(batch, trade)
            self._over(batch, trade, waiting)
        else:
            self.drop(batch, trade, trade.target_reason)

    def _over(self, batch: Batch, trade: Trade, waiting: list[Trade]) -> None:
        """A trade is over, whichever way: nothing of it is watched, and who waited for that may go on."""
        self.forget(trade)
        for successor in waiting:
            if waits(successor) and not self._entries.wait(successor):
                self._enter(batch, successor)
