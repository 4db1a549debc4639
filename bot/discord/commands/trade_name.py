"""The option of a command that names a trade or an order, in whatever case it is typed."""

import discord
from discord import app_commands

from bot.typed_name import typed_name

NAME_CHARACTERS = 80


class TypedName(app_commands.Transformer):
    """Makes ``T3`` of ``t3``; what is no name is left to who looks for it."""

    @property
    def min_value(self) -> int:
        """The fewest characters that Discord takes."""
        return 1

    @property
    def max_value(self) -> int:
        """The most characters that Discord takes."""
        return NAME_CHARACTERS

    async def transform(self, interaction: discord.Interaction, value: str, /) -> str:
        """What was typed, as the desk knows it."""
        del interaction
        return typed_name(value)


TradeName = app_commands.Transform[str, TypedName]
