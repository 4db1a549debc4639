"""Text that somebody typed: what of it may be shown and written down, and what is wrong with it."""

REASON_CHARACTERS = 300
WORD_CHARACTERS = 40


def printable(text: str, characters: int) -> str:
    """What may be shown and written down of a text that nobody has checked."""
    shown = text[:characters]
    return shown if shown.isprintable() else "".join(one if one.isprintable() else "?" for one in shown)


def text_faults(name: str, text: str, characters: int) -> list[str]:
    """What is wrong with a text that a person gives: it must say something, in one line that can be printed."""
    if not text.strip():
        return [f"{name} is empty"]
    if len(text) > characters or not text.isprintable():
        return [f"{name} must be one line of at most {characters} printable characters"]
    return []
