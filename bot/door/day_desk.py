"""Commands to the day that runs: each is one input of its own, at the day's time."""

from pathlib import Path
from typing import Protocol

from bot.door.protocol import (
    Answer,
    BadRequest,
    PreviewRequest,
    answer_of,
    decode_request,
    preview_answer,
)
from bot.door.readings import readings_of
from bot.every_fault import refused_in_both
from bot.expiry_guard import guarded
from options.book import Book
from options.commands import Command
from options.events import TradeEvent
from options.order_manager import OptionsOrderManager
from options.preview import preview
from options.values import Micros
from strategies.base import MarketView


class CommandedDay(Protocol):
    """A day that takes commands, as the door sees it."""

    @property
    def book(self) -> Book:
        """The state."""

    @property
    def last_seq(self) -> int:
        """The ledger's last number."""

    @property
    def at(self) -> Micros:
        """The day's time."""

    @property
    def manager(self) -> OptionsOrderManager:
        """The order manager, to look at: what changes it goes through :meth:`command`."""

    def command(self, command: Command) -> list[TradeEvent]:
        """Process a command; its own events, durable, come back."""


class SteeredDay(CommandedDay, Protocol):
    """A day that also shows where it stands. Only the trading thread may touch it: see :mod:`bot.door.handover`."""

    def view(self) -> MarketView:
        """The world as strategies see it."""


def answer_line(day: CommandedDay, path: Path, line: bytes) -> Answer:
    """The answer to a request; the ledger is at ``path``."""
    try:
        request = decode_request(line)
    except BadRequest as error:
        readings = readings_of(line)
        more = [] if readings is None else refused_in_both(readings, lambda one: _refused(day, one))
        return Answer(taken=False, reasons=(*error.reasons, *more))
    if isinstance(request, PreviewRequest):
        command = guarded_for(day, request.command)
        return preview_answer(command, preview(day.manager, day.at, command))
    return answer_command(day, path, request)[0]


def _refused(day: CommandedDay, command: Command) -> tuple[str, ...]:
    return preview(day.manager, day.at, guarded_for(day, command)).reasons


def guarded_for(day: CommandedDay, command: Command) -> Command:
    """A command as the desk takes it: with the time filled in by which its contract must be sold before it expires."""
    return guarded(command, day.book, day.manager.limits.flat_before_expiry_minutes)


def answer_command(day: CommandedDay, path: Path, command: Command) -> tuple[Answer, list[TradeEvent]]:
    """What became of a command, and the events that it led to; none if it had come before."""
    command = guarded_for(day, command)
    first_seq = day.last_seq + 1
    events = day.command(command)
    return answer_of(command, events, first_seq, day.book, path), events
