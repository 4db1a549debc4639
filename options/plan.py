"""What a trade intends before it exists: how it enters and how it gets out.

Plans are written into the ledger with the trade, so that nothing about an exit depends on today's settings.
Distances are fractions of the entry price (0.25 is 25%) and never change with the average; levels are dollars per unit
of the instrument. Where both are possible, exactly one is given.
"""

from decimal import Decimal
from enum import StrEnum
from math import inf

import msgspec

from options.values import Micros


class OrderType(StrEnum):
    """How an order meets the market."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop limit"


class TimeInForce(StrEnum):
    """How long an order rests: until the session's close, or until it is cancelled."""

    DAY = "DAY"
    GTC = "GTC"


class Watch(StrEnum):
    """Whose price an entry waits for."""

    OPTION = "option"
    UNDERLYING = "underlying"


class Basis(StrEnum):
    """The price that stops and targets are judged by; trailing stops always follow the mid.

    ``far side`` is what closing would meet: the bid for a long, the ask for a short. ``two marks`` wants the mid beyond
    the level twice in a row.
    """

    MID = "mid"
    FAR_SIDE = "far side"
    LAST = "last"
    TWO_MARKS = "two marks"


class Algo(StrEnum):
    """How a parent order is worked: at once, resting at a limit, walked towards the far side, or spread over time.

    ``CROSS`` is for what is netted inside the house, ``REST`` for contingent orders that the broker holds.
    """

    MARKET = "market"
    LIMIT = "limit"
    WALK = "walk"
    TWAP = "twap"
    CROSS = "cross"
    REST = "rest"


class Held(StrEnum):
    """Who holds a contingent order until it is due: the engine, or the broker, for the hours the program is down."""

    ENGINE = "engine"
    BROKER = "broker"


class Unfilled(StrEnum):
    """What becomes of an entry that has not filled in its time."""

    CANCEL = "cancel"
    MARKET = "market"


def _settle_float(plan: msgspec.Struct, name: str, given: object) -> None:
    """Turn a whole number where a fraction is meant into a float: 10 and 10.0 are one plan, spelled in one way."""
    if type(given) is int:
        try:
            value = float(given)
        except OverflowError:  # which the checks of a plan refuse, as they do every number beyond all measure
            value = inf if given > 0 else -inf
        msgspec.structs.force_setattr(plan, name, value)


class EntryCondition(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """What an activated trade waits for.

    Either a price (``watch`` at or ``above``, or at or below ``level``), or a moment ``at`` (microseconds), or a
    quoted spread of at most ``spread_max`` (a fraction of the mid).
    """

    watch: Watch | None = None
    level: Decimal | None = None
    above: bool = True
    at: Micros | None = None
    spread_max: float | None = None

    def __post_init__(self) -> None:
        """Give every number its declared kind."""
        _settle_float(self, "spread_max", self.spread_max)


class EntryPlan(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """How a trade gets in.

    ``after`` names a trade that must be closed first (a reversal); ``condition`` is what it waits for besides.
    ``WALK`` starts at ``limit_price`` (default: the mid) and is repriced every ``every_s`` in ``steps`` equal steps to
    ``limit_bound`` (default: the far side); ``TWAP`` sends ``steps`` parts, one every ``every_s``. ``give_up_after_s``
    after it was sent, what has not filled goes the way of ``unfilled``; without it the time in force decides, but for a
    walk or parts that are to go to the market: those do one step after their last.
    """

    algo: Algo = Algo.MARKET
    limit_price: Decimal | None = None
    limit_bound: Decimal | None = None
    every_s: float = 15.0
    steps: int = 4
    tif: TimeInForce = TimeInForce.DAY
    give_up_after_s: float | None = None
    unfilled: Unfilled = Unfilled.CANCEL
    after: str | None = None
    condition: EntryCondition | None = None

    def __post_init__(self) -> None:
        """Give every number its declared kind."""
        if type(self.every_s) is int or type(self.give_up_after_s) is int:
            _settle_float(self, "every_s", self.every_s)
            _settle_float(self, "give_up_after_s", self.give_up_after_s)

    @property
    def fill_within_s(self) -> float | None:
        """Seconds in which it must fill, after which ``unfilled`` says what becomes of it; ``None``: no such time."""
        to_market = self.unfilled is Unfilled.MARKET and self.algo in (Algo.WALK, Algo.TWAP)
        if self.give_up_after_s is None and to_market:
            return self.every_s * (self.steps + 1)
        return self.give_up_after_s


class ExitOrder(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """How an exit is worked once it is due.

    ``LIMIT`` rests at ``limit_price`` (default: a target's level, else the mid). ``WALK`` starts there and goes to the
    far side in ``steps`` equal steps, one every ``every_s``. ``TWAP`` sends ``steps`` parts, one every ``every_s``.
    What has not filled ``deadline_s`` after it began goes to the market; a walk's default is one step after its last.
    """

    algo: Algo = Algo.MARKET
    limit_price: Decimal | None = None
    every_s: float = 15.0
    steps: int = 4
    deadline_s: float | None = None

    def __post_init__(self) -> None:
        """Give every number its declared kind."""
        _settle_float(self, "every_s", self.every_s)
        _settle_float(self, "deadline_s", self.deadline_s)


AT_MARKET = ExitOrder()


class TargetPlan(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """One rung of a take-profit ladder: at ``gain`` over the entry, or at ``level``, sell ``share`` of the quantity.

    ``held``: by whom, where it is not as the plan has it.
    """

    gain: Decimal | None = None
    level: Decimal | None = None
    share: Decimal = Decimal(1)
    held: Held | None = None


class ScaleInPlan(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """Buy ``qty`` more at ``gain`` from the first entry: above zero in profit, below it doubling down."""

    gain: Decimal
    qty: int


class ExitPlan(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """How a trade gets out; every part may be left out.

    ``stop`` (fraction) or ``stop_level`` (dollars): where all goes. ``trail`` (fraction) or ``trail_amount`` (dollars):
    distance from the best mark, measured from the entry on or, with ``trail_after``, once that gain was seen.
    ``break_even_after``: the rung of the ladder after which the stop moves to the entry. ``hold_max_s``: seconds after
    the first fill. ``flat_at``: a moment at which nothing may be left (microseconds), and so is ``flat_before_expiry``,
    which the exchange's calendar gives; with ``hold_through_expiry`` there is none. ``scale_ins`` add to the
    position; those at a loss only with ``average_down``. ``stop_order`` (stop and trailing stop), ``target_order`` and
    ``time_order`` say how each kind of exit is worked. ``held`` says who holds stop, trailing stop and targets;
    ``stop_held``, ``trail_held`` and a target's own ``held`` come before it. What goes by the clock, and what adds, the
    engine holds.
    """

    targets: tuple[TargetPlan, ...] = ()
    stop: Decimal | None = None
    stop_level: Decimal | None = None
    trail: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_after: Decimal | None = None
    break_even_after: int | None = None
    hold_max_s: float | None = None
    flat_at: Micros | None = None
    flat_before_expiry: Micros | None = None
    hold_through_expiry: bool = False
    basis: Basis = Basis.MID
    scale_ins: tuple[ScaleInPlan, ...] = ()
    average_down: bool = False
    stop_order: ExitOrder = AT_MARKET
    target_order: ExitOrder = AT_MARKET
    time_order: ExitOrder = AT_MARKET
    held: Held = Held.ENGINE
    stop_held: Held | None = None
    trail_held: Held | None = None

    def __post_init__(self) -> None:
        """Give every number its declared kind."""
        if self.hold_max_s is not None:
            _settle_float(self, "hold_max_s", self.hold_max_s)

    @property
    def out_by(self) -> Micros | None:
        """The moment at which nothing may be left (microseconds UTC): the earlier of the two, if there is any."""
        if self.flat_at is None or self.flat_before_expiry is None:
            return self.flat_before_expiry if self.flat_at is None else self.flat_at
        return min(self.flat_at, self.flat_before_expiry)
