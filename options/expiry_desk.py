"""Expiry: positions closed at what their contracts are worth, and what is left of them opened as trades of their own.

Each leg of a combo is settled by itself. Shares that come and go in one position are set off against each other, and
those that a covered position holds against them; only what remains is delivered.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from options import events as e
from options.batch import Batch
from options.contract import Instrument, OptionContract, Stock, parse_key
from options.exit_engine import ExitEngine
from options.expiry import options_in, outcome_of, shares_delivered
from options.expiry_events import LegSettled, PositionDelivered, Settlement
from options.inputs import ExpiryReached
from options.lifecycle import TradeStatus
from options.marks import mid_of
from options.payoff import intrinsic, legs_of, weight
from options.plan import EntryPlan, ExitPlan
from options.position import Position, outcome_of_fill
from options.quote import QuoteCache
from options.terms import ExitKind
from options.trade import Trade
from options.values import ZERO, Side, price_from_float

EXEC_PREFIX = "expiry-"


class Settling(Protocol):
    """What an expiry may move: the order manager, as seen from here."""

    quotes: QuoteCache
    exits: ExitEngine

    def aim(
        self, batch: Batch, trade: Trade, target: int, kind: str, reason: str, source: str, urgency: float
    ) -> None:
        """A trade should hold ``target`` from now on."""

    def drop(self, batch: Batch, trade: Trade, reason: str) -> None:
        """End a trade of which nothing has filled and nothing is on its way."""

    def take_back(self, batch: Batch, trade: Trade, reason: str) -> None:
        """Ask for everything that works for a trade."""

    def settle(self, batch: Batch, trade: Trade) -> None:
        """Bring a trade in line after its fills."""


@dataclass(slots=True)
class _Left:
    """What one position leaves: shares and option legs that go on, each with its price and why it is there."""

    shares: int = 0
    outcomes: tuple[Settlement, ...] = ()
    options: tuple[tuple[OptionContract, int, Decimal], ...] = ()


def settle_expiries(manager: Settling, batch: Batch, given: ExpiryReached) -> None:
    """Book the end of every trade that holds, works or waits for one of the contracts."""
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
            _hold(batch, trade, f"{reason}, and the price of {trade.symbol} that settles it is not known")
        else:
            _settle_position(manager, batch, trade, ended, price, reason)


def _end_waiting(manager: Settling, batch: Batch, trade: Trade, reason: str) -> None:
    """Nothing is held: what works is asked back, what only waits is over."""
    if trade.parent_ids:
        manager.take_back(batch, trade, reason)
        manager.settle(batch, trade)
    elif trade.trade_id in batch.book.trades:
        manager.drop(batch, trade, reason)


def _hold(batch: Batch, trade: Trade, reason: str) -> None:
    if trade.held_reason != reason:
        ids = {"trade_id": trade.trade_id, "position_id": trade.position.position_id}
        batch.add(e.ExitHeld(batch.ts, batch.cause, **ids, reason=reason))


def _settle_position(
    manager: Settling, batch: Batch, trade: Trade, ended: frozenset[str], underlying: Decimal, reason: str
) -> None:
    if trade.parent_ids:
        manager.take_back(batch, trade, reason)
    manager.aim(batch, trade, 0, ExitKind.EXPIRY, reason, "exchange", urgency=1.0)
    left, price = _settle_legs(manager, batch, trade, ended, underlying)
    side = Side.SELL if trade.position.qty > 0 else Side.BUY
    _fill(batch, trade, trade.position, side, abs(trade.position.qty), price)
    stock = Stock(symbol=trade.symbol)
    if left.shares:
        _deliver(manager, batch, trade, stock, left.shares, underlying, _why(left.outcomes, trade))
    for contract, qty, worth in left.options:
        _deliver(manager, batch, trade, contract, qty, worth, f"carried on from {trade.trade_id}")
    manager.settle(batch, trade)


def _settle_legs(
    manager: Settling, batch: Batch, trade: Trade, ended: frozenset[str], underlying: Decimal
) -> tuple[_Left, Decimal]:
    """Say what becomes of each leg; what is left comes back, and the net price of the whole."""
    instrument = parse_key(trade.instrument)
    left, net = _Left(), ZERO
    for leg in legs_of(instrument):
        part, qty = leg.instrument, leg.ratio * trade.position.qty
        if isinstance(part, Stock):
            outcome, price = Settlement.CARRIED, underlying
            left.shares += qty
        elif part.key in ended:
            outcome, price = outcome_of(part, qty, underlying)
            if outcome in (Settlement.EXERCISED, Settlement.ASSIGNED):
                left.shares += shares_delivered(part, qty)
                left.outcomes += (outcome,)
        else:
            outcome, price = Settlement.CARRIED, _worth(manager.quotes, part, underlying)
            left.options += ((part, qty, price),)
        net += weight(leg, instrument.multiplier) * price
        batch.add(
            LegSettled(
                batch.ts,
                batch.cause,
                trade_id=trade.trade_id,
                position_id=trade.position.position_id,
                instrument=part.key,
                qty=qty,
                outcome=outcome,
                price=price,
                underlying=underlying,
            )
        )
    return left, net


def _worth(quotes: QuoteCache, contract: OptionContract, underlying: Decimal) -> Decimal:
    """What a leg that goes on is carried at: its mid, or its intrinsic value where it has no two sides."""
    quote = quotes.get(contract.key)
    if quote is None or quote.mid is None or quote.crossed:
        return intrinsic(contract, underlying)
    return price_from_float(mid_of(quote))


def _why(outcomes: tuple[Settlement, ...], trade: Trade) -> str:
    if not outcomes:
        return f"carried on from {trade.trade_id}"
    words = {Settlement.ASSIGNED: "assignment", Settlement.EXERCISED: "exercise"}
    return f"{' and '.join(dict.fromkeys(words[outcome] for outcome in outcomes))} of {trade.trade_id}"


def _deliver(
    manager: Settling, batch: Batch, trade: Trade, instrument: Instrument, qty: int, price: Decimal, why: str
) -> None:
    """Open a trade that holds what an expiry left; a person, a signal or its own new exits can end it."""
    trade_id = f"T{batch.book.trade_count + 1}"
    batch.add(
        e.TradeSaved(
            batch.ts,
            batch.cause,
            trade_id=trade_id,
            strategy=trade.strategy,
            instrument=instrument.key,
            symbol=instrument.symbol,
            direction=1 if qty > 0 else -1,
            qty=abs(qty),
            multiplier=instrument.multiplier,
            entry=EntryPlan(),
            exits=ExitPlan(),
            source=why,
            reason=why,
        )
    )
    batch.add(e.TradeActivated(batch.ts, batch.cause, trade_id=trade_id))
    batch.add(
        PositionDelivered(
            batch.ts,
            batch.cause,
            trade_id=trade_id,
            from_trade=trade.trade_id,
            instrument=instrument.key,
            qty=qty,
            price=price,
        )
    )
    delivered = batch.book.trades[trade_id]
    _fill(batch, delivered, delivered.position, Side.BUY if qty > 0 else Side.SELL, abs(qty), price)
    manager.settle(batch, delivered)


def _fill(batch: Batch, trade: Trade, position: Position, side: Side, qty: int, price: Decimal) -> None:
    """A fill that no order led to and nobody charges for."""
    outcome = outcome_of_fill(position, side, qty, price, trade.multiplier)
    batch.add(
        e.OrderFilled(
            batch.ts,
            batch.cause,
            trade_id=trade.trade_id,
            position_id=position.position_id,
            strategy=trade.strategy,
            instrument=trade.instrument,
            side=side,
            qty=qty,
            price=price,
            fee=ZERO,
            multiplier=trade.multiplier,
            exec_id=f"{EXEC_PREFIX}{batch.ts}",
            order_id="",
            parent_id="",
            client_ref="",
            effect=outcome.effect,
            position=outcome.qty,
            realized_pnl=outcome.realized,
        )
    )
