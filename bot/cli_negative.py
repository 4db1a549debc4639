"""Numbers below zero on the command line, where a value is meant: ``trim T1 -1`` is answered as a quantity.

The parser takes whatever begins with a dash for an option. What reads as a number, or as the first leg of a combo
(``-1 GOOG ...``), is none: it goes to the command, which says what it thinks of it. A word that begins like an
option stays one.
"""

import re
from collections.abc import Collection

import typer
from typer.core import TyperCommand, TyperOption

_BELOW_ZERO = re.compile(r"-[0-9.$@½¼¾]|-[^- ][^ ]* ")
_NO_MORE_OPTIONS = "--"


class TakesNegatives(TyperCommand):
    """A command whose arguments may begin with a minus."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override] # never another
        """Parse as any command does, numbers below zero among the values."""
        options = [one for one in self.get_params(ctx) if isinstance(one, TyperOption)]
        known = {name for one in options for name in (*one.opts, *one.secondary_opts)}
        valued = {name for one in options if not one.is_flag for name in one.opts}
        found: list[str] = super().parse_args(ctx, values_last(args, known, valued))
        return found


def values_last(args: list[str], known: Collection[str], valued: Collection[str]) -> list[str]:
    """The same words with the options first, where a number below zero stands among the values; else as they are.

    ``known`` are the names of all options, ``valued`` those that are followed by a value.
    """
    options: list[str] = []
    values: list[str] = []
    left = list(args)
    while left:
        word = left.pop(0)
        if word == _NO_MORE_OPTIONS:
            values += left
            break
        if word.startswith("-") and (word in known or not _BELOW_ZERO.match(word)):
            options.append(word)
            if word in valued and left:
                options.append(left.pop(0))
        else:
            values.append(word)
    if not any(word.startswith("-") for word in values):
        return args
    return [*options, _NO_MORE_OPTIONS, *values]
