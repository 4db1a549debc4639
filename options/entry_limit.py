"""The worst price that an entry can go in at: what is measured at it is never spent beyond it."""

from decimal import Decimal

from options.intent import TradeProposal
from options.plan import Algo, Unfilled
from options.trade import Trade


def worst_limit(wish: TradeProposal | Trade) -> Decimal | None:
    """The limit through which no part of an entry goes, however it is worked; ``None`` where there is none.

    There is none where it may end at the market. What is added to a position is worked at the prices of then. A walk
    is only bound where it has both of its ends from the plan; the others are those of a quote.
    """
    entry = wish.entry
    if entry.unfilled is Unfilled.MARKET or (isinstance(wish, Trade) and wish.position.qty):
        return None
    limit, bound = entry.limit_price, entry.limit_bound
    if entry.algo is Algo.WALK:
        return None if limit is None or bound is None else bound
    return limit if entry.algo in (Algo.LIMIT, Algo.TWAP) else None
