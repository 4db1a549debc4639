"""A fill that no order led to: contracts that cross inside the house, expire, are assigned or are delivered."""

from decimal import Decimal

from options.batch import Batch
from options.events import OrderFilled
from options.position import outcome_of_fill
from options.trade import Trade
from options.values import ZERO, Side


def fill_in_house(
    batch: Batch, trade: Trade, side: Side, qty: int, price: Decimal, exec_id: str, parent_id: str = ""
) -> None:
    """Book it at ``price``, under an id of our own; nobody charges for it."""
    outcome = outcome_of_fill(trade.position, side, qty, price, trade.multiplier)
    batch.add(
        OrderFilled(
            batch.ts,
            batch.cause,
            trade_id=trade.trade_id,
            position_id=trade.position.position_id,
            strategy=trade.strategy,
            instrument=trade.instrument,
            side=side,
            qty=qty,
            price=price,
            fee=ZERO,
            multiplier=trade.multiplier,
            exec_id=exec_id,
            order_id="",
            parent_id=parent_id,
            client_ref="",
            effect=outcome.effect,
            position=outcome.qty,
            realized_pnl=outcome.realized,
        )
    )
