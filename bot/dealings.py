"""What has been added to a position and taken out of it, as sums: what they have grown by is news."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from options.values import ZERO

_PARTS = 4


@dataclass(frozen=True, slots=True)
class Dealings:
    """Sums since the position began. The entry is not among what was added; ``worth`` is price times quantity."""

    qty_added: int = 0
    worth_added: Decimal = ZERO
    qty_out: int = 0
    worth_out: Decimal = ZERO

    @property
    def text(self) -> str:
        """The sums as a text that :func:`dealings_from` reads."""
        return f"{self.qty_added} {self.worth_added} {self.qty_out} {self.worth_out}"

    def since(self, before: "Dealings") -> "Dealings":
        """What came between two moments; nothing where the sums went back."""
        added, out = max(self.qty_added - before.qty_added, 0), max(self.qty_out - before.qty_out, 0)
        return Dealings(
            added,
            self.worth_added - before.worth_added if added else ZERO,
            out,
            self.worth_out - before.worth_out if out else ZERO,
        )

    def no_more_than(self, now: "Dealings") -> "Dealings":
        """These sums, where a correction has made them less with what they are now."""
        added = now if now.qty_added <= self.qty_added else self
        out = now if now.qty_out <= self.qty_out else self
        return Dealings(added.qty_added, added.worth_added, out.qty_out, out.worth_out)

    @property
    def price_added(self) -> Decimal | None:
        """The average price of what was added, dollars per unit."""
        return self.worth_added / self.qty_added if self.qty_added else None

    @property
    def price_out(self) -> Decimal | None:
        """The average price of what was taken out, dollars per unit."""
        return self.worth_out / self.qty_out if self.qty_out else None


def dealings_from(text: str) -> Dealings:
    """Read :attr:`Dealings.text`.

    :raises ValueError: it is none.
    """
    parts = text.split()
    try:
        if len(parts) == _PARTS:
            return Dealings(int(parts[0]), Decimal(parts[1]), int(parts[2]), Decimal(parts[3]))
    except (InvalidOperation, ValueError):
        pass  # said below
    raise ValueError(f"{text!r} are no dealings: two quantities, each with its worth, are wanted")
