"""Discord beside a trading day: the day is the same with it and without it, and what is set up wrongly is told."""

import asyncio
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import DayRun, run_day
from bot.channel_settings import ChannelSettings
from bot.clock import SystemClock
from bot.discord.loopback.cast import GUILD_ID, POSITIONS_CHANNEL_ID
from bot.discord.loopback.permissions import Permission
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.service import DiscordService, Place, ServicePlan
from bot.settings import DiscordSettings, Settings, SettingsError
from bot.trading_day import Ending
from storage.ledger import LEDGER_PATH
from tests.crash.scripted_day import first_day, first_signals, patient_settings
from tests.e2e.day_runs import ledger_of

TOKEN = "MTA3.not-the-one.but-secret"


def settings_with(server: LoopbackDiscord, **other: object) -> Settings:
    base: dict[str, object] = {
        "api_base": server.api_base,
        "gateway_url": server.gateway_url,
        "guild_id": GUILD_ID,
        "channel_ids": (POSITIONS_CHANNEL_ID,),
        "token": server.token,
        "mark_every_s": 0,
    }
    return patient_settings().model_copy(update={"discord": DiscordSettings.model_validate(base | other)})


async def day_with(settings: Settings, folder: Path, *, loopback_page: bool = False) -> tuple[Ending, str]:
    """Run the scripted day in a thread of its own, as the command would; how it ended, and what was printed."""
    printed = StringIO()
    console = Console(file=printed, width=200)
    run = DayRun(first_day(), first_signals(), folder, settings, "realistic", loopback_page=loopback_page)
    ending, _ = await asyncio.to_thread(run_day, run, console, SystemClock(), lambda: False)
    return ending, printed.getvalue()


async def test_i20_the_ledger_is_the_same_with_discord(
    server: LoopbackDiscord, data: Path, tmp_path: Path
) -> None:
    """With Discord beside it the day writes the same bytes, and the channel has its messages."""
    ending, _ = await day_with(settings_with(server), tmp_path)
    assert ending is Ending.DAY_ENDED
    assert ledger_of(tmp_path).read_bytes() == ledger_of(data).read_bytes()
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == 3


async def test_i20_the_ledger_is_the_same_when_everything_fails(
    server: LoopbackDiscord, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Discord out all day the day writes the same bytes; the next start shows what is missing."""
    monkeypatch.setattr("bot.app.DRAIN_S", 0.05)
    server.begin_outage()
    _, printed = await day_with(settings_with(server), tmp_path)
    assert "cannot be reached" in printed
    assert ledger_of(tmp_path).read_bytes() == ledger_of(data).read_bytes()
    server.end_outage()
    monkeypatch.setattr("bot.app.DRAIN_S", 30.0)
    await day_with(settings_with(server), tmp_path)
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == 3


async def test_a_page_of_our_own_needs_no_settings(data: Path, tmp_path: Path) -> None:
    """The demo's Discord is opened for the day, tells its address, and changes nothing in the ledger."""
    _, printed = await day_with(patient_settings(), tmp_path, loopback_page=True)
    assert "http://127.0.0.1:" in printed
    assert ledger_of(tmp_path).read_bytes() == ledger_of(data).read_bytes()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"token": ""}, "CALLBOARD_DISCORD__TOKEN"),
        ({"token": TOKEN}, "refuses the token"),
        ({"token": "", "token_file": "not/there"}, "discord.token_file not/there cannot be read"),
        ({"guild_id": 4}, "correct discord.guild_id"),
        ({"guild_id": 0}, "set discord.guild_id"),
        ({"channel_ids": (4,)}, "no channel 4 in the server Options Desk: correct its id"),
        ({"channel_ids": ()}, "discord.channel_ids to its channels"),
    ],
)
async def test_bad_settings_are_told_and_the_day_goes_on(
    server: LoopbackDiscord, tmp_path: Path, wrong: dict[str, object], sentence: str
) -> None:
    """What is wrong with the settings is told in a sentence that says what to change, without the token."""
    ending, printed = await day_with(settings_with(server, **wrong), tmp_path)
    assert ending is Ending.DAY_ENDED
    assert "trading goes on" in printed
    assert sentence in printed
    assert TOKEN not in printed
    assert TOKEN not in ledger_of(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"token": TOKEN}, "refuses the token"),
        ({"guild_id": 4}, "correct discord.guild_id"),
        ({"channel_ids": ()}, "discord.channel_ids to its channels"),
    ],
)
async def test_a_required_discord_that_cannot_be_used_refuses_the_start(
    server: LoopbackDiscord, tmp_path: Path, wrong: dict[str, object], sentence: str
) -> None:
    """With ``discord.required`` nothing is traded while Discord is set up wrongly, and it is said what to change."""
    with pytest.raises(SettingsError, match=f"required.*{sentence}"):
        await day_with(settings_with(server, required=True, **wrong), tmp_path)
    assert ledger_of(tmp_path).read_bytes() == b""
    ending, _ = await day_with(settings_with(server, required=True), tmp_path)
    assert ending is Ending.DAY_ENDED


async def test_a_required_discord_that_is_out_refuses_the_start(
    server: LoopbackDiscord, tmp_path: Path
) -> None:
    """An outage at the start is a reason too, and is said to be one."""
    server.begin_outage()
    with pytest.raises(SettingsError, match="cannot be reached"):
        await day_with(settings_with(server, required=True), tmp_path)


async def test_missing_permissions_are_named(server: LoopbackDiscord, tmp_path: Path) -> None:
    """A permission that the bot lacks is named with the channel, before anything is sent there."""
    server.moderator.forbid(POSITIONS_CHANNEL_ID, Permission.EMBED_LINKS | Permission.READ_MESSAGE_HISTORY)
    _, printed = await day_with(settings_with(server), tmp_path)
    assert "lacks Embed Links, Read Message History in #positions" in printed
    assert server.journal.statuses[403] == 0


def test_the_token_is_in_no_text() -> None:
    """Neither the settings' text nor their fingerprint shows the token."""
    settings = Settings(discord=DiscordSettings.model_validate({"token": TOKEN}))
    assert TOKEN not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert settings.fingerprint == Settings().fingerprint


async def test_a_deleted_message_comes_back_at_once_and_only_once(
    server: LoopbackDiscord, data: Path, tmp_path: Path
) -> None:
    """The gateway tells of a deletion: the message is there again without waiting for news, but not a third time."""
    service = DiscordService(plan_over(server, data, tmp_path, lambda _: None))
    await asyncio.to_thread(service.__enter__)

    def there() -> list[int]:
        return [message.id for message in server.messages(POSITIONS_CHANNEL_ID)]

    await server.until(lambda: len(there()) == 3 and server.gateway.happened["identify"] == 1)
    first = there()[0]
    server.moderator.delete_message(POSITIONS_CHANNEL_ID, first)
    await server.until(lambda: len(there()) == 3)
    assert first not in there()
    again = there()[-1]
    server.moderator.delete_message(POSITIONS_CHANNEL_ID, again)
    await asyncio.to_thread(service.close, 5.0)
    assert len(there()) == 2


def plan_over(server: LoopbackDiscord, data: Path, store: Path, say: Callable[[str], None]) -> ServicePlan:
    place = Place(
        server.api_base,
        server.gateway_url,
        GUILD_ID,
        (ChannelSettings(id=POSITIONS_CHANNEL_ID, guild_id=GUILD_ID),),
        lambda: server.token,
    )
    return ServicePlan(
        data / LEDGER_PATH, store / "discord.sqlite3", lambda: None, say, SystemClock(), place, 0.0
    )


async def test_a_fault_of_our_own_ends_the_day_in_good_order(
    server: LoopbackDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the notifier itself breaks, the run says so by its error instead of going on unseen."""

    def broken(_: object) -> str:
        raise ZeroDivisionError("a fault of our own")

    monkeypatch.setattr("bot.discord.service.ledger_mark", broken)
    with pytest.raises(ZeroDivisionError, match="a fault of our own"):
        await day_with(settings_with(server), tmp_path)
