"""What strategies and admins want: desired positions, and new trades. No price, no order type of execution."""

from enum import StrEnum

import msgspec

from options.contract import Instrument
from options.plan import EntryPlan, ExitPlan
from options.terms import ExitKind


class Outcome(StrEnum):
    """What a strategy makes of a signal."""

    OPENED = "opened"
    CLOSING = "closing"
    REVERSING = "reversing"
    SCALING_IN = "scaling in"
    IGNORED = "ignored"
    REFUSED = "refused"


class Intent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A trade should hold ``target`` of its instrument, signed. Stateless: the newest one counts.

    ``urgency`` runs from 0 (whenever it suits) to 1 (now).
    """

    trade_id: str
    target: int
    urgency: float
    kind: ExitKind
    reason: str
    source: str


class TradeProposal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A trade that a strategy would open: what, how much, and the plans for getting in and out.

    ``direction`` is +1 to hold the instrument long, -1 short. A plan that waits for another trade to close
    (``entry.after``) makes it the second half of a reversal.
    """

    instrument: Instrument
    direction: int
    qty: int
    entry: EntryPlan
    exits: ExitPlan
    reason: str


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A strategy's answer to one signal: at most one new trade, and new targets for trades that are open."""

    strategy: str
    outcome: Outcome
    reason: str
    proposal: TradeProposal | None = None
    intents: tuple[Intent, ...] = ()
