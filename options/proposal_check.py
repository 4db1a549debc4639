"""Whether what a strategy proposes can be right: the same checks as for a person's plan, before any limit is asked."""

from decimal import Decimal

import msgspec

from options.book import Book
from options.calendar import Calendar
from options.command_checks import after_faults
from options.contract import Combo
from options.entry_moment import moment_faults
from options.intent import Decision, Intent, Outcome, TradeProposal
from options.known_plans import KnownPlans
from options.lifecycle import TradeStatus
from options.plan_check import instrument_faults, plan_faults, time_faults
from options.quote import QuoteCache
from options.shown_text import REASON_CHARACTERS, printable
from options.terms import ExitKind
from options.trade import Trade
from options.values import Micros, price_from_float


def settled(decision: Decision, known: KnownPlans) -> Decision | str:
    """A decision in which every value is of its declared kind, or where one is not (money is never a float).

    What it says is cut to what can be written down and shown.
    """
    if _is_plain(decision):
        given = decision.proposal
        if given is None:
            return decision
        taken = _taken(given, known)
        if taken is not None:
            return msgspec.structs.replace(decision, proposal=taken)
    try:
        plain = msgspec.to_builtins(_with_plain_words(decision), builtin_types=(Decimal,))
        found = msgspec.convert(plain, Decision, builtin_types=(Decimal,))
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        said = f"what {decision.strategy} wants does not have the form of a decision: {error}"
        return printable(said, REASON_CHARACTERS)
    if decision.proposal is not None and found.proposal is not None:
        known.learn(decision.proposal, found.proposal)
    return found


def _is_plain(decision: Decision) -> bool:
    """Whether a decision is in order but for what it proposes, without anything having to be turned into its kind."""
    return (
        type(decision.strategy) is str
        and type(decision.outcome) is Outcome
        and _can_be_said(decision.reason)
        and type(decision.intents) is tuple
        and all(
            type(one) is Intent
            and type(one.trade_id) is str
            and type(one.target) is int
            and type(one.urgency) is float
            and type(one.kind) is ExitKind
            and _can_be_said(one.reason)
            and type(one.source) is str
            for one in decision.intents
        )
    )


def _taken(given: TradeProposal, known: KnownPlans) -> TradeProposal | None:
    """A proposal as it is taken, if all its parts are known and the rest is in order."""
    if type(given) is not TradeProposal or not _can_be_said(given.reason):
        return None
    instrument, entry, exits = (
        known.taken(given.instrument),
        known.taken(given.entry),
        known.taken(given.exits),
    )
    in_order = type(given.direction) is int and type(given.qty) is int
    if instrument is None or entry is None or exits is None or not in_order:
        return None
    return TradeProposal(
        instrument=instrument,
        direction=given.direction,
        qty=given.qty,
        entry=entry,
        exits=exits,
        reason=given.reason,
    )


def _can_be_said(text: object) -> bool:
    return type(text) is str and len(text) <= REASON_CHARACTERS and text.isprintable()


def _with_plain_words(decision: Decision) -> Decision:
    proposal = decision.proposal
    if proposal is not None:
        proposal = msgspec.structs.replace(proposal, reason=_said(proposal.reason))
    intents = tuple(msgspec.structs.replace(one, reason=_said(one.reason)) for one in decision.intents)
    return msgspec.structs.replace(
        decision, reason=_said(decision.reason), proposal=proposal, intents=intents
    )


def _said(text: str) -> str:
    return printable(str(text), REASON_CHARACTERS)


def proposal_faults(
    book: Book,
    decision: Decision,
    proposal: TradeProposal,
    now: Micros,
    quotes: QuoteCache,
    known: KnownPlans,
    calendar: Calendar | None = None,
) -> list[str]:
    """Everything that is wrong with the trade that a decision proposes, as for a person's; empty if nothing is."""
    entry, exits = proposal.entry, proposal.exits
    # What is out before it expires is not let in after that: its plan says when.
    asked = calendar if exits.hold_through_expiry else None
    faults = instrument_faults(proposal.instrument.key, book.day.day, asked)
    faults += _plan_faults(proposal, _reference(proposal, quotes), known)
    faults += time_faults(exits, entry, now, book.day.day)
    faults += moment_faults(calendar, proposal.instrument.key, entry, exits, now)
    faults += after_faults(book, entry, "")
    return faults + _second_faults(book, decision, proposal)


def _plan_faults(proposal: TradeProposal, price: Decimal | None, known: KnownPlans) -> list[str]:
    net = isinstance(proposal.instrument, Combo)
    if price and known.is_right(proposal, net=net):
        return []
    faults = plan_faults(proposal.qty, proposal.direction, proposal.entry, proposal.exits, price, net=net)
    if price and not faults:
        known.note_right(proposal, net=net)
    return faults


def _second_faults(book: Book, decision: Decision, proposal: TradeProposal) -> list[str]:
    """A strategy has one trade on a symbol: another one waits for it (``after``), or it goes without a trace now."""
    symbol = proposal.instrument.symbol
    given_up = {intent.trade_id for intent in decision.intents if not intent.target}
    return [
        f"{one.trade_id} is on {one.symbol} already; one trade per symbol and strategy"
        for one in book.trades_of(decision.strategy, symbol)
        if one.trade_status is not TradeStatus.NONE
        and one.trade_id != proposal.entry.after
        and not _goes_at_once(one, given_up)
    ]


def _goes_at_once(trade: Trade, given_up: set[str]) -> bool:
    """Whether a trade is not wanted any more, and has nothing held or working that would last."""
    wanted = trade.trade_id not in given_up and (trade.target or not trade.target_kind)
    return not (wanted or trade.position.qty or trade.parent_ids)


def _reference(proposal: TradeProposal, quotes: QuoteCache) -> Decimal | None:
    """What levels are held against: the limit, else the quoted mid."""
    if proposal.entry.limit_price is not None:
        return proposal.entry.limit_price
    quote = quotes.get(proposal.instrument.key)
    mid = None if quote is None else quote.mid
    return None if mid is None else price_from_float(round(mid, 4))
