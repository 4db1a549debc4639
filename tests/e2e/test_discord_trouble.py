"""Whole days with a Discord that fails in every way it was seen to: in the end one true message a position.

Time is virtual, so that limits, pauses, silences and outages of hours pass at once. Every run counts that its trouble
really happened.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.channel_settings import ChannelSettings
from bot.demo import demo_feed, demo_settings, demo_signals
from bot.discord.edit_room import EditRoom
from bot.discord.embed import embed_of, ledger_mark, position_of, same_text
from bot.discord.loopback.cast import GUILD_ID, POSITIONS_CHANNEL_ID
from bot.discord.loopback.faults import Fault, FaultKind
from bot.discord.loopback.limits import Limit
from bot.discord.loopback.pointing import point_discord_py_at
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.messages import ChannelMessages
from bot.discord.publisher import Publisher
from bot.discord.publishing import Publishing
from bot.settings import Settings
from storage.ledger_tail import LedgerTail
from storage.store import PostedMessages
from tests.benchmarks.discord_channel import a_client
from tests.bot.discord.shown_cards import cards_of, embed_in
from tests.bot.discord.virtual_time import VirtualClock, VirtualLoop, in_virtual_time, pass_time
from tests.e2e.conftest import GOOG, TWX_1
from tests.e2e.day_runs import KeptFeed, Signals, ledger_of, run_in

STEPS = 30
FAILING = (
    FaultKind.STATUS_500,
    FaultKind.STATUS_502,
    FaultKind.STATUS_503,
    FaultKind.STATUS_504,
    FaultKind.STATUS_524,
    FaultKind.LIMITED,
    FaultKind.LIMITED_GLOBALLY,
    FaultKind.LIMITED_BY_PROXY,
    FaultKind.DROPPED,
    FaultKind.TRUNCATED,
    FaultKind.SILENT,
)


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger of the demo's day, which every machine has."""
    folder = tmp_path_factory.mktemp("synthetic")
    feed = demo_feed(42)
    run_in(folder, feed, demo_signals(feed), demo_settings(), fills="realistic")
    return ledger_of(folder)


@pytest.fixture(scope="module")
def real(
    tmp_path_factory: pytest.TempPathFactory, recorded: dict[str, KeptFeed], signals: dict[str, Signals]
) -> Path:
    """The ledger of the recorded days of TWX and GOOG."""
    folder = tmp_path_factory.mktemp("real")
    for name in (TWX_1, GOOG):
        run_in(folder, recorded[name], signals[name], Settings())
    return ledger_of(folder)


@pytest.fixture(scope="module", params=["synthetic", "real"])
def ledger(request: pytest.FixtureRequest) -> Path:
    """Both, one after the other."""
    found: Path = request.getfixturevalue(request.param)
    return found


@dataclass
class Stage:
    """A day that becomes known step by step, the server that is told, and what happens at a step."""

    ledger: Path
    store: Path
    step_s: float = 20.0
    limited: bool = False
    at_step: Callable[[LoopbackDiscord, int], Awaitable[None]] | None = None
    prepare: Callable[[LoopbackDiscord], object] = lambda _: None
    said: list[str] = field(default_factory=list)

    def play(self, judge: Callable[[LoopbackDiscord], None]) -> None:
        """Publish the day, then hold every position's one message to its card, and let ``judge`` look."""
        in_virtual_time(self._play(judge))

    async def _play(self, judge: Callable[[LoopbackDiscord], None]) -> None:
        clock = VirtualClock(asyncio.get_running_loop())
        async with LoopbackDiscord(clock, journal_size=100_000) as server:
            point_discord_py_at(server.api_base, server.gateway_url, server.cdn_base)
            server.limits.settings.enabled = self.limited
            edits = EditRoom()
            async with a_client(edits) as client:
                await client.login(server.token)
                self.prepare(server)
                ends, offset = _line_ends(self.ledger), [0]
                mark = ledger_mark(self.ledger)
                how = Publishing(mark, self.said.append, lambda: offset[0], edits=edits)
                place = ChannelSettings(id=POSITIONS_CHANNEL_ID, guild_id=GUILD_ID)
                with closing(PostedMessages(self.store)) as store:
                    messages = ChannelMessages(client, place.id, store, mark, clock)
                    publisher = Publisher(
                        lambda: LedgerTail(self.ledger), [(messages, place, None)], store, how, clock
                    )
                    running = asyncio.create_task(publisher.run())
                    for step in range(1, STEPS + 1):
                        offset[0] = ends[(len(ends) - 1) * step // STEPS]
                        if self.at_step is not None:
                            await self.at_step(server, step)
                        await pass_time(self.step_s)
                    publisher.drain()
                    await running
            _hold(server, self.ledger)
            judge(server)


def _line_ends(ledger: Path) -> list[int]:
    ends = [0]
    for line in ledger.read_bytes().splitlines(keepends=True):
        ends.append(ends[-1] + len(line))
    return ends


def _hold(server: LoopbackDiscord, ledger: Path) -> None:
    """One message a position, and each equal to the card that the ledger gives."""
    cards, mark = cards_of(ledger), ledger_mark(ledger)
    messages = server.messages(POSITIONS_CHANNEL_ID)
    shown = {position_of(embed_in(message), mark): embed_in(message) for message in messages}
    assert len(messages) == len(shown) == len(cards) >= 5
    for position_id, card in cards.items():
        assert same_text(shown[position_id], embed_of(card, mark)), position_id


def _newest_first(server: LoopbackDiscord) -> None:
    """I21: what each message showed never went back, by the time at its foot."""
    seen: dict[str, str] = {}
    for exchange in server.journal.exchanges:
        if exchange.took_effect and exchange.method == "PATCH" and exchange.form:
            for embed in exchange.form.get("embeds", ()):
                name, _, moment = embed["footer"]["text"].partition(" · ")
                assert moment >= seen.get(name, moment)[: len(moment)], (name, moment, seen[name])
                seen[name] = moment


def test_i18_i21_a_day_within_every_limit(ledger: Path, tmp_path: Path) -> None:
    """Buckets, the global limit and the one on hour-old messages all refuse, and every message ends true."""

    def prepare(server: LoopbackDiscord) -> None:
        server.faults.add(Fault(FaultKind.LIMITED, times=None, share=0.05, retry_after_s=3))
        server.faults.add(Fault(FaultKind.LIMITED_GLOBALLY, times=None, share=0.05, retry_after_s=1))
        # Messages count as old at once, which nobody told us.
        server.limits.settings.old_after_s, server.limits.settings.old_edit = 0.0, Limit(1, 20.0)

    def judge(server: LoopbackDiscord) -> None:
        codes = [one.answer.get("code") for one in server.journal.exchanges if one.status == 429]
        assert codes.count(30046) > 0, "hour-old messages were edited too often"
        assert server.faults.happened[FaultKind.LIMITED.value] > 0
        assert server.faults.happened[FaultKind.LIMITED_GLOBALLY.value] > 0
        _newest_first(server)

    Stage(ledger, tmp_path / "s.sqlite3", limited=True, prepare=prepare).play(judge)


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("kind", FAILING)
def test_i18_i19_one_request_in_twenty_fails(
    synthetic: Path, tmp_path: Path, kind: FaultKind, *, after_effect: bool
) -> None:
    """In each way of failing, before and after the effect: one message a position, true, and shown in order."""

    def judge(server: LoopbackDiscord) -> None:
        assert server.faults.happened[kind.value] > 0
        _newest_first(server)

    def prepare(server: LoopbackDiscord) -> None:
        # One for certain, on a post, where it matters most; then one in twenty.
        server.faults.add(Fault(kind, "POST", "/messages", after_effect=after_effect))
        server.faults.add(Fault(kind, times=None, share=0.05, after_effect=after_effect))

    Stage(synthetic, tmp_path / "s.sqlite3", step_s=10, prepare=prepare).play(judge)


def test_i18_i19_recorded_days_with_every_failure_at_once(real: Path, tmp_path: Path) -> None:
    """The recorded days with all ways of failing mixed, one request in twenty each, half of them after the effect."""

    def prepare(server: LoopbackDiscord) -> None:
        for kind in FAILING:
            for after_effect in (False, True):
                server.faults.add(Fault(kind, times=None, share=0.025, after_effect=after_effect))

    def judge(server: LoopbackDiscord) -> None:
        missing = [kind for kind in FAILING if not server.faults.happened[kind.value]]
        assert missing == []
        _newest_first(server)

    Stage(real, tmp_path / "s.sqlite3", step_s=10, prepare=prepare).play(judge)


def test_i18_six_hours_without_discord(ledger: Path, tmp_path: Path) -> None:
    """An outage from the day's first third to its end, and then six hours: at most one request a position, all true."""
    answered: list[int] = []

    async def at_step(server: LoopbackDiscord, step: int) -> None:
        if step == STEPS // 3:
            server.begin_outage()
        if step == STEPS:
            await pass_time(600)
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            loop.skip(6 * 3600 - 600)
            assert server.faults.happened["outage"] > 10
            server.end_outage()
            answered.append(server.journal._number)

    def judge(server: LoopbackDiscord) -> None:
        (before,) = answered
        after = [one for one in server.journal.exchanges if one.number > before]
        shows = [one for one in after if one.method in {"POST", "PATCH"}]
        looks = [one for one in after if one.method == "GET"]
        by_message = [one.path if one.method == "PATCH" else one.form["nonce"] for one in shows]
        assert shows
        assert len(by_message) == len(set(by_message)), "no message was told twice"
        assert len(shows) <= len(server.messages(POSITIONS_CHANNEL_ID))
        assert len(looks) <= 2
        assert {one.status for one in after} == {200}

    Stage(ledger, tmp_path / "s.sqlite3", at_step=at_step).play(judge)
