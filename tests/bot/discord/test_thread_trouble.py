"""Threads that are archived, locked, deleted or forbidden: the news finds its way or gives up in one sentence."""

import asyncio
from contextlib import closing

import discord
import pytest

from bot.channel_settings import ChannelSettings
from bot.discord.check import findings_of
from bot.discord.loopback.cast import (
    GUILD_ID,
    POSITIONS_CHANNEL_ID,
    TALK_CHANNEL_ID,
)
from bot.discord.loopback.permissions import Permission
from bot.discord.loopback.server import LoopbackDiscord
from storage.store import PostedMessages
from tests.bot.discord.publishing_desk import Desk
from tests.bot.discord.test_publisher import hold
from tests.bot.discord.thread_watch import NEWS, THREADS, Expected, dealings_at, posts, steps


@pytest.fixture
def channels() -> list[ChannelSettings]:
    """The positions, with threads that tell all news and ping the followers."""
    return [NEWS]


async def test_an_archived_thread_is_taken_up_again(server: LoopbackDiscord, desk: Desk) -> None:
    """News in a thread that Discord has archived opens it again and is told."""
    expected = Expected()
    for share in steps():
        expected.see(desk.upto(share))
        await desk.publish()
        for thread in server.world.threads([POSITIONS_CHANNEL_ID]):
            server.moderator.archive(thread.id)
    expected.hold(server, desk)
    assert max(len(server.messages(t.id)) for t in server.world.threads([POSITIONS_CHANNEL_ID])) > 1
    assert desk.said == []


async def test_a_locked_thread_is_left_alone_with_one_sentence(server: LoopbackDiscord, desk: Desk) -> None:
    """Where a moderator has locked the thread the card goes on without it, and that is said once."""
    for share in steps():
        await desk.upto(share).publish()
        for thread in server.world.threads([POSITIONS_CHANNEL_ID]):
            server.moderator.archive(thread.id, locked=True)
        hold(server, desk)
    threads = server.world.threads([POSITIONS_CHANNEL_ID])
    assert {len(server.messages(thread.id)) for thread in threads} == {1}
    refused = [e for e in server.journal.exchanges if e.status == 400]
    assert len(desk.said) == len(refused) >= 1
    assert "nothing more goes into the thread" in desk.said[0]


async def test_a_deleted_thread_is_opened_once_more(server: LoopbackDiscord, desk: Desk) -> None:
    """The next news opens a deleted thread again; deleted again it stays away, with one sentence, the card goes on."""
    opened: list[int] = []
    for share in steps():
        await desk.upto(share).publish()
        hold(server, desk)
        for thread in list(server.world.threads([POSITIONS_CHANNEL_ID])):
            opened.append(thread.id)
            assert len(server.messages(thread.id)) == 1
            server.moderator.delete_channel(thread.id)
    assert max(opened.count(one) for one in opened) == 2
    assert len(desk.said) <= 1
    assert len(server.journal.of("POST", THREADS)) == len(opened)


async def test_a_thread_that_somebody_opened_is_used(server: LoopbackDiscord, desk: Desk) -> None:
    """A member's thread under a card is where its news goes."""
    expected = Expected()
    for share in steps():
        expected.see(desk.upto(share))
        await desk.publish()
        for message in server.messages(POSITIONS_CHANNEL_ID):
            if message.id not in server.world.channels:
                parent = server.world.channel(POSITIONS_CHANNEL_ID)
                server.board.start_thread(parent, GUILD_ID, "what do we think", message=message)
    expected.hold(server, desk)
    assert {t.name for t in server.world.threads([POSITIONS_CHANNEL_ID])} == {"what do we think"}
    assert posts(server)


async def test_where_threads_are_forbidden_the_cards_go_on_and_news_heals(
    server: LoopbackDiscord, desk: Desk
) -> None:
    """Without the permission that is said once, with what to allow; the cards are kept true, and news comes with it."""
    server.moderator.forbid(POSITIONS_CHANNEL_ID, Permission.CREATE_PUBLIC_THREADS)
    with closing(PostedMessages(desk.store)) as store, desk.open:
        first = next(share for share in steps() if dealings_at(desk.upto(share)))
        expected = Expected()
        expected.see(desk.upto(first))
        publisher = desk.publisher(store)
        running = asyncio.create_task(publisher.run())
        await server.until(lambda: len(server.messages(POSITIONS_CHANNEL_ID)) == 1)
        desk.upto(1.0)
        await server.until(lambda: bool(desk.said))
        assert "may create public threads" in desk.said[0]
        await server.until(lambda: len(server.messages(POSITIONS_CHANNEL_ID)) == 3)
        assert posts(server) == []
        server.moderator.permit(POSITIONS_CHANNEL_ID, Permission.CREATE_PUBLIC_THREADS)
        publisher.look_again()
        await server.until(lambda: bool(posts(server)))
        publisher.drain()
        await running
    hold(server, desk)
    assert len(desk.said) == 1
    assert server.journal.statuses[403] == 1


async def test_what_keeps_news_from_threads_is_a_hint(
    server: LoopbackDiscord, client: discord.Client
) -> None:
    """Missing permissions, a role that is none or that nobody may mention: each is said, and the cards go on."""
    server.moderator.forbid(TALK_CHANNEL_ID, Permission.CREATE_PUBLIC_THREADS)
    talk = NEWS.model_copy(update={"id": TALK_CHANNEL_ID})
    found = await findings_of(client, [NEWS, talk])
    assert found.faults == {}
    assert set(found.hints) == {TALK_CHANNEL_ID}
    assert "lacks Create Public Threads" in found.hints[TALK_CHANNEL_ID]
    for role_id in (7, GUILD_ID):
        wrong = NEWS.model_copy(update={"ping_role_id": role_id})
        assert (
            "is no role of Options Desk" in (await findings_of(client, [wrong])).hints[POSITIONS_CHANNEL_ID]
        )
    server.moderator.forbid(POSITIONS_CHANNEL_ID, Permission.MENTION_EVERYONE)
    assert "let everybody mention the role Followers" in (await findings_of(client, [NEWS])).hints[NEWS.id]
