"""Commands to the day that runs: each is one input of its own, at the day's time."""

from pathlib import Path
from typing import Protocol

from bot.door.protocol import Answer, BadRequest, answer_of, decode_command
from options.book import Book
from options.commands import Command
from options.events import TradeEvent


class CommandedDay(Protocol):
    """A day that takes commands, as the door sees it."""

    @property
    def book(self) -> Book:
        """The state."""

    @property
    def last_seq(self) -> int:
        """The ledger's last number."""

    def command(self, command: Command) -> list[TradeEvent]:
        """Process a command; its own events, durable, come back."""


def answer_line(day: CommandedDay, path: Path, line: bytes) -> Answer:
    """The answer to a request; the ledger is at ``path``."""
    try:
        command = decode_command(line)
    except BadRequest as error:
        return Answer(taken=False, reasons=(str(error),))
    first_seq = day.last_seq + 1
    return answer_of(command, day.command(command), first_seq, day.book, path)
