"""Followers over a ledger of which only the beginning may be there yet, made anew as often as it is asked."""

from contextlib import closing
from pathlib import Path

import discord

from bot.discord.embed import ledger_mark
from bot.discord.following.directs import Directs
from bot.discord.following.followers import Followers, FollowPace
from bot.discord.loopback.server import LoopbackDiscord
from bot.discord.loopback.world import Message
from bot.discord.stage import RELEASE_ALL, Stage
from storage.follows import FollowKind, FollowStore
from storage.ledger_tail import LedgerTail
from tests.bot.discord.shifted_clock import ShiftedClock

AT_ONCE = FollowPace(0.0, 0.0, 0.0, 0.0, (0.001, 0.01))


class FollowingDesk:
    """A fresh process at each :meth:`tell`, over as much of the ledger as :meth:`upto` said."""

    def __init__(
        self, client: discord.Client, clock: ShiftedClock, server: LoopbackDiscord, ledger: Path, store: Path
    ) -> None:
        self.client = client
        self.clock = clock
        self.server = server
        self.ledger = ledger
        self.store = store
        self.pace = AT_ONCE
        self.said: list[str] = []
        self.strangers: set[int] = set()
        self.ends = [0]
        for line in ledger.read_bytes().splitlines(keepends=True):
            self.ends.append(self.ends[-1] + len(line))
        self.offset = self.ends[-1]

    def upto(self, seq: int) -> "FollowingDesk":
        """Only the first so many events are there."""
        self.offset = self.ends[seq]
        return self

    async def may_look(self, user_id: int) -> bool:
        """Everybody but the strangers."""
        return user_id not in self.strangers

    def made(self, store: FollowStore, stage: Stage) -> Followers:
        """Followers as a fresh process would make them, over the ledger as it is now."""
        mark = ledger_mark(self.ledger)
        directs = Directs(self.client, store, mark, self.clock, self.pace.open_every_s)
        followers = Followers(
            store, directs, stage.cards.view, mark, self.said.append, self.may_look, self.pace
        )
        self.read(followers, stage)
        followers.caught_up()
        return followers

    @staticmethod
    def read(followers: Followers, stage: Stage) -> None:
        """Hear what is new."""
        moved = True
        while moved:
            moved = False
            for seq, event, changed in stage.poll(RELEASE_ALL):
                followers.hear(seq, event, changed)
                moved = True

    def stage(self) -> Stage:
        """The ledger from its beginning."""
        return Stage(LedgerTail(self.ledger), 0.0, lambda: self.offset)

    async def tell(self) -> None:
        """Start, tell everybody everything, end."""
        with closing(FollowStore(self.store)) as store, closing(self.stage()) as stage:
            followers = self.made(store, stage)
            followers.drain()
            await followers.run()

    async def follow(self, user_id: int, kind: FollowKind, name: str) -> None:
        """A member follows as of now."""
        with closing(FollowStore(self.store)) as store, closing(self.stage()) as stage:
            assert self.made(store, stage).follow(user_id, kind, name)

    def told(self, user_id: int) -> list[Message]:
        """The direct messages of a member, oldest first."""
        world = self.server.world
        return self.server.messages(world.direct_channel(user_id).id)
