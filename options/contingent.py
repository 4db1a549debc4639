"""Contingent orders: from a plan and what was really filled to the exits that guard the position."""

from decimal import ROUND_HALF_EVEN, Decimal

from options.events import ArmedExit, ExitKind
from options.plan import ExitPlan
from options.trade import Trade
from options.values import CENT, SECOND, from_iso, to_iso


def exits_of(trade: Trade, water: float | None) -> tuple[ArmedExit, ...]:
    """The exits that should guard a trade's open quantity now.

    Levels are measured from the exact average of what is open; what already fired in this position is left out. Stop,
    trailing stop and the two exits by the clock each take all that is left; the targets share it. ``water`` is the
    best mark so far, from which a trailing stop measures; without one it starts at the average.
    """
    position, plan = trade.position, trade.exits
    average = position.average(trade.multiplier)
    if average is None or trade.target == 0:
        return ()
    side = 1 if position.qty > 0 else -1
    left = abs(position.qty)
    prefix = position.position_id
    exits: list[ArmedExit] = []
    if plan.stop is not None:
        level = _level(average, -plan.stop * side)
        exits.append(ArmedExit(exit_id=f"{prefix}-stop", kind=ExitKind.STOP, qty=left, level=level))
    if plan.trail is not None:
        start = float(average) if water is None else water
        exits.append(
            ArmedExit(
                exit_id=f"{prefix}-trail", kind=ExitKind.TRAILING, qty=left, trail=plan.trail, water=start
            )
        )
    exits += _targets(plan, average, side, left, trade)
    if plan.hold_max_s is not None:
        until = from_iso(position.opened_ts) + round(plan.hold_max_s * SECOND)
        exits.append(ArmedExit(exit_id=f"{prefix}-time", kind=ExitKind.TIME, qty=left, at=to_iso(until)))
    if plan.flat_at is not None:
        exits.append(
            ArmedExit(exit_id=f"{prefix}-flat", kind=ExitKind.FLAT, qty=left, at=to_iso(plan.flat_at))
        )
    return tuple(exits)


def _level(average: Decimal, gain: Decimal) -> Decimal:
    return (average * (1 + gain)).quantize(CENT, ROUND_HALF_EVEN)


def _targets(plan: ExitPlan, average: Decimal, side: int, left: int, trade: Trade) -> list[ArmedExit]:
    """The rungs of the ladder that have not fired, each with its part of what is left."""
    names = [f"{trade.position.position_id}-target-{number}" for number in range(1, len(plan.targets) + 1)]
    open_rungs = [
        (name, target) for name, target in zip(names, plan.targets, strict=True) if name not in trade.fired
    ]
    parts = rung_quantities([target.share for _, target in open_rungs], left, trade.qty)
    return [
        ArmedExit(exit_id=name, kind=ExitKind.TARGET, qty=part, level=_level(average, target.gain * side))
        for (name, target), part in zip(open_rungs, parts, strict=True)
        if part
    ]


def rung_quantities(shares: list[Decimal], left: int, planned: int) -> list[int]:
    """Divide what is left among the rungs of a ladder, nearest rung first.

    Each rung takes its share of the planned quantity, at least one contract, while there is any left; rounding goes
    to the nearer rungs, so that a small position still takes its first profit.
    """
    parts: list[int] = []
    for share in shares:
        wanted = max(1, int((share * planned).to_integral_value(ROUND_HALF_EVEN)))
        part = min(wanted, left)
        parts.append(part)
        left -= part
    return parts
