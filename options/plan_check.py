"""Whether a trade's plans can be right: everything that is wrong, at once, with what would be right."""

from collections.abc import Iterator
from decimal import Decimal
from math import isfinite

from options.combo_check import combo_faults
from options.contract import Combo, ContractError, Instrument, OptionContract, parse_key
from options.expiry import settles_at_open
from options.plan import Algo, EntryCondition, EntryPlan, ExitPlan, TargetPlan
from options.values import Micros, to_iso

QTY_CEILING = 1_000
LEVEL_MAX = Decimal(100_000)
SECONDS_MAX = 365 * 86_400.0


def instrument_faults(key: str, today: str) -> list[str]:
    """Why nothing can be opened in an instrument on the day ``today`` (ISO, empty: unknown)."""
    try:
        instrument: Instrument = parse_key(key)
    except ContractError as error:
        return [str(error)]
    legs = [leg.instrument for leg in instrument.legs] if isinstance(instrument, Combo) else [instrument]
    faults = []
    for leg in legs:
        if not isinstance(leg, OptionContract):
            continue
        if leg.adjusted:
            faults.append(f"{leg.root} has an adjusted deliverable, which is not traded")
        if today and leg.expiry.isoformat() < today:
            faults.append(f"{leg.plain} expired on {leg.expiry}")
        elif today == leg.expiry.isoformat() and settles_at_open(leg):
            faults.append(
                f"{leg.plain} settles at this day's opening prices; its last day was the one before"
            )
    return faults


def plan_faults(
    qty: int, direction: int, entry: EntryPlan, exits: ExitPlan, price: Decimal | None, *, net: bool = False
) -> list[str]:
    """Everything that is wrong with a trade's quantity and plans; empty if nothing is.

    ``price`` is what levels are held against: the average if something is filled, else the limit or the market. ``net``
    says that it is a combo's net price, which may lie below zero as its limits and levels may.
    """
    faults = list(_size_faults(qty, direction))
    low = -float(LEVEL_MAX) if net else 0.0
    faults += _entry_faults(entry, low)
    faults += _exit_faults(exits, qty, low)
    faults += combo_faults(entry, exits) if net else []
    reference = entry.limit_price if price is None else price
    if reference is not None and direction in (1, -1) and not faults:
        faults += _side_faults(exits, direction, reference)
    return faults


def _size_faults(qty: int, direction: int) -> Iterator[str]:
    if not 0 < qty <= QTY_CEILING:
        yield f"quantity {qty} is not between 1 and {QTY_CEILING}"
    if direction not in (1, -1):
        yield f"direction {direction} is neither 1 (long) nor -1 (short)"


def _number(
    name: str, value: Decimal | float | None, low: float, high: float | Decimal, unit: str
) -> Iterator[str]:
    if value is not None and not (isfinite(value) and low < value <= high):
        yield f"{name} {value} is not above {low:g} and at most {high:g} {unit}"


def _entry_faults(entry: EntryPlan, low: float) -> Iterator[str]:
    yield from _number("entry limit", entry.limit_price, low, LEVEL_MAX, "dollars")
    yield from _number("entry bound", entry.limit_bound, low, LEVEL_MAX, "dollars")
    yield from _number("give_up_after_s", entry.give_up_after_s, 0, SECONDS_MAX, "seconds")
    if entry.algo is Algo.CROSS:
        yield "algo cross is for orders inside the house; use market, limit, walk or twap"
    if entry.algo is Algo.LIMIT and entry.limit_price is None:
        yield "a limit entry needs a limit price"
    if entry.algo in (Algo.WALK, Algo.TWAP):
        yield from _number("every_s", entry.every_s, 0, SECONDS_MAX, "seconds")
        if not 0 < entry.steps <= 100:
            yield f"steps {entry.steps} is not between 1 and 100"
    if entry.condition is not None:
        yield from _condition_faults(entry.condition)


def _condition_faults(condition: EntryCondition) -> Iterator[str]:
    given = [condition.level is not None, condition.at is not None, condition.spread_max is not None]
    if sum(given) != 1:
        yield "an entry waits for exactly one of a level, a time, a spread"
    if condition.level is not None and condition.watch is None:
        yield "an entry level needs to say whose price it is: option or underlying"
    yield from _number("entry level", condition.level, 0, LEVEL_MAX, "dollars")
    yield from _number("entry spread", condition.spread_max, 0, 2, "of the mid")


def _exit_faults(exits: ExitPlan, qty: int, low: float) -> Iterator[str]:
    if exits.stop is not None and exits.stop_level is not None:
        yield "give the stop as a fraction or as a level, not both"
    if exits.trail is not None and exits.trail_amount is not None:
        yield "give the trailing stop as a fraction or as an amount, not both"
    yield from _number("stop", exits.stop, 0, Decimal("0.99"), "(a fraction of the entry)")
    yield from _number("stop level", exits.stop_level, low, LEVEL_MAX, "dollars")
    yield from _number("trail", exits.trail, 0, Decimal("0.99"), "(a fraction of the best mark)")
    yield from _number("trail amount", exits.trail_amount, 0, LEVEL_MAX, "dollars")
    yield from _number("trail_after", exits.trail_after, 0, Decimal(100), "(a fraction of the entry)")
    yield from _number("hold_max_s", exits.hold_max_s, 0, SECONDS_MAX, "seconds")
    if exits.trail_after is not None and exits.trail is None and exits.trail_amount is None:
        yield "trail_after needs a trailing stop to switch on"
    rungs = len(exits.targets)
    if exits.break_even_after is not None and not 1 <= exits.break_even_after <= rungs:
        yield f"break_even_after {exits.break_even_after} is none of the {rungs} targets"
    for number, target in enumerate(exits.targets, start=1):
        yield from _target_faults(number, target, low)
    shares = [target.share for target in exits.targets if target.share.is_finite()]
    if sum(shares, Decimal(0)) > 1:
        yield f"the shares of the targets add up to {sum(shares, Decimal(0))}; at most 1 can be sold"
    for number, scale in enumerate(exits.scale_ins, start=1):
        yield from _number(
            f"scale-in {number}: gain", abs(scale.gain), 0, Decimal(10), "(a fraction of the entry)"
        )
        if not 0 < scale.qty <= QTY_CEILING:
            yield f"scale-in {number}: quantity {scale.qty} is not between 1 and {QTY_CEILING}"
        if scale.gain.is_finite() and scale.gain < 0 and not exits.average_down:
            yield f"scale-in {number} doubles down at a loss; that needs average_down"
    if qty > 0 and rungs > qty:
        yield f"{rungs} targets for {qty} contracts: some could never sell anything"


def _target_faults(number: int, target: TargetPlan, low: float) -> Iterator[str]:
    if (target.gain is None) == (target.level is None):
        yield f"target {number} needs a gain or a level, exactly one"
    yield from _number(f"target {number}: gain", target.gain, 0, Decimal(100), "(a fraction of the entry)")
    yield from _number(f"target {number}: level", target.level, low, LEVEL_MAX, "dollars")
    yield from _number(f"target {number}: share", target.share, 0, Decimal(1), "(of the position)")


def _side_faults(exits: ExitPlan, direction: int, price: Decimal) -> Iterator[str]:
    """Stops below and targets above for a long, the other way round for a short; the ladder in order."""
    word, stop_side, target_side = (
        ("long", "below", "above") if direction > 0 else ("short", "above", "below")
    )
    if exits.stop_level is not None and (price - exits.stop_level) * direction <= 0:
        yield f"the stop {exits.stop_level} of a {word} must lie {stop_side} {price}"
    levels = [
        price + abs(price) * target.gain * direction if target.gain is not None else target.level
        for target in exits.targets
    ]
    known = [level for level in levels if level is not None]
    for number, level in enumerate(known, start=1):
        if (level - price) * direction <= 0:
            yield f"target {number} at {level} of a {word} must lie {target_side} {price}"
    if sorted(known, reverse=direction < 0) != known or len(set(known)) < len(known):
        yield f"the targets of a {word} must go {'up' if direction > 0 else 'down'} from one to the next"


def time_faults(exits: ExitPlan, entry: EntryPlan, now: Micros) -> list[str]:
    """Moments in the plans that have passed already."""
    faults = []
    if exits.flat_at is not None and exits.flat_at <= now:
        faults.append(f"flat_at {to_iso(exits.flat_at)} has passed")
    if entry.condition is not None and entry.condition.at is not None and entry.condition.at <= now:
        faults.append(f"the entry's time {to_iso(entry.condition.at)} has passed")
    return faults
