"""A Discord channel full of positions in virtual time: what happens to them, and when the channel shows it.

The real publisher and the real discord.py against the loopback Discord with Discord's limits, on one event loop whose
time passes at once where nothing happens. Work costs no time there, so every figure is waiting alone.
"""

import asyncio
import re
import tempfile
import warnings
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

with warnings.catch_warnings():
    # discord.py imports a module for sound that Python gives up; nothing here makes a sound.
    warnings.simplefilter("ignore", DeprecationWarning)
    import discord

from bot.channel_settings import ChannelSettings
from bot.discord.client import RATELIMIT_MAX_S
from bot.discord.edit_room import EditRoom
from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.cast import GUILD_ID, POSITIONS_CHANNEL_ID
from bot.discord.loopback.pointing import point_discord_py_at
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.messages import ChannelMessages
from bot.discord.publisher import Publisher
from bot.discord.publishing import Publishing
from options.events import TradeEvent
from storage.ledger_reader import Batch
from storage.ledger_tail import LedgerTail
from storage.store import PostedMessages
from tests.bot.discord.virtual_time import VirtualClock, in_virtual_time
from tests.bot.whole_trade import TradeScript, day_opened, opened

LEDGER = "0123abcd"
TICK_S = 0.1
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MEMORY = Path("/dev/shm")
_HOUR_S = 3601.0
_WINDOWS_S = 60.0
"""Long enough for every limit to begin anew."""


class MemoryTail(LedgerTail):
    """A ledger that is only in memory: disk and hashes have benchmarks of their own."""

    def __init__(self) -> None:
        self._waiting: deque[Batch] = deque()
        self._seq = 0

    def add(self, events: Sequence[TradeEvent]) -> None:
        """One more batch."""
        self._waiting.append(Batch(self._seq + 1, list(events)))
        self._seq += len(events)

    def poll(self, durable_offset: int | None = None) -> list[Batch]:
        """What was added since."""
        found = list(self._waiting)
        self._waiting.clear()
        return found

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Load:
    """So many positions that tick at 10 Hz for so long, and among them a trade event at random every few seconds.

    ``old``: so many of the messages are more than an hour old. Nothing is measured before ``settle_s``.
    """

    positions: int
    lasts_s: float
    trade_every_s: float
    settle_s: float = 0.0
    mark_every_s: float = 0.0
    old: int = 0
    seed: int = 7


@dataclass
class Seen:
    """What a watcher of the channel found. Times in seconds of the loop."""

    trades_s: list[float] = field(default_factory=list)
    """How late each trade event was visible."""
    young_s: list[float] = field(default_factory=list)
    """The same, of messages less than an hour old alone."""
    happened_s: list[float] = field(default_factory=list)
    """When each of them happened."""
    mark_ages_s: list[float] = field(default_factory=list)
    """How old the mark on each card was, looked at every second."""
    edits: int = 0
    refused: int = 0
    """Requests that were answered with 429."""


class Channel:
    """The positions with their newest target and mark, both numbers that count up: the card tells which it shows."""

    def __init__(self, load: Load, tail: MemoryTail, server: LoopbackDiscord) -> None:
        self.load = load
        self.seen = Seen()
        self._tail = tail
        self._server = server
        self._random = Random(load.seed)
        self._scripts = [TradeScript(number) for number in range(1, load.positions + 1)]
        self._index = {script.position_id: place for place, script in enumerate(self._scripts)}
        self._began_s = 0.0
        self._ticks = 0
        self._next_trade_s = 0.0
        self._targets = [1] * load.positions
        self._untold: list[dict[int, float]] = [{} for _ in self._scripts]
        self._mark_shown: list[int] = [0] * load.positions

    async def open(self, first: int, last: int) -> None:
        """These positions are entered and marked once, and their messages are there."""
        for script in self._scripts[first:last]:
            for batch in opened(script):
                self._tail.add(batch)
        await self._server.until(lambda: len(self._server.messages(POSITIONS_CHANNEL_ID)) == last, _HOUR_S)

    async def live(self) -> None:
        """Let it all tick for as long as it lasts."""
        now_s = asyncio.get_running_loop().time
        self._began_s = now_s()
        self._server.board.announcements.listen(self._shown)
        self._next_trade_s = self._random.expovariate(1 / self.load.trade_every_s)
        while (passed_s := now_s() - self._began_s) < self.load.lasts_s:
            self._tick(passed_s)
            if self._ticks % round(1 / TICK_S) == 0 and passed_s >= self.load.settle_s:
                self.seen.mark_ages_s += [(self._ticks - tick) * TICK_S for tick in self._mark_shown]
            await asyncio.sleep(self._began_s + (self._ticks + 1) * TICK_S - now_s())
            self._ticks += 1
        self._server.board.announcements.unlisten(self._shown)

    def _tick(self, passed_s: float) -> None:
        price = round(5.0 + self._ticks * 0.01, 2)
        self._tail.add([script.marked("10:20:00", price, price, 1.0) for script in self._scripts])
        while self._next_trade_s <= passed_s:
            self._next_trade_s += self._random.expovariate(1 / self.load.trade_every_s)
            place = self._random.randrange(self.load.positions)
            self._targets[place] += 1
            self._untold[place][self._targets[place]] = passed_s
            self._tail.add(
                [self._scripts[place].armed("10:20:00", 4, target=str(100 + self._targets[place]))]
            )
            if passed_s >= self.load.settle_s:
                self.seen.happened_s.append(passed_s)

    def _shown(self, told: Announcement) -> None:
        if told.name not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
            return
        (embed,) = told.payload["embeds"]
        place = self._index[embed["footer"]["text"].split(" · ")[0]]
        passed_s = asyncio.get_running_loop().time() - self._began_s
        self.seen.edits += passed_s >= self.load.settle_s
        self._mark_shown[place] = round((number_in(embed, "Now") - 5.0) / 0.01)
        target = round(number_in(embed, "Targets")) - 100
        for number in [one for one in self._untold[place] if one <= target]:
            happened_s = self._untold[place].pop(number)
            if happened_s >= self.load.settle_s:
                self.seen.trades_s.append(passed_s - happened_s)
                if place >= self.load.old:
                    self.seen.young_s.append(passed_s - happened_s)


def number_in(embed: dict[str, Any], name: str) -> float:
    """The first number of a field."""
    (value,) = [one["value"] for one in embed["fields"] if one["name"] == name]
    found = _NUMBER.search(value)
    assert found is not None, value
    return float(found[0])


def a_client(edits: EditRoom) -> discord.Client:
    """A client that keeps discord.py's limits as the program's does."""
    return discord.Client(
        intents=discord.Intents(guilds=True),
        max_ratelimit_timeout=RATELIMIT_MAX_S,
        max_messages=None,
        http_trace=edits.trace(),
    )


def watched(load: Load) -> Seen:
    """Post every position without limits, let the limits hold, and watch the channel."""
    return in_virtual_time(_watched(load))


async def _watched(load: Load) -> Seen:
    clock = VirtualClock(asyncio.get_running_loop())
    # The disk takes no part in it, and where there is memory to write to the run does not wait for it.
    folder = tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)
    async with LoopbackDiscord(clock) as server:
        point_discord_py_at(server.api_base, server.gateway_url, server.cdn_base)
        edits = EditRoom()
        client = a_client(edits)
        with ExitStack() as open_things:
            place = Path(open_things.enter_context(folder)) / "discord.sqlite3"
            store = open_things.enter_context(closing(PostedMessages(place)))
            async with client:
                await client.login(server.token)
                return await _publish(load, server, client, store, clock, edits)


async def _publish(
    load: Load,
    server: LoopbackDiscord,
    client: discord.Client,
    store: PostedMessages,
    clock: VirtualClock,
    edits: EditRoom,
) -> Seen:
    tail = MemoryTail()
    channel = Channel(load, tail, server)
    place = ChannelSettings(id=POSITIONS_CHANNEL_ID, guild_id=GUILD_ID)
    said: list[str] = []
    how = Publishing(LEDGER, said.append, mark_every_s=load.mark_every_s, edits=edits)
    messages = ChannelMessages(client, place.id, store, LEDGER, clock)
    publisher = Publisher(lambda: tail, [(messages, place, None)], store, how, clock)
    server.limits.settings.enabled = False
    for batch in day_opened():
        tail.add(batch)
    running = asyncio.create_task(publisher.run())
    await channel.open(0, load.old)
    clock.skip(_HOUR_S if load.old else 0)
    await channel.open(load.old, load.positions)
    await asyncio.sleep(_WINDOWS_S)
    server.limits.settings.enabled = True
    before = server.journal.statuses[429]
    await channel.live()
    channel.seen.refused = server.journal.statuses[429] - before
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not said, said
    return channel.seen
