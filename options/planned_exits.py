"""The contingent orders of a trade of which nothing has filled: what the plan will guard it with."""

from options.contingent import held_by
from options.plan import ExitPlan
from options.terms import ArmedExit, ExitKind
from options.trade import Trade
from options.values import to_iso


def oca_group(position_id: str) -> str:
    """The name of the group in which the contingent orders of a position cancel one another."""
    return f"{position_id}-oca"


def planned_exits(trade: Trade) -> tuple[ArmedExit, ...]:
    """What will be armed with the first fill, by the ids that it will have.

    A level that is measured from the entry is not known yet and left out, and so is a rung's quantity (0).
    """
    plan, prefix, long = trade.exits, trade.position.position_id, trade.direction > 0
    found = []
    if plan.stop is not None or plan.stop_level is not None or plan.break_even_after is not None:
        found.append(
            ArmedExit(
                exit_id=f"{prefix}-stop",
                kind=ExitKind.STOP,
                qty=trade.qty,
                level=plan.stop_level,
                above=not long,
                basis=plan.basis,
                held=held_by(plan, plan.stop_held),
            )
        )
    if plan.trail is not None or plan.trail_amount is not None:
        trailing = ArmedExit(
            exit_id=f"{prefix}-trail",
            kind=ExitKind.TRAILING,
            qty=trade.qty,
            trail=plan.trail,
            trail_amount=plan.trail_amount,
            held=held_by(plan, plan.trail_held),
        )
        started = ArmedExit(exit_id=f"{prefix}-trail-on", kind=ExitKind.TRAIL_ON, qty=0, above=long)
        found.append(trailing if plan.trail_after is None else started)
    found += [
        ArmedExit(
            exit_id=f"{prefix}-target-{number}",
            kind=ExitKind.TARGET,
            qty=trade.qty if target.share == 1 else 0,
            level=target.level,
            above=long,
            basis=plan.basis,
            held=held_by(plan, target.held),
        )
        for number, target in enumerate(plan.targets, start=1)
    ]
    return (*found, *_by_clock(plan, prefix, trade.qty), *_scale_ins(plan, prefix, long=long))


def _by_clock(plan: ExitPlan, prefix: str, qty: int) -> list[ArmedExit]:
    found = []
    if plan.hold_max_s is not None:
        found.append(ArmedExit(exit_id=f"{prefix}-time", kind=ExitKind.TIME, qty=qty))
    if plan.out_by is not None:
        found.append(ArmedExit(exit_id=f"{prefix}-flat", kind=ExitKind.FLAT, qty=qty, at=to_iso(plan.out_by)))
    return found


def _scale_ins(plan: ExitPlan, prefix: str, *, long: bool) -> list[ArmedExit]:
    return [
        ArmedExit(
            exit_id=f"{prefix}-scale-{number}",
            kind=ExitKind.SCALE_IN,
            qty=scale.qty,
            above=(scale.gain > 0) == long,
        )
        for number, scale in enumerate(plan.scale_ins, start=1)
    ]
