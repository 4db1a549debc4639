"""Why a position's exits cannot come true at the moment, in plain words."""

from bot.card_text import new_york_clock, new_york_moment
from options.lifecycle import HELD_FILLED
from options.trade import Trade


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
