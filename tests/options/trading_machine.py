"""Random days at a desk whose broker is slow, repeats itself, mixes things up, forgets and goes away."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from options import events as e
from options import inputs as i
from options.plan import Basis, Held, TimeInForce
from options.quote import Quote
from options.terms import ExitKind
from options.trade import Trade
from options.values import DAY, MINUTE, SECOND, ZERO, Side, datetime_of, to_iso
from tests.options.desk import CLOSE, KEY, OPEN, PUT_KEY, of
from tests.options.heard_broker import cents, picks, seldom
from tests.options.scripted_broker import SentOrder
from tests.options.settled_broker import SettledBroker
from tests.options.trading_laws import BY_CLOCK, FAR_KEY

quoted_keys = st.sampled_from([KEY, KEY, PUT_KEY, FAR_KEY])
very_seldom = st.integers(0, 15)
KNOCKS_MAX = 12
DAYS_MAX = 5  # the contracts expire on the sixth


class TradingMachine(SettledBroker):
    """The market, the clock and the broker: what they may do at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.day = 0

    # --- the market and the clock --------------------------------------------------------------------------

    def quote(self, key: str, quote: Quote) -> None:
        """The feed says something."""
        self.quotes_said[key] = quote
        heard = not self.desk.manager.doubts.awaiting
        self.decide(i.MarketMoved([(key, quote)]))
        if heard and self.desk.book.day.is_open(self.desk.at):
            self._i16_what_a_mark_has_crossed_has_fired(key)

    def _i16_what_a_mark_has_crossed_has_fired(self, key: str) -> None:
        """No exit that was armed before a healthy mark rests with us on the wrong side of it."""
        exits = self.desk.manager.exits
        for trade in self.desk.book.open_trades():
            ours = key in trade.instrument.replace("/", "*").split("*")  # itself, or one of its legs
            if not ours or not trade.position.qty or trade.armed_ts == to_iso(self.desk.at):
                continue
            if exits.fault_of(trade.instrument, self.desk.at) is not None:
                continue
            quote = self.desk.quotes.quotes[trade.instrument]
            for armed in trade.armed:
                price = quote.mid
                if armed.basis is Basis.FAR_SIDE:
                    price = quote.bid if trade.position.qty > 0 else quote.ask
                if armed.at or armed.held is Held.BROKER or armed.basis in (Basis.LAST, Basis.TWO_MARKS):
                    continue
                level = exits.level_now(trade, armed)
                above = trade.position.qty < 0 if armed.kind is ExitKind.TRAILING else armed.above
                if price is not None and level is not None:
                    self.holds("I16")
                    short_of_it = price < level + 1e-4 if above else price > level - 1e-4
                    assert short_of_it, f"I16: {armed.exit_id} at {level} slept through {price}"

    @rule(key=quoted_keys, mid=cents, half=st.integers(0, 20))
    def mark_again(self, key: str, mid: int, half: int) -> None:
        """Quotes come more often than anything else."""
        self.mark(key, mid, half)

    @rule(key=quoted_keys, mid=cents, half=st.integers(0, 20))
    def mark(self, key: str, mid: int, half: int) -> None:
        """A healthy quote."""
        self.desk.at += SECOND
        mid -= 400 if key == FAR_KEY else 0
        self.quote(key, Quote(self.desk.at, (mid - half) / 100, (mid + half) / 100, mid / 100, 9, 9))

    @rule(
        key=quoted_keys,
        mid=cents,
        how=st.sampled_from(["crossed", "no bid", "no ask", "wide", "old", "empty", "below zero"]),
    )
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
            "below zero": Quote(ts=at, bid=-price, ask=price, last=-price),
        }[how]
        self.count("unhealthy mark")
        before = len(self.desk.events)
        self.quote(key, quote)
        self._i17_nothing_was_judged(key, self.desk.events[before:])

    def _i17_nothing_was_judged(self, key: str, found: list[e.TradeEvent]) -> None:
        """No exit was due by a price of ``key``, and no entry that waits for one went in."""
        self.holds("I17")
        for one in found:
            match one:
                case e.ExitTriggered(kind=kind, trade_id=trade_id) if kind not in BY_CLOCK:
                    assert self.decided_on(trade_id).instrument != key, "I17: judged all the same"
                case e.IntentDecided(kind="entry", trade_id=trade_id):
                    trade = self.decided_on(trade_id)
                    level = trade.entry.condition is not None and trade.entry.condition.level is not None
                    assert not level or trade.instrument != key, "I17: entered all the same"
                case _:
                    pass

    def decided_on(self, trade_id: str) -> Trade:
        """A trade that something was just decided for; it may be over by the end of the same input."""
        trade = self.shadow.trade(trade_id)
        assert trade is not None, f"{trade_id} was decided on and is not known"
        return trade

    @rule(seconds=st.sampled_from([1, 1, 20, 70, 400]), alive=st.booleans())
    def wait(self, seconds: int, alive: bool) -> None:
        """Time passes, with or without a word from the feed."""
        self.desk.at += seconds * SECOND
        if alive:
            self.desk.quotes.update(self.desk.at, [])
        elif seconds > 60:
            self.count("silence")
        self.decide(i.ClockTicked())

    @rule(really=very_seldom, seconds=st.sampled_from([-3600, -5, 3600]))
    def the_clock_is_set(self, really: int, seconds: int) -> None:
        """The clock jumps (seldom), and may jump back."""
        if really == 0:
            self.count("clock jump")
            self.desk.at += seconds * SECOND
            self.decide(i.ClockTicked())

    @precondition(lambda self: self.day < DAYS_MAX)
    @rule(really=very_seldom)
    def the_day_ends(self, really: int) -> None:
        """After the close the broker lets the day's orders go; the next day begins with fresh quotes (seldom)."""
        if really:
            return
        self.count("day ended")
        self.desk.at = max(self.desk.at, CLOSE + self.day * DAY + MINUTE)
        self.decide(i.ClockTicked())
        for key in (KEY, PUT_KEY):
            self._a_mark_after_the_close(key)
        for order in self.broker.live:
            if order.request.tif is TimeInForce.DAY:
                self.broker.end(order, rejected=False)
        self.day += 1
        opens = OPEN + self.day * DAY
        self.desk.at = max(self.desk.at, opens)
        name = str(datetime_of(opens).date())
        self.decide(i.SessionBegan(name, "test", opens, CLOSE + self.day * DAY))
        for key in (KEY, PUT_KEY, FAR_KEY):
            self.quote(key, Quote(self.desk.at, 9.9, 10.1, 10.0, 9, 9))

    def _a_mark_after_the_close(self, key: str) -> None:
        """It is worth next to nothing, and then a fortune; out of the session neither is acted on."""
        before = len(self.desk.events)
        for price in (0.2, 60.0):
            self.desk.at += SECOND
            self.count("mark after the close")
            self.quote(key, Quote(self.desk.at, price - 0.01, price + 0.01, price, 9, 9))
        self._i17_nothing_was_judged(key, self.desk.events[before:])
        assert not of(e.OrderSubmitRequested, self.desk.events[before:]), "I17: sent out of the session"

    # --- the broker ----------------------------------------------------------------------------------------

    def sent(self, pick: int) -> SentOrder:
        """One of the orders that may still trade."""
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
        self.broker.trade(order, qty, self.price_of(order, price), Decimal(fee) / 100)

    @precondition(lambda self: self.broker.live)
    @rule(price=cents)
    def trade_and_deliver_all(self, price: int) -> None:
        """A good minute: everything fills and is heard of in order."""
        for order in self.broker.live:
            self.broker.trade(order, order.left, self.price_of(order, price), ZERO)
        self.deliver(len(self.broker.mail))

    @precondition(lambda self: self.broker.live)
    @rule(seconds=st.sampled_from([2, 31]))
    def everything_rests(self, seconds: int) -> None:
        """A quiet minute: everything is at the broker, nothing fills, and time passes; what we want back comes back."""
        for order in self.broker.live:
            if not order.accepted:
                self.broker.accept(order)
        self.deliver(len(self.broker.mail))
        self.wait(seconds, alive=True)
        self.do_as_asked()

    @precondition(lambda self: self.broker.live)
    @rule(pick=picks, rejected=st.booleans())
    def end(self, pick: int, rejected: bool) -> None:
        """The broker refuses an order, or takes the rest of it out of the market."""
        order = self.sent(pick)
        rejected = rejected and not order.traded
        self.count("rejected" if rejected else "cancelled")
        self.broker.end(order, rejected=rejected)

    @precondition(lambda self: any(one.request.approval.reducing for one in self.broker.live))
    @rule(rejected=st.booleans())
    def nothing_may_get_out(self, rejected: bool) -> None:
        """Whatever is sent to get out is refused, or taken back at once; the desk does not knock for ever."""
        for _ in range(KNOCKS_MAX):
            leaving = [one for one in self.broker.live if one.request.approval.reducing]
            if not leaving:
                self.count("stuck")
                return
            for order in leaving:
                self.broker.end(order, rejected=rejected and not order.traded)
            self.deliver(len(self.broker.mail))

    @precondition(lambda self: any(order.cancel_asked for order in self.broker.live))
    @rule()
    def do_as_asked(self) -> None:
        """Everything that we want out of the market is taken out."""
        for order in self.broker.live:
            if order.cancel_asked:
                self.broker.end(order, rejected=False)
        self.deliver(len(self.broker.mail))

    @precondition(lambda self: self.broker.live)
    @rule(pick=picks, more=st.integers(1, 3), really=seldom)
    def overfill(self, pick: int, more: int, really: int) -> None:
        """The broker trades more than it was asked to (seldom)."""
        order = self.sent(pick)
        if really == 0:
            self.count("overfill")
            self.broker.trade(order, order.left + more, self.price_of(order, 1000), ZERO)

    @rule(count=st.integers(1, 4))
    def deliver(self, count: int) -> None:
        """The oldest reports arrive together."""
        if count > 1 and len(self.broker.mail) > 1:
            self.count("batched")
        reports, self.broker.mail = self.broker.mail[:count], self.broker.mail[count:]
        if reports:
            self.hear(tuple(reports))

    @precondition(lambda self: len(self.broker.mail) > 1)
    @rule(order=st.permutations(range(4)))
    def deliver_in_another_order(self, order: list[int]) -> None:
        """Reports arrive in any order."""
        batch = [self.broker.mail[at] for at in order if at < len(self.broker.mail)]
        self.count("reordered")
        self.broker.mail = self.broker.mail[4:]
        for report in batch:
            self.hear((report,))

    @precondition(lambda self: len(self.broker.mail) > 1)
    @rule()
    def deliver_the_newest(self) -> None:
        """The last word arrives first: an end before the fills that came before it."""
        self.count("reordered")
        self.hear((self.broker.mail.pop(),))

    @precondition(lambda self: self.broker.live)
    @rule(pick=picks, price=cents)
    def trade_one_and_end(self, pick: int, price: int) -> None:
        """One contract trades, and then the rest is taken out of the market; both are on their way to us."""
        order = self.sent(pick)
        if order.left > 1:
            self.broker.trade(order, 1, self.price_of(order, price), ZERO)
            self.broker.end(order, rejected=False)
            self.count("cancelled")

    @precondition(lambda self: any(one.left > 1 and not one.request.oca_group for one in self.broker.live))
    @rule(pick=picks, price=cents)
    def a_fill_after_the_end(self, pick: int, price: int) -> None:
        """One contract traded before the order was taken out of the market, and that is heard only after its end."""
        orders = [one for one in self.broker.live if one.left > 1 and not one.request.oca_group]
        order = orders[pick % len(orders)]
        self.broker.trade(order, 1, self.price_of(order, price), ZERO)
        fill = self.broker.mail.pop()
        self.broker.end(order, rejected=False)
        self.hear((self.broker.mail.pop(),))
        self.broker.mail.append(fill)

    @precondition(lambda self: self.broker.mail)
    @rule(times=st.integers(2, 3))
    def deliver_again_and_again(self, times: int) -> None:
        """A report comes more than once: together, and again later."""
        report = self.broker.mail.pop(0)
        self.count("duplicate")
        self.hear((report,) * times)
        self.broker.mail.append(report)

    @precondition(lambda self: self.broker.mail)
    @rule(pick=picks)
    def lose(self, pick: int) -> None:
        """A report never arrives."""
        self.count("lost")
        del self.broker.mail[pick % len(self.broker.mail)]

    @precondition(lambda self: any(not one.accepted and not one.traded for one in self.broker.live))
    @rule()
    def an_order_never_arrives(self) -> None:
        """What was sent is lost on its way: nobody there ever hears of it."""
        self.count("order lost")
        self.broker.lose(next(one for one in self.broker.live if not one.accepted and not one.traded))

    @precondition(lambda self: self.broker.live)
    @rule(pick=picks)
    def answer_nothing_that_proves_anything(self, pick: int) -> None:
        """A code that says neither yes nor no."""
        self.count("ambiguous answer")
        ref = self.sent(pick).request.client_ref
        self.hear((i.OrderInDoubtReport(client_ref=ref, reason="code 399"),))

    @rule(really=very_seldom, back=st.booleans())
    def go_away(self, really: int, back: bool) -> None:
        """The connection is gone (seldom): until all was compared nothing is sent."""
        if really == 0:
            self.count("connection lost")
            self.awaiting = True
            self.hear((i.BrokerLostReport(reason="gone"),))
            if back:
                self.look(complete=True)

    @precondition(lambda self: self.trades_known)
    @rule(really=very_seldom)
    def strangers_fill(self, really: int) -> None:
        """An execution for an order that is none of ours (seldom)."""
        if really == 0:
            self.count("stranger's fill")
            self.broker.strangers[KEY] += 1
            report = i.ExecutionReport(
                client_ref="who?", exec_id=f"X{len(self.desk.events)}", broker_order_id="B?", venue="TEST",
                instrument=KEY, side=Side.BUY, qty=1, price=Decimal(10), fee=ZERO,
            )  # fmt: skip
            self.decide(i.BrokerReported((report,)))
            assert self.desk.book.halt_reason

    @precondition(lambda self: self.trades_known)
    @rule(look=st.booleans())
    def restart(self, look: bool) -> None:
        """The process dies and comes back with nothing but its events; then it looks before it sends (I26)."""
        self.count("restart")
        self.desk.restart()
        if look or self.awaiting:
            self.desk.manager.doubts.await_broker(self.desk.at)
            self.awaiting = True
