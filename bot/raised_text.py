"""An error that nobody expected, on one line that can be shown and written down."""

from pathlib import Path
from traceback import TracebackException

from options.shown_text import REASON_CHARACTERS, printable

_SAID_CHARACTERS = 200


def raised_text(error: BaseException) -> str:
    """What was raised, what it said, and in which line, on one printable line."""
    told = TracebackException.from_exception(error)
    said = " ".join("".join(told.format_exception_only()).split())
    where = told.stack[-1]
    return printable(
        f"{said[:_SAID_CHARACTERS]} ({Path(where.filename).name}, line {where.lineno})", REASON_CHARACTERS
    )
