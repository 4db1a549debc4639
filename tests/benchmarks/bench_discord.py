"""From the ledger to Discord: how late a message is without limits, and with them beside the best they allow.

Without limits it is real time: a durable ledger, the real publisher and the real discord.py against the loopback
Discord, all in one process and on one event loop, so that the server's own work counts too. With limits it is virtual
time (:mod:`tests.benchmarks.discord_channel`): work costs nothing there, and what is left is waiting for the limits.
The best is what somebody could do who knows the limits and serves trades first: a trade's news at once unless more
trades came in a window than it has edits; and with every edit the mark whose turn it is.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from math import ceil
from pathlib import Path
from time import perf_counter

from bot.channel_settings import ChannelSettings
from bot.clock import SystemClock
from bot.discord.edit_room import EditRoom
from bot.discord.embed import ledger_mark
from bot.discord.loopback.announcements import Announcement
from bot.discord.loopback.cast import GUILD_ID, POSITIONS_CHANNEL_ID
from bot.discord.loopback.limits import Limit, LimitSettings
from bot.discord.loopback.pointing import point_discord_py_at
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.messages import ChannelMessages
from bot.discord.publisher import Publisher
from bot.discord.publishing import Publishing
from storage.ledger import Ledger
from storage.ledger_tail import LedgerTail
from storage.store import PostedMessages
from tests.benchmarks.discord_channel import Load, Seen, a_client, number_in, watched
from tests.benchmarks.result import Result
from tests.bot.whole_trade import TradeScript, day_opened, opened

TS = "2015-12-24T14:30:00.000000Z"
POSITIONS = 20
TRADE_EVERY_S = 5.0
QUIET_S = 20.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all are not above."""
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]


# --- without limits ------------------------------------------------------------------------------------------


async def delays_ms(folder: Path, rounds: int) -> list[float]:
    """Milliseconds from each durable batch to the message that shows it."""
    async with LoopbackDiscord(SystemClock()) as server:
        server.limits.settings.enabled = False
        point_discord_py_at(server.api_base, server.gateway_url, server.cdn_base)
        with ExitStack() as open_things:
            ledger = Ledger.open(folder / "trade_events.jsonl", now_ts=TS)
            open_things.callback(ledger.close)
            store = open_things.enter_context(closing(PostedMessages(folder / "discord.sqlite3")))
            scripts = [TradeScript(number) for number in range(1, POSITIONS + 1)]
            for batch in (*day_opened(), *(batch for script in scripts for batch in opened(script))):
                ledger.write(batch)
            ledger.sync()
            async with a_client(EditRoom()) as client:
                await client.login(server.token)
                mark, clock = ledger_mark(ledger.path), SystemClock()
                place = ChannelSettings(id=POSITIONS_CHANNEL_ID, guild_id=GUILD_ID)
                messages = ChannelMessages(client, place.id, store, mark, clock)
                how = Publishing(mark, print, lambda: ledger.durable_offset, 0.0)
                publisher = Publisher(
                    lambda: LedgerTail(ledger.path), [(messages, place, None)], store, how, clock
                )
                running = asyncio.create_task(publisher.run())
                await server.until(lambda: len(server.messages(place.id)) == POSITIONS)
                found = [await _delay_ms(server, ledger, scripts, turn) for turn in range(rounds)]
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                return found


async def _delay_ms(
    server: LoopbackDiscord, ledger: Ledger, scripts: Sequence[TradeScript], turn: int
) -> float:
    """Move one target, at another place of the publisher's step each time, until the card shows it."""
    await asyncio.sleep(0.013 * (turn % 7))
    shown = asyncio.Event()
    target = 100 + turn

    def look(told: Announcement) -> None:
        if told.name == "MESSAGE_UPDATE" and number_in(told.payload["embeds"][0], "Targets") == target:
            shown.set()

    server.board.announcements.listen(look)
    ledger.write([scripts[turn % POSITIONS].armed("10:20:00", 4, target=str(target))])
    ledger.sync()
    began = perf_counter()
    await asyncio.wait_for(shown.wait(), 10)
    server.board.announcements.unlisten(look)
    return (perf_counter() - began) * 1000


def without_limits(quick: bool) -> list[Result]:
    """Median and the slowest in a hundred."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(delays_ms(Path(folder), 60 if quick else 300))
    note = f"{len(found)} events, {POSITIONS} positions; the ledger is looked at every 50 ms"
    return [
        Result(
            name=f"discord without limits: durable event to visible message, {name}",
            figure=percentile(found, share),
            unit="ms",
            floor=floor,
            higher_is_better=False,
            note=note,
        )
        for name, share, floor in (("p50", 0.5, 100.0), ("p99", 0.99, 250.0))
    ]


# --- with limits ---------------------------------------------------------------------------------------------


def best_s(seen: Seen, limit: Limit) -> list[float]:
    """How late each trade event is at best: trades first, in windows that begin with their first edit."""
    ends_s, left, late = -1.0, 0, []
    for happened_s in sorted(seen.happened_s):
        at_s = happened_s
        if at_s >= ends_s:
            ends_s, left = at_s + limit.window_s, limit.requests
        elif not left:
            at_s, left = ends_s, limit.requests
            ends_s += limit.window_s
        left -= 1
        late.append(at_s - happened_s)
    return late


def with_limits(load: Load, name: str, limit: Limit) -> list[Result]:
    """Staleness of trades and marks, each beside the best, and the edits beside those that the limit allows."""
    seen = watched(load)
    lasts_s = load.lasts_s - load.settle_s
    best, round_s = best_s(seen, limit), load.positions * limit.window_s / limit.requests
    allowed = lasts_s / limit.window_s * limit.requests
    note = f"{len(seen.trades_s)} trade events in {lasts_s:g} s, marks at 10 Hz"
    found = [
        Result(
            name=f"discord {name}: trade event to visible message, {share:.0%}",
            figure=percentile(seen.trades_s, share),
            unit="s",
            floor=floor,
            bare=percentile(best, share),
            bare_name="the best that the limits allow",
            higher_is_better=False,
            note=note,
        )
        for share, floor in ((0.5, 0.2), (0.99, None))
    ]
    found += [
        Result(
            name=f"discord {name}: age of the mark on a card, {share:.0%}",
            figure=percentile(seen.mark_ages_s, share),
            unit="s",
            bare=round_s * share,
            bare_name="every card in its turn, with every edit there is",
            higher_is_better=False,
        )
        for share in (0.5, 0.99)
    ]
    found.append(
        Result(
            name=f"discord {name}: edits used",
            figure=seen.edits + seen.refused,
            unit="requests",
            floor=allowed + limit.requests,
            bare=len(seen.trades_s),
            bare_name="one a trade event; all others are marks in room that is free",
            higher_is_better=False,
            note=f"{allowed:.0f} are allowed; {seen.refused} of them were refused with 429",
        )
    )
    return found


def run(quick: bool) -> list[Result]:
    """Without limits, then with Discord's, then with messages that are more than an hour old."""
    limits = LimitSettings()
    found = without_limits(quick)
    for positions, settle_s in ((1, 10.0), (50, 90.0), (300, 330.0)):
        if quick and positions == 300:
            continue
        lasts_s = settle_s + (100.0 if quick else 200.0 if positions == 300 else 300.0)
        load = Load(positions, lasts_s, TRADE_EVERY_S, settle_s)
        found += with_limits(
            load, f"with limits, {positions} position{'s' * (positions > 1)}", limits.edit_message
        )
    old = Load(10, 300.0 if quick else 900.0, QUIET_S, QUIET_S, old=10)
    found += with_limits(old, "with limits, 10 hour-old messages", limits.old_edit)
    return found
