"""Random days in which trades also end in the rarer ways: rolled, all at once, slowly and then fast, at expiry."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from options import commands as c
from options import events as e
from options import inputs as i
from options.lifecycle import TradeStatus
from options.plan import AT_MARKET, EntryPlan, ExitOrder, ExitPlan
from options.quote import Quote
from options.values import DAY, MINUTE, SECOND, datetime_of
from tests.options.desk import CLOSE, KEY, OPEN, PUT_KEY, SPOT, of
from tests.options.drawn_plans import IN_PARTS, RESTING, WALKED, exit_plans
from tests.options.heard_broker import picks, seldom
from tests.options.resting_machine import RestingMachine
from tests.options.scripted_broker import settled
from tests.options.trading_laws import FAR_KEY
from tests.options.trading_machine import very_seldom

LAST_DAY = 7  # the contracts expire seven days after the first
settling_prices = st.sampled_from(
    [None, *map(Decimal, ("700", "749.99", "750", "750.005", "750.01", "755", "760.01", "812.5"))]
)
slow_orders = st.sampled_from([WALKED, WALKED, IN_PARTS, RESTING])
new_contracts = st.sampled_from(
    [{"strike": Decimal(760)}, {"strike": Decimal(760)}, {"contract": PUT_KEY}, {"expiry": "2016-01-08"}]
)


class EndingMachine(RestingMachine):
    """Everything of :class:`RestingMachine`, and the ends of trades that people and the calendar make."""

    # --- rolled --------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.trades) < 6 and self.day < LAST_DAY)
    @rule(
        qty=st.integers(1, 4),
        where=new_contracts,
        opened=st.sampled_from([None, None, 1, 3]),
        exits=exit_plans,
        filled=st.booleans(),
    )
    def roll(
        self, qty: int, where: dict[str, object], opened: int | None, exits: ExitPlan, filled: bool
    ) -> None:
        """A trade with a strategy of its own is closed, and the same in another contract waits for that."""
        for key in (KEY, FAR_KEY, PUT_KEY):
            self.mark(key, 1000, 10)
        self.propose(qty, KEY, 1, EntryPlan(), exits, strategy=f"roller {self.said}")
        self.trade_and_deliver_all(1000)
        trade = self.desk.book.trades.get(f"T{self.desk.book.trade_count}")
        if trade is None or not trade.position.qty:
            return
        found = self.say(c.RollTrade, trade_id=trade.trade_id, qty=opened, **where)
        if any(isinstance(one, e.CommandTaken) for one in found):
            (saved,) = of(e.TradeSaved, found)
            assert saved.entry.after == trade.trade_id
            assert trade.target == 0
        if filled:
            self.trade_and_deliver_all(1000)

    # --- all at once ---------------------------------------------------------------------------------------

    @precondition(lambda self: self.trades)
    @rule(really=seldom, strategy=st.sampled_from([None, None, "desk", "other"]))
    def close_all(self, really: int, strategy: str | None) -> None:
        """Everything is closed (seldom): what is held goes out, what works or waits to get in comes back."""
        if really:
            return
        found = self.say(c.CloseAll, strategy=strategy)
        if not any(isinstance(one, e.CommandTaken) for one in found):
            return
        for trade in self.trades:
            if strategy in (None, trade.strategy) and (
                trade.position.qty or trade.trade_status is TradeStatus.PENDING
            ):
                assert trade.target_kind, f"{trade.trade_id} was left alone by a close-all"
                assert trade.target == 0, f"{trade.trade_id} was left alone by a close-all"

    # --- slowly, and then fast -----------------------------------------------------------------------------

    @precondition(lambda self: self.held)
    @rule(pick=picks, qty=st.integers(0, 3), order=slow_orders)
    def leave_slowly(self, pick: int, qty: int, order: ExitOrder) -> None:
        """A part or everything goes out by steps, in parts, or rests at a limit."""
        trade = self.held[pick % len(self.held)]
        if qty:
            self.say(c.TrimTrade, trade_id=trade.trade_id, qty=qty, order=order)
        else:
            self.say(c.CloseTrade, trade_id=trade.trade_id, order=order)

    @precondition(lambda self: any(self.on_its_way_out()))
    @rule(pick=picks, seconds=st.sampled_from([2, 25, 400]))
    def leave_faster(self, pick: int, seconds: int) -> None:
        """What takes its time is asked to go at once, while a step of it rests."""
        self.everything_rests(seconds) if self.broker.live else self.wait(seconds, alive=True)
        leaving = self.on_its_way_out()
        if leaving:
            trade_id = leaving[pick % len(leaving)]
            self.say(c.CloseTrade, trade_id=trade_id, order=AT_MARKET)

    def on_its_way_out(self) -> list[str]:
        """Trades that hold something, and on the way out of which something works."""
        book = self.desk.book
        return [
            trade.trade_id
            for trade in self.trades
            if trade.position.qty and book.in_flight(trade) * trade.position.qty < 0
        ]

    # --- at expiry -----------------------------------------------------------------------------------------

    @precondition(lambda self: self.day < LAST_DAY)
    @rule(really=very_seldom, price=settling_prices, heard=st.booleans())
    def the_contracts_expire(self, really: int, price: Decimal | None, heard: bool) -> None:
        """The last day of every contract comes and goes (seldom); the next morning only shares are left."""
        if really:
            return
        self.count("contracts expired")
        self.begin_day(LAST_DAY)
        self.desk.at = CLOSE + LAST_DAY * DAY + MINUTE
        self.decide(i.ClockTicked())
        for order in self.broker.live:
            self.broker.end(order, rejected=False)
        if heard:
            self.deliver(len(self.broker.mail))
            self.look(complete=True)
        # What rests for a position that the exchange takes is only out of the way once the broker is heard.
        self.raced |= {trade.trade_id for trade in self.desk.book.open_trades() if trade.resting_ids}
        ended = (KEY, PUT_KEY, FAR_KEY)
        if price is not None:
            for ours in (self.account.positions, self.broker.positions):
                self.count("delivered into shares" if settled(ours, price)[0] else "nothing delivered")
            self.account.expire(price)
            self.broker.expire(price)
        self.decide(i.ExpiryReached(ended, () if price is None else ((SPOT, price),)))
        self.begin_day(LAST_DAY + 1)

    def begin_day(self, day: int) -> None:
        """The session of a day opens, and everything is quoted."""
        self.day = day
        opens = OPEN + day * DAY
        self.desk.at = max(self.desk.at + SECOND, opens)
        self.decide(i.SessionBegan(str(datetime_of(opens).date()), "test", opens, CLOSE + day * DAY))
        for key in (KEY, PUT_KEY, FAR_KEY):
            self.quote(key, Quote(self.desk.at, 9.9, 10.1, 10.0, 9, 9))
        self.quote(SPOT, Quote(self.desk.at, 749.9, 750.1, 750.0, 9, 9))
