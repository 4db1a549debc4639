"""The real process, killed with SIGKILL between the ledger and Discord: at K13 to K16, and K21 with a command."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.demo import demo_feed, demo_settings, demo_signals
from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.cast import GUILD_ID, POSITIONS_CHANNEL_ID, TALK_CHANNEL_ID, TRADER_ID
from bot.discord.loopback.faults import Fault, FaultKind
from bot.discord.loopback.journal import Exchange
from bot.discord.loopback.server import LoopbackDiscord
from bot.trading_day import Ending, TradingDay
from options.commands import Halt
from options.events import CommandTaken, TradeEvent, TradingHalted
from options.values import to_iso
from storage.ledger_reader import read
from tests.e2e.day_runs import Fact, command, facts, ledger_of, of_type, run_in, without_restarts
from tests.e2e.test_discord_days import hold_all

POST, PATCH = "/channels/{channel_id}/messages", "/channels/{channel_id}/messages/{message_id}"
# The real command, which kills itself at the moment when Discord's answer is there and the store does not know of it.
KILLED_BEFORE_KEPT = """
import os, signal
from storage.store import PostedMessages
keep = PostedMessages.keep
def killed(self, row):
    if row.message_id:
        os.kill(os.getpid(), signal.SIGKILL)
    keep(self, row)
PostedMessages.keep = killed
from bot.cli import main
main()
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's day without a Discord."""
    folder = tmp_path_factory.mktemp("undisturbed")
    feed = demo_feed(42)
    run_in(folder, feed, demo_signals(feed), demo_settings(), fills="realistic")
    return folder


@pytest.fixture
async def server() -> AsyncIterator[LoopbackDiscord]:
    """A loopback Discord without limits."""
    async with LoopbackDiscord(SystemClock()) as made:
        made.limits.settings.enabled = False
        yield made


class Desk:
    """The real ``demo`` with its messages in the loopback Discord of this process."""

    def __init__(self, server: LoopbackDiscord, folder: Path) -> None:
        self.folder = folder
        self._environment = os.environ | {
            "CALLBOARD_DISCORD__API_BASE": server.api_base,
            "CALLBOARD_DISCORD__GATEWAY_URL": server.gateway_url,
            "CALLBOARD_DISCORD__GUILD_ID": str(GUILD_ID),
            "CALLBOARD_DISCORD__CHANNEL_IDS": f"[{POSITIONS_CHANNEL_ID}]",
            "CALLBOARD_DISCORD__TOKEN": server.token,
            "CALLBOARD_DISCORD__CHARTS": "false",
            "CALLBOARD_DISCORD__ACCESS__TRADER_USERS": f"[{TRADER_ID}]",
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, *more: str, program: str = "") -> asyncio.subprocess.Process:
        """Start the command, or a program that is the command but for one thing."""
        words = command("demo", "--no-page", "--data", self.folder, *more)
        if program:
            words = [sys.executable, "-c", program, *words[3:]]
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            *words, env=self._environment, stdout=pipe, stderr=pipe
        )
        return self.process

    def kill(self) -> None:
        """SIGKILL, from within whatever calls this."""
        if self.process is not None and self.process.returncode is None:
            os.kill(self.process.pid, signal.SIGKILL)

    async def killed(self) -> None:
        """Wait for the end that was planned."""
        assert self.process is not None
        await asyncio.wait_for(self.process.communicate(), 240)
        assert self.process.returncode == -signal.SIGKILL

    async def carry_on(self) -> None:
        """The same command again, to the day's end."""
        process = await self.start("--fast")
        _, said = await asyncio.wait_for(process.communicate(), 240)
        assert process.returncode == 0, said.decode()


def when(fits: Callable[[Exchange], bool], act: Callable[[], None]) -> Callable[[Exchange], None]:
    """Act at the first exchange that fits, before its answer is sent."""
    done: list[Exchange] = []

    def look(exchange: Exchange) -> None:
        if not done and fits(exchange):
            done.append(exchange)
            act()

    return look


@pytest.mark.parametrize("boundary", ["K13", "K14", "K15", "K16"])
async def test_i18_i19_i20_killed_between_ledger_and_discord(
    server: LoopbackDiscord, tmp_path: Path, undisturbed: Path, boundary: str
) -> None:
    """Killed there and given again: one true message a position, and the bytes of a day that nobody disturbed.

    What is left aside is what a restart writes of itself, and with it the numbers and hashes that count those lines.
    """
    desk = Desk(server, tmp_path)
    if boundary == "K13":
        server.faults.add(Fault(FaultKind.DROPPED, "POST", POST))
        server.journal.listen(when(lambda one: one.fault == FaultKind.DROPPED.value, desk.kill))
    elif boundary == "K14":
        server.journal.listen(
            when(lambda one: one.took_effect and one.method == "POST" and one.template == POST, desk.kill)
        )
    elif boundary == "K16":
        server.journal.listen(when(lambda one: one.took_effect and one.template == PATCH, desk.kill))
    await desk.start(program=KILLED_BEFORE_KEPT if boundary == "K15" else "")
    await desk.killed()
    posted = len(server.journal.of("POST", POST))
    assert posted >= 1
    assert len(server.messages(POSITIONS_CHANNEL_ID)) == posted - (boundary == "K13")
    await desk.carry_on()
    hold_all(server, tmp_path)
    assert of_type(facts(tmp_path), "RecoveryCompleted"), "it was killed within the day"
    assert without_restarts(tmp_path) == ledger_of(undisturbed).read_bytes()


def twin(folder: Path, taken: Fact, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's day without a Discord and without a kill, halted at the same moment by the same command."""
    days, run = list[TradingDay](), TradingDay.run
    given: list[TradeEvent] = []

    def noted(day: TradingDay) -> Ending:
        days.append(day)
        return run(day)

    def steer() -> bool:
        (day,) = days
        if not given and (to_iso(day.at), day.last_seq + 1) == (taken["ts"], taken["seq"]):
            given.extend(
                day.command(Halt(command_id=taken["command_id"], who=taken["who"], reason="too hot"))
            )
        return False

    feed = demo_feed(42)
    with monkeypatch.context() as patched:
        patched.setattr(TradingDay, "run", noted)
        run_in(folder, feed, demo_signals(feed), demo_settings(), fills="realistic", stopping=steer)
    assert given


async def test_k21_killed_between_a_command_and_its_answer(
    server: LoopbackDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is durable and its answer is lost: delivered again after the restart it is not done again.

    With a position open, the day ends with the bytes of one that was halted at that moment and never killed, but for
    the restarts' lines.
    """
    folder = tmp_path / "killed"
    desk = Desk(server, folder)
    await desk.start()
    await server.until(lambda: bool(server.commands.all(GUILD_ID)) and server.gateway.connected, 240)
    for entry in server.commands.all(GUILD_ID):
        entry["default_member_permissions"] = None
    await server.until(lambda: bool(server.messages(POSITIONS_CHANNEL_ID)), 240)
    answered = "/webhooks/{webhook_id}/{webhook_token}"
    server.journal.listen(when(lambda one: one.template.startswith(answered), desk.kill))
    server.faults.add(Fault(FaultKind.DROPPED, "PATCH", "/messages/@original", times=1))
    done = server.people.command(TRADER_ID, TALK_CHANNEL_ID, "halt", {"reason": "too hot"})
    await desk.killed()
    assert not any(message.content for message in done.messages)
    assert counted(folder) == (1, 1)
    identified = server.gateway.happened["identify"]
    await desk.start()
    await server.until(lambda: server.gateway.happened["identify"] > identified, 240)
    done.answer_type, done.created = None, server.world.clock.now()
    payload = server.people._payload(done, server.world.channel(TALK_CHANNEL_ID))
    server.board.announcements.tell(Announcement("INTERACTION_CREATE", payload))
    await server.until(lambda: any("as answered before" in one.content for one in done.messages), 240)
    assert counted(folder) == (1, 1)
    desk.kill()
    await desk.killed()
    await desk.carry_on()
    (taken,) = of_type(facts(folder), "CommandTaken")
    twin(tmp_path / "twin", taken, monkeypatch)
    assert without_restarts(folder) == ledger_of(tmp_path / "twin").read_bytes()


def counted(folder: Path) -> tuple[int, int]:
    """How often the command was taken, and how often trading was halted."""
    events = [event for batch in read(ledger_of(folder)) for event in batch.events]
    taken = sum(isinstance(event, CommandTaken) and event.verb == "halt" for event in events)
    return taken, sum(isinstance(event, TradingHalted) for event in events)
