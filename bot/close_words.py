"""What took a position out, as it follows "by"."""

from bot.card_text import safe_text
from options.terms import ExitKind

_WORDS = {
    ExitKind.TRAILING: "trailing stop",
    ExitKind.TIME: "its time",
    ExitKind.FLAT: "the clock",
    ExitKind.ADMIN: "hand",
}
"""What an exit is called where its own word does not follow "by"."""


def close_words(kind: str, limit: int) -> str:
    """A kind of exit in at most ``limit`` UTF-16 units: ``trailing stop``, a person's ``hand``; else its own word."""
    return safe_text(next((words for one, words in _WORDS.items() if one == kind), kind), limit)
