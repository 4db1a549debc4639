"""Proof of a ledger on its own: its chain, its numbers, and that the fills give every position and P&L it states.

The money is added up here a second time, by nothing but the fills, so that a fault in the book's own fold would show.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from pathlib import Path

from options import events as e
from options.book import Book
from options.contract import ContractError, parse_key
from options.expiry_events import LegSettled, PositionDelivered
from options.fold import apply
from options.lifecycle import TransitionError
from options.terms import Effect
from options.values import CENT, ZERO, from_iso
from storage.codec import LedgerDamaged, line_hash
from storage.files import FolderUnusable
from storage.ledger_reader import records, whole_end
from storage.verify_expiry import PREFIX, ExpiryProof, ExpiryWrong

CROSS_PREFIX = "cross-"


class Verdict(IntEnum):
    """The exit code of a verification."""

    SOUND = 0
    BROKEN = 1
    UNREADABLE = 2


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found. ``line`` is the first broken line, 0 if there is none."""

    verdict: Verdict
    events: int = 0
    fills: int = 0
    trades_closed: int = 0
    last_hash: str = ""
    line: int = 0
    reason: str = ""

    @property
    def sentence(self) -> str:
        """The finding in one sentence."""
        if self.verdict is Verdict.SOUND:
            return (
                f"sound: {self.events:,} events in an unbroken chain, "
                f"{self.fills:,} fills give every position and P&L of {self.trades_closed:,} closed trades"
            )
        where = f"line {self.line}: " if self.line else ""
        return f"{self.verdict.name.lower()}: {where}{self.reason}"


class _Wrong(Exception):
    """A line states what the lines before it do not give."""


@dataclass(slots=True)
class _Tally:
    """What the fills of one position add up to, fees apart."""

    qty: int = 0
    cash: Decimal = ZERO
    fees: Decimal = ZERO
    realized: Decimal = ZERO
    traded: int = 0
    cost: Decimal = ZERO


@dataclass(slots=True)
class _Proof:
    """Facts gathered on the way through the ledger."""

    book: Book = field(default_factory=Book)
    positions: dict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    ordered: dict[str, int] = field(default_factory=dict)
    executed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    exec_ids: set[tuple[str, str]] = field(default_factory=set)
    expiries: ExpiryProof = field(default_factory=ExpiryProof)
    last_ts: str = ""
    fills: int = 0
    closed: int = 0


def verify(path: Path) -> Verification:
    """Prove the ledger at ``path``; it is only read."""
    try:
        size, end = whole_end(path)
    except FolderUnusable as error:
        return Verification(Verdict.UNREADABLE, reason=str(error))
    proof = _Proof()
    seq = 0
    last_line = b""
    try:
        for number, event, line in _effective(path):
            seq, last_line = number, line
            _check(proof, event)
            apply(proof.book, event)
    except LedgerDamaged as damage:
        return Verification(Verdict.BROKEN, events=seq, line=damage.line, reason=damage.reason)
    except FolderUnusable as error:
        return Verification(Verdict.UNREADABLE, reason=str(error))
    except (_Wrong, ExpiryWrong, ContractError, TransitionError, AssertionError) as error:
        return Verification(Verdict.BROKEN, events=seq, line=seq, reason=str(error))
    except KeyError as error:
        reason = f"it speaks of {error}, which no line before it opened"
        return Verification(Verdict.BROKEN, events=seq, line=seq, reason=reason)
    if size > end:
        reason = f"the last line is unfinished ({size - end} bytes); the next start cuts it off and says so"
        return Verification(Verdict.BROKEN, events=seq, line=seq + 1, reason=reason)
    last_hash = line_hash(last_line).decode() if last_line else ""
    return Verification(Verdict.SOUND, seq, proof.fills, proof.closed, last_hash)


def _effective(path: Path) -> Iterator[tuple[int, e.TradeEvent, bytes]]:
    """Every line that counts, with its number: whole batches, without the voided ones.

    :raises LedgerDamaged: the chain or a line is wrong, or the ledger ends inside a batch.
    """
    batch: list[tuple[int, e.TradeEvent, bytes]] = []
    for record, line in records(path, canonical=True):
        event = record.event
        if isinstance(event, e.BatchVoided):
            voided = [seq for seq, _, _ in batch if event.from_seq <= seq <= event.to_seq]
            if voided != list(range(event.from_seq, event.to_seq + 1)):
                reason = f"it voids lines {event.from_seq} to {event.to_seq}, which are no batch cut short"
                raise LedgerDamaged(path, record.seq, reason)
            batch = [entry for entry in batch if entry[0] > event.to_seq]
        batch.append((record.seq, event, line))
        if not record.more:
            yield from batch
            batch.clear()
    if batch:
        reason = "the record of its input was cut short; the next start voids it and says so"
        raise LedgerDamaged(path, batch[0][0], reason)


def _check(proof: _Proof, event: e.TradeEvent) -> None:
    if not isinstance(event, e.LedgerRepaired | e.BatchVoided):  # dated by the line that they put right
        if event.ts < proof.last_ts:
            raise _Wrong(f"its time {event.ts} lies before that of the line before, {proof.last_ts}")
        proof.last_ts = event.ts
    try:
        from_iso(event.ts)
    except ValueError as error:
        raise _Wrong(f"its ts is no time: {error}") from error
    match event:
        case e.OrderSubmitRequested():
            if event.client_ref in proof.ordered:
                raise _Wrong(f"the reference {event.client_ref} was sent before")
            proof.ordered[event.client_ref] = event.qty
        case e.OrderFilled():
            _check_fill(proof, event)
        case e.TradeClosed():
            _check_close(proof, event)
        case LegSettled():
            proof.expiries.leg(event)
        case PositionDelivered():
            proof.expiries.delivered(event)
        case _:
            pass


def _check_fill(proof: _Proof, event: e.OrderFilled) -> None:
    if (event.exec_id, event.trade_id) in proof.exec_ids:
        raise _Wrong(f"execution {event.exec_id} is counted twice for {event.trade_id}")
    proof.exec_ids.add((event.exec_id, event.trade_id))
    _check_order(proof, event)
    tally = proof.positions[event.position_id]
    before = tally.qty
    signed = event.qty * event.side.sign
    tally.qty += signed
    tally.cash -= event.price * signed * event.multiplier
    tally.fees += event.fee
    tally.traded += event.qty
    tally.realized += event.realized_pnl
    if tally.qty != event.position:
        raise _Wrong(f"it states a position of {event.position}; the fills give {tally.qty}")
    if event.effect is not _effect(before, tally.qty):
        raise _Wrong(f"it calls itself {event.effect}; going from {before} to {tally.qty} is none")
    _check_realized(tally, before, signed, event)
    proof.fills += 1


def _check_order(proof: _Proof, event: e.OrderFilled) -> None:
    """Where a fill comes from: an order that was sent, a cross inside the house, or an expiry."""
    if event.legs:
        worth = sum(
            (leg.price * leg.ratio * parse_key(leg.instrument).multiplier for leg in event.legs), ZERO
        )
        if worth != event.price * event.multiplier:
            raise _Wrong(f"it states a net price of {event.price}; its legs come to {worth} dollars a unit")
    if event.exec_id.startswith(PREFIX) and not event.client_ref:
        proof.expiries.fill(event)
        return
    if event.exec_id.startswith(CROSS_PREFIX) and not event.client_ref:
        return
    if event.client_ref not in proof.ordered:
        raise _Wrong(f"execution {event.exec_id} is for {event.client_ref}, which was never sent")
    proof.executed[event.client_ref] += event.qty
    if proof.executed[event.client_ref] > proof.ordered[event.client_ref] and not proof.book.halt_reason:
        raise _Wrong(f"more of {event.client_ref} was executed than ordered, and nothing halted")


def _effect(before: int, after: int) -> Effect:
    if before == 0:
        return Effect.OPEN
    if (before > 0) != (after > 0) or after == 0:
        return Effect.CLOSE
    return Effect.ADD if abs(after) > abs(before) else Effect.TRIM


def _check_realized(tally: _Tally, before: int, signed: int, event: e.OrderFilled) -> None:
    """The stated P&L of a fill: to the cent at a trim, exact as soon as the position is flat."""
    closed = 0 if before * signed >= 0 else min(abs(signed), abs(before))
    worth = event.price * event.multiplier
    if closed == 0:
        expected = ZERO
        tally.cost += worth * signed
    else:
        share = tally.cost * closed / abs(before)
        expected = worth * closed * (1 if before > 0 else -1) - share
        tally.cost = worth * tally.qty if before * tally.qty < 0 else tally.cost - share
    if abs(expected - event.realized_pnl) > CENT:
        raise _Wrong(f"it states a realized P&L of {event.realized_pnl}; the fills give {expected:.2f}")
    if tally.qty == 0 and tally.realized != tally.cash:
        raise _Wrong(f"realized P&L {tally.realized} is not cash in minus cash out, {tally.cash}")


def _check_close(proof: _Proof, event: e.TradeClosed) -> None:
    tally = proof.positions[event.position_id]
    proof.expiries.closed(event.trade_id)
    stated: dict[str, tuple[Decimal | int, Decimal | int]] = {
        "quantity": (event.qty * 2, tally.traded),
        "realized P&L": (event.realized_pnl, tally.cash),
        "fees": (event.fees, tally.fees),
        "cash": (event.cash, tally.cash - tally.fees),
        "open quantity": (0, tally.qty),
    }
    for name, (says, gives) in stated.items():
        if says != gives:
            raise _Wrong(f"it states a {name} of {says}; the fills give {gives}")
    proof.closed += 1
