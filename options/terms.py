"""The terms that events are made of: what a fill did, why a position is left, shares, approvals, armed exits."""

from decimal import Decimal
from enum import StrEnum

import msgspec

from options.plan import Algo, Basis, Held, TimeInForce
from options.values import ZERO

ENTRY = "entry"
"""The kind of the intent that a trade begins with."""


class Effect(StrEnum):
    """What a fill did to the position."""

    OPEN = "open"
    ADD = "add"
    TRIM = "trim"
    CLOSE = "close"


class ExitKind(StrEnum):
    """Why a position is left, or (the last two) what else a contingent order does."""

    STOP = "stop"
    TARGET = "target"
    TRAILING = "trailing"
    TIME = "time"
    FLAT = "flat"
    SIGNAL = "signal"
    REVERSAL = "reversal"
    ADMIN = "admin"
    ROLL = "roll"
    EXPIRY = "expiry"
    ASSIGNED = "assigned"
    EXERCISED = "exercised"
    SCALE_IN = "scale in"
    TRAIL_ON = "trailing stop starts"


DELIVERED = "delivered"
"""The kind of a target that no intent has set: what the end of an option left."""
ENTRY_ENDED = "entry ended"
"""The kind of the intent to keep what an entry has brought, as its order is over."""
ADDS = (ENTRY, ExitKind.SCALE_IN)
"""The kinds of intents that open or add."""


class ParentStatus(StrEnum):
    """The life of a parent order."""

    WORKING = "WORKING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class Share(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much of a parent order serves one trade."""

    trade_id: str
    qty: int


class LegPrice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one leg of a combo traded at; ``ratio`` is signed, as the combo has it."""

    instrument: str
    ratio: int
    price: Decimal


class Schedule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How a parent is worked: from ``limit_price`` to ``limit_bound``, or in parts; a step every ``every_s``.

    ``deadline_s`` after it was opened, what is left goes to the market.
    """

    algo: Algo
    tif: TimeInForce = TimeInForce.DAY
    limit_price: Decimal | None = None
    limit_bound: Decimal | None = None
    every_s: float = 0.0
    steps: int = 0
    deadline_s: float | None = None


class Approval(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That risk let an order pass, with the limits that it was held against and what had been used of each before it.

    Dollars of premium and of the day's loss (below zero: a gain), contracts held or on their way in the instrument,
    orders and trades of the day. ``limit_wanted`` is the limit price before it was capped at the collar. An order that
    only takes out what is held is ``reducing``, and nothing but that was asked of it.
    """

    premium: Decimal
    premium_trade_max: Decimal | None = None
    premium_day_used: Decimal = ZERO
    premium_day_max: Decimal | None = None
    qty_max: int | None = None
    reducing: bool = False
    contract_qty: int = 0
    contract_qty_max: int | None = None
    loss_day: Decimal = ZERO
    loss_day_max: Decimal | None = None
    orders_day: int = 0
    orders_day_max: int | None = None
    trades_day: int = 0
    trades_day_max: int | None = None
    limit_wanted: Decimal | None = None


class ArmedExit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One contingent order; ``held`` by the engine, or resting at the broker as far as it can.

    ``qty`` is what it takes out (SCALE_IN: adds). STOP, TARGET, SCALE_IN and TRAIL_ON have a ``level``; ``above`` says
    on which side of it the price must be. TRAILING has a ``trail`` (a fraction of the best mark) or a ``trail_amount``
    (dollars) and the ``water`` it starts from; TIME and FLAT an ``at`` (ISO 8601 UTC).
    """

    exit_id: str
    kind: ExitKind
    qty: int
    level: Decimal | None = None
    above: bool = False
    basis: Basis = Basis.MID
    trail: Decimal | None = None
    trail_amount: Decimal | None = None
    water: float | None = None
    at: str = ""
    held: Held = Held.ENGINE
