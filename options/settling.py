"""Positions whose options end: closed at what they are worth, and what is left opened as trades of their own.

It serves expiry and assignment before it, for whole positions and for a part of their units. Each leg of a combo is
settled by itself. Shares that come and go in one position are set off against each other, and those that a covered
position holds against them; only what remains is delivered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from options import events as e
from options.batch import Batch
from options.calendar import Calendar
from options.contract import Instrument, OptionContract, Stock, parse_key
from options.draft import save_trade
from options.exit_engine import ExitEngine
from options.expiry import shares_delivered
from options.expiry_events import LegSettled, PositionDelivered, Settlement
from options.house_fill import fill_in_house
from options.intent import TradeProposal
from options.marks import mid_of
from options.payoff import intrinsic, legs_of, weight
from options.plan import EntryPlan
from options.quote import QuoteCache
from options.rest_exits import exits_of_rest
from options.risk_limits import RiskLimits
from options.steering import Aiming
from options.trade import Trade
from options.values import ZERO, Side, price_from_float


class Settling(Aiming, Protocol):
    """What the end of an option may move: the order manager, as seen from here."""

    quotes: QuoteCache
    exits: ExitEngine
    limits: RiskLimits
    calendar: Calendar | None

    def drop(self, batch: Batch, trade: Trade, reason: str) -> None:
        """End a trade of which nothing has filled and nothing is on its way."""

    def take_back(self, batch: Batch, trade: Trade, reason: str) -> None:
        """Ask for everything that works for a trade."""

    def settle(self, batch: Batch, trade: Trade) -> None:
        """Bring a trade in line after its fills."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Contracts of a leg (signed) that share a fate, and what each is closed at, per share."""

    qty: int
    outcome: Settlement
    price: Decimal


Fate = Callable[[OptionContract, int], list[Piece]]
"""What becomes of so many contracts of a leg (signed), all of them at one price; nothing: they are carried on."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How options end: the fate of each leg, at what price of the underlying, and what the trade is told of it."""

    fate: Fate
    underlying: Decimal
    kind: str
    reason: str
    source: str
    exec_id: str


@dataclass(slots=True)
class _Left:
    """What is left of units that end: shares and option legs that go on, each with its price and why it is there."""

    shares: int = 0
    outcomes: tuple[Settlement, ...] = ()
    options: tuple[tuple[OptionContract, int, Decimal], ...] = ()


def settle_units(manager: Settling, batch: Batch, trade: Trade, units: int, ending: Ending) -> None:
    """Book the end of ``units`` of what a trade holds. Of less than all, the rest goes on with its exits in step.

    Nothing that has ended is opened again: an entry that still works is asked back.
    """
    held = trade.position.qty
    side = 1 if held > 0 else -1
    if units == abs(held):
        if trade.parent_ids:
            manager.take_back(batch, trade, ending.reason)
        manager.aim(batch, trade, 0, ending.kind, ending.reason, ending.source, urgency=1.0)
    left, price = _settle_legs(manager, batch, trade, units * side, ending)
    fill_in_house(batch, trade, Side.SELL if held > 0 else Side.BUY, units, price, ending.exec_id)
    kept = trade.position.qty
    if kept and trade.target * side > kept * side:
        manager.aim(batch, trade, kept, ending.kind, ending.reason, ending.source, urgency=1.0)
    if left.shares:
        why = _why(left.outcomes, trade)
        stock = Stock(symbol=trade.symbol)
        _deliver(manager, batch, trade, stock, left.shares, ending.underlying, why, ending.exec_id)
    for contract, qty, worth in left.options:
        carried = f"carried on from {trade.trade_id}"
        _deliver(manager, batch, trade, contract, qty, worth, carried, ending.exec_id)
    manager.settle(batch, trade)


def _settle_legs(
    manager: Settling, batch: Batch, trade: Trade, units: int, ending: Ending
) -> tuple[_Left, Decimal]:
    """Say what becomes of each leg of ``units`` (signed); what is left comes back, and the net price of the whole."""
    instrument = parse_key(trade.instrument)
    left, net, underlying = _Left(), ZERO, ending.underlying
    for leg in legs_of(instrument):
        part, qty = leg.instrument, leg.ratio * units
        if isinstance(part, Stock):
            pieces = [Piece(qty, Settlement.CARRIED, underlying)]
            left.shares += qty
        else:
            pieces = ending.fate(part, qty) or [
                Piece(qty, Settlement.CARRIED, _worth(manager.quotes, part, underlying))
            ]
            _leave(left, part, pieces)
        net += weight(leg, instrument.multiplier) * pieces[0].price
        for piece in pieces:
            batch.add(
                LegSettled(
                    batch.ts,
                    batch.cause,
                    trade_id=trade.trade_id,
                    position_id=trade.position.position_id,
                    instrument=part.key,
                    qty=piece.qty,
                    outcome=piece.outcome,
                    price=piece.price,
                    underlying=underlying,
                )
            )
    return left, net


def _leave(left: _Left, part: OptionContract, pieces: list[Piece]) -> None:
    for piece in pieces:
        if piece.outcome is Settlement.CARRIED:
            left.options += ((part, piece.qty, piece.price),)
        elif piece.outcome in (Settlement.EXERCISED, Settlement.ASSIGNED):
            left.shares += shares_delivered(part, piece.qty)
            left.outcomes += (piece.outcome,)


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
    manager: Settling,
    batch: Batch,
    trade: Trade,
    instrument: Instrument,
    qty: int,
    price: Decimal,
    why: str,
    exec_id: str,
) -> None:
    """Open a trade that holds what the end of options left: out by the clock, guarded by no price until given one."""
    minutes, opened = manager.limits.flat_before_expiry_minutes, trade.position.opened_ts
    wanted = TradeProposal(
        instrument=instrument,
        direction=1 if qty > 0 else -1,
        qty=abs(qty),
        entry=EntryPlan(),
        exits=exits_of_rest(manager.calendar, minutes, trade, opened, instrument.key, batch.at),
        reason=why,
    )
    delivered = save_trade(batch, wanted, trade.strategy, why)
    batch.add(e.TradeActivated(batch.ts, batch.cause, trade_id=delivered.trade_id))
    batch.add(
        PositionDelivered(
            batch.ts,
            batch.cause,
            trade_id=delivered.trade_id,
            from_trade=trade.trade_id,
            instrument=instrument.key,
            qty=qty,
            price=price,
        )
    )
    fill_in_house(batch, delivered, Side.BUY if qty > 0 else Side.SELL, abs(qty), price, exec_id)
    manager.settle(batch, delivered)
