"""The facts of exits that the broker holds.

Each is an order of its own in the ledger, sent, accepted and filled as every other one. What is peculiar to them: the
broker takes from one what another of its group has traded, and the engine guards again where the broker does not.
"""

from options.trade_event import TradeEvent

# --- exits at the broker ----------------------------------------------------------------------------------------


class OrderReduced(TradeEvent, frozen=True, kw_only=True):
    """The broker made an order smaller, as another of its group traded: it is for ``qty`` contracts in all now."""

    order_id: str
    client_ref: str
    qty: int


class ExitsTakenOver(TradeEvent, frozen=True, kw_only=True):
    """The engine guards exits that should rest at the broker, because their order ``order_id`` does not.

    ``for_now``: until the order is found again. Else until the plan is changed or the next day begins.
    """

    trade_id: str
    position_id: str
    exit_ids: tuple[str, ...]
    order_id: str
    reason: str
    for_now: bool = False


HELD_EVENTS: tuple[type[TradeEvent], ...] = (OrderReduced, ExitsTakenOver)
