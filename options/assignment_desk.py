"""Assignment and exercise before expiry: contracts that the broker took away, and the shares that it left for them.

A short option that is assigned, or a long one that is exercised, leaves its trade at what it is worth, and the shares
open at the very price that makes the cash of both the strike; an index option pays its worth. A combo loses whole
units: what else belonged to them goes on in trades of its own.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from options import events as e
from options.batch import Batch
from options.book import Book
from options.commands import RecordAssignment
from options.contract import ContractError, Instrument, OptionContract, parse_key
from options.contract_sums import contracts_held
from options.entry_recall import stop_at_loss
from options.expiry import shares_delivered
from options.expiry_events import ContractsAssigned, Settlement
from options.index_options import pays_cash
from options.inputs import AssignmentReport
from options.number_check import LEVEL_MAX, number_fault, whole_text
from options.payoff import intrinsic, legs_of
from options.quote import QuoteCache
from options.settling import Ending, Fate, Piece, Settling, settle_units
from options.shown_text import WORD_CHARACTERS, printable
from options.terms import ExitKind
from options.trade import Trade
from options.values import price_from_float

EXEC_PREFIX = "assigned-"
BROKER = "broker"


class Told(NamedTuple):
    """What was told of an assignment: its id, the contract, how many, whose word it is, and the underlying's price."""

    report_id: str
    contract: OptionContract
    qty: int
    exercised: bool
    source: str
    underlying: Decimal | None = None

    @property
    def word(self) -> str:
        """What happened to the contracts."""
        return str(Settlement.EXERCISED if self.exercised else Settlement.ASSIGNED)


def book_assignment(manager: Settling, batch: Batch, report: AssignmentReport) -> None:
    """Take a broker's report: oldest trade first. What no trade holds, or cannot be, halts trading and is said."""
    if report.assignment_id in batch.book.assignments:
        return
    fault, contract = _report_fault(report)
    if contract is None:
        halt = f"assignment {report.assignment_id}: {fault}"
        if halt not in batch.book.halt_reason:
            _halt(batch, halt)
        return
    told = Told(report.assignment_id, contract, report.qty, report.exercised, BROKER, report.underlying)
    left = report.qty
    note_assignment(batch, told)
    for trade in batch.book.open_trades():
        taken = min(left, held_of(trade, contract, exercised=report.exercised))
        if taken:
            left -= taken
            assign(manager, batch, trade, told, taken)
    if left:
        _halt(batch, f"{left} of {contract.plain} more were {told.word} than any trade holds")


def assignment_faults(command: RecordAssignment, trade: Trade) -> list[str]:
    """Why what a person says of an assignment cannot be written down; empty if it can."""
    held = {contract.key: (contract, qty) for contract, qty in legs_held(trade) if qty}
    price = command.underlying
    faults = list(number_fault("underlying", price, 0, LEVEL_MAX, "dollars"))
    if not held:
        return [*faults, f"{trade.trade_id} holds no option that could be assigned or exercised"]
    names = ", ".join(contract.plain for contract, _ in held.values())
    if command.contract is None and len(held) > 1:
        return [*faults, f"{trade.trade_id} holds several options; name the one that was meant: {names}"]
    if command.contract is not None and command.contract not in held:
        shown = printable(command.contract, WORD_CHARACTERS)
        return [*faults, f"{trade.trade_id} does not hold {shown!r}; it holds {names}"]
    contract, qty = held[command.contract or next(iter(held))]
    if command.qty is not None and not 1 <= command.qty <= abs(qty):
        there_is = f"what {trade.trade_id} holds of {contract.plain}"
        faults.append(f"quantity {whole_text(command.qty)} is not between 1 and {abs(qty)}, {there_is}")
    return faults


def record_assignment(manager: Settling, batch: Batch, command: RecordAssignment, trade: Trade) -> None:
    """Book what a person has read at the broker; every check was passed."""
    held = {contract.key: (contract, qty) for contract, qty in legs_held(trade) if qty}
    contract, qty = held[command.contract or next(iter(held))]
    count = abs(qty) if command.qty is None else command.qty
    told = Told(command.command_id, contract, count, qty > 0, command.who, command.underlying)
    note_assignment(batch, told)
    assign(manager, batch, trade, told, count)
    stop_at_loss(manager, batch)


def _report_fault(report: AssignmentReport) -> tuple[str, OptionContract | None]:
    try:
        contract = parse_key(report.instrument)
    except ContractError as error:
        return str(error), None
    if not isinstance(contract, OptionContract):
        return f"{report.instrument} is no option", None
    if report.qty <= 0:
        return f"{report.qty} contracts is no quantity", None
    price = report.underlying
    if price is not None and not (price.is_finite() and price > 0):
        return f"{price} is no price of {contract.symbol}", None
    return "", contract


def note_assignment(batch: Batch, told: Told) -> None:
    """Write down what was told; what it does to each trade follows."""
    batch.add(
        ContractsAssigned(
            batch.ts,
            batch.cause,
            report_id=told.report_id,
            instrument=told.contract.key,
            qty=told.qty if told.exercised else -told.qty,
            source=told.source,
            underlying=told.underlying,
        )
    )


def looks_assigned(book: Book, theirs: dict[str, int]) -> list[str]:
    """What the broker's positions (signed, by instrument) look like: options gone, and the very shares for them there.

    A person decides on it: positions alone do not prove what happened.
    """
    ours = contracts_held(book)
    found = []
    for key, qty in ours.items():
        contract = parse_key(key)
        gone = qty - theirs.get(key, 0)
        if not isinstance(contract, OptionContract) or gone * qty <= 0 or abs(gone) > abs(qty):
            continue
        moved = theirs.get(contract.symbol, 0) - ours.get(contract.symbol, 0)
        if pays_cash(contract) or moved == shares_delivered(contract, gone):
            word = "exercise" if qty > 0 else "assignment"
            say = " and ".join(_how_to_record(book, contract, abs(gone), exercised=qty > 0))
            found.append(f"that looks like an {word} of {abs(gone)} {contract.plain}: {say}")
    return found


def _how_to_record(book: Book, contract: OptionContract, gone: int, *, exercised: bool) -> Iterator[str]:
    """The commands that write it down: oldest trade first, as a broker's report would be booked."""
    for trade in book.open_trades():
        qty = min(gone, held_of(trade, contract, exercised=exercised))
        if qty:
            gone -= qty
            leg = f" --contract '{contract.key}'" if len(legs_held(trade)) > 1 else ""
            yield f"callboard trade assigned {trade.trade_id} --qty {qty}{leg}"


def legs_held(trade: Trade) -> list[tuple[OptionContract, int]]:
    """The options of what a trade holds, each with its signed contracts."""
    instrument: Instrument = parse_key(trade.instrument)
    return [
        (leg.instrument, leg.ratio * trade.position.qty)
        for leg in legs_of(instrument)
        if isinstance(leg.instrument, OptionContract)
    ]


def held_of(trade: Trade, contract: OptionContract, *, exercised: bool) -> int:
    """How many of a contract a trade holds on the side that can be exercised (long) or assigned (short)."""
    side = 1 if exercised else -1
    return sum(max(0, qty * side) for part, qty in legs_held(trade) if part.key == contract.key)


def assign(manager: Settling, batch: Batch, trade: Trade, told: Told, qty: int) -> None:
    """Book ``qty`` contracts of a trade as assigned or exercised; of a combo as many units as that touches."""
    contract = told.contract
    held = abs(trade.position.qty)
    in_unit = held_of(trade, contract, exercised=told.exercised) // held
    price = _underlying(manager.quotes, told)
    ending = Ending(
        fate=_fate(contract, qty, price),
        underlying=price,
        kind=ExitKind.EXERCISED if told.exercised else ExitKind.ASSIGNED,
        reason=f"{qty} {contract.plain} {told.word}",
        source=told.source,
        exec_id=f"{EXEC_PREFIX}{told.report_id}",
    )
    settle_units(manager, batch, trade, -(-qty // in_unit), ending)


def _underlying(quotes: QuoteCache, told: Told) -> Decimal:
    """What the shares are carried at: the price that was told, or quoted; the strike where the option has no worth.

    So the option's worth and the shares' price always make the strike together.
    """
    contract, price = told.contract, told.underlying
    if price is None:
        quote = quotes.get(contract.symbol)
        mark = None if quote is None else quote.mark
        price = contract.strike if mark is None else price_from_float(mark)
    return price if pays_cash(contract) or intrinsic(contract, price) else contract.strike


def _fate(contract: OptionContract, qty: int, underlying: Decimal) -> Fate:
    worth = intrinsic(contract, underlying)

    def fate(part: OptionContract, held: int) -> list[Piece]:
        if part.key != contract.key:
            return []
        side = 1 if held > 0 else -1
        if pays_cash(contract):
            outcome = Settlement.CASH if worth else Settlement.WORTHLESS
        else:
            outcome = Settlement.EXERCISED if held > 0 else Settlement.ASSIGNED
        pieces = [Piece(qty * side, outcome, worth)]
        if abs(held) > qty:  # the rest of a unit that is taken apart, at the same price so that it adds up
            pieces.append(Piece(held - qty * side, Settlement.CARRIED, worth))
        return pieces

    return fate


def _halt(batch: Batch, reason: str) -> None:
    batch.add(e.TradingHalted(batch.ts, batch.cause, reason=reason, source="reconcile"))
