"""The real discord.py signs in to the loopback Discord and sees what is there."""

import asyncio

import discord
import pytest

from bot.discord.loopback.announcements import Intent
from bot.discord.loopback.cast import ADMIN_ID, BOT_ID, DESK_CHANNEL_ID, GUILD_ID, POSITIONS_CHANNEL_ID
from bot.discord.loopback.pointing import point_discord_py_at
from bot.discord.loopback.server import LoopbackDiscord
from tests.bot.discord.conftest import plain_client, signed_in, until_ready


async def test_client_becomes_ready(server: LoopbackDiscord, client: discord.Client) -> None:
    """A client gets READY and its guild with channels, roles and members."""
    assert client.user is not None
    assert client.user.id == BOT_ID
    guild = client.get_guild(GUILD_ID)
    assert guild is not None
    assert guild.owner_id == ADMIN_ID
    assert {channel.id for channel in guild.text_channels} >= {POSITIONS_CHANNEL_ID, DESK_CHANNEL_ID}
    assert len(guild.members) == 6
    assert server.gateway.happened["identify"] == 1


async def test_what_rest_tells_is_what_is_there(client: discord.Client) -> None:
    """Guild, channel, member, role and application come by REST as they are."""
    guild = await client.fetch_guild(GUILD_ID)
    assert guild.name == "Options Desk"
    channel = await client.fetch_channel(POSITIONS_CHANNEL_ID)
    assert isinstance(channel, discord.TextChannel)
    assert channel.name == "positions"
    member = await guild.fetch_member(ADMIN_ID)
    assert [role.id for role in member.roles[1:]] == [role.id for role in (await guild.fetch_roles())[4:5]]
    assert (await client.application_info()).id == BOT_ID
    assert (await client.fetch_user(ADMIN_ID)).global_name == "Ada"


async def test_wrong_token_is_refused(server: LoopbackDiscord) -> None:
    """A wrong token is told so at login, before the gateway is asked."""
    with pytest.raises(discord.LoginFailure):
        async with signed_in(server, plain_client(), "wrong"):
            pytest.fail("a wrong token signed in")
    assert server.gateway.happened["identify"] == 0


async def test_intents_that_are_not_allowed_are_refused(server: LoopbackDiscord) -> None:
    """A privileged intent that the application does not have closes the gateway with 4014."""
    server.gateway.privileged_intents = Intent(0)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with signed_in(server, plain_client()):
            pytest.fail("an intent that is not allowed was served")


async def test_revoked_token_ends_the_client(server: LoopbackDiscord) -> None:
    """A revoked token closes the gateway with 4004, and REST answers 401."""
    client = plain_client()
    point_discord_py_at(server.api_base, server.gateway_url)
    running = asyncio.create_task(client.start(server.token))
    await until_ready(client, running)
    server.faults.token_revoked = True
    with pytest.raises(discord.HTTPException) as refused:
        await client.get_partial_messageable(POSITIONS_CHANNEL_ID).send("no more")
    assert refused.value.status == 401
    await server.moderator.revoke_token()
    with pytest.raises(discord.ConnectionClosed) as closed:
        await running
    assert closed.value.code == 4004
