"""Signals and people's commands: taken or refused, and what a strategy made of a signal."""

from decimal import Decimal

from options.trade_event import TradeEvent


class SignalAccepted(TradeEvent, frozen=True, kw_only=True):
    """A signal is well formed, fresh and new; what is made of it follows as :class:`SignalDecided`."""

    signal_id: str
    signal_ts: str
    source: str
    symbol: str
    action: str
    confidence: float
    price: Decimal | None = None
    contract: str | None = None


class SignalRefused(TradeEvent, frozen=True, kw_only=True):
    """A signal that changed nothing, with every reason; ``where`` is its file and line or its channel.

    ``line`` is a digest of what stood there, so that a line that is put right counts as another one.
    """

    where: str
    reasons: tuple[str, ...]
    signal_id: str = ""
    excerpt: str = ""
    line: str = ""


class SignalDecided(TradeEvent, frozen=True, kw_only=True):
    """What a strategy made of an accepted signal: see :class:`~options.intent.Outcome`."""

    signal_id: str
    strategy: str
    outcome: str
    reason: str
    trade_id: str = ""


class CommandTaken(TradeEvent, frozen=True, kw_only=True):
    """A person's command passed every check; what follows from it stands in the same batch. An id is taken once."""

    command_id: str
    who: str
    verb: str
    trade_id: str = ""
    text: str = ""


class CommandRefused(TradeEvent, frozen=True, kw_only=True):
    """A person's command changed nothing; every reason is listed."""

    command_id: str
    who: str
    verb: str
    reasons: tuple[str, ...]
    trade_id: str = ""
    text: str = ""
