"""How much a trade should hold from now on, written down: the one place where an intent becomes a fact."""

from options.batch import Batch
from options.events import IntentDecided
from options.exit_order import most_urgent
from options.plan import ExitOrder
from options.trade import Trade


def decide_intent(
    batch: Batch,
    trade: Trade,
    target: int,
    kind: str,
    reason: str,
    source: str,
    urgency: float,
    order: ExitOrder,
) -> int:
    """Write down what a trade should hold, which comes back: nothing is ever meant to stay on its other side."""
    target = target if target * trade.direction > 0 else 0
    batch.add(
        IntentDecided(
            batch.ts,
            batch.cause,
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            instrument=trade.instrument,
            target=target,
            urgency=urgency,
            kind=kind,
            reason=reason,
            source=source,
            exit_order=most_urgent(trade, order),
        )
    )
    return target
