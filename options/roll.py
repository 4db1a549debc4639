"""Rolling a trade: it is closed and, once nothing of it is held, the same is opened in another contract.

The second half is a trade of its own that waits for the first to be over, so it survives a restart with it, and a
close that never fills opens nothing.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

import msgspec

from options import commands as c
from options.batch import Batch
from options.combo_quote import is_combo
from options.contingent import open_rungs, target_id
from options.contract import ContractError, Instrument, OptionContract, parse_key
from options.draft import save_trade
from options.intent import TradeProposal
from options.lifecycle import TradeStatus
from options.number_check import DECIMALS_MAX
from options.plan import AT_MARKET, Algo, EntryPlan, ExitOrder, ExitPlan, ScaleInPlan, TargetPlan
from options.plan_check import QTY_CEILING, TIME_MAX, instrument_faults, plan_faults, size_faults, time_faults
from options.risk import entry_faults
from options.steering import Steering
from options.terms import ExitKind
from options.trade import Trade
from options.values import CENT, ZERO, price_from_float

_STEP = Decimal(1).scaleb(-DECIMALS_MAX)
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Successor:
    """What a roll opens; ``faults`` says what cannot be made of it."""

    instrument: Instrument
    qty: int
    exits: ExitPlan
    faults: tuple[str, ...] = ()


def roll_faults(manager: Steering, batch: Batch, command: c.RollTrade, trade: Trade) -> list[str]:
    """Every reason why a trade cannot be rolled now: about what is held, the new contract, its plans, the limits."""
    faults = _held_faults(batch, trade)
    asked = [] if command.qty is None else list(size_faults(command.qty, trade.direction))
    try:
        instrument = rolled_contract(command, trade)
    except ContractError as error:
        return [*faults, str(error), *asked]
    faults += instrument_faults(instrument.key, batch.book.day.day, manager.calendar)
    if not trade.within_reach:
        return [*faults, *asked]
    successor = successor_of(manager, command, trade, instrument)
    faults += successor.faults
    quote = manager.quotes.get(instrument.key)
    mid = None if quote is None or quote.mid is None else price_from_float(round(quote.mid, 4))
    net, entry = is_combo(instrument.key), _entry(trade)
    faults += plan_faults(successor.qty, trade.direction, entry, successor.exits, mid, net=net)
    faults += time_faults(successor.exits, entry, batch.at, batch.book.day.day)
    limits: list[str] = []
    if 0 < successor.qty <= QTY_CEILING and 0 < (successor.exits.out_by or TIME_MAX) <= TIME_MAX:
        wish = _wish(successor, trade)
        limits = entry_faults(
            batch.book, wish, batch.at, manager.quotes, manager.limits, strategy=trade.strategy
        )
    if instrument.key not in batch.book.by_instrument:
        manager.quotes.release(instrument.key)
    return [*faults, *(one for one in limits if one not in faults)]


def roll(manager: Steering, batch: Batch, command: c.RollTrade, trade: Trade) -> None:
    """Save and activate what comes after, which waits; then aim at nothing in the old contract."""
    instrument = rolled_contract(command, trade)
    successor = successor_of(manager, command, trade, instrument)
    follower = save_trade(batch, _wish(successor, trade), trade.strategy, command.who)
    manager.activate(batch, follower)
    reason = f"rolled into {follower.trade_id} by {command.who}"
    manager.aim(batch, trade, 0, ExitKind.ROLL, reason, command.who, urgency=1.0)


def rolled_contract(command: c.RollTrade, trade: Trade) -> Instrument:
    """The contract that a roll leads to.

    :raises ContractError: it is not said which, or what is said is none to roll this trade into.
    """
    old = parse_key(trade.instrument)
    if (command.contract is None) == (command.expiry is None and command.strike is None):
        raise ContractError(
            "say what the new contract is: its expiry, its strike or both, or the whole contract instead of them"
        )
    if command.contract is not None:
        new: Instrument = parse_key(command.contract)
    elif isinstance(old, OptionContract):
        strike = old.strike if command.strike is None else command.strike
        new = OptionContract(
            root=old.root, expiry=_expiry(command.expiry, old), right=old.right, strike=strike
        )
    else:
        what = "a combo" if is_combo(old.key) else f"{old.symbol} stock"
        raise ContractError(f"{what} has no one expiry and strike: give the new contract as a whole")
    if new.symbol != old.symbol:
        raise ContractError(f"{new.plain} is not on {old.symbol}: a roll stays on the underlying")
    if new.key == old.key:
        raise ContractError(f"{old.plain} is what is held already")
    return new


def _expiry(given: str | None, old: OptionContract) -> date:
    if given is None:
        return old.expiry
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise ContractError(f"expiry {given[:_SHOWN_CHARACTERS]!r} is no date as in 2015-12-31") from error


def successor_of(manager: Steering, command: c.RollTrade, trade: Trade, instrument: Instrument) -> Successor:
    """What a roll opens: the quantity that could still be taken out, and the exits that are still to come."""
    qty = trade.within_reach if command.qty is None else command.qty
    mark = manager.exits.mark_of(trade)
    found = _carried(trade, None if mark is None else price_from_float(mark), instrument, qty)
    before = None if trade.exits.hold_through_expiry else command.flat_before_expiry
    return replace(found, exits=msgspec.structs.replace(found.exits, flat_before_expiry=before))


def _entry(trade: Trade) -> EntryPlan:
    return EntryPlan(after=trade.trade_id)


def _wish(successor: Successor, trade: Trade) -> TradeProposal:
    return TradeProposal(
        instrument=successor.instrument,
        direction=trade.direction,
        qty=successor.qty,
        entry=_entry(trade),
        exits=successor.exits,
        reason=f"roll of {trade.trade_id}",
    )


def _held_faults(batch: Batch, trade: Trade) -> list[str]:
    status = f"{trade.trade_id} is {trade.order_status} / {trade.trade_status}"
    faults = []
    if not trade.position.qty:
        faults.append(f"{status}: nothing is held")
    elif not trade.target:
        faults.append(f"{status}: it is being closed already")
    elif trade.position.qty * trade.direction < 0:
        faults.append(f"{status}: the other side of what it wants is held; close it")
    for one in batch.book.trades_of(trade.strategy, trade.symbol):
        if one is trade or one.trade_status is TradeStatus.NONE:
            continue
        if one.entry.after == trade.trade_id and not one.position.qty:
            faults.append(f"{one.trade_id} is to follow {trade.trade_id} already; cancel it first")
        else:
            faults.append(f"{one.trade_id} is on {one.symbol} already; one trade per symbol and strategy")
    return faults


# --- exits -------------------------------------------------------------------------------------------------------


def _carried(trade: Trade, mark: Decimal | None, instrument: Instrument, qty: int) -> Successor:
    """The exits that are still to come, each at the same distance in percent from whatever the new entry will be."""
    plan, faults = trade.exits, []
    stop_level = _stop_level(trade)
    rungs = [(number, target, part) for number, target, part in open_rungs(trade) if part]
    levels = [target.level for _, target, _ in rungs if target.level is not None]
    reference = _reference(trade, mark, stop_level, levels)
    if reference is None and (levels or stop_level is not None):
        faults.append(
            f"{trade.trade_id}: neither its entry nor its mark lies between its stop and its targets, so they have no "
            "distance to carry over; move them first"
        )
    stop = plan.stop if stop_level is None else _fraction(stop_level, reference)
    exits = msgspec.structs.replace(
        plan,
        targets=_ladder(rungs, trade.within_reach, reference),
        stop=stop,
        stop_level=None,
        break_even_after=_break_even(trade, [number for number, _, _ in rungs]),
        scale_ins=_scale_ins(trade),
        stop_order=_unpriced(plan.stop_order),
        target_order=msgspec.structs.replace(plan.target_order, limit_price=None),
        time_order=_unpriced(plan.time_order),
        **_trail(trade, instrument),
    )
    return Successor(instrument, qty, exits, tuple(faults))


def _unpriced(order: ExitOrder) -> ExitOrder:
    """How what must get out is worked in another contract: a limit in dollars was a price of the old one."""
    at_limit = order.algo is Algo.LIMIT and order.limit_price is not None
    return AT_MARKET if at_limit else msgspec.structs.replace(order, limit_price=None)


def _stop_level(trade: Trade) -> Decimal | None:
    """The stop's level where it is one: as it was set, or at the entry once the ladder has earned that."""
    plan, average = trade.exits, trade.position.average(trade.multiplier)
    earned = plan.break_even_after is not None and target_id(trade, plan.break_even_after) in trade.fired
    if not earned or average is None:
        return plan.stop_level
    even = average.quantize(CENT, ROUND_HALF_EVEN)
    if plan.stop_level is None:
        return even
    return (max if trade.direction > 0 else min)(plan.stop_level, even)


def _reference(
    trade: Trade, mark: Decimal | None, stop: Decimal | None, targets: list[Decimal]
) -> Decimal | None:
    """What levels are measured from: the entry, or the mark where the entry does not lie between stop and targets."""
    side = trade.direction
    for price in (trade.position.average(trade.multiplier), mark):
        if (
            price
            and (stop is None or (price - stop) * side > 0)
            and all((level - price) * side > 0 for level in targets)
        ):
            return price
    return None


def _fraction(level: Decimal, reference: Decimal | None) -> Decimal | None:
    return None if reference is None else (abs(level - reference) / abs(reference)).quantize(_STEP)


def _ladder(
    rungs: list[tuple[int, TargetPlan, int]], left: int, reference: Decimal | None
) -> tuple[TargetPlan, ...]:
    """The rungs that are still to come, as parts of what is left: together they take as much of it as they did."""
    ladder: list[TargetPlan] = []
    for _, target, part in rungs:
        gain = target.gain if target.level is None else _fraction(target.level, reference)
        share = (Decimal(part) / left).quantize(_STEP, ROUND_DOWN)
        if gain is not None:
            ladder.append(TargetPlan(gain=gain, share=share))
    if ladder and sum(part for _, _, part in rungs) == left:
        others = sum((rung.share for rung in ladder[:-1]), ZERO)
        ladder[-1] = msgspec.structs.replace(ladder[-1], share=1 - others)
    return tuple(ladder)


def _break_even(trade: Trade, open_numbers: list[int]) -> int | None:
    """The rung after which the stop moves to the entry, counted among those that are left."""
    rung = trade.exits.break_even_after
    return open_numbers.index(rung) + 1 if rung in open_numbers else None


def _trail(trade: Trade, instrument: Instrument) -> dict[str, Decimal | None]:
    """A trailing stop in dollars becomes one in percent of the entry; a combo's stays in dollars."""
    plan, average = trade.exits, trade.position.average(trade.multiplier)
    if plan.trail_amount is None or is_combo(instrument.key) or not average:
        return {"trail": plan.trail, "trail_amount": plan.trail_amount}
    return {"trail": (plan.trail_amount / abs(average)).quantize(_STEP), "trail_amount": None}


def _scale_ins(trade: Trade) -> tuple[ScaleInPlan, ...]:
    """The additions that are still to come; none once anything has been taken out."""
    position = trade.position
    if abs(position.qty) < position.entered:
        return ()
    return tuple(
        scale
        for number, scale in enumerate(trade.exits.scale_ins, start=1)
        if f"{position.position_id}-scale-{number}" not in trade.fired
    )
