"""The limits as a settings file has them; what is left out for a strategy is left to the limits for everybody."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from options.quote import QuoteLimits
from options.risk_counts import ORDERS_KEPT
from options.risk_limits import RiskLimits, StrategyLimits
from strategies.settings_table import SettingsTable

Count = Annotated[int, Field(gt=0)]
Dollars = Annotated[Decimal, Field(gt=0)]


class StrategySettings(SettingsTable):
    """What one strategy may do besides the limits for everybody."""

    qty_max: Count | None = Field(default=None, description="Most contracts in one order of this strategy.")
    premium_trade_max: Dollars | None = Field(
        default=None, description="Most dollars of premium in one of its trades."
    )
    premium_day_max: Dollars | None = Field(
        default=None, description="Most dollars of premium that it buys in one day."
    )
    loss_day_max: Dollars | None = Field(
        default=None, description="Dollars of realized loss in one day at which its entries stop."
    )
    orders_day_max: Count | None = Field(
        default=None, description="Most orders of this strategy in one day, exits included."
    )
    trades_day_max: Count | None = Field(default=None, description="Most trades that it enters in one day.")


class RiskSettings(SettingsTable):
    """What may be sent."""

    qty_max: Count = Field(default=50, description="Most contracts in one order.")
    premium_trade_max: Dollars = Field(
        default=Decimal(5_000), description="Most dollars of premium in one trade."
    )
    premium_day_max: Dollars = Field(
        default=Decimal(50_000), description="Most dollars of premium bought in one day."
    )
    naked_max_loss_usd: Annotated[Decimal, Field(ge=0)] = Field(
        default=Decimal(0),
        description="Most dollars that a loss without a bound may reach until the underlying doubles; 0 refuses all.",
    )
    open_positions_max: Count = Field(default=10, description="Most positions at a time.")
    contract_qty_max: Count = Field(
        default=200,
        description="Most contracts of one instrument, held or on their way in, all trades together.",
    )
    loss_day_max: Dollars = Field(
        default=Decimal(10_000),
        description="Dollars of realized loss in one day, fees included, at which entries stop until the next.",
    )
    trades_day_max: Count = Field(default=200, description="Most trades entered in one day.")
    orders_day_max: Count = Field(
        default=2_000, description="Most orders in one day, exits included; beyond it no entry is sent."
    )
    orders_per_minute_max: Annotated[int, Field(gt=0, le=ORDERS_KEPT)] = Field(
        default=120,
        description="Most orders within any minute, exits included; beyond it no entry is sent.",
    )
    rejections_max: Count = Field(
        default=5,
        description="Orders that the broker refuses in a row before entries halt; resume answers it.",
    )
    duplicate_window_s: Annotated[float, Field(ge=0, le=86_400)] = Field(
        default=5,
        description="Seconds in which a strategy may not enter the same contract, side and quantity again; 0 lets it.",
    )
    collar: Annotated[Decimal, Field(gt=0, le=10)] = Field(
        default=Decimal("0.25"),
        description="How far through the market an entry's limit may be, as a part of the mid; 0.25 is 25%.",
    )
    collar_min: Annotated[Decimal, Field(ge=0)] = Field(
        default=Decimal("0.10"),
        description="Dollars that it may be through the market in any case, for options that cost little.",
    )
    collar_action: Literal["refuse", "cap"] = Field(
        default="refuse",
        description='A limit beyond that is refused ("refuse") or sent at that price ("cap").',
    )
    flat_before_expiry_minutes: Annotated[float, Field(gt=0, lt=390)] = Field(
        default=10,
        description="Minutes before a contract's last close at which a person's trade ends unless it says otherwise.",
    )
    signal_age_max_s: Annotated[float, Field(gt=0)] = Field(
        default=300, description="Seconds after which a signal is too old to act on."
    )
    signal_ahead_max_s: Annotated[float, Field(ge=0)] = Field(
        default=5, description="Seconds that a signal's time may lie ahead of ours."
    )
    strategies: dict[Annotated[str, Field(min_length=1, max_length=40)], StrategySettings] = Field(
        default={},
        description="Limits of one strategy besides these, each in a table named after it.",
    )

    @model_validator(mode="after")
    def _orders_fit(self) -> "RiskSettings":
        if self.contract_qty_max < self.qty_max:
            raise ValueError(
                f"contract_qty_max {self.contract_qty_max} is below qty_max {self.qty_max}: "
                "no order of that size could ever pass"
            )
        return self

    def limits(self, quotes: QuoteLimits) -> RiskLimits:
        """These settings as the core takes them."""
        own = {name: StrategyLimits(**one.model_dump()) for name, one in self.strategies.items()}
        plain = self.model_dump(exclude={"strategies", "collar_action"})
        return RiskLimits(**plain, collar_caps=self.collar_action == "cap", strategies=own, quotes=quotes)
