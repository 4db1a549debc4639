"""follow_signal: BUY buys calls, SHORT buys puts, SELL and CLOSE get out; an opposite signal reverses."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from options.contract import OptionContract, Right, parse_key, parse_occ
from options.expiry import last_trading_day
from options.intent import Decision, Intent, Outcome, TradeProposal
from options.plan import Algo, EntryPlan
from options.signal import Action, Signal
from options.terms import ExitKind
from options.trade import Trade
from options.values import price_from_float, to_iso
from strategies.base import MarketView
from strategies.exit_rules import CanBeOff, ExitPlans, ExitSettings
from strategies.scaling import ScaleInSettings, addition, affordable
from strategies.selection import Selected, SelectionSettings, select
from strategies.settings_table import SettingsTable

_RIGHT = {Action.BUY: Right.CALL, Action.SHORT: Right.PUT}
_WORD = {Right.CALL: "calls", Right.PUT: "puts"}


class FollowSignalSettings(SettingsTable):
    """How signals are followed."""

    confidence_min: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.6,
        description="Entries below this confidence are ignored; exits are followed whatever it is.",
    )
    risk_budget_usd: Annotated[Decimal, Field(gt=0)] = Field(
        default=Decimal(1000),
        description="Dollars that one trade may lose if its stop is hit (without one: at all).",
    )
    qty_max: Annotated[int, Field(gt=0)] = Field(default=10, description="Most contracts in one trade.")
    entry: Literal[Algo.MARKET, Algo.LIMIT, Algo.WALK] = Field(
        default=Algo.MARKET,
        description='"market", "limit" at the ask of the signal, or "walk" from the mid to the ask.',
    )
    give_up_after_s: Annotated[Annotated[float, Field(gt=0, le=86_400)] | None, CanBeOff] = Field(
        default=120, description='Seconds after which an entry that has not filled is given up, or "off".'
    )
    same_side: Literal["ignore", "scale_in"] = Field(
        default="ignore",
        description='What a signal on the side that is held already leads to: "ignore", or "scale_in" to add.',
    )
    scale_in: ScaleInSettings = ScaleInSettings()
    selection: SelectionSettings = SelectionSettings()
    exits: ExitSettings = ExitSettings()


class FollowSignal:
    """One trade per underlying, in the direction of the newest signal."""

    name = "follow_signal"

    def __init__(self, settings: FollowSignalSettings) -> None:
        self.settings = settings
        self._exits = ExitPlans(settings.exits)
        self._at_market = EntryPlan(give_up_after_s=settings.give_up_after_s)

    def on_signal(self, view: MarketView, signal: Signal) -> Decision:
        """Open, close, reverse, or say why not."""
        trades = view.book.trades_of(self.name, signal.symbol)
        right = _RIGHT.get(signal.action)
        if right is None:
            return self._out(trades, signal)
        if signal.confidence < self.settings.confidence_min:
            floor = self.settings.confidence_min
            return self._ignore(f"confidence {signal.confidence:g} is below {floor:g}")
        same = [trade for trade in trades if _right_of(trade) is right and _wanted(trade)]
        if same:
            return self._more(view, signal, same[0], right)
        leaving: tuple[Intent, ...] = ()
        blocker = None
        if trades:
            leaving = _leave(
                trades, signal, ExitKind.REVERSAL, f"{signal.action} {signal.symbol} reverses it"
            )
            blocker = next((one for one in reversed(trades) if one.position.qty or one.parent_ids), None)
        found = self._choose(view, signal, right)
        if isinstance(found, str):
            if leaving:
                return self._decide(Outcome.CLOSING, f"reversal without an entry: {found}", intents=leaving)
            return self._ignore(found)
        proposal = self._propose(view, signal, found, blocker)
        if isinstance(proposal, str):
            outcome = Outcome.CLOSING if leaving else Outcome.IGNORED
            return self._decide(outcome, proposal, intents=leaving)
        outcome = Outcome.REVERSING if blocker is not None else Outcome.OPENED
        return self._decide(outcome, proposal.reason, proposal, leaving)

    def _more(self, view: MarketView, signal: Signal, trade: Trade, right: Right) -> Decision:
        """What the same side of what is held already leads to: nothing, or more of it."""
        settings = self.settings
        if settings.same_side == "ignore":
            return self._ignore(f"{trade.trade_id} already holds {_WORD[right]} on {signal.symbol}")
        if signal.contract is not None and parse_occ(signal.contract).key != trade.instrument:
            return self._ignore(f"{trade.trade_id} holds another contract on {signal.symbol}")
        found = addition(
            view,
            trade,
            settings.scale_in,
            qty_max=settings.qty_max,
            risk_budget=settings.risk_budget_usd,
            stop=settings.exits.stop,
        )
        if isinstance(found, str):
            return self._ignore(found)
        reason = f"{found} more of {trade.trade_id}: {signal.action} {signal.symbol} from {signal.source}"
        intent = Intent(
            trade_id=trade.trade_id,
            target=trade.position.qty + found * trade.direction,
            urgency=0.5,
            kind=ExitKind.SCALE_IN,
            reason=reason,
            source=signal.signal_id,
        )
        return self._decide(Outcome.SCALING_IN, reason, intents=(intent,))

    def _out(self, trades: list[Trade], signal: Signal) -> Decision:
        leaving = _leave(
            trades, signal, ExitKind.SIGNAL, f"{signal.action} {signal.symbol} from {signal.source}"
        )
        if leaving:
            return self._decide(Outcome.CLOSING, f"{signal.action}: out of {signal.symbol}", intents=leaving)
        return self._ignore(f"nothing is open on {signal.symbol}")

    def _choose(self, view: MarketView, signal: Signal, right: Right) -> Selected | str:
        if signal.contract is None:
            return select(view, signal.symbol, right, self.settings.selection)
        contract = parse_occ(signal.contract)
        if contract.right is not right:
            return f"{signal.action} and {contract.plain} are of opposite minds"
        quote = view.quotes.get(contract.key)
        if contract.key not in view.chain or quote is None:
            return f"{contract.plain} is not listed or not quoted"
        return Selected(contract, quote, 0.0, (contract.expiry - view.session.day).days)

    def _propose(
        self, view: MarketView, signal: Signal, found: Selected, blocker: Trade | None
    ) -> TradeProposal | str:
        contract, ask = found.contract, found.quote.ask
        if ask is None:
            return f"nobody offers {contract.plain}"
        qty, loss = self._quantity(contract, price_from_float(ask))
        last = view.last_session(last_trading_day(contract, view.last_session))
        exits = self._exits.plan(view.session, last, max(1, qty))
        if exits.out_by is not None and view.now >= exits.out_by:
            return (
                f"{contract.plain} would be sold at once: nothing of it is held after {to_iso(exits.out_by)}"
            )
        if qty == 0:
            budget = self.settings.risk_budget_usd
            return f"one {contract.plain} at {ask:g} could lose ${loss:,.2f}; the budget is ${budget:,.2f}"
        return TradeProposal(
            instrument=contract,
            direction=1,
            qty=qty,
            entry=self._entry(ask, blocker),
            exits=exits,
            reason=f"{signal.action} {signal.symbol} from {signal.source}, confidence {signal.confidence:g}",
        )

    def _entry(self, ask: float, blocker: Trade | None) -> EntryPlan:
        settings = self.settings
        if settings.entry is Algo.MARKET and blocker is None:
            return self._at_market
        return EntryPlan(
            algo=settings.entry,
            limit_price=price_from_float(ask) if settings.entry is Algo.LIMIT else None,
            give_up_after_s=settings.give_up_after_s,
            after=None if blocker is None else blocker.trade_id,
        )

    def _quantity(self, contract: OptionContract, ask: Decimal) -> tuple[int, Decimal]:
        """Contracts that the risk budget allows, and what one of them could lose in dollars."""
        stop = self.settings.exits.stop
        loss = ask * contract.multiplier * (1 if stop is None else stop)
        return affordable(self.settings.risk_budget_usd, loss, self.settings.qty_max), loss

    def _ignore(self, reason: str) -> Decision:
        return self._decide(Outcome.IGNORED, reason)

    def _decide(
        self,
        outcome: Outcome,
        reason: str,
        proposal: TradeProposal | None = None,
        intents: tuple[Intent, ...] = (),
    ) -> Decision:
        return Decision(
            strategy=self.name, outcome=outcome, reason=reason, proposal=proposal, intents=intents
        )


def _right_of(trade: Trade) -> Right | None:
    instrument = parse_key(trade.instrument)
    return instrument.right if isinstance(instrument, OptionContract) else None


def _wanted(trade: Trade) -> bool:
    """Whether a trade is meant to be held: it waits to enter, or its target is not zero."""
    return trade.target != 0 or not trade.target_kind


def _leave(trades: list[Trade], signal: Signal, kind: ExitKind, reason: str) -> tuple[Intent, ...]:
    return tuple(
        Intent(
            trade_id=trade.trade_id, target=0, urgency=1.0, kind=kind, reason=reason, source=signal.signal_id
        )
        for trade in trades
        if _wanted(trade)
    )
