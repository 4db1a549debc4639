"""The real discord.py against the loopback Discord: whatever goes wrong, one true message a position."""

import asyncio
from collections import Counter
from contextlib import closing

import discord
import pytest

from bot.discord.embed import ledger_mark, position_of, same_text
from bot.discord.loopback.cast import POSITIONS_CHANNEL_ID, TALK_CHANNEL_ID
from bot.discord.loopback.faults import EVERY_WAY, Fault, FaultKind
from bot.discord.loopback.limits import Limit
from bot.discord.loopback.permissions import Permission
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.publishing import NotifierOff
from storage.store import PostedMessage, PostedMessages
from tests.bot.discord.publishing_desk import Desk
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.bot.discord.shown_cards import embed_in

POST = "/channels/{channel_id}/messages"
PATCH = "/channels/{channel_id}/messages/{message_id}"


class Killed(Exception):
    """The process would be gone here."""


def hold(server: LoopbackDiscord, desk: Desk) -> None:
    """One message a position, and each says what the ledger says."""
    mark, expected = ledger_mark(desk.ledger), desk.expected()
    messages = server.messages(POSITIONS_CHANNEL_ID)
    shown = {position_of(embed_in(message), mark): embed_in(message) for message in messages}
    assert len(messages) == len(expected)
    assert set(shown) == set(expected)
    for position_id, embed in expected.items():
        assert same_text(shown[position_id], embed), position_id


async def another_failure(server: LoopbackDiscord) -> None:
    """Wait until one more request has failed for the outage."""
    failed = server.faults.happened["outage"]
    await server.until(lambda: server.faults.happened["outage"] > failed)


def posted_for(server: LoopbackDiscord) -> Counter[str]:
    """How many requests there were of each kind on messages."""
    return Counter(
        {
            method: len(server.journal.of(method, end))
            for method, end in (("POST", POST), ("PATCH", PATCH), ("GET", POST))
        }
    )


async def test_i18_every_message_equals_its_card(server: LoopbackDiscord, desk: Desk) -> None:
    """A day that is over takes one post a position and pings nobody; a second start only looks what is still there."""
    assert await desk.publish() == 3
    hold(server, desk)
    assert posted_for(server) == {"POST": 3, "PATCH": 0, "GET": 1}
    assert all(e.form["allowed_mentions"] == {"parse": []} for e in server.journal.of("POST", POST))
    assert await desk.publish() == 0
    assert posted_for(server) == {"POST": 3, "PATCH": 0, "GET": 2}


@pytest.mark.parametrize("steps", [4, 9])
async def test_i18_a_day_in_pieces_with_a_restart_after_each(
    server: LoopbackDiscord, desk: Desk, steps: int
) -> None:
    """Restarted again and again while the day goes on, the messages follow the ledger and stay the same ones."""
    for step in range(1, steps + 1):
        await desk.upto(step / steps).publish()
        hold(server, desk)
    assert len(server.journal.of("POST", POST)) == 3
    assert all(e.form["allowed_mentions"] == {"parse": []} for e in server.journal.of("PATCH", PATCH))


@pytest.mark.parametrize("after_effect", [False, True])
async def test_i19_requests_that_fail_in_every_way(
    server: LoopbackDiscord, desk: Desk, monkeypatch: pytest.MonkeyPatch, *, after_effect: bool
) -> None:
    """With every way of failing, before and after the effect, it is still one message a position, each true."""
    without_waiting(monkeypatch)
    for kind in EVERY_WAY:
        server.faults.add(Fault(kind, times=None, share=0.1, after_effect=after_effect, retry_after_s=0.001))
    for step in range(1, 9):
        await desk.upto(step / 8).publish()
        hold(server, desk)
    assert sum(server.faults.happened.values()) > 3


async def test_i19_limits_at_every_bucket(server: LoopbackDiscord, desk: Desk) -> None:
    """With buckets of one request each the messages are late, and true in the end."""
    server.limits.settings.enabled = True
    server.limits.settings.post_message = server.limits.settings.edit_message = Limit(1, 0.05)
    server.limits.settings.overall = Limit(2, 0.05)
    for step in range(1, 4):
        await desk.upto(step / 3).publish()
    hold(server, desk)


async def test_i18_at_most_one_request_a_position_after_an_outage(
    server: LoopbackDiscord, desk: Desk, clock: ShiftedClock
) -> None:
    """Hours without Discord cost at most one request a position, and one look at what is there."""
    await desk.upto(0.4).publish()
    before = len(desk.expected())
    server.begin_outage(6 * 3600)
    clock.advance(6 * 3600 + 1)
    server.journal.exchanges.clear()
    await desk.upto(1.0).publish()
    hold(server, desk)
    sent = posted_for(server)
    assert sent["PATCH"] <= before
    assert sent["POST"] == 3 - before
    assert sent["GET"] == 1


async def test_i18_an_outage_while_the_day_goes_on(
    server: LoopbackDiscord, desk: Desk, clock: ShiftedClock
) -> None:
    """A running publisher that loses Discord for a part of the day sends one request a position when it is back."""
    desk.upto(0.3)
    before = len(desk.expected())
    with closing(PostedMessages(desk.store)) as store:
        publisher = desk.publisher(store)
        running = asyncio.create_task(publisher.run())
        await server.until(lambda: len(server.messages(POSITIONS_CHANNEL_ID)) == before)
        server.begin_outage()
        for step in range(40, 101, 10):
            desk.upto(step / 100)
            await another_failure(server)
        clock.advance(6 * 3600)
        server.journal.exchanges.clear()
        server.end_outage()
        publisher.drain()
        await running
    hold(server, desk)
    sent = posted_for(server)
    answered = [e for e in server.journal.exchanges if e.status is not None]
    assert sent["GET"] <= 1
    assert len(answered) - sent["GET"] <= 3


@pytest.mark.parametrize("passed_s", [1, 3600])
async def test_i19_a_post_whose_answer_was_lost_is_found_again(
    server: LoopbackDiscord,
    desk: Desk,
    clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
    passed_s: int,
) -> None:
    """Killed between the post and its answer (K14, K15), and back after Discord forgot the nonce: one message."""
    real = PostedMessages.keep

    def killed(store: PostedMessages, row: PostedMessage) -> None:
        if row.message_id:
            raise Killed
        real(store, row)

    monkeypatch.setattr(PostedMessages, "keep", killed)
    with pytest.raises(Killed):
        await desk.upto(0.5).publish()
    monkeypatch.setattr(PostedMessages, "keep", real)
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == 1
    clock.advance(passed_s)
    await desk.upto(1.0).publish()
    hold(server, desk)


async def test_i19_a_lost_store_is_rebuilt_from_the_channel(server: LoopbackDiscord, desk: Desk) -> None:
    """Without the mapping the messages are found by their footers: none is posted twice."""
    await desk.upto(0.6).publish()
    desk.store.unlink()
    for side in desk.store.parent.glob("discord.sqlite3-*"):
        side.unlink()
    await desk.upto(1.0).publish()
    hold(server, desk)


async def test_i19_a_deleted_message_comes_back_once(server: LoopbackDiscord, desk: Desk) -> None:
    """What a moderator deletes is posted once more; deleted again, it stays away."""
    mark = ledger_mark(desk.ledger)
    newest = list(desk.upto(1.0).expected())[-1]
    seen = [desk.upto(step / 20).expected().get(newest) for step in range(21)]
    changing = [
        step / 20
        for step in range(1, 21)
        if (now := seen[step]) is not None and ((was := seen[step - 1]) is None or not same_text(now, was))
    ]
    assert len(changing) >= 3
    for share, left in zip(changing[:3], (1, 1, 0), strict=True):
        await desk.upto(share).publish()
        shown = [
            one for one in server.messages(POSITIONS_CHANNEL_ID) if position_of(embed_in(one), mark) == newest
        ]
        assert len(shown) == left
        for message in shown:
            server.moderator.delete_message(POSITIONS_CHANNEL_ID, message.id)
    await desk.upto(1.0).publish()
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == 2
    requests = posted_for(server)
    await desk.publish()
    assert posted_for(server) == requests


async def test_a_channel_that_is_closed_to_us_does_not_stop_the_others(
    server: LoopbackDiscord, desk: Desk
) -> None:
    """Without permission in one channel that one is given up, with a sentence, and the other is kept true."""
    desk.channels = [POSITIONS_CHANNEL_ID, TALK_CHANNEL_ID]
    server.moderator.forbid(TALK_CHANNEL_ID, Permission.SEND_MESSAGES)
    await desk.publish()
    hold(server, desk)
    assert server.messages(TALK_CHANNEL_ID) == []
    assert len(desk.said) == 1
    assert str(TALK_CHANNEL_ID) in desk.said[0]
    assert len([e for e in server.journal.exchanges if e.status == 403]) == 1


async def test_a_revoked_token_ends_the_notifier(server: LoopbackDiscord, desk: Desk) -> None:
    """After one 401 nothing more is sent, and the sentence says what to do."""
    server.faults.token_revoked = True
    with pytest.raises(NotifierOff, match="CALLBOARD_DISCORD__TOKEN"):
        await desk.publish()
    assert len([e for e in server.journal.exchanges if e.status == 401]) == 1


async def test_a_card_that_discord_refuses_is_shown_at_its_least(
    server: LoopbackDiscord, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If Discord finds a card invalid, the position is shown by its title, and it is said."""
    monkeypatch.setattr("bot.discord.channel_desk.embed_of", lambda *_: discord.Embed(title="x" * 300))
    await desk.publish()
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == 3
    assert len(desk.said) == 3
    assert server.faults.happened[FaultKind.STATUS_500.value] == 0


def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py waits seconds before it repeats a request that failed; here it does not."""
    real = asyncio.sleep

    async def at_once(seconds: float, result: object = None) -> object:
        return await real(min(seconds, 0.001), result)

    monkeypatch.setattr("discord.http.asyncio.sleep", at_once)
