"""Random days on which exits rest at the broker: they trade there at any moment, heard of or not, and are changed."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from options import commands as c
from options import events as e
from options import inputs as i
from options.combo_quote import is_combo
from options.held_events import ExitsTakenOver, OrderReduced
from options.intent import Intent, Outcome, TradeProposal
from options.lifecycle import TradeStatus
from options.plan import ExitPlan
from options.resting import at_broker, live_of, resting_parents
from options.values import SECOND, ZERO
from tests.options.broker_truth import BrokerTruth
from tests.options.drawn_plans import asks_the_broker, held_by_broker, held_by_engine
from tests.options.heard_broker import cents, picks
from tests.options.life_machine import LifeMachine
from tests.options.scripted_broker import SentOrder

REST_SECONDS = 16


class RestingMachine(BrokerTruth, LifeMachine):
    """The days of :class:`LifeMachine`, with a broker that holds what plans ask it to hold, but for combos."""

    def __init__(self) -> None:
        super().__init__()
        self.elected: set[str] = set()

    def answer(
        self,
        outcome: Outcome,
        strategy: str,
        intents: tuple[Intent, ...],
        proposal: TradeProposal | None = None,
    ) -> list[e.TradeEvent]:
        """A strategy answers a signal."""
        if proposal is not None:
            exits = self.as_can_be(proposal.instrument.key, proposal.exits)
            proposal = TradeProposal(
                instrument=proposal.instrument, direction=proposal.direction, qty=proposal.qty,
                entry=proposal.entry, exits=exits, reason=proposal.reason,
            )  # fmt: skip
        return super().answer(outcome, strategy, intents, proposal)

    def say(self, command: type[c.CommandBase], **fields: object) -> list[e.TradeEvent]:
        """A person gives a command."""
        exits, trade = fields.get("exits"), self.desk.book.trade(str(fields.get("trade_id", "")))
        if isinstance(exits, ExitPlan):
            key = str(fields.get("instrument", "")) if trade is None else trade.instrument
            fields["exits"] = self.as_can_be(key, exits)
        return super().say(command, **fields)

    def as_can_be(self, key: str, exits: ExitPlan) -> ExitPlan:
        """A plan for an instrument: a combo's exits are the engine's."""
        return held_by_engine(exits) if is_combo(key) else exits

    @property
    def resting(self) -> list[SentOrder]:
        """The orders that rest as exits and may still trade there."""
        return [order for order in self.broker.live if order.request.exit_id]

    # --- the broker ----------------------------------------------------------------------------------------

    @precondition(lambda self: self.broker.live)
    @rule(price=cents)
    def trade_and_deliver_all(self, price: int) -> None:
        """A good minute: what does not wait for its price fills, what rests is there, or out if that was asked."""
        for _ in range(2):  # what can go out once something that rests is out goes with it
            was_asked = False
            for order in self.broker.live:
                if not order.request.exit_id:
                    self.broker.trade(order, order.left, self.price_of(order, price), ZERO)
                elif order.cancel_asked:
                    was_asked = True
                    self.broker.end(order, rejected=False)
                elif not order.accepted:
                    self.broker.accept(order)
            self.deliver(len(self.broker.mail))
            if not was_asked:
                return

    def all_is_there(self) -> None:
        """The broker says that it has all that rests."""
        for order in self.resting:
            if not order.accepted:
                self.broker.accept(order)
        self.deliver(len(self.broker.mail))

    @precondition(lambda self: self.resting)
    @rule(pick=picks, share=st.sampled_from([1, 2, 99]), price=cents, heard=st.booleans())
    def an_exit_comes_true_there(self, pick: int, share: int, price: int, heard: bool) -> None:
        """One that rests trades, in part or whole, also while we are asking it back; often that is heard at once."""
        order = self.resting[pick % len(self.resting)]
        self.count("resting exit filled" if share >= order.left else "resting exit filled in part")
        if order.cancel_asked:
            self.count("filled across a cancel")
        if self.awaiting:
            self.count("filled while not connected")
        self.broker.trade(order, min(share, order.left), Decimal(price) / 100, ZERO)
        if heard:
            self.deliver(len(self.broker.mail))

    @precondition(lambda self: self.resting)
    @rule(pick=picks, rejected=st.booleans(), heard=st.booleans())
    def one_may_not_rest_there(self, pick: int, rejected: bool, heard: bool) -> None:
        """The broker refuses one that should rest, or takes it out although nobody has asked for that."""
        order = self.resting[pick % len(self.resting)]
        rejected = rejected and not order.traded
        self.count("resting exit rejected" if rejected else "resting exit cancelled")
        self.broker.end(order, rejected=rejected)
        if heard:
            self.deliver(len(self.broker.mail))

    @precondition(lambda self: any(order.request.stop_price for order in self.resting))
    @rule(pick=picks)
    def a_stop_is_met_there(self, pick: int) -> None:
        """The price of a stop was met, and nothing has traded yet."""
        stops = [order for order in self.resting if order.request.stop_price]
        self.count("stop elected")
        ref = stops[pick % len(stops)].request.client_ref
        self.elected.add(ref)
        self.hear((i.StopElectedReport(client_ref=ref),))

    @precondition(lambda self: self.resting)
    @rule(pick=picks, percent=st.sampled_from([-35, -12, 5, 12, 25, 60]))
    def time_for_a_ratchet(self, pick: int, percent: int) -> None:
        """What rests is there, the market moves, the pause is over, and what we ask for is done."""
        self.all_is_there()
        self.desk.at += REST_SECONDS * SECOND
        self.the_market_moves_for_a_position(pick, percent) if self.held else None
        for order in self.broker.live:
            if order.cancel_asked:
                self.broker.end(order, rejected=False)
        self.deliver(len(self.broker.mail))

    @precondition(lambda self: self.resting)
    @rule(pick=picks, share=st.sampled_from([1, 99, 99]), kept=st.booleans(), wish=st.booleans())
    def a_night_without_us(self, pick: int, share: int, kept: bool, wish: bool) -> None:
        """The process dies; something trades there meanwhile; it comes back, looks, and books it once.

        What was said meanwhile is lost, or is said once more. A person may have had a word before the look.
        """
        order = self.resting[pick % len(self.resting)]
        self.count("filled while we were down")
        self.broker.trade(order, min(share, order.left), Decimal(9), ZERO)
        if not kept:
            self.broker.mail.clear()
        self.restart(look=True)
        if wish and self.held:
            self.say(c.CloseTrade, trade_id=self.held[pick % len(self.held)].trade_id)
        self.look(complete=True)
        self.wait(1, alive=True)

    # --- people --------------------------------------------------------------------------------------------

    @precondition(lambda self: self.held)
    @rule(pick=picks, what=st.sampled_from(["all", "stops", "targets"]), filled=st.booleans())
    def hand_over(self, pick: int, what: str, filled: bool) -> None:
        """What the engine holds is given to the broker as it is, or the other way round."""
        trade = self.held[pick % len(self.held)]
        engine = is_combo(trade.instrument) or asks_the_broker(trade.exits)
        plan = held_by_engine(trade.exits) if engine else held_by_broker(trade.exits, what)
        super().say(c.ModifyTrade, trade_id=trade.trade_id, exits=plan)
        if filled:
            self.trade_and_deliver_all(1000)

    # --- what is said of it --------------------------------------------------------------------------------

    def watch(self, events: list[e.TradeEvent]) -> None:
        """The engine makes nothing due that the broker has by a proven order."""
        for found in events:
            match found:
                case e.ExitTriggered(client_ref=""):
                    trade = self.shadow.trades[found.trade_id]
                    armed = next((one for one in trade.armed if one.exit_id == found.exit_id), None)
                    assert armed is None or not at_broker(self.shadow, trade, armed), "due here and there"
                case e.ExitTriggered():
                    self.count("triggered at the broker")
                case ExitsTakenOver():
                    self.count("taken over for now" if found.for_now else "taken over")
                case OrderReduced():
                    self.count("reduced by its group")
                case e.OrderCancelRequested() if "the stop moves" in found.reason:
                    self.count("ratcheted")
                case e.TradeSaved() if asks_the_broker(found.exits):
                    self.count("trades held: broker")
                case e.TradeModified():
                    was = asks_the_broker(self.shadow.trades[found.trade_id].exits)
                    if was != asks_the_broker(found.exits):
                        self.count("handed to the engine" if was else "handed to the broker")
                case _:
                    pass
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
