"""A position as the fold of its fills, with exact money."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

import msgspec

from options.execution_key import execution_base
from options.terms import Effect
from options.values import CENT, ZERO, Side

_PNL_DIGITS = 6
"""Beyond these, what a mark says of dollars is noise of the arithmetic: 189.99999999999977 is 190."""


class BookedFill(msgspec.Struct, frozen=True, gc=False):
    """What a position keeps of a fill, so that a correction can be put in its place.

    ``number`` orders the fills of all trades; the parts of one execution may share it. ``premium`` is what it uses up
    of the day's limit if it enters. ``was`` is quantity and price as they were told first, where they were others.
    """

    number: int
    exec_id: str
    side: Side
    qty: int
    price: Decimal
    fee: Decimal
    ts: str
    order_id: str
    parent_id: str
    premium: Decimal
    was: tuple[int, Decimal] | None = None

    @property
    def base(self) -> str:
        """What names the execution in all its revisions."""
        return execution_base(self.exec_id)


class Position(msgspec.Struct, gc=False):
    """What a trade holds.

    ``qty`` is signed; ``entered`` counts what opened or added, ``first_price`` is that of the first fill. ``cost`` is
    the exact signed cash that the open quantity cost (negative for a short: it was received); an average is derived
    from it, never stored. ``cash`` is every dollar in minus every dollar out, fees included, so that
    ``realized - fees == cash`` whenever the position is flat.
    """

    position_id: str
    qty: int = 0
    qty_traded: int = 0
    entered: int = 0
    first_price: Decimal | None = None
    cost: Decimal = ZERO
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    cash: Decimal = ZERO
    opened_ts: str = ""
    marked_ts: str = ""
    mark: float | None = None
    high: float | None = None
    low: float | None = None
    fills: tuple[BookedFill, ...] = ()

    def average(self, multiplier: int) -> Decimal | None:
        """Average price per unit of what is open, or ``None`` when flat."""
        return self.cost / (self.qty * multiplier) if self.qty else None

    def open_pnl(self, multiplier: int, mark: float | None = None) -> float | None:
        """Profit if the open quantity were valued at ``mark`` (default: the recorded one), in dollars."""
        price = self.mark if mark is None else mark
        return None if price is None else round(price * self.qty * multiplier - float(self.cost), _PNL_DIGITS)

    def take(self, fill: BookedFill, paid: Decimal, realized: Decimal, enters: bool) -> None:
        """Become what a fill makes of the position; ``paid`` is what it cost before fees (below zero: it brought in).

        ``realized`` and whether it ``enters`` are as :func:`outcome_of_fill` has them.
        """
        qty, fee = fill.qty, fill.fee
        self.qty += qty * fill.side.sign
        self.qty_traded += qty
        self.cash -= paid
        if enters:
            self.entered += qty
            if not self.opened_ts:
                self.opened_ts, self.first_price = fill.ts, fill.price
        if realized:
            self.realized += realized
            paid += realized
        if fee:
            self.fees += fee
            self.cash -= fee
        self.cost += paid


OPEN, ADD, TRIM, CLOSE = Effect.OPEN, Effect.ADD, Effect.TRIM, Effect.CLOSE
ENTERS = frozenset({OPEN, ADD})


def paid_for(side: Side, qty: int, price: Decimal, multiplier: int) -> Decimal:
    """Dollars that buying ``qty`` costs before fees; below zero for what selling brings in."""
    return price * (qty * side.sign * multiplier)


class FillOutcome(NamedTuple):
    """What a fill makes of a position: its effect, the new signed quantity and cost, and the P&L of what it closed."""

    effect: Effect
    qty: int
    cost: Decimal
    realized: Decimal


def outcome_of_fill(position: Position, side: Side, qty: int, price: Decimal, multiplier: int) -> FillOutcome:
    """What buying or selling ``qty`` at ``price`` would make of a position; nothing is changed.

    The cost that leaves with a part is rounded to the cent and the rest stays, so that the parts always add up. A fill
    larger than the position closes it and opens the other side with the rest.
    """
    signed = qty * side.sign
    before = position.qty
    if before == 0 or (before > 0) == (signed > 0):
        effect = ADD if before else OPEN
        return FillOutcome(effect, before + signed, position.cost + price * signed * multiplier, ZERO)
    closed = min(qty, abs(before))
    if closed == abs(before):
        cost_out = position.cost
    else:
        cost_out = (position.cost * closed / abs(before)).quantize(CENT, ROUND_HALF_EVEN)
    proceeds = price * closed * multiplier * (1 if before > 0 else -1)
    after = before + signed
    cost_left = position.cost - cost_out
    if after and (after > 0) != (before > 0):
        cost_left = price * after * multiplier
    effect = TRIM if after and (after > 0) == (before > 0) else CLOSE
    return FillOutcome(effect, after, cost_left, proceeds - cost_out)
