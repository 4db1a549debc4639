"""Faults that can be switched on: each does what the real Discord was seen to do, and is counted when it happens."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from bot.clock import Clock
from options.values import SECOND, Micros


class FaultKind(StrEnum):
    """What goes wrong with a request."""

    STATUS_500 = "500"
    STATUS_502 = "502"
    STATUS_503 = "503"
    STATUS_504 = "504"
    STATUS_524 = "524"
    LIMITED = "429"
    LIMITED_GLOBALLY = "429 global"
    LIMITED_BY_PROXY = "429 from the proxy in front, as a page"
    DROPPED = "connection dropped"
    TRUNCATED = "answer cut short"
    SILENT = "no answer at all"
    UNAUTHORISED = "401"
    NO_PERMISSION = "403"
    DIRECTS_CLOSED = "50007"
    OPENING_TOO_FAST = "40003"


EVERY_WAY = (
    FaultKind.STATUS_500,
    FaultKind.STATUS_502,
    FaultKind.STATUS_503,
    FaultKind.STATUS_504,
    FaultKind.LIMITED,
    FaultKind.DROPPED,
)


@dataclass
class Fault:
    """One switched fault. ``after_effect``: the request is carried out, and only its answer is lost."""

    kind: FaultKind
    method: str | None = None
    template_end: str | None = None
    times: int | None = 1
    """How often it still happens; None: until it is taken away."""
    share: float = 1.0
    """The part of the requests it hits, 0 to 1."""
    after_effect: bool = False
    retry_after_s: float = 1.0

    def fits(self, method: str, template: str) -> bool:
        """True if the fault is meant for such a request."""
        return (
            self.times != 0
            and self.method in {None, method}
            and (self.template_end is None or template.endswith(self.template_end))
        )


class Faults:
    """The switches. Chances are drawn from a seed, so a run can be had again."""

    def __init__(self, clock: Clock) -> None:
        self.happened: Counter[str] = Counter()
        """How often each fault really happened, by its name; ``outage`` and dispatch faults included."""
        self.token_revoked = False
        self._clock = clock
        self._random = Random(0)
        self._faults: list[Fault] = []
        self._out_until: Micros | None = None
        self._out = False
        self._dispatches: dict[str, int] = {}

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on."""
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch everything off that concerns single requests and dispatches, and end an outage."""
        self._faults.clear()
        self._dispatches.clear()
        self._out, self._out_until = False, None

    def begin_outage(self, duration_s: float | None = None) -> None:
        """Drop every connection, for a time by the clock seam or until :meth:`clear`.

        The server's own ``begin_outage`` cuts the open gateway connections as well.
        """
        self._out = duration_s is None
        self._out_until = None if duration_s is None else self._clock.now() + int(duration_s * SECOND)

    @property
    def out(self) -> bool:
        """True while nothing can be reached."""
        return self._out or (self._out_until is not None and self._clock.now() < self._out_until)

    def drawn(self, method: str, template: str) -> Fault | None:
        """The fault that this request meets, if any; it is counted."""
        for fault in self._faults:
            if fault.fits(method, template) and (fault.share >= 1 or self._random.random() < fault.share):
                if fault.times is not None:
                    fault.times -= 1
                self.happened[fault.kind.value] += 1
                return fault
        return None

    def repeat_dispatch(self, name: str) -> None:
        """Send the next dispatch of a name twice."""
        self._dispatches[name] = 2

    def lose_dispatch(self, name: str) -> None:
        """Never send the next dispatch of a name."""
        self._dispatches[name] = 0

    def copies_of(self, name: str) -> int:
        """How often a dispatch is to be sent: once, unless a fault says otherwise."""
        copies = self._dispatches.pop(name, 1)
        if copies != 1:
            self.happened["dispatch repeated" if copies else "dispatch lost"] += 1
        return copies
