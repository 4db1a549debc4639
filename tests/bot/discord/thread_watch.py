"""What the threads of a desk's channel were told, beside what was dealt."""

import re

from bot.card_book import CardBook
from bot.channel_settings import ChannelSettings, ThreadNews
from bot.dealings import Dealings
from bot.discord.embed import ledger_mark
from bot.discord.loopback.cast import (
    FOLLOWER_ROLE_ID,
    GUILD_ID,
    POSITIONS_CHANNEL_ID,
)
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.loopback.world import Message
from storage.ledger_reader import read
from tests.bot.discord.publishing_desk import Desk

NEWS = ChannelSettings(
    id=POSITIONS_CHANNEL_ID, guild_id=GUILD_ID, thread_news=ThreadNews.ALL, ping_role_id=FOLLOWER_ROLE_ID
)
THREADS = "/channels/{channel_id}/messages/{message_id}/threads"
TOLD = re.compile(r"\*\*(Added|Trimmed|Closed) (\d+)\*\*")


def dealings_at(desk: Desk) -> dict[str, Dealings]:
    """What was dealt in each position as far as the desk's ledger goes."""
    book = CardBook()
    for batch in read(desk.ledger):
        if batch.last_seq <= desk.ends.index(desk.offset):
            for event in batch.events:
                book.fold(event)
    return {one: book.dealings(one) for one in book.position_ids()}


def steps() -> list[float]:
    """Shares of the day."""
    return [step / 20 for step in range(1, 21)]


def posts(server: LoopbackDiscord) -> list[Message]:
    """Everything in the threads of the positions' channel, thread by thread."""
    threads = server.world.threads([POSITIONS_CHANNEL_ID])
    return [message for thread in threads for message in server.messages(thread.id)]


def told(server: LoopbackDiscord, desk: Desk) -> dict[str, tuple[int, int]]:
    """How much each position's posts say was added and was taken out."""
    sums: dict[str, tuple[int, int]] = {}
    mark = ledger_mark(desk.ledger)
    for message in posts(server):
        found = re.search(rf"ET · (\S+) · \d+ · {mark}$", message.content)
        assert found is not None
        added, out = sums.get(found[1], (0, 0))
        for word, count in TOLD.findall(message.content):
            added, out = (added + int(count), out) if word == "Added" else (added, out + int(count))
        sums[found[1]] = (added, out)
    return sums


class Expected:
    """What is to be told: everything that was dealt since a position was first shown."""

    def __init__(self) -> None:
        self.began: dict[str, Dealings] = {}
        self.now: dict[str, Dealings] = {}

    def see(self, desk: Desk) -> None:
        """The desk publishes what is there now."""
        self.now = dealings_at(desk)
        for position_id, dealings in self.now.items():
            self.began.setdefault(position_id, dealings)

    def hold(self, server: LoopbackDiscord, desk: Desk) -> None:
        """No more was told than was dealt, at any time; when the day is over, all of it."""
        sums = told(server, desk)
        for position_id, dealings in self.now.items():
            news = dealings.since(self.began[position_id])
            added, out = sums.pop(position_id, (0, 0))
            assert added <= news.qty_added
            assert out <= news.qty_out
            if desk.offset == desk.ends[-1]:
                assert (added, out) == (news.qty_added, news.qty_out)
        assert not sums
