"""Recorded days with a Discord beside them: the channel ends as the ledger says, and the ledger as without it."""

import asyncio
from pathlib import Path

from rich.console import Console

from bot.app import DayRun, run_day
from bot.clock import SystemClock
from bot.discord.embed import embed_of, ledger_mark, position_of, same_text
from bot.discord.loopback.cast import GUILD_ID, POSITIONS_CHANNEL_ID
from bot.discord.loopback.server import LoopbackDiscord
from bot.settings import DiscordSettings, Settings
from tests.bot.discord.shown_cards import cards_of, embed_in
from tests.e2e.conftest import GOOG, TWX_1
from tests.e2e.day_runs import KeptFeed, Signals, ledger_of, run_in


async def test_i18_i20_recorded_days_at_speed(
    recorded: dict[str, KeptFeed], signals: dict[str, Signals], tmp_path: Path
) -> None:
    """Real days at full speed end with one message a position, each equal to its card, and with the same ledger."""
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    async with LoopbackDiscord(SystemClock()) as server:
        server.limits.settings.enabled = False
        discord = DiscordSettings.model_validate({
            "api_base": server.api_base, "gateway_url": server.gateway_url, "guild_id": GUILD_ID,
            "channel_ids": (POSITIONS_CHANNEL_ID,), "token": server.token, "mark_every_s": 0,
        })  # fmt: skip
        for name in (TWX_1, GOOG):
            run_in(alone, recorded[name], signals[name], Settings())
            day = DayRun(recorded[name], signals[name], beside, Settings(discord=discord), "quote")
            await asyncio.to_thread(run_day, day, Console(quiet=True), SystemClock(), lambda: False)
            assert ledger_of(beside).read_bytes() == ledger_of(alone).read_bytes()
        hold_all(server, beside)


def hold_all(server: LoopbackDiscord, folder: Path) -> None:
    """Every position has one message that equals its card."""
    cards, mark = cards_of(ledger_of(folder)), ledger_mark(ledger_of(folder))
    messages = server.messages(POSITIONS_CHANNEL_ID)
    shown = {position_of(embed_in(message), mark): embed_in(message) for message in messages}
    assert len(messages) == len(shown) == len(cards) > 20
    for position_id, card in cards.items():
        assert same_text(shown[position_id], embed_of(card, mark)), position_id
