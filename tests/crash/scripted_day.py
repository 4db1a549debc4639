"""A short made-up day on one contract, second by second, in which everything that a crash could lose decides something.

The trailing stop fires on a high that no mark on the disk shows, orders fill in parts over several quotes, an entry is
given up half filled, and one position is carried over night with its high.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

from bot.feeds.market import MarketSlice
from bot.sessions import session_of
from bot.settings import Settings
from options.chain import Chain
from options.contract import OptionContract, Right
from options.inputs import SignalArrived, SignalUnreadable
from options.quote import Quote
from options.session import Session
from options.signal import Action, Signal
from options.values import SECOND, Micros
from strategies.exit_rules import ExitSettings, TargetSettings
from strategies.follow_signal import FollowSignalSettings

SYMBOL = "ACME"
CONTRACT = OptionContract(root=SYMBOL, expiry=date(2026, 4, 17), right=Right.CALL, strike=Decimal(100))
STEP_S = 10
SIZE = 7

# Seconds after the open and action. The first is too old, and its id comes again; the one at 135 s changes nothing.
_SIGNALS = (
    (-3600, "BUY"),
    (12, "BUY"),
    (14, "BUY"),
    (135, "BUY"),
    (300, "BUY"),
    (304, "BUY"),
    (420, "CLOSE"),
    (440, "BUY"),
)

# Marks at these seconds; in between they move evenly. The high of 3.20 at 120 s is never written down: what comes
# next in the ledger is the signal at 135 s, and then the trailing stop that fires because of that high.
_FIRST_DAY = (
    (0, 2.00),
    (60, 2.10),
    (100, 3.00),
    (120, 3.20),
    (150, 2.80),
    (200, 2.00),
    (300, 2.00),
    (440, 2.20),
    (500, 2.90),
)
_SECOND_DAY = ((0, 2.80), (60, 2.75), (120, 2.10), (200, 2.00))


def patient_settings() -> Settings:
    """Marks are seldom written down, and only a trailing stop and a target guard a position."""
    targets = (TargetSettings(gain=Decimal("0.40"), share=Decimal("0.25")),)
    exits = ExitSettings(targets=targets, stop=None, trail=Decimal("0.20"))
    follow = FollowSignalSettings(risk_budget_usd=Decimal(5_000), qty_max=20, give_up_after_s=25, exits=exits)
    return Settings(mark_every_s=3_000, follow_signal=follow)


class ScriptedFeed:
    """One of the two days, quoted every ten seconds for some minutes after the open and its share once at the close."""

    def __init__(self, day: date, path: tuple[tuple[int, float], ...]) -> None:
        session = session_of(day)
        assert session is not None
        self.name = f"scripted_{day:%Y%m%d}"
        self.own_time = True
        self.symbols: tuple[str, ...] = (SYMBOL,)
        self.session: Session = session
        self.chain = Chain([(CONTRACT, 100)])
        self._path = path

    def slices(self) -> Iterator[MarketSlice]:
        """The day from its open."""
        for second in range(0, self._path[-1][0] + 1, STEP_S):
            yield self._slice(self.session.open + second * SECOND, self._mark(second))
        yield MarketSlice(self.session.close, [(SYMBOL, Quote(self.session.close, 99.9, 100.1))])

    def _mark(self, second: int) -> float:
        for (start, before), (end, after) in pairwise(self._path):
            if start <= second <= end:
                return round(before + (after - before) * (second - start) / (end - start), 2)
        raise AssertionError(f"second {second} is not on the path")

    def _slice(self, at: Micros, mark: float) -> MarketSlice:
        option = Quote(at, round(mark - 0.05, 2), round(mark + 0.05, 2), None, SIZE, SIZE)
        return MarketSlice(at, [(SYMBOL, Quote(at, 99.9, 100.1, None, 100, 100)), (CONTRACT.key, option)])


def first_day() -> ScriptedFeed:
    """The day on which everything happens; it ends with a position that is nearly at its high."""
    return ScriptedFeed(date(2026, 3, 11), _FIRST_DAY)


def second_day() -> ScriptedFeed:
    """The day on which the trailing stop of the night before fires."""
    return ScriptedFeed(date(2026, 3, 12), _SECOND_DAY)


def first_signals() -> list[SignalArrived | SignalUnreadable]:
    """The first day's signals: one too old and taken later under the same id, one that is none, one sent twice."""
    session = first_day().session
    items: list[SignalArrived | SignalUnreadable] = [SignalUnreadable("made:1", ("not JSON",))]
    for number, (second, action) in enumerate(_SIGNALS):
        signal = Signal(
            signal_id=f"S{max(1, number)}",
            ts=session.open + second * SECOND,
            source="made",
            symbol=SYMBOL,
            action=Action(action),
            confidence=0.9,
            contract=CONTRACT.key,
        )
        items.append(SignalArrived(signal, f"made:{number + 2}"))
    last = items[-1]
    assert isinstance(last, SignalArrived)
    items.append(SignalArrived(last.signal, "made:99"))
    return items
