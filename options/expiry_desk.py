"""Expiry: every trade that holds, works or waits for contracts that end is settled, ended, or held with the reason."""

from decimal import Decimal

from options.batch import Batch
from options.contract import OptionContract
from options.entry_recall import stop_at_loss
from options.expiry import options_in, outcome_of
from options.inputs import ExpiryReached
from options.lifecycle import TradeStatus
from options.settling import Ending, Fate, Piece, Settling, settle_units
from options.terms import ExitKind
from options.trade import Trade

EXEC_PREFIX = "expiry-"


def settle_expiries(manager: Settling, batch: Batch, given: ExpiryReached) -> None:
    """Book the end of every trade that holds, works or waits for one of the contracts; what is lost by that counts."""
    ended = frozenset(given.contracts)
    underlyings = dict(given.underlyings)
    for trade in batch.book.open_trades():
        gone = [contract for contract in options_in(trade.instrument) if contract.key in ended]
        if not gone or trade.trade_status is TradeStatus.NONE:
            continue
        reason = f"{gone[0].plain} expired"
        if not trade.position.qty:
            _end_waiting(manager, batch, trade, reason)
            continue
        price = underlyings.get(trade.symbol)
        if price is None:
            manager.exits.hold(
                batch, trade, f"{reason}, and the price of {trade.symbol} that settles it is not known"
            )
        else:
            ending = Ending(
                fate=_fate(ended, price),
                underlying=price,
                kind=ExitKind.EXPIRY,
                reason=reason,
                source="exchange",
                exec_id=f"{EXEC_PREFIX}{batch.ts}",
            )
            settle_units(manager, batch, trade, abs(trade.position.qty), ending)
    stop_at_loss(manager, batch)


def _fate(ended: frozenset[str], underlying: Decimal) -> Fate:
    def fate(contract: OptionContract, qty: int) -> list[Piece]:
        if contract.key not in ended:
            return []
        return [Piece(qty, *outcome_of(contract, qty, underlying))]

    return fate


def _end_waiting(manager: Settling, batch: Batch, trade: Trade, reason: str) -> None:
    """Nothing is held: what works is asked back, what only waits is over."""
    if trade.parent_ids:
        manager.take_back(batch, trade, reason)
        manager.settle(batch, trade)
    elif trade.trade_id in batch.book.trades:
        manager.drop(batch, trade, reason)
