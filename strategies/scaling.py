"""Adding to a trade because another signal says the same: whether, and how many contracts."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated

from pydantic import Field

from options.lifecycle import GUARDED
from options.trade import Trade
from options.values import price_from_float
from strategies.base import MarketView
from strategies.settings_table import SettingsTable


class ScaleInSettings(SettingsTable):
    """How a signal on the side that is held already adds to the trade, where that is wanted."""

    also_at_loss: bool = Field(
        default=False, description="Whether to add while the trade is at a loss too; else in profit only."
    )
    additions_max: Annotated[int, Field(ge=1, le=20)] = Field(
        default=1, description="How often a trade is added to, at most."
    )
    share: Annotated[Decimal, Field(gt=0, le=1)] = Field(
        default=Decimal("0.5"),
        description="Part of the first quantity that an addition buys, at least one contract.",
    )


def affordable(dollars: Decimal, each: Decimal, most: int) -> int:
    """How many at ``each`` so many dollars allow, at most ``most``, however large or small the numbers are."""
    return most if each * most <= dollars else int(dollars // each)


def addition(
    view: MarketView,
    trade: Trade,
    settings: ScaleInSettings,
    *,
    qty_max: int,
    risk_budget: Decimal,
    stop: Decimal | None,
) -> int | str:
    """How many contracts to add, or why none.

    What is held with them stays within ``qty_max`` contracts, and could lose ``risk_budget`` dollars at most with a
    stop at this fraction below its average.
    """
    name, held = trade.trade_id, abs(trade.position.qty)
    if trade.status != GUARDED or trade.target != trade.position.qty:
        return f"{name} is {trade.order_status} / {trade.trade_status}: nothing is added to it now"
    if held < trade.position.entered:
        return f"{name} has taken something out already, so nothing is added to it"
    if trade.additions >= settings.additions_max:
        return f"{name} was added to {trade.additions} times; at most {settings.additions_max}"
    fault = view.quotes.fault(trade.instrument, view.now, view.quote_limits)
    quote = view.quotes.get(trade.instrument)
    average = trade.position.average(trade.multiplier)
    if fault is not None or quote is None or quote.mid is None or quote.ask is None or average is None:
        return f"{name}: whether it is in profit is not known ({fault or 'it is quoted on one side'})"
    mid = price_from_float(quote.mid)
    if not settings.also_at_loss and mid <= average:
        return f"{name} is not in profit: bought at {average:.2f}, marked at {mid:.2f}"
    wanted = max(1, int((settings.share * trade.qty).to_integral_value(ROUND_HALF_EVEN)))
    room = risk_budget / (1 if stop is None else stop) - trade.position.cost
    ceiling = min(wanted, qty_max - held)
    qty = affordable(room, price_from_float(quote.ask) * trade.multiplier, ceiling)
    if qty <= 0:
        most = f"at most {qty_max} contracts, and ${risk_budget:,.2f} to lose"
        return f"{name} has no room for more: {held} held; {most}"
    return qty
