"""Entries that would be sold again with the first quote: what it costs to get in is more than the plan may lose.

A market entry pays the far side, and its exits are judged on the mid, on the side that closing meets, or on the last
trade, which may be hours old. Where one of them is past its level already, getting in only pays the spread. A combo is
not asked: it is quoted by the sides of all its legs together, which is wider than what it trades at.
"""

from collections.abc import Iterator
from decimal import Decimal

from options.plan import Algo, Basis, EntryPlan, ExitPlan
from options.quote import Quote

_JUDGED_BY_MID = (Basis.MID, Basis.TWO_MARKS)


def straight_out_faults(
    quote: Quote | None, direction: int, entry: EntryPlan, exits: ExitPlan
) -> Iterator[str]:
    """Every exit that would be due at once if a trade went in at the market now, with what it is judged by.

    Levels that lie on the wrong side of the mid are said elsewhere, and what has a limit is not asked.
    """
    at_market = entry.algo is Algo.MARKET or (entry.algo is Algo.TWAP and entry.limit_price is None)
    if quote is None or not at_market or direction not in (1, -1):
        return
    mid, cost = quote.mid, (quote.ask if direction > 0 else quote.bid)
    if mid is None or cost is None:
        return
    name, price = _judged_by(exits.basis, quote, mid, direction)
    if price is None:
        return
    where = f"it goes in at {cost:g}, and the {name} is {price:g}"
    level = _level(cost, None if exits.stop is None else -exits.stop, exits.stop_level, direction)
    if level is not None and (price - level) * direction <= 0 and not (exits.stop is None and name == "mid"):
        yield f"the stop {_dollars(level)} would be due at once: {where}"
    for number, target in enumerate(exits.targets if exits.basis is Basis.LAST else (), start=1):
        level = _level(cost, target.gain, target.level, direction)
        if level is not None and (price - level) * direction >= 0:
            yield f"target {number} at {_dollars(level)} would be due at once: {where}"


def _judged_by(basis: Basis, quote: Quote, mid: float, direction: int) -> tuple[str, float | None]:
    """What exits are judged by, with its name."""
    if basis in _JUDGED_BY_MID:
        return "mid", mid
    if basis is Basis.LAST:
        return "last price", quote.last
    return ("bid", quote.bid) if direction > 0 else ("ask", quote.ask)


def _level(cost: float, gain: Decimal | None, level: Decimal | None, direction: int) -> float | None:
    if gain is not None:
        return cost + abs(cost) * float(gain) * direction
    return None if level is None else float(level)


def _dollars(price: float) -> str:
    return f"{price:.2f}" if abs(price) >= 1 else f"{price:.4g}"
