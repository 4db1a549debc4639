"""Rate limits and faults: the real discord.py sees them, and the server counts that they happened."""

import asyncio

import aiohttp
import discord
import pytest

from bot.discord.loopback.cast import POSITIONS_CHANNEL_ID, TALK_CHANNEL_ID
from bot.discord.loopback.faults import Fault, FaultKind
from bot.discord.loopback.limits import Limit, Limits, LimitSettings
from bot.discord.loopback.server import LoopbackDiscord
from tests.bot.discord.conftest import plain_client, signed_in
from tests.bot.discord.shifted_clock import ShiftedClock

SEND = "/channels/{channel_id}/messages"


def channel_of(client: discord.Client) -> discord.PartialMessageable:
    """The channel of positions."""
    return client.get_partial_messageable(POSITIONS_CHANNEL_ID)


async def test_bucket_is_kept_by_the_client(server: LoopbackDiscord, client: discord.Client) -> None:
    """The client waits by the headers of a bucket, so that it is never refused."""
    server.limits.settings.post_message = Limit(2, 0.2)
    for number in range(4):
        await channel_of(client).send(str(number))
    assert [m.content for m in server.messages(POSITIONS_CHANNEL_ID)] == ["0", "1", "2", "3"]
    assert server.journal.statuses[429] == 0


async def test_exhausted_bucket_is_retried(server: LoopbackDiscord, client: discord.Client) -> None:
    """A client that does not know the bucket is refused with 429, waits as told, and gets through."""
    server.limits.settings.post_message = Limit(1, 0.2)
    rival = plain_client()
    async with signed_in(server, rival):
        await asyncio.gather(channel_of(client).send("one"), channel_of(rival).send("two"))
    assert server.journal.statuses[429] == 1
    refused = next(e for e in server.journal.exchanges if e.status == 429)
    assert refused.answer["global"] is False
    assert refused.answer_headers["Via"]
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == 2


async def test_overall_limit(server: LoopbackDiscord, client: discord.Client) -> None:
    """Over the limit on everything, 429 says that it is global, and the client waits with all it does."""
    server.limits.settings.overall = Limit(1, 0.2)
    await asyncio.gather(
        channel_of(client).send("one"), client.get_partial_messageable(TALK_CHANNEL_ID).send("two")
    )
    assert any(e.status == 429 and e.answer["global"] for e in server.journal.exchanges)
    assert len(server.messages(POSITIONS_CHANNEL_ID) + server.messages(TALK_CHANNEL_ID)) == 2


async def test_old_messages_have_a_limit_of_their_own(server: LoopbackDiscord, clock: ShiftedClock) -> None:
    """The fourth edit of hour-old messages is 429 with 30046 although the bucket has room; a young one is not."""
    client = discord.Client(
        intents=discord.Intents.default(), max_ratelimit_timeout=30, guild_ready_timeout=0.05
    )
    server.limits.settings.old_edit = Limit(3, 60)
    server.limits.settings.edit_message = Limit(50, 1)
    async with signed_in(server, client):
        old = await channel_of(client).send("old")
        clock.advance(3601)
        for number in range(3):
            await old.edit(content=str(number))
        with pytest.raises(discord.RateLimited) as limited:
            await old.edit(content="too much")
        assert 30 < limited.value.retry_after <= 60
        refused = next(e for e in server.journal.exchanges if e.status == 429)
        assert refused.answer["code"] == 30046
        assert int(refused.answer_headers["X-RateLimit-Remaining"]) > 0
        young = await channel_of(client).send("young")
        await young.edit(content="young still")
        clock.advance(61)
        await old.edit(content="again")


def test_window_opens_again(clock: ShiftedClock) -> None:
    """A bucket is full for its window, and each major parameter has a bucket of its own."""
    limits = Limits(clock, LimitSettings())
    limit = Limit(2, 3600)
    assert [limits.take("a", "1", limit, counts_overall=False).allowed for _ in range(3)] == [
        True,
        True,
        False,
    ]
    assert limits.take("a", "2", limit, counts_overall=False).allowed
    clock.advance(3600)
    assert limits.take("a", "1", limit, counts_overall=False).allowed


@pytest.mark.parametrize("after_effect", [False, True])
async def test_dropped_connection(
    server: LoopbackDiscord, client: discord.Client, *, after_effect: bool
) -> None:
    """A dropped connection is an error to the caller, whether or not the message was posted; the nonce finds out."""
    server.faults.add(Fault(FaultKind.DROPPED, "POST", SEND, after_effect=after_effect))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel_of(client).send("once", nonce="n")
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == int(after_effect)
    await channel_of(client).send("once", nonce="n")
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == 1
    assert server.faults.happened["connection dropped"] == 1


async def test_503_is_not_retried(server: LoopbackDiscord, client: discord.Client) -> None:
    """503 is an error to the caller at once."""
    server.faults.add(Fault(FaultKind.STATUS_503, "POST", SEND))
    with pytest.raises(discord.DiscordServerError):
        await channel_of(client).send("lost")
    assert server.faults.happened["503"] == 1


async def test_500_after_the_effect_is_retried_by_the_client(
    server: LoopbackDiscord, client: discord.Client
) -> None:
    """After a 500 the client tries again by itself; the nonce keeps it one message."""
    server.faults.add(Fault(FaultKind.STATUS_500, "POST", SEND, after_effect=True))
    await channel_of(client).send("once", nonce="n")
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == 1
    assert len(server.journal.of("POST", SEND)) == 2


async def test_played_429_and_the_proxy_page(server: LoopbackDiscord, client: discord.Client) -> None:
    """A played 429 is retried as told; the proxy's page without a Via header is an error at once."""
    server.faults.add(Fault(FaultKind.LIMITED, "POST", SEND, retry_after_s=0.05))
    await channel_of(client).send("through")
    server.faults.add(Fault(FaultKind.LIMITED_BY_PROXY, "POST", SEND))
    with pytest.raises(discord.HTTPException) as banned:
        await channel_of(client).send("banned")
    assert banned.value.status == 429
    assert server.faults.happened["429"] == 1


async def test_outage(server: LoopbackDiscord, client: discord.Client, clock: ShiftedClock) -> None:
    """In an outage nothing answers; when it is over by the clock, everything does."""
    server.begin_outage(6 * 3600)
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await channel_of(client).send("lost")
    clock.advance(6 * 3600 + 1)
    await channel_of(client).send("back")
    assert [m.content for m in server.messages(POSITIONS_CHANNEL_ID)] == ["back"]
    assert server.faults.happened["outage"] >= 1


async def test_share_of_requests(server: LoopbackDiscord, client: discord.Client) -> None:
    """A fault that hits a share of the requests hits some and not all, the same ones for a seed."""
    server.faults.add(Fault(FaultKind.NO_PERMISSION, "GET", times=None, share=0.3))
    outcomes = []
    for _ in range(30):
        try:
            await client.fetch_channel(POSITIONS_CHANNEL_ID)
            outcomes.append(True)
        except discord.Forbidden:
            outcomes.append(False)
    assert 0 < outcomes.count(False) == server.faults.happened["403"] < 30
