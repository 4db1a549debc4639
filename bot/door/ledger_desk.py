"""A command while nobody runs: it is checked and obeyed on the ledger itself, with no market."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from bot.app import fold_into
from bot.clock import Clock
from bot.door.protocol import Answer, answer_of, command_cause, preview_answer
from bot.exchange import EXCHANGE
from bot.expiry_guard import guarded
from bot.ledger_account import check_account
from options.batch import Batch
from options.book import Book
from options.command_desk import obey
from options.commands import Command, Halt, NewTrade
from options.fold import apply_all
from options.order_manager import OptionsOrderManager
from options.preview import preview
from options.quote import QuoteCache
from options.risk import RiskLimits
from options.values import Micros, from_iso, to_iso
from storage.files import FolderUnusable, InstanceLock, make_folder
from storage.ledger import LEDGER_PATH, Ledger
from storage.ledger_reader import read
from storage.presence import is_there


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """What a command is held against where nobody runs: the limits, and the account they are for (empty: any)."""

    limits: RiskLimits
    account: str = ""


_NO_MARKET = "no quote, as Callboard is not running on this folder"


def act_on_ledger(data: Path, command: Command, clock: Clock, rules: LedgerRules) -> Answer:
    """Take the data folder, obey a command on its ledger, and give the folder back.

    No price is known, so nothing is entered; what should be sent goes out when an instance runs again. Only a new trade
    and a halt begin a ledger where there is none.

    :raises DataFolderInUse: an instance runs. :raises StorageError: the ledger cannot be used.
    :raises WrongAccount: the rules are for another account.
    """
    path, limits = data / LEDGER_PATH, rules.limits
    if not is_there(path) and not isinstance(command, NewTrade | Halt):
        raise FolderUnusable(
            f"{data} holds no ledger, so there is nothing to {command.verb.removesuffix('-all')}"
        )
    make_folder(path.parent)
    book = Book()
    with (
        InstanceLock(data),
        closing(Ledger.open(path, now_ts=to_iso(clock.now()), sink=fold_into(book))) as ledger,
    ):
        check_account(book, rules.account, path)
        command = guarded(command, book, limits.flat_before_expiry_minutes)
        batch = Batch(book, ledger_time(book, ledger.last_ts, clock), command_cause(command))
        # Straight to the desk: the rest of an input's way would send orders, and there is nobody to send them to.
        obey(OptionsOrderManager(book, QuoteCache(_NO_MARKET), limits, calendar=EXCHANGE), batch, command)
        first_seq = ledger.last_seq + 1
        if batch.end():
            ledger.write(batch.events)
            ledger.sync()
        answer = answer_of(command, batch.events, first_seq, book, path)
        return replace(answer, later=answer.taken and _asks_the_broker(book, {answer.trade_id, *answer.also}))


def _asks_the_broker(book: Book, trade_ids: set[str]) -> bool:
    """Whether something is to be sent or asked back for one of these trades: that takes an instance that runs."""
    return any(
        bool(trade.parent_ids or trade.resting_ids)
        or (bool(trade.target_kind) and trade.target != trade.position.qty)
        for trade in book.open_trades()
        if trade.trade_id in trade_ids
    )


def preview_on_ledger(data: Path, command: Command, clock: Clock, rules: LedgerRules) -> Answer:
    """What a command would do on a ledger that nobody runs; it is only read.

    :raises StorageError: the ledger cannot be read. :raises WrongAccount: the rules are for another account.
    """
    path, book, limits = data / LEDGER_PATH, Book(), rules.limits
    begun = is_there(path)
    if not begun and not isinstance(command, NewTrade):
        raise FolderUnusable(
            f"{data} holds no ledger, so there is nothing to {command.verb.removesuffix('-all')}"
        )
    for _, events in read(path) if begun else ():
        apply_all(book, events)
    check_account(book, rules.account, path)
    at = ledger_time(book, book.last_ts, clock)
    manager = OptionsOrderManager(book, QuoteCache(_NO_MARKET), limits, calendar=EXCHANGE)
    command = guarded(command, book, limits.flat_before_expiry_minutes)
    return preview_answer(command, preview(manager, at, command, running=False))


def ledger_time(book: Book, last_ts: str, clock: Clock) -> Micros:
    """The time of a command that is given now: the later of the clock and the last event.

    A day that was interrupted is taken up where it stopped, and one that was recorded is followed by others of its
    time: until then the time stands still.
    """
    last = max((from_iso(ts) for ts in (book.last_ts, last_ts) if ts), default=0)
    if book.day.day and (book.day.own_time or not book.day.ended):
        return last
    return max(last, clock.now())
