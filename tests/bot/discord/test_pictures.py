"""Charts on the messages of the loopback Discord: they come after the text, replace each other, and change no text."""

import asyncio
import sys
from contextlib import closing
from pathlib import Path

import discord
import pytest

from bot.chart_render import ChartRenderer
from bot.discord.loopback.cast import POSITIONS_CHANNEL_ID
from bot.discord.loopback.permissions import Permission
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.messages import PICTURE_NAME, ChannelMessages
from bot.discord.pictures import Charting
from storage.store import PostedMessage, PostedMessages
from tests.bot.discord.publishing_desk import Desk
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.bot.discord.test_messages import picture
from tests.bot.discord.test_publisher import PATCH, POST, Killed, hold
from tests.e2e.day_runs import ledger_of

STAMP = f"""
import sys
for line in sys.stdin.buffer:
    png = {picture()!r}
    sys.stdout.buffer.write(len(png).to_bytes(4, "big") + png)
    sys.stdout.buffer.flush()
"""
"""A process that gives the same small picture for every figure."""


class ChartedDesk(Desk):
    """A publisher that shows charts; ``drawing`` starts the process that draws."""

    drawing: tuple[str, ...] = (sys.executable, "-c", STAMP)

    async def publish(self) -> int:
        """Start, bring everything and every chart up to date, end; how many requests that took."""
        renderer = ChartRenderer(self.drawing, self.said.append)
        self.charting = Charting(renderer, 0.0)
        drawing = asyncio.create_task(renderer.run())
        try:
            return await super().publish()
        finally:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)


@pytest.fixture
def desk(
    client: discord.Client, clock: ShiftedClock, data: Path, tmp_path: Path, server: LoopbackDiscord
) -> ChartedDesk:
    server.limits.settings.enabled = False
    return ChartedDesk(client, clock, ledger_of(data), tmp_path / "discord.sqlite3", [POSITIONS_CHANNEL_ID])


def shown(server: LoopbackDiscord) -> list[list[str]]:
    """The files on each message."""
    return [[a.filename for a in m.attachments] for m in server.messages(POSITIONS_CHANNEL_ID)]


def pictures_in_embeds(server: LoopbackDiscord) -> list[str]:
    """The picture that each message's embed shows."""
    return [m.embeds[0].get("image", {}).get("url", "") for m in server.messages(POSITIONS_CHANNEL_ID)]


async def test_every_message_gets_its_chart_after_its_text(
    server: LoopbackDiscord, desk: ChartedDesk
) -> None:
    """A message is posted without a picture; one edit puts it on, and the texts are those without charts."""
    await desk.publish()
    hold(server, desk)
    assert shown(server) == [[PICTURE_NAME]] * 3
    assert pictures_in_embeds(server) == [f"attachment://{PICTURE_NAME}"] * 3
    assert all("attachments" not in exchange.form for exchange in server.journal.of("POST", POST))
    assert len(server.journal.of("PATCH", PATCH)) == 3
    assert all(e.form["allowed_mentions"] == {"parse": []} for e in server.journal.of("PATCH", PATCH))
    assert desk.said == []


async def test_charts_do_not_pile_up_over_restarts(server: LoopbackDiscord, desk: ChartedDesk) -> None:
    """However often it is restarted while the day goes on, a message has one picture, which is replaced."""
    seen: list[int] = []
    for step in range(1, 6):
        await desk.upto(step / 5).publish()
        hold(server, desk)
        messages = server.messages(POSITIONS_CHANNEL_ID)
        seen += [a.id for m in messages for a in m.attachments]
        assert all(len(m.attachments) <= 1 for m in messages)
    assert shown(server) == [[PICTURE_NAME]] * 3
    assert len(set(seen)) > 3
    assert len(server.journal.of("POST", POST)) == 3


async def test_a_text_alone_keeps_the_picture(
    server: LoopbackDiscord, client: discord.Client, clock: ShiftedClock, tmp_path: Path
) -> None:
    """An edit without a picture leaves the one that is there in its place, and sends no file again."""
    with closing(PostedMessages(tmp_path / "discord.sqlite3")) as store:
        messages = ChannelMessages(client, POSITIONS_CHANNEL_ID, store, "12345678", clock)
        await messages.show("T1-1", discord.Embed(title="open"), 1)
        await messages.show("T1-1", discord.Embed(title="open"), 1, picture())
        (before,) = server.messages(POSITIONS_CHANNEL_ID)[0].attachments
        await messages.show("T1-1", discord.Embed(title="trimmed"), 2)
    (message,) = server.messages(POSITIONS_CHANNEL_ID)
    assert [a.id for a in message.attachments] == [before.id]
    assert message.embeds[0]["title"] == "trimmed"
    assert message.embeds[0]["image"] == {"url": f"attachment://{PICTURE_NAME}"}


async def test_a_picture_stays_over_a_restart(
    server: LoopbackDiscord, client: discord.Client, clock: ShiftedClock, tmp_path: Path
) -> None:
    """The next process keeps the picture on its first edit, in the card and nowhere else, and can replace it."""
    path = tmp_path / "discord.sqlite3"
    with closing(PostedMessages(path)) as store:
        first = ChannelMessages(client, POSITIONS_CHANNEL_ID, store, "12345678", clock)
        await first.show("T1-1", discord.Embed(title="open"), 1)
        await first.show("T1-1", discord.Embed(title="open"), 1, picture())
    (before,) = server.messages(POSITIONS_CHANNEL_ID)[0].attachments
    with closing(PostedMessages(path)) as store:
        assert store.messages(POSITIONS_CHANNEL_ID)["T1-1"].attachment_id == before.id
        second = ChannelMessages(client, POSITIONS_CHANNEL_ID, store, "12345678", clock)
        await second.show("T1-1", discord.Embed(title="trimmed"), 2)
        (message,) = server.messages(POSITIONS_CHANNEL_ID)
        assert [a.id for a in message.attachments] == [before.id]
        assert pictures_in_embeds(server) == [f"attachment://{PICTURE_NAME}"]
        await second.show("T1-1", discord.Embed(title="trimmed"), 2, picture())
        (after,) = server.messages(POSITIONS_CHANNEL_ID)[0].attachments
        assert after.id != before.id
        assert store.messages(POSITIONS_CHANNEL_ID)["T1-1"].attachment_id == after.id


async def test_a_picture_is_found_with_its_message(
    server: LoopbackDiscord, client: discord.Client, clock: ShiftedClock, tmp_path: Path
) -> None:
    """Where the store is lost the picture is found on the message again, and stays."""
    embed = discord.Embed(title="open").set_footer(text="T1-1 · 10:00:00 ET · 12345678")
    with closing(PostedMessages(tmp_path / "lost.sqlite3")) as store:
        first = ChannelMessages(client, POSITIONS_CHANNEL_ID, store, "12345678", clock)
        await first.show("T1-1", embed, 1)
        await first.show("T1-1", embed, 1, picture())
    (before,) = server.messages(POSITIONS_CHANNEL_ID)[0].attachments
    with closing(PostedMessages(tmp_path / "new.sqlite3")) as store:
        second = ChannelMessages(client, POSITIONS_CHANNEL_ID, store, "12345678", clock)
        await second.show("T1-1", embed, 2)
    assert [a.id for a in server.messages(POSITIONS_CHANNEL_ID)[0].attachments] == [before.id]


async def test_a_picture_whose_answer_was_lost_never_stands_twice(
    server: LoopbackDiscord,
    client: discord.Client,
    clock: ShiftedClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed between a second picture and its answer, the next edit takes off what it does not know of."""
    path = tmp_path / "discord.sqlite3"
    with closing(PostedMessages(path)) as store:
        first = ChannelMessages(client, POSITIONS_CHANNEL_ID, store, "12345678", clock)
        await first.show("T1-1", discord.Embed(title="open"), 1)
        await first.show("T1-1", discord.Embed(title="open"), 1, picture())
        real = PostedMessages.keep

        def killed(store: PostedMessages, row: PostedMessage) -> None:
            if row.seq == 2:
                raise Killed
            real(store, row)

        monkeypatch.setattr(PostedMessages, "keep", killed)
        with pytest.raises(Killed):
            await first.show("T1-1", discord.Embed(title="trimmed"), 2, picture())
        monkeypatch.undo()
    with closing(PostedMessages(path)) as store:
        second = ChannelMessages(client, POSITIONS_CHANNEL_ID, store, "12345678", clock)
        await second.show("T1-1", discord.Embed(title="trimmed"), 2)
        assert shown(server) == [[]]
        await second.show("T1-1", discord.Embed(title="trimmed"), 2, picture())
    assert shown(server) == [[PICTURE_NAME]]


@pytest.mark.parametrize("drawing", [(), (sys.executable, "-c", "raise SystemExit(3)")], ids=["none", "dead"])
async def test_without_pictures_the_texts_are_as_before(
    server: LoopbackDiscord, desk: ChartedDesk, drawing: tuple[str, ...]
) -> None:
    """Without a browser, or with one that dies, every text is there; that there are no charts is said once."""
    desk.drawing = drawing
    assert await desk.publish() == 3
    hold(server, desk)
    assert shown(server) == [[]] * 3
    assert len(desk.said) == 1
    assert "cards come without" in desk.said[0]
    assert server.journal.of("PATCH", PATCH) == []


async def test_a_channel_that_takes_no_files_keeps_its_texts(
    server: LoopbackDiscord, desk: ChartedDesk
) -> None:
    """Where the bot may not attach files that is said once, and the channel is kept true without pictures."""
    server.moderator.forbid(POSITIONS_CHANNEL_ID, Permission.ATTACH_FILES)
    await desk.upto(0.6).publish()
    hold(server, desk)
    assert len(desk.said) == 1
    assert "attach files" in desk.said[0]
    await desk.upto(1.0).publish()
    hold(server, desk)
    assert shown(server) == [[]] * 3
