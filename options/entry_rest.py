"""What an entry has brought that nobody waits for any more, and what of it still comes in."""

from options.batch import Batch
from options.steering import Aiming
from options.trade import Trade


def see_what_came(manager: Aiming, batch: Batch, trade: Trade) -> None:
    """Bring the target of a trade that holds something in line with what its entry is still to bring.

    A trade that waits to be let in again wants nothing yet: what an order of before brings goes out at once, as it
    would have before it was let go.
    """
    if not trade.target_kind:
        reason = "it waits to go in again, and its order of before has filled"
        manager.aim(batch, trade, 0, "give up", reason, "broker", urgency=1.0)
