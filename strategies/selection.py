"""Which contract to trade: by days to expiry and delta, with a limit on spread and a floor on open interest."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, model_validator

from options.contract import OptionContract, Right
from options.pricing import delta, implied_volatility, years_to_expiry
from options.quote import Quote
from strategies.base import MarketView
from strategies.settings_table import SettingsTable


class SelectionSettings(SettingsTable):
    """What a contract must be like."""

    days_to_expiry: Annotated[int, Field(ge=0)] = Field(
        default=14, description="Wanted calendar days to expiry."
    )
    days_to_expiry_min: Annotated[int, Field(ge=0)] = Field(default=5, description="Fewest days to expiry.")
    days_to_expiry_max: Annotated[int, Field(ge=0)] = Field(default=45, description="Most days to expiry.")
    delta: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.45, description="Wanted delta, without its sign."
    )
    delta_min: Annotated[float, Field(gt=0, lt=1)] = Field(default=0.25, description="Smallest delta taken.")
    delta_max: Annotated[float, Field(gt=0, lt=1)] = Field(default=0.70, description="Largest delta taken.")
    spread_max: Annotated[float, Field(gt=0, le=2)] = Field(
        default=0.15, description="Widest spread taken, as a part of the mid; 0.15 is 15%."
    )
    open_interest_min: Annotated[int, Field(ge=0)] = Field(
        default=10, description="Fewest contracts open; a contract without a figure counts as 0."
    )
    rate: Annotated[float, Field(gt=-0.1, lt=1)] = Field(
        default=0.01, description="Interest rate a year for delta."
    )

    @model_validator(mode="after")
    def _ranges_hold_what_is_wanted(self) -> "SelectionSettings":
        if not self.days_to_expiry_min <= self.days_to_expiry <= self.days_to_expiry_max:
            raise ValueError("days_to_expiry must lie between days_to_expiry_min and days_to_expiry_max")
        if not self.delta_min <= self.delta <= self.delta_max:
            raise ValueError("delta must lie between delta_min and delta_max")
        return self


@dataclass(frozen=True, slots=True)
class Selected:
    """The contract that was chosen, its quote and its delta."""

    contract: OptionContract
    quote: Quote
    delta: float
    days: int


def select(view: MarketView, symbol: str, right: Right, settings: SelectionSettings) -> Selected | str:
    """The contract nearest to what is wanted, or in words why there is none.

    Expiries are tried from the wanted number of days outwards; in the first that has any contract within all limits,
    the one with the nearest delta is taken (the lower strike of two alike).
    """
    today = view.session.day
    days_of = {expiry: (expiry - today).days for expiry in view.chain.expiries(symbol)}
    fitting = [
        expiry
        for expiry, days in days_of.items()
        if settings.days_to_expiry_min <= days <= settings.days_to_expiry_max
    ]
    if not fitting:
        listed = ", ".join(str(days) for days in days_of.values() if days >= 0) or "none"
        wanted = f"{settings.days_to_expiry_min} to {settings.days_to_expiry_max}"
        return f"no {symbol} expiry in {wanted} days (listed: {listed})"
    spot = view.quotes.get(symbol)
    if spot is None or not spot.mark:
        return f"{symbol} has no price to choose a strike by"
    why_not: Counter[str] = Counter()
    for expiry in sorted(fitting, key=lambda day: (abs(days_of[day] - settings.days_to_expiry), day)):
        found = [
            selected
            for contract in view.chain.contracts(symbol, expiry, right)
            if (selected := _judge(view, contract, spot.mark, settings, why_not)) is not None
        ]
        if found:
            return min(found, key=lambda one: (abs(abs(one.delta) - settings.delta), one.contract.strike))
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(why_not.items()))
    kind = "call" if right is Right.CALL else "put"
    return f"no {symbol} {kind} fits: {reasons or 'none listed'}"


def _judge(
    view: MarketView,
    contract: OptionContract,
    spot: float,
    settings: SelectionSettings,
    why_not: Counter[str],
) -> Selected | None:
    """A contract if it is within every limit; else the first reason against it is counted."""
    quote = view.quotes.get(contract.key)
    if quote is None or view.quotes.fault(contract.key, view.now, view.quote_limits) is not None:
        why_not["without a healthy quote"] += 1
        return None
    mid = quote.mid
    if mid is None or mid <= 0 or quote.ask is None or quote.bid is None:
        why_not["quoted on one side only"] += 1
        return None
    if (view.chain.open_interest(contract.key) or 0) < settings.open_interest_min:
        why_not["below the open interest"] += 1
        return None
    if (quote.ask - quote.bid) / mid > settings.spread_max:
        why_not["too wide"] += 1
        return None
    strike = float(contract.strike)
    years = years_to_expiry(view.now, contract.expiry, view.session)
    volatility = implied_volatility(contract.right, mid, spot, strike, years, settings.rate)
    if volatility is None:
        why_not["without an implied volatility"] += 1
        return None
    value = delta(contract.right, spot, strike, years, settings.rate, volatility)
    if not settings.delta_min <= abs(value) <= settings.delta_max:
        why_not["outside the deltas"] += 1
        return None
    return Selected(contract, quote, value, (contract.expiry - view.session.day).days)
