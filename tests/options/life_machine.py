"""Random days at a desk that strategies and people steer: every signal, every command, at any moment."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from options import commands as c
from options import events as e
from options import inputs as i
from options.combo_quote import is_combo
from options.intent import Decision, Intent, Outcome, TradeProposal
from options.plan import Algo, EntryPlan, ExitPlan, Unfilled
from options.terms import ExitKind
from options.trade import Trade
from options.values import to_iso
from tests.options.desk import KEY, PUT_KEY, instrument, leave
from tests.options.drawn_plans import entries, exit_plans
from tests.options.heard_broker import picks, seldom
from tests.options.trading_laws import COMBO_KEY
from tests.options.trading_machine import TradingMachine, very_seldom

keys = st.sampled_from([KEY, KEY, KEY, PUT_KEY, COMBO_KEY])
directions = st.sampled_from([1, 1, 1, -1])
strategies = st.sampled_from(["desk", "desk", "other"])


class LifeMachine(TradingMachine):
    """The market and the broker of :class:`TradingMachine`, with strategies and people at the desk."""

    def __init__(self) -> None:
        super().__init__()
        self.said = 0

    @initialize(
        opening=st.lists(
            st.tuples(st.integers(1, 6), keys, entries, exit_plans, directions, strategies, st.booleans()),
            min_size=1,
            max_size=4,
        )
    )
    def begin_with_some_trades(
        self, opening: list[tuple[int, str, EntryPlan, ExitPlan, int, str, bool]]
    ) -> None:
        """A day begins in the middle of things: some trades are on, some on their way, some wait."""
        for qty, key, entry, exits, direction, strategy, filled in opening:
            self.enter(qty, key, entry, exits, direction, strategy, filled)

    @property
    def trades(self) -> list[Trade]:
        """Everything that is not over."""
        return self.desk.book.open_trades()

    @property
    def held(self) -> list[Trade]:
        """Every trade with a position."""
        return [trade for trade in self.trades if trade.position.qty]

    def some(self, pick: int) -> Trade:
        """One of the trades that are not over."""
        return self.trades[pick % len(self.trades)]

    def known(self, pick: int) -> Trade:
        """Any trade, over or not."""
        book = self.desk.book
        trades = [*book.trades.values(), *book.closed_trades.values()]
        return trades[pick % len(trades)]

    # --- strategies ----------------------------------------------------------------------------------------

    def propose(
        self,
        qty: int,
        key: str,
        direction: int,
        entry: EntryPlan,
        exits: ExitPlan,
        leaving: Trade | None = None,
        strategy: str = "desk",
    ) -> None:
        """A strategy answers a signal with a new trade, and leaves another one for it if that is named.

        One that has a trade on the symbol already sends another with its name, unless it wants a reversal.
        """
        number, name = 1, strategy
        while entry.after is None and self.desk.book.trades_of(strategy, instrument(key).symbol):
            number += 1
            strategy = f"{name} {number}"
        intents = () if leaving is None else (leave(leaving.trade_id, 0, ExitKind.REVERSAL),)
        proposal = TradeProposal(
            instrument=instrument(key), direction=direction, qty=qty, entry=entry, exits=exits, reason="idea"
        )
        self.answer(Outcome.OPENED, strategy, intents, proposal)

    def answer(
        self,
        outcome: Outcome,
        strategy: str,
        intents: tuple[Intent, ...],
        proposal: TradeProposal | None = None,
    ) -> list[e.TradeEvent]:
        """A strategy answers a signal."""
        self.desk.signals += 1
        decision = Decision(
            strategy=strategy,
            outcome=outcome,
            reason="idea",
            proposal=proposal,
            intents=intents,
        )
        return self.decide(i.SignalAnswered(f"s{self.desk.signals}", decision))

    @precondition(lambda self: len(self.trades) < 4)
    @rule(
        qty=st.integers(1, 6),
        key=keys,
        entry=entries,
        exits=exit_plans,
        direction=directions,
        strategy=strategies,
        filled=st.sampled_from([True, True, False]),
    )
    def enter(
        self,
        qty: int,
        key: str,
        entry: EntryPlan,
        exits: ExitPlan,
        direction: int,
        strategy: str,
        filled: bool,
    ) -> None:
        """A strategy wants a new trade, and often gets it at once."""
        if entry.algo is Algo.TWAP:
            self.count("in parts")
        self.propose(qty, key, direction, entry, exits, strategy=strategy)
        if filled:
            self.trade_and_deliver_all(1000)

    @precondition(lambda self: len(self.trades) < 4)
    @rule(qty=st.integers(1, 4), key=keys, unfilled=st.sampled_from(Unfilled))
    def enter_where_nobody_trades(self, qty: int, key: str, unfilled: Unfilled) -> None:
        """An entry rests until its time is over, and then goes as its plan says."""
        entry = EntryPlan(algo=Algo.WALK, every_s=10.0, steps=2, give_up_after_s=30.0, unfilled=unfilled)
        self.propose(qty, key, 1, entry, ExitPlan())
        if self.broker.live:
            self.everything_rests(31)

    @precondition(lambda self: self.trades)
    @rule(pick=picks, keep=st.integers(0, 2))
    def leave(self, pick: int, keep: int) -> None:
        """A trade should hold less, or nothing."""
        trade = self.some(pick)
        target = min(keep, abs(trade.position.qty)) * trade.direction
        self.answer(Outcome.CLOSING, trade.strategy, (leave(trade.trade_id, target),))

    @precondition(lambda self: self.trades)
    @rule(pick=picks, qty=st.integers(1, 4), exits=exit_plans)
    def reverse(self, pick: int, qty: int, exits: ExitPlan) -> None:
        """An opposite signal: out of one trade, and then into another."""
        trade = self.some(pick)
        if not (trade.position.qty or trade.parent_ids):
            return
        self.count("reversal")
        key = PUT_KEY if trade.instrument == KEY else KEY
        after = EntryPlan(after=trade.trade_id)
        self.propose(qty, key, 1, after, exits, trade, strategy=trade.strategy)

    @precondition(lambda self: self.held)
    @rule(pick=picks, qty=st.integers(1, 4))
    def cross(self, pick: int, qty: int) -> None:
        """One strategy leaves what another one enters, at the same moment."""
        trade = self.held[pick % len(self.held)]
        direction = 1 if trade.position.qty > 0 else -1
        self.propose(qty, trade.instrument, direction, EntryPlan(), ExitPlan(), trade, strategy="other")

    @precondition(lambda self: self.held)
    @rule(pick=picks, percent=st.sampled_from([-35, -12, -6, 6, 12, 25]))
    def the_market_moves_for_a_position(self, pick: int, percent: int) -> None:
        """A mark this far from what was paid, where stops, targets and additions lie."""
        trade = self.held[pick % len(self.held)]
        average = trade.position.average(trade.multiplier)
        if average is not None and average > 0 and not is_combo(trade.instrument):
            self.mark(trade.instrument, max(30, round(average * (100 + percent))), 5)

    @rule(number=st.integers(1, 9), really=seldom)
    def wish_for_nothing_there_is(self, number: int, really: int) -> None:
        """A strategy speaks of a trade that nobody knows, or wants one on its other side: refused (seldom)."""
        if really:
            return
        known = self.desk.book.trades.get(f"T{number}")
        target = 1 if known is None else -known.direction
        found = self.answer(Outcome.CLOSING, "desk", (leave(f"T{number}", target),))
        assert any(isinstance(one, e.IntentRefused) for one in found)

    # --- people --------------------------------------------------------------------------------------------

    def say(self, command: type[c.CommandBase], **fields: object) -> list[e.TradeEvent]:
        """A person gives a command under a new id; the same once more changes nothing."""
        self.said += 1
        given = i.CommandGiven(command(command_id=f"c{self.said}", who="ann", **fields))  # type: ignore[arg-type]
        found = self.decide(given)
        if self.said % 8 == 0:
            self.count("command twice")
            assert not [
                one for one in self.decide(given) if isinstance(one, e.CommandTaken | e.CommandRefused)
            ]
        return found

    @precondition(lambda self: len(self.trades) < 5)
    @rule(qty=st.integers(0, 6), key=keys, entry=entries, exits=exit_plans, direction=directions)
    def save(self, qty: int, key: str, entry: EntryPlan, exits: ExitPlan, direction: int) -> None:
        """Somebody drafts a trade of their own; one of nothing is refused."""
        self.say(c.NewTrade, instrument=key, qty=qty, direction=direction, entry=entry, exits=exits)

    @precondition(lambda self: self.trades_known)
    @rule(pick=picks)
    def activate(self, pick: int) -> None:
        """A draft, or what was held, cancelled or rejected, is let go; anything else is refused."""
        self.say(c.ActivateTrade, trade_id=self.known(pick).trade_id)

    @precondition(lambda self: self.trades)
    @rule(pick=picks)
    def hold(self, pick: int) -> None:
        """A trade is taken out of the market."""
        self.say(c.ModifyTrade, trade_id=self.some(pick).trade_id, hold=True)

    @precondition(lambda self: self.trades)
    @rule(
        pick=picks,
        exits=exit_plans,
        entry=st.one_of(st.none(), entries),
        qty=st.sampled_from([None, None, 3]),
    )
    def modify(self, pick: int, exits: ExitPlan, entry: EntryPlan | None, qty: int | None) -> None:
        """Plans are exchanged."""
        self.say(c.ModifyTrade, trade_id=self.some(pick).trade_id, exits=exits, entry=entry, qty=qty)

    @precondition(lambda self: self.trades_known)
    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        """A trade is ended by hand."""
        self.say(c.CancelTrade, trade_id=self.known(pick).trade_id)

    @precondition(lambda self: self.held)
    @rule(pick=picks, qty=st.integers(0, 4), filled=st.booleans())
    def trim(self, pick: int, qty: int, filled: bool) -> None:
        """A part is taken out, or everything; often it goes at once."""
        trade = self.held[pick % len(self.held)] if pick < 7 else self.known(pick)
        if qty:
            self.say(c.TrimTrade, trade_id=trade.trade_id, qty=qty)
        else:
            self.say(c.CloseTrade, trade_id=trade.trade_id)
        if filled:
            self.trade_and_deliver_all(1000)

    @precondition(lambda self: self.trades)
    @rule(pick=picks, cents=st.integers(600, 1400), what=st.sampled_from(["stop", "even", "target", "trail"]))
    def move(self, pick: int, cents: int, what: str) -> None:
        """An exit is moved."""
        trade_id, level = self.some(pick).trade_id, Decimal(cents) / 100
        if what in ("stop", "even"):
            self.say(c.SetStop, trade_id=trade_id, level=level if what == "stop" else None)
        elif what == "target":
            self.say(c.SetTarget, trade_id=trade_id, level=level)
        else:
            self.say(c.SetTrail, trade_id=trade_id, amount=level / 10)

    @rule(really=very_seldom)
    def halt(self, really: int) -> None:
        """Entries stop (seldom); what works against that is asked back at once (I23)."""
        if really == 0 and not self.desk.book.halt_reason:
            self.say(c.Halt, reason="look first")
            self.holds("I23")
            book = self.desk.book
            for trade in book.open_trades():
                backwards = trade.position.qty * trade.direction < 0  # what buys back is a way out
                if not self.awaiting and not backwards and book.in_flight(trade) * trade.direction > 0:
                    live = [book.orders[one] for parent in book.working_parents(trade)
                            for one in parent.order_ids if one in book.orders]  # fmt: skip
                    doubtful = any(order.state == "UNKNOWN" for order in live)
                    asked = all(order.cancel_requested for order in live)
                    assert asked or doubtful or not book.day.open <= to_iso(self.desk.at) < book.day.close, (
                        "I23"
                    )

    @precondition(lambda self: self.desk.book.halt_reason)
    @rule(read=st.sampled_from([True, True, False]))
    def resume(self, read: bool) -> None:
        """Trading goes on for who has read why it stopped."""
        reason = self.desk.book.halt_reason
        self.say(c.Resume, answers=reason if read else "ok")
        assert bool(self.desk.book.halt_reason) is not read
