"""Why a command cannot be obeyed: everything that stands against it, at once."""

from copy import copy
from decimal import ROUND_HALF_EVEN, Decimal
from typing import assert_never

import msgspec

from options import commands as c
from options.assignment_desk import assignment_faults
from options.batch import Batch
from options.book import Book
from options.close_all import close_all_faults
from options.combo_quote import is_combo
from options.contingent import target_id
from options.due_check import due_faults, exit_parts, trail_reach_faults
from options.entry_moment import goes_in_later, moment_faults
from options.exit_order import patience
from options.exit_order_check import exit_order_faults
from options.lifecycle import HELD_PENDING, TRANSITIONS, WORKING, Step, TradeStatus
from options.number_check import whole_text
from options.plan import EntryPlan, ExitOrder, ExitPlan, TargetPlan
from options.plan_check import AT_AVERAGE, instrument_faults, plan_faults, time_faults
from options.risk import entry_faults, later_faults
from options.roll import roll_faults
from options.seen import seen_faults
from options.settled_order import settle_faults
from options.shown_text import REASON_CHARACTERS, WORD_CHARACTERS, printable, text_faults
from options.steering import Steering
from options.trade import Trade
from options.values import CENT, price_from_float


def command_faults(manager: Steering, batch: Batch, command: c.Command) -> list[str]:
    """Every reason why a command cannot be obeyed now; empty if there is none."""
    book = batch.book
    match command:
        case c.NewTrade():
            return _new_faults(manager, batch, command)
        case c.Halt(reason=reason):
            if book.halt_reason:
                return [f"trading is halted already: {book.halt_reason}"]
            return text_faults("the reason", reason, REASON_CHARACTERS)
        case c.Resume(answers=answers):
            return _resume_faults(book.halt_reason, answers)
        case c.SettleOrder():
            return settle_faults(book, command)
        case c.CloseAll():
            return close_all_faults(book, command) or seen_faults(book, command)
        case _:
            pass
    trade = book.trades.get(command.trade_id)
    over = book.trade(command.trade_id) if trade is None else None
    if (
        over is not None
        and isinstance(command, c.ActivateTrade)
        and (over.status, Step.ACTIVATED) in TRANSITIONS
    ):
        trade = over
    if trade is not None:
        changed = seen_faults(book, command)
        if changed:
            return changed
        return _trade_command_faults(manager, batch, command, trade)
    said = (
        "there is no such trade"
        if over is None
        else f"it is over ({over.order_status} / {over.trade_status})"
    )
    name = printable(command.trade_id, WORD_CHARACTERS)
    return [f"{name if name.strip() else repr(name)}: {said}"]


def _resume_faults(halt_reason: str, answers: str) -> list[str]:
    if not halt_reason:
        return ["trading is not halted"]
    if answers != halt_reason:
        return [f"the halt to answer is {halt_reason!r}; repeat its reason to resume"]
    return []


def _new_faults(manager: Steering, batch: Batch, command: c.NewTrade) -> list[str]:
    faults = instrument_faults(command.instrument, batch.book.day.day, manager.calendar)
    faults += moment_faults(manager.calendar, command.instrument, command.entry, command.exits, batch.at)
    net = is_combo(command.instrument)
    faults += plan_faults(command.qty, command.direction, command.entry, command.exits, None, net=net)
    faults += time_faults(command.exits, command.entry, batch.at, batch.book.day.day)
    faults += text_faults("the strategy", command.strategy, WORD_CHARACTERS)
    faults += text_faults("the reason", command.reason, REASON_CHARACTERS) if command.reason else []
    return faults + after_faults(batch.book, command.entry, "")


def after_faults(book: Book, entry: EntryPlan, own_id: str) -> list[str]:
    """A trade may wait for another that is open, and not for itself."""
    if entry.after is None or (entry.after in book.trades and entry.after != own_id):
        return []
    return [f"it would wait for {printable(entry.after, WORD_CHARACTERS)!r}, which is no other open trade"]


def _trade_command_faults(
    manager: Steering, batch: Batch, command: c.TradeCommand, trade: Trade
) -> list[str]:
    status = f"{trade.trade_id} is {trade.order_status} / {trade.trade_status}"
    held = trade.within_reach
    match command:
        case c.ActivateTrade():
            if (trade.status, Step.ACTIVATED) not in TRANSITIONS:
                return [f"{status}: it cannot be activated"]
            return _activation_faults(manager, batch, trade)
        case c.ModifyTrade():
            return _modify_faults(manager, batch, command, trade, status)
        case c.CancelTrade():
            return [] if trade.target_kind != "cancel" else [f"{status}: it is being cancelled already"]
        case c.TrimTrade():
            amount = _trim_faults(command, held, "" if trade.position.qty else status)
            return [*amount, *_order_faults(trade, command.order)]
        case c.CloseTrade() if not trade.position.qty:
            return [f"{status}: nothing is held", *_order_faults(trade, command.order)]
        case c.CloseTrade():
            return _close_faults(command, trade, status)
        case c.RollTrade():
            return roll_faults(manager, batch, command, trade)
        case c.SetStop() | c.SetTarget() | c.SetTrail():
            return _exit_faults(manager, batch, command, trade, status)
        case c.RecordAssignment():
            return assignment_faults(command, trade)
        case _:
            assert_never(command)


def _exit_faults(
    manager: Steering, batch: Batch, command: c.SetStop | c.SetTarget | c.SetTrail, trade: Trade, status: str
) -> list[str]:
    match command:
        case c.SetTrail(fraction=fraction, amount=amount) if (fraction is None) == (amount is None):
            return ["give the trailing stop as a fraction or as an amount, exactly one"]
        case c.SetStop(level=None) if not trade.position.qty:
            return [f"{status}: nothing is held, so there is no entry price to put the stop at"]
        case _:
            return _plan_faults(manager, batch, trade, trade.qty, trade.entry, exits_after(command, trade))


def _close_faults(command: c.CloseTrade, trade: Trade, status: str) -> list[str]:
    """What is on its way out can only be closed again to get it out sooner."""
    sooner = patience(command.order) < patience(trade.exit_order)
    if not trade.target and trade.parent_ids and not sooner:
        return [f"{status}: it is being closed already"]
    return _order_faults(trade, command.order)


def _order_faults(trade: Trade, order: ExitOrder) -> list[str]:
    return list(exit_order_faults("the exit", order, net=is_combo(trade.instrument)))


def trim_qty(command: c.TrimTrade, held: int) -> int:
    """The contracts that a trim takes out."""
    if command.qty is not None:
        return command.qty
    assert command.fraction is not None, "a trim has a quantity or a fraction"
    return max(1, int((command.fraction * held).to_integral_value(ROUND_HALF_EVEN)))


def _trim_faults(command: c.TrimTrade, held: int, empty: str) -> list[str]:
    """What is wrong with how much is trimmed; ``empty`` is the status of a trade that holds nothing."""
    qty, fraction = command.qty, command.fraction
    faults = [f"{empty}: nothing is held"] if empty else []
    if (qty is None) == (fraction is None):
        return [*faults, "give the trim as a quantity or as a fraction, exactly one"]
    if fraction is not None and not (fraction.is_finite() and 0 < fraction < 1):
        shown = str(fraction)[:WORD_CHARACTERS]
        return [*faults, f"trim {shown} is not a fraction between 0 and 1; close takes out all"]
    if empty:
        return [*faults, f"trim {whole_text(qty)} is not above 0"] if qty is not None and qty < 1 else faults
    if held < 2:
        return [f"{held} can be taken out, which leaves nothing to trim; close takes out everything"]
    trimmed = trim_qty(command, held)
    if 0 < trimmed < held:
        return []
    return [
        f"trim {str(trimmed)[:WORD_CHARACTERS]} is not between 1 and {held - 1}; close takes out all {held}"
    ]


def _activation_faults(manager: Steering, batch: Batch, trade: Trade) -> list[str]:
    book = batch.book
    faults = instrument_faults(trade.instrument, book.day.day, manager.calendar)
    faults += _plan_faults(manager, batch, trade, trade.qty, trade.entry, trade.exits)
    faults += time_faults(trade.exits, trade.entry, batch.at, book.day.day)
    faults += moment_faults(manager.calendar, trade.instrument, trade.entry, trade.exits, batch.at)
    if not trade.position.qty and (trade.parent_ids or trade.resting_ids):
        faults.append(f"{trade.trade_id}: its last order is not out of the market yet")
    if trade.trade_status is not TradeStatus.NONE:
        return faults
    faults += [one for one in _limit_faults(manager, batch, trade) if one not in faults]
    return faults + [
        f"{one.trade_id} is on {one.symbol} already; one trade per symbol and strategy"
        for one in book.trades_of(trade.strategy, trade.symbol)
        if one is not trade and one.trade_status is not TradeStatus.NONE and one.trade_id != trade.entry.after
    ]


def _limit_faults(manager: Steering, batch: Batch, trade: Trade) -> list[str]:
    """What the limits say to a trade that is let go: all of them if it goes in now, else what no wait will change."""
    book, quotes = batch.book, manager.quotes
    asked = later_faults if goes_in_later(book, trade, batch.at, quotes) else entry_faults
    return asked(book, trade, batch.at, quotes, manager.limits)


def _modify_faults(
    manager: Steering, batch: Batch, command: c.ModifyTrade, trade: Trade, status: str
) -> list[str]:
    plans = (command.qty, command.entry, command.exits)
    if command.hold:
        if plans != (None, None, None):
            return ["hold it or modify it, one at a time"]
        return [] if (trade.status, Step.HELD) in TRANSITIONS else [f"{status}: it cannot be held"]
    faults = []
    if plans == (None, None, None):
        faults.append("nothing is to be modified: give a quantity, an entry or exits")
    if trade.trade_status is TradeStatus.PENDING and trade.entry_sent_ts:
        faults.append(
            f"{trade.trade_id}: its entry is in the market; hold it first, then modify and activate it"
        )
    if trade.status == HELD_PENDING and trade.parent_ids:
        faults.append(f"{trade.trade_id}: its last order is not out of the market yet")
    if trade.trade_status is TradeStatus.FILLED and (command.qty is not None or command.entry is not None):
        faults.append(f"{trade.trade_id} is filled: only its exits can be modified")
    entry = trade.entry if command.entry is None else command.entry
    qty = trade.qty if command.qty is None else command.qty
    exits = exits_after(command, trade)
    faults += _plan_faults(manager, batch, trade, qty, entry, exits)
    if command.entry is not None:
        faults += after_faults(batch.book, entry, trade.trade_id)
    faults += moment_faults(manager.calendar, trade.instrument, entry, exits, batch.at)
    faults += time_faults(exits, entry, batch.at, batch.book.day.day)
    if trade.status == WORKING and entry.condition is None and entry.after not in batch.book.trades:
        wished = copy(trade)  # which waits for nothing any more, and goes in
        wished.qty, wished.entry, wished.exits = qty, entry, exits
        faults += [one for one in _limit_faults(manager, batch, wished) if one not in faults]
    return faults


def _plan_faults(
    manager: Steering, batch: Batch, trade: Trade, qty: int, entry: EntryPlan, exits: ExitPlan
) -> list[str]:
    same_ladder = exits.targets == trade.exits.targets
    spent = frozenset(
        number
        for number in range(1, len(exits.targets) + 1 if same_ladder else 1)
        if target_id(trade, number) in trade.fired
    )
    (priced, reference), net = _reference(manager, trade, entry), is_combo(trade.instrument)
    if not trade.position.qty or manager.exits.mark_of(trade) is None:
        faults = plan_faults(qty, trade.direction, entry, exits, reference, spent, net=net, priced=priced)
        return faults + trail_reach_faults(exits, trade.direction, reference, net=net)

    def check(wished: ExitPlan) -> list[str]:
        average = trade.position.average(trade.multiplier)
        return plan_faults(qty, trade.direction, entry, wished, average, spent, net=net, priced=AT_AVERAGE)

    faults = check(exits)
    sound = [one for one in exit_parts(exits) if not check(one)] if faults else [exits]
    return faults + [fault for one in sound for fault in due_faults(manager, trade, one, batch.at)]


def _reference(manager: Steering, trade: Trade, entry: EntryPlan) -> tuple[str, Decimal | None]:
    """What levels are held against, and what it is called: the limit or the quoted mid, of what is held the average."""
    if trade.position.qty:
        return "its entry", trade.position.average(trade.multiplier)
    if entry.limit_price is not None:
        return "its limit", entry.limit_price
    quote = manager.quotes.get(trade.instrument)
    mid = None if quote is None else quote.mid
    return "the market", None if mid is None else price_from_float(round(mid, 4))


def exits_after(command: c.TradeCommand, trade: Trade) -> ExitPlan:
    """The exit plan that a command would leave a trade with."""
    plan = trade.exits
    match command:
        case c.ModifyTrade(exits=ExitPlan() as exits):
            return _keep_break_even(trade, exits)
        case c.SetStop(level=level):
            meant = _even(trade) if level is None else level
            after = None if _is_even(trade) else plan.break_even_after  # wherever the ladder has moved it to
            return msgspec.structs.replace(plan, stop=None, stop_level=meant, break_even_after=after)
        case c.SetTarget(level=level):
            ladder = (TargetPlan(level=level),)
            return _keep_break_even(
                trade, msgspec.structs.replace(plan, targets=ladder, break_even_after=None)
            )
        case c.SetTrail(fraction=fraction, amount=amount):
            return msgspec.structs.replace(plan, trail=fraction, trail_amount=amount, trail_after=None)
        case _:
            return plan


def _even(trade: Trade) -> Decimal | None:
    average = trade.position.average(trade.multiplier)
    return None if average is None else average.quantize(CENT, ROUND_HALF_EVEN)


def _is_even(trade: Trade) -> bool:
    """Whether the ladder has moved the stop to the entry."""
    rung = trade.exits.break_even_after
    return rung is not None and target_id(trade, rung) in trade.fired


def _keep_break_even(trade: Trade, exits: ExitPlan) -> ExitPlan:
    """A new ladder begins at its first rung; a stop that the old one has moved to the entry stays there.

    Unless the new plan has another stop than the old one: then that one is meant.
    """
    old, even, earned = trade.exits, _even(trade), _is_even(trade)
    same_ladder = (exits.targets, exits.break_even_after) == (old.targets, old.break_even_after)
    if (exits.stop, exits.stop_level) != (old.stop, old.stop_level):
        return msgspec.structs.replace(exits, break_even_after=None) if earned and same_ladder else exits
    if exits.targets == old.targets or not earned or even is None:
        return exits
    level = even if old.stop_level is None else (max if trade.direction > 0 else min)(old.stop_level, even)
    return msgspec.structs.replace(exits, stop=None, stop_level=level)
