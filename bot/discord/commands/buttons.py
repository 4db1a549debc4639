"""Where a pressed button goes: by the kind in its ``custom_id``, whoever made it and whenever.

``cb:<kind>:<what>``, at most 100 characters: the kind names a handler that was added with :meth:`Buttons.add`, the rest
is the handler's own and says everything it needs. Nothing about a button is kept in memory, so one that an earlier
process posted works like any other. Kinds there are: ``confirm`` and ``dismiss`` with a token of
:mod:`bot.discord.commands.confirming`.
"""

from collections.abc import Awaitable, Callable, Mapping

import discord

PREFIX = "cb"
CUSTOM_ID_MAX = 100
Handler = Callable[[discord.Interaction, str], Awaitable[None]]


def custom_id(kind: str, what: str) -> str:
    """The id of a button of a kind."""
    made = f"{PREFIX}:{kind}:{what}"
    assert len(made) <= CUSTOM_ID_MAX, f"{made!r} is too long for a button's id"
    return made


class Buttons:
    """Handlers by the kind of button."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def add(self, kind: str, handler: Handler) -> None:
        """From now on presses of this kind go there, with what stands behind the kind."""
        assert kind not in self._handlers, f"two handlers for buttons of kind {kind}"
        self._handlers[kind] = handler

    async def pressed(self, interaction: discord.Interaction) -> bool:
        """Hand a press to its handler; false if it is none of ours."""
        data: Mapping[str, object] = interaction.data or {}
        found = str(data.get("custom_id", ""))
        prefix, _, rest = found.partition(":")
        kind, _, what = rest.partition(":")
        handler = self._handlers.get(kind)
        if prefix != PREFIX or handler is None:
            return False
        await handler(interaction, what)
        return True
