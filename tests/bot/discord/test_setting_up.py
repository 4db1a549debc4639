"""Whatever is set up wrongly: one sentence that says what to change, at the start, while running, and when asked."""

import asyncio
import logging
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.discord.loopback.cast import ADMIN_ID, GUILD_ID, POSITIONS_CHANNEL_ID, VIEWER_ID
from bot.discord.loopback.permissions import Permission
from bot.discord.loopback.server import LoopbackDiscord
from bot.settings import SettingsError
from options import commands as c
from options.events import CommandTaken, TradingHalted
from storage.ledger import LEDGER_PATH
from storage.ledger_reader import read
from tests.bot.command_room import KEY
from tests.bot.discord.desk_community import Community
from tests.bot.discord.test_service import TOKEN, day_with, settings_with
from tests.e2e.day_runs import ledger_of

NEEDED = {
    Permission.VIEW_CHANNEL: "View Channel",
    Permission.SEND_MESSAGES: "Send Messages",
    Permission.EMBED_LINKS: "Embed Links",
    Permission.READ_MESSAGE_HISTORY: "Read Message History",
}


@pytest.mark.parametrize("permission", NEEDED)
async def test_each_missing_permission_is_named_and_refuses_a_required_start(
    server: LoopbackDiscord, tmp_path: Path, permission: Permission
) -> None:
    """With ``discord.required`` a missing permission refuses the start, by its name and its channel."""
    server.moderator.forbid(POSITIONS_CHANNEL_ID, permission)
    with pytest.raises(SettingsError, match=f"lacks .*{NEEDED[permission]}.* in #positions: allow it"):
        await day_with(settings_with(server, required=True), tmp_path)
    assert ledger_of(tmp_path).read_bytes() == b""


def written(community: Community) -> str:
    """Everything that the data folder holds, as text."""
    files = (path for path in community.data.rglob("*") if path.is_file())
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in files)


async def started(server: LoopbackDiscord, data: Path, *, required: bool) -> Community:
    """A community that trades, with its gateway connected."""
    community = Community(server, data)
    community.required = required
    await asyncio.to_thread(community.start)
    await community.ready()
    return community


async def said(community: Community, words: str) -> list[str]:
    """What was said, once something with these words was."""
    return await asyncio.to_thread(community.hears, words)


@pytest.mark.parametrize("required", [False, True])
async def test_f38_a_revoked_token_is_said_once_and_trading_goes_on_as_configured(
    server: LoopbackDiscord, tmp_path: Path, required: bool
) -> None:
    """Revoked while running: one sentence; entries stop where Discord is required, and exits go on either way."""
    community = await started(server, tmp_path, required=required)
    room = community.room
    room.quote(3.9, 4.1)
    room.command(c.NewTrade(command_id="n", who="test", instrument=KEY, qty=2))
    room.command(c.ActivateTrade(command_id="a", who="test", trade_id="T1"))
    await server.moderator.revoke_token()
    sentences = await said(community, "make a new one on the Developer Portal's page Bot")
    assert len(sentences) == 1
    assert ("nothing is entered until a resume" in sentences[0]) is required
    if required:
        await asyncio.to_thread(community.handover.ask(lambda day: day.at).result, 10)
    closed = room.command(c.CloseTrade(command_id="x", who="test", trade_id="T1"))
    assert any(isinstance(event, CommandTaken) for event in closed), "exits outrank"
    await asyncio.to_thread(community.stop)
    halts = [
        event
        for batch in read(tmp_path / LEDGER_PATH)
        for event in batch.events
        if isinstance(event, TradingHalted)
    ]
    assert [one.reason for one in halts] == (["Discord is required and was lost"] if required else [])
    assert server.token not in written(community) + "".join(community.said)


async def test_a_gateway_that_wants_an_intent_is_said_and_the_cards_go_on(
    server: LoopbackDiscord, tmp_path: Path
) -> None:
    """4014: what to switch on and what does not work until then; messages are still brought up to date."""
    server.gateway.refuses_with = 4014
    community = Community(server, tmp_path)
    await asyncio.to_thread(community.start)
    (sentence,) = await said(community, "Privileged Gateway Intents")
    assert "commands and buttons do not work" in sentence
    community.room.quote(3.9, 4.1)
    community.room.command(c.NewTrade(command_id="n", who="test", instrument=KEY, qty=2))
    await server.until(lambda: len(server.messages(POSITIONS_CHANNEL_ID)) == 1)
    await asyncio.to_thread(community.stop)


@pytest.mark.parametrize("wrong", ["token", "revoked"])
async def test_i28_no_log_of_any_level_has_the_token(
    server: LoopbackDiscord, tmp_path: Path, wrong: str
) -> None:
    """With every logger at its most talkative, a refused and a revoked token stand in no line of any of them."""
    heard, root = StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(heard), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        if wrong == "token":
            await day_with(settings_with(server, token=TOKEN), tmp_path)
        else:
            community = await started(server, tmp_path, required=False)
            await server.moderator.revoke_token()
            await said(community, "make a new one")
            await asyncio.to_thread(community.stop)
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
    assert heard.getvalue()
    assert TOKEN not in heard.getvalue()
    assert server.token not in heard.getvalue()


# --- when asked -------------------------------------------------------------------------------------------------


async def checked(server: LoopbackDiscord, folder: Path, **other: object) -> Result:
    """What ``callboard discord check`` says of these settings."""
    told: dict[str, object] = {
        "api_base": server.api_base,
        "gateway_url": server.gateway_url,
        "guild_id": GUILD_ID,
        "channel_ids": [POSITIONS_CHANNEL_ID],
        "token": server.token,
    }
    lines = [
        f"{name} = {str(value).lower() if isinstance(value, list | int) else repr(value)}"
        for name, value in (told | other).items()
    ]
    access = f"[discord.access]\nviewer_users = [{VIEWER_ID}]\nadmin_users = [{ADMIN_ID}]"
    path = folder / "callboard.toml"
    path.write_text("\n".join(["[discord]", *lines, access]), encoding="utf-8")
    return await asyncio.to_thread(CliRunner().invoke, app, ["discord", "check", "--settings", str(path)])


async def test_the_check_says_that_all_is_well(server: LoopbackDiscord, tmp_path: Path) -> None:
    """Token, channel, commands and gateway, a line each; nothing is posted."""
    found = await checked(server, tmp_path)
    assert found.exit_code == 0, found.output
    assert [line[0] for line in found.output.splitlines()] == ["✔"] * 4
    assert server.messages(POSITIONS_CHANNEL_ID) == []
    assert server.commands.all(GUILD_ID) == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"token": ""}, "put the bot's into CALLBOARD_DISCORD__TOKEN"),
        ({"token": TOKEN}, "Discord refuses the token"),
        ({"guild_id": 4}, "correct discord.guild_id"),
        ({"guild_id": 0}, "set discord.guild_id"),
        ({"channel_ids": [4]}, "no channel 4 in the server Options Desk"),
        ({"api_base": "http://127.0.0.1:9"}, "see the network of this machine and discord.api_base"),
        ({"gateway_url": "ws://127.0.0.1:9"}, "see the network of this machine and discord.gateway_url"),
    ],
)
async def test_the_check_says_what_to_change(
    server: LoopbackDiscord,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wrong: dict[str, object],
    sentence: str,
) -> None:
    """Each fault in one sentence behind a cross, an exit code of 1, and the token in no line."""
    monkeypatch.setattr("bot.discord.check_run.GATEWAY_WITHIN_S", 0.5)
    found = await checked(server, tmp_path, **wrong)
    assert found.exit_code == 1
    crossed = next(line for line in found.output.splitlines() if line.startswith("✘"))
    assert sentence in crossed
    assert TOKEN not in found.output
    assert server.token not in found.output


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(4014, "Privileged Gateway Intents"), (4004, "make a new one on the Developer Portal's page Bot")],
)
async def test_the_check_asks_the_gateway_too(
    server: LoopbackDiscord, tmp_path: Path, code: int, sentence: str
) -> None:
    """A gateway that refuses the bot is found by the check, with what to change."""
    server.gateway.refuses_with = code
    found = await checked(server, tmp_path)
    assert found.exit_code == 1
    assert sentence in found.output.splitlines()[-1]


async def test_the_check_names_what_only_charts_and_threads_need(
    server: LoopbackDiscord, tmp_path: Path
) -> None:
    """Without Attach Files there are no charts: the check says so, and a run starts all the same."""
    server.moderator.forbid(POSITIONS_CHANNEL_ID, Permission.ATTACH_FILES)
    found = await checked(server, tmp_path)
    assert found.exit_code == 1
    assert "lacks Attach Files: without it there are no charts" in found.output
    assert (await checked(server, tmp_path, charts=False)).exit_code == 0


async def test_the_check_names_each_missing_permission(server: LoopbackDiscord, tmp_path: Path) -> None:
    """What the bot lacks in a channel stands beside the channel's name."""
    for permission, name in NEEDED.items():
        server.moderator.forbid(POSITIONS_CHANNEL_ID, permission)
        found = await checked(server, tmp_path)
        assert found.exit_code == 1
        assert f"{name}" in found.output
        assert "#positions: allow it" in found.output
