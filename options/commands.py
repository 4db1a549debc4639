"""What a person can ask of the desk. Every door (command line, Discord, web) sends these and nothing else.

``command_id`` makes a command happen once, however often it arrives; ``who`` is the person as the ledger shows them.
"""

from decimal import Decimal

import msgspec

from options.plan import AT_MARKET, EntryPlan, ExitOrder, ExitPlan
from options.values import Micros


class CommandBase(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="verb",
    forbid_unknown_fields=True,
):
    """What all commands share. ``seen``: the state that it is meant for, as a preview marks it; empty for any."""

    command_id: str
    who: str
    seen: str = ""

    @property
    def verb(self) -> str:
        """The command's name as people and the ledger use it."""
        return str(self.__struct_config__.tag)


class NewTrade(CommandBase, frozen=True, kw_only=True, tag="new"):
    """Save a trade as a draft. ``instrument`` is a key; ``direction`` +1 to hold it long, -1 short."""

    instrument: str
    qty: int
    direction: int = 1
    strategy: str = "manual"
    entry: EntryPlan = EntryPlan()
    exits: ExitPlan = ExitPlan()
    reason: str = ""


class ActivateTrade(CommandBase, frozen=True, kw_only=True, tag="activate"):
    """Check a draft (or what was held, cancelled or rejected) in full and let it go for its entry."""

    trade_id: str


class ModifyTrade(CommandBase, frozen=True, kw_only=True, tag="modify"):
    """Exchange a trade's plans; what is left out stays. ``hold`` takes it out of the market instead."""

    trade_id: str
    qty: int | None = None
    entry: EntryPlan | None = None
    exits: ExitPlan | None = None
    hold: bool = False


class CancelTrade(CommandBase, frozen=True, kw_only=True, tag="cancel"):
    """End a trade: out of the market before a fill, flattened after one."""

    trade_id: str


class TrimTrade(CommandBase, frozen=True, kw_only=True, tag="trim"):
    """Take ``qty`` contracts out, or a ``fraction`` of what is held (halves to the even number, at least one)."""

    trade_id: str
    qty: int | None = None
    fraction: Decimal | None = None
    order: ExitOrder = AT_MARKET


class CloseTrade(CommandBase, frozen=True, kw_only=True, tag="close"):
    """Take everything out."""

    trade_id: str
    order: ExitOrder = AT_MARKET


class CloseAll(CommandBase, frozen=True, kw_only=True, tag="close-all"):
    """Take everything out of every open trade, or of those of one ``strategy``; what waits to enter is cancelled."""

    strategy: str | None = None


class RollTrade(CommandBase, frozen=True, kw_only=True, tag="roll"):
    """Close a trade and, once that is proven, open the same in another contract.

    The contract is given as a whole key, or as what differs: its ``expiry`` (ISO date), its ``strike`` (dollars), or
    both. ``qty`` is how many to open, by default as many as can still be taken out. ``flat_before_expiry`` is when
    (microseconds) nothing of the new one may be left, as the door fills it in.
    """

    trade_id: str
    contract: str | None = None
    expiry: str | None = None
    strike: Decimal | None = None
    qty: int | None = None
    flat_before_expiry: Micros | None = None


class SetStop(CommandBase, frozen=True, kw_only=True, tag="stop"):
    """Put the stop at ``level`` (dollars); ``None`` at the entry."""

    trade_id: str
    level: Decimal | None = None


class SetTarget(CommandBase, frozen=True, kw_only=True, tag="target"):
    """Put one target for everything that is left at ``level`` (dollars)."""

    trade_id: str
    level: Decimal


class SetTrail(CommandBase, frozen=True, kw_only=True, tag="trail"):
    """Trail the best mark by a ``fraction`` of it or by an ``amount`` of dollars; exactly one is given."""

    trade_id: str
    fraction: Decimal | None = None
    amount: Decimal | None = None


class RecordAssignment(CommandBase, frozen=True, kw_only=True, tag="assigned"):
    """Write down what the broker did: short contracts of a trade were assigned, or long ones exercised, before expiry.

    ``qty`` contracts, by default all; ``contract`` is the key of the leg where a combo has several options;
    ``underlying`` is the price of the underlying then, by default what is quoted.
    """

    trade_id: str
    qty: int | None = None
    contract: str | None = None
    underlying: Decimal | None = None


class SettleOrder(CommandBase, frozen=True, kw_only=True, tag="settle"):
    """Say what became of an order in doubt of which the broker cannot tell any more.

    It ``filled`` so many contracts in all and is over; ``price`` is that of those that are not booked yet, and ``fee``
    what they cost in dollars.
    """

    order_id: str
    filled: int
    price: Decimal | None = None
    fee: Decimal = Decimal(0)


class Halt(CommandBase, frozen=True, kw_only=True, tag="halt"):
    """Stop entries; exits go on."""

    reason: str = "halted by hand"


class Resume(CommandBase, frozen=True, kw_only=True, tag="resume"):
    """Let entries go on, after the halt was read: ``answers`` repeats its reason."""

    answers: str = ""


TradeCommand = (
    ActivateTrade
    | ModifyTrade
    | CancelTrade
    | TrimTrade
    | CloseTrade
    | RollTrade
    | SetStop
    | SetTarget
    | SetTrail
    | RecordAssignment
)
Command = NewTrade | TradeCommand | CloseAll | SettleOrder | Halt | Resume
