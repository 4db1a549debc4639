"""Limits of one strategy whose name nobody has: mistyped, they would hold for nobody, and nobody would be told.

Any name may be right, since people name the strategies of their own trades freely. So a strange one is no fault of the
settings: it is said where a day starts.
"""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

from options.events import TradeEvent
from options.shown_text import WORD_CHARACTERS, printable
from options.trade_events import TradeSaved

Sink = Callable[[int, Sequence[TradeEvent]], None]
PEOPLES = "manual"
"""The strategy of a person's trade that was given no other."""


class NamedLimits:
    """The names that have limits of their own, held against those that run and those that a ledger has trades of."""

    def __init__(self, named: Iterable[str], running: Iterable[str]) -> None:
        self._known = {*running, PEOPLES}
        self._named = tuple(named)

    def looking_on(self, sink: Sink) -> Sink:
        """A sink for a ledger that is opened, with a look at whose trades are in it, where a name is strange yet."""
        if self._known.issuperset(self._named):
            return sink

        def look(first_seq: int, events: Sequence[TradeEvent]) -> None:
            sink(first_seq, events)
            self._known.update(event.strategy for event in events if type(event) is TradeSaved)

        return look

    @property
    def line(self) -> str:
        """Which names are nobody's so far, each with the known one that is nearest to it; empty if there is none."""
        strange = [name for name in self._named if name not in self._known]
        if not strange:
            return ""
        whose = "its" if len(strange) == 1 else "their"
        said = " or ".join(self._with_nearest(name) for name in strange)
        return f"No strategy is called {said} so far: {whose} limits in [risk.strategies] hold for nobody."

    def _with_nearest(self, name: str) -> str:
        by_plain = {known.casefold(): known for known in sorted(self._known)}
        nearest = get_close_matches(name.casefold(), by_plain, n=1)
        meant = f" (did you mean {printable(by_plain[nearest[0]], WORD_CHARACTERS)}?)" if nearest else ""
        return f"{printable(name, WORD_CHARACTERS)}{meant}"
