"""The names of trades, positions and orders, as people type them."""

import re

_NAME = re.compile(r"[tpo][0-9]+(-[0-9]+)?", re.IGNORECASE)


def typed_name(text: str) -> str:
    """A name in any case, with blanks around it: ``t3`` is ``T3``; what is no such name stays what it is."""
    name = text.strip()
    return name.upper() if _NAME.fullmatch(name) else text
