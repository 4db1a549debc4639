"""The marks of positions between what the ledger records of them."""

from dataclasses import dataclass

from options.quote import Quote
from options.trade import Trade
from options.values import Micros, from_iso


@dataclass(slots=True)
class Marks:
    """The marks of a position since it opened, and when they were last written down."""

    mark: float
    high: float
    low: float
    recorded_at: Micros
    recorded: float

    def see(self, mark: float) -> None:
        """Take in a new mark."""
        self.mark = mark
        if mark > self.high:
            self.high = mark
        if mark < self.low:
            self.low = mark


def marks_of(trade: Trade, mark: float) -> Marks:
    """The marks of a position as the ledger has them, or beginning with ``mark``."""
    position = trade.position
    high = mark if position.high is None else position.high
    low = mark if position.low is None else position.low
    recorded = 0.0 if position.mark is None else position.mark
    return Marks(mark, high, low, from_iso(position.marked_ts) if position.marked_ts else 0, recorded)


def mid_of(quote: Quote) -> float:
    """The mid of a healthy quote to a hundredth of a cent: a mark reads as a price, not as a float's last bits."""
    mid = quote.mid
    assert mid is not None, "a healthy quote has both sides"
    return round(mid, 4)
