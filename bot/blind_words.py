"""Why a position is not guarded at the moment as it should be, in plain words."""

from bot.card_text import new_york_clock, new_york_moment
from options.lifecycle import HELD_FILLED
from options.stuck_exits import is_stuck, stuck_words
from options.terms import DELIVERED, ExitKind
from options.trade import Trade

_BY_PRICE = (ExitKind.STOP, ExitKind.TARGET, ExitKind.TRAILING, ExitKind.TRAIL_ON)


def held_words(trade: Trade, now: str) -> str:
    """What holds a trade's exits at ``now`` (ISO 8601 UTC): a person, no marks, or none to be trusted; or empty."""
    if trade.status == HELD_FILLED:
        return _asleep_words(trade, now)
    if trade.blind_since:
        return f"stops are blind since {new_york_clock(trade.blind_since)} ET: no marks come in"
    return trade.held_reason


def _asleep_words(trade: Trade, now: str) -> str:
    """What who holds a trade inactive has to know: that it is not guarded, and what takes it out all the same."""
    if not trade.armed:
        return "held inactive: nothing takes it out until it is activated again"
    at = new_york_moment(min(armed.at for armed in trade.armed), now)
    return f"held inactive: its exits sleep until it is activated; it is still out at {at}, before it expires"


def unguarded_words(trade: Trade, now: str) -> str:
    """What has to be known of a position that does not get out, or of what an option's end has left; or empty.

    That is said while nobody has given it an exit by price.
    """
    if is_stuck(trade):
        return f"it cannot get out: {stuck_words(trade)}; close it again, or resume trading, to try once more"
    left = trade.position.qty and trade.target_kind == DELIVERED
    if not left or any(armed.kind in _BY_PRICE for armed in trade.armed):
        return ""
    origin = trade.target_reason.removeprefix("from ")
    moments = [armed.at for armed in trade.armed if armed.at]
    until = f"; out at {new_york_moment(min(moments), now)}" if moments else ""
    return f"no stop and no target: those of {origin} were its own and ended with it{until}"
