"""The page in a real browser: what the community would see, and what a person can do there."""

from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
from discord import app_commands
from playwright.async_api import Page, async_playwright, expect

from bot.discord.loopback.cast import (
    ADMIN_ID,
    DESK_CHANNEL_ID,
    GUILD_ID,
    POSITIONS_CHANNEL_ID,
    TALK_CHANNEL_ID,
    VIEWER_ID,
)
from bot.discord.loopback.permissions import WRITER
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.loopback.world import Channel, ChannelKind, Guild, Member, Role
from tests.bot.discord.conftest import plain_client, signed_in
from tests.chromium import CHROMIUM, FLAGS, NONE_FOUND


class Why(discord.ui.Modal, title="Close it?"):
    """A form with one text."""

    reason: discord.ui.TextInput["Why"] = discord.ui.TextInput(label="Reason", custom_id="reason")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Say it back, to the person alone."""
        await interaction.response.send_message(f"closed: {self.reason.value}", ephemeral=True)


class Card(discord.ui.View):
    """The buttons of a card."""

    @discord.ui.button(label="Trim ½", custom_id="trim")
    async def trim(self, interaction: discord.Interaction, button: discord.ui.Button["Card"]) -> None:
        """Change the card."""
        await interaction.response.edit_message(embed=discord.Embed(title="1 of 2 left", colour=0x2ECC71))

    @discord.ui.button(label="Close", custom_id="close", style=discord.ButtonStyle.danger)
    async def close(self, interaction: discord.Interaction, button: discord.ui.Button["Card"]) -> None:
        """Ask why."""
        await interaction.response.send_modal(Why())


@pytest.fixture
async def bot(server: LoopbackDiscord) -> AsyncIterator[discord.Client]:
    """A bot with one command that completes its option."""
    client = plain_client()
    tree = app_commands.CommandTree(client)

    @tree.command(name="why", description="Explain.", guild=discord.Object(GUILD_ID))
    async def why(interaction: discord.Interaction, trade: str) -> None:
        await interaction.response.send_message(f"because of {trade}", ephemeral=True)

    @why.autocomplete("trade")
    async def trades(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = {"GOOG 180 call": "goog-1", "TWX 90 put": "twx-1"}
        return [
            app_commands.Choice(name=n, value=v) for n, v in names.items() if current.lower() in n.lower()
        ]

    async with signed_in(server, client) as ready:
        await tree.sync(guild=discord.Object(GUILD_ID))
        yield ready


@pytest.fixture
async def page(server: LoopbackDiscord) -> AsyncIterator[Page]:
    """The page as the viewer sees it; anything that the browser complains of fails the test."""
    if CHROMIUM is None:
        pytest.skip(NONE_FOUND)
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = await browser.new_page()
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await opened.goto(server.page_url)
        yield opened
        await browser.close()
    assert complaints == []


async def test_card_lives_on_the_page(server: LoopbackDiscord, bot: discord.Client, page: Page) -> None:
    """A card appears, its button changes it, a form is answered to the admin alone, and a deleted card is gone."""
    embed = discord.Embed(title="GOOG 180 call", description="**2** open", colour=0x2ECC71)
    embed.add_field(name="Entry", value="4.20")
    sent = await bot.get_partial_messageable(POSITIONS_CHANNEL_ID).send(embed=embed, view=Card(timeout=None))
    card = page.locator(f'[data-message-id="{sent.id}"]')
    await expect(card.locator(".embed-title")).to_have_text("GOOG 180 call")
    await expect(card.locator(".field")).to_contain_text("4.20")
    await page.get_by_label("Act as Ada").click()
    await card.get_by_role("button", name="Trim ½").click()
    await expect(card.locator(".embed-title")).to_have_text("1 of 2 left")
    await expect(card).to_contain_text("(edited)")
    await card.get_by_role("button", name="Close").click()
    await page.get_by_role("dialog").get_by_label("Reason").fill("news")
    await page.get_by_role("button", name="Submit").click()
    answer = page.locator(".ephemeral")
    await expect(answer).to_contain_text("closed: news")
    await page.get_by_label("Act as Vera").click()
    await expect(card.locator(".embed")).to_be_visible()
    await expect(answer).to_have_count(0)
    server.moderator.delete_message(POSITIONS_CHANNEL_ID, sent.id)
    await expect(card).to_have_count(0)


async def test_command_with_completion(server: LoopbackDiscord, bot: discord.Client, page: Page) -> None:
    """A slash command is found, its option completed by the bot, and the answer shown."""
    await page.get_by_label("Act as Ada").click()
    await page.locator("#text").fill("/wh")
    await page.get_by_role("option", name="/why").click()
    await page.get_by_label("trade").fill("twx")
    await page.get_by_role("option", name="TWX 90 put").click()
    await page.get_by_label("Send command").click()
    await expect(page.locator(".ephemeral")).to_contain_text("because of twx-1")
    await expect(page.locator(".above")).to_contain_text("Ada used /why")


async def test_text_never_becomes_markup(server: LoopbackDiscord, bot: discord.Client, page: Page) -> None:
    """What people and signals write is shown as they wrote it; markdown is shown as Discord shows it."""
    nasty = '<img src=x onerror="alert(1)"> **bold** `code` [go](javascript:alert(1)) <t:0:R>\n> quoted'
    server.moderator.say(ADMIN_ID, TALK_CHANNEL_ID, nasty)
    await page.get_by_role("button", name="talk").click()
    text = page.locator(".message .markdown")
    await expect(text).to_contain_text('<img src=x onerror="alert(1)">')
    await expect(text.locator("strong")).to_have_text("bold")
    await expect(text.locator("code")).to_have_text("code")
    await expect(text.locator("blockquote")).to_have_text("quoted")
    await expect(text.locator("time")).to_contain_text("years ago")
    await expect(text.locator("img, a")).to_have_count(0)


async def test_hidden_channel_is_hidden(server: LoopbackDiscord, bot: discord.Client, page: Page) -> None:
    """The desk is shown to admins and not to viewers; a viewer's stream does not carry its messages."""
    desk = page.locator(f'[data-channel-id="{DESK_CHANNEL_ID}"]')
    await expect(page.locator(f'[data-channel-id="{TALK_CHANNEL_ID}"]')).to_be_visible()
    await expect(desk).to_have_count(0)
    await page.get_by_label("Act as Ada").click()
    await expect(desk).to_be_visible()


async def test_strangers_page_may_not_act(server: LoopbackDiscord) -> None:
    """A page of another site, or a form without Discord's own page behind it, can neither read nor act."""
    form = {"as": str(VIEWER_ID), "channel": str(TALK_CHANNEL_ID), "text": "not me"}
    act = f"{server.page_url}page/act/say"
    async with aiohttp.ClientSession() as session:
        async with session.post(act, json=form, headers={"Origin": "https://evil.example"}) as answer:
            assert answer.status == 403
        async with session.post(act, json=form, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        async with session.post(act, data=form) as answer:
            assert answer.status == 403
        stream = f"{server.page_url}page/stream?as={VIEWER_ID}"
        async with session.get(stream, headers={"Origin": "https://evil.example"}) as answer:
            assert answer.status == 404
        async with session.post(act, json=form) as answer:
            assert answer.status == 200
        readonly = form | {"channel": str(POSITIONS_CHANNEL_ID)}
        async with session.post(act, json=readonly) as answer:
            assert answer.status == 400
    assert [m.content for m in server.messages(TALK_CHANNEL_ID)] == ["not me"]


async def test_guilds_are_kept_apart(server: LoopbackDiscord, bot: discord.Client, page: Page) -> None:
    """A person in two guilds sees the channels of the one that is open, and changes by its sign."""
    member = server.world.guilds[GUILD_ID].members[VIEWER_ID]
    second = Guild(GUILD_ID + 50_000, "Night Desk", owner_id=ADMIN_ID)
    second.roles[second.id] = Role(second.id, "@everyone", int(WRITER))
    for user_id in (VIEWER_ID, server.world.bot_id):
        second.members[user_id] = Member(user_id, [], member.joined)
    server.world.guilds[second.id] = second
    server.world.channels[second.id + 1] = Channel(
        second.id + 1, ChannelKind.TEXT, "night", guild_id=second.id
    )
    await page.reload()
    await expect(page.get_by_role("button", name="night", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="Night Desk").click()
    await expect(page.get_by_role("button", name="night", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="talk")).to_have_count(0)


async def test_card_can_be_read_wide_and_narrow(
    server: LoopbackDiscord, bot: discord.Client, page: Page
) -> None:
    """Three fields share a row where there is room and have one each on a phone; signs are drawn and stay text."""
    embed = discord.Embed(title="GOOG 180 call")
    for name, value in (("P&L", "−$1,413.00 · −17.2%"), ("Entry", "2.40 × 10"), ("Exit", "2.00")):
        embed.add_field(name=name, value=value)
    await bot.get_partial_messageable(POSITIONS_CHANNEL_ID).send("✅ taken", embed=embed)
    fields = page.locator(".field")
    await expect(fields).to_have_count(3)
    for width, rows in ((1280, 1), (400, 3)):
        await page.set_viewport_size({"width": width, "height": 800})
        boxes = [box for field in await fields.all() if (box := await field.bounding_box()) is not None]
        assert len({box["y"] for box in boxes}) == rows
        assert all(box["width"] > 120 for box in boxes), boxes
    line = page.locator(".message .markdown").first
    await expect(line.get_by_role("img", name="check mark")).to_be_visible()
    await expect(line).to_have_text("✅ taken")
