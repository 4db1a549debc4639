"""Contingent orders: from a plan and what was really filled to what guards the position."""

from decimal import ROUND_HALF_EVEN, Decimal

from options.combo_quote import is_combo
from options.exit_order import patience
from options.lifecycle import HELD_FILLED
from options.plan import ExitPlan, Held, TargetPlan
from options.terms import ArmedExit, ExitKind
from options.trade import Trade
from options.values import CENT, SECOND, from_iso, to_iso

_LESS_THAN_CENT = Decimal("0.0001")
_DISTANCE_PARTS = 10
"""Rounding to the cent may move a level by one of so many parts of its distance from the entry."""


def exits_of(trade: Trade, water: float | None) -> tuple[ArmedExit, ...]:
    """The contingent orders that belong to a trade's open quantity now.

    Levels are measured from the exact average of what is open (scale-ins from the first fill); what already fired in
    this position is left out. Stop, trailing stop and the two exits by the clock each take all that is left; the
    targets share it. ``water`` is the best mark so far, from which a trailing stop measures; without one it starts at
    the average. Of a trade that is held inactive all sleep but what takes it out before it expires.
    """
    average = trade.position.average(trade.multiplier)
    if average is None:
        return ()
    if trade.status == HELD_FILLED:
        return tuple(_before_expiry(trade))
    if trade.target == 0:
        return _while_leaving(trade, average, water)
    exits = (
        *_stop(trade, average),
        *_trail(trade, average, water),
        *_targets(trade, average),
        *_by_clock(trade),
        *_scale_ins(trade),
    )
    return tuple(armed for armed in exits if _reachable(trade, armed))


def _reachable(trade: Trade, armed: ArmedExit) -> bool:
    """Whether a price can ever meet a level; only a combo's net price falls to zero and below."""
    return armed.level is None or armed.level > 0 or is_combo(trade.instrument)


def _while_leaving(trade: Trade, average: Decimal, water: float | None) -> tuple[ArmedExit, ...]:
    """What still guards a position that takes its time to leave: what may hurry it and has not fired yet."""
    if patience(trade.exit_order) == 0:
        return ()
    guards = (*_stop(trade, average), *_trail(trade, average, water), *_by_clock(trade))
    left = tuple(one for one in guards if one.exit_id not in trade.fired and _reachable(trade, one))
    early = any(armed.kind is ExitKind.FLAT for armed in guards if armed.exit_id in trade.fired)
    return (*left, *_before_expiry(trade)) if early else left


def held_by(plan: ExitPlan, own: Held | None) -> Held:
    """Who holds a contingent order: as it says itself, else as the plan does."""
    return plan.held if own is None else own


def target_id(trade: Trade, rung: int) -> str:
    """The id of a rung of the ladder, counted from 1, in the trade's present position."""
    return f"{trade.position.position_id}-target-{rung}"


def _level(start: Decimal, gain: Decimal, side: int) -> Decimal:
    """``gain`` better than ``start`` for the side that is held, to the cent.

    Where a cent is much of the distance, a hundredth of one is the step: 30% below an option at 0.01 is not its entry.
    A net price below zero has its size as its measure.
    """
    exact = start + abs(start) * gain * side
    level = exact.quantize(CENT, ROUND_HALF_EVEN)
    if level and (not gain or abs(level - exact) * _DISTANCE_PARTS <= abs(exact - start)):
        return level
    return exact.quantize(_LESS_THAN_CENT, ROUND_HALF_EVEN)


def _stop(trade: Trade, average: Decimal) -> list[ArmedExit]:
    """The stop where the plan has it, or at the entry once the ladder has earned that."""
    plan, side = trade.exits, trade.held_side
    level = plan.stop_level
    if plan.stop is not None:
        level = _level(average, -plan.stop, side)
    earned = plan.break_even_after is not None and target_id(trade, plan.break_even_after) in trade.fired
    if earned:
        even = _level(average, Decimal(0), side)
        level = even if level is None else (max if side > 0 else min)(level, even)
    if level is None:
        return []
    return [
        ArmedExit(
            exit_id=f"{trade.position.position_id}-stop",
            kind=ExitKind.STOP,
            qty=abs(trade.position.qty),
            level=level,
            above=side < 0,
            basis=plan.basis,
            held=held_by(plan, plan.stop_held),
        )
    ]


def _trail(trade: Trade, average: Decimal, water: float | None) -> list[ArmedExit]:
    """The trailing stop, or what switches it on while its gain has not been seen."""
    plan, side, prefix = trade.exits, trade.held_side, trade.position.position_id
    if plan.trail is None and plan.trail_amount is None:
        return []
    starter = f"{prefix}-trail-on"
    if plan.trail_after is not None and starter not in trade.fired:
        level = _level(average, plan.trail_after, side)
        return [ArmedExit(exit_id=starter, kind=ExitKind.TRAIL_ON, qty=0, level=level, above=side > 0)]
    return [
        ArmedExit(
            exit_id=f"{prefix}-trail",
            kind=ExitKind.TRAILING,
            qty=abs(trade.position.qty),
            trail=plan.trail,
            trail_amount=plan.trail_amount,
            water=float(average) if water is None else water,
            held=held_by(plan, plan.trail_held),
        )
    ]


def open_rungs(trade: Trade) -> list[tuple[int, TargetPlan, int]]:
    """The rungs of the ladder that have not fired: number (from 1), plan, and the contracts that each takes out."""
    plan = trade.exits
    rungs = [
        (number, target)
        for number, target in enumerate(plan.targets, start=1)
        if target_id(trade, number) not in trade.fired
    ]
    whole = sum((target.share for target in plan.targets), Decimal(0)) == 1
    # What a rung that has fired is still taking out is no longer there to be shared.
    left = min(abs(trade.position.qty), abs(trade.target))
    shares = [target.share for _, target in rungs]
    parts = rung_quantities(shares, left, trade.position.entered, takes_rest=whole)
    return [(number, target, part) for (number, target), part in zip(rungs, parts, strict=True)]


def _targets(trade: Trade, average: Decimal) -> list[ArmedExit]:
    """The rungs of the ladder that have not fired, each with its part of what is left."""
    side = trade.held_side
    return [
        ArmedExit(
            exit_id=target_id(trade, number),
            kind=ExitKind.TARGET,
            qty=part,
            level=_target_level(target, average, side),
            above=side > 0,
            basis=trade.exits.basis,
            held=held_by(trade.exits, target.held),
        )
        for number, target, part in open_rungs(trade)
        if part
    ]


def _target_level(target: TargetPlan, average: Decimal, side: int) -> Decimal:
    if target.level is not None:
        return target.level
    assert target.gain is not None, "a target has a gain or a level"
    return _level(average, target.gain, side)


def rung_quantities(shares: list[Decimal], left: int, entered: int, *, takes_rest: bool = False) -> list[int]:
    """Divide what is left among the rungs of a ladder, nearest rung first.

    Each rung takes its share of the quantity that was ``entered`` (halves to the even number), at least one contract,
    while there is any left. With ``takes_rest`` the last rung takes whatever the others leave.
    """
    parts: list[int] = []
    for number, share in enumerate(shares, start=1):
        wanted = max(1, int((share * entered).to_integral_value(ROUND_HALF_EVEN)))
        part = left if takes_rest and number == len(shares) else min(wanted, left)
        parts.append(part)
        left -= part
    return parts


def _by_clock(trade: Trade) -> list[ArmedExit]:
    plan, position = trade.exits, trade.position
    prefix, qty = position.position_id, abs(position.qty)
    exits = []
    if plan.hold_max_s is not None:
        until = from_iso(position.opened_ts) + round(plan.hold_max_s * SECOND)
        exits.append(ArmedExit(exit_id=f"{prefix}-time", kind=ExitKind.TIME, qty=qty, at=to_iso(until)))
    if plan.out_by is not None:
        exits.append(ArmedExit(exit_id=f"{prefix}-flat", kind=ExitKind.FLAT, qty=qty, at=to_iso(plan.out_by)))
    return exits


def _before_expiry(trade: Trade) -> list[ArmedExit]:
    """What takes a position out before it expires, whatever became of its other exits: assignment asks nobody.

    In a plan that is awake the moment at which it must be flat is this one or an earlier one.
    """
    at, exit_id = trade.exits.flat_before_expiry, f"{trade.position.position_id}-expiry"
    gone = exit_id in trade.fired and not trade.target  # what is wanted again after it is taken out again
    if at is None or gone:
        return []
    return [ArmedExit(exit_id=exit_id, kind=ExitKind.FLAT, qty=abs(trade.position.qty), at=to_iso(at))]


def _scale_ins(trade: Trade) -> list[ArmedExit]:
    """The additions that are still to come; none once anything has been taken out, or is on its way out."""
    position, side = trade.position, trade.held_side
    kept = min(position.qty * trade.direction, trade.target * trade.direction)
    if position.first_price is None or kept < position.entered:
        return []
    return [
        ArmedExit(
            exit_id=f"{position.position_id}-scale-{number}",
            kind=ExitKind.SCALE_IN,
            qty=scale.qty,
            level=_level(position.first_price, scale.gain, side),
            above=(scale.gain > 0) == (side > 0),
        )
        for number, scale in enumerate(trade.exits.scale_ins, start=1)
        if f"{position.position_id}-scale-{number}" not in trade.fired
    ]
