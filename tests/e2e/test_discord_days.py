"""Recorded days with a Discord beside them: the channel ends as the ledger says, and the ledger as without it."""

import asyncio
import os
import re
from collections import Counter
from contextlib import closing
from pathlib import Path

from rich.console import Console

from bot.app import DayRun, run_day
from bot.card_book import CardBook
from bot.channel_settings import ChannelSettings, ThreadNews
from bot.clock import SystemClock
from bot.discord.embed import embed_of, ledger_mark, position_of, same_text
from bot.discord.loopback.cast import FOLLOWER_ROLE_ID, GUILD_ID, POSITIONS_CHANNEL_ID
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.loopback.world import Message
from bot.settings import DiscordSettings, Settings
from storage.ledger_reader import read
from storage.thread_news import ThreadNewsStore
from tests.bot.discord.shown_cards import cards_of, embed_in
from tests.e2e.conftest import GOOG, TWX_1
from tests.e2e.day_runs import KeptFeed, Signals, command, ledger_of, run_in

CHANNEL = ChannelSettings(id=POSITIONS_CHANNEL_ID, thread_news=ThreadNews.ALL, ping_role_id=FOLLOWER_ROLE_ID)


async def test_i18_i20_recorded_days_at_speed(
    recorded: dict[str, KeptFeed], signals: dict[str, Signals], tmp_path: Path
) -> None:
    """Real days at full speed end with one message a position, each equal to its card, and with the same ledger."""
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    async with LoopbackDiscord(SystemClock()) as server:
        server.limits.settings.enabled = False
        discord = DiscordSettings.model_validate({
            "api_base": server.api_base, "gateway_url": server.gateway_url, "guild_id": GUILD_ID,
            "channels": (CHANNEL,), "token": server.token, "mark_every_s": 0,
        })  # fmt: skip
        for name in (TWX_1, GOOG):
            run_in(alone, recorded[name], signals[name], Settings())
            day = DayRun(recorded[name], signals[name], beside, Settings(discord=discord), "quote")
            await asyncio.to_thread(run_day, day, Console(quiet=True), SystemClock(), lambda: False)
            assert ledger_of(beside).read_bytes() == ledger_of(alone).read_bytes()
        hold_all(server, beside)
        hold_news(server, beside)


async def test_i19_a_process_that_is_killed_leaves_one_message_a_position(tmp_path: Path) -> None:
    """The real command, killed as soon as messages are there and given again, ends with one true message each.

    What its threads are told adds up to what was dealt, and each post is there once.
    """
    async with LoopbackDiscord(SystemClock()) as server:
        server.limits.settings.enabled = False
        environment = os.environ | {
            "CALLBOARD_DISCORD__API_BASE": server.api_base,
            "CALLBOARD_DISCORD__GATEWAY_URL": server.gateway_url,
            "CALLBOARD_DISCORD__GUILD_ID": str(GUILD_ID),
            "CALLBOARD_DISCORD__CHANNELS": f"[{CHANNEL.model_dump_json()}]",
            "CALLBOARD_DISCORD__TOKEN": server.token,
        }
        there = 0
        for more in (1, 2):
            process = await started(environment, "demo", "--no-page", "--data", tmp_path)
            await until_there(server, there + more)
            process.kill()
            await process.communicate()
            there = len(server.messages(POSITIONS_CHANNEL_ID))
        process = await started(environment, "demo", "--no-page", "--data", tmp_path)
        await server.until(lambda: bool(posts(server)), 60)
        process.kill()
        await process.communicate()
        process = await started(environment, "demo", "--no-page", "--fast", "--data", tmp_path)
        await process.communicate()
        assert process.returncode == 0
        hold_all(server, tmp_path)
        hold_news(server, tmp_path)


def posts(server: LoopbackDiscord) -> list[Message]:
    """Everything in the channel's threads."""
    threads = server.world.threads([POSITIONS_CHANNEL_ID])
    return [message for thread in threads for message in server.messages(thread.id)]


def hold_news(server: LoopbackDiscord, folder: Path) -> None:
    """All that was dealt is told or was on the first card, no post is there twice, and each has pinged the role."""
    book, mark = CardBook(), ledger_mark(ledger_of(folder))
    for batch in read(ledger_of(folder)):
        for event in batch.events:
            book.fold(event)
    with closing(ThreadNewsStore(folder / "discord.sqlite3")) as store:
        rows = [store.row(POSITIONS_CHANNEL_ID, one) for one in book.position_ids()]
        assert [row.told for row in rows if row] == [book.dealings(one).text for one in book.position_ids()]
        assert not any(row.asked for row in rows if row)
    made: dict[str, list[int]] = {}
    out: Counter[str] = Counter()
    for message in posts(server):
        found = re.search(rf"ET · (\S+) · (\d+) · {mark}$", message.content)
        assert found is not None
        made.setdefault(found[1], []).append(int(found[2]))
        out[found[1]] += sum(map(int, re.findall(r"\*\*(?:Trimmed|Closed) (\d+)\*\*", message.content)))
        assert message.mentions.roles == [FOLLOWER_ROLE_ID]
    assert made
    for position_id, numbers in made.items():
        assert numbers == list(range(1, len(numbers) + 1))
        assert 0 < out[position_id] <= book.dealings(position_id).qty_out


async def until_there(server: LoopbackDiscord, count: int) -> None:
    """Wait until so many messages are there."""
    await server.until(lambda: len(server.messages(POSITIONS_CHANNEL_ID)) >= count, 240)


async def started(environment: dict[str, str], *arguments: object) -> asyncio.subprocess.Process:
    """The real command as a process of its own."""
    pipe = asyncio.subprocess.PIPE
    words = command(*arguments)
    return await asyncio.create_subprocess_exec(*words, env=environment, stdout=pipe, stderr=pipe)


def hold_all(server: LoopbackDiscord, folder: Path) -> None:
    """Every position has one message that equals its card."""
    cards, mark = cards_of(ledger_of(folder)), ledger_mark(ledger_of(folder))
    messages = server.messages(POSITIONS_CHANNEL_ID)
    shown = {position_of(embed_in(message), mark): embed_in(message) for message in messages}
    assert len(messages) == len(shown) == len(cards) > 10
    for position_id, card in cards.items():
        assert same_text(shown[position_id], embed_of(card, mark)), position_id
