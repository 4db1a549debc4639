"""A publisher over a ledger of which only the beginning may be there yet, made anew as often as it is asked."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import discord

from bot.channel_settings import ChannelSettings
from bot.discord.embed import embed_of, ledger_mark
from bot.discord.loopback.cast import GUILD_ID
from bot.discord.messages import ChannelMessages
from bot.discord.pictures import Charting
from bot.discord.publisher import Publisher
from bot.discord.publishing import Publishing
from bot.discord.thread_news import ThreadPosts, thread_posts
from storage.ledger_tail import LedgerTail
from storage.store import PostedMessages
from storage.thread_news import ThreadNewsStore
from tests.bot.discord.shifted_clock import ShiftedClock
from tests.bot.discord.shown_cards import cards_of

MOMENT_S = (0.001, 0.01)


class Desk:
    """A publisher over a ledger of which only the beginning may be there yet, made anew as often as it is asked."""

    def __init__(
        self,
        client: discord.Client,
        clock: ShiftedClock,
        ledger: Path,
        store: Path,
        channels: Sequence[int | ChannelSettings],
    ) -> None:
        self.client = client
        self.clock = clock
        self.ledger = ledger
        self.store = store
        self.channels: Sequence[int | ChannelSettings] = channels
        self.said: list[str] = []
        self.open = ExitStack()
        self.live = False
        self.charting: Charting | None = None
        self.ends = [0]
        for line in ledger.read_bytes().splitlines(keepends=True):
            self.ends.append(self.ends[-1] + len(line))
        self.offset = self.ends[-1]

    def upto(self, share: float) -> "Desk":
        """Only so much of the ledger is there."""
        self.offset = self.ends[int((len(self.ends) - 1) * share)]
        return self

    def publisher(self, store: PostedMessages) -> Publisher:
        """A publisher as a fresh process would make it."""
        mark = ledger_mark(self.ledger)
        channels = [self.shown_in(one, store, mark) for one in self.settings()]
        how = Publishing(
            mark,
            self.said.append,
            lambda: self.offset,
            0.0,
            self.live,
            backoff_s=MOMENT_S,
            charting=self.charting,
        )
        return Publisher(lambda: LedgerTail(self.ledger), channels, store, how, self.clock)

    def shown_in(
        self, one: ChannelSettings, store: PostedMessages, mark: str
    ) -> tuple[ChannelMessages, ChannelSettings, ThreadPosts | None]:
        """One channel's messages and threads."""
        messages = ChannelMessages(self.client, one.id, store, mark, self.clock)
        kept = self.open.enter_context(closing(ThreadNewsStore(self.store)))
        threads = thread_posts(self.client, one, messages, kept, mark, self.said.append)
        return messages, one, threads

    def settings(self) -> list[ChannelSettings]:
        """The channels as the settings would have them."""
        return [
            ChannelSettings(id=one, guild_id=GUILD_ID) if isinstance(one, int) else one
            for one in self.channels
        ]

    async def publish(self) -> int:
        """Start, bring everything up to date, end; how many messages it brought up to date."""
        with closing(PostedMessages(self.store)) as store, self.open:
            publisher = self.publisher(store)
            publisher.drain()
            await publisher.run()
            return publisher.requests

    def expected(self) -> dict[str, discord.Embed]:
        """Each position's embed, rendered from the ledger alone."""
        mark = ledger_mark(self.ledger)
        cards = cards_of(self.ledger, self.ends.index(self.offset))
        return {position_id: embed_of(card, mark) for position_id, card in cards.items()}
