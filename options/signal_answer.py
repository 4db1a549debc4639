"""What a strategy made of a signal, written down: a new trade, new targets, or why nothing follows."""

import msgspec

from options import events as e
from options.batch import Batch
from options.draft import save_trade
from options.intake import refuse_intent
from options.intent import Decision, Intent, Outcome, TradeProposal
from options.intent_check import intent_faults
from options.lifecycle import TradeStatus
from options.proposal_check import proposal_faults, settled
from options.risk import entry_faults
from options.shown_text import REASON_CHARACTERS, printable
from options.steering import Steering


def answer(manager: Steering, batch: Batch, signal_id: str, decision: Decision) -> None:
    """Record what a strategy made of a signal: the new trade first, then what must make room for it."""
    found = settled(decision, manager.known)
    if isinstance(found, str):
        _refuse(batch, signal_id, decision.strategy, found)
        return
    decision = found
    outcome, reason, trade_id = decision.outcome, decision.reason, ""
    proposal = decision.proposal
    if proposal is not None:
        proposal = _out_before_expiry(manager, proposal)
        faults = _faults(manager, batch, decision, proposal)
        if faults:
            outcome = Outcome.CLOSING if decision.intents else Outcome.REFUSED
            reason = f"{reason}; not entered: {'; '.join(faults)}"
        else:
            trade = save_trade(batch, proposal, decision.strategy, signal_id)
            trade_id = trade.trade_id
            if not proposal.entry.after:
                manager.vouch(trade)
            manager.activate(batch, trade)
    for intent in decision.intents:
        _intend(manager, batch, decision.strategy, intent)
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


def _out_before_expiry(manager: Steering, proposal: TradeProposal) -> TradeProposal:
    """A proposal that says nothing of its expiry is out before it, as a person's trade is."""
    if manager.calendar is None or proposal.exits.flat_before_expiry is not None:
        return proposal
    minutes = manager.limits.flat_before_expiry_minutes
    exits = manager.calendar.guarded(proposal.exits, proposal.instrument.key, minutes)
    if exits == proposal.exits:
        return proposal
    return msgspec.structs.replace(proposal, exits=exits)


def _refuse(batch: Batch, signal_id: str, strategy: str, reason: str) -> None:
    """Record that nothing can be made of a strategy's answer."""
    refuse_intent(batch, "", strategy, "", (reason,))
    batch.add(
        e.SignalDecided(
            batch.ts,
            batch.cause,
            signal_id=signal_id,
            strategy=strategy,
            outcome=Outcome.REFUSED,
            reason=reason,
        )
    )


def _faults(manager: Steering, batch: Batch, decision: Decision, proposal: TradeProposal) -> list[str]:
    """Why a proposed trade is not entered: its plan is wrong, which is a fact of its own, or a limit is against it."""
    strategy = decision.strategy
    faults = proposal_faults(
        batch.book, decision, proposal, batch.at, manager.quotes, manager.known, manager.calendar
    )
    if faults:
        shown = [printable(fault, REASON_CHARACTERS) for fault in faults]
        refuse_intent(batch, "", strategy, proposal.instrument.key, tuple(shown))
        return shown
    return entry_faults(batch.book, proposal, batch.at, manager.quotes, manager.limits, strategy=strategy)


def _intend(manager: Steering, batch: Batch, strategy: str, intent: Intent) -> None:
    """Aim a trade where a strategy wants it; a wish that it cannot have is refused with its reason."""
    faults = intent_faults(batch.book, intent)
    if faults:
        known = batch.book.trade(intent.trade_id)
        instrument = "" if known is None else known.instrument
        refuse_intent(batch, intent.trade_id, strategy, instrument, tuple(faults))
        return
    trade = batch.book.trades[intent.trade_id]
    if trade.trade_status is TradeStatus.PENDING and not trade.parent_ids:
        manager.drop(batch, trade, intent.reason)
    elif trade.target != intent.target:
        manager.aim(batch, trade, intent.target, intent.kind, intent.reason, intent.source, intent.urgency)
