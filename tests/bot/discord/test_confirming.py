"""Commands that are asked about first, and those that come too late: once, by whom it takes, over a restart."""

import asyncio
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.cast import (
    ADMIN_ID,
    SECOND_ADMIN_ID,
    TALK_CHANNEL_ID,
    TRADER_ID,
    VIEWER_ID,
)
from bot.discord.loopback.server import LoopbackDiscord
from options.events import CommandTaken, TradingHalted, TradingResumed
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from tests.bot.discord.desk_community import Community, next_process
from tests.bot.discord.shifted_clock import ShiftedClock


async def test_close_all_is_confirmed_once(community: Community) -> None:
    """Close-all asks first; its confirmation does it once, and a second press changes nothing."""
    server = community.server
    asked = await server.command(ADMIN_ID, TALK_CHANNEL_ID, "close-all", {})
    assert "close-all would do this; nothing has been done" in await community.answer(asked)
    question = asked.messages[0]
    confirm, leave = (part["custom_id"] for part in question.components[0]["components"])
    assert community.room.book.trades["T1"].target == 8
    first = server.people.press(ADMIN_ID, question, confirm)
    second = server.people.press(ADMIN_ID, question, leave)
    await server.answered(first)
    await server.answered(second)
    await server.until(lambda: "close-all**: taken" in question.content)
    assert not community.room.book.trades
    assert [one.verb for one in community.commands()].count("close-all") == 1


async def test_a_preview_says_what_would_be_sent(community: Community) -> None:
    """Before a trim: the order, what it would bring at the bid and at the mid, and what remains."""
    server = community.server
    text = await community.asks(TRADER_ID, "trim", trade="T1", amount="½")
    for words in ("sell 4 GOOG", "$1,600.00", "at the far side", "at the mid", "+8 held, +4 left"):
        assert words in text
    assert community.room.book.trades["T1"].target == 8
    refused = await server.command(TRADER_ID, TALK_CHANNEL_ID, "trim", {"trade": "T1", "amount": "8"})
    assert "close takes out all 8" in await community.answer(refused)
    assert not refused.messages[0].components


async def test_a_confirmation_expires(community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    """A yes that comes too late does nothing and says so."""
    server = community.server
    asked = await server.command(ADMIN_ID, TALK_CHANNEL_ID, "close-all", {})
    await community.answer(asked)
    question = asked.messages[0]
    confirm = question.components[0]["components"][0]["custom_id"]
    now = SystemClock().now()
    monkeypatch.setattr(SystemClock, "now", lambda _: now + 61_000_000)
    late = await server.press(ADMIN_ID, question, confirm)
    assert "asked too long ago" in await community.answer(late)
    assert community.room.book.trades["T1"].target == 8


async def test_f36_a_command_that_comes_too_late_is_not_done(
    community: Community, clock: ShiftedClock
) -> None:
    """After three seconds the person was told that it failed: it is not done, and the channel says so."""
    server = community.server
    before = len(community.commands())
    told = server.board.announcements.tell
    held: list[object] = []
    server.board.announcements.tell = held.append  # type: ignore[assignment,method-assign]
    server.people.command(TRADER_ID, TALK_CHANNEL_ID, "trade modify", {"trade": "T1", "stop": "@2"})
    server.board.announcements.tell = told  # type: ignore[method-assign]
    clock.advance(4)
    told(held[0])  # type: ignore[arg-type]
    await server.until(lambda: bool(server.messages(TALK_CHANNEL_ID)))
    assert "reached the bot too late and was not done" in server.messages(TALK_CHANNEL_ID)[0].content
    assert len(community.commands()) == before


async def test_a_second_admin_confirms_resume_even_after_a_restart(
    server: LoopbackDiscord, tmp_path: Path
) -> None:
    """Who asks cannot confirm; another admin can, once, with a button that an earlier process posted."""
    first = Community(server, tmp_path, second_admin=True)
    await asyncio.to_thread(first.start)
    await first.ready()
    await first.asks(TRADER_ID, "halt", reason="too hot")
    asked = await server.command(ADMIN_ID, TALK_CHANNEL_ID, "resume", {"reason": "too hot"})
    assert "another admin must confirm" in await first.answer(asked)
    async with next_process(first) as second:
        question = asked.messages[0]
        confirm = question.components[0]["components"][0]["custom_id"]
        own = await server.press(ADMIN_ID, question, confirm)
        assert "Another admin must confirm" in await second.answer(own)
        await server.press(SECOND_ADMIN_ID, question, confirm)
        await server.until(lambda: "taken" in question.content)
        assert not question.components
        events = [event for batch in read(tmp_path / LEDGER_PATH) for event in batch.events]
        assert sum(isinstance(event, TradingResumed) for event in events) == 1


async def test_k21_a_doubled_deed_is_done_once(community: Community) -> None:
    """The same interaction delivered twice gives one command: in one process, and over a restart."""
    server = community.server
    done = await server.command(TRADER_ID, TALK_CHANNEL_ID, "halt", {"reason": "too hot"})
    assert "taken" in await community.answer(done)
    payload = server.people._payload(done, server.world.channel(TALK_CHANNEL_ID))
    again = Announcement("INTERACTION_CREATE", payload)
    server.board.announcements.tell(again)
    assert "Halted" in await community.asks(VIEWER_ID, "status")
    assert len(done.messages) == 1
    async with next_process(community):
        # As if the process had been killed between doing it and saying so.
        done.answer_type, done.created = None, server.world.clock.now()
        server.board.announcements.tell(again)
        await server.until(lambda: len(done.messages) == 2 and bool(done.messages[1].content))
        assert "taken, as answered before" in done.messages[1].content
        events = [event for batch in read(community.data / LEDGER_PATH) for event in batch.events]
        assert sum(isinstance(event, TradingHalted) for event in events) == 1
        assert sum(isinstance(event, CommandTaken) and event.verb == "halt" for event in events) == 1


async def test_f36_after_fifteen_minutes_the_answer_goes_to_the_channel(
    community: Community, clock: ShiftedClock
) -> None:
    """What a command came to is said in the channel when its token is over; what is private is not."""
    server, room = community.server, community.room
    with room._lock:
        done = await server.command(TRADER_ID, TALK_CHANNEL_ID, "halt", {"reason": "@everyone out"})
        asked = await server.command(VIEWER_ID, TALK_CHANNEL_ID, "positions", {})
        clock.advance(16 * 60)
    await server.until(lambda: len(server.messages(TALK_CHANNEL_ID)) == 2)
    said = sorted(message.content for message in server.messages(TALK_CHANNEL_ID))
    assert said[0].startswith("Tara: ✅ **halt**: taken")
    assert said[1] == "Vera: the answer came too late to be shown to you alone. Please ask again."
    assert not any("@" in text for text in said)
    assert all(not message.content for message in (*done.messages, *asked.messages))
