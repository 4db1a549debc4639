"""What every event is."""

import msgspec


class TradeEvent(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag=str, gc=False):
    """A fact. ``ts`` is ISO 8601 UTC with microseconds; ``cause`` is the input that led to it."""

    ts: str
    cause: str = ""
