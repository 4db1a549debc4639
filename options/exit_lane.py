"""Where an exit rests in the index of prices: in the lane of its instrument's marks, or in one of another price."""

from options.combo_quote import is_combo
from options.plan import Basis
from options.quote import Quote

# The index knows prices above zero only. A combo's net price may be a credit, so its lanes run this much higher.
_COMBO_RAISE = 131_072.0


def raise_of(key: str) -> float:
    """Dollars that are added to every price of an instrument before the index sees it."""
    return _COMBO_RAISE if is_combo(key) else 0.0


def lane_of(key: str, basis: Basis, *, long: bool) -> str:
    """The lane of an exit: what closing meets is the bid for a long and the ask for a short. ``key``: the marks'."""
    if basis is Basis.FAR_SIDE:
        return f"{key}|bid" if long else f"{key}|ask"
    return f"{key}|last" if basis is Basis.LAST else key


def lanes_beside(key: str, quote: Quote) -> list[tuple[str, float | None]]:
    """The lanes beside that of the marks, each with what a quote says there, if anything."""
    return [
        (lane_of(key, Basis.FAR_SIDE, long=True), quote.bid),
        (lane_of(key, Basis.FAR_SIDE, long=False), quote.ask),
        (lane_of(key, Basis.LAST, long=True), quote.last),
    ]
