"""Where the commands of one server are made and joined: a tree, its buttons, and what they need."""

import discord
from discord import app_commands

from bot.discord.commands.acting import add_acting
from bot.discord.commands.card_buttons import CardButtons
from bot.discord.commands.confirming import Confirming
from bot.discord.commands.exits import add_exits
from bot.discord.commands.following import Following
from bot.discord.commands.looking import add_looking
from bot.discord.commands.reading import add_reading
from bot.discord.commands.room import Room
from bot.discord.commands.trading import add_trading
from bot.discord.commands.tree import CommandTree
from bot.discord.following.followers import Followers


class Control:
    """The commands beside a client; made once a client, before it connects."""

    def __init__(
        self, client: discord.Client, room: Room, ledger: str = "", followers: Followers | None = None
    ) -> None:
        self.room = room
        self.confirming = Confirming(room)
        CardButtons(room, self.confirming, ledger)
        self.tree = CommandTree(client, room)
        add_looking(self.tree, room)
        add_acting(self.tree, room, self.confirming)
        add_exits(self.tree, room, self.confirming)
        group = app_commands.Group(name="trade", description="A trade from draft to closed.")
        add_reading(self.tree, room, group)
        add_trading(self.tree, room, group, self.confirming)
        if followers is not None:
            Following(self.tree, room, followers, ledger)
        self.tree.close_doors()

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Somebody pressed a button or chose in a menu."""
        if interaction.type is discord.InteractionType.component:
            await self.room.buttons.pressed(interaction)

    async def register_again(self, guild_id: int, application_id: int) -> None:
        """The bot came into a server; if it is ours, its commands are told to Discord anew."""
        if guild_id == self.room.guild_id:
            self.tree.forget_registration(application_id)
            await self.tree.register(application_id)
