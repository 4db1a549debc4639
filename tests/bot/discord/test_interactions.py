"""Slash commands, completions, buttons and forms end to end, with the real discord.py as the bot."""

from collections.abc import AsyncIterator

import discord
import pytest
from discord import app_commands

from bot.discord.loopback.cast import (
    ADMIN_ID,
    DESK_CHANNEL_ID,
    GUILD_ID,
    POSITIONS_CHANNEL_ID,
    TALK_CHANNEL_ID,
    VIEWER_ID,
)
from bot.discord.loopback.command_call import CallRefused
from bot.discord.loopback.server import LoopbackDiscord
from tests.bot.discord.conftest import plain_client, signed_in
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.patience import PATIENCE_S


class Reason(discord.ui.Modal, title="Why"):
    """A form with one text."""

    reason: discord.ui.TextInput["Reason"] = discord.ui.TextInput(label="Reason", custom_id="reason")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Say the reason back, to the person alone."""
        await interaction.response.send_message(f"because {self.reason.value}", ephemeral=True)


class Buttons(discord.ui.View):
    """The buttons of an admin card."""

    @discord.ui.button(label="Trim ½", custom_id="trim")
    async def trim(self, interaction: discord.Interaction, button: discord.ui.Button["Buttons"]) -> None:
        """Change the card."""
        await interaction.response.edit_message(content="trimmed", view=self)

    @discord.ui.button(label="Why", custom_id="why")
    async def why(self, interaction: discord.Interaction, button: discord.ui.Button["Buttons"]) -> None:
        """Ask with a form."""
        await interaction.response.send_modal(Reason())

    @discord.ui.button(label="Later", custom_id="later")
    async def later(self, interaction: discord.Interaction, button: discord.ui.Button["Buttons"]) -> None:
        """Defer the change of the card."""
        await interaction.response.defer()
        await interaction.edit_original_response(content="later")


@pytest.fixture
async def bot(server: LoopbackDiscord, clock: ShiftedClock) -> AsyncIterator[discord.Client]:
    """A bot with commands, synced to the guild."""
    client = plain_client()
    tree = app_commands.CommandTree(client)
    guild = discord.Object(GUILD_ID)
    trade = app_commands.Group(name="trade", description="Trades.")

    @tree.command(name="trim", description="Trim a position.", guild=guild)
    @app_commands.describe(trade="The position.", quantity="How many contracts.")
    async def trim(
        interaction: discord.Interaction, trade: str, quantity: app_commands.Range[int, 1, 50] = 1
    ) -> None:
        await interaction.response.send_message(f"trim {quantity} of {trade}", ephemeral=True)

    @trim.autocomplete("trade")
    async def trades(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = ["GOOG-1", "TWX-2"]
        return [app_commands.Choice(name=n, value=n) for n in names if current.lower() in n.lower()]

    @tree.command(name="report", description="A long one.", guild=guild)
    @app_commands.default_permissions(manage_guild=True)
    async def report(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content="the report")
        await interaction.followup.send("its second page", ephemeral=True)

    @tree.command(name="buttons", description="Buttons.", guild=guild)
    async def buttons(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("card", view=Buttons(timeout=None))

    @trade.command(name="show", description="Show a trade.")
    async def show(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"trades of {user.mention}")

    tree.add_command(trade, guild=guild)
    async with signed_in(server, client) as ready:
        await tree.sync(guild=guild)
        yield ready


async def test_command_is_answered_to_the_person_alone(server: LoopbackDiscord, bot: discord.Client) -> None:
    """An ephemeral answer is seen by who asked, and by nobody else."""
    done = await server.command(ADMIN_ID, POSITIONS_CHANNEL_ID, "trim", {"trade": "GOOG-1", "quantity": 2})
    assert [m.content for m in done.messages] == ["trim 2 of GOOG-1"]
    assert done.messages[0].seen_only_by == ADMIN_ID
    assert server.messages(POSITIONS_CHANNEL_ID) == []


async def test_subcommand_with_a_member(server: LoopbackDiscord, bot: discord.Client) -> None:
    """A subcommand gets a member by id, resolved."""
    done = await server.command(ADMIN_ID, TALK_CHANNEL_ID, "trade show", {"user": VIEWER_ID})
    assert done.messages[0].content == f"trades of <@{VIEWER_ID}>"
    assert done.name == "trade show"


async def test_deferred_answer_and_its_follow_up(server: LoopbackDiscord, bot: discord.Client) -> None:
    """A deferred answer takes the place of the loading message; a follow-up comes behind it."""
    done = await server.command(ADMIN_ID, DESK_CHANNEL_ID, "report")
    await server.until(lambda: len(done.messages) == 2)
    assert [m.content for m in done.messages] == ["the report", "its second page"]
    assert all(m.seen_only_by == ADMIN_ID for m in done.messages)


async def test_completion(server: LoopbackDiscord, bot: discord.Client) -> None:
    """What is typed is completed by the bot."""
    asked = server.people.autocomplete(ADMIN_ID, POSITIONS_CHANNEL_ID, "trim", {"trade": "goo"}, "trade")
    await server.answered(asked)
    assert [choice["value"] for choice in asked.choices] == ["GOOG-1"]


async def test_buttons_and_form(server: LoopbackDiscord, bot: discord.Client) -> None:
    """A button changes its message, at once or later; another opens a form whose text comes back."""
    card = (await server.command(ADMIN_ID, TALK_CHANNEL_ID, "buttons")).messages[0]
    await server.press(ADMIN_ID, card, "trim")
    assert card.content == "trimmed"
    await server.press(ADMIN_ID, card, "later")
    await server.until(lambda: card.content == "later")
    asked = await server.press(ADMIN_ID, card, "why")
    assert asked.modal is not None
    sent = await server.answered(server.people.submit(asked, {"reason": "it fell"}))
    assert sent.messages[0].content == "because it fell"
    with pytest.raises(LookupError):
        await server.press(ADMIN_ID, card, "no such button")


async def test_command_is_hidden_from_who_may_not(server: LoopbackDiscord, bot: discord.Client) -> None:
    """A command with required permissions is not shown to who lacks them; wrong options are not sent."""
    assert "report" not in {c["name"] for c in server.commands.usable(GUILD_ID, VIEWER_ID)}
    with pytest.raises(LookupError):
        await server.command(VIEWER_ID, TALK_CHANNEL_ID, "report")
    for options in ({}, {"trade": "x", "quantity": 51}, {"trade": "x", "size": 1}):
        with pytest.raises(CallRefused):
            await server.command(VIEWER_ID, TALK_CHANNEL_ID, "trim", options)


class Held(discord.Client):
    """A client that keeps what people do, to be answered by the test."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), guild_ready_timeout=0.05)
        self.held: list[discord.Interaction] = []

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Keep it."""
        self.held.append(interaction)
        self.dispatch("held", interaction)


async def _held(server: LoopbackDiscord, client: Held) -> discord.Interaction:
    """A button press that waits for its answer."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Go", custom_id="go"))
    sent = await client.get_partial_messageable(TALK_CHANNEL_ID).send("card", view=view)
    arrived = client.loop.create_task(client.wait_for("held", timeout=PATIENCE_S))
    server.people.press(VIEWER_ID, server.world.message(TALK_CHANNEL_ID, sent.id), "go")
    found: discord.Interaction = await arrived
    return found


async def test_late_answer(server: LoopbackDiscord, clock: ShiftedClock) -> None:
    """An answer after three seconds is refused with 10062."""
    async with signed_in(server, client := Held()):
        interaction = await _held(server, client)
        clock.advance(3.1)
        with pytest.raises(discord.NotFound) as late:
            await interaction.response.send_message("late")
    assert late.value.code == 10062


async def test_second_acknowledgement(server: LoopbackDiscord) -> None:
    """A second first answer is refused with 40060, and nothing is posted by it."""
    async with signed_in(server, client := Held()):
        interaction = await _held(server, client)
        await interaction.response.send_message("first")
        interaction.response._response_type = None
        with pytest.raises(discord.HTTPException) as twice:
            await interaction.response.send_message("second")
    assert twice.value.code == 40060
    assert [m.content for m in server.messages(TALK_CHANNEL_ID)] == ["card", "first"]


async def test_token_ends_after_fifteen_minutes(server: LoopbackDiscord, clock: ShiftedClock) -> None:
    """Follow-ups work for 15 minutes, then the webhook token is dead: 401 and 50027."""
    async with signed_in(server, client := Held()):
        interaction = await _held(server, client)
        await interaction.response.defer()
        clock.advance(14 * 60)
        await interaction.followup.send("in time")
        clock.advance(61)
        with pytest.raises(discord.HTTPException) as dead:
            await interaction.followup.send("late")
    assert (dead.value.status, dead.value.code) == (401, 50027)


async def test_sync_keeps_ids(server: LoopbackDiscord, bot: discord.Client) -> None:
    """A second sync of the same commands keeps their ids; one that is left out is gone."""
    before = {c["name"]: c["id"] for c in server.commands.all(GUILD_ID)}
    assert set(before) == {"trim", "report", "buttons", "trade"}
    forms = [
        {k: c[k] for k in ("name", "description", "type", "options")} for c in server.commands.all(GUILD_ID)
    ]
    kept = server.commands.replace_all(GUILD_ID, forms[:3])
    assert {c["name"]: c["id"] for c in kept}.items() <= before.items()
    assert len(server.commands.all(GUILD_ID)) == 3
