"""Whether what a strategy proposes can be right: the same checks as for a person's plan, before any limit is asked."""

from decimal import Decimal

import msgspec

from options.book import Book
from options.command_checks import REASON_CHARACTERS, after_faults, printable
from options.contract import Combo
from options.intent import Decision, TradeProposal
from options.plan_check import instrument_faults, plan_faults, time_faults
from options.quote import QuoteCache
from options.values import Micros, price_from_float


def settled(decision: Decision) -> Decision | str:
    """A decision in which every value is of its declared kind, or where one is not (money is never a float).

    What it says is cut to what can be written down and shown.
    """
    try:
        plain = msgspec.to_builtins(_with_plain_words(decision), builtin_types=(Decimal,))
        return msgspec.convert(plain, Decision, builtin_types=(Decimal,))
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        said = f"what {decision.strategy} wants does not have the form of a decision: {error}"
        return printable(said, REASON_CHARACTERS)


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


def proposal_faults(book: Book, proposal: TradeProposal, now: Micros, quotes: QuoteCache) -> list[str]:
    """Everything that is wrong with a proposed trade by itself, as for a person's; empty if nothing is."""
    key, entry, exits = proposal.instrument.key, proposal.entry, proposal.exits
    net = isinstance(proposal.instrument, Combo)
    faults = instrument_faults(key, book.day.day)
    faults += plan_faults(
        proposal.qty, proposal.direction, entry, exits, _reference(proposal, quotes), net=net
    )
    faults += time_faults(exits, entry, now, book.day.day)
    return faults + after_faults(book, entry, "")


def _reference(proposal: TradeProposal, quotes: QuoteCache) -> Decimal | None:
    """What levels are held against: the limit, else the quoted mid."""
    if proposal.entry.limit_price is not None:
        return proposal.entry.limit_price
    quote = quotes.get(proposal.instrument.key)
    mid = None if quote is None else quote.mid
    return None if mid is None else price_from_float(round(mid, 4))
