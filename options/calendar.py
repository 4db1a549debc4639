"""The exchange's calendar, as the core is handed it: it knows no holidays, only whom to ask."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from options.plan import ExitPlan
from options.session import Session
from options.values import MINUTE, Micros


@dataclass(frozen=True, slots=True)
class Calendar:
    """Answers about sessions, always the same to the same question; ``None`` where the calendar knows nothing.

    ``open_at`` a time: the session that is open then. ``next_after`` a time: the first that opens later. ``last_close``
    of an instrument's key: the session after which it, or the first of its legs, can be traded no more.
    """

    open_at: Callable[[Micros], Session | None]
    next_after: Callable[[Micros], Session | None]
    last_close: Callable[[str], Session | None]

    def cut_off(self, key: str, minutes: float) -> Micros | None:
        """When nothing of an instrument may be left before it expires; ``None`` for what does not."""
        last = self.last_close(key)
        return None if last is None else last.close - round(minutes * MINUTE)

    def guarded(self, exits: ExitPlan, key: str, minutes: float) -> ExitPlan:
        """A plan with the moment at which nothing may be left before its instrument expires.

        A time of its own on the last day stands in place of the ``minutes``; what is held through it has none.
        """
        last = None if exits.hold_through_expiry else self.last_close(key)
        own, cut_off = exits.flat_at, None
        if last is not None:
            cut_off = own if own is not None and last.is_open(own) else self.cut_off(key, minutes)
        return msgspec.structs.replace(exits, flat_before_expiry=cut_off)
