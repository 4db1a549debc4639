"""News of positions in threads of the loopback Discord: told once whatever happens, pinging one role alone."""

import re
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import discord
import pytest

from bot.card_detail import Detail
from bot.channel_settings import ChannelSettings, ThreadNews
from bot.dealings import Dealings
from bot.discord.loopback.cast import (
    FOLLOWER_ROLE_ID,
    POSITIONS_CHANNEL_ID,
)
from bot.discord.loopback.faults import EVERY_WAY, Fault, FaultKind
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.messages import ChannelMessages
from bot.discord.thread_news import ThreadPosts
from storage.store import PostedMessages
from storage.thread_news import ThreadNewsStore, ThreadRow
from tests.bot.discord.publishing_desk import Desk
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.bot.discord.test_publisher import PATCH, POST, Killed, hold, without_waiting
from tests.bot.discord.thread_watch import NEWS, THREADS, TOLD, Expected, dealings_at, posts, steps, told
from tests.bot.test_card_detail import view_of


@pytest.fixture
def channels() -> list[ChannelSettings]:
    """The positions, with threads that tell all news and ping the followers."""
    return [NEWS]


async def test_i19_news_is_told_once_with_a_restart_after_each_piece(
    server: LoopbackDiscord, desk: Desk
) -> None:
    """Restarted twenty times along the day, each exit is told once, in one thread a position, beside true cards."""
    expected = Expected()
    for share in steps():
        expected.see(desk.upto(share))
        await desk.publish()
        await desk.publish()
        hold(server, desk)
        expected.hold(server, desk)
    assert sum(out for _, out in told(server, desk).values()) > 0
    assert len(posts(server)) > 2
    assert len(server.journal.of("POST", THREADS)) == len(server.world.threads([POSITIONS_CHANNEL_ID]))
    assert desk.said == []


async def test_a_post_pings_the_role_and_nothing_else_ever_pings(server: LoopbackDiscord, desk: Desk) -> None:
    """On the wire a post allows its one role, every other request nobody; only posts notified anybody."""
    for share in steps():
        await desk.upto(share).publish()
    made = posts(server)
    assert made
    assert server.board.notified == sorted(made, key=lambda one: one.id)
    assert all(one.mentions.roles == [FOLLOWER_ROLE_ID] and not one.mentions.users for one in made)
    sent = server.journal.of("POST", POST) + server.journal.of("PATCH", PATCH)
    to_threads = {str(thread.id) for thread in server.world.threads([POSITIONS_CHANNEL_ID])}
    for exchange in sent:
        allowed = exchange.form["allowed_mentions"]
        assert allowed["parse"] == []
        assert not allowed.get("users")
        in_thread = exchange.path.split("/channels/")[1].split("/")[0] in to_threads
        assert [int(one) for one in allowed.get("roles", [])] == ([FOLLOWER_ROLE_ID] if in_thread else [])


async def test_without_a_role_nobody_is_pinged(server: LoopbackDiscord, desk: Desk) -> None:
    """News without a role is told in the thread and mentions nobody."""
    desk.channels = [NEWS.model_copy(update={"ping_role_id": 0})]
    for share in steps():
        await desk.upto(share).publish()
    assert posts(server)
    assert server.board.notified == []
    assert not any("@" in one.content for one in posts(server))


async def test_a_channel_may_be_told_exits_only(server: LoopbackDiscord, desk: Desk) -> None:
    """Where only exits are told no post says that something was added, and the exits are all there."""
    desk.channels = [NEWS.model_copy(update={"thread_news": ThreadNews.EXITS})]
    expected = Expected()
    for share in steps():
        expected.see(desk.upto(share))
        await desk.publish()
    sums = told(server, desk)
    assert all(added == 0 for added, _ in sums.values())
    outs = {one: now.since(expected.began[one]).qty_out for one, now in expected.now.items()}
    assert {one: out for one, (_, out) in sums.items()} == {one: out for one, out in outs.items() if out}


async def test_news_without_sizes_names_none(server: LoopbackDiscord, desk: Desk) -> None:
    """Where cards tell no sizes the posts tell none: words, prices, percentages and rough shares."""
    desk.channels = [NEWS.model_copy(update={"detail": Detail.WITHOUT_SIZES})]
    for share in steps():
        await desk.upto(share).publish()
    made = posts(server)
    assert made
    for one in made:
        first = one.content.split("\n-# ")[0]
        assert TOLD.search(first) is None
        assert " of " not in first
        assert re.search(r"\*\*(Trimmed|Closed)\*\*.* at \*\*\d+\.\d\d", first)
        assert "result $" not in first


@pytest.mark.parametrize("point", ["asked", "answered"])
@pytest.mark.parametrize("passed_s", [1, 3600])
async def test_i19_a_kill_around_each_post_loses_and_doubles_nothing(
    server: LoopbackDiscord,
    desk: Desk,
    clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
    passed_s: int,
) -> None:
    """Killed at every post, before it is sent or before its answer is kept, and back at once or after an hour."""
    real = ThreadNewsStore.keep
    kills: set[tuple[str, int]] = set()

    def killed(store: ThreadNewsStore, row: ThreadRow) -> None:
        about = (row.position_id, row.posts)
        if point == "asked":
            real(store, row)
        if row.posts and bool(row.asked) == (point == "asked") and about not in kills:
            kills.add(about)
            raise Killed
        if point != "asked":
            real(store, row)

    monkeypatch.setattr(ThreadNewsStore, "keep", killed)
    expected = Expected()
    for share in steps():
        expected.see(desk.upto(share))
        for _ in range(10):
            try:
                await desk.publish()
            except Killed:
                clock.advance(passed_s)
                continue
            break
        hold(server, desk)
        expected.hold(server, desk)
    assert len(kills) > 2
    assert len(server.board.notified) == len(posts(server))


@pytest.mark.parametrize("after_effect", [False, True])
async def test_i19_news_through_requests_that_fail_in_every_way(
    server: LoopbackDiscord, desk: Desk, monkeypatch: pytest.MonkeyPatch, *, after_effect: bool
) -> None:
    """With every way of failing, before and after the effect, each exit is told once and pings once."""
    without_waiting(monkeypatch)
    for kind in EVERY_WAY:
        server.faults.add(Fault(kind, times=None, share=0.1, after_effect=after_effect, retry_after_s=0.001))
    expected = Expected()
    for share in steps():
        expected.see(desk.upto(share))
        await desk.publish()
        expected.hold(server, desk)
    assert sum(server.faults.happened.values()) > 3
    assert len(server.board.notified) == len(posts(server))


async def test_an_outage_is_told_as_the_newest_truth(
    server: LoopbackDiscord, desk: Desk, clock: ShiftedClock
) -> None:
    """What came together while Discord was away is one post a position: sums at average prices, not a flood."""
    expected = Expected()
    shares = steps()
    first = next(share for share in shares if dealings_at(desk.upto(share)))
    expected.see(desk.upto(first))
    await desk.publish()
    server.begin_outage(6 * 3600)
    clock.advance(6 * 3600 + 1)
    server.journal.exchanges.clear()
    expected.see(desk.upto(1.0))
    await desk.publish()
    expected.hold(server, desk)
    threads = server.world.threads([POSITIONS_CHANNEL_ID])
    assert [len(server.messages(thread.id)) for thread in threads] == [1]
    assert len(dealings_at(desk)) > 1
    about_threads = [
        e for e in server.journal.exchanges if "threads" in e.path or str(threads[0].id) in e.path
    ]
    assert len(about_threads) <= 3


async def test_news_of_archived_positions_is_archived(server: LoopbackDiscord, desk: Desk) -> None:
    """What was told of a closed position goes to the archive with its message, and is not told again."""
    for share in steps():
        await desk.upto(share).publish()
    with closing(ThreadNewsStore(desk.store)) as kept, closing(PostedMessages(desk.store)) as store:
        assert set(kept.rows(POSITIONS_CHANNEL_ID)) == set(store.messages(POSITIONS_CHANNEL_ID))
        assert len(kept.rows(POSITIONS_CHANNEL_ID)) < len(dealings_at(desk))
    before = len(posts(server))
    await desk.publish()
    assert len(posts(server)) == before
    assert server.faults.happened[FaultKind.STATUS_500.value] == 0


async def test_what_a_correction_takes_back_is_told_when_it_is_done_again(
    server: LoopbackDiscord, desk: Desk, client: discord.Client, clock: ShiftedClock, tmp_path: Path
) -> None:
    """An exit that the broker took back is not told as one; the exit that follows in its place is."""
    with (
        closing(PostedMessages(tmp_path / "posts.sqlite3")) as store,
        closing(ThreadNewsStore(store.path)) as kept,
    ):
        messages = ChannelMessages(client, POSITIONS_CHANNEL_ID, store, "12345678", clock)
        news = ThreadPosts(client, NEWS, messages, kept, "12345678", desk.said.append)
        await messages.show("T7-1", discord.Embed(title="open"), 1)
        steps_out = [(4, "10.00"), (3, "7.50"), (3, "7.50"), (4, "10.40")]
        news.begin("T7-1", Dealings())
        for qty, worth in steps_out:
            now = Dealings(qty_out=qty, worth_out=Decimal(worth))
            news.begin("T7-1", now)
            await news.tell("T7-1", view_of(4, ("", "", "")), now)
    assert [message.content.split(":")[0] for message in posts(server)] == [
        f"<@&{FOLLOWER_ROLE_ID}> **Trimmed 4** at **2.50 (−74.5%)**",
        f"<@&{FOLLOWER_ROLE_ID}> **Trimmed 1** at **2.90 (−70.4%)**",
    ]


async def test_the_news_of_an_hour_old_message_does_not_wait_for_its_edit(
    server: LoopbackDiscord, desk: Desk, clock: ShiftedClock
) -> None:
    """Where Discord lets a card be edited only seldom its thread is told first, once, and the card follows."""
    expected = Expected()
    first = next(share for share in steps() if dealings_at(desk.upto(share)))
    expected.see(desk.upto(first))
    await desk.publish()
    (card,) = server.messages(POSITIONS_CHANNEL_ID)
    clock.advance(2 * 3600)
    server.journal.exchanges.clear()
    expected.see(desk.upto(1.0))
    await desk.publish()
    expected.hold(server, desk)
    hold(server, desk)
    told_at = next(
        n for n, e in enumerate(server.journal.exchanges) if e.path.endswith(f"{card.id}/messages")
    )
    edited_at = next(n for n, e in enumerate(server.journal.exchanges) if e.method == "PATCH")
    assert told_at < edited_at
