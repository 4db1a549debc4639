"""Whatever people and signals write, what goes over the wire to Discord is valid, pings nobody and is no markup."""

import asyncio
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given

from bot.channel_settings import ChannelSettings
from bot.discord.edit_room import EditRoom
from bot.discord.loopback.cast import ADMIN_ID, GUILD_ID, POSITIONS_CHANNEL_ID, TALK_CHANNEL_ID
from bot.discord.loopback.journal import Exchange
from bot.discord.loopback.pointing import point_discord_py_at
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.messages import ChannelMessages
from bot.discord.publisher import Publisher
from bot.discord.publishing import Publishing
from options.events import TradeEvent
from storage.store import PostedMessages
from tests.benchmarks.discord_channel import MemoryTail, a_client
from tests.bot.discord.desk_community import Community
from tests.bot.discord.test_commands import OPTIONS
from tests.bot.discord.virtual_time import VirtualClock, in_virtual_time, pass_time
from tests.bot.test_card import HIDDEN_CATEGORIES, NASTY
from tests.bot.whole_trade import TradeScript, day_opened, trimmed, whole

LEDGER = "0123abcd"
# A mention, a masked or a plain link, an emoji of some server; our own times are <t:...> and our prices @9.
ACTIVE = re.compile(r"@(?!\d{1,6}(?:\.\d+)?\b)|<[@#:/a]|\]\(|://")
TEXTS = (
    "@everyone", "<@1070000000000000014>", "<@&1070000000000000201>", "[free](https://evil.example)",
    "<a:x:123456789012345678>", "```\ncode\n```", "\u202egnp.exe", "a\u2066b\u2069", "x" * 6000, "e" + "\u0301" * 400,
    "\x00\x07\x1b[31m", "||spoiler||", "# big\n> quote\n- list", "https://evil.example", "😀" * 900, "</close:1>",
    "\u200b\u200d\ufeff", "**b** __u__ ~~s~~ `c`",
)  # fmt: skip
_STRING = 3


class Wire:
    """Looks at every exchange of a server, as a listener of its journal."""

    def __init__(self) -> None:
        self.texts = 0

    def look(self, exchange: Exchange) -> None:
        """Hold one request to what must never go out."""
        assert exchange.status != 400, (exchange.form, exchange.answer)
        form = exchange.form if isinstance(exchange.form, dict) else {}
        form = form.get("data") or form
        if "content" not in form and "embeds" not in form:
            return
        assert form["allowed_mentions"]["parse"] == [], form
        assert not form["allowed_mentions"].get("users"), form
        assert not form["allowed_mentions"].get("roles"), form
        for text in strings({name: form.get(name) for name in ("content", "embeds")}):
            self.texts += 1
            assert not ACTIVE.search(text), text
            hidden = [one for one in text if one != "\n" and unicodedata.category(one) in HIDDEN_CATEGORIES]
            assert not hidden, text


def strings(value: Any) -> Iterator[str]:
    """Every text in a payload but the address of a picture."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name != "image":
                yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def named(events: list[TradeEvent], strategy: str) -> list[TradeEvent]:
    """The events with another strategy's name."""
    fields = [{"strategy": strategy} if hasattr(event, "strategy") else {} for event in events]
    return [msgspec.structs.replace(event, **changed) for event, changed in zip(events, fields, strict=True)]


async def published(source: str, reason: str, strategy: str) -> Wire:
    """Post a position, edit it to its end, and give back what was seen of it."""
    script = TradeScript(source=source, reason=reason)
    steps = [named(batch, strategy) for batch in whole(script)]
    clock, wire = VirtualClock(asyncio.get_running_loop()), Wire()
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(PostedMessages(Path(folder) / "s.sqlite3")) as store,
    ):
        async with LoopbackDiscord(clock) as server, a_client(EditRoom()) as client:
            point_discord_py_at(server.api_base, server.gateway_url, server.cdn_base)
            await client.login(server.token)
            tail = MemoryTail()
            place = ChannelSettings(id=POSITIONS_CHANNEL_ID, guild_id=GUILD_ID)
            messages = ChannelMessages(client, place.id, store, LEDGER, clock)
            publisher = Publisher(
                lambda: tail, [(messages, place, None)], store, Publishing(LEDGER, print), clock
            )
            for batch in (*day_opened(), *steps[: len(trimmed(script))]):
                tail.add(batch)
            running = asyncio.create_task(publisher.run())
            await pass_time(1)
            for batch in steps[len(trimmed(script)) :]:
                tail.add(batch)
            publisher.drain()
            await running
            # A listener that fails ends the request, and the client tries again: so what was seen is judged here.
            for exchange in server.journal.exchanges:
                wire.look(exchange)
            assert {one.method for one in server.journal.exchanges} >= {"POST", "PATCH"}
            assert len(server.messages(place.id)) == 1
    return wire


@given(source=NASTY, reason=NASTY, strategy=NASTY)
def test_i22_any_text_of_a_signal_is_valid_and_harmless_on_the_wire(
    source: str, reason: str, strategy: str
) -> None:
    """A card with any text in it is posted and edited without a refusal, a ping or markup that is not ours."""
    assert in_virtual_time(published(source, reason, strategy)).texts > 10


@pytest.mark.proof
async def test_i22_any_text_of_a_command_is_valid_and_harmless_on_the_wire(
    community: Community, proof_is_long: bool, record_property: Callable[[str, object], None]
) -> None:
    """Every text option of every command, and the name of who asks, may be anything: answered, valid, harmless."""
    server, chosen = community.server, Random(22)
    user = server.world.users[ADMIN_ID]
    tried = 0
    for command, path, option in text_options(server):
        for _ in range(40 if proof_is_long else 2):
            text = nasty(chosen)[: option.get("max_length", 200)].strip()
            user.shown_name = nasty(chosen)[:32].strip() or "x"
            if len(text) < option.get("min_length", 0) or not text:
                continue
            name = " ".join([command, *path])
            done = await server.command(
                ADMIN_ID, TALK_CHANNEL_ID, name, OPTIONS.get(name, {}) | {option["name"]: text}
            )
            await community.answer(done)
            tried += 1
    wire = Wire()
    for exchange in server.journal.exchanges:
        if not exchange.template.endswith("/commands"):
            wire.look(exchange)
    assert tried > 30
    assert wire.texts > tried
    record_property("texts", tried)


def text_options(server: LoopbackDiscord) -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    """Every option of a registered command that takes any text: the command, its subcommands, the option."""

    def of(node: dict[str, Any], path: list[str]) -> Iterator[tuple[list[str], dict[str, Any]]]:
        for option in node.get("options", ()):
            if option["type"] < _STRING:
                yield from of(option, [*path, option["name"]])
            elif option["type"] == _STRING and not option.get("choices"):
                yield path, option

    for command in server.commands.all(GUILD_ID):
        for path, option in of(command, []):
            yield command["name"], path, option


def nasty(chosen: Random) -> str:
    """A few of the texts in a row, among them any characters that can be typed."""
    parts = [chosen.choice(TEXTS) for _ in range(chosen.randint(1, 3))]
    parts += [chr(chosen.choice([*range(1, 0xD800), *range(0xE000, 0x11000)])) for _ in range(5)]
    chosen.shuffle(parts)
    return "".join(parts)
