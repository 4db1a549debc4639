"""The fills of a position added up a second time, corrections included, by nothing but their own figures."""

from dataclasses import dataclass, field
from decimal import Decimal

from options.correction_events import FillCorrected
from options.events import OrderFilled
from options.execution_key import execution_key
from options.values import CENT, ZERO


class Wrong(Exception):
    """A line states what the lines before it do not give."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a trade has of an execution: ``signed`` contracts, ``worth`` dollars each; ``number`` is its place."""

    base: str
    number: int
    signed: int
    price: Decimal
    multiplier: int
    fee: Decimal

    @property
    def worth(self) -> Decimal:
        """Dollars of one contract."""
        return self.price * self.multiplier

    @property
    def told(self) -> tuple[int, Decimal, Decimal]:
        """Quantity, price and fee as they were told."""
        return abs(self.signed), self.price, self.fee


def part_of(event: OrderFilled | FillCorrected, number: int) -> Part:
    """The part that an event tells of."""
    base, signed = execution_key(event.exec_id).base, event.qty * event.side.sign
    return Part(base, number, signed, event.price, event.multiplier, event.fee)


@dataclass(slots=True)
class Tally:
    """What the fills of one position add up to. ``cash`` is without fees; ``realized`` is what the events state."""

    trade_id: str = ""
    fills: dict[str, Part] = field(default_factory=dict)
    qty: int = 0
    cash: Decimal = ZERO
    fees: Decimal = ZERO
    realized: Decimal = ZERO
    traded: int = 0
    cost: Decimal = ZERO

    def add(self, part: Part) -> Decimal:
        """Take one more fill in; the P&L that it realizes, not rounded."""
        self.fills[part.base] = part
        before, signed, worth = self.qty, part.signed, part.worth
        self.qty += signed
        self.cash -= worth * signed
        self.fees += part.fee
        self.traded += abs(signed)
        closed = 0 if before * signed >= 0 else min(abs(signed), abs(before))
        if not closed:
            self.cost += worth * signed
            return ZERO
        share = self.cost * closed / abs(before)
        self.cost = worth * self.qty if before * self.qty < 0 else self.cost - share
        return worth * closed * (1 if before > 0 else -1) - share

    def join(self, other: "Tally") -> None:
        """Take over the fills of a position of before, and what was stated of them."""
        self.fills |= other.fills
        self.realized += other.realized

    def correct(self, part: Part, change: Decimal) -> None:
        """Put a revision in its place and add up again; ``change`` is by how much it states the P&L to change.

        :raises Wrong: the fills do not give that.
        """
        fills = sorted([*(self.fills | {part.base: part}).values()], key=lambda one: one.number)
        self.fills, self.qty, self.traded = {}, 0, 0
        self.cash = self.fees = self.cost = ZERO
        expected = sum([self.add(one) for one in fills], ZERO)
        self.realized += change
        # Every trim may be rounded to the cent.
        if abs(expected - self.realized) > CENT * len(fills) or (not self.qty and self.realized != self.cash):
            raise Wrong(
                f"it changes the realized P&L to {self.realized}; the fills with it give {expected:.2f}"
            )
