"""How the paper broker fills: fill, slippage and fee as small parts that can be exchanged.

``quote`` fills the whole order at once at the far side of the quote and charges nothing. ``realistic`` fills no more
than is displayed, some ticks worse, after a delay, and charges Interactive Brokers' published commissions.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from options.contract import Instrument, Stock
from options.quote import Quote
from options.values import CENT, ZERO, Side, price_from_float

TICK_STEP_AT = Decimal(3)


class FillModel(Protocol):
    """How much of an order fills on a quote, and at what price before slippage."""

    def fill(self, side: Side, qty: int, quote: Quote) -> tuple[int, Decimal] | None:
        """Contracts (up to ``qty``) and price in dollars, or ``None`` if the quote has no price to trade at."""


class SlippageModel(Protocol):
    """How much worse than the quote an order fills."""

    def price(self, side: Side, price: Decimal) -> Decimal:
        """The price after slippage, above zero."""


class FeeModel(Protocol):
    """What an execution costs."""

    def fee(self, qty: int, price: Decimal, filled: int, charged: Decimal) -> Decimal:
        """Dollars for ``qty`` at ``price``, when ``filled`` of the order were charged ``charged`` before."""


def far_side(side: Side, quote: Quote) -> float | None:
    """The price an order meets: a buy the ask (else mid, last, bid), a sell the bid (else mid, last, ask)."""
    first, other = (quote.ask, quote.bid) if side is Side.BUY else (quote.bid, quote.ask)
    for price in (first, quote.mid, quote.last, other):
        if price is not None:
            return price
    return None


@dataclass(frozen=True, slots=True)
class WholeSize:
    """The whole order at once, whatever the quote displays."""

    def fill(self, side: Side, qty: int, quote: Quote) -> tuple[int, Decimal] | None:
        """All of ``qty`` at the far side."""
        price = far_side(side, quote)
        return None if price is None or price <= 0 else (qty, price_from_float(price))


@dataclass(frozen=True, slots=True)
class DisplayedSize:
    """No more than the quote displays on its far side, and at least one contract where it says nothing."""

    def fill(self, side: Side, qty: int, quote: Quote) -> tuple[int, Decimal] | None:
        """The smaller of ``qty`` and the displayed size, at the far side."""
        price = far_side(side, quote)
        shown = quote.ask_size if side is Side.BUY else quote.bid_size
        return None if price is None or price <= 0 else (min(qty, max(1, shown)), price_from_float(price))


@dataclass(frozen=True, slots=True)
class NoSlippage:
    """Exactly the quoted price."""

    def price(self, side: Side, price: Decimal) -> Decimal:
        """The price as it is."""
        return price


@dataclass(frozen=True, slots=True)
class TickSlippage:
    """``ticks`` worse than quoted; the tick is ``below`` dollars under $3 and ``above`` from there on."""

    ticks: int = 1
    below: Decimal = Decimal("0.05")
    above: Decimal = Decimal("0.10")

    def price(self, side: Side, price: Decimal) -> Decimal:
        """The price some ticks further out; a sell never below one tick."""
        tick = self.below if price < TICK_STEP_AT else self.above
        return max(price + side.sign * self.ticks * tick, min(price, tick))


@dataclass(frozen=True, slots=True)
class NoFee:
    """Nothing."""

    def fee(self, qty: int, price: Decimal, filled: int, charged: Decimal) -> Decimal:
        """Zero dollars."""
        return ZERO


@dataclass(frozen=True, slots=True)
class IbkrOptionFee:
    """Interactive Brokers' tiered commission for US options, first volume tier, without pass-through fees.

    Per contract $0.65 where the premium is $0.10 or more, $0.50 from $0.05, $0.25 below; at least $1.00 an order.
    Source: the broker's published schedule (up to 10,000 contracts a month).
    """

    order_min: Decimal = Decimal("1.00")

    def fee(self, qty: int, price: Decimal, filled: int, charged: Decimal) -> Decimal:
        """What the order owes for all that has filled, less what it was charged before.

        Each execution pays the rate of its own premium; up to the least an order costs, only what was charged is known.
        """
        if price >= Decimal("0.10"):
            rate = Decimal("0.65")
        else:
            rate = Decimal("0.50") if price >= Decimal("0.05") else Decimal("0.25")
        before = charged if charged > self.order_min else min(self.order_min, rate * filled)
        return max(before + rate * qty, self.order_min) - charged


@dataclass(frozen=True, slots=True)
class IbkrStockFee:
    """Interactive Brokers' tiered commission for US shares, first volume tier, without pass-through fees.

    $0.0035 a share, at least $0.35 an order and at most 1% of what was traded. Source: the broker's published schedule.
    """

    def fee(self, qty: int, price: Decimal, filled: int, charged: Decimal) -> Decimal:
        """What the order owes for all that has filled, less what it was charged before."""
        shares = qty + filled
        owed = min(max(Decimal("0.0035") * shares, Decimal("0.35")), price * shares / 100)
        return max(ZERO, owed - charged).quantize(CENT)


@dataclass(frozen=True, slots=True)
class FillRules:
    """The parts together, shares apart from options, and how many seconds an order takes to reach the market."""

    name: str
    fill: FillModel
    slippage: SlippageModel
    fee: FeeModel
    latency_s: float = 0.0
    stock_slippage: SlippageModel = field(default_factory=NoSlippage)
    stock_fee: FeeModel = field(default_factory=NoFee)

    def slippage_of(self, instrument: Instrument) -> SlippageModel:
        """How much worse than quoted an instrument fills."""
        return self.stock_slippage if isinstance(instrument, Stock) else self.slippage

    def fee_of(self, instrument: Instrument) -> FeeModel:
        """What trading an instrument costs."""
        return self.stock_fee if isinstance(instrument, Stock) else self.fee


QUOTE_RULES = FillRules("quote", WholeSize(), NoSlippage(), NoFee())


def realistic_rules(slippage_ticks: int = 1, latency_s: float = 0.25) -> FillRules:
    """Displayed size, ticks of slippage, commissions, and a delay."""
    return FillRules(
        "realistic",
        DisplayedSize(),
        TickSlippage(slippage_ticks),
        IbkrOptionFee(),
        latency_s,
        TickSlippage(slippage_ticks, below=CENT, above=CENT),
        IbkrStockFee(),
    )
