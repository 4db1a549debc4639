"""Plans in plain words."""

from decimal import Decimal

from bot.card_text import new_york_moment, price_text
from bot.exit_words import exit_order_words
from options.contingent import held_by
from options.plan import AT_MARKET, Algo, Basis, EntryPlan, ExitPlan, Held, TargetPlan, TimeInForce, Unfilled
from options.terms import ArmedExit, ExitKind, Schedule
from options.values import to_iso

_BASES = {Basis.FAR_SIDE: "the far side", Basis.LAST: "the last price", Basis.TWO_MARKS: "two marks in a row"}


def entry_words(entry: EntryPlan, now: str) -> str:
    """How a trade gets in, e.g. ``limit at 9.80, when the underlying is at or above 750.00``."""
    limit = "" if entry.limit_price is None else f" at {price_text(entry.limit_price)}"
    words = [f"{entry.algo}{limit}"]
    if entry.algo is Algo.WALK:
        bound = "the far side" if entry.limit_bound is None else price_text(entry.limit_bound)
        start = price_text(entry.limit_price) if entry.limit_price is not None else "the mid"
        words = [f"walk from {start} to {bound} in {entry.steps} steps, one every {entry.every_s:g} s"]
    elif entry.algo is Algo.TWAP:
        words = [f"{entry.steps} parts, one every {entry.every_s:g} s{limit}"]
    if entry.tif is not TimeInForce.DAY:
        words.append("until cancelled")
    if entry.fill_within_s is not None:
        then = "to the market" if entry.unfilled is Unfilled.MARKET else "given up"
        words.append(f"{then} after {entry.fill_within_s:g} s")
    condition = entry.condition
    if condition is not None and condition.level is not None:
        side = "above" if condition.above else "below"
        words.append(f"when the {condition.watch} is at or {side} {price_text(condition.level)}")
    elif condition is not None and condition.at is not None:
        words.append(f"at {new_york_moment(to_iso(condition.at), now)}")
    elif condition is not None and condition.spread_max is not None:
        words.append(f"when the spread is at most {condition.spread_max:.1%} of the mid")
    if entry.after:
        words.append(f"once {entry.after} is closed")
    return ", ".join(words)


def exit_words(exits: ExitPlan, now: str) -> list[str]:
    """How a trade gets out, one part each; empty if nothing is planned."""
    words = contingent_words(exits, now)
    if exits.break_even_after is not None:
        words.append(f"stop to the entry after target {exits.break_even_after}")
    if exits.hold_through_expiry:
        words.append("held through its expiry")
    for name, order in (
        ("stops", exits.stop_order), ("targets", exits.target_order), ("timed exits", exits.time_order),
    ):  # fmt: skip
        if order != AT_MARKET:
            words.append(f"{name} {exit_order_words(order)}")
    rest = at_broker_words(exits)
    if rest:
        words.append(rest)
    if exits.basis is not Basis.MID and words:
        words.append(f"judged by {_BASES.get(exits.basis, exits.basis)}")
    return words


def out_by_words(cut_off: str) -> str:
    """A sentence on when (ISO 8601 UTC) a new trade is over because it expires; nothing if that is not said."""
    return f" Out by {new_york_moment(cut_off, '')}, before it expires." if cut_off else ""


def at_broker_words(exits: ExitPlan) -> str:
    """Which contingent orders the broker holds, e.g. ``stop and target 2 rest at the broker``; empty if none."""
    names = []
    stop = exits.stop is not None or exits.stop_level is not None or exits.break_even_after is not None
    if stop and held_by(exits, exits.stop_held) is Held.BROKER:
        names.append("stop")
    if (exits.trail or exits.trail_amount) and held_by(exits, exits.trail_held) is Held.BROKER:
        names.append("trailing stop")
    rungs = [
        number for number, one in enumerate(exits.targets, start=1) if held_by(exits, one.held) is Held.BROKER
    ]
    if len(rungs) == len(exits.targets):
        names += ["targets" if len(rungs) > 1 else "target"] if rungs else []
    else:
        names += [f"target {number}" for number in rungs]
    if not names:
        return ""
    verb = "rests" if len(names) == 1 and names != ["targets"] else "rest"
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} {verb} at the broker"


def contingent_words(exits: ExitPlan, now: str) -> list[str]:
    """The contingent orders that a plan leads to, one part each."""
    words = []
    if exits.stop is not None:
        words.append(f"stop {_share(exits.stop)} from the entry")
    if exits.stop_level is not None:
        words.append(f"stop at {price_text(exits.stop_level)}")
    words += [_target(target) for target in exits.targets]
    after = "" if exits.trail_after is None else f" after a gain of {_share(exits.trail_after)}"
    if exits.trail is not None:
        words.append(f"trail {_share(exits.trail)}{after}")
    if exits.trail_amount is not None:
        words.append(f"trail ${price_text(exits.trail_amount)}{after}")
    if exits.hold_max_s is not None:
        words.append(f"out after {exits.hold_max_s / 60:g} min")
    if exits.out_by is not None:
        why = ", before it expires" if exits.out_by == exits.flat_before_expiry else ""
        words.append(f"out at {new_york_moment(to_iso(exits.out_by), now)}{why}")
    words += [f"add {scale.qty} at {scale.gain:+.0%}" for scale in exits.scale_ins]
    return words


def schedule_words(schedule: Schedule) -> str:
    """How a parent order is worked."""
    then = "" if schedule.deadline_s is None else f", to the market after {schedule.deadline_s:g} s"
    match schedule.algo:
        case Algo.WALK:
            ends = f"from {price_text(schedule.limit_price)} to {price_text(schedule.limit_bound)}"
            return f"walked {ends} in {schedule.steps} steps, one every {schedule.every_s:g} s{then}"
        case Algo.TWAP:
            limit = "" if schedule.limit_price is None else f", at {price_text(schedule.limit_price)} at most"
            return f"in {schedule.steps} parts, one every {schedule.every_s:g} s{limit}{then}"
        case Algo.LIMIT:
            return f"resting at {price_text(schedule.limit_price)}{then}"
        case Algo.CROSS:
            return "crossed inside the house"
        case Algo.REST:
            return "resting at the broker"
        case _:
            return "at the market"


def armed_words(armed: ArmedExit, now: str) -> str:
    """A contingent order as it rests: ``stop 4 at 6.86``."""
    if armed.kind is ExitKind.TRAIL_ON:
        return f"{armed.kind} at {price_text(armed.level)}"
    return f"{armed.kind} {armed.qty} {_where(armed, now)}"


def _where(armed: ArmedExit, now: str) -> str:
    if armed.at:
        return f"at {new_york_moment(armed.at, now)}"
    water = "" if armed.water is None else f" from {price_text(armed.water)}"
    if armed.trail is not None:
        return f"{_share(armed.trail)}{water}"
    if armed.trail_amount is not None:
        return f"${price_text(armed.trail_amount)}{water}"
    return f"at {price_text(armed.level)}"


def _target(target: TargetPlan) -> str:
    part = "all" if target.share == 1 else _share(target.share)
    where = f"+{_share(target.gain)}" if target.gain is not None else price_text(target.level)
    return f"target {where} for {part}"


def _share(fraction: Decimal) -> str:
    return f"{(fraction * 100).normalize():f}%"


def order_at_words(limit: Decimal | None, stop: Decimal | None) -> str:
    """Where an order trades: ``at the market``, ``at 8.50``, ``from 7.00`` (a stop), ``from 7.00 at 6.80``."""
    if stop is None:
        return "at the market" if limit is None else f"at {price_text(limit)}"
    return f"from {price_text(stop)}" + ("" if limit is None else f" at {price_text(limit)}")
