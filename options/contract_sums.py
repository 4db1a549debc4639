"""What positions are by contract: a broker knows no combos, only how many of each option and share there are."""

from collections import Counter
from collections.abc import Iterable

from options.book import Book
from options.contract import ContractError, parse_key
from options.payoff import legs_of


def parts_of(key: str) -> tuple[tuple[str, int], ...]:
    """The contracts of one unit of an instrument, each with how many (sold with it: below zero).

    What is no instrument of ours is a contract of its own: a broker may hold anything.
    """
    try:
        return tuple((leg.instrument.key, leg.ratio) for leg in legs_of(parse_key(key)))
    except ContractError:
        return ((key, 1),)


def by_contract(positions: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Signed quantities by contract of positions by instrument; a combo counts with its legs, times their ratios."""
    sums: Counter[str] = Counter()
    for key, qty in positions:
        for contract, ratio in parts_of(key):
            sums[contract] += qty * ratio
    return dict(sums)


def contracts_held(book: Book) -> dict[str, int]:
    """What all open trades hold together, by contract."""
    return by_contract(
        (key, trade.position.qty) for key, trades in book.by_instrument.items() for trade in trades.values()
    )
