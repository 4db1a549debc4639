"""Messages, files and threads through the real discord.py."""

import asyncio
import io
import zlib
from struct import pack
from typing import Any

import discord
import pytest

from bot.discord.loopback.cast import (
    ADMIN_ID,
    BOT_ID,
    FOLLOWER_ROLE_ID,
    POSITIONS_CHANNEL_ID,
    TALK_CHANNEL_ID,
    VIEWER_ID,
)
from bot.discord.loopback.permissions import Permission
from bot.discord.loopback.server import LoopbackDiscord
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.patience import PATIENCE_S


def picture() -> bytes:
    """A PNG of 3 by 2 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    header = pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00\x10\x20\x30" * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def positions(client: discord.Client) -> discord.TextChannel:
    """The channel of positions."""
    channel = client.get_channel(POSITIONS_CHANNEL_ID)
    assert isinstance(channel, discord.TextChannel)
    return channel


def card() -> discord.Embed:
    """An embed with every part that a card has."""
    embed = discord.Embed(title="GOOG 180 call", description="**2** open", colour=0x2ECC71)
    embed.add_field(name="entry", value="4.20", inline=True)
    embed.set_footer(text="trade 7")
    embed.set_author(name="follow_signal")
    embed.timestamp = discord.utils.utcnow()
    return embed


async def test_message_lives(server: LoopbackDiscord, client: discord.Client) -> None:
    """A message is sent, read, edited and deleted, and the client hears of all of it."""
    channel = positions(client)
    sent = await channel.send("open", embed=card(), view=discord.ui.View(timeout=None))
    await server.until(lambda: len(server.messages(channel.id)) == 1)
    assert (await channel.fetch_message(sent.id)).embeds[0].fields[0].value == "4.20"
    await sent.edit(content="trimmed", embed=card())
    assert [m.content async for m in channel.history()] == ["trimmed"]
    assert server.messages(channel.id)[0].edited is not None
    await sent.delete()
    with pytest.raises(discord.NotFound) as gone:
        await channel.fetch_message(sent.id)
    assert gone.value.code == 10008
    assert server.messages(channel.id) == []


async def test_picture_is_attached_embedded_and_replaced(
    server: LoopbackDiscord, client: discord.Client
) -> None:
    """A picture that an embed shows is served by the CDN, and an edit replaces it."""
    channel = positions(client)
    embed = card().set_image(url="attachment://mark.png")
    sent = await channel.send(embed=embed, file=discord.File(io.BytesIO(picture()), "mark.png"))
    assert sent.embeds[0].image.width == 3
    assert sent.embeds[0].image.url is not None
    assert await client.http.get_from_cdn(sent.embeds[0].image.url) == picture()
    again = card().set_image(url="attachment://later.png")
    edited = await sent.edit(embed=again, attachments=[discord.File(io.BytesIO(picture()), "later.png")])
    assert [a.filename for a in server.messages(channel.id)[0].attachments] == ["later.png"]
    assert edited.embeds[0].image.url != sent.embeds[0].image.url


async def test_thread_of_a_message(server: LoopbackDiscord, client: discord.Client) -> None:
    """A thread from a message takes posts, has the message's id, and comes only once."""
    sent = await positions(client).send("open")
    thread = await sent.create_thread(name="GOOG 180 call")
    assert thread.id == sent.id
    await thread.send("trimmed a half")
    assert [m.content for m in server.messages(thread.id)] == ["trimmed a half"]
    with pytest.raises(discord.HTTPException) as twice:
        await sent.create_thread(name="again")
    assert twice.value.code == 160004
    alone = await positions(client).create_thread(name="day", type=discord.ChannelType.public_thread)
    await alone.join()
    await alone.leave()


async def test_archived_thread(server: LoopbackDiscord, client: discord.Client) -> None:
    """An archived thread is opened by a post; no message in it can be edited; a locked one refuses."""
    sent = await positions(client).send("open")
    thread = await sent.create_thread(name="t")
    news = await thread.send("news")
    server.moderator.archive(thread.id)
    with pytest.raises(discord.HTTPException) as closed:
        await news.edit(content="other news")
    assert closed.value.code == 50083
    await thread.send("more")
    assert not server.world.channel(thread.id).archived
    server.moderator.archive(thread.id, locked=True)
    with pytest.raises(discord.HTTPException) as locked:
        await thread.send("never")
    assert locked.value.code == 50083


async def test_same_nonce_is_one_message(
    server: LoopbackDiscord, client: discord.Client, clock: ShiftedClock
) -> None:
    """A nonce names one message for some minutes; after that it is forgotten."""
    channel = positions(client)
    first = await channel.send("once", nonce="trade-7")
    assert (await channel.send("once", nonce="trade-7")).id == first.id
    assert len(server.messages(channel.id)) == 1
    clock.advance(301)
    assert (await channel.send("once", nonce="trade-7")).id != first.id


async def test_nonce_of_a_deleted_message(server: LoopbackDiscord, client: discord.Client) -> None:
    """The nonce of a message just deleted is answered with 404, as Discord does."""
    channel = positions(client)
    first = await channel.send("once", nonce="trade-7")
    server.moderator.delete_message(channel.id, first.id)
    with pytest.raises(discord.NotFound):
        await channel.send("once", nonce="trade-7")


TOO_MUCH = [
    ({"content": "x" * 2001}, ["content"]),
    ({"embed": discord.Embed(title="x" * 257)}, ["embeds", "0", "title"]),
    ({"embed": discord.Embed(description="x" * 4097)}, ["embeds", "0", "description"]),
    ({"embed": discord.Embed().add_field(name=" ", value="x")}, ["embeds", "0", "fields", "0", "name"]),
    ({"embed": discord.Embed(title="x").set_image(url="javascript:1")}, ["embeds", "0", "image", "url"]),
    ({"embeds": [discord.Embed(description="x" * 3001)] * 2}, ["embeds"]),
]


@pytest.mark.parametrize(("form", "path"), TOO_MUCH, ids=lambda v: ".".join(v) if isinstance(v, list) else "")
async def test_form_over_the_limits(client: discord.Client, form: dict[str, Any], path: list[str]) -> None:
    """What is over a limit is refused with 50035 that names the place, and nothing is posted."""
    with pytest.raises(discord.HTTPException) as refused:
        await positions(client).send(**form)
    assert refused.value.code == 50035
    assert ".".join(path) in refused.value.text.replace("In ", "")


async def test_empty_message_is_refused(client: discord.Client) -> None:
    """White space alone is no message."""
    with pytest.raises(discord.HTTPException) as refused:
        await positions(client).send("  \n ")
    assert refused.value.code == 50006


async def test_mentions_resolve_only_as_allowed(server: LoopbackDiscord, client: discord.Client) -> None:
    """Only allowed mentions resolve on a post; an edit that does not say so resolves them all again."""
    channel = positions(client)
    text = f"<@{VIEWER_ID}> <@&{FOLLOWER_ROLE_ID}> @everyone"
    only_role = discord.AllowedMentions(everyone=False, users=False, roles=[discord.Object(FOLLOWER_ROLE_ID)])
    sent = await channel.send(text, allowed_mentions=only_role)
    message = server.messages(channel.id)[0]
    assert (message.mentions.users, message.mentions.roles) == ([], [FOLLOWER_ROLE_ID])
    assert not message.mentions.everyone
    assert server.board.notified == [message]
    await sent.edit(content=text)
    assert (message.mentions.users, message.mentions.everyone) == ([VIEWER_ID], True)
    await sent.edit(content=text, allowed_mentions=discord.AllowedMentions.none())
    assert (message.mentions.users, message.mentions.roles) == ([], [])
    quiet = await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    assert quiet.mentions == []
    assert len(server.board.notified) == 1


async def test_direct_messages(server: LoopbackDiscord, client: discord.Client) -> None:
    """A member gets a direct message, unless that member takes none."""
    viewer = await client.fetch_user(VIEWER_ID)
    await viewer.send("you follow GOOG")
    assert [m.content for m in server.messages(server.world.direct_channel(VIEWER_ID).id)] == [
        "you follow GOOG"
    ]
    server.world.users[ADMIN_ID].takes_direct_messages = False
    with pytest.raises(discord.Forbidden) as refused:
        await (await client.fetch_user(ADMIN_ID)).send("no")
    assert refused.value.code == 50007


async def test_people_are_heard(server: LoopbackDiscord, client: discord.Client) -> None:
    """What a person writes, deletes and is answered with reaches the client."""
    heard = asyncio.create_task(client.wait_for("message", timeout=PATIENCE_S))
    await asyncio.sleep(0)
    said = server.moderator.say(VIEWER_ID, TALK_CHANNEL_ID, "hello")
    message = await heard
    assert (message.content, message.author.id) == ("hello", VIEWER_ID)
    await message.reply("hello back", mention_author=False)
    await message.add_reaction("👍")
    assert said.reactions == {"👍": [BOT_ID]}
    await message.remove_reaction("👍", discord.Object(BOT_ID))
    gone = asyncio.create_task(client.wait_for("raw_message_delete", timeout=PATIENCE_S))
    await asyncio.sleep(0)
    server.moderator.delete_message(TALK_CHANNEL_ID, said.id)
    assert (await gone).message_id == said.id


async def test_lost_permission_and_deleted_channel(server: LoopbackDiscord, client: discord.Client) -> None:
    """Without a permission a post is 403 and 50013, unseen 50001; without the channel 404 and 10003."""
    channel = client.get_partial_messageable(POSITIONS_CHANNEL_ID)
    server.moderator.forbid(POSITIONS_CHANNEL_ID, Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden) as forbidden:
        await channel.send("no")
    server.moderator.forbid(POSITIONS_CHANNEL_ID, Permission.VIEW_CHANNEL)
    with pytest.raises(discord.Forbidden) as unseen:
        await channel.send("no")
    server.moderator.delete_channel(POSITIONS_CHANNEL_ID)
    with pytest.raises(discord.NotFound) as gone:
        await channel.send("no")
    assert [forbidden.value.code, unseen.value.code, gone.value.code] == [50013, 50001, 10003]
    assert server.faults.happened["permission lost"] == 2


async def test_replaced_picture_is_gone(server: LoopbackDiscord, client: discord.Client) -> None:
    """A picture that an edit replaced is no longer served, so that a day of charts does not fill the memory."""
    channel = client.get_partial_messageable(POSITIONS_CHANNEL_ID)
    sent = await channel.send("chart", file=discord.File(io.BytesIO(b"one"), "chart.png"))
    await sent.edit(attachments=[discord.File(io.BytesIO(b"two"), "chart.png")])
    assert [file.content for file in server.world.files.values()] == [b"two"]
    await sent.delete()
    assert server.world.files == {}
