"""The options order manager: one input in, the events that follow out.

It is the only place that decides. It reads no clock and sends nothing: time comes with the input, and an order goes
out when the runner finds its :class:`~options.events.OrderSubmitRequested` in a batch that is durable.
"""

from hashlib import blake2b

from options import events as e
from options import inputs as i
from options.batch import Batch
from options.book import Book
from options.broker_reports import book_report
from options.contract import parse_key
from options.exit_engine import DueExit, ExitEngine
from options.fold import apply
from options.intake import open_session, refuse_signal, take_signal
from options.intent import Decision, Intent, Outcome
from options.lifecycle import TradeStatus
from options.netting import Need, OrderGroup, add_to_groups, requirement
from options.plan import OrderType
from options.quote import Quote, QuoteCache
from options.risk import RiskLimits, approve_entry, approve_exit, entry_faults, market_faults
from options.trade import Trade
from options.values import Micros

ENTRY = "entry"
EXIT_REJECTIONS_MAX = 3


class OptionsOrderManager:
    """Decides over a book. ``mark_every_s`` is the pace at which marks of positions are written down."""

    def __init__(
        self, book: Book, quotes: QuoteCache, limits: RiskLimits, *, mark_every_s: float = 60.0
    ) -> None:
        self.book = book
        self.quotes = quotes
        self.limits = limits
        self.exits = ExitEngine(book, quotes, limits.quotes, mark_every_s)
        self._to_net: dict[str, None] = {}

    def decide(self, at: Micros, cause: str, given: i.Input) -> list[e.TradeEvent]:
        """The events of one input at ``at``; the book has them when this returns.

        The same book, quotes and input give the same events. An empty list means that nothing followed.
        """
        batch = Batch(self.book, at, cause)
        match given:
            case i.MarketMoved(changes=changes):
                self._market(batch, changes)
            case i.SignalArrived():
                take_signal(batch, given, self.quotes, self.limits)
            case i.SignalAnswered():
                self._answer(batch, given.signal_id, given.decision)
            case i.BrokerReported():
                for report in given.reports:
                    for trade in book_report(batch, report):
                        self._settle(batch, trade)
            case i.SignalUnreadable():
                refuse_signal(batch, given)
            case i.SessionBegan():
                open_session(batch, given)
            case i.ClockTicked():
                if market_faults(self.book, at):
                    self.exits.write_down(batch)
        if not market_faults(self.book, at):
            self._clock(batch)
            self._net(batch)
        return batch.events

    def note(self, event: e.TradeEvent) -> None:
        """Fold a fact about the process itself, which no input led to."""
        apply(self.book, event)

    def catch_up(self, at: Micros, changes: list[tuple[str, Quote]]) -> None:
        """Take in what the feed said before the last event of the ledger; it has led to all that it could."""
        self.quotes.update(at, changes)
        self.exits.catch_up(at, changes)

    def recover(self) -> None:
        """After the fold: arm every exit again and look at every requirement with the next input."""
        self.exits.rearm()
        self._to_net = dict.fromkeys(self.book.by_instrument)

    # --- signals ----------------------------------------------------------------------------------------------

    def _answer(self, batch: Batch, signal_id: str, decision: Decision) -> None:
        """Record what a strategy made of a signal: the new trade first, then what must make room for it."""
        outcome, reason, trade_id = decision.outcome, decision.reason, ""
        proposal = decision.proposal
        if proposal is not None:
            side_faults = entry_faults(
                self.book, proposal, batch.at, self.quotes, self.limits, replaces=bool(proposal.entry.after)
            )
            if side_faults:
                outcome = Outcome.CLOSING if decision.intents else Outcome.REFUSED
                reason = f"{reason}; not entered: {'; '.join(side_faults)}"
            else:
                trade_id = self._save(batch, decision, signal_id)
        for intent in decision.intents:
            self._intend(batch, self.book.trades[intent.trade_id], intent)
        batch.add(
            e.SignalDecided(
                batch.ts,
                batch.cause,
                signal_id=signal_id,
                strategy=decision.strategy,
                outcome=outcome,
                reason=reason,
                trade_id=trade_id,
            )
        )

    def _save(self, batch: Batch, decision: Decision, source: str) -> str:
        proposal = decision.proposal
        assert proposal is not None, "only a proposal can be saved"
        trade_id = f"T{self.book.trade_count + 1}"
        batch.add(
            e.TradeSaved(
                batch.ts,
                batch.cause,
                trade_id=trade_id,
                strategy=decision.strategy,
                instrument=proposal.instrument.key,
                symbol=proposal.instrument.symbol,
                direction=proposal.direction,
                qty=proposal.qty,
                multiplier=proposal.instrument.multiplier,
                entry=proposal.entry,
                exits=proposal.exits,
                source=source,
                reason=proposal.reason,
            )
        )
        batch.add(e.TradeActivated(batch.ts, batch.cause, trade_id=trade_id))
        if proposal.entry.after not in self.book.trades:
            self._enter(batch, self.book.trades[trade_id])
        return trade_id

    def _enter(self, batch: Batch, trade: Trade) -> None:
        self._target(
            batch, trade, trade.qty * trade.direction, ENTRY, trade.reason, trade.source, urgency=0.5
        )

    # --- intents --------------------------------------------------------------------------------------------

    def _intend(self, batch: Batch, trade: Trade, intent: Intent) -> None:
        if trade.trade_status is TradeStatus.PENDING and not trade.parent_ids:
            batch.add(e.TradeCancelled(batch.ts, batch.cause, trade_id=trade.trade_id, reason=intent.reason))
            self._forget(trade)
        elif trade.target != intent.target:
            self._target(
                batch, trade, intent.target, intent.kind, intent.reason, intent.source, intent.urgency
            )

    def _target(
        self, batch: Batch, trade: Trade, target: int, kind: str, reason: str, source: str, urgency: float
    ) -> None:
        """A trade should hold ``target`` from now on; netting sees to the rest."""
        batch.add(
            e.IntentDecided(
                batch.ts,
                batch.cause,
                trade_id=trade.trade_id,
                strategy=trade.strategy,
                instrument=trade.instrument,
                target=target,
                urgency=urgency,
                kind=kind,
                reason=reason,
                source=source,
            )
        )
        if trade.position.qty:
            self.exits.arm(batch, trade)
        self._to_net[trade.instrument] = None

    # --- marks and the clock --------------------------------------------------------------------------------

    def _market(self, batch: Batch, changes: list[tuple[str, Quote]]) -> None:
        self.quotes.update(batch.at, changes)
        for due in self.exits.on_market(batch, changes):
            self._trigger(batch, due)

    def _clock(self, batch: Batch) -> None:
        for trade, armed in self.exits.timers_due(batch.at):
            if armed is not None:
                self._trigger(batch, DueExit(trade, armed))
            elif not trade.entry_done and trade.target_kind == ENTRY and trade.target != trade.position.qty:
                reason = f"not filled within {trade.entry.give_up_after_s:g} s"
                self._target(batch, trade, trade.position.qty, "give up", reason, "plan", urgency=1.0)

    def _trigger(self, batch: Batch, due: DueExit) -> None:
        """An exit came true: the trade should hold that much less."""
        trade, armed = due.trade, due.armed
        if all(other.exit_id != armed.exit_id for other in trade.armed) or not trade.position.qty:
            return
        quote = self.quotes.get(trade.instrument)
        batch.add(
            e.ExitTriggered(
                batch.ts,
                batch.cause,
                trade_id=trade.trade_id,
                position_id=trade.position.position_id,
                exit_id=armed.exit_id,
                kind=armed.kind,
                qty=armed.qty,
                level=self.exits.level_of(armed),
                mark=self.exits.mark_of(trade),
                bid=None if quote is None else quote.bid,
                ask=None if quote is None else quote.ask,
            )
        )
        held = min(abs(trade.target), abs(trade.position.qty))
        left = max(0, held - armed.qty)
        target = left if trade.position.qty > 0 else -left
        self._target(
            batch, trade, target, armed.kind, f"{armed.kind} {armed.exit_id}", armed.exit_id, urgency=1.0
        )

    # --- netting --------------------------------------------------------------------------------------------

    def _net(self, batch: Batch) -> None:
        """Turn the requirements of every instrument that asks for it into parent orders and orders."""
        waiting: dict[str, None] = {}
        while self._to_net:
            key = next(iter(self._to_net))
            del self._to_net[key]
            groups: dict[tuple[object, ...], OrderGroup] = {}
            for trade in list(self.book.by_instrument.get(key, {}).values()):
                required = requirement(self.book, trade)
                if required.need is Need.SEND and self._may_send(batch, trade, required.qty):
                    add_to_groups(groups, trade, required.qty)
                elif required.need is Need.CANCEL:
                    for order in required.orders:
                        ids = {"order_id": order.order_id, "client_ref": order.child.client_ref}
                        batch.add(
                            e.OrderCancelRequested(batch.ts, batch.cause, **ids, reason=trade.target_reason)
                        )
                elif required.need is Need.WAIT:
                    waiting[key] = None
            for group in groups.values():
                self._send(batch, key, group)
        self._to_net = waiting

    def _may_send(self, batch: Batch, trade: Trade, qty: int) -> bool:
        """Hold an entry against the limits; exits always go, until the broker has refused them too often."""
        position = trade.position.qty
        if position and (position > 0) != (qty > 0):
            return trade.rejections < EXIT_REJECTIONS_MAX
        faults = entry_faults(self.book, trade, batch.at, self.quotes, self.limits, qty=abs(qty))
        if not faults:
            return True
        reasons = tuple(faults)
        batch.add(
            e.IntentRefused(
                batch.ts,
                batch.cause,
                trade_id=trade.trade_id,
                strategy=trade.strategy,
                instrument=trade.instrument,
                reasons=reasons,
            )
        )
        if trade.trade_status is TradeStatus.FILLED:
            self._target(batch, trade, position, "refused", reasons[0], "risk", urgency=0.0)
            if not position and not trade.parent_ids:
                self._concluded(batch, trade)
        else:
            batch.add(e.TradeRejected(batch.ts, batch.cause, trade_id=trade.trade_id, reasons=reasons))
            self._forget(trade)
        return False

    def _send(self, batch: Batch, key: str, group: OrderGroup) -> None:
        """Write down a parent order and its first attempt; the runner sends it when it is durable."""
        book = self.book
        instrument = parse_key(key)
        if group.reducing:
            approval = approve_exit(group.trades, group.side, group.qty)
        else:
            approval = approve_entry(book, self.quotes, instrument, group.side, group.qty, self.limits)
        parent_id, order_id = f"P{book.parent_count + 1}", f"O{book.order_count + 1}"
        batch.add(
            e.ParentOrderOpened(
                batch.ts,
                batch.cause,
                parent_id=parent_id,
                instrument=key,
                side=group.side,
                qty=group.qty,
                algo="market" if group.order_type is OrderType.MARKET else "limit",
                urgency=1.0 if group.reducing else 0.5,
                shares=tuple(group.shares),
            )
        )
        batch.add(
            e.OrderSubmitRequested(
                batch.ts,
                batch.cause,
                order_id=order_id,
                parent_id=parent_id,
                client_ref=client_ref(book.account, order_id, parent_id, batch.ts),
                instrument=key,
                side=group.side,
                qty=group.qty,
                order_type=group.order_type,
                tif=group.tif,
                approval=approval,
                limit_price=group.limit_price,
            )
        )
        for trade in group.trades:
            self.exits.watch_entry(trade)

    # --- after the broker has spoken ------------------------------------------------------------------------

    def _settle(self, batch: Batch, trade: Trade) -> None:
        """Bring a trade in line after its fills or the end of one of its orders."""
        if trade.trade_id not in self.book.trades:
            return
        position = trade.position
        self._to_net[trade.instrument] = None
        if not trade.parent_ids and trade.target_kind == ENTRY and position.qty != trade.target:
            self._entry_ended(batch, trade)
        elif position.qty:
            self.exits.arm(batch, trade)
            if trade.rejections >= EXIT_REJECTIONS_MAX and not self.book.halt_reason:
                reason = (
                    f"{trade.trade_id} cannot get out: the broker refused {trade.rejections} orders in a row"
                )
                batch.add(e.TradingHalted(batch.ts, batch.cause, reason=reason, source="engine"))
        elif not trade.parent_ids and trade.target == 0:
            self._concluded(batch, trade)

    def _entry_ended(self, batch: Batch, trade: Trade) -> None:
        """The entry's order is over with a rest: keep what filled, or let the trade go."""
        if trade.position.qty:
            reason = "the entry ended with a rest"
            self._target(batch, trade, trade.position.qty, "entry ended", reason, "broker", urgency=0.0)
            return
        if trade.rejections:
            reasons = ("the broker rejected the entry order",)
            batch.add(e.TradeRejected(batch.ts, batch.cause, trade_id=trade.trade_id, reasons=reasons))
        else:
            reason = "the entry order ended unfilled"
            batch.add(e.TradeCancelled(batch.ts, batch.cause, trade_id=trade.trade_id, reason=reason))
        self._forget(trade)

    def _concluded(self, batch: Batch, trade: Trade) -> None:
        """Nothing is held and nothing is on its way: the trade is over, and who waited for that may go on."""
        position = trade.position
        waiting = [self.book.trades[trade_id] for trade_id in self.book.waiting_for.get(trade.trade_id, ())]
        if position.qty_traded:
            batch.add(
                e.TradeClosed(
                    batch.ts,
                    batch.cause,
                    trade_id=trade.trade_id,
                    position_id=position.position_id,
                    strategy=trade.strategy,
                    instrument=trade.instrument,
                    close_kind=trade.target_kind,
                    qty=position.qty_traded // 2,
                    realized_pnl=position.realized,
                    fees=position.fees,
                    cash=position.cash,
                )
            )
        else:
            reason = trade.target_reason
            batch.add(e.TradeCancelled(batch.ts, batch.cause, trade_id=trade.trade_id, reason=reason))
        self._forget(trade)
        for successor in waiting:
            self._enter(batch, successor)

    def _forget(self, trade: Trade) -> None:
        self.exits.forget(trade)


def client_ref(account: str, order_id: str, parent_id: str, ts: str) -> str:
    """What the broker is told to call an order: 20 characters that derive from what it is for."""
    text = f"{account}|{parent_id}|{order_id}|{ts}"
    return "CB" + blake2b(text.encode(), digest_size=9).hexdigest()
