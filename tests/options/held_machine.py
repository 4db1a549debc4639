"""Random days on which the broker holds what it can: stops, trailing stops and targets rest there in groups."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from msgspec.structs import replace

from options import commands as c
from options import events as e
from options import inputs as i
from options.combo_quote import is_combo
from options.held_events import ExitsTakenOver
from options.intent import Intent, Outcome, TradeProposal
from options.lifecycle import TradeStatus
from options.plan import AT_MARKET, EntryPlan, ExitPlan, Held, TargetPlan
from options.resting import at_broker, live_of, resting_parents
from options.values import SECOND, ZERO
from tests.options.desk import KEY
from tests.options.heard_broker import cents, picks
from tests.options.life_machine import LifeMachine, directions
from tests.options.scripted_broker import SentOrder

REST_SECONDS = 16


def held_there(exits: ExitPlan) -> ExitPlan:
    """A plan as the broker can hold it."""
    return replace(exits, held=Held.BROKER, stop_order=AT_MARKET, target_order=AT_MARKET)


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


class HeldMachine(LifeMachine):
    """The days of :class:`LifeMachine`, with every plan's exits at the broker, but for those of combos."""

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

    def all_is_there(self) -> None:
        """The broker says that it has all that rests."""
        for order in self.resting:
            if not order.accepted:
                self.broker.accept(order)
        self.deliver(len(self.broker.mail))

    def answer(
        self,
        outcome: Outcome,
        strategy: str,
        intents: tuple[Intent, ...],
        proposal: TradeProposal | None = None,
    ) -> list[e.TradeEvent]:
        """A strategy answers a signal."""
        if proposal is not None and not is_combo(proposal.instrument.key):
            proposal = replace(proposal, exits=held_there(proposal.exits))
        return super().answer(outcome, strategy, intents, proposal)

    def say(self, command: type[c.CommandBase], **fields: object) -> list[e.TradeEvent]:
        """A person gives a command."""
        exits, trade = fields.get("exits"), self.desk.book.trade(str(fields.get("trade_id", "")))
        key = str(fields.get("instrument", "")) if trade is None else trade.instrument
        if isinstance(exits, ExitPlan) and not is_combo(key):
            fields["exits"] = held_there(exits)
        return super().say(command, **fields)

    @property
    def resting(self) -> list[SentOrder]:
        """The orders that rest as exits and may still trade there."""
        return [order for order in self.broker.live if order.request.exit_id]

    # --- the broker ----------------------------------------------------------------------------------------

    @precondition(lambda self: self.broker.live)
    @rule(price=cents)
    def trade_and_deliver_all(self, price: int) -> None:
        """A good minute: everything that does not wait for its price fills, and what rests is said to be there."""
        for order in self.broker.live:
            if order.request.exit_id:
                self.broker.accept(order)
            else:
                self.broker.trade(order, order.left, self.price_of(order, price), ZERO)
        self.deliver(len(self.broker.mail))

    @precondition(lambda self: self.resting)
    @rule(pick=picks, share=st.sampled_from([1, 2, 99]), price=cents, heard=st.booleans())
    def an_exit_comes_true_there(self, pick: int, share: int, price: int, heard: bool) -> None:
        """One that rests trades, in part or whole; often that is heard at once."""
        order = self.resting[pick % len(self.resting)]
        self.count("resting exit filled" if share >= order.left else "resting exit filled in part")
        self.broker.trade(order, min(share, order.left), Decimal(price) / 100, ZERO)
        if heard:
            self.deliver(len(self.broker.mail))

    @precondition(lambda self: self.resting)
    @rule(pick=picks, rejected=st.booleans())
    def one_may_not_rest_there(self, pick: int, rejected: bool) -> None:
        """The broker refuses one that should rest, or takes it out although nobody has asked for that."""
        order = self.resting[pick % len(self.resting)]
        self.broker.end(order, rejected=rejected and not order.traded)
        self.deliver(len(self.broker.mail))

    @precondition(lambda self: any(order.request.stop_price for order in self.resting))
    @rule(pick=picks)
    def a_stop_is_met_there(self, pick: int) -> None:
        """The price of a stop was met, and nothing has traded yet."""
        stops = [order for order in self.resting if order.request.stop_price]
        self.count("stop elected")
        self.hear((i.StopElectedReport(client_ref=stops[pick % len(stops)].request.client_ref),))

    @precondition(lambda self: self.resting)
    @rule(mid=st.integers(1200, 2000))
    def time_for_a_ratchet(self, mid: int) -> None:
        """What rests is there, the market moves, the pause is over, and what we ask for is done."""
        self.all_is_there()
        self.desk.at += REST_SECONDS * SECOND
        self.mark(KEY, mid, 5)
        self.do_as_asked_if_anything()

    def do_as_asked_if_anything(self) -> None:
        """Everything that we want out of the market is taken out."""
        for order in self.broker.live:
            if order.cancel_asked:
                self.broker.end(order, rejected=False)
        self.deliver(len(self.broker.mail))

    @precondition(lambda self: self.resting)
    @rule()
    def a_night_without_us(self) -> None:
        """The process dies; something trades there meanwhile; it comes back, looks, and books it once."""
        order = self.resting[0]
        self.count("filled while we were down")
        self.broker.trade(order, order.left, Decimal(9), ZERO)
        self.broker.mail.clear()
        self.restart(look=True)
        self.look(complete=True)
        self.wait(1, alive=True)

    # --- what is said of it --------------------------------------------------------------------------------

    def watch(self, events: list[e.TradeEvent]) -> None:
        """The engine makes nothing due that the broker has by a proven order."""
        for found in events:
            if isinstance(found, e.ExitTriggered) and not found.client_ref:
                trade = self.shadow.trades[found.trade_id]
                armed = next((one for one in trade.armed if one.exit_id == found.exit_id), None)
                assert armed is None or not at_broker(self.shadow, trade, armed), "due here and there"
            if isinstance(found, ExitsTakenOver):
                self.count("taken over for now" if found.for_now else "taken over")
            if isinstance(found, e.ExitTriggered) and found.client_ref:
                self.count("triggered at the broker")
            if isinstance(found, e.OrderCancelRequested) and "the stop moves" in found.reason:
                self.count("ratcheted")
            super().watch([found])

    @invariant()
    def i16_never_two_live_for_one_exit(self) -> None:
        """For each bracket of a trade at most one is at the broker, whatever was asked back."""
        book = self.desk.book
        for trade in book.open_trades():
            names = [parent.bracket for parent in resting_parents(book, trade)]
            assert len(names) == len(set(names))

    @invariant()
    def what_is_over_leaves_nothing_at_the_broker(self) -> None:
        """A trade that has ended rests nowhere, and nothing rests for a position that is not there for long."""
        book = self.desk.book
        for trade in book.closed_trades.values():
            assert not trade.resting_ids
            assert not trade.parent_ids
        for trade in book.open_trades():
            if trade.trade_status is TradeStatus.CLOSED:
                assert not any(live_of(book, parent) for parent in resting_parents(book, trade))
