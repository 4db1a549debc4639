"""The words of one command as they are read: what cannot be right is gathered, and said all at once."""

from collections.abc import Callable
from typing import TypeVar

from bot.cli_ask import refuse
from bot.word_fault import WordFault

Value = TypeVar("Value")


class Words:
    """Reads what was typed, and remembers what could not be read under the name of its place."""

    def __init__(self) -> None:
        self._faults: list[str] = []

    def read(self, name: str, text: str | None, reader: Callable[[str], Value]) -> Value | None:
        """What a word means; ``None`` where it was not typed, or cannot be read: then :meth:`end` ends the command."""
        if text is None:
            return None
        try:
            return reader(text)
        except WordFault as fault:
            self._faults.append(f"{name}: {fault}")
            return None

    def end(self) -> None:
        """Say everything that could not be read and end the command with 2; nothing if all could."""
        refuse(self._faults)
