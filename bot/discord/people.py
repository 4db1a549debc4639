"""What people do beside the messages of a run: their commands and buttons, and what they follow."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, closing
from typing import Any

import discord

from bot.card_book import CardBook
from bot.channel_settings import ChannelSettings
from bot.discord.client import BoardClient
from bot.discord.commands.card_buttons import steering_buttons
from bot.discord.commands.control import Control
from bot.discord.commands.desk_link import DeskLink
from bot.discord.commands.following import ClosedNotice, follow_button
from bot.discord.commands.replies import no_more
from bot.discord.commands.room import Room
from bot.discord.commands.tiers import Access
from bot.discord.following.directs import Directs
from bot.discord.following.followers import Followers
from bot.discord.following.membership import Membership
from bot.discord.publishing import Listener
from bot.discord.service_plan import Place, ServicePlan
from bot.position_view import PositionView
from storage.confirmations import Confirmations
from storage.follows import FollowStore

Buttons = Callable[[str], discord.ui.View | None]


class People:
    """Made once a client. Where nobody may do anything there are neither commands nor followers.

    :param ledger: the ledger's mark. :param view: a position as it is now.
    :raises NotifierOff: a permission that is named for showing commands is none of Discord's.
    """

    def __init__(
        self,
        plan: ServicePlan,
        place: Place,
        client: BoardClient,
        ledger: str,
        view: Callable[[str], PositionView],
    ) -> None:
        self._plan = plan
        self._place = place
        self._client = client
        self._ledger = ledger
        self._view = view
        self._open = ExitStack()
        self._access = Access(place.access)
        self._guild_id = place.guild_id or place.channels[0].guild_id
        self.followers = self._open_followers() if plan.steered(place) else None

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """Who is to hear what the cards are made of."""
        return () if self.followers is None else (self.followers,)

    def close(self) -> None:
        """Give the stores back."""
        self._open.close()

    def buttons_in(self, channel: ChannelSettings) -> Buttons:
        """What stands under a card in a channel. Where cards come late nothing does: an answer would tell of now."""
        steers = channel.buttons and self._plan.steered(self._place)
        follows = self.followers is not None and not channel.delay_s

        def buttons(position_id: str) -> discord.ui.View | None:
            view, made = self._view(position_id), []
            if steers and view.qty:
                made += steering_buttons(position_id, self._ledger)
            if follows and not view.closed:
                made.append(follow_button(position_id, self._ledger))
            return no_more(made) if made else None

        return buttons if steers or follows else lambda _: None

    def open_commands(self, cards: CardBook) -> Control | None:
        """The commands over these cards; ``None`` where nobody may use any."""
        plan = self._plan
        if plan.handover is None or not plan.steered(self._place):
            return None
        room = Room(
            guild_id=self._guild_id,
            access=self._access,
            desk=DeskLink(plan.handover, plan.ledger),
            cards=cards,
            ledger=plan.ledger,
            durable_offset=plan.durable_offset,
            confirmations=self._open.enter_context(closing(Confirmations(plan.store))),
            clock=plan.clock,
            say=plan.say,
            strategies=plan.strategies,
            notice=None if self.followers is None else ClosedNotice(self.followers),
        )
        return Control(self._client, room, self._ledger, self.followers)

    def beside(self, control: Control | None) -> list[Coroutine[Any, Any, None]]:
        """What is to go on beside the messages, until it is cancelled."""
        if control is None:
            return []
        assert self._client.application_id is not None, "the client is signed in"
        return [control.tree.register(self._client.application_id)]

    async def tell_beside(self, publishing: Coroutine[Any, Any, None]) -> None:
        """Tell followers while messages are published, and what is left when that has ended.

        :raises NotifierOff, StorageError: the one or the other failed.
        """
        followers = self.followers
        if followers is None:
            await publishing
            return

        async def publish() -> None:
            await publishing
            followers.drain()

        tasks = [asyncio.create_task(publish()), asyncio.create_task(followers.run())]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _open_followers(self) -> Followers | None:
        plan, pace = self._plan, self._plan.follow_pace
        if pace is None:
            return None
        store = self._open.enter_context(closing(FollowStore(plan.store)))
        directs = Directs(self._client, store, self._ledger, plan.clock, pace.open_every_s)
        membership = Membership(self._client, self._guild_id, self._access)
        return Followers(store, directs, self._view, self._ledger, plan.say, membership.may_look, pace)
