"""Whether what a strategy proposes can be right: the same checks as for a person's plan, before any limit is asked."""

from decimal import Decimal

import msgspec

from options.book import Book
from options.command_checks import REASON_CHARACTERS, after_faults, printable
from options.contract import Combo
from options.intent import Decision, TradeProposal
from options.lifecycle import TradeStatus
from options.plan_check import instrument_faults, plan_faults, time_faults
from options.quote import QuoteCache
from options.trade import Trade
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


def proposal_faults(
    book: Book, decision: Decision, proposal: TradeProposal, now: Micros, quotes: QuoteCache
) -> list[str]:
    """Everything that is wrong with the trade that a decision proposes, as for a person's; empty if nothing is."""
    key, entry, exits = proposal.instrument.key, proposal.entry, proposal.exits
    net = isinstance(proposal.instrument, Combo)
    faults = instrument_faults(key, book.day.day)
    faults += plan_faults(
        proposal.qty, proposal.direction, entry, exits, _reference(proposal, quotes), net=net
    )
    faults += time_faults(exits, entry, now, book.day.day)
    faults += after_faults(book, entry, "")
    return faults + _second_faults(book, decision, proposal)


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
