"""How often the bot signs in to the gateway, whatever makes it start again."""

from contextlib import closing
from pathlib import Path

import discord
import pytest

from bot.discord.client import STARTS_IN_WINDOW, GatewayBudget
from bot.discord.loopback.server import LoopbackDiscord
from options.values import SECOND
from storage.gateway_starts import GatewayStarts
from storage.store import PostedMessages
from tests.bot.discord.shifted_clock import ShiftedClock

DAY_S = 24 * 3600
IDENTIFIES_A_DAY = 1000


def store_in(folder: Path) -> Path:
    """A store as the service opens it."""
    path = folder / "discord.sqlite3"
    PostedMessages(path).close()
    return path


@pytest.mark.parametrize("crashes_after_s", [0.0, 3.0, 60.0])
def test_f35_a_crash_loop_stays_below_a_thousand_identifies_a_day(
    tmp_path: Path, clock: ShiftedClock, crashes_after_s: float
) -> None:
    """Killed and started again for a day as soon as it has signed in, the bot identifies fewer than 1,000 times."""
    path = store_in(tmp_path)
    began, identifies = clock.now(), 0
    while clock.now() - began < DAY_S * SECOND:
        with closing(GatewayStarts(path)) as starts:
            budget = GatewayBudget(starts, clock, lambda _: None)
            clock.advance(budget.wait_s())
            budget.spend()
        identifies += 1
        clock.advance(crashes_after_s)
    assert DAY_S / 90 - 1 <= identifies < IDENTIFIES_A_DAY


def test_a_few_starts_in_a_row_wait_for_nothing(tmp_path: Path, clock: ShiftedClock) -> None:
    """Somebody who tries ten things out within a quarter of an hour is not made to wait; the eleventh start is."""
    with closing(GatewayStarts(store_in(tmp_path))) as starts:
        budget = GatewayBudget(starts, clock, lambda _: None)
        for _ in range(STARTS_IN_WINDOW):
            assert budget.wait_s() == 0
            budget.spend()
            clock.advance(1)
        assert budget.wait_s() > 800


async def test_what_discord_has_left_for_the_day_is_kept_for_later(
    server: LoopbackDiscord,
    client: discord.Client,
    clock: ShiftedClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When few of the day's starts are left the gateway waits until Discord counts anew, and says what goes on."""
    said: list[str] = []
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    with closing(GatewayStarts(store_in(tmp_path))) as starts:
        budget = GatewayBudget(starts, clock, said.append)
        await budget.wait(client)
        assert said == []
        server.gateway.identifies_a_day = 10
        clock.advance(DAY_S - 600)
        monkeypatch.setattr("bot.discord.client.asyncio.sleep", note)
        await budget.wait(client)
    assert len(waited) == 1
    assert 500 < waited[0] <= 600
    assert "only 9 more times today" in said[0]
    assert "waits 10 minutes" in said[0]
