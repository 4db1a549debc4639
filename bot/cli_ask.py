"""How the command line asks: one command, its answer in words or JSON, its exit code."""

import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from bot.answer_words import taken_words
from bot.clock import SystemClock
from bot.door.client import NotAsked, ask
from bot.door.ledger_desk import LedgerRules
from bot.door.protocol import Answer, encode_answer
from bot.every_fault import Readings, refused_in_both
from bot.ledger_account import WrongAccount
from bot.preview_text import preview_lines
from bot.refusal_text import reason_text
from bot.settings import SettingsError, load_settings
from options.commands import Command
from storage.files import NoLedger, StorageError

TAKEN, REFUSED, NOT_ASKED = 0, 1, 2
_REASON_CHARACTERS = 300
NO_LEDGER_HINT = "; --data names the folder of a run"
_LATER = " Callboard is not running: what the broker is to do goes out when it runs again."


def asker(who: str | None) -> str:
    """The name that the ledger shows: the one that was given, else the system's."""
    if who is not None:
        return who
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


def command_id(given: str | None) -> str:
    """The id that was given, or one that nobody has used: from the time and the process.

    An empty one, as from a variable that a script never set, is no wish for a new one: it is asked with, and refused.
    """
    return given if given is not None else f"cli-{SystemClock().now():x}-{os.getpid():x}"


def storage_words(error: StorageError) -> str:
    """What is wrong with a data folder, and where there is no ledger in it, how another one is named."""
    return f"{error}{NO_LEDGER_HINT}" if isinstance(error, NoLedger) else str(error)


def refuse(faults: Sequence[str]) -> None:
    """Say what cannot be asked, one sentence each, and end with 2; nothing if there is nothing to say."""
    if not faults:
        return
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for fault in faults:
        console.print(f"callboard: {fault}", style="red", markup=False)
    raise typer.Exit(NOT_ASKED)


def refuse_unread(data: Path, settings: Path | None, faults: Sequence[str], readings: Readings) -> None:
    """Say which words cannot be read and, beside them, what the desk refuses whatever they mean; and end with 2."""
    try:
        rules = _rules(settings)
        more = refused_in_both(
            readings, lambda one: ask(data, one, SystemClock(), rules, preview=True).answer.reasons
        )
    except (StorageError, NotAsked, SettingsError, WrongAccount) as error:
        more = [str(error)]
    refuse([*faults, *(reason_text(reason, _REASON_CHARACTERS) for reason in more)])


def _rules(settings: Path | None) -> LedgerRules:
    """What a command is held against where nobody runs; only a file that was named says whose account it is for."""
    chosen = load_settings(settings)
    return LedgerRules(chosen.limits, account="" if settings is None else chosen.account)


def put(
    data: Path,
    settings: Path | None,
    command: Command,
    *,
    json: bool,
    preview: bool = False,
    also: bool = False,
) -> Answer:
    """Ask, and say what was answered; a refusal ends with 1, nobody to ask with 2.

    With ``preview`` it is said what would be done, and nothing is. Settings that were named and did not hold, as an
    instance runs, are told once: not by a command that comes ``also``, after another one.
    """
    try:
        found = ask(data, command, SystemClock(), _rules(settings), preview=preview)
    except (StorageError, NotAsked, SettingsError, WrongAccount) as error:
        refuse([str(error)])
        raise
    if settings is not None and found.by_instance and not also:
        said = f"Callboard is running on {data}: its own settings hold, not {settings}."
        Console(stderr=True, soft_wrap=True, highlight=False).print(said, markup=False)
    answer = found.answer
    if json:
        sys.stdout.write(encode_answer(answer).decode() + "\n")
    else:
        say(answer)
    if not answer.taken:
        raise typer.Exit(REFUSED if answer.seq or answer.preview else NOT_ASKED)
    return answer


def say(answer: Answer) -> None:
    """An answer in words: what was taken, or every reason against it."""
    about = f"{answer.verb} {answer.trade_id}".strip()
    before = ", as answered before" if answer.repeated else ""
    if answer.taken and answer.preview is not None:
        lines = preview_lines(answer.preview, about)
        Console(soft_wrap=True, highlight=False).print("\n".join(lines), markup=False)
        return
    if answer.taken:
        said = f"{about}: taken{before}.{taken_words(answer)}"
        said += _LATER if answer.later else ""
        Console(soft_wrap=True, highlight=False).print(said, markup=False)
        return
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(f"{about or 'request'}: refused{before}, nothing has changed.", style="red", markup=False)
    for reason in answer.reasons:
        console.print(f"  - {reason_text(reason, _REASON_CHARACTERS)}", markup=False)
