"""Why a position's exits cannot come true at the moment, in plain words."""

from bot.card_text import new_york_clock
from options.trade import Trade


def held_words(trade: Trade) -> str:
    """What holds a trade's exits: no marks come in, or none that can be trusted; empty if nothing does."""
    if trade.blind_since:
        return f"stops are blind since {new_york_clock(trade.blind_since)} ET: no marks come in"
    return trade.held_reason
