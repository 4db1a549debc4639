"""What a limit or a halt stands against."""

from options.trade_event import TradeEvent


class IntentRefused(TradeEvent, frozen=True, kw_only=True):
    """An intent does not become an order: a limit stands against it, or it speaks of a trade that cannot hold that.

    Every reason is listed. ``trade_id`` is empty where a strategy's new trade was refused as it is, ``instrument``
    where none is known.
    """

    trade_id: str
    strategy: str
    instrument: str
    reasons: tuple[str, ...]


class TradingHalted(TradeEvent, frozen=True, kw_only=True):
    """Entries stop; exits go on."""

    reason: str
    source: str


class TradingResumed(TradeEvent, frozen=True, kw_only=True):
    """Entries may go on; ``answers`` is the halt's reason, as the person who resumed repeated it."""

    answers: str
    source: str
