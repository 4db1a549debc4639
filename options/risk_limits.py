"""The limits in force, as the core takes them from the settings."""

from decimal import Decimal

import msgspec

from options.quote import QuoteLimits
from options.values import ZERO

# No setting can raise these: they bound what a typing mistake in a settings file can cost.
QTY_CEILING = 1_000
PREMIUM_CEILING = Decimal(1_000_000)


class StrategyLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one strategy may do besides the limits for everybody; ``None`` leaves a limit to those."""

    qty_max: int | None = None
    premium_trade_max: Decimal | None = None
    premium_day_max: Decimal | None = None
    loss_day_max: Decimal | None = None
    orders_day_max: int | None = None
    trades_day_max: int | None = None


class RiskLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits in force. Dollars, contracts, seconds; ``quotes`` says which quotes are trusted.

    What has something sold in it counts with the most that it can lose at expiry in place of its premium. Where that
    has no bound, it must lose no more than ``naked_max_loss_usd`` until the underlying doubles; 0 refuses it.

    All of them hold back entries alone. ``contract_qty_max`` is contracts of one instrument, held or on their way in;
    ``loss_day_max`` the day's realized loss with fees. Orders of every kind count towards those per day and minute.
    ``rejections_max`` orders refused by the broker in a row halt trading. ``duplicate_window_s`` is how long an entry
    that equals another trade's is refused (0: never). A limit price may be through the market by ``collar`` of the mid
    or ``collar_min`` dollars, the larger; beyond it is refused, or with ``collar_caps`` sent at that price.
    ``flat_before_expiry_minutes`` before the last close of a contract, what a person's trade holds of it is sold.
    """

    qty_max: int = 50
    premium_trade_max: Decimal = Decimal(5_000)
    premium_day_max: Decimal = Decimal(50_000)
    naked_max_loss_usd: Decimal = ZERO
    open_positions_max: int = 10
    contract_qty_max: int = 200
    loss_day_max: Decimal = Decimal(10_000)
    trades_day_max: int = 200
    orders_day_max: int = 2_000
    orders_per_minute_max: int = 120
    rejections_max: int = 5
    duplicate_window_s: float = 0.0
    collar: Decimal = Decimal("0.25")
    collar_min: Decimal = Decimal("0.10")
    collar_caps: bool = False
    flat_before_expiry_minutes: float = 10.0
    signal_age_max_s: float = 300.0
    signal_ahead_max_s: float = 5.0
    strategies: dict[str, StrategyLimits] = {}
    quotes: QuoteLimits = QuoteLimits()
