"""Commands that are asked about first, and those that come too late: once, by whom it takes, over a restart."""

import asyncio
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.discord.loopback.cast import (
    ADMIN_ID,
    SECOND_ADMIN_ID,
    TALK_CHANNEL_ID,
    TRADER_ID,
)
from bot.discord.loopback.server import LoopbackDiscord
from options.events import TradingResumed
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from tests.bot.discord.desk_community import Community
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
    server.people.command(TRADER_ID, TALK_CHANNEL_ID, "stop", {"trade": "T1", "level": "2"})
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
    await asyncio.to_thread(first.stop)
    second = Community(server, tmp_path, second_admin=True)
    await asyncio.to_thread(second.start)
    try:
        await server.until(lambda: server.gateway.happened["identify"] == 2)
        question = asked.messages[0]
        confirm = question.components[0]["components"][0]["custom_id"]
        own = await server.press(ADMIN_ID, question, confirm)
        assert "Another admin must confirm" in await second.answer(own)
        await server.press(SECOND_ADMIN_ID, question, confirm)
        await server.until(lambda: "taken" in question.content)
        assert not question.components
        events = [event for batch in read(tmp_path / LEDGER_PATH) for event in batch.events]
        assert sum(isinstance(event, TradingResumed) for event in events) == 1
    finally:
        await asyncio.to_thread(second.stop)
