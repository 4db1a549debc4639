"""Random days on which the broker holds what it can: stops, trailing stops and targets rest there in groups."""

import sys
from decimal import Decimal
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from options import commands as c
from options.combo_quote import is_combo
from options.plan import EntryPlan, ExitPlan, TargetPlan, TimeInForce
from options.stuck_exits import EXIT_REJECTIONS_MAX
from options.values import MINUTE, ZERO
from tests.options.desk import KEY, PUT_KEY
from tests.options.drawn_plans import asks_the_broker, held_by_broker
from tests.options.ending_machine import EndingMachine
from tests.options.life_machine import directions
from tests.options.scripted_broker import SentOrder
from tests.options.trading_laws import FAR_KEY

GOOD_MINUTES_MAX = 40

guarded_plans = st.builds(
    ExitPlan,
    targets=st.sampled_from(
        [
            (),
            (TargetPlan(gain=Decimal("0.2"), share=Decimal("0.5")),),
            (
                TargetPlan(gain=Decimal("0.2"), share=Decimal("0.4")),
                TargetPlan(gain=Decimal("0.4"), share=Decimal("0.6")),
            ),
        ]
    ),
    stop=st.sampled_from([None, Decimal("0.3")]),
    trail=st.sampled_from([None, Decimal("0.2"), Decimal("0.4")]),
    break_even_after=st.just(None),
)


class HeldMachine(EndingMachine):
    """The days of :class:`EndingMachine`, with every plan's exits at the broker, but for those of combos.

    ``to_the_end``: each day goes on until all is let go.
    """

    to_the_end: ClassVar[bool] = False

    @initialize(
        opening=st.lists(st.tuples(st.integers(2, 4), directions, guarded_plans), min_size=1, max_size=2),
        heard=st.booleans(),
    )
    def begin_with_some_trades(self, opening: list[tuple[int, int, ExitPlan]], heard: bool) -> None:
        """A day begins with positions, whose exits rest at the broker or are on their way there."""
        for qty, direction, exits in opening:
            self.enter(qty, KEY, EntryPlan(), exits, direction, "desk", filled=True)
        if heard:
            self.all_is_there()

    def as_can_be(self, key: str, exits: ExitPlan) -> ExitPlan:
        """A plan for an instrument: the broker holds what it can."""
        at_engine = is_combo(key) or asks_the_broker(exits)
        return super().as_can_be(key, exits) if at_engine else held_by_broker(exits)

    # --- the end -------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """In the end all is heard of and let go: every trade is over, and nothing of ours is left at the broker."""
        super().teardown()
        if not self.to_the_end or sys.exc_info()[0] is not None:
            return  # a failure is what is to be shown
        for _ in range(GOOD_MINUTES_MAX):
            self.a_good_minute()
            if not self.trades and not self.broker.live:
                break
        self.count("all let go")
        stuck = [one for one in self.trades if one.rejections < EXIT_REJECTIONS_MAX]
        assert stuck == [], "liveness: not over"
        assert self.trades or not self.broker.live, "liveness: something of ours is left at the broker"

    def a_good_minute(self) -> None:
        """The broker is heard, does as it is asked and fills; the market is quoted; everything is cancelled."""
        book = self.desk.book
        self.desk.at = max(self.desk.at, book.day.opens_at + MINUTE)  # the clock may have been set back
        if self.desk.at + MINUTE >= book.day.closes_at:
            for order in self.broker.live:
                if order.request.tif is TimeInForce.DAY:
                    self.broker.end(order, rejected=False)
            self.begin_day(self.day + 1)
        for key in (KEY, PUT_KEY, FAR_KEY):
            self.mark(key, 1000, 5)
        self.deliver(len(self.broker.mail))
        self.look(complete=True)
        self.settle_all_that_asks()
        if book.halt_reason:
            self.resume(read=True)
        for trade in self.trades:
            if trade.target_kind != "cancel" or trade.target:
                self.say(c.CancelTrade, trade_id=trade.trade_id)
        for order in self.broker.live:
            if order.cancel_asked:
                self.broker.end(order, rejected=False)
            elif order.request.exit_id and not self.works_already(order):
                self.broker.accept(order)
            else:
                self.broker.trade(order, order.left, self.price_of(order, 1000), ZERO)
        self.deliver(len(self.broker.mail))
        self.wait(31, alive=True)

    def works_already(self, order: SentOrder) -> bool:
        """Whether an order waits for its price no more: what met one stop has met all that are no further away."""
        met = [
            self.broker.orders[ref].request
            for ref in self.broker.orders
            if ref in self.elected or self.broker.orders[ref].traded
        ]
        own = order.request
        return own.stop_price is not None and any(
            (own.instrument, own.side) == (one.instrument, one.side)
            and one.stop_price is not None
            and (own.stop_price - one.stop_price) * own.side.sign <= 0
            for one in met
        )
