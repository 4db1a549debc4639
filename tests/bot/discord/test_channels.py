"""Several channels, each with its own detail and delay, lost and found again without the others noticing."""

import asyncio
from contextlib import closing
from pathlib import Path

import discord
import pytest

from bot.card_book import CardBook
from bot.card_detail import Detail, card_without_sizes
from bot.channel_settings import ChannelSettings
from bot.discord.check import faults_of
from bot.discord.embed import embed_of, ledger_mark, position_of, same_text
from bot.discord.loopback.cast import (
    DELAYED_CHANNEL_ID,
    GUILD_ID,
    POSITIONS_CHANNEL_ID,
    TALK_CHANNEL_ID,
)
from bot.discord.loopback.permissions import Permission
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.messages import ChannelMessages
from options.values import SECOND, datetime_of, from_iso
from storage.ledger_reader import read
from storage.store import PostedMessages
from tests.bot.discord.publishing_desk import Desk
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.bot.discord.shown_cards import embed_in
from tests.bot.discord.test_publisher import PATCH, POST

DELAY_S = 120
DELAYED = ChannelSettings(
    id=DELAYED_CHANNEL_ID,
    guild_id=GUILD_ID,
    detail=Detail.WITHOUT_SIZES,
    delay_minutes=DELAY_S / 60,
)


@pytest.fixture
def channels() -> list[int | ChannelSettings]:
    """The positions as they are, and late without their sizes."""
    return [POSITIONS_CHANNEL_ID, DELAYED]


def late_cards(desk: Desk) -> dict[str, discord.Embed]:
    """What the delayed channel may show: cards without sizes, of batches that are old enough by the day's own time."""
    batches = [batch for batch in read(desk.ledger) if batch.last_seq <= desk.ends.index(desk.offset)]
    ended = type(batches[-1].events[-1]).__name__ == "ProcessStopped"
    limit = from_iso(batches[-1].events[-1].ts) - DELAY_S * SECOND
    book = CardBook()
    for batch in batches:
        if not ended and from_iso(batch.events[-1].ts) > limit:
            break
        for event in batch.events:
            book.fold(event)
    mark = ledger_mark(desk.ledger)
    return {one: embed_of(card_without_sizes(book.view(one)), mark) for one in book.position_ids()}


def shown_in(server: LoopbackDiscord, desk: Desk, channel_id: int) -> dict[str, discord.Embed]:
    """Each position's embed as a channel shows it."""
    mark = ledger_mark(desk.ledger)
    found = {}
    for message in server.messages(channel_id):
        position_id = position_of(embed_in(message), mark)
        assert position_id is not None
        assert position_id not in found
        found[position_id] = embed_in(message)
    return found


async def test_i18_a_delayed_channel_shows_only_what_is_old_enough(
    server: LoopbackDiscord, desk: Desk
) -> None:
    """Stopped and started again along the day, the delayed channel is always two minutes behind, and never further."""
    behind = 0
    for step in range(1, 21):
        await desk.upto(step / 20).publish()
        shown, late = shown_in(server, desk, DELAYED_CHANNEL_ID), late_cards(desk)
        assert set(shown) == set(late)
        assert all(same_text(shown[one], embed) for one, embed in late.items())
        behind += len(desk.expected()) > len(late)
    assert behind > 3
    assert len(shown_in(server, desk, POSITIONS_CHANNEL_ID)) == len(desk.expected()) == 3


async def test_no_size_leaves_for_a_channel_without_sizes(server: LoopbackDiscord, desk: Desk) -> None:
    """No request to the channel without sizes names a quantity, a sum in dollars or a reason of anybody."""
    for step in range(1, 21):
        await desk.upto(step / 20).publish()
    sent = [
        exchange.form
        for method, end in (("POST", POST), ("PATCH", PATCH))
        for exchange in server.journal.of(method, end)
        if str(DELAYED_CHANNEL_ID) in exchange.path
    ]
    assert len(sent) > 5
    for form in sent:
        text = str(form)
        for word in ("×", " of ", "planned", "confidence", "Why", "Realized", "fees"):
            assert word not in text
    plain = str([e.form for e in server.journal.exchanges if str(POSITIONS_CHANNEL_ID) in e.path])
    assert "fees" in plain
    assert " of " in plain


async def test_in_a_day_that_is_now_the_clock_measures_the_delay(
    server: LoopbackDiscord, desk: Desk, clock: ShiftedClock
) -> None:
    """On a live day what is young by the clock is held back, over a restart too, and shown when it is old enough."""
    desk.upto(0.5)
    batches = [batch for batch in read(desk.ledger) if batch.last_seq <= desk.ends.index(desk.offset)]
    newest = from_iso(batches[-1].events[-1].ts)
    clock.advance((newest - clock.now()) / SECOND + 0.1)
    desk.live = True
    shown: dict[str, str | None] = {}
    for _ in range(2):
        await desk.publish()
        shown = {one: embed.footer.text for one, embed in shown_in(server, desk, DELAYED_CHANNEL_ID).items()}
        assert shown == {one: embed.footer.text for one, embed in late_cards(desk).items()}
    now = {one: embed.footer.text for one, embed in desk.expected().items()}
    assert shown != now
    clock.advance(DELAY_S)
    await desk.publish()
    shown = {one: embed.footer.text for one, embed in shown_in(server, desk, DELAYED_CHANNEL_ID).items()}
    assert shown == now


async def test_a_closed_channel_heals_by_itself(server: LoopbackDiscord, desk: Desk) -> None:
    """Permissions are taken and given back: one sentence, no storm of refusals, the other channel goes on."""
    desk.channels = [POSITIONS_CHANNEL_ID, TALK_CHANNEL_ID]
    server.moderator.forbid(TALK_CHANNEL_ID, Permission.SEND_MESSAGES)
    with closing(PostedMessages(desk.store)) as store:
        publisher = desk.upto(1.0).publisher(store)
        running = asyncio.create_task(publisher.run())
        await server.until(lambda: len(server.messages(POSITIONS_CHANNEL_ID)) == 3)
        await server.until(lambda: any(one.closed for one in publisher.desks))
        assert server.messages(TALK_CHANNEL_ID) == []
        server.moderator.permit(TALK_CHANNEL_ID, Permission.SEND_MESSAGES)
        publisher.look_again()
        await server.until(lambda: len(server.messages(TALK_CHANNEL_ID)) == 3)
        publisher.drain()
        await running
    assert len(desk.said) == 1
    assert server.journal.statuses[403] <= 2


async def test_i19_a_deletion_that_nobody_told_of_is_found_at_the_next_start(
    server: LoopbackDiscord, desk: Desk
) -> None:
    """A message taken away while we were not there is back after the next start, once, though nothing is new."""
    await desk.upto(1.0).publish()
    for left in (3, 2):
        victim = server.messages(POSITIONS_CHANNEL_ID)[-1]
        server.moderator.delete_message(POSITIONS_CHANNEL_ID, victim.id)
        await desk.publish()
        assert len(server.messages(POSITIONS_CHANNEL_ID)) == left


async def test_faults_are_found_for_each_channel_of_each_server(
    server: LoopbackDiscord, client: discord.Client
) -> None:
    """A wrong server, a wrong channel and missing permissions each have their sentence; the rest is fine."""
    server.moderator.forbid(TALK_CHANNEL_ID, Permission.EMBED_LINKS)
    faults = await faults_of(
        client,
        [
            ChannelSettings(id=POSITIONS_CHANNEL_ID, guild_id=GUILD_ID),
            ChannelSettings(id=TALK_CHANNEL_ID, guild_id=GUILD_ID),
            ChannelSettings(id=7, guild_id=GUILD_ID),
            ChannelSettings(id=8, guild_id=9),
        ],
    )
    assert set(faults) == {TALK_CHANNEL_ID, 7, 8}
    assert "lacks Embed Links in #talk" in faults[TALK_CHANNEL_ID]
    assert "no channel 7" in faults[7]
    assert "not in the server 9" in faults[8]


def closed_and_open(desk: Desk) -> tuple[set[str], set[str]]:
    """The positions that are over as far as the desk's ledger goes, and those that are not."""
    book = CardBook()
    for batch in read(desk.ledger):
        if batch.last_seq <= desk.ends.index(desk.offset):
            for event in batch.events:
                book.fold(event)
    over = {one for one in book.position_ids() if book.is_closed(one)}
    return over, set(book.position_ids()) - over


async def test_the_messages_of_closed_positions_are_archived_when_the_day_ends(
    server: LoopbackDiscord, desk: Desk
) -> None:
    """Until the day ends a closed position's message is looked after; then it is history, whoever deletes it."""
    desk.channels = [POSITIONS_CHANNEL_ID]
    mark = ledger_mark(desk.ledger)

    def delete_closed() -> None:
        for message in server.messages(POSITIONS_CHANNEL_ID):
            if position_of(embed_in(message), mark) in closed_and_open(desk)[0]:
                server.moderator.delete_message(POSITIONS_CHANNEL_ID, message.id)

    desk.offset = desk.ends[-2]
    over, held = closed_and_open(desk)
    assert over
    assert held
    await desk.publish()
    delete_closed()
    await desk.publish()
    assert set(shown_in(server, desk, POSITIONS_CHANNEL_ID)) == over | held
    await desk.upto(1.0).publish()
    with closing(PostedMessages(desk.store)) as store:
        assert set(store.messages(POSITIONS_CHANNEL_ID)) == held
        day = from_iso(next(iter(read(desk.ledger))).events[0].ts)
        archived = [store.archived(POSITIONS_CHANNEL_ID, one) for one in over]
        assert [one[0] for one in archived if one] == [datetime_of(day).date().isoformat()] * len(over)
    delete_closed()
    requests = len(server.journal.of("POST", POST))
    assert await desk.publish() == 0
    assert set(shown_in(server, desk, POSITIONS_CHANNEL_ID)) == held
    assert len(server.journal.of("POST", POST)) == requests


async def test_i19_a_change_after_the_archive_is_shown_on_the_same_message(
    server: LoopbackDiscord, client: discord.Client, clock: ShiftedClock, tmp_path: Path
) -> None:
    """What still comes in about a position that is in the archive edits the message that it had."""
    with closing(PostedMessages(tmp_path / "discord.sqlite3")) as store:
        messages = ChannelMessages(client, POSITIONS_CHANNEL_ID, store, "12345678", clock)
        await messages.show("T1-1", discord.Embed(title="closed"), 7)
        messages.archive({"T1-1": "2026-03-11"})
        assert not messages.looks_after("T1-1")
        assert messages.seq_shown("T1-1") == 7
        await messages.show("T1-1", discord.Embed(title="closed, late fees"), 9)
        assert messages.looks_after("T1-1")
    (message,) = server.messages(POSITIONS_CHANNEL_ID)
    assert message.embeds[0]["title"] == "closed, late fees"
