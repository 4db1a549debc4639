"""When a person's trade must be out before its contract expires: from the calendar, into the plan that is written down.

The core knows no calendar. What it is told here stands in the ledger with the trade, so a replay needs none either.
"""

import msgspec

from bot.exchange import EXCHANGE
from options import commands as c
from options.book import Book
from options.contract import ContractError
from options.plan import ExitPlan
from options.roll import rolled_contract
from options.trade import Trade
from options.values import Micros


def guarded(command: c.Command, book: Book, minutes: float) -> c.Command:
    """A command with the moment filled in at which nothing may be left: ``minutes`` before its contract's last close.

    A plan that says to be out on its last day by a time of its own has that one. One that says to hold it through its
    expiry has none; what the core will refuse is left as it is.
    """
    match command:
        case c.NewTrade(instrument=key, exits=exits):
            return msgspec.structs.replace(command, exits=_filled_in(exits, key, book, minutes))
        case c.ModifyTrade(exits=ExitPlan() as exits):
            trade = book.trade(command.trade_id)
            if trade is not None:
                exits = _filled_in(exits, trade.instrument, book, minutes)
                return msgspec.structs.replace(command, exits=exits)
        case c.RollTrade():
            trade = book.trades.get(command.trade_id)
            cut_off = None if trade is None else _after_roll(command, trade, book, minutes)
            return msgspec.structs.replace(command, flat_before_expiry=cut_off)
        case _:
            pass
    return command


def _after_roll(command: c.RollTrade, trade: Trade, book: Book, minutes: float) -> Micros | None:
    try:
        key = rolled_contract(command, trade).key
    except ContractError:
        return None
    return _filled_in(trade.exits, key, book, minutes).flat_before_expiry


def _filled_in(exits: ExitPlan, key: str, book: Book, minutes: float) -> ExitPlan:
    """A plan with its moment, or without one: also where the contract is over, of which the core will say more."""
    last = EXCHANGE.last_close(key)
    if last is not None and last.day.isoformat() < book.day.day:
        return msgspec.structs.replace(exits, flat_before_expiry=None)
    return EXCHANGE.guarded(exits, key, minutes)
