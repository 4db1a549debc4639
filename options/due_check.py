"""Whether the exits of a changed plan would be due at once: whoever changes a plan wants a guard, not a sale.

What a plan gives as a part of the entry becomes a price once something is held, and that price is held against the
mark like one that was given as a price.
"""

from collections.abc import Iterator
from copy import copy
from decimal import Decimal

from options.combo_quote import is_combo
from options.contingent import exits_of
from options.lifecycle import GUARDED, HELD_FILLED
from options.number_check import minutes_of
from options.plan import Basis, ExitPlan
from options.steering import Steering
from options.terms import ArmedExit, ExitKind
from options.trade import Trade
from options.values import Micros, from_iso, price_from_float

_PRICED_FROM_MARK = (Basis.MID, Basis.TWO_MARKS)


def due_faults(manager: Steering, trade: Trade, exits: ExitPlan, at: Micros) -> list[str]:
    """Every reason why exits of ``exits`` would be due as soon as they are armed for what a trade holds.

    What is armed already in just that way is none: nobody has changed it. The plan's numbers must be sound.
    """
    mark = manager.exits.mark_of(trade)
    if not trade.position.qty or mark is None:
        return []
    wished = copy(trade)
    wished.fired, wished.exits = trade.fired_after(exits), exits
    if wished.status == HELD_FILLED:
        wished.status = GUARDED
    fresh = [armed for armed in exits_of(wished, None) if not _is_armed(trade, armed)]
    return [fault for armed in fresh for fault in _faults(manager, wished, armed, mark, at)]


def exit_parts(exits: ExitPlan) -> tuple[ExitPlan, ...]:
    """An exit plan taken apart: where one part is unsound, the others can still be held against the mark."""
    basis = exits.basis
    return (
        ExitPlan(basis=basis, stop=exits.stop, stop_level=exits.stop_level),
        ExitPlan(basis=basis, targets=exits.targets),
        ExitPlan(trail=exits.trail, trail_amount=exits.trail_amount, trail_after=exits.trail_after),
        ExitPlan(scale_ins=exits.scale_ins, average_down=exits.average_down),
        ExitPlan(hold_max_s=exits.hold_max_s),
    )


def _is_armed(trade: Trade, armed: ArmedExit) -> bool:
    """Whether an exit guards the position already, as it is to."""
    aspects = ("level", "above", "basis", "trail", "trail_amount", "at")
    return any(
        one.exit_id == armed.exit_id and all(getattr(one, name) == getattr(armed, name) for name in aspects)
        for one in trade.armed
    )


def _faults(manager: Steering, trade: Trade, armed: ArmedExit, mark: float, at: Micros) -> Iterator[str]:
    match armed.kind:
        case ExitKind.STOP | ExitKind.TARGET:
            yield from _level_faults(manager, trade, armed, mark, at)
        case ExitKind.SCALE_IN if _passed(armed.level, armed.above, mark):
            number = armed.exit_id.rpartition("-")[2]
            yield f"scale-in {number} at {_dollars(armed.level)} has been passed by its mark {_dollars(mark)}"
        case ExitKind.TRAIL_ON if _passed(armed.level, armed.above, mark):
            plan = trade.exits
            begun = ArmedExit(
                exit_id=f"{trade.position.position_id}-trail",
                kind=ExitKind.TRAILING,
                qty=armed.qty,
                trail=plan.trail,
                trail_amount=plan.trail_amount,
            )
            yield from _trail_faults(manager, trade, begun, mark)
        case ExitKind.TRAILING:
            yield from _trail_faults(manager, trade, armed, mark)
        case ExitKind.TIME if from_iso(armed.at) <= at:
            yield f"hold-max {minutes_of(trade.exits.hold_max_s)}: that time was over at {armed.at}"
        case _:
            pass


def _passed(level: Decimal | None, above: bool, price: float) -> bool:
    if level is None:
        return False
    return price >= level if above else price <= level


def _level_faults(
    manager: Steering, trade: Trade, armed: ArmedExit, mark: float, at: Micros
) -> Iterator[str]:
    long, what = trade.position.qty > 0, "its mark"
    price: float | None = mark
    if armed.basis not in _PRICED_FROM_MARK and manager.exits.fault_of(trade.instrument, at) is None:
        quote = manager.quotes.quotes[trade.instrument]
        if armed.basis is Basis.LAST:
            price, what = quote.last, "the last price"
        else:
            price, what = (quote.bid, "the bid") if long else (quote.ask, "the ask")
    if price is None or not _passed(armed.level, armed.above, price):
        return
    name = "the stop" if armed.kind is ExitKind.STOP else f"target {armed.exit_id.rpartition('-')[2]} at"
    word, side = ("long" if long else "short"), ("above" if armed.above else "below")
    yield f"{name} {_dollars(armed.level)} of a {word} must lie {side} {what} {_dollars(price)}"


def _trail_faults(manager: Steering, trade: Trade, armed: ArmedExit, mark: float) -> Iterator[str]:
    """A trailing stop measures from the best mark since the entry, and so may have been passed before it begins."""
    level, long = manager.exits.level_now(trade, armed), trade.position.qty > 0
    if level is None:
        return
    if level <= 0 and not is_combo(trade.instrument):
        yield f"the trailing stop would stand at {_dollars(level)}, where no price ever gets"
    elif (mark <= level) if long else (mark >= level):
        yield (
            f"the trailing stop would stand at {_dollars(level)}, measured from the best mark since the entry, "
            f"and its mark {_dollars(mark)} is past that"
        )


def _dollars(price: Decimal | float | None) -> str:
    assert price is not None, "only what has a price is said"
    exact = price if isinstance(price, Decimal) else price_from_float(round(price, 4))
    return f"{exact:.2f}" if exact == round(exact, 2) else f"{exact.normalize():f}"


def trail_reach_faults(exits: ExitPlan, direction: int, reference: Decimal | None, *, net: bool) -> list[str]:
    """Why a trailing amount could never take a long out that is to be bought at about ``reference`` dollars."""
    amount, after = exits.trail_amount, exits.trail_after or Decimal(0)
    if net or direction < 0 or amount is None or reference is None:
        return []
    if not (amount.is_finite() and after.is_finite()) or amount < reference * (1 + after):
        return []
    return [f"trail amount {amount} reaches below zero: what it guards costs about {_dollars(reference)}"]
