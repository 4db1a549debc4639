"""Whether a trade's plans can be right: everything that is wrong, at once, with what would be right."""

from collections.abc import Iterator
from decimal import Decimal

from options.calendar import Calendar
from options.cents import below_a_cent
from options.combo_check import combo_faults
from options.contract import Combo, ContractError, Instrument, OptionContract, parse_key
from options.exit_order_check import STEPS_MAX, plan_order_faults
from options.held_check import held_faults
from options.index_options import CASH_SYMBOLS, settles_at_open
from options.number_check import LEVEL_MAX, SECONDS_MAX, minutes_of, number_fault, whole_text
from options.plan import Algo, EntryCondition, EntryPlan, ExitPlan, TargetPlan, Unfilled
from options.values import CENT, Micros, to_iso

QTY_CEILING = 1_000
RUNGS_MAX = 20
LOSS_MAX = Decimal(10)
"""What a short, or a combo, may lose before its stop, as a multiple of its entry: its price can rise without end."""
AT_AVERAGE = "its average"
_SHOWN = 40
TIME_MAX: Micros = 4_102_444_800_000_000  # the year 2100


def instrument_faults(key: str, today: str, calendar: Calendar | None = None) -> list[str]:
    """Why nothing can be opened in an instrument on the day ``today`` (ISO, empty: unknown).

    ``calendar`` knows of what expires on a day without a session, and is settled before it.
    """
    try:
        instrument: Instrument = parse_key(key)
    except ContractError as error:
        return [str(error)]
    legs = [leg.instrument for leg in instrument.legs] if isinstance(instrument, Combo) else [instrument]
    faults = []
    for leg in legs:
        if not isinstance(leg, OptionContract):
            if leg.symbol in CASH_SYMBOLS:
                faults.append(f"{leg.symbol} is an index: nobody can buy or sell it, only its options")
            continue
        if leg.adjusted:
            faults.append(f"{leg.root} has an adjusted deliverable, which is not traded")
        last_day = leg.expiry.isoformat()
        if today and last_day < today:
            faults.append(f"{leg.plain} expired on {leg.expiry}")
        elif today == last_day and settles_at_open(leg):
            faults.append(
                f"{leg.plain} settles at this day's opening prices; its last day was the one before"
            )
    last = None if faults or calendar is None else calendar.last_close(key)
    if last is not None and last.day.isoformat() < today:
        faults.append(
            f"{instrument.plain} could be traded until {last.day}, and no more: it only settles now"
        )
    return faults


def plan_faults(
    qty: int,
    direction: int,
    entry: EntryPlan,
    exits: ExitPlan,
    price: Decimal | None,
    spent: frozenset[int] = frozenset(),
    *,
    net: bool = False,
    priced: str = "the market",
) -> list[str]:
    """Everything that is wrong with a trade's quantity and plans; empty if nothing is.

    ``price`` is what levels are held against: the limit or the market, as ``priced`` calls it. ``AT_AVERAGE`` is what
    is held on average: the ladder is measured from that and held against itself; :mod:`options.due_check` holds it
    against the mark. ``spent`` are the rungs of the ladder (counted from 1) that have fired: the price has gone past
    them, and nothing asks why. ``net`` says that it is a combo's net price, which may lie below zero as its limits and
    levels may.
    """
    faults = list(size_faults(qty, direction))
    low = -float(LEVEL_MAX) if net else 0.0
    faults += _entry_faults(entry, low, net=net)
    loss_max = Decimal("0.99") if direction > 0 and not net else LOSS_MAX
    faults += _exit_faults(exits, qty, spent, low, loss_max)
    faults += _short_faults(exits) if direction < 0 and not net else []
    faults += plan_order_faults(exits, net=net)
    faults += combo_faults(entry, exits) if net else []
    faults += held_faults(exits, net=net)
    if direction not in (1, -1):
        return faults
    # What cannot be right alone has been named above; the rest is held against each other all the same.
    limit, bound = _sane(entry.limit_price, low), _sane(entry.limit_bound, low)
    if limit is not None and bound is not None and (bound - limit) * direction < 0:
        towards = "above" if direction > 0 else "below"
        faults.append(
            f"the bound {bound} must lie {towards} the limit {limit}: a walk goes towards the market"
        )
    reference = limit if price is None else price
    sane = ExitPlan(
        stop_level=_sane(exits.stop_level, low),
        targets=tuple(
            TargetPlan(gain=_sane(one.gain, 0), level=_sane(one.level, low))
            for one in exits.targets[:RUNGS_MAX]
        ),
    )
    if reference is not None and priced == AT_AVERAGE:
        faults += _ladder_faults(_levels(sane, direction, reference), direction)
    elif reference is not None:
        faults += _no_distance_faults(exits, reference) if net else []
        what = f"{'its limit' if price is None else priced} {_dollars(reference)}"
        faults += _side_faults(sane, direction, reference, what, spent)
    else:
        faults += _order_faults(sane, direction)
    return faults


def _sane(value: Decimal | None, low: float) -> Decimal | None:
    return None if any(number_fault("", value, low, LEVEL_MAX, "")) else value


def size_faults(qty: int, direction: int) -> Iterator[str]:
    """What is wrong with a quantity and a side alone."""
    if not 0 < qty <= QTY_CEILING:
        yield f"quantity {whole_text(qty)} is not between 1 and {QTY_CEILING}"
    if direction not in (1, -1):
        yield f"direction {whole_text(direction)} is neither 1 (long) nor -1 (short)"


def _time(name: str, at: Micros | None) -> Iterator[str]:
    if at is not None and not 0 < at < TIME_MAX:
        yield f"{name} {whole_text(at)} is no time between 1970 and 2100 in microseconds"


def _entry_faults(entry: EntryPlan, low: float, *, net: bool) -> Iterator[str]:
    for name, price in (("entry limit", entry.limit_price), ("entry bound", entry.limit_bound)):
        yield from number_fault(name, price, low, LEVEL_MAX, "dollars") or below_a_cent(name, price, net=net)
    yield from number_fault("give-up", entry.give_up_after_s, 0, SECONDS_MAX, "seconds")
    if entry.algo in (Algo.CROSS, Algo.REST):
        whose = "orders inside the house" if entry.algo is Algo.CROSS else "exits that the broker holds"
        yield f"algo {entry.algo} is for {whose}; use market, limit, walk or twap"
    if entry.algo is Algo.LIMIT and entry.limit_price is None:
        yield "a limit entry needs a limit price"
    if entry.algo is Algo.LIMIT and entry.unfilled is Unfilled.MARKET and entry.give_up_after_s is None:
        yield "a limit that is to go to the market needs to know when: say give-up"
    if entry.algo is Algo.MARKET and entry.limit_price is not None:
        yield "a market entry takes no limit price; use limit, walk or twap"
    if entry.algo is not Algo.WALK and entry.limit_bound is not None:
        yield "a bound is where a walk ends; use it with walk"
    yield from number_fault("every", entry.every_s, 0, SECONDS_MAX, "seconds")
    if not 0 < entry.steps <= STEPS_MAX:
        yield f"steps {whole_text(entry.steps)} is not between 1 and {STEPS_MAX}"
    if entry.condition is not None:
        yield from _condition_faults(entry.condition)


def _condition_faults(condition: EntryCondition) -> Iterator[str]:
    given = [condition.level is not None, condition.at is not None, condition.spread_max is not None]
    if sum(given) != 1:
        yield "an entry waits for exactly one of a level, a time, a spread"
    if condition.level is not None and condition.watch is None:
        yield "an entry level needs to say whose price it is: option or underlying"
    yield from _time("the entry's time", condition.at)
    yield from number_fault("entry level", condition.level, 0, LEVEL_MAX, "dollars")
    yield from number_fault("entry spread", condition.spread_max, 0, 2, "of the mid")


def _short_faults(exits: ExitPlan) -> Iterator[str]:
    """No price falls by more than all of it: what a short makes ends there."""
    for number, target in enumerate(exits.targets, start=1):
        if target.gain is not None and target.gain.is_finite() and target.gain >= 1:
            shown = str(target.gain)[:_SHOWN]
            yield f"target {number}: gain {shown} of a short is not below 1, where its price is zero"


def _exit_faults(
    exits: ExitPlan, qty: int, spent: frozenset[int], low: float, loss_max: Decimal
) -> Iterator[str]:
    if exits.stop is not None and exits.stop_level is not None:
        yield "give the stop as a fraction or as a level, not both"
    if exits.trail is not None and exits.trail_amount is not None:
        yield "give the trailing stop as a fraction or as an amount, not both"
    yield from number_fault("stop", exits.stop, 0, loss_max, "(a fraction of the entry; @5 is dollars)")
    yield from number_fault("stop level", exits.stop_level, low, LEVEL_MAX, "dollars")
    yield from number_fault(
        "trail", exits.trail, 0, Decimal("0.99"), "(a fraction of the best mark; $5 is dollars)"
    )
    yield from number_fault("trail amount", exits.trail_amount, 0, LEVEL_MAX, "dollars")
    yield from number_fault("trail-after", exits.trail_after, 0, Decimal(100), "(a fraction of the entry)")
    yield from number_fault("hold-max", minutes_of(exits.hold_max_s), 0, SECONDS_MAX / 60, "minutes")
    if exits.trail_after is not None and exits.trail is None and exits.trail_amount is None:
        yield "trail-after needs a trailing stop to switch on"
    yield from _time("flat-at", exits.flat_at)
    yield from _time("flat before expiry", exits.flat_before_expiry)
    if exits.hold_through_expiry and exits.flat_before_expiry is not None:
        yield "hold it through its expiry, or be flat before it: not both"
    rungs = len(exits.targets)
    if max(rungs, len(exits.scale_ins)) > RUNGS_MAX:
        yield f"{rungs} targets and {len(exits.scale_ins)} scale-ins: at most {RUNGS_MAX} of each"
        return
    if exits.break_even_after is not None and not 1 <= exits.break_even_after <= rungs:
        there = f"there {'is 1 target' if rungs == 1 else f'are {rungs} targets'}, counted from 1"
        after = whole_text(exits.break_even_after)
        yield f"break-even-after {after}: {there if rungs else 'it needs a target, and there is none'}"
    for number, target in enumerate(exits.targets, start=1):
        yield from _target_faults(number, target, low)
    shares = [target.share for target in exits.targets if target.share.is_finite()]
    if sum(shares, Decimal(0)) > 1:
        yield f"the shares of the targets add up to {sum(shares, Decimal(0))}; at most 1 can be sold"
    for number, scale in enumerate(exits.scale_ins, start=1):
        size = abs(scale.gain) if scale.gain.is_finite() else scale.gain
        yield from number_fault(f"scale-in {number}: gain", size, 0, Decimal(10), "(a fraction of the entry)")
        if not 0 < scale.qty <= QTY_CEILING:
            yield f"scale-in {number}: quantity {whole_text(scale.qty)} is not between 1 and {QTY_CEILING}"
        if scale.gain.is_finite() and scale.gain < 0 and not exits.average_down:
            yield f"scale-in {number} doubles down at a loss; that needs average-down"
    if 0 < qty < rungs - len(spent):
        yield f"{rungs} targets for {qty} contract{'' if qty == 1 else 's'}: some could never sell anything"


def _target_faults(number: int, target: TargetPlan, low: float) -> Iterator[str]:
    if (target.gain is None) == (target.level is None):
        yield f"target {number} needs a gain or a level, exactly one"
    yield from number_fault(
        f"target {number}: gain", target.gain, 0, Decimal(100), "(a fraction of the entry)"
    )
    yield from number_fault(f"target {number}: level", target.level, low, LEVEL_MAX, "dollars")
    yield from number_fault(f"target {number}: share", target.share, 0, Decimal(1), "(of the position)")


def _side_faults(
    exits: ExitPlan, direction: int, price: Decimal, what: str, spent: frozenset[int]
) -> Iterator[str]:
    """Stops below and targets above for a long, the other way round for a short; the ladder in order."""
    word, stop_side, target_side = (
        ("long", "below", "above") if direction > 0 else ("short", "above", "below")
    )
    if exits.stop_level is not None and (price - exits.stop_level) * direction <= 0:
        yield f"the stop {_dollars(exits.stop_level)} of a {word} must lie {stop_side} {what}"
    levels = _levels(exits, direction, price)
    for number, level in enumerate(levels, start=1):
        if level is not None and number not in spent and (level - price) * direction <= 0:
            yield f"target {number} at {_dollars(level)} of a {word} must lie {target_side} {what}"
    yield from _ladder_faults(levels, direction)


def _no_distance_faults(exits: ExitPlan, price: Decimal) -> Iterator[str]:
    """What a plan measures from a net price in fractions where that is near zero: it would be due at once."""
    parts = {
        "stop": exits.stop,
        "trail-after": exits.trail_after,
        **{f"target {at}: gain": one.gain for at, one in enumerate(exits.targets[:RUNGS_MAX], start=1)},
        **{f"scale-in {at}: gain": one.gain for at, one in enumerate(exits.scale_ins[:RUNGS_MAX], start=1)},
    }
    for name, part in parts.items():
        if part is not None and part.is_finite() and part and abs(price * part) < CENT:
            shown = str(part)[:_SHOWN]
            yield f"{name} {shown} of a net price of {_dollars(price)} is less than a cent: give levels in dollars"


def _levels(exits: ExitPlan, direction: int, start: Decimal) -> list[Decimal | None]:
    """The prices of a ladder whose gains are measured from ``start``."""
    return [
        start + abs(start) * target.gain * direction if target.gain is not None else target.level
        for target in exits.targets
    ]


def _ladder_faults(levels: list[Decimal | None], direction: int) -> Iterator[str]:
    known = [level for level in levels if level is not None]
    if sorted(known, reverse=direction < 0) != known or len(set(known)) < len(known):
        word, way = ("long", "up") if direction > 0 else ("short", "down")
        yield f"the targets of a {word} must go {way} from one to the next"


def _dollars(price: Decimal) -> str:
    """A price with its cents, and no more digits than it has."""
    if not price.is_finite() or abs(price) > LEVEL_MAX:
        return str(price)
    return f"{price:.2f}" if price == round(price, 2) else f"{price.normalize():f}"


def _order_faults(exits: ExitPlan, direction: int) -> Iterator[str]:
    """What is wrong among levels while no price is known to hold them against."""
    word, beyond = ("long", "above") if direction > 0 else ("short", "below")
    stop, ladder = exits.stop_level, [target.level for target in exits.targets if target.level is not None]
    for level in ladder:
        if stop is not None and (level - stop) * direction <= 0:
            yield f"the target {level} of a {word} must lie {beyond} its stop {stop}"
    gains = [target.gain for target in exits.targets if target.gain is not None]
    if sorted(set(ladder), reverse=direction < 0) != ladder or sorted(set(gains)) != gains:
        yield f"the targets of a {word} must go {'up' if direction > 0 else 'down'} from one to the next"


def time_faults(exits: ExitPlan, entry: EntryPlan, now: Micros, today: str) -> list[str]:
    """Moments in the plans that have passed already; expiry only counts on a day ``today`` (ISO, empty: unknown)."""
    faults = []
    if exits.flat_at is not None and 0 < exits.flat_at <= now:
        faults.append(f"flat-at {to_iso(exits.flat_at)} has passed")
    cut_off = exits.flat_before_expiry
    if cut_off is not None and today and 0 < cut_off <= now and cut_off != exits.flat_at:
        faults.append(f"it expires: nothing of it is held after {to_iso(cut_off)}, unless flat-at is never")
    moment = None if entry.condition is None else entry.condition.at
    if moment is not None and 0 < moment <= now:
        faults.append(f"the entry's time {to_iso(moment)} has passed")
    return faults
