"""Direct messages to who follows: each event once a member, whatever fails and wherever the process was killed."""

import re
from contextlib import closing
from pathlib import Path

import discord
import pytest

from bot.discord.embed import ledger_mark
from bot.discord.following.direct_text import told_by
from bot.discord.following.directs import Directs
from bot.discord.following.followers import FollowPace
from bot.discord.loopback.cast import ADMIN_ID, HELPER_ID, TRADER_ID, VIEWER_ID
from bot.discord.loopback.faults import EVERY_WAY, Fault, FaultKind
from bot.discord.loopback.server import LoopbackDiscord
from storage.follows import DirectMessage, FollowKind, FollowStore, Telling
from tests.bot.discord.following_desk import FollowingDesk
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.e2e.day_runs import ledger_of

POST = "/channels/{channel_id}/messages"
OPENED, TRIMMED, CLOSED, LAST_OPENED = 24, 33, 45, 95
"""Events of the day after which T1 was opened, trimmed and closed, and T3 opened."""


@pytest.fixture
def desk(
    client: discord.Client, clock: ShiftedClock, data: Path, tmp_path: Path, server: LoopbackDiscord
) -> FollowingDesk:
    server.limits.settings.enabled = False
    return FollowingDesk(client, clock, server, ledger_of(data), tmp_path / "discord.sqlite3")


class Killed(BaseException):
    """The process would be gone here."""


async def killed_before_the_record(desk: FollowingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is gone once Discord has the message of the opening, and before that is written down."""

    def killed(_directs: Directs, _row: DirectMessage, _through_seq: int) -> int:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Directs, "_told", killed)
        with pytest.raises(Killed):
            await desk.upto(OPENED).tell()


def heads(desk: FollowingDesk, user_id: int) -> list[str]:
    """The first line of each direct message, without its markup and its contract."""
    return [
        message.content.split("\n")[0].replace("*", "").partition(" · ")[0] for message in desk.told(user_id)
    ]


async def test_a_follower_of_a_strategy_is_told_of_its_trades(desk: FollowingDesk) -> None:
    """Opened, trimmed, closed, the next one opened: a message each, in this order, and none for marks."""
    await desk.upto(2).follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
    for seq in (OPENED, TRIMMED, CLOSED, LAST_OPENED):
        await desk.upto(seq).tell()
    assert heads(desk, VIEWER_ID) == [
        "T1 opened: long 14",
        "T1 trimmed: 10 of 14 left",
        "T1 closed +$337.80 (+11.3%)",
        "T2 closed −$53.20 (−1.8%)",
        "T3 opened: long 14",
    ]
    opened, trimmed, closed, second, _ = desk.told(VIEWER_ID)
    assert "– Opened: bought 14 at 2.14" in opened.content
    assert "– Took out: sold 4 at 2.95" in trimmed.content
    assert closed.content.endswith("– Took out: sold 10 at 2.172, by trailing")
    assert second.content.count("\n") == 2, "what was opened and closed unheard is one message"
    assert "10 of 14 left · stop 2.48" in trimmed.embeds[0]["description"]


async def test_a_follower_of_a_position_hears_of_no_other(desk: FollowingDesk) -> None:
    """Who follows a position is told of it alone, and follows it no more once it is over."""
    await desk.upto(OPENED).follow(VIEWER_ID, FollowKind.POSITION, "T1-1")
    await desk.upto(LAST_OPENED).tell()
    assert heads(desk, VIEWER_ID) == ["T1 closed +$337.80 (+11.3%)"]
    assert "You follow it no more" in desk.told(VIEWER_ID)[0].content
    with closing(FollowStore(desk.store)) as store:
        assert store.follows() == []


async def test_following_both_ways_tells_once(desk: FollowingDesk) -> None:
    """Who follows a position and its strategy gets one message, with a button to stop each."""
    await desk.upto(OPENED).follow(VIEWER_ID, FollowKind.POSITION, "T1-1")
    await desk.follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
    await desk.upto(TRIMMED).tell()
    (message,) = desk.told(VIEWER_ID)
    assert [one["label"] for one in message.components[0]["components"]] == [
        "Stop: T1",
        "Stop: all of follow_signal",
    ]


async def test_what_was_before_is_no_news(desk: FollowingDesk) -> None:
    """Who follows late is told of what comes after that, and a start without news sends nothing."""
    await desk.upto(TRIMMED).follow(VIEWER_ID, FollowKind.POSITION, "T1-1")
    await desk.tell()
    assert desk.told(VIEWER_ID) == []


async def test_a_stop_that_moves_is_news_and_leaving_is_not(desk: FollowingDesk) -> None:
    """A stop that was triggered is not told as a stop that was taken away."""
    await desk.upto(TRIMMED).follow(VIEWER_ID, FollowKind.POSITION, "T1-1")
    await desk.upto(41).tell()
    assert desk.told(VIEWER_ID) == []


async def test_an_outage_ends_in_one_message_a_position(desk: FollowingDesk, server: LoopbackDiscord) -> None:
    """What happened while Discord was away is told in one message a position, with all of it and the newest truth."""
    await desk.upto(2).follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
    await desk.upto(LAST_OPENED).tell()
    assert heads(desk, VIEWER_ID) == [
        "T1 closed +$337.80 (+11.3%)",
        "T2 closed −$53.20 (−1.8%)",
        "T3 opened: long 14",
    ]
    assert "Opened: bought 14" in desk.told(VIEWER_ID)[0].content
    await desk.tell()
    assert len(desk.told(VIEWER_ID)) == 3
    assert len(server.journal.of("POST", POST)) == 3


@pytest.mark.parametrize("minutes", [0, 30])
async def test_k14_a_kill_after_the_message_and_before_its_record(
    desk: FollowingDesk,
    server: LoopbackDiscord,
    clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
    minutes: int,
) -> None:
    """Killed between a message and its record, it is found again, whether Discord still knows its nonce or not."""
    await desk.upto(2).follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
    await killed_before_the_record(desk, monkeypatch)
    clock.advance(minutes * 60)
    await desk.upto(OPENED).tell()
    assert heads(desk, VIEWER_ID) == ["T1 opened: long 14"]
    await desk.upto(TRIMMED).tell()
    assert heads(desk, VIEWER_ID) == ["T1 opened: long 14", "T1 trimmed: 10 of 14 left"]


async def test_k14_news_that_came_after_the_kill_is_a_message_of_its_own(
    desk: FollowingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told before the kill is not told again with what came after it."""
    await desk.upto(2).follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
    await killed_before_the_record(desk, monkeypatch)
    await desk.upto(TRIMMED).tell()
    assert heads(desk, VIEWER_ID) == ["T1 opened: long 14", "T1 trimmed: 10 of 14 left"]
    assert "Opened" not in desk.told(VIEWER_ID)[1].content


@pytest.mark.parametrize("kind", EVERY_WAY)
@pytest.mark.parametrize("after_effect", [False, True])
async def test_every_failure_ends_in_each_event_told_once(
    desk: FollowingDesk, server: LoopbackDiscord, kind: FaultKind, after_effect: bool
) -> None:
    """A failure in any way, before or after the message is there, changes nothing of what is told."""
    await desk.upto(2).follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
    fault = Fault(kind, "POST", POST, times=1, after_effect=after_effect, retry_after_s=0.01)
    server.faults.add(fault)
    await desk.upto(OPENED).tell()
    await desk.upto(TRIMMED).tell()
    assert heads(desk, VIEWER_ID) == ["T1 opened: long 14", "T1 trimmed: 10 of 14 left"]
    assert server.faults.happened[kind.value] == 1


async def test_every_event_is_in_exactly_one_message(desk: FollowingDesk, server: LoopbackDiscord) -> None:
    """However the day is cut into runs, the messages tell rising events, each once, under failures of 1 in 3."""
    await desk.upto(2).follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
    for after_effect in (False, True):
        server.faults.add(Fault(FaultKind.DROPPED, "POST", POST, None, 0.2, after_effect))
    for seq in range(3, LAST_OPENED + 1, 4):
        await desk.upto(seq).tell()
    server.faults.clear()
    await desk.upto(LAST_OPENED).tell()
    mark = ledger_mark(desk.ledger)
    for position_id, in_and_out in (("T1-1", 28), ("T2-1", 28), ("T3-1", 14)):
        texts = [m for m in desk.told(VIEWER_ID) if m.embeds[0]["footer"]["text"].startswith(position_id)]
        told = [int(m.embeds[0]["footer"]["text"].split("№")[1].split(" ")[0]) for m in texts]
        assert told == sorted(set(told)), position_id
        sizes = [found[1] for m in texts for found in re.finditer(r"(?:bought|sold) (\d+) at ", m.content)]
        assert sum(map(int, sizes)) == in_and_out, position_id
    assert mark in desk.told(VIEWER_ID)[0].embeds[0]["footer"]["text"]


async def test_closed_direct_messages_are_tried_once(desk: FollowingDesk, server: LoopbackDiscord) -> None:
    """A member who takes none is tried once, then left alone; the others are told all the same."""
    for user_id in (VIEWER_ID, HELPER_ID):
        await desk.upto(2).follow(user_id, FollowKind.STRATEGY, "follow_signal")
    server.moderator.takes_direct_messages(VIEWER_ID, takes=False)
    for seq in (OPENED, TRIMMED, CLOSED):
        await desk.upto(seq).tell()
    assert desk.told(VIEWER_ID) == []
    assert len(heads(desk, HELPER_ID)) == 3
    refused = [one for one in server.journal.of("POST", POST) if one.status == 403]
    assert len(refused) == 1
    assert server.faults.happened["direct messages closed"] == 1


async def test_haste_in_opening_waits_and_is_made_good(
    desk: FollowingDesk, server: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Discord says that direct messages are opened too fast, it is waited, and then everybody is told."""
    monkeypatch.setattr("bot.discord.following.followers._TOO_FAST_S", 0.01)
    for user_id in (VIEWER_ID, HELPER_ID, TRADER_ID, ADMIN_ID):
        await desk.upto(2).follow(user_id, FollowKind.STRATEGY, "follow_signal")
    server.faults.add(Fault(FaultKind.OPENING_TOO_FAST, "POST", "/users/@me/channels", times=2))
    await desk.upto(OPENED).tell()
    for user_id in (VIEWER_ID, HELPER_ID, TRADER_ID, ADMIN_ID):
        assert heads(desk, user_id) == ["T1 opened: long 14"]
    assert server.faults.happened[FaultKind.OPENING_TOO_FAST.value] == 2


async def test_who_may_not_look_any_more_is_told_nothing(
    desk: FollowingDesk, server: LoopbackDiscord
) -> None:
    """A member who lost the tier, or left, gets no message, and follows nothing any more."""
    await desk.upto(2).follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
    desk.strangers.add(VIEWER_ID)
    await desk.upto(OPENED).tell()
    assert server.journal.of("POST", POST) == []
    with closing(FollowStore(desk.store)) as store:
        assert store.follows() == []


async def test_who_stops_hears_nothing_more(desk: FollowingDesk) -> None:
    """What waits for a member who stops is not told; what another reason calls for is."""
    with closing(FollowStore(desk.store)) as store, closing(desk.upto(2).stage()) as stage:
        followers = desk.made(store, stage)
        for user_id in (VIEWER_ID, HELPER_ID):
            followers.follow(user_id, FollowKind.STRATEGY, "follow_signal")
        desk.upto(OPENED)
        desk.read(followers, stage)
        assert followers.behind == 2
        assert followers.unfollow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
        assert followers.behind == 1
        followers.drain()
        await followers.run()
    assert desk.told(VIEWER_ID) == []
    assert heads(desk, HELPER_ID) == ["T1 opened: long 14"]


async def test_a_burst_settles_into_one_message(desk: FollowingDesk, server: LoopbackDiscord) -> None:
    """Events within the settling time are one message, and nothing is asked of Discord before it is over."""
    desk.pace = FollowPace(settle_s=30.0, message_every_s=0.0, open_every_s=0.0)
    with closing(FollowStore(desk.store)) as store, closing(desk.upto(2).stage()) as stage:
        followers = desk.made(store, stage)
        followers.follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
        for seq in (OPENED, TRIMMED):
            desk.upto(seq)
            desk.read(followers, stage)
        assert followers.behind == 1
        assert server.journal.of("POST", POST) == []
        followers.drain()
        await followers.run()
    assert heads(desk, VIEWER_ID) == ["T1 opened: long 10"]
    assert "– Took out: sold 4" in desk.told(VIEWER_ID)[0].content


async def test_nobody_is_pinged_and_the_message_is_found_by_its_footer(
    desk: FollowingDesk, server: LoopbackDiscord, client: discord.Client
) -> None:
    """A direct message names nobody, and says through which event it tells."""
    await desk.upto(2).follow(VIEWER_ID, FollowKind.STRATEGY, "follow_signal")
    await desk.upto(OPENED).tell()
    (exchange,) = server.journal.of("POST", POST)
    assert exchange.form["allowed_mentions"] == {"parse": []}
    assert exchange.form["enforce_nonce"] is True
    channel = server.world.direct_channel(VIEWER_ID)
    found = [one async for one in client.get_partial_messageable(channel.id).history()]
    assert told_by(found[0], "T1-1", ledger_mark(desk.ledger)) == 18
    assert told_by(found[0], "T2-1", ledger_mark(desk.ledger)) == 0


def test_the_store_outlives_the_process(tmp_path: Path) -> None:
    """Follows, members and messages are as they were kept; what everybody was told of is dropped."""
    path = tmp_path / "discord.sqlite3"
    with closing(FollowStore(path)) as store:
        assert not store.messages()
        for user_id, seq in ((1, 10), (2, 10), (1, 30)):
            row = DirectMessage(user_id, f"T{seq}-1", seq, seq, Telling.TOLD, 5)
            store.keep_message(row)
        store.told_all(20, {2})
    with closing(FollowStore(path)) as store:
        kept = {(one.user_id, one.position_id) for one in store.messages()}
    assert kept == {(2, "T10-1"), (1, "T30-1")}
