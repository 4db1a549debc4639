"""From Discord's thread to the trading thread and back: commands given, and looks at the state."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.answer_words import taken_words
from bot.card_text import safe_text
from bot.door.day_desk import SteeredDay, answer_command
from bot.door.handover import Handover
from bot.door.protocol import Answer
from bot.event_text import describe
from bot.refusal_text import reason_text
from options.commands import Command
from options.events import CommandRefused, CommandTaken, PositionMarked

_Found = TypeVar("_Found")
_TOLD_MAX = 8
_NAME_MAX = 36
_ABOUT_MAX = 60
_REASON_MAX = 300

Allowed = Callable[[SteeredDay], str]
"""Asked in the trading thread right before a command is given: why it may not be, or nothing."""


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a command: the door's answer, and what followed at once in plain words."""

    answer: Answer
    told: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """The answer for a person."""
        answer = self.answer
        # A trade's id is what was typed until a trade of that name was found.
        about = safe_text(f"{answer.verb} {answer.trade_id}", _ABOUT_MAX)
        before = ", as answered before" if answer.repeated else ""
        if not answer.taken:
            reasons = tuple(f"– {reason_text(reason, _REASON_MAX)}" for reason in answer.reasons)
            return (f"❌ **{about}**: refused{before}, nothing has changed.", *reasons)
        return (f"✅ **{about}**: taken{before}.{taken_words(answer)}", *self.told)


def who_asks(user_id: int, name: str) -> str:
    """A person as the ledger shows them, by name and by the id that stays when the name changes."""
    return f"{safe_text(name, _NAME_MAX)} ({user_id})"


def command_id_of(interaction_id: int) -> str:
    """The id of the command that a deed gives: however often it arrives, it is taken once."""
    return f"discord-{interaction_id}"


class DeskLink:
    """Asks and gives without ever waiting for a lock; errors are those of :class:`~bot.door.handover.Handover`."""

    def __init__(self, handover: Handover[SteeredDay], ledger: Path) -> None:
        self._handover = handover
        self._ledger = ledger

    async def ask(self, question: Callable[[SteeredDay], _Found]) -> _Found:
        """What the trading thread answers. The question must only look, and return what is its own.

        :raises DeskClosed: nobody trades. :raises DeskBusy: too much waits.
        """
        return await _awaited(self._handover.ask(question))

    async def give(self, command: Command, allowed: Allowed = lambda _: "") -> Given:
        """Give a command; it comes back when it is durable and its effects are out.

        :raises DeskClosed: nobody trades, and nothing was done. :raises DeskBusy: as :meth:`ask`.
        """

        def work(day: SteeredDay) -> Given:
            why_not = allowed(day)
            if why_not:
                trade_id = getattr(command, "trade_id", "")
                return Given(Answer(taken=False, verb=command.verb, trade_id=trade_id, reasons=(why_not,)))
            answer, events = answer_command(day, self._ledger, command)
            quiet = (CommandTaken, CommandRefused, PositionMarked)
            told = [describe(event) for event in events if not isinstance(event, quiet)]
            return Given(answer, tuple(f"– {line}" for line in told[:_TOLD_MAX]))

        return await _awaited(self._handover.ask(work))


async def _awaited(future: "Future[_Found]") -> _Found:
    return await asyncio.wrap_future(future)
