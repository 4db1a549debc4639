"""Random days at a desk whose broker is slow, repeats itself, mixes things up and forgets."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from options import events as e
from options import inputs as i
from options.intent import Decision, Outcome, TradeProposal
from options.order import LIVE_STATES
from options.plan import EntryPlan, ExitPlan, TargetPlan
from options.quote import Quote
from options.terms import ExitKind
from options.trade import Trade
from options.values import SECOND, ZERO, Side, to_iso
from tests.options.desk import CLOSE, KEY, PUT_KEY, instrument, leave, limit, of
from tests.options.scripted_broker import OrderReport, SentOrder
from tests.options.trading_laws import PRICED, TradingLaws

picks = st.integers(0, 7)
keys = st.sampled_from([KEY, KEY, PUT_KEY])
cents = st.integers(500, 1500)
plans = st.builds(
    ExitPlan,
    targets=st.sampled_from(
        [
            (),
            (TargetPlan(gain=Decimal("0.1"), share=Decimal("0.5")),),
            (
                TargetPlan(gain=Decimal("0.1"), share=Decimal("0.3")),
                TargetPlan(gain=Decimal("0.2"), share=Decimal("0.7")),
            ),
        ]
    ),
    stop=st.sampled_from([None, Decimal("0.1"), Decimal("0.3")]),
    trail=st.sampled_from([None, Decimal("0.1"), Decimal("0.2")]),
    hold_max_s=st.sampled_from([None, None, 300.0]),
)
entries = st.sampled_from([EntryPlan(), EntryPlan(give_up_after_s=30.0), limit("10.20")])


class TradingMachine(TradingLaws):
    """What may happen at the desk; the laws are checked at each step."""

    # --- wishes --------------------------------------------------------------------------------------------

    @property
    def trades(self) -> list[Trade]:
        return self.desk.book.open_trades()

    @precondition(lambda self: len(self.trades) < 4)
    @rule(
        qty=st.integers(1, 6),
        key=keys,
        entry=entries,
        exits=plans,
        short=st.sampled_from([False] * 4 + [True]),
    )
    def enter(self, qty: int, key: str, entry: EntryPlan, exits: ExitPlan, short: bool) -> None:
        """A strategy wants a new trade."""
        self.propose(qty, key, -1 if short else 1, entry, exits)

    def propose(
        self,
        qty: int,
        key: str,
        direction: int,
        entry: EntryPlan,
        exits: ExitPlan,
        leaving: Trade | None = None,
    ) -> None:
        intents = () if leaving is None else (leave(leaving.trade_id, 0, ExitKind.REVERSAL),)
        proposal = TradeProposal(
            instrument=instrument(key), direction=direction, qty=qty, entry=entry, exits=exits, reason="idea"
        )
        self.desk.signals += 1
        decision = Decision(
            strategy="desk", outcome=Outcome.OPENED, reason="idea", proposal=proposal, intents=intents
        )
        self.decide(i.SignalAnswered(f"s{self.desk.signals}", decision))

    @precondition(lambda self: self.trades)
    @rule(pick=picks, keep=st.integers(0, 2))
    def leave(self, pick: int, keep: int) -> None:
        """A trade should hold less, or nothing."""
        trade = self.trades[pick % len(self.trades)]
        target = min(keep, abs(trade.position.qty)) * trade.direction
        intents = (leave(trade.trade_id, target),)
        self.desk.signals += 1
        decision = Decision(strategy="desk", outcome=Outcome.CLOSING, reason="out", intents=intents)
        self.decide(i.SignalAnswered(f"s{self.desk.signals}", decision))

    @precondition(lambda self: self.trades)
    @rule(pick=picks, qty=st.integers(1, 4), exits=plans)
    def reverse(self, pick: int, qty: int, exits: ExitPlan) -> None:
        """An opposite signal: out of one trade, and then into another."""
        trade = self.trades[pick % len(self.trades)]
        if not (trade.position.qty or trade.parent_ids):
            return
        self.count("reversal")
        key = PUT_KEY if trade.instrument == KEY else KEY
        self.propose(qty, key, 1, EntryPlan(after=trade.trade_id), exits, trade)

    # --- the market and the clock --------------------------------------------------------------------------

    def quote(self, key: str, quote: Quote) -> None:
        self.marks[key] = quote
        self.decide(i.MarketMoved([(key, quote)]))

    @rule(key=keys, mid=cents, half=st.integers(0, 20))
    def mark(self, key: str, mid: int, half: int) -> None:
        """A healthy quote."""
        self.desk.at += SECOND
        self.quote(key, Quote(ts=self.desk.at, bid=(mid - half) / 100, ask=(mid + half) / 100))

    @rule(key=keys, mid=cents, how=st.sampled_from(["crossed", "no bid", "no ask", "wide", "old", "empty"]))
    def unhealthy_mark(self, key: str, mid: int, how: str) -> None:
        """A quote that nothing may be decided on."""
        self.desk.at += SECOND
        at, price = self.desk.at, mid / 100
        quote = {
            "crossed": Quote(ts=at, bid=price + 0.1, ask=price),
            "no bid": Quote(ts=at, ask=price, last=price),
            "no ask": Quote(ts=at, bid=price, last=price),
            "wide": Quote(ts=at, bid=0.01, ask=2 * price),
            "old": Quote(ts=at - 601 * SECOND, bid=price, ask=price),
            "empty": Quote(ts=at),
        }[how]
        self.count("unhealthy mark")
        before = len(of(e.ExitTriggered, self.desk.events))
        self.quote(key, quote)
        new = of(e.ExitTriggered, self.desk.events)[before:]
        assert all(found.kind not in PRICED for found in new)

    @rule(seconds=st.sampled_from([1, 20, 70, 400]), alive=st.booleans())
    def wait(self, seconds: int, alive: bool) -> None:
        """Time passes, with or without a word from the feed."""
        if self.desk.at + seconds * SECOND >= CLOSE:
            return
        self.desk.at += seconds * SECOND
        if alive:
            self.desk.quotes.update(self.desk.at, [])
        elif seconds > 60:
            self.count("silence")
        self.decide(i.ClockTicked())

    # --- the broker ----------------------------------------------------------------------------------------

    def sent(self, pick: int) -> SentOrder:
        live = self.broker.live
        return live[pick % len(live)]

    @precondition(lambda self: self.broker.live)
    @rule(pick=picks)
    def accept(self, pick: int) -> None:
        """The broker has an order."""
        self.broker.accept(self.sent(pick))

    @precondition(lambda self: self.broker.live)
    @rule(pick=picks, qty=st.integers(1, 6), price=cents, fee=st.sampled_from([0, 65, 100]))
    def trade(self, pick: int, qty: int, price: int, fee: int) -> None:
        """The broker trades for an order, in part or whole."""
        order = self.sent(pick)
        qty = min(qty, order.left)
        if qty < order.left:
            self.count("partial")
        self.broker.trade(order, qty, Decimal(price) / 100, Decimal(fee) / 100)

    @precondition(lambda self: self.broker.live)
    @rule(price=cents)
    def trade_and_deliver_all(self, price: int) -> None:
        """A good minute: everything fills and is heard of in order."""
        for order in self.broker.live:
            self.broker.trade(order, order.left, Decimal(price) / 100, ZERO)
        self.deliver(len(self.broker.mail))

    @precondition(lambda self: self.broker.live)
    @rule(pick=picks, rejected=st.booleans())
    def end(self, pick: int, rejected: bool) -> None:
        """The broker refuses an order, or takes the rest of it out of the market."""
        order = self.sent(pick)
        rejected = rejected and not order.traded
        self.count("rejected" if rejected else "cancelled")
        self.broker.end(order, rejected=rejected)

    @precondition(lambda self: self.broker.live)
    @rule(pick=picks, more=st.integers(1, 3), really=st.integers(0, 5))
    def overfill(self, pick: int, more: int, really: int) -> None:
        """The broker trades more than it was asked to (seldom)."""
        order = self.sent(pick)
        if really == 0:
            self.count("overfill")
            self.broker.trade(order, order.left + more, Decimal(10), ZERO)

    @rule(count=st.integers(1, 4))
    def deliver(self, count: int) -> None:
        """The oldest reports arrive together."""
        if count > 1 and len(self.broker.mail) > 1:
            self.count("batched")
        reports, self.broker.mail = self.broker.mail[:count], self.broker.mail[count:]
        if reports:
            self.hear(reports)

    @precondition(lambda self: len(self.broker.mail) > 1)
    @rule(order=st.permutations(range(4)))
    def deliver_in_another_order(self, order: list[int]) -> None:
        """Reports arrive in any order."""
        batch = [self.broker.mail[at] for at in order if at < len(self.broker.mail)]
        self.count("reordered")
        self.broker.mail = self.broker.mail[4:]
        for report in batch:
            self.hear([report])

    @precondition(lambda self: len(self.broker.mail) > 1)
    @rule()
    def deliver_the_newest(self) -> None:
        """The last word arrives first: an end before the fills that came before it."""
        self.count("reordered")
        self.hear([self.broker.mail.pop()])

    @precondition(lambda self: self.broker.live)
    @rule(pick=picks, price=cents)
    def trade_one_and_end(self, pick: int, price: int) -> None:
        """One contract trades, and then the rest is taken out of the market; both are on their way to us."""
        order = self.sent(pick)
        if order.left > 1:
            self.broker.trade(order, 1, Decimal(price) / 100, ZERO)
            self.broker.end(order, rejected=False)
            self.count("cancelled")

    @precondition(lambda self: self.broker.mail)
    @rule(times=st.integers(2, 3))
    def deliver_again_and_again(self, times: int) -> None:
        """A report comes more than once: together, and again later."""
        report = self.broker.mail.pop(0)
        self.count("duplicate")
        self.hear([report] * times)
        self.broker.mail.append(report)

    @precondition(lambda self: self.broker.mail)
    @rule(pick=picks)
    def lose(self, pick: int) -> None:
        """A report never arrives."""
        self.count("lost")
        del self.broker.mail[pick % len(self.broker.mail)]

    @precondition(lambda self: self.trades)
    @rule(really=st.integers(0, 15))
    def strangers_fill(self, really: int) -> None:
        """An execution for an order that is none of ours (seldom)."""
        if really == 0:
            self.count("stranger's fill")
            report = i.ExecutionReport(
                client_ref="who?", exec_id=f"X{len(self.desk.events)}", broker_order_id="B?", venue="TEST",
                instrument=KEY,
                side=Side.BUY, qty=1, price=Decimal(10), fee=ZERO,
            )  # fmt: skip
            self.decide(i.BrokerReported((report,)))
            assert self.desk.book.halt_reason

    def hear(self, reports: list[OrderReport]) -> None:
        book = self.desk.book
        for report in reports:
            order = book.order_of_ref[report.client_ref]
            if not isinstance(report, i.ExecutionReport) or report.exec_id in order.exec_ids:
                continue
            ended = any(
                not isinstance(other, i.ExecutionReport | i.OrderAcceptedReport)
                and other.client_ref == report.client_ref
                for other in reports
            )
            coming = sum(
                other.qty
                for other in {r.exec_id: r for r in reports if isinstance(r, i.ExecutionReport)}.values()
                if other.client_ref == report.client_ref and other.exec_id not in order.exec_ids
            )
            if order.state not in LIVE_STATES or ended or order.filled + coming > order.qty:
                self.count("late fill" if order.state not in LIVE_STATES else "unmatched fill")
                parent = book.parent(order.parent_id)
                assert parent is not None
                self.raced |= set(parent.shares)
        self.account.hear(reports)
        self.decide(i.BrokerReported(tuple(reports)))

    @precondition(lambda self: self.trades)
    @rule()
    def restart(self) -> None:
        """The process dies and comes back with nothing but its events."""
        self.count("restart")
        self.desk.restart()

    @precondition(lambda self: self.desk.book.halt_reason)
    @rule()
    def resume(self) -> None:
        """A person has looked, and trading goes on."""
        resumed = e.TradingResumed(to_iso(self.desk.at), answers="seen", source="test")
        self.desk.manager.note(resumed)
        self.desk.events.append(resumed)
        self.watch([resumed])
