"""Starts the paper service and the driver, kills them, and gathers what each of them remembers."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.paper_service.memory import Memory, read_memory
from bot.paper_service.messages import JOURNAL_NAME
from options import events as e
from options.book import Book
from options.fold import apply
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import load, whole_end
from storage.verify import Verification, verify
from tests.conftest import REPOSITORY
from tests.crash.order_path_driver import KILL_VARIABLE, KILLED_NAME

ANSWER_TIMEOUT_S = 60


@dataclass(frozen=True)
class Aftermath:
    """What is left when the day has ended: how often each boundary killed, the ledger's side, and the service's."""

    killed: list[str]
    events: list[e.TradeEvent]
    book: Book
    verified: Verification
    service: Memory


@contextmanager
def paper_service(folder: Path, *, legged: bool = False) -> Iterator["subprocess.Popen[str]"]:
    """The service as a process that listens in ``folder`` until the block is left.

    One that is ``legged`` trades the legs of its first combo one after the other.
    """
    which = ["tests.crash.legged_service", str(folder)]
    process = subprocess.Popen(
        [sys.executable, "-m", *(which if legged else ["bot.paper_service", str(folder), "realistic"])],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert "listening" in process.stdout.readline()
            yield process
        finally:
            process.kill()


def drive(
    data: Path,
    service: Path,
    seed: int,
    kill: str = "",
    *,
    by_hand: bool = False,
    combos: bool = False,
    legs: bool = False,
) -> int:
    """One run of the driver; its exit code, negative for the signal that ended it."""
    kinds = {"ending": by_hand, "combos": combos, "legs": legs}
    how = [kind for kind, wanted in kinds.items() if wanted]
    return exit_code_of("tests.crash.order_path_driver", kill, data, service, seed, *how)


def exit_code_of(driver: str, kill: str, *arguments: object) -> int:
    """One run of a driver that kills itself where ``kill`` says; as :func:`drive`."""
    return subprocess.run(
        [sys.executable, "-m", driver, *map(str, arguments)],
        cwd=REPOSITORY,
        env=os.environ | {KILL_VARIABLE: kill},
        capture_output=True,
        timeout=ANSWER_TIMEOUT_S,
        check=False,
    ).returncode


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose name is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="cb") as name:
        yield Path(name)


def aftermath(data: Path, service: Path) -> Aftermath:
    """Read both sides again from their files."""
    path = data / LEDGER_PATH
    events: list[e.TradeEvent] = []
    book = Book()

    def take(_first_seq: int, batch: Sequence[e.TradeEvent]) -> None:
        events.extend(batch)
        for event in batch:
            apply(book, event)

    load(path, whole_end(path)[1], take)
    killed = data / KILLED_NAME
    return Aftermath(
        killed=killed.read_text().splitlines() if killed.exists() else [],
        events=events,
        book=book,
        verified=verify(path),
        service=read_memory(service / JOURNAL_NAME)[0],
    )
