"""Commands of people, checked in full and obeyed in one piece, or refused with every reason and nothing changed."""

import json
from decimal import Decimal

import msgspec

from options import commands as c
from options import events as e
from options.assignment_desk import record_assignment
from options.batch import Batch
from options.close_all import close_all
from options.command_checks import command_faults, exits_after, trim_qty
from options.contract import parse_key
from options.draft import save_trade
from options.entry_recall import stop_entries
from options.entry_time import waits
from options.intent import TradeProposal
from options.lifecycle import TradeStatus
from options.plan import AT_MARKET, EntryPlan, ExitOrder, ExitPlan
from options.roll import roll
from options.settled_order import told_by_hand, trade_served
from options.shown_text import REASON_CHARACTERS, WORD_CHARACTERS, printable
from options.steering import Steering
from options.stuck_exits import cannot_get_out
from options.terms import ExitKind
from options.trade import Trade

ID_CHARACTERS = 64
TEXT_CHARACTERS = 2_000


def obey(manager: Steering, batch: Batch, command: c.Command) -> None:
    """Take a command: what it changes and that it was taken stand in one batch. A known id changes nothing."""
    book = batch.book
    if command.command_id in book.command_ids:
        return
    said = {
        "command_id": command.command_id,
        "who": printable(command.who, ID_CHARACTERS),
        "verb": command.verb,
        "text": command_text(command),
    }
    trade_id = getattr(command, "trade_id", "")
    if isinstance(command, c.SettleOrder):
        trade_id = trade_served(book, command.order_id)
    reasons = command_faults(manager, batch, command)
    if reasons:
        about = printable(trade_id, WORD_CHARACTERS)
        shown = tuple(printable(reason, REASON_CHARACTERS) for reason in reasons)
        batch.add(e.CommandRefused(batch.ts, batch.cause, **said, trade_id=about, reasons=shown))
        return
    if isinstance(command, c.NewTrade):
        trade_id = f"T{book.trade_count + 1}"
    batch.add(e.CommandTaken(batch.ts, batch.cause, **said, trade_id=trade_id))
    _do(manager, batch, command, book.trade(trade_id))


def command_text(command: c.Command) -> str:
    """The command's own arguments, as compact JSON; numbers that JSON has no word for are texts in it."""
    fields = msgspec.to_builtins(command, builtin_types=(Decimal,))
    own = {
        name: value
        for name, value in fields.items()
        if name not in ("command_id", "who", "verb", "trade_id", "seen")
    }
    return json.dumps(own, default=str, separators=(",", ":"))[:TEXT_CHARACTERS] if own else ""


def _do(manager: Steering, batch: Batch, command: c.Command, trade: Trade | None) -> None:
    match command:
        case c.NewTrade():
            _save(batch, command)
            return
        case c.Halt(reason=reason):
            batch.add(e.TradingHalted(batch.ts, batch.cause, reason=reason, source=command.who))
            stop_entries(manager, batch, "halt", f"halted: {reason}", command.who)
            return
        case c.Resume():
            _resume(manager, batch, command)
            return
        case c.CloseAll():
            close_all(manager, batch, command)
            return
        case c.SettleOrder(order_id=order_id):
            manager.hear(batch, told_by_hand(batch.book.orders[order_id], command))
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
            entry = trade.entry if command.entry is None else command.entry
            exits = exits_after(command, trade)
            _modify(manager, batch, trade, command.qty or trade.qty, entry, exits, command.who)
        case c.TrimTrade():
            target = trade.target_without(trim_qty(command, trade.within_reach))
            _aim(manager, batch, trade, target, ExitKind.ADMIN, command, command.order)
        case c.CloseTrade():
            _aim(manager, batch, trade, 0, ExitKind.ADMIN, command, command.order)
        case c.RollTrade():
            roll(manager, batch, command, trade)
        case c.RecordAssignment():
            record_assignment(manager, batch, command, trade)
        case c.CancelTrade():
            _cancel(manager, batch, trade, command)
        case _:
            _modify(manager, batch, trade, trade.qty, trade.entry, exits_after(command, trade), command.who)


def _resume(manager: Steering, batch: Batch, command: c.Resume) -> None:
    stuck = cannot_get_out(batch.book)
    batch.add(e.TradingResumed(batch.ts, batch.cause, answers=command.answers, source=command.who))
    for one in stuck:
        manager.settle(batch, one)


def _aim(
    manager: Steering,
    batch: Batch,
    trade: Trade,
    target: int,
    kind: str,
    command: c.TradeCommand,
    order: ExitOrder = AT_MARKET,
) -> None:
    reason = f"{command.verb} by {command.who}"
    manager.aim(batch, trade, target, kind, reason, command.who, urgency=1.0, order=order)


def _save(batch: Batch, command: c.NewTrade) -> None:
    wanted = TradeProposal(
        instrument=parse_key(command.instrument),
        direction=command.direction,
        qty=command.qty,
        entry=command.entry,
        exits=command.exits,
        reason=command.reason,
    )
    save_trade(batch, wanted, command.strategy, command.who)


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
    elif waits(trade):
        manager.wait_again(batch, trade)


def _hold(manager: Steering, batch: Batch, trade: Trade, who: str) -> None:
    if trade.parent_ids and not trade.position.qty:
        manager.take_back(batch, trade, f"held by {who}")
    manager.forget(trade)
    batch.add(e.TradeHeld(batch.ts, batch.cause, trade_id=trade.trade_id, who=who))
    if trade.position.qty:
        manager.exits.arm(batch, trade)
    elif trade.trade_status is TradeStatus.FILLED:  # out already, and nothing of it is bought again
        manager.settle(batch, trade)


def _cancel(manager: Steering, batch: Batch, trade: Trade, command: c.TradeCommand) -> None:
    """Before a fill and out of the market: over at once. Else nothing should be held, and netting sees to it."""
    if trade.position.qty or trade.parent_ids:
        _aim(manager, batch, trade, 0, "cancel", command)
    else:
        manager.drop(batch, trade, f"cancelled by {command.who}")
