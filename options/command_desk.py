"""Commands of people, checked in full and obeyed in one piece, or refused with every reason and nothing changed."""

from decimal import Decimal
from typing import Protocol

import msgspec

from options import commands as c
from options import events as e
from options.batch import Batch
from options.contract import parse_key
from options.exit_engine import ExitEngine
from options.lifecycle import TRANSITIONS, Step, TradeStatus
from options.plan import EntryPlan, ExitPlan, TargetPlan
from options.plan_check import instrument_faults, plan_faults, time_faults
from options.quote import QuoteCache
from options.risk import RiskLimits, entry_faults
from options.terms import ExitKind
from options.trade import Trade
from options.values import price_from_float


class Steering(Protocol):
    """What a command may move: the order manager, as seen from here."""

    exits: ExitEngine
    quotes: QuoteCache
    limits: RiskLimits

    def activate(self, batch: Batch, trade: Trade) -> None:
        """Let a trade go for its entry, or guard a held position again."""

    def aim(
        self, batch: Batch, trade: Trade, target: int, kind: str, reason: str, source: str, urgency: float
    ) -> None:
        """A trade should hold ``target`` from now on."""

    def drop(self, batch: Batch, trade: Trade, reason: str) -> None:
        """End a trade of which nothing has filled and nothing is on its way."""

    def forget(self, trade: Trade) -> None:
        """Nothing of a trade is watched any more."""

    def take_back(self, batch: Batch, trade: Trade, reason: str) -> None:
        """Ask for everything that works for a trade."""

    def wait_again(self, trade: Trade) -> None:
        """Watch for a changed entry condition in place of the old one."""


def obey(manager: Steering, batch: Batch, command: c.Command) -> None:
    """Take a command: what it changes and that it was taken stand in one batch. A known id changes nothing."""
    book = batch.book
    if command.command_id in book.command_ids:
        return
    said = {
        "command_id": command.command_id,
        "who": command.who,
        "verb": command.verb,
        "text": command_text(command),
    }
    trade_id = getattr(command, "trade_id", "")
    reasons = command_faults(manager, batch, command)
    if reasons:
        batch.add(e.CommandRefused(batch.ts, batch.cause, **said, trade_id=trade_id, reasons=tuple(reasons)))
        return
    if isinstance(command, c.NewTrade):
        trade_id = f"T{book.trade_count + 1}"
    batch.add(e.CommandTaken(batch.ts, batch.cause, **said, trade_id=trade_id))
    _do(manager, batch, command, book.trades.get(trade_id))


def command_text(command: c.Command) -> str:
    """The command's own arguments, as compact JSON."""
    fields = msgspec.to_builtins(command, builtin_types=(Decimal,))
    own = {
        name: value for name, value in fields.items() if name not in ("command_id", "who", "verb", "trade_id")
    }
    return msgspec.json.Encoder(decimal_format="number").encode(own).decode() if own else ""


def command_faults(manager: Steering, batch: Batch, command: c.Command) -> list[str]:
    """Every reason why a command cannot be obeyed now; empty if there is none."""
    book = batch.book
    match command:
        case c.NewTrade():
            faults = instrument_faults(command.instrument, book.day.day)
            faults += plan_faults(command.qty, command.direction, command.entry, command.exits, None)
            return faults + time_faults(command.exits, command.entry, batch.at)
        case c.Halt():
            return [f"trading is halted already: {book.halt_reason}"] if book.halt_reason else []
        case c.Resume():
            if not book.halt_reason:
                return ["trading is not halted"]
            if command.answers != book.halt_reason:
                return [f"the halt to answer is {book.halt_reason!r}; repeat its reason to resume"]
            return []
        case _:
            pass
    trade = book.trades.get(command.trade_id)
    if trade is None:
        over = book.trade(command.trade_id)
        said = (
            "there is no such trade"
            if over is None
            else f"it is over ({over.order_status} / {over.trade_status})"
        )
        return [f"{command.trade_id}: {said}"]
    return _trade_command_faults(manager, batch, command, trade)


def _trade_command_faults(
    manager: Steering, batch: Batch, command: c.TradeCommand, trade: Trade
) -> list[str]:
    status = f"{trade.trade_id} is {trade.order_status} / {trade.trade_status}"
    held = abs(trade.position.qty)
    match command:
        case c.ActivateTrade():
            if (trade.status, Step.ACTIVATED) not in TRANSITIONS:
                return [f"{status}: it cannot be activated"]
            return _activation_faults(manager, batch, trade)
        case c.ModifyTrade(hold=True):
            return [] if (trade.status, Step.HELD) in TRANSITIONS else [f"{status}: it cannot be held"]
        case c.ModifyTrade():
            return _modify_faults(batch, command, trade)
        case c.CancelTrade():
            return [] if trade.target_kind != "cancel" else [f"{status}: it is being cancelled already"]
        case c.TrimTrade(qty=qty):
            if not held:
                return [f"{status}: nothing is held"]
            return (
                []
                if 0 < qty < held
                else [f"trim {qty} is not between 1 and {held - 1}; close takes out all {held}"]
            )
        case c.CloseTrade():
            return [] if held else [f"{status}: nothing is held"]
        case c.SetTrail(fraction=fraction, amount=amount) if (fraction is None) == (amount is None):
            return ["give the trailing stop as a fraction or as an amount, exactly one"]
        case _:
            exits = _with(command, trade)
            return plan_faults(trade.qty, trade.direction, trade.entry, exits, _reference(manager, trade))


def _activation_faults(manager: Steering, batch: Batch, trade: Trade) -> list[str]:
    book = batch.book
    faults = instrument_faults(trade.instrument, book.day.day)
    faults += plan_faults(trade.qty, trade.direction, trade.entry, trade.exits, _reference(manager, trade))
    faults += time_faults(trade.exits, trade.entry, batch.at)
    if trade.trade_status is TradeStatus.NONE and not faults:
        faults += entry_faults(book, trade, batch.at, manager.quotes, manager.limits)
        others = [
            one
            for one in book.trades_of(trade.strategy, trade.symbol)
            if one is not trade and one.entry_sent_ts
        ]
        faults += [
            f"{one.trade_id} is on {one.symbol} already; one trade per symbol and strategy" for one in others
        ]
    return faults


def _modify_faults(batch: Batch, command: c.ModifyTrade, trade: Trade) -> list[str]:
    faults = []
    if trade.trade_status is TradeStatus.PENDING and trade.entry_sent_ts:
        faults.append(
            f"{trade.trade_id}: its entry is in the market; hold it first, then modify and activate it"
        )
    if trade.trade_status is TradeStatus.FILLED and (command.qty is not None or command.entry is not None):
        faults.append(f"{trade.trade_id} is filled: only its exits can be modified")
    exits = trade.exits if command.exits is None else command.exits
    entry = trade.entry if command.entry is None else command.entry
    qty = trade.qty if command.qty is None else command.qty
    average = trade.position.average(trade.multiplier)
    faults += plan_faults(qty, trade.direction, entry, exits, average)
    return faults + time_faults(exits, entry, batch.at)


def _reference(manager: Steering, trade: Trade) -> Decimal | None:
    """What levels are held against: the average of what is held; before a fill, the limit or the quoted mid.

    A stop may be moved beyond the entry (that locks a profit in), so a position that is marked is held against its mark.
    """
    if trade.position.qty:
        mark = manager.exits.mark_of(trade)
        return trade.position.average(trade.multiplier) if mark is None else price_from_float(mark)
    quote = manager.quotes.get(trade.instrument)
    mid = None if quote is None else quote.mid
    return trade.entry.limit_price if mid is None else price_from_float(round(mid, 4))


def _with(command: c.TradeCommand, trade: Trade) -> ExitPlan:
    """The exit plan that a command would leave a trade with."""
    plan = trade.exits
    match command:
        case c.SetStop(level=level):
            average = trade.position.average(trade.multiplier)
            if level is None and average is not None:
                level = average.quantize(Decimal("0.01"))
            return msgspec.structs.replace(plan, stop=None, stop_level=level)
        case c.SetTarget(level=level):
            return msgspec.structs.replace(plan, targets=(TargetPlan(level=level),), break_even_after=None)
        case c.SetTrail(fraction=fraction, amount=amount):
            return msgspec.structs.replace(plan, trail=fraction, trail_amount=amount, trail_after=None)
        case _:
            return plan


def _do(manager: Steering, batch: Batch, command: c.Command, trade: Trade | None) -> None:
    match command:
        case c.NewTrade():
            _save(batch, command)
            return
        case c.Halt(reason=reason):
            batch.add(e.TradingHalted(batch.ts, batch.cause, reason=reason, source=command.who))
            _stop_entries(manager, batch, reason, command.who)
            return
        case c.Resume():
            batch.add(e.TradingResumed(batch.ts, batch.cause, answers=command.answers, source=command.who))
            return
        case _:
            pass
    assert trade is not None, f"{command.verb} was let through for a trade that is not open"
    match command:
        case c.ActivateTrade():
            manager.activate(batch, trade)
        case c.ModifyTrade(hold=True):
            _hold(manager, batch, trade, command.who)
        case c.ModifyTrade():
            exits = trade.exits if command.exits is None else command.exits
            entry = trade.entry if command.entry is None else command.entry
            _modify(manager, batch, trade, command.qty or trade.qty, entry, exits, command.who)
        case c.TrimTrade(qty=qty):
            side = 1 if trade.position.qty > 0 else -1
            _aim(manager, batch, trade, max(0, abs(trade.position.qty) - qty) * side, ExitKind.ADMIN, command)
        case c.CloseTrade():
            _aim(manager, batch, trade, 0, ExitKind.ADMIN, command)
        case c.CancelTrade():
            _cancel(manager, batch, trade, command)
        case _:
            _modify(manager, batch, trade, trade.qty, trade.entry, _with(command, trade), command.who)


def _aim(
    manager: Steering,
    batch: Batch,
    trade: Trade,
    target: int,
    kind: str,
    command: c.TradeCommand,
) -> None:
    manager.aim(batch, trade, target, kind, f"{command.verb} by {command.who}", command.who, urgency=1.0)


def _save(batch: Batch, command: c.NewTrade) -> None:
    instrument = parse_key(command.instrument)
    batch.add(
        e.TradeSaved(
            batch.ts,
            batch.cause,
            trade_id=f"T{batch.book.trade_count + 1}",
            strategy=command.strategy,
            instrument=instrument.key,
            symbol=instrument.symbol,
            direction=command.direction,
            qty=command.qty,
            multiplier=instrument.multiplier,
            entry=command.entry,
            exits=command.exits,
            source=command.who,
            reason=command.reason,
        )
    )


def _modify(
    manager: Steering,
    batch: Batch,
    trade: Trade,
    qty: int,
    entry: EntryPlan,
    exits: ExitPlan,
    who: str,
) -> None:
    batch.add(
        e.TradeModified(
            batch.ts, batch.cause, trade_id=trade.trade_id, qty=qty, entry=entry, exits=exits, who=who
        )
    )
    if trade.position.qty:
        manager.exits.arm(batch, trade)
    elif trade.trade_status is TradeStatus.PENDING:
        manager.wait_again(trade)


def _hold(manager: Steering, batch: Batch, trade: Trade, who: str) -> None:
    if trade.parent_ids and not trade.position.qty:
        manager.take_back(batch, trade, f"held by {who}")
    manager.forget(trade)
    batch.add(e.TradeHeld(batch.ts, batch.cause, trade_id=trade.trade_id, who=who))


def _cancel(manager: Steering, batch: Batch, trade: Trade, command: c.TradeCommand) -> None:
    """Before a fill and out of the market: over at once. Else nothing should be held, and netting sees to it."""
    if trade.position.qty or trade.parent_ids:
        _aim(manager, batch, trade, 0, "cancel", command)
    else:
        manager.drop(batch, trade, f"cancelled by {command.who}")


def _stop_entries(manager: Steering, batch: Batch, reason: str, who: str) -> None:
    """After a halt nothing that opens or adds stays in the market; what is held keeps its exits."""
    for trade in batch.book.open_trades():
        flight = batch.book.in_flight(trade)
        if flight * trade.direction > 0:
            manager.aim(batch, trade, trade.position.qty, "halt", f"halted: {reason}", who, urgency=1.0)
