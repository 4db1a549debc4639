"""Proof of a ledger on its own: its chain, its numbers, and that the fills give every position and P&L it states.

The money is added up here a second time, by nothing but the fills, so that a fault in the book's own fold would show.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from pathlib import Path

from options import events as e
from options.book import CLOSED_TRADES_KEPT, Book
from options.contract import ContractError, parse_key
from options.correction_events import FillCorrected
from options.execution_key import execution_key
from options.expiry_events import LegSettled, PositionDelivered
from options.fold import apply
from options.lifecycle import TransitionError
from options.terms import Effect
from options.values import CENT, ZERO, from_iso
from storage.codec import LedgerDamaged, line_hash
from storage.files import FolderUnusable, NoLedger
from storage.ledger_reader import records, whole_end
from storage.verify_expiry import PREFIXES, ExpiryProof, ExpiryWrong
from storage.verify_fills import Tally, Wrong, part_of

CROSS_PREFIX = "cross-"


class Verdict(IntEnum):
    """The exit code of a verification."""

    SOUND = 0
    BROKEN = 1
    UNREADABLE = 2


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    ``line`` is the first broken line, 0 if there is none; ``missing``: there is no ledger at all.
    """

    verdict: Verdict
    events: int = 0
    fills: int = 0
    trades_closed: int = 0
    last_hash: str = ""
    line: int = 0
    reason: str = ""
    missing: bool = False

    @property
    def sentence(self) -> str:
        """The finding in one sentence."""
        if self.verdict is Verdict.SOUND:
            fills = "1 fill gives" if self.fills == 1 else f"{self.fills:,} fills give"
            trades = "1 closed trade" if self.trades_closed == 1 else f"{self.trades_closed:,} closed trades"
            events = "1 event" if self.events == 1 else f"{self.events:,} events"
            return f"sound: {events} in an unbroken chain, {fills} every position and P&L of {trades}"
        where = f"line {self.line}: " if self.line else ""
        return f"{self.verdict.name.lower()}: {where}{self.reason}"


@dataclass(slots=True)
class _Proof:
    """Facts gathered on the way through the ledger."""

    book: Book = field(default_factory=Book)
    positions: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    ended: deque[str] = field(default_factory=deque)
    ordered: dict[str, int] = field(default_factory=dict)
    executed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    exec_ids: set[tuple[str, str]] = field(default_factory=set)
    expiries: ExpiryProof = field(default_factory=ExpiryProof)
    last_ts: str = ""
    fills: int = 0
    closed: set[str] = field(default_factory=set)


def verify(path: Path) -> Verification:
    """Prove the ledger at ``path``; it is only read."""
    try:
        size, end = whole_end(path)
    except FolderUnusable as error:
        return Verification(Verdict.UNREADABLE, reason=str(error), missing=isinstance(error, NoLedger))
    proof = _Proof()
    seq = 0
    last_line = b""
    try:
        for number, event, line in _effective(path):
            seq, last_line = number, line
            _check(proof, event)
            apply(proof.book, event)
        proof.expiries.over()
    except LedgerDamaged as damage:
        return Verification(Verdict.BROKEN, events=seq, line=damage.line, reason=damage.reason)
    except FolderUnusable as error:
        return Verification(Verdict.UNREADABLE, reason=str(error))
    except (Wrong, ExpiryWrong, ContractError, TransitionError, AssertionError) as error:
        return Verification(Verdict.BROKEN, events=seq, line=seq, reason=str(error))
    except KeyError as error:
        reason = f"it speaks of {error}, which no line before it opened"
        return Verification(Verdict.BROKEN, events=seq, line=seq, reason=reason)
    if size > end:
        reason = f"the last line is unfinished ({size - end} bytes); the next start cuts it off and says so"
        return Verification(Verdict.BROKEN, events=seq, line=seq + 1, reason=reason)
    last_hash = line_hash(last_line).decode() if last_line else ""
    return Verification(Verdict.SOUND, seq, proof.fills, len(proof.closed), last_hash)


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
            raise Wrong(f"its time {event.ts} lies before that of the line before, {proof.last_ts}")
        proof.last_ts = event.ts
    try:
        from_iso(event.ts)
    except ValueError as error:
        raise Wrong(f"its ts is no time: {error}") from error
    match event:
        case e.OrderSubmitRequested():
            if event.client_ref in proof.ordered:
                raise Wrong(f"the reference {event.client_ref} was sent before")
            proof.ordered[event.client_ref] = event.qty
        case e.OrderFilled():
            _check_fill(proof, event)
        case FillCorrected():
            _check_correction(proof, event)
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
        raise Wrong(f"execution {event.exec_id} is counted twice for {event.trade_id}")
    proof.exec_ids.add((event.exec_id, event.trade_id))
    _check_order(proof, event)
    proof.fills += 1
    tally = proof.positions[event.position_id]
    before, part = tally.qty, part_of(event, proof.fills)
    tally.trade_id = event.trade_id
    tally.realized += event.realized_pnl
    expected = tally.add(part)
    if tally.qty != event.position:
        raise Wrong(f"it states a position of {event.position}; the fills give {tally.qty}")
    if event.effect is not _effect(before, tally.qty):
        raise Wrong(f"it calls itself {event.effect}; going from {before} to {tally.qty} is none")
    if abs(expected - event.realized_pnl) > CENT:
        raise Wrong(f"it states a realized P&L of {event.realized_pnl}; the fills give {expected:.2f}")
    if tally.qty == 0 and tally.realized != tally.cash:
        raise Wrong(f"realized P&L {tally.realized} is not cash in minus cash out, {tally.cash}")


def _check_correction(proof: _Proof, event: FillCorrected) -> None:
    """The newest word on an execution: what it replaces was said, and all fills with it give what it states."""
    if (event.exec_id, event.trade_id) in proof.exec_ids:
        raise Wrong(f"execution {event.exec_id} is counted twice for {event.trade_id}")
    proof.exec_ids.add((event.exec_id, event.trade_id))
    if event.client_ref not in proof.ordered:
        raise Wrong(f"execution {event.exec_id} is for {event.client_ref}, which was never sent")
    proof.executed[event.client_ref] += event.qty - event.was_qty
    _check_bound(proof, event.client_ref, grows=event.qty > event.was_qty)
    _check_legs(event)
    base, tally = execution_key(event.exec_id).base, proof.positions[event.position_id]
    others = {position_id: one for position_id, one in proof.positions.items() if base in one.fills}
    home = next((at for at, one in others.items() if one.trade_id == event.trade_id), event.position_id)
    was = proof.positions[home].fills.get(base)
    stated, had = (event.was_qty, event.was_price, event.was_fee), None if was is None else was.told
    if had != stated and (had is not None or event.was_qty or event.was_fee):
        raise Wrong(f"it corrects {stated}; what was said before is {had}")
    if home != event.position_id:  # a position of before goes on in the present one
        tally.join(proof.positions.pop(home))
        proof.closed.discard(home)
    number = next((one.fills[base].number for one in others.values()), proof.fills + 1)
    tally.trade_id = event.trade_id
    tally.correct(part_of(event, number), event.realized_pnl)
    if tally.qty != event.position:
        raise Wrong(f"it states a position of {event.position}; the fills give {tally.qty}")


def _check_order(proof: _Proof, event: e.OrderFilled) -> None:
    """Where a fill comes from: an order that was sent, a cross inside the house, or an expiry."""
    _check_legs(event)
    if event.exec_id.startswith(PREFIXES) and not event.client_ref:
        proof.expiries.fill(event)
        return
    if event.exec_id.startswith(CROSS_PREFIX) and not event.client_ref:
        return
    if event.client_ref not in proof.ordered:
        raise Wrong(f"execution {event.exec_id} is for {event.client_ref}, which was never sent")
    proof.executed[event.client_ref] += event.qty
    _check_bound(proof, event.client_ref, grows=True)


def _check_legs(event: e.OrderFilled | FillCorrected) -> None:
    if not event.legs:
        return
    worth = sum((leg.price * leg.ratio * parse_key(leg.instrument).multiplier for leg in event.legs), ZERO)
    if worth != event.price * event.multiplier:
        raise Wrong(f"it states a net price of {event.price}; its legs come to {worth} dollars a unit")


def _check_bound(proof: _Proof, client_ref: str, *, grows: bool) -> None:
    over = proof.executed[client_ref] > proof.ordered[client_ref]
    if over and grows and not proof.book.halt_reason:
        raise Wrong(f"more of {client_ref} was executed than ordered, and nothing halted")


def _effect(before: int, after: int) -> Effect:
    if before == 0:
        return Effect.OPEN
    if (before > 0) != (after > 0) or after == 0:
        return Effect.CLOSE
    return Effect.ADD if abs(after) > abs(before) else Effect.TRIM


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
            raise Wrong(f"it states a {name} of {says}; the fills give {gives}")
    proof.closed.add(event.position_id)
    proof.ended.append(event.position_id)
    while len(proof.ended) > CLOSED_TRADES_KEPT:  # what the book keeps no more is not corrected any more
        old = proof.positions.get(proof.ended.popleft())
        if old is not None and proof.book.trade(old.trade_id) is None:
            old.fills.clear()
