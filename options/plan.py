"""What a trade intends before it exists: how it enters and how it gets out.

Plans are written into the ledger with the trade, so that nothing about an exit depends on today's settings.
Distances are fractions of the entry price (0.25 is 25%); levels are dollars of option price.
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

from options.values import Micros


class OrderType(StrEnum):
    """How an order meets the market."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop limit"


class TimeInForce(StrEnum):
    """How long an order rests: until the session's close, or until it is cancelled."""

    DAY = "DAY"
    GTC = "GTC"


class EntryPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a trade gets in.

    ``after`` names a trade that must be closed first (a reversal). ``give_up_after_s`` cancels what has not filled
    by then; ``None`` leaves it to the order's time in force.
    """

    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY
    give_up_after_s: float | None = None
    after: str | None = None


class TargetPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rung of a take-profit ladder: at ``gain`` over the entry, sell ``share`` of the filled quantity."""

    gain: Decimal
    share: Decimal = Decimal(1)


class ExitPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a trade gets out; every part may be left out.

    ``stop``: loss from the entry at which all goes. ``trail``: distance below the best mark since the entry.
    ``hold_max_s``: seconds after the first fill. ``flat_at``: a moment at which nothing may be left (microseconds).
    """

    targets: tuple[TargetPlan, ...] = ()
    stop: Decimal | None = None
    trail: Decimal | None = None
    hold_max_s: float | None = None
    flat_at: Micros | None = None
